"""From what a list says of a commune (name, postal code, INSEE code, point) to one commune of the reference.

Name and postal code count together: neither wins alone against the other in silence. Everything that was corrected,
contradicted or guessed is said in a `Constat`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from annuaire.territoires.referentiel import Commune, Referentiel
from annuaire.territoires.rules import (
    code_arrondissement,
    departements_du_code_postal,
    deplier,
    distance_m,
    lire_code_insee,
    lire_code_postal,
    numero_arrondissement,
    plier,
    sans_article,
)

Methode = Literal[
    "insee",
    "nom_code_postal",
    "ancien_nom",
    "nom_approche",
    "nom_departement",
    "nom_seul",
    "code_postal",
    "point",
    "aucune",
]

# Measured on the published lists: below 0.80 among the few communes of one postal code, and below 0.92 among the
# hundreds of a département, other communes are met.
SEUIL_CODE_POSTAL = 0.80
SEUIL_DEPARTEMENT = 0.92
MARGE = 0.08
# The carrier's contours are simplified, and a place on the border street is no fault.
TOLERANCE_CONTOUR_M = 1_000
SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Constat:
    """One thing noticed: stable code, field of the standard, value read, value that would be right if one is known."""

    code: str
    champ: str
    valeur: str | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The commune found, how, and what was noticed on the way.

    `arrondissement` is the INSEE code of the municipal arrondissement beside the city; `departement` is known as soon
    as the commune, the postal code or the point tells it. `methode` is `aucune` or `point` when `commune` is `None`.
    """

    commune: Commune | None
    arrondissement: str | None
    departement: str | None
    methode: Methode
    constats: tuple[Constat, ...] = ()


class _Nom(NamedTuple):
    brut: str
    plie: str
    deplie: str
    cedex: bool


class _Choix(NamedTuple):
    communes: tuple[Commune, ...]
    methode: Methode


_RIEN = _Choix((), "aucune")


