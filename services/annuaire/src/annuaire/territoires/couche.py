"""What is said of a layer of priority quarters and of its loading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class QpvResume(NamedTuple):
    """A quarter without its outline."""

    code: str
    nom: str
    communes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origine:
    """Where a layer comes from: publisher, licence, year of the zoning, SHA-256 of the file."""

    source: str
    licence: str
    millesime: int
    empreinte: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargement:
    """What a loading changed, by number of quarters; `version` grows by one when something changed."""

    ajoutes: int
    modifies: int
    retires: int
    inchanges: int
    version: int
    avertissements: tuple[str, ...] = ()

    @property
    def change(self) -> bool:
        """Whether places have to be situated again."""
        return bool(self.ajoutes or self.modifies or self.retires)
