"""How alike two records are, and why. Pure.

Accents are folded first; numbers are compared apart (« Médiathèque Lyon 3 » is not « Lyon 5 »), and so is what kind of
service a place is: two services at one address are two places, which only a person may join.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

SEUIL_AUTOMATIQUE: Final = 0.95
SEUIL_A_VOIR: Final = 0.60
SOUS_AUTOMATIQUE: Final = 0.90
"""What a pair that only a person may join is worth at most."""
SOUS_LA_FILE: Final = 0.50
PROCHE_M, VOISIN_M, LOIN_M = 150, 500, 3_000
CELLULE_DEG: Final = 0.005

_MOTS = re.compile(r"[a-z]+|\d+")
_VIDES: Final = frozenset({
    "de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "en", "et", "un", "une", "sur", "sous",
    "saint", "sainte", "st", "ste", "cedex", "bp", "cs", "n", "no", "numero",
})  # fmt: skip
_VOIES: Final = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "boul": "boulevard", "pl": "place",
    "rte": "route", "ch": "chemin", "chem": "chemin", "imp": "impasse", "all": "allee", "esp": "esplanade",
    "espl": "esplanade", "sq": "square", "r": "rue", "fg": "faubourg", "qu": "quai", "dr": "docteur", "gal": "general",
    "mal": "marechal", "pdt": "president", "cdt": "commandant", "prof": "professeur",
}  # fmt: skip
_GENRES: Final = {
    "mairie": ("mairie", "hotel ville"),
    "ccas": ("ccas", "cias", "centre communal action sociale"),
    "bibliotheque": ("mediatheque", "bibliotheque", "ludotheque"),
    "france-services": ("france services", "maison services", "msap", "mfs"),
    "poste": ("poste",),
    "centre-social": ("centre social", "centre socioculturel", "espace vie sociale"),
    "mission-locale": ("mission locale",),
    "pimms": ("pimms",),
    "emploi": ("pole emploi", "france travail"),
    "caf": ("caf", "allocations familiales"),
    "jeunesse": ("mjc", "information jeunesse", "infos jeunes", "pij", "bij"),
    "departement": ("maison solidarites", "maison departementale", "mds", "utas"),
    "prefecture": ("prefecture", "sous prefecture"),
    "fablab": ("fablab", "fab lab", "tiers lieu"),
    "emmaus": ("emmaus",),
    "chambre": ("chambre metiers", "cci", "cma"),
    "conseiller": ("conseiller numerique", "conseillere numerique"),
    "collectivite": ("communaute communes", "communaute urbaine", "agglomeration", "metropole"),
}  # fmt: skip
_GENERIQUES: Final = frozenset({
    "france", "service", "services", "maison", "espace", "espaces", "antenne", "mediation", "numerique",
    "numeriques", "point", "lieu", "site", "centre", "communaute", "communes", "agglomeration",
})  # fmt: skip
"""Words that so many places bear that they tell none from another."""
_MOBILES: Final = frozenset(
    {"bus", "camion", "fourgon", "van", "mobile", "itinerant", "itinerante", "itinerants", "mobiles", "multisites"}
)
_GENRES_QUI_SE_CONFONDENT: Final = frozenset({frozenset({"france-services", "pimms"})})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signes:
    """What tells a place from another, read once from a normalised record.

    `nom` and `voie` are folded words without what every place of a commune shares; `numeros` those of the name;
    `propres` its words, those of the commune aside.
    """

    source_id: str
    cle: str
    nom: str
    entier: str
    propres: frozenset[str]
    numeros: frozenset[str]
    genres: frozenset[str]
    mobile: bool
    voie: str
    numero: str | None
    commune: str | None
    pivot: str | None
    telephones: frozenset[str]
    courriels: frozenset[str]
    point: tuple[float, float] | None

    @property
    def fiche(self) -> tuple[str, str]:
        """Return the source and key of the record."""
        return (self.source_id, self.cle)


Cle = tuple[str, str]
"""Source and key of a record."""

Paire = tuple[Cle, Cle]
"""Two records, the lesser first."""


@dataclass(frozen=True, slots=True)
class Comparaison:
    """How alike two records are, from 0 to 1, and what each field says of it."""

    score: float
    motifs: tuple[dict[str, Any], ...]

    @property
    def merite(self) -> tuple[float, float]:
        """Rank pairs of one score, which a cap brought down to one figure: by what their fields weigh in all."""
        return (self.score, round(sum(motif["poids"] for motif in self.motifs), 2))


def lire_signes(source_id: str, cle: str, valeurs: Mapping[str, Any]) -> Signes:
    """Read the signs of a normalised record (JSON values)."""
    ville = frozenset(mots(valeurs.get("commune") or ""))
    nom = mots(valeurs.get("nom") or "")
    adresse = [_VOIES.get(mot, mot) for mot in mots(valeurs.get("adresse") or "")]
    numero = next((mot for mot in adresse if mot.isdigit() and len(mot) < 5), None)
    voie = [mot for mot in adresse if mot not in _VIDES and not mot.isdigit()]
    propre = [mot for mot in voie if mot not in ville]
    latitude, longitude = valeurs.get("latitude"), valeurs.get("longitude")
    plein = " ".join(mot for mot in nom if mot not in _VIDES)
    return Signes(
        source_id=source_id,
        cle=cle,
        nom=" ".join(m for m in nom if m not in _VIDES and m not in _GENERIQUES and m not in ville and not m.isdigit()),
        entier=plein,
        propres=frozenset(mot for mot in nom if mot not in _VIDES and mot not in ville and not mot.isdigit()),
        numeros=frozenset(mot.lstrip("0") for mot in nom if mot.isdigit()),
        genres=frozenset(genre for genre, dits in _GENRES.items() if any(_contient(plein, dit) for dit in dits)),
        mobile=any(mot in _MOBILES for mot in nom),
        voie=" ".join(propre or voie),
        numero=numero,
        commune=valeurs.get("code_insee"),
        pivot=valeurs.get("pivot"),
        telephones=frozenset(valeurs.get("telephones") or ()),
        courriels=frozenset(courriel.lower() for courriel in valeurs.get("courriels") or ()),
        point=None if latitude is None or longitude is None else (latitude, longitude),
    )


def blocs(signes: Signes) -> list[str]:
    """Return the blocks in which a record is compared: one shared is enough to look."""
    trouves = [f"t:{numero}" for numero in sorted(signes.telephones)[:3]]
    trouves += [f"m:{courriel[:80]}" for courriel in sorted(signes.courriels)[:3]]
    if signes.pivot:
        trouves.append(f"s:{signes.pivot}")
    if signes.commune:
        # a large commune is cut by the words of names and of streets
        trouves += [f"n:{signes.commune}:{mot[:20]}" for mot in sorted(set(signes.entier.split()))[:8]]
        trouves += [f"v:{signes.commune}:{mot[:20]}" for mot in sorted(set(signes.voie.split()))[:6]]
    if signes.point is not None:
        la, lo = (math.floor(degres / CELLULE_DEG) for degres in signes.point)
        trouves += [f"g:{la + i}:{lo + j}" for i in (0, 1) for j in (0, 1)]
    return trouves


def comparer(un: Signes, autre: Signes) -> Comparaison:
    """Weigh what two records share. The order of the two changes nothing."""
    motifs = [m for m in (
        _nom(un, autre), _adresse(un, autre), _distance(un, autre), _commune(un, autre),
        _communs("telephones", un.telephones, autre.telephones, 3.0, -0.6),
        _communs("courriels", un.courriels, autre.courriels, 3.0, -0.4),
        _pivot(un, autre),
    ) if m is not None]  # fmt: skip
    poids = sum(motif["poids"] for motif in motifs)
    score = 1 / (1 + math.exp(-(poids - BIAIS)))
    score = min([score, *(motif["plafond"] for motif in motifs if "plafond" in motif)])
    if un.source_id == autre.source_id or _incertaine(motifs):
        score = min(score, SOUS_AUTOMATIQUE)
    return Comparaison(round(score, 6), tuple(motifs))


BIAIS: Final = 2.2
"""Weight beyond which two records are more likely one place than two."""


def meilleures(comparees: Mapping[Paire, Comparaison]) -> dict[Paire, Comparaison]:
    """Keep the pairs worth a look: of each record, the best in each other source.

    A source lists a place once: the others are looked at once a person has said that the best is not the same.
    """
    mieux: dict[tuple[Cle, str], tuple[float, float]] = {}
    for (un, autre), comparaison in comparees.items():
        for cle in ((un, autre[0]), (autre, un[0])):
            mieux[cle] = max(mieux.get(cle, (0.0, 0.0)), comparaison.merite)
    return {
        (un, autre): comparaison
        for (un, autre), comparaison in comparees.items()
        if comparaison.score >= SEUIL_A_VOIR and comparaison.merite >= max(mieux[(un, autre[0])], mieux[(autre, un[0])])
    }


def _incertaine(motifs: list[dict[str, Any]]) -> bool:
    """Tell whether names or places don't say enough by themselves for a machine to decide."""
    par_champ = {motif["champ"]: motif for motif in motifs}
    nom = par_champ.get("nom", {}).get("proximite", 0.0)
    if par_champ.get("adresse", {}).get("poids", 0.0) < 0:
        return True
    lieu = par_champ.get("adresse", {}).get("poids", 0.0) > 1 or par_champ.get("distance", {}).get("poids", 0.0) > 1
    contact = any(par_champ.get(champ, {}).get("poids", 0.0) > 1 for champ in ("telephones", "courriels"))
    return nom < 0.85 or not (lieu and (contact or nom >= 0.95))


