"""Ranking in the order of Meilisearch's rules: words, typo, proximity, attribute, position, exactness, then ours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from annuaire.recherche.embarque.lexique import ABSENT, Lexique
from annuaire.recherche.embarque.memoire import DECALAGE, POSITION_MAX, Entiers, Memoire, etaler
from annuaire.recherche.embarque.plan import Phrase, Plan

HORS: Final = 15
"""The rank of no attribute, after them all."""
LOIN: Final = 8
"""Words further apart than this are as far as can be."""

Notes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Classement:
    """Records with what each rule says of them; the lower, the better, but for the last two."""

    nums: Entiers
    fautes: Notes
    proximite: Notes
    attribut: Notes
    position: Notes
    exactitude: Notes

    def ordre(self, memoire: Memoire) -> Entiers:
        """Return the ranks in order, ties by completeness, freshness, then number."""
        return np.lexsort(
            (
                self.nums, -memoire.maj.valeurs[self.nums], -memoire.completude.valeurs[self.nums].astype(np.int64),
                self.exactitude, self.position, self.attribut, self.proximite, self.fautes,
            )
        )  # fmt: skip

    def notes(self, mots: int) -> npt.NDArray[np.float64]:
        """Return a score from 0 to 1 for each record: what its words, typos and closeness are worth."""
        parts = max(1, mots)
        note = 1.0 - 0.08 * self.fautes / parts - 0.02 * self.proximite / (parts * LOIN) - 0.01 * self.attribut / parts
        return np.clip(note, 0.0, 1.0)


def classer(plan: Plan, nums: Entiers, memoire: Memoire) -> Classement:
    """Rank these records, which all match the plan."""
    departs = memoire.departs.valeurs
    debuts = departs[nums]
    longueurs = departs[nums + 1] - debuts
    n = len(nums)
    plats = etaler(debuts, longueurs)
    mots = memoire.mots.valeurs[plats]
    places = memoire.places.valeurs[plats].astype(np.int64)
    fiche = np.repeat(np.arange(n), longueurs)
    bornes = np.cumsum(longueurs) - longueurs
    passages = [_passages(p, mots, places, fiche, memoire.lexique) for p in plan.phrases]
    fautes = np.zeros(n, np.int64)
    attribut = np.zeros(n, np.int64)
    position = np.zeros(n, np.int64)
    manques = np.zeros(n, np.int64)
    lieux_des_mots: list[tuple[Entiers, Entiers]] = []
    hors_nom = np.zeros(n, np.bool_)
    exacts = np.zeros(n, np.int64)
    for rang in range(len(plan.mots)):
        table = np.full(len(memoire.lexique.mots) + 1, ABSENT, np.uint8)
        table[plan.correspondances[rang].numeros] = plan.correspondances[rang].couts
        couts = table[mots]
        for phrase, trouves in zip(plan.phrases, passages, strict=True):
            if phrase.debut <= rang < phrase.fin and trouves.size:
                couts[trouves] = np.minimum(couts[trouves], phrase.cout)
        meilleur = _min(couts, bornes, n, ABSENT)
        absent = meilleur == ABSENT
        manques += absent
        fautes += np.where(absent, 0, meilleur)
        retenus = np.flatnonzero((couts == meilleur[fiche]) & (couts < ABSENT))
        porteurs = fiche[retenus]
        place = np.full(n, HORS << DECALAGE, np.int64)
        # words lie in the order of their places: the first that is kept of a record is its best
        premiers = np.flatnonzero(np.diff(porteurs, prepend=-1))
        place[porteurs[premiers]] = places[retenus[premiers]]
        attribut += place >> DECALAGE
        position += place & POSITION_MAX
        hors_nom |= (place >> DECALAGE) > 0
        numero = memoire.lexique.numeros.get(plan.mots[rang])
        if numero is not None:
            dit = np.zeros(n, np.bool_)
            dit[fiche[mots == numero]] = True
            exacts += dit
        lieux_des_mots.append((porteurs, places[retenus]))
    proximite = np.zeros(n, np.int64)
    for premier, second in pairwise(lieux_des_mots):
        proximite += _ecart(premier, second, n)
    # exactness: the whole name first, then a name that starts so, then the number of words written exactly
    nombre = len(plan.mots)
    entier = ~hors_nom & (memoire.longueurs_nom.valeurs[nums] == nombre) & (fautes == 0)
    exactitude = np.where(entier, 0, 1 + nombre - exacts)
    # a record that lacks a word comes after all those that have more
    fautes = fautes + manques * 1_000
    return Classement(nums, fautes, proximite, attribut, position, exactitude)


def _min(couts: npt.NDArray[np.uint8], bornes: Entiers, n: int, vide: int) -> Notes:
    if not couts.size:
        return np.full(n, vide, np.int64)
    # a record without words has no slice of its own: it would borrow its neighbour's
    pleins = np.flatnonzero(np.diff(np.append(bornes, len(couts))))
    resultat = np.full(n, vide, np.int64)
    resultat[pleins] = np.minimum.reduceat(couts, bornes[pleins])
    return resultat


def _passages(phrase: Phrase, mots: Any, places: Any, fiche: Any, lexique: Lexique) -> Entiers:
    """Return where a phrase starts, among the words laid flat."""
    numeros = [lexique.numeros[m] for m in phrase.mots]
    departs = np.flatnonzero(mots == numeros[0])
    for pas, numero in enumerate(numeros[1:], 1):
        departs = departs[departs + pas < len(mots)]
        suite = departs + pas
        departs = departs[
            (mots[suite] == numero) & (fiche[suite] == fiche[departs]) & (places[suite] == places[departs] + pas)
        ]
    return departs


def _ecart(premier: tuple[Entiers, Entiers], second: tuple[Entiers, Entiers], n: int) -> Notes:
    """Return, for each record, how far the second word is from the first; a second one that comes before costs one."""
    ecarts = np.full(n, LOIN, np.int64)
    # coordinates: records a million apart, attributes 4,096 places apart
    a = (premier[0] << 20) + premier[1]
    b = (second[0] << 20) + second[1]
    if not a.size or not b.size:
        return ecarts
    suivant = np.searchsorted(b, a, side="left")
    apres = np.where(suivant < len(b), b[np.minimum(suivant, len(b) - 1)] - a, LOIN)
    avant = np.where(suivant > 0, a - b[np.maximum(suivant - 1, 0)] + 1, LOIN)
    apres = np.where(apres == 0, 1, apres)
    departs = np.flatnonzero(np.diff(premier[0], prepend=-1))
    trouves = np.minimum.reduceat(np.minimum(apres, avant), departs)
    ecarts[premier[0][departs]] = np.minimum(trouves, LOIN)
    return ecarts
