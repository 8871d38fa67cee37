"""Reading of one row of the standard, v0 or v1: a normalised record, and everything that happened on the way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import ANGLAIS
from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.resolution import resoudre

from .anomalies import Anomalie
from .colonnes import Entetes
from .nettoyage.adresses import nettoyer_adresse, nettoyer_code_postal
from .nettoyage.adresses_web import nettoyer_url
from .nettoyage.complements import nettoyer_accessibilite, nettoyer_langues, nettoyer_publication, oui_ou_non
from .nettoyage.coordonnees import nettoyer_coordonnees
from .nettoyage.courriels import nettoyer_courriel
from .nettoyage.dates import nettoyer_date
from .nettoyage.horaires import HorairesNettoyes, nettoyer_horaires
from .nettoyage.identifiants import nettoyer_pivot
from .nettoyage.listes import FAMILLES, MAXIMUM_VALEURS, nettoyer_fermee, nettoyer_libre, nettoyer_plusieurs
from .nettoyage.nettoye import Nettoye, anomalie
from .nettoyage.passages import nettoyer_passages
from .nettoyage.telephones import MAXIMUM_NUMEROS, nettoyer_telephones
from .nettoyage.textes import (
    en_texte,
    nettoyer_court,
    nettoyer_presentations,
    nettoyer_texte,
    retirer_controles,
)
from .tableur import demarquer

LONGUEUR_CLE: Final = 128

_CODE_INSEE: Final = re.compile(r"(?:[013-9]\d|2[AB1-9])\d{3}")
_CLES_VIDES: Final = frozenset({"", "null", "none", "nan", "undefined", "#n/a", "#ref!", "n/a"})
_ACCESLIBRE: Final = ("acceslibre.beta.gouv.fr", "acceslibre.gouv.fr", "acceslibre.info")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lecture:
    """One row read. `normalise` is `None` when the row is rejected; `anomalies` say why, and everything else."""

    cle: str | None
    normalise: LieuNormalise | None
    anomalies: tuple[Anomalie, ...] = ()


def lire(valeurs: Mapping[str, Any], *, entetes: Entetes, referentiel: Referentiel, aujourd_hui: date) -> Lecture:
    """Read one row: column as written → any JSON value.

    Never raises because of a cell. A row is rejected only without a key, without a name, or when its commune can't
    be resolved and it has no usable point; any other fault empties or corrects its cell and is told. All the cells of
    a rejected row are still read, so that its report shows every fault at once. `aujourd_hui` bounds the dates.
    """
    ligne = _Ligne(valeurs, entetes)
    cle = _lire_cle(ligne)
    nom = ligne.garder(lambda brut: nettoyer_court(brut, "nom"), "nom")
    if nom is None:
        ligne.dire("nom_absent", "nom", ligne.premier("nom"))
    point = ligne.prendre(nettoyer_coordonnees(ligne.premier("latitude"), ligne.premier("longitude")))
    lieu = _situer(ligne, point, referentiel)
    resume, detail = nettoyer_presentations(ligne.premier("presentation_resume"), ligne.premier("presentation_detail"))
    horaires = _lire_horaires(ligne)
    listes = _lire_listes(ligne)
    telephones = ligne.unir("telephone", lambda brut: nettoyer_telephones(brut, lieu.departement))
    normalise = LieuNormalise(
        nom=nom or "",
        pivot=ligne.garder(lambda brut: nettoyer_pivot(brut, lieu.departement), "pivot"),
        commune=lieu.commune,
        code_postal=lieu.code_postal,
        code_insee=lieu.code_insee,
        adresse=lieu.adresse,
        complement_adresse=ligne.garder(lambda b: nettoyer_court(b, "complement_adresse"), "complement_adresse"),
        latitude=point[0] if point else None,
        longitude=point[1] if point else None,
        telephones=telephones,
        courriels=ligne.unir("courriels", lambda b: nettoyer_plusieurs(b, "courriels", nettoyer_courriel)),
        site_web=ligne.unir("site_web", lambda b: nettoyer_plusieurs(b, "site_web", nettoyer_url)),
        horaires=horaires.horaires,
        horaires_brut=horaires.brut,
        presentation_resume=ligne.prendre(resume),
        presentation_detail=ligne.prendre(detail),
        source=ligne.garder(lambda brut: nettoyer_court(brut, "source"), "source"),
        structure_parente=ligne.garder(lambda b: nettoyer_court(b, "structure_parente"), "structure_parente"),
        date_maj=ligne.garder(lambda brut: nettoyer_date(brut, aujourd_hui), "date_maj"),
        fiche_acces_libre=_lire_fiche_acces_libre(ligne),
        prise_rdv=_lire_une_url(ligne, "prise_rdv"),
        accessibilite=_lire_accessibilite(ligne),
        langues=_lire_langues(ligne, listes.get("prise_en_charge_specifique", ())),
        passages=ligne.prendre(nettoyer_passages(ligne.premier("passages"))),
        publication_contact=ligne.garder(nettoyer_publication, "publication_contact"),
        **listes,
    )
    rejetee = cle is None or nom is None or lieu.introuvable
    return Lecture(cle, None if rejetee else normalise, tuple(ligne.anomalies))


@dataclass(slots=True)
class _Ligne:
    """The cells of a row by field of the standard, and the anomalies gathered while they are read."""

    valeurs: Mapping[str, Any]
    entetes: Entetes
    anomalies: list[Anomalie] = field(default_factory=list)
    _pleines: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # once a row, rather than once a field: most fields of most rows are empty
        for colonne, champ in self.entetes.reconnues.items():
            v = self.valeurs.get(colonne)
            if v is not None and v != "" and not (isinstance(v, str) and v.isspace()):
                self._pleines.setdefault(champ, []).append(v)

    def dire(self, code: str, champ: str | None, valeur: object = None, *, corrige: str | None = None) -> None:
        self.anomalies.append(anomalie(code, champ, valeur, corrige=corrige))

    def prendre(self, propre: Nettoye[T]) -> T:
        if propre.anomalies:
            self.anomalies.extend(propre.anomalies)
        return propre.valeur

    def cellules(self, champ: str) -> Sequence[Any]:
        """The cells of a field that aren't empty: several when two columns name it."""
        return self._pleines.get(champ, ())

    def premier(self, champ: str) -> Any:
        """The first cell of a field that isn't empty; other ones that differ are told."""
        cellules = self.cellules(champ)
        for autre in cellules[1:]:
            if autre != cellules[0]:
                self.dire("colonne_en_double", champ, autre)
        return cellules[0] if cellules else None

    def garder(self, nettoyer: Callable[[Any], Nettoye[T | None]], champ: str) -> T | None:
        return self.prendre(nettoyer(self.premier(champ))) if champ in self._pleines else None

    def unir(self, champ: str, nettoyer: Callable[[Any], Nettoye[tuple[str, ...]]]) -> tuple[str, ...]:
        if champ not in self._pleines:
            return ()
        valeurs: dict[str, None] = {}
        for cellule in self.cellules(champ):
            valeurs.update(dict.fromkeys(self.prendre(nettoyer(cellule))))
        return self.borner(champ, tuple(valeurs))

    def borner(self, champ: str, valeurs: tuple[str, ...]) -> tuple[str, ...]:
        maximum = MAXIMUM_NUMEROS if champ == "telephone" else MAXIMUM_VALEURS
        if len(valeurs) > maximum:
            self.dire("liste_trop_longue", champ, valeurs[maximum])
        return valeurs[:maximum]


