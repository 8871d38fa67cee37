"""Answers of search, as the contract describes them. Most are stored bytes: these models document them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from annuaire.lieux import schemas as lieux
from annuaire.lieux.schemas import LieuCompact, LieuLu, Point
from annuaire.recherche.champs import Facette
from annuaire.structures.schemas import StructureLue

Passage = Annotated[list[int], Field(min_length=2, max_length=2)]
"""Premier caractère, et celui qui suit le dernier, en points de code Unicode."""


class PertinenceLue(BaseModel):
    """Ce qui a fait trouver un élément."""

    score: Annotated[float, Field(description="De 0 à 1.")]
    mots: Annotated[list[str], Field(description="Mots de la fiche qui répondent à `q`, sans accents ni casse.")]
    surlignages: Annotated[
        dict[str, list[Passage] | list[list[Passage]]] | None,
        Field(
            description="Avec `surlignage=true`, par champ : où sont ces mots (`[début, fin]`, en points de code "
            "Unicode, fin exclue) ; pour un champ à plusieurs valeurs, une liste par valeur."
        ),
    ] = None


class _Trouve(BaseModel):
    """Ce que la recherche ajoute à une fiche."""

    pertinence: PertinenceLue
    distance_m: Annotated[int | None, Field(description="Avec `proche` : mètres, à vol d'oiseau.")] = None


class LieuTrouve(LieuLu, _Trouve):
    """Un lieu trouvé : sa fiche publique, s'il est ouvert, et pourquoi il est là."""

    genre: Literal["lieu"]


class LieuCompactTrouve(LieuCompact, _Trouve):
    """Un lieu trouvé, en peu d'octets (`projection=compacte`)."""

    genre: Literal["lieu"]


class StructureTrouvee(StructureLue, _Trouve):
    """Une structure trouvée : sa fiche publique, et pourquoi elle est là."""

    genre: Literal["structure"]
    ouverture: None


class _Compte(BaseModel):
    """Ce qui suit les éléments trouvés."""

    total: Annotated[int, Field(description="Nombre de résultats, exact jusqu'à 1 000.")]
    total_minimal: Annotated[bool, Field(description="Vrai quand il y en a davantage que `total`.")]
    page: int
    pages: int
    facettes: Annotated[
        dict[str, dict[str, int]] | None,
        Field(
            description="Par champ, le nombre d'éléments de chaque valeur ; `null` si le moteur ne sait pas compter."
        ),
    ]
    assouplie: Annotated[bool, Field(description="Rien n'avait tous les mots : certains ont été lâchés.")]
    mots_abandonnes: list[str]
    correction: Annotated[
        str | None, Field(description="La question telle que les fiches l'écrivent, si elle diffère.")
    ]
    moteur: Literal["meilisearch", "embarque", "base"]
    degrade: Annotated[bool, Field(description="Un moteur de secours a répondu.")]
    generation: Annotated[str, Field(description="Index qui a répondu : d'une génération à l'autre, l'ordre change.")]
    valable_jusqu_a: Annotated[
        datetime | None, Field(description="Prochain changement d'état de l'un des lieux de la page.")
    ]


class PageRecherche(_Compte):
    """Une page de résultats."""

    elements: list[LieuTrouve | LieuCompactTrouve | StructureTrouvee]


class EntiteTrouvee(BaseModel):
    """Un résultat en GeoJSON (RFC 7946) ; une structure n'a pas de point."""

    type: Literal["Feature"]
    id: UUID
    geometry: Point | None
    properties: LieuTrouve | LieuCompactTrouve | StructureTrouvee


class CollectionTrouvee(_Compte):
    """Une page de résultats en GeoJSON."""

    type: Literal["FeatureCollection"]
    features: list[EntiteTrouvee]


class SuggestionLue(BaseModel):
    """De quoi compléter ce qui est tapé, et que demander ensuite."""

    genre: Literal["lieu", "structure", "commune", "service"]
    libelle: str
    detail: Annotated[str | None, Field(description="Seconde ligne : commune, département.")]
    id: Annotated[UUID | None, Field(description="D'un lieu ou d'une structure.")]
    code: Annotated[str | None, Field(description="D'une commune (INSEE) ou d'un service.")]
    filtre: Annotated[
        dict[str, str] | None,
        Field(description="Le filtre de recherche qui correspond, d'une commune ou d'un service."),
    ]
    lien: Annotated[str, Field(description="Ce qu'il faut demander ensuite, sous la même adresse.")]
    distance_m: Annotated[int | None, Field(description="Avec `proche`, d'un lieu : mètres, à vol d'oiseau.")]


class SuggestionsLues(BaseModel):
    """Des suggestions, la meilleure d'abord."""

    suggestions: list[SuggestionLue]


class ValeurDeFacette(BaseModel):
    """Une valeur d'une facette."""

    valeur: str
    libelle: Annotated[str, Field(description="Nom du territoire ou du code, sinon la valeur.")]
    nombre: int


class FacetteLue(BaseModel):
    """Les valeurs d'une facette, la plus fréquente d'abord, 150 au plus."""

    facette: Facette
    valeurs: list[ValeurDeFacette]


def completer_contrat(contrat: dict[str, Any]) -> None:
    """Add to a contract the models that only GeoJSON answers use."""
    lieux.completer_contrat(contrat, (CollectionTrouvee, EntiteTrouvee))
