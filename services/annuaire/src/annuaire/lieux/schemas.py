"""The public document of a place, as the contract describes it. Answers are stored bytes: this model documents them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class QpvDuLieu(BaseModel):
    """Le quartier prioritaire du lieu. `dehors` : à plus de 500 m ; `bordure` : à moins de 50 m d'un bord."""

    code: str | None
    nom: str | None
    position: Literal["dedans", "proche", "dehors"]
    distance_m: int | None
    bordure: bool


class AccessibiliteLue(BaseModel):
    """Si le lieu est accessible, qui le dit, et la fiche qui le décrit. Jamais `non` faute de savoir."""

    etat: Literal["oui", "non", "inconnu"]
    source: str | None
    lien: str | None


class PassageLu(BaseModel):
    """Un arrêt d'un lieu itinérant : où, à quelles heures, entre quels jours (compris)."""

    latitude: float | None
    longitude: float | None
    adresse: str | None
    commune: str | None
    horaires: Annotated[str | None, Field(description="Au format OSM opening_hours, à l'heure du lieu.")]
    du: date | None
    au: date | None


class PassageEnCours(BaseModel):
    """L'arrêt d'un lieu itinérant dont on parle : `rang` est sa place dans `passages`."""

    rang: int
    latitude: float | None
    longitude: float | None
    adresse: str | None
    commune: str | None


class OuvertureLue(BaseModel):
    """S'il est ouvert au moment de la réponse, à l'heure de l'endroit. `inconnu` : la source ne le dit pas."""

    etat: Literal["ouvert", "ouvert_sur_rdv", "ferme", "inconnu"]
    ferme_a: Annotated[datetime | None, Field(description="Fin de l'ouverture en cours.")]
    prochaine: Annotated[datetime | None, Field(description="Prochaine ouverture, dans les 14 jours.")]
    passage: Annotated[
        PassageEnCours | None,
        Field(
            description="D'un lieu itinérant seulement : l'arrêt où il est, ou celui de sa prochaine ouverture. La "
            "distance, la carte et la projection compacte sont celles de cet arrêt. Absent : à l'adresse du lieu."
        ),
    ] = None


class FicheLieu(BaseModel):
    """Un lieu : les 32 champs du standard national, puis ceux de Maillage. Un champ inconnu vaut `null` ou `[]`."""

    id: UUID
    pivot: Annotated[str | None, Field(description="SIRET, RNA ou RIDET de la structure.")]
    nom: str
    commune: str | None
    code_postal: str | None
    code_insee: str | None
    adresse: str | None
    complement_adresse: str | None
    latitude: float | None
    longitude: float | None
    typologie: list[str]
    telephone: str | None
    courriels: list[str]
    site_web: list[str]
    horaires: Annotated[str | None, Field(description="Au format OSM opening_hours.")]
    presentation_resume: str | None
    presentation_detail: str | None
    source: str | None
    itinerance: list[str]
    structure_parente: str | None
    date_maj: date | None
    services: list[str]
    publics_specifiquement_adresses: list[str]
    prise_en_charge_specifique: list[str]
    frais_a_charge: list[str]
    dispositif_programmes_nationaux: list[str]
    formations_labels: list[str]
    autres_formations_labels: list[str]
    modalites_acces: list[str]
    modalites_accompagnement: list[str]
    fiche_acces_libre: str | None
    prise_rdv: str | None
    telephones: list[str]
    horaires_brut: Annotated[str | None, Field(description="Les horaires tels que la source les écrit.")]
    structure_id: UUID | None
    departement: str | None
    region: str | None
    epci: str | None
    fuseau: Annotated[str | None, Field(description="Fuseau horaire (IANA).")]
    qpv: QpvDuLieu | None
    accessibilite: AccessibiliteLue
    langues: Annotated[list[str], Field(description="Langues parlées (ISO 639), quand la source les dit.")]
    passages: Annotated[list[PassageLu], Field(description="Arrêts d'un lieu itinérant.")]
    publication_contact: Annotated[
        bool | None,
        Field(description="Ce que la liste dit de la publication des contacts ; `false` : ils sont masqués."),
    ]
    sources: list[str]
    licence: str
    verifie_le: datetime | None
    version: int
    modifie_le: datetime
    modifie: Annotated[int, Field(description="Numéro de changement (flux).")]