def _lire_cle(ligne: _Ligne) -> str | None:
    brut = ligne.premier("id")
    texte = ligne.prendre(en_texte(brut, "id"))
    if texte is not None:
        texte, retires = retirer_controles(unicodedata.normalize("NFC", texte))
        texte = demarquer(" ".join(texte.split()))
        if retires:
            ligne.dire("caracteres_retires", "id", brut)
    if texte is None or texte.lower() in _CLES_VIDES:
        ligne.dire("cle_absente", "id", brut)
        return None
    if len(texte) > LONGUEUR_CLE:
        ligne.dire("cle_trop_longue", "id", texte)
        return None
    return texte


@dataclass(frozen=True, slots=True)
class _Situation:
    commune: str | None
    code_postal: str | None
    code_insee: str | None
    adresse: str | None
    departement: str | None
    introuvable: bool


def _situer(ligne: _Ligne, point: tuple[float, float] | None, referentiel: Referentiel) -> _Situation:
    code_postal = ligne.garder(nettoyer_code_postal, "code_postal")
    nom = ligne.garder(lambda brut: nettoyer_court(brut, "commune"), "commune")
    code_insee = _lire_code_insee(ligne)
    adresse = nettoyer_adresse(ligne.premier("adresse"), code_postal=code_postal, commune=nom)
    ligne.anomalies.extend(adresse.anomalies)
    code_postal = code_postal or adresse.code_postal
    nom = nom or adresse.commune
    latitude, longitude = point or (None, None)
    resolution = resoudre(
        referentiel,
        nom=nom,
        code_postal=code_postal,
        code_insee=code_insee,
        latitude=latitude,
        longitude=longitude,
    )
    commune = resolution.commune
    introuvable = commune is None and point is None
    for constat in resolution.constats:
        code = constat.code
        if code == "commune_introuvable" and not introuvable:
            code = "commune_non_resolue"
        ligne.anomalies.append(anomalie(code, constat.champ, constat.valeur, suggestion=constat.suggestion))
    return _Situation(
        commune=commune.nom if commune else nom,
        code_postal=code_postal,
        # The arrondissement says more than its city, which is found back from it.
        code_insee=resolution.arrondissement or (commune.code if commune else None),
        adresse=adresse.adresse,
        departement=resolution.departement,
        introuvable=introuvable,
    )


