"""The whole document: how to read the file, what makes a key, which rows are one place, and every field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from annuaire.correspondances.document.base import (
    Colonne,
    Modele,
    Mot,
    forme,
    seulement,
    un_seul,
)
from annuaire.correspondances.document.expressions import Valeur
from annuaire.correspondances.document.listes import Regle, Regles, UnDrapeau
from annuaire.correspondances.document.semaine import DesHoraires
from annuaire.territoires.projections import SYSTEMES, reconnaitre_systeme

VERSION: Final = 1
NOMS_DE_COLONNES: Final = 1_000

ChampDeCle = Literal["pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "telephone"]
"""Fields that may make a key: those that name a place and last."""
ChampDeGroupe = Literal[
    "cle", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "telephone", "courriels", "site_web"
]
ChampUni = Literal[
    "typologie", "telephone", "courriels", "site_web", "itinerance", "services", "publics_specifiquement_adresses",
    "prise_en_charge_specifique", "frais_a_charge", "dispositif_programmes_nationaux", "formations_labels",
    "autres_formations_labels", "modalites_acces", "modalites_accompagnement", "langues", "passages",
]  # fmt: skip


Encodage = Literal["utf-8", "utf-16", "windows-1252", "iso-8859-15"]
Delimiteur = Literal[",", ";", "\t", "|"]


class LectureVoulue(Modele):
    """Ce qu'il vaut mieux dire que laisser deviner du fichier."""

    feuille: Annotated[str | None, Field(min_length=1, max_length=255, description="Feuille d'un classeur.")] = None
    ligne_entetes: Annotated[int | None, Field(ge=1, le=101, description="Ligne des noms de colonnes.")] = None
    encodage: Annotated[Encodage | None, Field(description="CSV : les caractères.")] = None
    delimiteur: Annotated[Delimiteur | None, Field(description="CSV : ce qui sépare.")] = None
    cle_json: Annotated[
        str | None, Field(max_length=1_000, description='Chemin de la liste dans un JSON, `""` pour le sommet.')
    ] = None


class Cle(Modele):
    """Ce qui identifie une ligne d'un envoi à l'autre : une colonne, plusieurs, ou des champs du lieu."""

    colonne: Colonne | None = None
    colonnes: Annotated[tuple[Colonne, ...] | None, Field(strict=False, min_length=1, max_length=5)] = None
    deriver: Annotated[
        tuple[ChampDeCle, ...] | None,
        Field(strict=False, min_length=1, max_length=5, description="Champs du lieu dont se déduit la clé."),
    ] = None

    @model_validator(mode="after")
    def _une_source(self) -> Cle:
        seulement(self, un_seul(self, ("colonne", "colonnes", "deriver")), ())
        return self


class Regroupement(Modele):
    """Plusieurs lignes disent un même lieu : celles dont les champs `par` sont les mêmes, une fois nettoyés."""

    par: Annotated[tuple[ChampDeGroupe, ...], Field(strict=False, min_length=1, max_length=6)]
    unir: Annotated[
        tuple[ChampUni, ...] | None,
        Field(
            strict=False,
            max_length=20,
            description="Champs dont les valeurs s'ajoutent d'une ligne à l'autre (par défaut, tous ceux qui admettent "
            "plusieurs valeurs) ; pour les autres, la première valeur est gardée et les différences sont dites.",
        ),
    ] = None


def _systeme(valeur: Any) -> Any:
    systeme = reconnaitre_systeme(valeur)
    if systeme is None:
        raise ValueError(f"ce système de coordonnées n'est pas connu ; connus : {', '.join(SYSTEMES)}, ou un code EPSG")
    return systeme


class Coordonnees(Modele):
    """Le point : deux colonnes `x` et `y`, ou une seule (`point`) qui tient les deux.

    `point` lit « 48,85 ; 2,35 », un texte WKT `POINT (2.35 48.85)`, une géométrie GeoJSON, un objet `{lat, lon}`.
    Dans un système projeté, `x` est l'abscisse (est) et `y` l'ordonnée (nord), en mètres.
    """

    systeme: Annotated[
        str,
        BeforeValidator(_systeme),
        Field(description=f"Un de : {', '.join(SYSTEMES)} ; ou le code EPSG.", examples=["lambert93", "EPSG:2154"]),
    ] = "wgs84"
    x: Annotated[Valeur | None, Field(description="Abscisse, ou longitude.")] = None
    y: Annotated[Valeur | None, Field(description="Ordonnée, ou latitude.")] = None
    point: Annotated[Colonne | None, Field(description="Colonne qui tient les deux coordonnées.")] = None
    ordre: Annotated[
        Literal["latitude longitude", "longitude latitude"],
        Field(description="Ordre des deux nombres d'un `point` écrit en texte simple."),
    ] = "latitude longitude"

    @model_validator(mode="after")
    def _complet(self) -> Coordonnees:
        if self.point is not None and (self.x is not None or self.y is not None):
            raise ValueError("`point` tient déjà les deux coordonnées : ni `x`, ni `y`")
        if self.point is None and (self.x is None or self.y is None):
            raise ValueError("il faut `x` et `y`, ou `point`")
        return self


