"""From what a list says of a commune (name, postal code, INSEE code, point) to one commune of the reference.

Name and postal code count together: neither wins alone against the other in silence. Everything that was corrected,
contradicted or guessed is said in a `Constat`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from annuaire.territoires.noms import (
    SEUIL_CODE_POSTAL,
    SEUIL_DEPARTEMENT,
    accord,
    approcher,
    exacts,
    lire_nom,
)
from annuaire.territoires.referentiel import Commune, Referentiel
from annuaire.territoires.rules import (
    code_arrondissement,
    dans_la_boite,
    departements_du_code_postal,
    distance_m,
    lire_code_insee,
    lire_code_postal,
    numero_arrondissement,
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
Point = tuple[float, float]

# The contours behind the circles are simplified, and a place across the border street is no fault.
TOLERANCE_CONTOUR_M = 1_000
SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Constat:
    """One thing noticed: stable code, field of the standard, value read, value that would be right if known."""

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
    return _Lecture(referentiel, nom, code_postal, code_insee, latitude, longitude).resoudre()


class _Lecture:
    """One row being resolved: what it says, and what was noticed so far."""

    def __init__(
        self,
        referentiel: Referentiel,
        nom: str | None,
        code_postal: str | None,
        code_insee: str | None,
        latitude: float | None,
        longitude: float | None,
    ) -> None:
        self.referentiel = referentiel
        self.constats: list[Constat] = []
        self.point: Point | None = (latitude, longitude) if latitude is not None and longitude is not None else None
        self.nom = lire_nom(nom)
        self.cp = lire_code_postal(code_postal)
        if code_postal and code_postal.strip() and self.cp is None:
            self._noter("code_postal_illisible", "code_postal", code_postal)
        self.departements = departements_du_code_postal(self.cp) if self.cp else ()
        self.du_code = referentiel.communes_du_code_postal(self.cp) if self.cp else ()
        # A neighbour's postal code crosses the border of about twenty départements.
        self.voisins = frozenset(self.departements) | {c.departement for c in self.du_code}
        self.declaree, self.arrondissement = self._lire_insee(code_insee)

    def resoudre(self) -> Resolution:
        commune, methode = self._trancher() if self.declaree is None else self._confronter(self.declaree)
        if commune is None:
            return self._sans_commune()
        self._verifier_point(commune)
        arrondissement = self._arrondissement(commune)
        return Resolution(commune, arrondissement, commune.departement, methode, tuple(self.constats))

    def _noter(self, code: str, champ: str, valeur: str | None = None, suggestion: str | None = None) -> None:
        self.constats.append(Constat(code, champ, valeur, suggestion))

    def _lire_insee(self, code_insee: str | None) -> tuple[Commune | None, str | None]:
        """Commune and arrondissement of the declared INSEE code."""
        if not code_insee or not code_insee.strip():
            return None, None
        code = lire_code_insee(code_insee)
        if code is None:
            self._noter("code_insee_illisible", "code_insee", code_insee)
            return None, None
        commune = self.referentiel.actuelle(code)
        if commune is None:
            self._noter("code_insee_inconnu", "code_insee", code)
            return None, None
        if self.referentiel.arrondissement(code):
            return commune, code
        if commune.code != code:
            self._noter("code_insee_ancien", "code_insee", code, commune.code)
        return commune, None

    def _confronter(self, declaree: Commune) -> tuple[Commune | None, Methode]:
        """Confront the declared INSEE code with name and postal code: it yields only to both together."""
        maniere = accord(self.referentiel, self.nom, declaree) if self.nom.plie else "exact"
        code_postal_ok = self.cp is None or self._a_ce_code_postal(declaree)
        if maniere != "exact" or not code_postal_ok:
            autre, sa_methode = self._autre_que(declaree, maniere, code_postal_ok)
            if autre is not None:
                self._noter("code_insee_contradictoire", "code_insee", declaree.code, autre.code)
                return autre, sa_methode
        if maniere is None or self._porte_ailleurs(maniere):
            self._noter("commune_contradictoire", "commune", self.nom.brut, declaree.nom)
        else:
            self._noter_accord(maniere, declaree)
        if not code_postal_ok:
            self._noter("code_postal_contradictoire", "code_postal", self.cp, _seul(declaree.codes_postaux))
        return declaree, "insee"

    def _porte_ailleurs(self, maniere: str) -> bool:
        """Whether a name that only resembles the declared commune's is exactly that of a neighbour."""
        if maniere == "partie":
            return exacts(self.referentiel, self.nom, self.du_code)[1] == "exact"
        return maniere == "orthographe" and self._nommees(departements=self.voisins)[1] == "nom_departement"

    def _autre_que(
        self, declaree: Commune, maniere: str | None, code_postal_ok: bool
    ) -> tuple[Commune | None, Methode]:
        """The one other commune that name and postal code designate together, unless the point denies it."""
        if not self.nom.plie:
            return None, "aucune"
        trouvees, exact = exacts(self.referentiel, self.nom, self.du_code)
        methode: Methode = "ancien_nom" if exact == "ancien" else "nom_code_postal"
        if not trouvees and not code_postal_ok and declaree.departement not in self.voisins:
            trouvees, methode = self._nommees(departements=self.voisins)
        if exact == "ancien" and maniere is not None:
            return None, "aucune"
        if len(trouvees) != 1 or trouvees[0] == declaree:
            return None, "aucune"
        if self._designee((declaree, trouvees[0])) == declaree:
            return None, "aucune"
        return trouvees[0], methode

    def _trancher(self) -> tuple[Commune | None, Methode]:
        """Choose a commune when no INSEE code is declared."""
        trouvees, exact = exacts(self.referentiel, self.nom, self.du_code) if self.nom.plie else ((), None)
        if trouvees:
            return self._parmi(trouvees, "ancien_nom" if exact == "ancien" else "nom_code_postal")
        if not self.nom.plie:
            return self._par_code_postal()
        if self.cp is None or not self.departements:
            return self._par_nom_seul()
        proche = approcher(self.referentiel, self.nom, self.du_code, SEUIL_CODE_POSTAL)
        locales, methode = self._nommees(departements=self.voisins)
        if proche is not None:
            commune, maniere = proche
            # « Ardres 62340 » is Ardres with a wrong code rather than its neighbour Andres with a wrong letter.
            rivale = self._designee((commune, *locales)) in locales
            if not locales or (maniere == "partie" and not rivale):
                self._noter_accord(maniere, commune)
                return commune, "nom_approche"
        if locales:
            return self._par_departement(locales, methode)
        return self._hors_du_departement()

    def _par_code_postal(self) -> tuple[Commune | None, Methode]:
        """No usable name: a postal code of one commune only is enough, said aloud."""
        if len(self.du_code) != 1:
            return None, "aucune"
        self._noter("commune_deduite", "commune", self.nom.brut or None, self.du_code[0].nom)
        return self.du_code[0], "code_postal"

    def _par_nom_seul(self) -> tuple[Commune | None, Methode]:
        """No usable postal code: a name borne once in the country, or told apart by the point."""
        trouvees, methode = self._nommees()
        if len(trouvees) == 1 and methode != "ancien_nom":
            methode = "nom_seul"
        commune, methode = self._parmi(trouvees, methode) if trouvees else (None, methode)
        if commune is not None:
            self._noter("commune_sans_code_postal", "commune", self.nom.brut, _nommer(commune))
            return commune, methode
        return None, "aucune"

    def _par_departement(self, locales: tuple[Commune, ...], methode: Methode) -> tuple[Commune | None, Methode]:
        """The name is that of a commune of the same département which does not have this postal code."""
        if not self.nom.cedex:
            code = "code_postal_contradictoire" if self.du_code else "code_postal_inconnu"
            suggestion = _seul(locales[0].codes_postaux) if len(locales) == 1 else None
            self._noter(code, "code_postal", self.cp, suggestion)
        return self._parmi(locales, methode)

    def _hors_du_departement(self) -> tuple[Commune | None, Methode]:
        """The name is that of no commune of the département: another spelling, another place, or no commune."""
        ailleurs, _ = self._nommees()
        if not ailleurs:
            candidates = [c for d in sorted(self.voisins) for c in self.referentiel.communes_du_departement(d)]
            proche = approcher(self.referentiel, self.nom, candidates, SEUIL_DEPARTEMENT)
            if proche is None:
                return self._par_code_postal()
            commune, maniere = proche
            self._noter_accord(maniere, commune)
            if not self._a_ce_code_postal(commune) and not self.nom.cedex:
                self._noter("code_postal_contradictoire", "code_postal", self.cp, _seul(commune.codes_postaux))
            return commune, "nom_approche"
        # The name is known elsewhere: only the point may decide between the name and the postal code.
        commune_designee = self._designee((*self.du_code, *ailleurs))
        if commune_designee in ailleurs:
            suggestion = _seul(commune_designee.codes_postaux)
            self._noter("code_postal_contradictoire", "code_postal", self.cp, suggestion)
            return commune_designee, "nom_seul"
        if commune_designee is not None and len(self.du_code) == 1:
            self._noter("commune_contradictoire", "commune", self.nom.brut, commune_designee.nom)
            return commune_designee, "code_postal"
        self._noter("commune_contradictoire", "commune", self.nom.brut, _lister(self.du_code))
        return None, "aucune"

    def _nommees(self, *, departements: frozenset[str] | None = None) -> tuple[tuple[Commune, ...], Methode]:
        """Communes of this name (today's, else former) in the country or in some départements."""
        for communes in (
            self.referentiel.communes_nommees(self.nom.plie),
            self.referentiel.communes_absorbant(self.nom.plie),
        ):
            candidates = [c for c in communes if departements is None or c.departement in departements]
            trouvees, maniere = exacts(self.referentiel, self.nom, candidates)
            if trouvees:
                return trouvees, "ancien_nom" if maniere == "ancien" else "nom_departement"
        return (), "aucune"

    def _parmi(self, communes: tuple[Commune, ...], methode: Methode) -> tuple[Commune | None, Methode]:
        """Take the only candidate, or the one that the point designates; several left are homonyms."""
        commune = communes[0] if len(communes) == 1 else self._designee(communes)
        if commune is None:
            self._noter("commune_homonyme", "commune", self.nom.brut, _lister(communes))
            return None, "aucune"
        if len(communes) > 1:
            self._noter("commune_homonyme", "commune", self.nom.brut, _nommer(commune))
        if methode == "ancien_nom":
            self._noter_accord("ancien", commune)
        return commune, methode

    def _noter_accord(self, maniere: str, commune: Commune) -> None:
        if maniere == "ancien":
            self._noter("commune_ancienne", "commune", self.nom.brut, commune.nom)
        elif maniere != "exact":
            self._noter("commune_approchee", "commune", self.nom.brut, commune.nom)

    def _a_ce_code_postal(self, commune: Commune) -> bool:
        """Whether the commune may have this postal code; one unknown (CEDEX) agrees by its département."""
        if self.cp in commune.codes_postaux:
            return True
        return not self.du_code and commune.departement in self.departements

    def _arrondissement(self, commune: Commune) -> str | None:
        """Arrondissement declared, else told by the postal code, else by the number in the name."""
        declare = self.referentiel.arrondissement(self.arrondissement) if self.arrondissement else None
        if declare and declare.commune == commune.code:
            return declare.code
        arrondissements = self.referentiel.arrondissements(commune.code)
        for arrondissement in arrondissements:
            if self.cp in arrondissement.codes_postaux:
                return arrondissement.code
        numero = numero_arrondissement(self.nom.brut) if arrondissements else None
        return code_arrondissement(commune.code, numero) if numero else None

    def _designee(self, communes: Iterable[Commune]) -> Commune | None:
        """The only commune whose circle holds the point, or whose centre is twice nearer than any other's."""
        if self.point is None:
            return None
        proches = sorted(
            (distance_m(*self.point, c.latitude, c.longitude), c.code, c)
            for c in dict.fromkeys(communes)
            if c.latitude is not None and c.longitude is not None and _hors_cercle(c, self.point) <= TOLERANCE_CONTOUR_M
        )
        if not proches or (len(proches) > 1 and proches[0][0] > proches[1][0] / 2):
            return None
        return proches[0][2]

    def _plus_proche(self, communes: Iterable[Commune]) -> Commune | None:
        """The nearest of the communes whose circle holds the point."""
        if self.point is None:
            return None
        distances = [
            (distance_m(*self.point, c.latitude, c.longitude), c.code, c)
            for c in communes
            if c.latitude is not None and c.longitude is not None and _hors_cercle(c, self.point) <= TOLERANCE_CONTOUR_M
        ]
        return min(distances)[2] if distances else None

    def _verifier_point(self, commune: Commune) -> None:
        if self.point is None:
            return
        valeur = f"{self.point[0]}, {self.point[1]}"
        if commune.rayon_m is None:
            if not dans_la_boite(commune.departement, *self.point):
                self._noter("coord_hors_commune", "latitude", valeur, _nommer(commune))
            return
        ecart = _hors_cercle(commune, self.point)
        if ecart > TOLERANCE_CONTOUR_M:
            kilometres = max(1, round(ecart / 1000))
            self._noter("coord_hors_commune", "latitude", valeur, f"à plus de {kilometres} km de {_nommer(commune)}")

    def _sans_commune(self) -> Resolution:
        """Say what is missing; a point suggests a commune and gives its département, no more."""
        departement = self.departements[0] if len(self.departements) == 1 else None
        methode: Methode = "aucune"
        suggestion = None
        if self.point is not None:
            proche = self._plus_proche(self.du_code) or self.referentiel.commune_proche(
                *self.point, departement=departement
            )
            if proche is not None:
                methode, departement, suggestion = "point", proche.departement, _nommer(proche)
        lu = " ".join(v for v in (self.cp, self.nom.brut) if v) or None
        self._noter("commune_introuvable", "commune", lu, suggestion)
        return Resolution(None, None, departement, methode, tuple(self.constats))


def _hors_cercle(commune: Commune, point: Point) -> float:
    """Metres between a point and the circle that holds the whole commune; 0 inside, infinite without a circle."""
    if commune.latitude is None or commune.longitude is None or commune.rayon_m is None:
        return float("inf")
    return max(0.0, distance_m(*point, commune.latitude, commune.longitude) - commune.rayon_m)


def _seul(codes: tuple[str, ...]) -> str | None:
    return codes[0] if len(codes) == 1 else None


def _nommer(commune: Commune) -> str:
    return f"{commune.nom} ({commune.code})"


def _lister(communes: tuple[Commune, ...]) -> str | None:
    return " | ".join(_nommer(c) for c in communes[:SUGGESTIONS]) or None
