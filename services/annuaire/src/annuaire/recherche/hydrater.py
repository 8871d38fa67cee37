"""From what an engine found to what is shown: stored bytes of the read model, joined, never rebuilt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from annuaire.lieux.geojson import entite
from annuaire.lieux.lecture import documents
from annuaire.lieux.lecture.itinerants import Moment
from annuaire.recherche.fiches import Fiches
from annuaire.recherche.port import Hit
from annuaire.recherche.rules import surligner

if TYPE_CHECKING:
    from annuaire.dependances import Contexte

SURLIGNES: Final = ("nom", "commune", "adresse", "structure_parente", "presentation_resume", "presentation_detail")
"""Texts of a document in which the words found are shown; lists of values are not."""
_LISTES_SURLIGNEES: Final = ("typologie", "services", "formations_labels", "dispositif_programmes_nationaux")


@dataclass(frozen=True, slots=True)
class Montrees:
    """Elements in the order of hits, until when they hold (Unix time), and how many hits show nothing any more."""

    elements: list[bytes]
    jusqu_a: float
    derives: int


async def hydrater(
    contexte: Contexte,
    fiches: Fiches,
    hits: Sequence[Hit],
    *,
    instant: datetime,
    compacte: bool = False,
    geojson: bool = False,
    distances: bool = False,
    surlignage: bool = False,
) -> Montrees:
    """Return what is shown of these hits; one that nothing shows any more is left out and counted."""
    tableau = contexte.modele.tableau
    lieux = [rang for hit in hits if (rang := tableau.rangs.get(hit.id)) is not None and tableau.vivants[rang]]
    fins, jusqu_a = tableau.ouvertures.voir(np.array(lieux, np.int64), instant, tableau.heures, tableau.ids)
    moment = Moment(instant)
    ecrits = documents.entiers(tableau, lieux, fins, compacte=compacte, moment=moment)
    par_id = {tableau.ids[rang]: (rang, ecrit) for rang, ecrit in zip(lieux, ecrits, strict=True)}
    structures = await fiches.lire(contexte, [hit.id for hit in hits if hit.id not in par_id])
    elements: list[bytes] = []
    for hit in hits:
        lieu = par_id.get(hit.id)
        if lieu is not None:
            element = _joindre(lieu[1], b"lieu", hit, distances=distances, surlignage=surlignage)
            if geojson:
                element = documents.situer(tableau, lieu[0], element, moment)
        elif hit.id in structures:
            corps = structures[hit.id][:-1] + b',"ouverture":null}'
            element = _joindre(corps, b"structure", hit, distances=distances, surlignage=surlignage)
            if geojson:
                element = entite(b'"%s"' % hit.id.encode(), None, None, element)
        else:
            continue
        elements.append(element)
    return Montrees(elements, min(jusqu_a, moment.jusqu_a), len(hits) - len(elements))


def _joindre(document: bytes, genre: bytes, hit: Hit, *, distances: bool, surlignage: bool) -> bytes:
    """Add to a document what the search alone knows of it."""
    fin = b',"genre":"%s"' % genre
    if distances:
        fin += b',"distance_m":%s' % (b"null" if hit.distance_m is None else b"%d" % round(hit.distance_m))
    pertinence: dict[str, Any] = {"score": hit.score, "mots": hit.matched_words}
    if surlignage:
        pertinence["surlignages"] = passages(json.loads(document), hit.matched_words)
    return b'%s%s,"pertinence":%s}' % (document[:-1], fin, ecrire(pertinence))


def passages(document: Mapping[str, Any], trouves: Sequence[str]) -> dict[str, Any]:
    """Return, for each text of a document that holds words found, where they lie; for a list, value by value."""
    surlignes: dict[str, Any] = {}
    for nom in SURLIGNES if trouves else ():
        texte = document.get(nom)
        if isinstance(texte, str) and (lus := surligner(texte, trouves)):
            surlignes[nom] = lus
    for nom in _LISTES_SURLIGNEES if trouves else ():
        valeurs = document.get(nom)
        if isinstance(valeurs, list):
            lus_par_rang = [surligner(valeur, trouves) for valeur in valeurs]
            if any(lus_par_rang):
                surlignes[nom] = lus_par_rang
    return surlignes


def ecrire(valeur: Any) -> bytes:
    """Write a value as JSON."""
    return json.dumps(valeur, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
