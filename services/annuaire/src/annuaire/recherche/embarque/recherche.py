"""One search, from the question to the page: what matches, what the filters keep, how it is ranked and counted."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from annuaire.recherche.embarque import geo
from annuaire.recherche.embarque.classement import classer
from annuaire.recherche.embarque.index import Index, Vue
from annuaire.recherche.embarque.lexique import VARIANTE, Lexique
from annuaire.recherche.embarque.memoire import Entiers, Memoire
from annuaire.recherche.embarque.plan import Plan, Question, lire, planifier
from annuaire.recherche.francais.normaliser import plier
from annuaire.recherche.francais.vocabulaire import charger
from annuaire.recherche.port import (
    FENETRE,
    VALEURS_MAX,
    ActorPage,
    ActorQuery,
    Circle,
    FacetValue,
    Geo,
    Hit,
    Suggestion,
)

HOMONYMES_MAX: Final = 200
"""Records that one name may bear, beyond which words were found rather than a name."""
NOM_MIN: Final = 2
"""Fewest words of a name that is sought among words that say something else."""


@dataclass(frozen=True, slots=True)
class Trouvaille:
    """What a question found: the plan that found it, the records, and those that its filters alone keep."""

    plan: Plan
    nums: Entiers
    apparies: Entiers
    assouplie: bool = False


def chercher(index: Index, query: ActorQuery) -> ActorPage:
    """Answer a search."""
    depart = time.perf_counter()
    vue = index.vue
    memoire = vue.memoire
    trouvaille = _trouver(vue, query)
    nums = trouvaille.nums
    ordre, notes = _ordonner(memoire, trouvaille, query)
    total = len(nums)
    debut = (query.page - 1) * query.size
    page = ordre[debut : min(debut + query.size, FENETRE)]
    lointains = _distances(memoire, nums[page], query.geo)
    mots = _mots_apparies(memoire, trouvaille.plan, nums[page])
    hits = tuple(
        Hit(
            id=memoire.ids[nums[rang]],
            score=round(float(notes[rang]), 4) if notes is not None else 1.0,
            distance_m=lointains[i],
            matched_words=mots[i],
        )
        for i, rang in enumerate(page.tolist())
    )
    return ActorPage(
        hits=hits,
        total=min(total, FENETRE),
        total_is_floor=total > FENETRE,
        page=query.page,
        size=query.size,
        pages=-(-min(total, FENETRE) // query.size),
        facets=_facettes(memoire, trouvaille, query),
        engine="embedded",
        generation=index.generation,
        took_ms=round((time.perf_counter() - depart) * 1000, 3),
        relaxed=trouvaille.assouplie,
        dropped_words=trouvaille.plan.abandonnes,
    )


def compter(index: Index, query: ActorQuery) -> int:
    """Return how many records a search finds, exactly."""
    return len(_trouver(index.vue, query).nums)


def valeurs(index: Index, facette: str, debut: str, query: ActorQuery) -> tuple[FacetValue, ...]:
    """Return the values of a facet that begin so, among what a search finds, the commonest first."""
    vue = index.vue
    colonne = vue.memoire.facettes[facette]
    comptes = colonne.compter(_trouver(vue, query).nums)
    voulu = plier(debut).split()
    gardees = [
        FacetValue(valeur, int(comptes[code]))
        for code, valeur in enumerate(colonne.valeurs)
        if comptes[code] and _commence(plier(valeur), voulu)
    ]
    return tuple(sorted(gardees, key=lambda v: (-v.count, v.value))[:VALEURS_MAX])


def suggerer(index: Index, debut: str, *, near: Circle | None, limite: int) -> tuple[Suggestion, ...]:
    """Return the records whose name holds what is being typed, the last word being perhaps unfinished."""
    vue = index.vue
    memoire = vue.memoire
    vocabulaire = charger()
    plan = planifier(lire(debut, vocabulaire), memoire.lexique, vocabulaire)
    if plan.vide or plan.inconnus():
        return ()
    nums = vue.trouver(plan, "noms")
    nums = nums[memoire.visibles.valeurs[nums]]
    classement = classer(plan, nums, memoire)
    ordre = classement.ordre(memoire)[:limite]
    notes = classement.notes(len(plan.mots))
    lointains = _distances(memoire, nums[ordre], near)
    return tuple(
        Suggestion(id=memoire.ids[nums[rang]], score=round(float(notes[rang]), 4), distance_m=lointains[i])
        for i, rang in enumerate(ordre.tolist())
    )


def _commence(valeur: str, voulu: list[str]) -> bool:
    mots = valeur.split()
    return all(any(mot.startswith(v) for mot in mots) for v in voulu)


def _trouver(vue: Vue, query: ActorQuery) -> Trouvaille:
    memoire, vocabulaire = vue.memoire, charger()
    question = lire(query.q, vocabulaire)
    plan = planifier(question, memoire.lexique, vocabulaire)
    if plan.vide:
        tous = np.flatnonzero(vue.vivants)
        tous = _visibles(memoire, tous, query)
        return Trouvaille(plan, _filtrer(memoire, tous, query), tous)
    trouvaille = _essayer(vue, plan, query)
    if trouvaille.nums.size or not query.relax:
        return trouvaille
    for essai, nom_seul in _moins_strictes(plan, question, memoire.lexique):
        trouvaille = _essayer(vue, essai, query)
        if trouvaille.nums.size and (not nom_seul or _nomme(memoire, trouvaille)):
            return replace(trouvaille, assouplie=bool(essai.abandonnes))
    # the unknown words are dropped, then the commonest, one by one
    plan = plan.sans(*plan.secondaires())
    entier = plan.sans(*plan.inconnus())
    for sens in (1, -1):
        # what is left may be in no record that can be seen: the rarest then, so that something is found
        plan = entier
        while plan.mots:
            trouvaille = _essayer(vue, plan, query)
            if trouvaille.nums.size:
                return replace(trouvaille, assouplie=True)
            plan = plan.sans(_le_plus_commun(plan, memoire, sens))
    return Trouvaille(plan, trouvaille.nums, trouvaille.apparies, assouplie=True)


def _moins_strictes(plan: Plan, question: Question, lexique: Lexique) -> Iterator[tuple[Plan, bool]]:
    """Nothing has every word: without the weak ones, then need and place alone, then with more typos.

    True comes with a plan that is good for records whose whole name is asked, and for no others.
    """
    faibles, accessoires = plan.secondaires(), plan.accessoires(lexique)
    if faibles:
        yield plan.sans(*faibles), False
    # « mairie de Bellevue numéro de téléphone »: it is the mairie that is sought
    nom = plan.sans(*sorted(plan.besoins().union(faibles)))
    if NOM_MIN <= len(nom.mots) < len(plan.mots) - len(faibles):
        yield nom, True
    large = planifier(question, lexique, charger(), large=True)
    if accessoires:
        yield large, True
        yield plan.sans(*accessoires), False
    yield large, False
    if faibles:
        yield large.sans(*large.secondaires()), False
    surs = plan.accessoires(lexique, cout=VARIANTE)
    if surs != accessoires:
        yield plan.sans(*surs), False


def _nomme(memoire: Memoire, trouvaille: Trouvaille) -> bool:
    """Say whether some record found has a name that is asked whole; what is found everywhere is no name."""
    if trouvaille.nums.size > HOMONYMES_MAX:
        return False
    return bool((classer(trouvaille.plan, trouvaille.nums, memoire).entiers <= 0).any())


def _le_plus_commun(plan: Plan, memoire: Memoire, sens: int) -> int:
    df = memoire.lexique.df
    poids = [int(df[c.numeros].sum()) for c in plan.correspondances]
    return max(range(len(poids)), key=lambda rang: (sens * poids[rang], rang))


def _essayer(vue: Vue, plan: Plan, query: ActorQuery) -> Trouvaille:
    if plan.inconnus():
        rien = np.empty(0, np.int64)
        return Trouvaille(plan, rien, rien)
    apparies = _visibles(vue.memoire, vue.trouver(plan), query)
    return Trouvaille(plan, _filtrer(vue.memoire, apparies, query), apparies)


def _visibles(memoire: Memoire, nums: Entiers, query: ActorQuery) -> Entiers:
    return nums[memoire.visibles.valeurs[nums]] if query.visibility else nums


def _filtrer(memoire: Memoire, nums: Entiers, query: ActorQuery, *, sauf: str | None = None) -> Entiers:
    for nom, voulues in query.filters.items():
        if voulues and nom != sauf:
            nums = nums[memoire.facettes[nom].porte(nums, voulues)]
    if query.maj_after is not None:
        nums = nums[memoire.maj.valeurs[nums] >= query.maj_after]
    if query.geo is not None:
        nums = nums[geo.dedans(memoire.lat.valeurs[nums], memoire.lng.valeurs[nums], query.geo)]
    return nums


def _ordonner(memoire: Memoire, trouvaille: Trouvaille, query: ActorQuery) -> tuple[Entiers, np.ndarray | None]:
    nums = trouvaille.nums
    if query.sort == "distance" and isinstance(query.geo, Circle):
        loin = geo.distances(memoire.lat.valeurs[nums], memoire.lng.valeurs[nums], query.geo)
        # metres, whole: within one, the order is that of the numbers
        return np.lexsort((nums, np.where(np.isnan(loin), np.inf, np.floor(loin)))), None
    if query.sort == "name":
        cles = [plier(memoire.nom(num)) for num in nums.tolist()]
        return np.array(sorted(range(len(nums)), key=lambda i: (cles[i], i)), np.int64), None
    if query.sort == "maj_desc":
        return np.lexsort((nums, -memoire.maj.valeurs[nums])), None
    if trouvaille.plan.vide or not nums.size:
        completude = memoire.completude.valeurs[nums].astype(np.int64)
        return np.lexsort((nums, -memoire.maj.valeurs[nums], -completude)), None
    classement = classer(trouvaille.plan, nums, memoire)
    return classement.ordre(memoire), classement.notes(len(trouvaille.plan.mots))


def _distances(memoire: Memoire, nums: Entiers, zone: Geo | None) -> list[float | None]:
    if not isinstance(zone, Circle):
        return [None] * len(nums)
    loin = geo.distances(memoire.lat.valeurs[nums], memoire.lng.valeurs[nums], zone)
    return [None if np.isnan(d) else round(float(d), 1) for d in loin]


def _facettes(memoire: Memoire, trouvaille: Trouvaille, query: ActorQuery) -> Mapping[str, tuple[FacetValue, ...]]:
    facettes = {}
    for nom in query.facets:
        nums = trouvaille.nums
        if query.facet_mode == "disjunctive" and query.filters.get(nom):
            nums = _filtrer(memoire, trouvaille.apparies, query, sauf=nom)
        colonne = memoire.facettes[nom]
        comptes = colonne.compter(nums)
        presents = np.flatnonzero(comptes)
        valeurs = [FacetValue(colonne.valeurs[code], int(comptes[code])) for code in presents.tolist()]
        facettes[nom] = tuple(sorted(valeurs, key=lambda v: (-v.count, v.value))[:VALEURS_MAX])
    return facettes


def _mots_apparies(memoire: Memoire, plan: Plan, nums: Entiers) -> list[tuple[str, ...]]:
    """Return, for each record of a page, its words that match the question."""
    if plan.vide or not len(nums):
        return [()] * len(nums)
    lexique = memoire.lexique
    acceptes = {n for c in plan.correspondances for n in c.numeros.tolist()}
    acceptes |= {lexique.numeros[m] for p in plan.phrases for m in p.mots}
    acceptes |= {n for c in plan.choix for n in c.numeros.tolist()}
    acceptes |= {lexique.numeros[m] for e in plan.exiges for m in e if m in lexique.numeros}
    return [
        tuple(dict.fromkeys(lexique.mots[n] for n in memoire.mots_de(num).tolist() if n in acceptes))
        for num in nums.tolist()
    ]