class ProvenanceLue(BaseModel):
    """D'où vient la valeur d'un champ : la source qui l'emporte, et sa clé dans cette source."""

    source: str
    cle: str
    modifie_le: Annotated[date | None, Field(description="Date de mise à jour dite par la source.")]
    rang: int
    origine: Annotated[str, Field(description="`declare`, `deduit` ou `defaut`.")]
    avec: Annotated[list[str] | None, Field(description="Autres sources dont les valeurs s'ajoutent.")] = None


class LieuLu(FicheLieu):
    """Un lieu, et s'il est ouvert."""

    ouverture: OuvertureLue
    provenance: Annotated[
        dict[str, ProvenanceLue] | None, Field(description="Avec `provenance=true` : d'où vient chaque champ.")
    ] = None


class LieuProche(LieuLu):
    """Un lieu, avec sa distance au point demandé quand il y en a un."""

    distance_m: Annotated[int | None, Field(description="Mètres, à vol d'oiseau.")] = None


class LieuCompact(BaseModel):
    """Un lieu en peu d'octets (`projection=compacte`)."""

    id: UUID
    nom: str
    latitude: float | None
    longitude: float | None
    telephone: str | None
    modalites_acces: list[str]
    frais_a_charge: list[str]
    services: list[str]
    verifie_le: datetime | None
    ouverture: OuvertureLue
    distance_m: Annotated[int | None, Field(description="Mètres, à vol d'oiseau.")] = None


class Comptes(BaseModel):
    """Ce qui suit les éléments d'une page."""

    suivant: str | None
    total: Annotated[int | None, Field(description="Seulement avec `compte=exact`.")] = None
    ouverts: Annotated[int | None, Field(description="Avec `ouvert_a` : lieux ouverts, sur rendez-vous compris.")] = (
        None
    )
    inconnus: Annotated[int | None, Field(description="Avec `ouvert_a` : lieux dont les horaires sont inconnus.")] = (
        None
    )
    fermes: Annotated[int | None, Field(description="Avec `ouvert_a` : lieux fermés.")] = None
    facettes: Annotated[
        dict[str, dict[str, int]] | None, Field(description="Avec `facettes` : lieux de chaque valeur, par champ.")
    ] = None
    valable_jusqu_a: Annotated[
        datetime | None, Field(description="Prochain changement d'état de l'un des lieux de la page.")
    ] = None


class PageLieux(Comptes):
    """Une page de lieux."""

    elements: list[LieuProche]


class PageCompacte(Comptes):
    """Une page de lieux en projection compacte."""

    elements: list[LieuCompact]


class Point(BaseModel):
    """Un point, longitude puis latitude (WGS84)."""

    type: Literal["Point"]
    coordinates: Annotated[list[float], Field(min_length=2, max_length=2)]


class EntiteLieu(BaseModel):
    """Un lieu en GeoJSON (RFC 7946) ; ses propriétés sont celles de la fiche demandée."""

    type: Literal["Feature"]
    id: UUID
    geometry: Point | None
    properties: LieuProche | LieuCompact


class CollectionLieux(Comptes):
    """Une page de lieux en GeoJSON."""

    type: Literal["FeatureCollection"]
    features: list[EntiteLieu]


_REFERENCES = "#/components/schemas/"


def en_geojson(modele: type[BaseModel]) -> dict[str, Any]:
    """Return the OpenAPI content of an answer in GeoJSON."""
    return {"application/geo+json": {"schema": {"$ref": _REFERENCES + modele.__name__}}}


def completer_contrat(
    contrat: dict[str, Any], modeles: Sequence[type[BaseModel]] = (CollectionLieux, EntiteLieu)
) -> None:
    """Add to a contract models that only GeoJSON answers use, those of the lists of places by default."""
    for modele in modeles:
        schema = modele.model_json_schema(ref_template=_REFERENCES + "{model}", mode="serialization")
        schemas = contrat["components"]["schemas"]
        for nom, defini in {**schema.pop("$defs"), modele.__name__: schema}.items():
            schemas.setdefault(nom, defini)
