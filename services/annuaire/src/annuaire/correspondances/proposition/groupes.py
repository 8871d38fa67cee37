"""Whether several rows say one place: a row a service, or a row a stop of a bus. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from annuaire.correspondances.proposition.echantillon import Colonne
from annuaire.referentiels.rules import cle_de_lecture

_TAUX: Final = 1.15
_PASSAGES: Final = 0.5
_MOTS_ITINERANTS: Final = ("bus", "itineran", "camion", "mobile", "tournee", "roulotte", "van ", "estafette")
_ENTETES_ITINERANTS: Final = ("arret", "passage", "tournee", "itineran", "etape", "halte", "stop")


@dataclass(frozen=True, slots=True)
class Repetition:
    """What repeats: rows of one place (`lignes`) or stops of one bus (`passages`), told apart by the fields `par`."""

    nature: Literal["lignes", "passages"]
    par: tuple[str, ...]
    note: float


def chercher_repetition(champs: dict[str, Colonne], entetes: Sequence[str]) -> Repetition | None:
    """Compare the rows by the columns of these fields (`cle`, `nom`, `adresse`, `commune`)."""
    nom = champs.get("nom")
    if nom is None or nom.remplies < 4:
        return None
    lieux = [champs[c] for c in ("adresse", "commune") if c in champs]
    rangs = [rang for rang, cellule in enumerate(nom.cellules) if cellule]
    par_nom: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for rang in rangs:
        par_nom[_plie(nom, rang)].add(tuple(_plie(c, rang) for c in lieux))
    multiples = sum(1 for rang in rangs if len(par_nom[_plie(nom, rang)]) > 1) / len(rangs)
    if multiples >= _PASSAGES and len(rangs) / len(par_nom) >= 2 and _est_itinerant(entetes, par_nom):
        return Repetition("passages", ("nom",), 0.5 + 0.4 * multiples)
    groupes = {(_plie(nom, rang), *(_plie(c, rang) for c in lieux)) for rang in rangs}
    if lieux and len(rangs) / len(groupes) >= _TAUX:
        return Repetition("lignes", tuple(c for c in ("nom", "adresse", "commune") if c in champs), 0.85)
    return None


def _est_itinerant(entetes: Sequence[str], noms: dict[str, set[tuple[str, ...]]]) -> bool:
    if any(mot in cle_de_lecture(entete) for entete in entetes for mot in _ENTETES_ITINERANTS):
        return True
    return sum(any(m in nom for m in _MOTS_ITINERANTS) for nom in noms) >= len(noms) / 2


def _plie(colonne: Colonne, rang: int) -> str:
    return cle_de_lecture(colonne.cellules[rang] or "")
