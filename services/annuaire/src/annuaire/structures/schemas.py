"""The public document of a structure, as the contract describes it. Answers are stored bytes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from socle.web.instants import Jour

from annuaire.referentiels.repository import Referentiels
from annuaire.structures.rules import pivot_valide

TYPES = "types_de_structure"


def _type_connu(valeur: str) -> str:
    liste = Referentiels.charger()[TYPES]
    if valeur not in {v.valeur for v in liste.valeurs}:
        connus = ", ".join(v.valeur for v in liste.valeurs)
        raise ValueError(f"type inconnu ; les types sont : {connus}")
    return valeur


def _dire_les_types(schema: dict[str, Any]) -> None:
    schema["items"] = {"type": "string", "enum": [v.valeur for v in Referentiels.charger()[TYPES].valeurs]}


def _pivot_juste(valeur: str) -> str:
    if not pivot_valide(valeur):
        raise ValueError("numéro invalide : un SIRET, un SIREN, un RNA ou un RIDET est attendu")
    return valeur


class StructureASaisir(BaseModel):
    """Une organisation à inscrire, qu'elle ait un lieu ou non."""

    model_config = ConfigDict(extra="forbid")

    nom: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=255),
        Field(examples=["Hub fictif du Centre"], json_schema_extra={"pattern": r"\S"}),
    ]
    types: Annotated[
        list[Annotated[str, AfterValidator(_type_connu)]],
        Field(
            min_length=1,
            max_length=10,
            description="Référentiel `types_de_structure`.",
            examples=[["hub"]],
            json_schema_extra=_dire_les_types,
        ),
    ]
    pivot: (
        Annotated[
            str,
            AfterValidator(_pivot_juste),
            # The validator says what is wrong, keys included; the schema only says the form.
            Field(
                max_length=14,
                description="SIRET, SIREN, RNA ou RIDET.",
                json_schema_extra={"pattern": r"^(\d{7}|\d{9,10}|\d{14}|W\d[0-9A-Z]\d{7})$"},
            ),
        ]
        | None
    ) = None
    sans_siret_motif: Annotated[
        str | None,
        Field(
            min_length=3,
            max_length=200,
            description="Pourquoi la structure n'a pas de numéro.",
            examples=["collectif d'habitants"],
        ),
    ] = None
    code_insee: Annotated[str | None, Field(pattern=r"^(\d{2}|2[AB])\d{3}$", description="Commune du siège.")] = None
    parent_id: UUID | None = None
    valide_du: Jour | None = None
    valide_au: Jour | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.pivot is None) == (self.sans_siret_motif is None):
            raise ValueError("donnez `pivot`, ou bien `sans_siret_motif`")
        if self.valide_du and self.valide_au and self.valide_au < self.valide_du:
            raise ValueError("`valide_au` précède `valide_du`")
        return self


class StructureLue(BaseModel):
    """Une organisation : association, collectivité, Hub, bailleur, financeur…"""

    id: UUID
    nom: str
    types: Annotated[list[str], Field(description="Référentiel `types-structures`.")]
    pivot: Annotated[str | None, Field(description="SIRET, SIREN, RNA ou RIDET.")]
    pivot_forme: Literal["siret", "siren", "rna", "ridet"] | None
    siren: str | None
    sans_siret_motif: str | None
    code_insee: str | None
    departement: str | None
    region: str | None
    epci: str | None
    parent_id: UUID | None
    valide_du: date | None
    valide_au: date | None
    origine: Annotated[
        Literal["reference", "deduit", "saisie"],
        Field(description="`reference` : code officiel géographique ; `deduit` : de ses lieux ; `saisie`."),
    ]
    version: int
    modifie_le: datetime
    modifie: Annotated[int, Field(description="Numéro de changement (flux).")]


class PageStructures(BaseModel):
    """Une page de structures."""

    elements: list[StructureLue]
    suivant: str | None
