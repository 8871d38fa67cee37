"""Rules of the structures: what is deduced from places, and what a public document says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from stdnum.fr import siren, siret


class Place(Protocol):
    """What a place tells of the structure that carries it."""

    @property
    def nom(self) -> str: ...
    @property
    def code_insee(self) -> str | None: ...
    @property
    def departement(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...
    @property
    def epci(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Deduction:
    """A structure as its places let it be known: the commonest name, the territory they all share."""

    nom: str
    code_insee: str | None
    departement: str | None
    region: str | None
    epci: str | None


def deduire(places: Sequence[Place]) -> Deduction:
    """Deduce a structure from its places (at least one), whatever their order.

    The commonest name wins; of equally common ones the shortest, then the first in code-point order, so that the
    answer never depends on the order of arrival.
    """
    if len(places) == 1:
        seule = places[0]
        return Deduction(seule.nom, seule.code_insee, seule.departement, seule.region, seule.epci)
    comptes = Counter(place.nom for place in places)
    nom = min(comptes, key=lambda nom: (-comptes[nom], len(nom), nom))

    def commun(champ: str) -> str | None:
        valeurs = {getattr(place, champ) for place in places}
        return valeurs.pop() if len(valeurs) == 1 else None

    return Deduction(nom, commun("code_insee"), commun("departement"), commun("region"), commun("epci"))


def forme_du_pivot(pivot: str | None) -> str | None:
    """Name the register of a pivot: `siret` (14 digits), `siren` (9), `ridet` (10 or 7), `rna` (W…)."""
    if pivot is None:
        return None
    if pivot[0] in "Ww":
        return "rna"
    return {14: "siret", 9: "siren"}.get(len(pivot), "ridet")


def pivot_valide(pivot: str) -> bool:
    """Say whether a pivot is well formed and its key right; fourteen zeros, which pass the key, are not.

    SIRET and SIREN: Luhn key, with the rule of La Poste's sites. RNA: `W` and nine characters. RIDET: seven or ten
    digits, without a key.
    """
    if not pivot.strip("0"):
        return False
    if re.fullmatch(r"W\d[0-9A-Z]\d{7}", pivot):
        return True
    if not pivot.isascii() or not pivot.isdigit():
        return False
    if len(pivot) == 14:
        return bool(siret.is_valid(pivot))
    if len(pivot) == 9:
        return bool(siren.is_valid(pivot))
    return len(pivot) in (7, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class FicheStructure:
    """What is known of a structure, whatever it was born of."""

    id: UUID
    origine: str
    pivot: str | None
    nom: str
    types: tuple[str, ...] = ()
    code_insee: str | None = None
    departement: str | None = None
    region: str | None = None
    epci: str | None = None
    parent_id: UUID | None = None
    sans_siret_motif: str | None = None
    valide_du: str | None = None
    valide_au: str | None = None

    def contenu(self) -> dict[str, Any]:
        """Return the public members, without version and date."""
        forme = forme_du_pivot(self.pivot)
        return {
            "id": str(self.id),
            "nom": self.nom,
            "types": list(self.types),
            "pivot": self.pivot,
            "pivot_forme": forme,
            "siren": self.pivot[:9] if self.pivot and forme in ("siret", "siren") else None,
            "sans_siret_motif": self.sans_siret_motif,
            "code_insee": self.code_insee,
            "departement": self.departement,
            "region": self.region,
            "epci": self.epci,
            "parent_id": str(self.parent_id) if self.parent_id else None,
            "valide_du": self.valide_du,
            "valide_au": self.valide_au,
            "origine": self.origine,
        }
