"""A search on an index: what matches, in which order, counted how (`milli/src/search/new`, v1.50)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.fabriques.faux_meilisearch import filtres, texte
from tests.fabriques.faux_meilisearch.indice import REGLES, Fiche, Indice

_TRI = re.compile(
    r"(?:_geoPoint\(\s*(?P<lat>[-\d.]+)\s*,\s*(?P<lng>[-\d.]+)\s*\)|(?P<nom>[\w\-.]+)):(?P<sens>asc|desc)"
)
LOIN = 8


class QuestionRefusee(Exception):
    """A body that the server refuses: the code, then the message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Trouvee:
    """A document found: how many words it has, then what each rule says of it, the lower the better."""

    id: str
    mots: int
    fautes: int
    proximite: int
    attribut: int
    position: int
    exactitude: int

    def note(self, voulus: int) -> float:
        """Return a score from 0 to 1."""
        if not voulus:
            return 1.0
        part = self.mots / voulus - 0.05 * self.fautes / voulus - 0.01 * min(1.0, self.proximite / (LOIN * voulus))
        return max(0.0, min(1.0, part - 0.01 * min(1.0, self.attribut / (10 * voulus))))


@dataclass(frozen=True, slots=True)
class Resultat:
    """Documents in order, and the number of words that could be matched."""

    ordre: list[Trouvee]
    voulus: int


def chercher(indice: Indice, corps: Mapping[str, Any]) -> Resultat:
    """Return the documents that a body finds, in order. Raises `QuestionRefusee`."""
    reglages = indice.reglages
    predicat = _filtre(corps, indice)
    candidats = {id: fiche for id, fiche in indice.fiches.items() if predicat(fiche.document)}
    requete = texte.lire(corps.get("q") or "", frozenset(reglages["stopWords"]))
    attributs = _attributs(corps, indice)
    if requete.exclus:
        candidats = {id: f for id, f in candidats.items() if not f.presents & set(requete.exclus)}
    trouvees: list[Trouvee] = []
    voulus = len(requete.mots) + sum(len(p) for p in requete.phrases)
    if voulus == 0:
        trouvees = [Trouvee(id, 0, 0, 0, 0, 0, 0) for id in candidats]
    else:
        lus = texte.termes(requete, indice.lexique, reglages["synonyms"], reglages["typoTolerance"])
        gardes = _abandons(requete, lus, indice, corps.get("matchingStrategy", "last"))
        for id, fiche in candidats.items():
            if (trouvee := _examiner(id, fiche, requete, lus, gardes, attributs)) is not None:
                trouvees.append(trouvee)
    return Resultat(_trier(trouvees, indice, corps), voulus)


def _filtre(corps: Mapping[str, Any], indice: Indice) -> filtres.Predicat:
    try:
        return filtres.lire(corps.get("filter"), indice.reglages["filterableAttributes"])
    except filtres.FiltreInvalide as erreur:
        raise QuestionRefusee("invalid_search_filter", str(erreur)) from erreur


def _attributs(corps: Mapping[str, Any], indice: Indice) -> frozenset[int] | None:
    voulus = corps.get("attributesToSearchOn")
    if voulus is None:
        return None
    cherchables = indice.reglages["searchableAttributes"]
    for nom in voulus:
        if nom not in cherchables:
            raise QuestionRefusee("invalid_search_attributes_to_search_on", f"Attribute `{nom}` is not searchable.")
    return frozenset(cherchables.index(nom) for nom in voulus)


def _abandons(
    requete: texte.Requete, lus: Sequence[texte.Terme], indice: Indice, strategie: str
) -> list[frozenset[int]]:
    """Return the sets of words that a document may have, the fullest first (`query_graph.rs`)."""
    tous = frozenset(range(len(requete.mots)))
    if strategie == "all" or not tous:
        return [tous]
    if strategie == "last":
        ordre: list[set[int]] = [{rang} for rang in sorted(tous, reverse=True)]
    else:
        lexique = indice.lexique
        poids: dict[int, int] = {}
        for rang in tous:
            porteurs: set[str] = set()
            for terme in lus:
                if terme.debut <= rang < terme.fin:
                    for mot in terme.mots:
                        porteurs |= lexique.get(mot, set())
                    if terme.suite:
                        porteurs |= {id for id, fiche in indice.fiches.items() if _passages(fiche, terme.suite, None)}
            poids[rang] = len(porteurs) or 2**63
        ordre = []
        for combien in sorted(set(poids.values()), reverse=True):
            ordre.append({rang for rang in tous if poids[rang] == combien})
    if not requete.phrases:
        ordre.pop()
    gardes, reste = [tous], set(tous)
    for partis in ordre:
        reste -= partis
        gardes.append(frozenset(reste))
    return gardes