class Passage(Modele):
    """Un arrêt d'un lieu itinérant ; avec `pour_chaque`, les colonnes se lisent dans chaque élément de cette liste."""

    pour_chaque: Annotated[Colonne | None, Field(description="Colonne qui tient une liste d'arrêts (JSON).")] = None
    adresse: Valeur | None = None
    commune: Valeur | None = None
    latitude: Valeur | None = None
    longitude: Valeur | None = None
    coordonnees: Coordonnees | None = None
    horaires: DesHoraires | None = None
    du: Annotated[Valeur | None, Field(description="Premier jour.")] = None
    au: Annotated[Valeur | None, Field(description="Dernier jour.")] = None

    @model_validator(mode="after")
    def _dit_ou(self) -> Passage:
        if self.coordonnees is not None and (self.latitude is not None or self.longitude is not None):
            raise ValueError("`coordonnees`, ou `latitude` et `longitude`, pas les deux")
        if all(getattr(self, nom) is None for nom in ("adresse", "commune", "latitude", "coordonnees")):
            raise ValueError("un passage dit au moins où il est : adresse, commune ou coordonnées")
        return self


def _passages(valeur: Any) -> Any:
    return valeur if isinstance(valeur, tuple) else (valeur,)


def _forme_passages(valeur: Any) -> str:
    return "liste" if isinstance(valeur, (list, tuple)) else "complet"


if TYPE_CHECKING:
    DesPassages = tuple[Passage, ...]
    LaCle = Cle
else:
    DesPassages = Annotated[
        Annotated[Passage, Tag("complet")]
        | Annotated[tuple[Passage, ...], Field(strict=False, min_length=1, max_length=60), Tag("liste")],
        Discriminator(_forme_passages),
        AfterValidator(_passages),
    ]
    LaCle = Annotated[
        Annotated[Colonne, Tag("abrege")] | Annotated[Cle, Tag("complet")],
        Discriminator(forme),
        AfterValidator(lambda valeur: Cle(colonne=valeur) if isinstance(valeur, str) else valeur),
    ]


class Champs(Modele):
    """Les champs du standard, et ce que l'annuaire dit de plus : seuls ceux que la liste connaît."""

    pivot: Valeur | None = None
    nom: Valeur
    commune: Valeur | None = None
    code_postal: Valeur | None = None
    code_insee: Valeur | None = None
    adresse: Valeur | None = None
    complement_adresse: Valeur | None = None
    latitude: Valeur | None = None
    longitude: Valeur | None = None
    typologie: Regles = ()
    telephone: Valeur | None = None
    courriels: Valeur | None = None
    site_web: Valeur | None = None
    horaires: DesHoraires | None = None
    presentation_resume: Valeur | None = None
    presentation_detail: Valeur | None = None
    source: Valeur | None = None
    itinerance: Regles = ()
    structure_parente: Valeur | None = None
    date_maj: Valeur | None = None
    services: Regles = ()
    publics_specifiquement_adresses: Regles = ()
    prise_en_charge_specifique: Regles = ()
    frais_a_charge: Regles = ()
    dispositif_programmes_nationaux: Regles = ()
    formations_labels: Regles = ()
    autres_formations_labels: Regles = ()
    modalites_acces: Regles = ()
    modalites_accompagnement: Regles = ()
    fiche_acces_libre: Valeur | None = None
    prise_rdv: Valeur | None = None
    accessibilite: Annotated[UnDrapeau | None, Field(description="Accessible aux personnes à mobilité réduite.")] = None
    langues: Annotated[Regles, Field(description="Langues parlées : noms français ou codes ISO 639-1.")] = ()
    passages: Annotated[DesPassages, Field(description="Arrêts d'un lieu itinérant.")] = ()
    publication_contact: Annotated[
        UnDrapeau | None, Field(description="Accord de la personne pour publier ses coordonnées.")
    ] = None


class Correspondance(Modele):
    """Comment une liste se lit : d'où vient chaque champ du lieu."""

    maillage: Annotated[Literal[1], Field(description="Version de cette forme.")]
    titre: Annotated[str | None, Field(max_length=200)] = None
    lecture: LectureVoulue = LectureVoulue()
    cle: LaCle | None = None
    regrouper: Regroupement | None = None
    coordonnees: Coordonnees | None = None
    vides: Annotated[
        tuple[Mot, ...], Field(strict=False, max_length=100, description="Cases qui veulent dire « rien » ici.")
    ] = ()
    champs: Champs
    ignorees: Annotated[
        tuple[Colonne, ...],
        Field(strict=False, max_length=NOMS_DE_COLONNES, description="Colonnes laissées de côté, sciemment."),
    ] = ()
    facultatives: Annotated[
        tuple[Colonne, ...],
        Field(strict=False, max_length=NOMS_DE_COLONNES, description="Colonnes qui peuvent manquer à un envoi."),
    ] = ()

    @field_validator("maillage", mode="before")
    @classmethod
    def _version(cls, valeur: Any) -> Any:
        if valeur != VERSION or isinstance(valeur, bool):
            raise ValueError(f"cette version de la forme n'est pas connue : écrivez `maillage: {VERSION}`")
        return valeur

    @model_validator(mode="after")
    def _un_seul_point(self) -> Correspondance:
        if self.coordonnees is not None and (self.champs.latitude is not None or self.champs.longitude is not None):
            raise ValueError("`coordonnees`, ou `champs.latitude` et `champs.longitude`, pas les deux")
        return self


#: Fields filled by rules, whose values are those of a closed list unless said.
LISTES: Final = tuple(nom for nom, champ in Champs.model_fields.items() if champ.default == () and nom != "passages")
LIBRES: Final = frozenset({"autres_formations_labels", "langues"})


def regles_de(champs: Champs) -> dict[str, tuple[Regle, ...]]:
    """Return the rules of each list that has some."""
    return {nom: regles for nom in LISTES if (regles := getattr(champs, nom))}
