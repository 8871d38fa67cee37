"""What a change of public document tells. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

DUREE: Final = timedelta(days=731)
"""Twenty-four months: what is older is forgotten."""

CONTACTS: Final = frozenset({"telephone", "telephones", "courriels"})
"""Fields whose change is told without its values: a contact taken back must not live on in a history."""

_HORS: Final = frozenset({"version", "modifie_le", "modifie", "telephone"})
"""What changes with every change, and what repeats another field."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened to a place; `champs` gives `{avant, apres, source}` by field."""

    lieu_id: UUID
    evenement: str
    champs: Mapping[str, Any] = field(default_factory=dict)


def raconter(id: UUID, avant: bytes | None, apres: Mapping[str, Any], source_de: Callable[[str], str]) -> Trace | None:
    """Tell what changes between two documents of a place, `None` when nothing does.

    `avant` is the stored one, with its version and date after what `apres` may repeat, or `None` once withdrawn;
    `apres` is what the other says, as JSON values.
    """
    if avant is None:
        return Trace(id, "retour")
    ancien = json.loads(avant)
    champs = {}
    for champ in dict.fromkeys((*ancien, *apres)):
        if champ in _HORS or ancien.get(champ) == apres.get(champ):
            continue
        montres = (None, None) if champ in CONTACTS else (ancien.get(champ), apres.get(champ))
        champs[champ] = {"avant": montres[0], "apres": montres[1], "source": source_de(champ)}
    return Trace(id, "modification", champs) if champs else None