def _nom(un: Signes, autre: Signes) -> dict[str, Any]:
    proximite = max(fuzz.token_sort_ratio(un.entier, autre.entier), fuzz.token_sort_ratio(un.nom, autre.nom)) / 100
    if not un.nom or not autre.nom:
        # a name of common words only, or of its commune: it is worth less beside one that says more
        ensemble = fuzz.token_set_ratio(un.entier, autre.entier) / 100 if un.entier and autre.entier else 0.0
        proximite = ensemble if un.nom == autre.nom else 0.8 * ensemble
    motif: dict[str, Any] = {"champ": "nom", "proximite": round(proximite, 2)}
    motif["poids"] = round(4.5 * (proximite - 0.45) + (0.8 if proximite >= 0.97 else 0.0), 2)
    if un.numeros and autre.numeros and not un.numeros & autre.numeros:
        return {**motif, "poids": -2.0, "plafond": SOUS_LA_FILE, "dit": "numéros différents dans le nom"}
    if un.numeros != autre.numeros:
        motif |= {"plafond": SOUS_AUTOMATIQUE, "dit": "un numéro dans un seul des deux noms"}
    if un.genres and autre.genres and not un.genres & autre.genres:
        if frozenset(un.genres | autre.genres) not in _GENRES_QUI_SE_CONFONDENT:
            motif |= {"poids": min(motif["poids"], -1.0), "dit": "deux services différents"}
        motif["plafond"] = SOUS_AUTOMATIQUE
    elif un.mobile != autre.mobile:
        motif |= {"poids": round(motif["poids"] - 3.0, 2), "plafond": SOUS_AUTOMATIQUE, "dit": "l'un se déplace"}
    elif not _meme_service(un, autre):
        motif |= {"plafond": SOUS_AUTOMATIQUE, "dit": "des mots qui peuvent dire deux services"}
    return motif


