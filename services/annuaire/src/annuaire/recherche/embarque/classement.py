"""Ranking in the order of Meilisearch's rules: words, typo, proximity, attribute, position, exactness, then ours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from annuaire.recherche.embarque.lexique import ABSENT, EXACT, VARIANTE, Lexique
from annuaire.recherche.embarque.memoire import COMMUNE, DECALAGE, POSITION_MAX, Entiers, Memoire, etaler
from annuaire.recherche.embarque.plan import Plan
from annuaire.recherche.embarque.substituts import Phrase
from annuaire.recherche.port import ATTRIBUTS

HORS: Final = 15
"""The rank of no attribute, after them all."""
LOIN: Final = 8
"""Words further apart than this are as far as can be."""
TEL_QUEL: Final = -1
PRESQUE_TOUS: Final = 4
"""Records to look at, in parts of all: above one in so many, all words are read at once, which is quicker."""
ADRESSE: Final = ATTRIBUTS.index("adresse")
CODE_POSTAL: Final = ATTRIBUTS.index("code_postal")

Notes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Classement:
    """Records with what each rule says of them; the lower, the better, but for the last two."""

    nums: Entiers
    fautes: Notes
    entiers: Notes
    """`TEL_QUEL` for a record whose name is the question, zero for one whose whole name is asked, one for one whose
    whole commune is, two for the others."""
    proximite: Notes
    attribut: Notes
    position: Notes
    exactitude: Notes

    def ordre(self, memoire: Memoire) -> Entiers:
        """Return the ranks in order, ties by completeness, freshness, then number."""
        return np.lexsort(
            (
                self.nums, -memoire.maj.valeurs[self.nums], -memoire.completude.valeurs[self.nums].astype(np.int64),
                self.exactitude, self.position, self.attribut, self.proximite, self.entiers, self.fautes,
            )
        )  # fmt: skip

    def notes(self, mots: int) -> npt.NDArray[np.float64]:
        """Return a score from 0 to 1 for each record: what its words, typos and closeness are worth."""
        parts = max(1, mots)
        note = 1.0 - 0.08 * self.fautes / parts - 0.02 * self.proximite / (parts * LOIN) - 0.01 * self.attribut / parts
        return np.clip(note, 0.0, 1.0)


def classer(plan: Plan, nums: Entiers, memoire: Memoire) -> Classement:
    """Rank these records, which all match the plan."""
    n = len(nums)
    mots, places, fiche = _relever(plan, nums, memoire)
    longueurs = np.bincount(fiche, minlength=n)
    bornes = np.cumsum(longueurs) - longueurs
    passages = [_passages(p, mots, places, fiche, memoire.lexique) for p in plan.phrases]
    fautes = np.zeros(n, np.int64)
    attribut = np.zeros(n, np.int64)
    position = np.zeros(n, np.int64)
    manques = np.zeros(n, np.int64)
    lieux_des_mots: list[tuple[Entiers, Entiers]] = []
    attributs = places >> DECALAGE
    dits = np.zeros(len(mots), np.bool_)
    hors_nom = np.zeros(n, np.bool_)
    exacts = np.zeros(n, np.int64)
    besoins = plan.sans_lieu()
    for rang in range(len(plan.mots)):
        table = np.full(len(memoire.lexique.mots) + 1, ABSENT, np.uint8)
        table[plan.correspondances[rang].numeros] = plan.correspondances[rang].couts
        propres = table
        for choix in plan.choix:
            if rang in choix.rangs:
                table = table.copy() if table is propres else table
                table[choix.numeros] = np.minimum(table[choix.numeros], choix.cout)
        couts = table[mots]
        if plan.mots[rang].isdigit():
            # « mairie 42 » is no 42nd house of a street
            couts[(attributs == ADRESSE) & (couts == EXACT)] = VARIANTE
        for phrase, trouves in zip(plan.phrases, passages, strict=True):
            if rang in phrase.rangs and trouves.size:
                couts[trouves] = np.minimum(couts[trouves], phrase.cout)
        meilleur = _min(couts, bornes, n, ABSENT)
        absent = meilleur == ABSENT
        manques += absent
        fautes += np.where(absent, 0, meilleur)
        tenus = (couts == meilleur[fiche]) & (couts < ABSENT)
        retenus = np.flatnonzero(tenus)
        # a need is no place: « job » is not the commune of Job
        dits |= tenus & (attributs < COMMUNE) if rang in besoins else tenus & (propres[mots] < ABSENT)
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
    for phrase, trouves in zip(plan.phrases, passages, strict=True):
        if not phrase.synonyme:
            for pas in range(len(phrase.mots)):
                dits[trouves + pas] = True
    communes = _couverts(fiche[dits & (attributs == COMMUNE)], memoire.longueurs_commune.valeurs[nums])
    noms = _couverts(fiche[dits & (attributs == 0)], memoire.longueurs_nom.valeurs[nums])
    entiers = np.where(noms & ~hors_nom, 0, np.where(communes, 1, 2))
    # two names may differ by « de » alone
    entiers[memoire.empreintes.valeurs[nums] == plan.empreinte] = TEL_QUEL
    proximite = np.zeros(n, np.int64)
    situes = [_situes(lieux, communes, n) for lieux in lieux_des_mots]
    for rang, (premier, second) in enumerate(pairwise(lieux_des_mots)):
        ecart = _ecart(premier, second, n)
        # « centre social limoges »: a place is never far from what it says the place of
        ecart[situes[rang] ^ situes[rang + 1]] = 1
        proximite += ecart
    # exactness: the number of words written exactly
    exactitude = len(plan.mots) - exacts
    # a record that lacks a word comes after all those that have more
    fautes = fautes + manques * 1_000
    return Classement(nums, fautes, entiers, proximite, attribut, position, exactitude)


def _relever(plan: Plan, nums: Entiers, memoire: Memoire) -> tuple[Entiers, Entiers, Entiers]:
    """Return the words of these records that the plan speaks of: their numbers, their places, whose each is."""
    lexique = memoire.lexique
    cites = np.zeros(len(lexique.mots) + 1, np.bool_)
    for correspondances in plan.correspondances:
        cites[correspondances.numeros] = True
    for choix in plan.choix:
        cites[choix.numeros] = True
    cites[[lexique.numeros[mot] for phrase in plan.phrases for mot in phrase.mots]] = True
    propres = [lexique.numeros[mot] for mot in plan.mots if mot in lexique.numeros]
    cites[propres] = True
    tous, departs = memoire.mots.valeurs, memoire.departs.valeurs
    if len(nums) * PRESQUE_TOUS >= len(departs):
        retenus = np.flatnonzero(cites[tous])
    else:
        plats = etaler(departs[nums], departs[nums + 1] - departs[nums])
        retenus = plats[cites[tous[plats]]]
    rangs = np.full(len(departs), -1, np.int64)
    rangs[nums] = np.arange(len(nums))
    fiche = rangs[memoire.porteurs.valeurs[retenus]]
    if len(nums) * PRESQUE_TOUS >= len(departs):
        voulus = fiche >= 0
        retenus, fiche = retenus[voulus], fiche[voulus]
    return tous[retenus], memoire.places.valeurs[retenus].astype(np.int64), fiche


def _couverts(porteurs: Entiers, longueurs: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    """Say of each record whether every word of an attribute, so many of them, is asked."""
    resultat: npt.NDArray[np.bool_] = (longueurs > 0) & (np.bincount(porteurs, minlength=len(longueurs)) == longueurs)
    return resultat


def _situes(lieux: tuple[Entiers, Entiers], communes: Any, n: int) -> npt.NDArray[np.bool_]:
    """Say of each record whether a word is its place: in a commune asked whole, or a postal code."""
    porteurs, places = lieux
    attributs = places >> DECALAGE
    resultat = np.zeros(n, np.bool_)
    resultat[porteurs[(attributs == CODE_POSTAL) | ((attributs == COMMUNE) & communes[porteurs])]] = True
    return resultat


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