def _lire_code_insee(ligne: _Ligne) -> str | None:
    brut = ligne.premier("code_insee")
    lu = ligne.prendre(en_texte(brut, "code_insee"))
    texte = ligne.prendre(nettoyer_texte(lu[:300], "code_insee")) if lu else None
    if texte is None:
        return None
    code = re.sub(r"[\s-]|\.0$", "", texte).upper()
    if len(code) == 4 and code.isdigit():
        code = "0" + code
    if _CODE_INSEE.fullmatch(code):
        return code
    ligne.dire("code_insee_invalide", "code_insee", texte)
    return None


def _lire_horaires(ligne: _Ligne) -> HorairesNettoyes:
    lus = nettoyer_horaires(ligne.premier("horaires"))
    ligne.anomalies.extend(lus.anomalies)
    return lus


def _lire_listes(ligne: _Ligne) -> dict[str, tuple[str, ...]]:
    valeurs: dict[str, dict[str, None]] = {}
    for colonne in FAMILLES:
        for cellule in ligne.cellules(colonne):
            for champ, trouvees in ligne.prendre(nettoyer_fermee(cellule, colonne)):
                valeurs.setdefault(champ, {}).update(dict.fromkeys(trouvees))
    for colonne in ligne.entetes.par_champ.get("autres_formations_labels", ()):
        brut = ligne.valeurs.get(colonne)
        if brut is not None and brut != "":
            ancienne = colonne in ligne.entetes.anciennes
            propre = nettoyer_libre(brut, "autres_formations_labels", separateur_v0=ancienne)
            valeurs.setdefault("autres_formations_labels", {}).update(dict.fromkeys(ligne.prendre(propre)))
    return {champ: ligne.borner(champ, tuple(v)) for champ, v in valeurs.items()}


def _lire_une_url(ligne: _Ligne, champ: str) -> str | None:
    if not ligne.cellules(champ):
        return None
    urls = ligne.unir(champ, lambda b: nettoyer_plusieurs(b, champ, lambda t: nettoyer_url(t, champ)))
    for autre in urls[1:]:
        ligne.dire("valeur_ecartee", champ, autre)
    return urls[0] if urls else None


def _lire_fiche_acces_libre(ligne: _Ligne) -> str | None:
    liens: dict[str, None] = {}
    for cellule in ligne.cellules("fiche_acces_libre"):
        if _dit_oui_ou_non(cellule):
            continue
        if isinstance(cellule, Mapping) and "etat" in cellule:
            cellule = cellule.get("lien")
        lus = nettoyer_plusieurs(cellule, "fiche_acces_libre", lambda texte: nettoyer_url(texte, "fiche_acces_libre"))
        liens.update(dict.fromkeys(ligne.prendre(lus)))
    url, *autres = liens or (None,)
    for autre in autres:
        ligne.dire("valeur_ecartee", "fiche_acces_libre", autre)
    if url and not (urlsplit(url).hostname or "").endswith(_ACCESLIBRE):
        ligne.dire("fiche_hors_acceslibre", "fiche_acces_libre", url)
    return url


def _lire_accessibilite(ligne: _Ligne) -> Literal["oui", "non"] | None:
    """Read the column of ours, our own public document, or a yes or no written where a link is expected."""
    dit = ligne.premier("accessibilite_etat")
    for cellule in ligne.cellules("fiche_acces_libre"):
        if isinstance(cellule, Mapping) and "etat" in cellule:
            etat = cellule["etat"]
            dit = dit if dit is not None else None if etat == "inconnu" else etat
        elif _dit_oui_ou_non(cellule):
            ligne.dire("valeur_deplacee", "fiche_acces_libre", cellule, corrige=f"accessibilite : {cellule}")
            dit = dit if dit is not None else cellule
    return ligne.prendre(nettoyer_accessibilite(dit))


def _dit_oui_ou_non(cellule: Any) -> bool:
    return isinstance(cellule, bool) or (isinstance(cellule, str) and oui_ou_non(cellule) is not None)


def _lire_langues(ligne: _Ligne, prises_en_charge: tuple[str, ...]) -> tuple[str, ...]:
    """Read the languages. The one that the standard names is said by its own field, from which it is found back."""
    langues = ligne.unir("langues", nettoyer_langues)
    return tuple(langue for langue in langues if langue != "en") if ANGLAIS in prises_en_charge else langues