def _meme_service(un: Signes, autre: Signes) -> bool:
    """Tell whether names say one service: the same words, a few letters aside, or one name more in common words.

    « Espace numérique » and « Point numérique » may be two doors of one building; « Jean-Fictif » and « France services
    Jean-Fictif » are one, but not « Communauté de communes » and the service that it houses.
    """
    if un.genres and autre.genres and un.genres != autre.genres:
        return False
    restes, autres = un.propres - autre.propres, autre.propres - un.propres
    proches = [(a, b) for a in restes for b in autres if _a_une_lettre_pres(a, b)]
    restes, autres = restes - {a for a, _ in proches}, autres - {b for _, b in proches}
    if restes and autres and not un.genres:
        return False
    return restes | autres <= _GENERIQUES


def _a_une_lettre_pres(un: str, autre: str) -> bool:
    longueur = min(len(un), len(autre))
    return longueur >= 5 and Levenshtein.distance(un, autre) <= (1 if longueur < 10 else 2)


def _adresse(un: Signes, autre: Signes) -> dict[str, Any] | None:
    if not un.voie or not autre.voie:
        return None
    proximite = max(fuzz.token_sort_ratio(un.voie, autre.voie), 0.95 * fuzz.token_set_ratio(un.voie, autre.voie)) / 100
    poids = 5.0 * (proximite - 0.55)
    dit = "même voie" if proximite >= 0.85 else "voies différentes"
    if un.numero and autre.numero and proximite >= 0.85:
        egaux = un.numero == autre.numero
        poids += 0.8 if egaux else -1.0
        dit += ", même numéro" if egaux else ", numéros différents"
    return {"champ": "adresse", "proximite": round(proximite, 2), "poids": round(poids, 2), "dit": dit}


def _distance(un: Signes, autre: Signes) -> dict[str, Any] | None:
    if un.point is None or autre.point is None:
        return None
    metres = distance_m(un.point, autre.point)
    poids = 1.8 if metres <= PROCHE_M else 0.9 if metres <= VOISIN_M else 0.0 if metres <= LOIN_M else -2.0
    return {"champ": "distance", "metres": round(metres), "poids": poids}