def resoudre(
    referentiel: Referentiel,
    *,
    nom: str | None,
    code_postal: str | None,
    code_insee: str | None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Resolution:
    """Resolve a commune from raw cells; any text is accepted, nothing is raised.

    `latitude` and `longitude` are WGS84 degrees, believed only to choose between candidates and to warn.
    """
    constats: list[Constat] = []
    point = (latitude, longitude) if latitude is not None and longitude is not None else None
    lu = _lire_nom(nom)
    cp = lire_code_postal(code_postal)
    if code_postal and code_postal.strip() and cp is None:
        constats.append(Constat("code_postal_illisible", "code_postal", code_postal))
    declaree, arrondissement = _lire_insee(referentiel, code_insee, constats)
    choix = _par_nom_et_code_postal(referentiel, lu, cp)
    if declaree is not None:
        commune, methode = _confronter(referentiel, declaree, lu, cp, choix, point, constats)
    else:
        commune, methode = _trancher(referentiel, lu, cp, choix, point, constats)
    if commune is None:
        return _sans_commune(referentiel, lu, cp, point, constats)
    if arrondissement is None or not arrondissement.startswith(commune.departement):
        arrondissement = _arrondissement(referentiel, commune, lu, cp)
    _verifier_point(commune, point, constats)
    return Resolution(commune, arrondissement, commune.departement, methode, tuple(constats))


def _lire_nom(nom: str | None) -> _Nom:
    brut = " ".join((nom or "")[:300].split())
    return _Nom(brut, plier(brut), deplier(brut), "cedex" in brut.lower())


def _lire_insee(
    referentiel: Referentiel, code_insee: str | None, constats: list[Constat]
) -> tuple[Commune | None, str | None]:
    """Commune and arrondissement of a declared INSEE code."""
    if not code_insee or not code_insee.strip():
        return None, None
    code = lire_code_insee(code_insee)
    if code is None:
        constats.append(Constat("code_insee_illisible", "code_insee", code_insee))
        return None, None
    commune = referentiel.actuelle(code)
    if commune is None:
        constats.append(Constat("code_insee_inconnu", "code_insee", code))
        return None, None
    if referentiel.arrondissement(code):
        return commune, code
    if commune.code != code:
        constats.append(Constat("code_insee_ancien", "code_insee", code, commune.code))
    return commune, None


def _confronter(
    referentiel: Referentiel,
    declaree: Commune,
    nom: _Nom,
    cp: str | None,
    choix: _Choix,
    point: tuple[float, float] | None,
    constats: list[Constat],
) -> tuple[Commune | None, Methode]:
    """Confront the declared INSEE code with name and postal code: it yields only when both agree against it."""
    nom_ok = not nom.plie or _porte_ce_nom(referentiel, declaree, nom)
    cp_ok = cp is None or _a_ce_code_postal(referentiel, declaree, cp)
    if nom_ok and cp_ok:
        return declaree, "insee"
    exact = choix.methode in ("nom_code_postal", "ancien_nom") and len(choix.communes) == 1
    if not nom_ok and exact and declaree not in choix.communes:
        autre = choix.communes[0]
        if _plus_pres(point, (declaree, autre)) is not declaree:
            constats.append(Constat("code_insee_contradictoire", "code_insee", declaree.code, autre.code))
            return autre, choix.methode
    if not nom_ok:
        constats.append(Constat("commune_contradictoire", "commune", nom.brut, declaree.nom))
    if not cp_ok:
        constats.append(Constat("code_postal_contradictoire", "code_postal", cp, _seul(declaree.codes_postaux)))
    return declaree, "insee"


def _par_nom_et_code_postal(referentiel: Referentiel, nom: _Nom, cp: str | None) -> _Choix:
    """Communes of the postal code that bear the name, by the surest way that gives any."""
    candidates = referentiel.communes_du_code_postal(cp) if cp else ()
    if not nom.plie or not candidates:
        return _RIEN
    return _par_nom_exact(referentiel, nom, candidates) or _RIEN


def _par_nom_exact(referentiel: Referentiel, nom: _Nom, candidates: tuple[Commune, ...]) -> _Choix | None:
    """Exact folded name, then without article, then names of delegate communes."""
    for voulu in (nom.deplie, nom.plie):
        if trouvees := tuple(c for c in candidates if voulu == deplier(c.nom)):
            return _Choix(trouvees, "nom_code_postal")
    if trouvees := tuple(c for c in candidates if nom.plie == plier(c.nom)):
        return _Choix(trouvees, "nom_code_postal")
    nu = sans_article(nom.plie).replace(" ", "")
    if trouvees := tuple(c for c in candidates if nu == sans_article(plier(c.nom)).replace(" ", "")):
        return _Choix(trouvees, "nom_code_postal")
    if trouvees := tuple(
        c
        for c in candidates
        if any(nu == sans_article(plier(n)).replace(" ", "") for n in referentiel.noms_delegues(c.code))
    ):
        return _Choix(trouvees, "ancien_nom")
    return None


def _trancher(
    referentiel: Referentiel,
    nom: _Nom,
    cp: str | None,
    choix: _Choix,
    point: tuple[float, float] | None,
    constats: list[Constat],
) -> tuple[Commune | None, Methode]:
    """Choose a commune when no INSEE code is declared."""
    if choix.communes:
        return _parmi(nom, choix, point, constats)
    du_code = referentiel.communes_du_code_postal(cp) if cp else ()
    if not nom.plie:
        if len(du_code) == 1:
            constats.append(Constat("commune_deduite", "commune", None, du_code[0].nom))
            return du_code[0], "code_postal"
        return None, "aucune"
    if approchee := _approcher(referentiel, nom, du_code, SEUIL_CODE_POSTAL):
        constats.append(Constat("commune_approchee", "commune", nom.brut, approchee.nom))
        return approchee, "nom_approche"
    departements = departements_du_code_postal(cp) if cp else ()
    if departements:
        return _dans_le_departement(referentiel, nom, cp, departements, du_code, point, constats)
    homonymes = _nommees(referentiel, nom)
    if len(homonymes.communes) == 1:
        return _parmi(nom, _Choix(homonymes.communes, "nom_seul"), point, constats)
    if homonymes.communes:
        return _parmi(nom, homonymes, point, constats)
    return None, "aucune"


def _dans_le_departement(
    referentiel: Referentiel,
    nom: _Nom,
    cp: str | None,
    departements: tuple[str, ...],
    du_code: tuple[Commune, ...],
    point: tuple[float, float] | None,
    constats: list[Constat],
) -> tuple[Commune | None, Methode]:
    """The name is not one of the postal code's communes: look at the département, then weigh name against code."""
    partout = _nommees(referentiel, nom)
    voisins = {d for c in du_code for d in (c.departement,)} | set(departements)
    locales = tuple(c for c in partout.communes if c.departement in voisins)
    if locales:
        if du_code and not nom.cedex:
            constats.append(Constat("code_postal_contradictoire", "code_postal", cp, _codes_postaux(locales)))
        elif not du_code and not nom.cedex:
            constats.append(Constat("code_postal_inconnu", "code_postal", cp, _codes_postaux(locales)))
        methode: Methode = "ancien_nom" if partout.methode == "ancien_nom" else "nom_departement"
        return _parmi(nom, _Choix(locales, methode), point, constats)
    du_departement = tuple(c for d in sorted(voisins) for c in referentiel.communes_du_departement(d))
    if not partout.communes and (approchee := _approcher(referentiel, nom, du_departement, SEUIL_DEPARTEMENT)):
        constats.append(Constat("commune_approchee", "commune", nom.brut, approchee.nom))
        if cp and not _a_ce_code_postal(referentiel, approchee, cp) and not nom.cedex:
            constats.append(Constat("code_postal_contradictoire", "code_postal", cp, _seul(approchee.codes_postaux)))
        return approchee, "nom_approche"
    if partout.communes:
        # The name is known, elsewhere: only the point may decide between the name and the postal code.
        choisie = _plus_pres(point, (*du_code, *partout.communes))
        if choisie is not None and (choisie in partout.communes or len(du_code) == 1):
            if choisie in partout.communes:
                constats.append(
                    Constat("code_postal_contradictoire", "code_postal", cp, _seul(choisie.codes_postaux))
                )
                return choisie, "nom_seul"
            constats.append(Constat("commune_contradictoire", "commune", nom.brut, choisie.nom))
            return choisie, "code_postal"
        constats.append(Constat("commune_contradictoire", "commune", nom.brut, _noms(du_code)))
        return None, "aucune"
    if len(du_code) == 1:
        constats.append(Constat("commune_deduite", "commune", nom.brut, du_code[0].nom))
        return du_code[0], "code_postal"
    return None, "aucune"


def _nommees(referentiel: Referentiel, nom: _Nom) -> _Choix:
    """Communes of the whole country that bear this name today, else that absorbed one."""
    for plie in (nom.deplie, nom.plie):
        if communes := referentiel.communes_nommees(plie):
            return _Choix(communes, "nom_departement")
    if communes := referentiel.communes_absorbant(nom.plie):
        return _Choix(communes, "ancien_nom")
    return _RIEN


def _parmi(
    nom: _Nom, choix: _Choix, point: tuple[float, float] | None, constats: list[Constat]
) -> tuple[Commune | None, Methode]:
    """Take the only candidate, or the one that the point designates; several left are homonyms."""
    communes = choix.communes
    commune = communes[0] if len(communes) == 1 else _plus_pres(point, communes)
    if commune is None:
        constats.append(Constat("commune_homonyme", "commune", nom.brut, _noms(communes)))
        return None, "aucune"
    if len(communes) > 1:
        constats.append(Constat("commune_homonyme", "commune", nom.brut, f"{commune.nom} ({commune.code})"))
    if choix.methode == "ancien_nom":
        constats.append(Constat("commune_ancienne", "commune", nom.brut, commune.nom))
    if choix.methode == "nom_seul":
        constats.append(Constat("commune_sans_code_postal", "commune", nom.brut, f"{commune.nom} ({commune.code})"))
    return commune, choix.methode


def _approcher(referentiel: Referentiel, nom: _Nom, candidates: tuple[Commune, ...], seuil: float) -> Commune | None:
    """The candidate whose name is close enough, and clearly closer than any other's."""
    if not candidates or len(nom.plie) < 3:
        return None
    notes = sorted(
        (
            (max(_ressemblance(nom.plie, plier(n)) for n in (c.nom, *referentiel.noms_delegues(c.code))), c)
            for c in candidates
        ),
        key=lambda note: (-note[0], note[1].code),
    )
    if notes[0][0] < seuil or (len(notes) > 1 and notes[0][0] - notes[1][0] < MARGE):
        return None
    return notes[0][1]


def _ressemblance(lu: str, officiel: str) -> float:
    """Likeness of two folded names, 0 to 1: spelling, or one made of the first words of the other."""
    lu, officiel = sans_article(lu), sans_article(officiel)
    note = float(Indel.normalized_similarity(lu.replace(" ", ""), officiel.replace(" ", "")))
    court, long = sorted((lu, officiel), key=len)
    if len(court) >= 4 and long.startswith(court + " "):
        # « Saint-Donat » for « Saint-Donat-sur-l'Herbasse »; never enough in a whole département.
        note = max(note, 0.90)
    return note


def _porte_ce_nom(referentiel: Referentiel, commune: Commune, nom: _Nom) -> bool:
    if nom.plie == plier(commune.nom) or nom.deplie == deplier(commune.nom):
        return True
    return any(
        _ressemblance(nom.plie, plier(n)) >= SEUIL_CODE_POSTAL
        for n in (commune.nom, *referentiel.noms_delegues(commune.code))
    )


def _a_ce_code_postal(referentiel: Referentiel, commune: Commune, cp: str) -> bool:
    """Tell whether a commune may have this postal code; one unknown to the reference (CEDEX) agrees by département."""
    if cp in commune.codes_postaux:
        return True
    return not referentiel.communes_du_code_postal(cp) and commune.departement in departements_du_code_postal(cp)


def _arrondissement(referentiel: Referentiel, commune: Commune, nom: _Nom, cp: str | None) -> str | None:
    """Arrondissement told by the postal code (CEDEX excepted), else by the number in the name."""
    arrondissements = referentiel.arrondissements(commune.code) if len(commune.codes_postaux) > 8 else ()
    if not arrondissements:
        return None
    for arrondissement in arrondissements:
        if cp in arrondissement.codes_postaux:
            return arrondissement.code
    numero = numero_arrondissement(nom.brut)
    return code_arrondissement(commune.code, numero) if numero else None


def _hors_contour(commune: Commune, point: tuple[float, float]) -> float:
    """Metres between a point and the circle that holds the whole commune; 0 inside, infinite without a known circle."""
    if commune.latitude is None or commune.longitude is None or commune.rayon_m is None:
        return float("inf")
    return max(0.0, distance_m(*point, commune.latitude, commune.longitude) - commune.rayon_m)


def _plus_pres(point: tuple[float, float] | None, communes: Iterable[Commune]) -> Commune | None:
    """The only commune whose circle holds the point, or whose centre is clearly the nearest (half the next one's)."""
    if point is None:
        return None
    proches = sorted(
        (distance_m(*point, c.latitude, c.longitude), c.code, c)
        for c in dict.fromkeys(communes)
        if c.latitude is not None and c.longitude is not None and _hors_contour(c, point) <= TOLERANCE_CONTOUR_M
    )
    if not proches or (len(proches) > 1 and proches[0][0] > proches[1][0] / 2):
        return None
    return proches[0][2]


def _verifier_point(commune: Commune, point: tuple[float, float] | None, constats: list[Constat]) -> None:
    if point is None or commune.rayon_m is None:
        return
    ecart = _hors_contour(commune, point)
    if ecart > TOLERANCE_CONTOUR_M:
        constats.append(
            Constat("coord_hors_commune", "latitude", f"{point[0]}, {point[1]}", f"{commune.nom} ({commune.code})")
        )


def _sans_commune(
    referentiel: Referentiel,
    nom: _Nom,
    cp: str | None,
    point: tuple[float, float] | None,
    constats: list[Constat],
) -> Resolution:
    """Say what is missing; a point suggests a commune and gives its département, no more."""
    departements = departements_du_code_postal(cp) if cp else ()
    departement = departements[0] if len(departements) == 1 else None
    methode: Methode = "aucune"
    suggestion = None
    if point is not None and (proche := referentiel.commune_proche(*point, departement=departement)):
        methode, departement = "point", proche.departement
        suggestion = f"{proche.nom} ({proche.code})"
    lu = " ".join(v for v in (cp, nom.brut) if v) or None
    constats.append(Constat("commune_introuvable", "commune", lu, suggestion))
    return Resolution(None, None, departement, methode, tuple(constats))


def _seul(codes: tuple[str, ...]) -> str | None:
    return codes[0] if len(codes) == 1 else None


def _codes_postaux(communes: tuple[Commune, ...]) -> str | None:
    return _seul(communes[0].codes_postaux) if len(communes) == 1 else None


def _noms(communes: tuple[Commune, ...]) -> str | None:
    return " | ".join(f"{c.nom} ({c.code})" for c in communes[:SUGGESTIONS]) or None