def _examiner(
    id: str, fiche: Fiche, requete: texte.Requete, lus: Sequence[texte.Terme], gardes: Sequence[frozenset[int]],
    attributs: frozenset[int] | None,
) -> Trouvee | None:  # fmt: skip
    for phrase in requete.phrases:
        if not _passages(fiche, phrase, attributs):
            return None
    places: list[tuple[texte.Terme, int, tuple[int, int]]] = []
    for terme in lus:
        if terme.suite:
            passages = _passages(fiche, terme.suite, attributs)
            if passages:
                places.append((terme, terme.cout, passages[0]))
        else:
            ou = [
                (terme.mots[mot], (rang, place))
                for mot, rang, place in fiche.mots
                if mot in terme.mots and (attributs is None or rang in attributs)
            ]
            if ou:
                cout, place = min(ou)
                places.append((terme, cout, place))
    for garde in gardes:
        chemin = _chemin(places, garde, len(requete.mots))
        if chemin is not None:
            return _noter(id, fiche, requete, chemin, len(garde))
    return None


def _chemin(
    places: Sequence[tuple[texte.Terme, int, tuple[int, int]]], garde: frozenset[int], combien: int
) -> list[tuple[texte.Terme, int, tuple[int, int]]] | None:
    """Return the cheapest run of terms, end to end, that covers the words kept; `None` when there is none."""
    meilleurs: list[tuple[int, list[Any]] | None] = [None] * (combien + 1)
    meilleurs[0] = (0, [])
    for rang in range(combien):
        ici = meilleurs[rang]
        if ici is None:
            continue
        if rang not in garde:
            suivant = meilleurs[rang + 1]
            if suivant is None or ici[0] < suivant[0]:
                meilleurs[rang + 1] = ici
            continue
        for terme, cout, place in places:
            if terme.debut == rang and all(r in garde for r in range(terme.debut, terme.fin)):
                suivant = meilleurs[terme.fin]
                if suivant is None or ici[0] + cout < suivant[0]:
                    meilleurs[terme.fin] = (ici[0] + cout, [*ici[1], (terme, cout, place)])
    fin = meilleurs[combien]
    return None if fin is None else fin[1]


def _noter(
    id: str, fiche: Fiche, requete: texte.Requete, chemin: Sequence[tuple[texte.Terme, int, tuple[int, int]]],
    gardes: int,
) -> Trouvee:  # fmt: skip
    proximite = 0
    for (_, _, (a, x)), (_, _, (b, y)) in pairwise(chemin):
        proximite += min(LOIN, abs(y - x)) if a == b else LOIN
    exacts = sum(mot in fiche.presents for mot in requete.mots)
    return Trouvee(
        id,
        mots=gardes + sum(len(p) for p in requete.phrases),
        fautes=sum(cout for _, cout, _ in chemin),
        proximite=proximite,
        attribut=sum(place[0] for _, _, place in chemin),
        position=sum(place[1] for _, _, place in chemin),
        exactitude=-exacts,
    )


def _passages(fiche: Fiche, suite: Sequence[str], attributs: frozenset[int] | None) -> list[tuple[int, int]]:
    """Return where words stand in a row."""
    if not set(suite) <= fiche.presents:
        return []
    ou = {(rang, place): mot for mot, rang, place in fiche.mots}
    return [
        (rang, place)
        for (rang, place), mot in sorted(ou.items())
        if mot == suite[0]
        and (attributs is None or rang in attributs)
        and all(ou.get((rang, place + pas)) == voulu for pas, voulu in enumerate(suite))
    ]


def _trier(trouvees: list[Trouvee], indice: Indice, corps: Mapping[str, Any]) -> list[Trouvee]:
    """Sort by the ranking rules, ties in the order of arrival."""
    tri = [_lire_tri(t, indice) for t in corps.get("sort") or ()]
    arrivees = {id: rang for rang, id in enumerate(indice.fiches)}
    ordre = sorted(trouvees, key=lambda t: arrivees[t.id])
    regles = list(indice.reglages["rankingRules"])
    if tri and "sort" not in regles:
        raise QuestionRefusee(
            "invalid_search_sort", "You must specify where `sort` is listed in the rankingRules setting."
        )
    if "words" not in regles:
        regles.insert(0, "words")
    # a stable sort from the last rule to the first
    for regle in reversed(regles):
        if regle == "sort":
            for critere in reversed(tri):
                ordre = _par(ordre, indice, critere)
        elif regle in REGLES:
            cles = {
                "words": lambda t: -t.mots, "typo": lambda t: t.fautes, "proximity": lambda t: t.proximite,
                "attribute": lambda t: (t.attribut, t.position), "attributeRank": lambda t: t.attribut,
                "wordPosition": lambda t: t.position, "exactness": lambda t: t.exactitude,
            }  # fmt: skip
            ordre.sort(key=cles[regle])
        else:
            nom, _, sens = regle.rpartition(":")
            ordre = _par(ordre, indice, (nom, sens, None))
    return ordre


