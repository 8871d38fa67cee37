"""What the report of a source says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from annuaire.sources.schemas import Fraicheur
from annuaire.synchronisation.schemas import LignesLues, PlanResume


class SynchronisationDuBilan(BaseModel):
    """La dernière synchronisation appliquée ; un `delta` ne dit que ses lignes, un `retour` n'en lit aucune."""

    id: UUID
    mode: str
    recue_le: datetime
    appliquee_le: datetime | None
    lignes: LignesLues | None
    plan: PlanResume | None


class Ages(BaseModel):
    """Fiches par âge de leur `date_maj` : 183, 365 et 730 jours. Une date à venir compte au jour de sa réception."""

    moins_de_6_mois: int = 0
    de_6_a_12_mois: int = 0
    de_1_a_2_ans: int = 0
    plus_de_2_ans: int = 0
    inconnue: int = 0


class Defaut(BaseModel):
    """Ce que la lecture a rejeté, vidé ou corrigé."""

    code: str
    champ: str | None
    nombre: int
    exemple: Annotated[str, Field(description="Le premier, dit en français ; les contacts en sont masqués.")]


class Manques(BaseModel):
    """Fiches auxquelles il manque de quoi trouver le lieu ou s'y rendre."""

    sans_horaires: int
    horaires_non_compris: Annotated[
        int, Field(description="Parmi `sans_horaires`, celles dont les horaires sont écrits, et n'ont pas été compris.")
    ]
    sans_telephone: int
    sans_point: int


class ChampPerdu(BaseModel):
    """Un champ que ces fiches renseignent, et dont l'annuaire montre la valeur d'une autre source."""

    champ: str
    source_gagnante: str
    nombre: int


class DoublonsAvec(BaseModel):
    """Les paires à voir avec une source."""

    source: str
    nombre: int


class DoublonsDuBilan(BaseModel):
    """Les paires de fiches qui attendent une décision (`GET /annuaire/v1/doublons`)."""

    a_voir: int
    avec: list[DoublonsAvec]


class Couverture(BaseModel):
    """Ce que la source couvre d'un département ; `null` : des lieux qu'aucun département ne situe.

    Une commune compte une fois dès qu'un lieu s'y trouve, quel que soit son arrondissement.
    """

    departement: str | None
    nom: str | None
    lieux: int
    lieux_de_toutes: Annotated[int, Field(description="Lieux du département, toutes sources confondues.")]
    communes: int
    communes_de_toutes: Annotated[int, Field(description="Communes où une source au moins a un lieu.")]


class BilanLu(BaseModel):
    """Où en est une source : fraîcheur, défauts de sa liste, manques, champs perdus, doublons, couverture."""

    source: str
    nom: str
    etabli_le: Annotated[date, Field(description="Jour (UTC) depuis lequel les âges se comptent.")]
    fraicheur: Fraicheur
    synchronisation: SynchronisationDuBilan | None
    fiches: Annotated[int, Field(description="Fiches en vigueur : les lignes de la liste que l'annuaire tient.")]
    ages: Ages
    rejets: Annotated[
        list[Defaut],
        Field(description="Lignes rejetées par motif ; une ligne rejetée pour deux motifs compte dans les deux."),
    ]
    cellules_videes: Annotated[list[Defaut], Field(description="Cellules lues comme vides, par motif et champ.")]
    corrections: Annotated[list[Defaut], Field(description="Cellules corrigées, par sorte et champ.")]
    manques: Manques
    champs_perdus: list[ChampPerdu]
    doublons: DoublonsDuBilan
    couverture: list[Couverture]
