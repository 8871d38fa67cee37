"""What is said of the fetching of a list, and what is asked to set it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from annuaire.sources.tirage.cadence import lire

Format = Literal["csv", "json", "geojson", "ndjson", "xlsx"]


class TirageADefinir(BaseModel):
    """Où aller chercher la liste d'une source, et à quelle cadence."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[
        str,
        Field(
            min_length=9,
            max_length=2000,
            pattern=r"^https?://[^\s\\\x00-\x1f\x7f]+$",
            description="Adresse https de la liste, ou lien de partage : Google Sheets, Nextcloud, Grist, Framacalc, "
            "data.gouv.fr, Opendatasoft…",
            examples=["https://exemple.fr/lieux.csv"],
        ),
    ]
    cadence: Annotated[
        str,
        Field(
            min_length=3,
            max_length=64,
            description="Ligne de cron à l'heure de Paris (`0 3 * * *`), ou durée (`PT6H`) ; 15 minutes au moins.",
            examples=["0 3 * * *", "PT6H"],
        ),
    ] = "P1D"
    format: Annotated[Format | None, Field(description="À dire seulement si Maillage se trompe.")] = None
    mode: Annotated[
        Literal["complet", "delta"],
        Field(description="`complet` : ce qui n'y est plus est retiré. `delta` : le reste n'est pas touché."),
    ] = "complet"
    auth_ref: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
            description="Nom d'un secret d'accès déposé par l'administrateur ; le secret ne passe jamais par l'API.",
        ),
    ] = None

    @field_validator("cadence")
    @classmethod
    def _cadence(cls, cadence: str) -> str:
        lire(cadence)
        return " ".join(cadence.split())


class TirageLu(BaseModel):
    """Comment une liste est tirée, et ce qu'il en a été la dernière fois."""

    source: str
    url: str
    telechargement: Annotated[str, Field(description="L'adresse appelée, déduite du lien de partage.")]
    outil: Annotated[str | None, Field(description="L'outil reconnu dans le lien de partage.")]
    format: Format | None
    cadence: str
    mode: Literal["complet", "delta"]
    auth_ref: str | None
    version: int
    etat: Annotated[
        Literal["a_venir", "a_jour", "en_echec", "degradee"],
        Field(description="`degradee` : cinq échecs de suite, les lieux restent ceux du dernier tirage réussi."),
    ]
    issue: Annotated[str | None, Field(description="Ce que le dernier essai a donné.", examples=["inchange"])]
    message: Annotated[str | None, Field(description="La même chose en une phrase.")]
    echecs: Annotated[int, Field(description="Échecs de suite.")]
    essai_le: datetime | None
    succes_le: datetime | None
    prochain_le: datetime
    synchronisation: Annotated[UUID | None, Field(description="La dernière synchronisation née d'un tirage.")]