Critere = tuple[str, str, tuple[float, float] | None]


def _lire_tri(ecrit: str, indice: Indice) -> Critere:
    lu = _TRI.fullmatch(ecrit)
    if lu is None:
        raise QuestionRefusee("invalid_search_sort", f"Invalid syntax for the sort parameter: expected expression ending by `:asc` or `:desc`, found `{ecrit}`.")  # fmt: skip  # noqa: E501
    nom = lu["nom"] or "_geo"
    if nom not in indice.reglages["sortableAttributes"]:
        raise QuestionRefusee("invalid_search_sort", f"Attribute `{nom}` is not sortable.")
    point = None if lu["nom"] else (float(lu["lat"]), float(lu["lng"]))
    return nom, lu["sens"], point


def _par(ordre: list[Trouvee], indice: Indice, critere: Critere) -> list[Trouvee]:
    nom, sens, point = critere
    avec: list[tuple[Any, Trouvee]] = []
    sans: list[Trouvee] = []
    for trouvee in ordre:
        valeur = indice.fiches[trouvee.id].document.get(nom)
        if valeur is None or (point is None and isinstance(valeur, dict)):
            sans.append(trouvee)
        elif point is not None:
            avec.append((int(filtres.distance((valeur["lat"], valeur["lng"]), point)), trouvee))
        else:
            # numbers before texts
            avec.append(((isinstance(valeur, str), valeur), trouvee))
    avec.sort(key=lambda paire: paire[0], reverse=False)
    if sens == "desc":
        # stable in both directions
        groupes: dict[Any, list[Trouvee]] = {}
        for valeur, trouvee in avec:
            groupes.setdefault(valeur, []).append(trouvee)
        return [t for valeur in sorted(groupes, reverse=True) for t in groupes[valeur]] + sans
    return [trouvee for _, trouvee in avec] + sans


def facettes(indice: Indice, ids: Sequence[str], noms: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count the values of each facet. Raises `QuestionRefusee` for one that can't be filtered by."""
    reglages = indice.reglages["faceting"]
    comptees: dict[str, dict[str, int]] = {}
    for nom in noms:
        if filtres.filtrable(nom, indice.reglages["filterableAttributes"]) is None:
            raise QuestionRefusee("invalid_search_facets", f"Invalid facet distribution: Attribute `{nom}` is not filterable.")  # fmt: skip  # noqa: E501
        comptes: dict[str, int] = {}
        ecrites: dict[str, str] = {}
        for id in ids:
            valeur = indice.fiches[id].document.get(nom)
            lues = valeur if isinstance(valeur, list) else [] if valeur is None else [valeur]
            for cle in dict.fromkeys(map(filtres.normaliser, map(str, lues))):
                comptes[cle] = comptes.get(cle, 0) + 1
            for lue in lues:
                ecrites.setdefault(filtres.normaliser(str(lue)), str(lue))
        par = reglages["sortFacetValuesBy"]
        if par.get(nom, par.get("*")) == "count":
            rangees = sorted(comptes.items(), key=lambda c: (-c[1], c[0]))
        else:
            rangees = sorted(comptes.items())
        comptees[nom] = {ecrites[cle]: compte for cle, compte in rangees[: reglages["maxValuesPerFacet"]]}
    return comptees


def valeurs(indice: Indice, corps: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Search among the values of a facet, by the beginning of the whole value (`facet/search.rs`)."""
    nom = corps["facetName"]
    traits = filtres.filtrable(nom, indice.reglages["filterableAttributes"])
    if traits is None or not traits["facetSearch"]:
        raise QuestionRefusee("invalid_facet_search_facet_name", f"Attribute `{nom}` is not facet-searchable.")
    ids = [t.id for t in chercher(indice, corps).ordre]
    toutes = {**indice.reglages["faceting"], "maxValuesPerFacet": 10**9}
    tout = Indice(reglages={**indice.reglages, "faceting": toutes}, fiches=indice.fiches)
    comptes = facettes(tout, ids, [nom])[nom]
    debut = corps.get("facetQuery")
    if debut is not None:
        typos = indice.reglages["typoTolerance"]
        voulu = texte.plier(debut)
        tailles = typos["minWordSizeForTypos"]
        permises = 0
        if typos["enabled"] and nom not in typos["disableOnAttributes"]:
            octets = len(voulu.encode())
            permises = 0 if octets < tailles["oneTypo"] else 1 if octets < tailles["twoTypos"] else 2
        comptes = {
            valeur: compte
            for valeur, compte in comptes.items()
            if voulu and texte.fautes(voulu, texte.plier(valeur), permises, prefixe=True) is not None
        }
    gardees = list(comptes.items())[: indice.reglages["faceting"]["maxValuesPerFacet"]]
    return [{"value": valeur, "count": compte} for valeur, compte in gardees]