def _commune(un: Signes, autre: Signes) -> dict[str, Any] | None:
    if un.commune is None or autre.commune is None:
        return None
    egales = un.commune == autre.commune
    return {"champ": "commune", "poids": 0.8 if egales else -0.8, "dit": "même commune" if egales else "deux communes"}


def _communs(
    champ: str, un: frozenset[str], autre: frozenset[str], egal: float, different: float
) -> dict[str, Any] | None:
    if not un or not autre:
        return None
    communs = bool(un & autre)
    return {"champ": champ, "poids": egal if communs else different, "dit": "en commun" if communs else "différents"}


def _pivot(un: Signes, autre: Signes) -> dict[str, Any] | None:
    if not un.pivot or not autre.pivot:
        return None
    egaux = un.pivot == autre.pivot
    return {"champ": "pivot", "poids": 1.5 if egaux else -0.8, "dit": "même SIRET" if egaux else "SIRET différents"}


def distance_m(un: tuple[float, float], autre: tuple[float, float]) -> float:
    """Return the distance in metres between two points (degrees), on a sphere."""
    phi1, phi2 = math.radians(un[0]), math.radians(autre[0])
    a = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(autre[1] - un[1]) / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(min(1.0, math.sqrt(a)))


def mots(texte: str) -> list[str]:
    """Fold a text into its words: plain letters, and digits apart."""
    plie = unicodedata.normalize("NFKD", texte.lower().replace("œ", "oe").replace("æ", "ae"))
    return _MOTS.findall("".join(c for c in plie if not unicodedata.combining(c)))


def _contient(texte: str, dit: str) -> bool:
    return f" {dit} " in f" {texte} "


# --- groups

Decisions = Mapping[Paire, str]
FUSION, DISTINCTS = "fusion", "distincts"


def paire(un: Cle, autre: Cle) -> Paire:
    """Name a pair of records, whichever comes first."""
    return (un, autre) if un < autre else (autre, un)


def grouper(cles: Iterable[Cle], scores: Mapping[Paire, float], decisions: Decisions) -> list[frozenset[Cle]]:
    """Share records out into places: a function of the records and of what people decided, not of any order.

    People's joins come first, then automatic ones from the most alike to the least. No join brings together two
    records that a person set apart; an automatic one, two records of one source either.
    """
    groupe_de: dict[Cle, frozenset[Cle]] = {cle: frozenset({cle}) for cle in cles}
    interdites = [p for p, dite in decisions.items() if dite == DISTINCTS]
    voulues = sorted(p for p, dite in decisions.items() if dite == FUSION)
    automatiques = sorted(
        ((-score, p) for p, score in scores.items() if score >= SEUIL_AUTOMATIQUE and p not in decisions)
    )
    for p, humaine in [*((p, True) for p in voulues), *((p, False) for _, p in automatiques)]:
        if p[0] not in groupe_de or p[1] not in groupe_de or groupe_de[p[0]] is groupe_de[p[1]]:
            continue
        un, autre = groupe_de[p[0]], groupe_de[p[1]]
        ensemble = un | autre
        if any(a in ensemble and b in ensemble for a, b in interdites):
            continue
        if not humaine and {source for source, _ in un} & {source for source, _ in autre}:
            continue
        groupe_de |= dict.fromkeys(ensemble, ensemble)
    return sorted(set(groupe_de.values()), key=min)


@dataclass(frozen=True, slots=True)
class Attache:
    """Where a record is: the place that it bears on, and the one made for it."""

    lieu_id: UUID
    lieu_propre: UUID


def attribuer(groupes: Sequence[frozenset[Cle]], attaches: Mapping[Cle, Attache]) -> dict[Cle, UUID]:
    """Give each group its place: the oldest of those that its records bear on, or were made for.

    When a group was set apart, the place stays with the record for which it was made.
    """
    prise: dict[UUID, int] = {}
    choisie: dict[Cle, UUID] = {}

    def merite(groupe: frozenset[Cle]) -> tuple[bool, UUID]:
        siens = [attaches[cle] for cle in groupe]
        propres = {a.lieu_propre for a in siens}
        return (not any(a.lieu_id in propres for a in siens), min(propres))

    for rang, groupe in enumerate(sorted(groupes, key=merite)):
        siens = [attaches[cle] for cle in groupe]
        propres = {a.lieu_propre for a in siens}
        candidats = sorted({a.lieu_id for a in siens} | propres, key=lambda id: (id in prise, id))
        lieu = candidats[0]
        prise[lieu] = rang
        choisie |= dict.fromkeys(groupe, lieu)
    return choisie
