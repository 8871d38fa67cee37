"""What writing places needs from outside, and what it meets on its way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from socle.donnees.db import ReadSession

from annuaire.lieux.projection import SourceCitee, Territoire

Citees = Mapping[str, SourceCitee]


class Situeur(Protocol):
    """What the ground floor knows of a point and of a commune."""

    async def suivre(self, session: ReadSession) -> None: ...
    def territoire(self, code_insee: str | None, code_postal: str | None) -> Territoire: ...
    def quartiers(self, points: Sequence[tuple[float | None, float | None]]) -> list[dict[str, Any] | None]: ...


async def _aucune(_session: ReadSession) -> Citees:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outils:
    """What projecting a place needs from outside.

    Territories, the rule of personal contacts, the folding of names, and every source as it is cited: they live on a
    floor above, and are read only where several speak of one place.
    """

    situeur: Situeur
    est_personnel: Callable[[str], bool]
    plier: Callable[[str], str]
    sources: Callable[[ReadSession], Awaitable[Citees]] = _aucune
    rapprocher: bool = True
    """Whether each list applied is compared with the others."""


@dataclass(slots=True)
class Suivi:
    """What a writing has met on its way: structures touched and their ids, sources as they are cited."""

    outils: Outils
    le: datetime
    citees: dict[str, SourceCitee] = field(default_factory=dict)
    pivots: set[str] = field(default_factory=set)
    ids: dict[str, UUID] = field(default_factory=dict)

    async def citer(self, session: ReadSession, ids: set[str]) -> None:
        """Know these sources. Raises `LookupError` for one that does not exist."""
        if ids - self.citees.keys():
            self.citees = {**await self.outils.sources(session), **self.citees}
        if inconnues := ids - self.citees.keys():
            raise LookupError(f"Des fiches citent des sources qui n'existent pas : {', '.join(sorted(inconnues))}.")
