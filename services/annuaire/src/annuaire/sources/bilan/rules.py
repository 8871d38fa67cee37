"""Rules of the report of a source: what is counted of its records, its faults and its territory. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from annuaire.lieux.consolidation.rules import DATE, UNIS, vide

TRANCHES: Final = (("moins_de_6_mois", 183), ("de_6_a_12_mois", 365), ("de_1_a_2_ans", 730))
"""Bands of age and the days that each of them holds at most."""
ANCIENNE, INCONNUE = "plus_de_2_ans", "inconnue"


class Perdu(NamedTuple):
    """A field of a record that the directory shows as another source says it."""

    champ: str
    source_gagnante: str


@dataclass(slots=True)
class Decompte:
    """What is counted of the records in force of a source, one after the other."""

    fiches: int = 0
    sans_horaires: int = 0
    horaires_non_compris: int = 0
    sans_telephone: int = 0
    sans_point: int = 0
    ages: Counter[str] = field(default_factory=Counter)
    perdus: Counter[Perdu] = field(default_factory=Counter)

    def compter(self, valeurs: Mapping[str, Any], *, recue_le: date, le: date) -> None:
        """Count one record, as its source says it; `horaires_non_compris` are among `sans_horaires`."""
        self.fiches += 1
        if vide(valeurs.get("horaires")):
            self.sans_horaires += 1
            self.horaires_non_compris += not vide(valeurs.get("horaires_brut"))
        self.sans_telephone += vide(valeurs.get("telephones"))
        self.sans_point += vide(valeurs.get("latitude"))
        self.ages[tranche(valeurs.get(DATE), recue_le=recue_le, le=le)] += 1


def tranche(date_maj: str | None, *, recue_le: date, le: date) -> str:
    """Return the band of age of a date of update (`AAAA-MM-JJ`), never later than its receipt."""
    if not date_maj:
        return INCONNUE
    jours = (le - min(date.fromisoformat(date_maj), recue_le)).days
    return next((nom for nom, au_plus in TRANCHES if jours <= au_plus), ANCIENNE)


def perdus(
    siennes: Mapping[str, Any], dorees: Mapping[str, Any], gagnantes: Mapping[str, str], *, source: str
) -> list[Perdu]:
    """List the fields that a record says, that the golden record says otherwise, and that another source wins.

    A united list loses only values which are not in it; a later date of update elsewhere is no loss.
    """
    return [
        Perdu(champ, gagnante)
        for champ, gagnante in gagnantes.items()
        if gagnante != source
        and champ != DATE
        and not vide(siennes.get(champ))
        and _ecartee(champ, siennes[champ], dorees.get(champ))
    ]


def _ecartee(champ: str, sienne: Any, doree: Any) -> bool:
    if champ in UNIS:
        return not set(sienne) <= set(doree or ())
    return bool(sienne != doree)


def attentes(paires: Iterable[tuple[str, str, int]], *, source: str) -> Counter[str]:
    """Sum pairs `(one source, other source, number)` by the source that this one is compared with."""
    comptes: Counter[str] = Counter()
    for une, autre, nombre in paires:
        comptes[autre if une == source else une] += nombre
    return comptes
