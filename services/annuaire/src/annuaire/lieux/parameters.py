"""Parameters of the places' routes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from socle.web.pagination import ParametresPage

from annuaire.lieux.repository import Filtres

CodeCommune = Annotated[str, Field(pattern=r"^(\d{2}|2[AB])\d{3}$")]
CodePostal = Annotated[str, Field(pattern=r"^\d{5}$")]
CodeDepartement = Annotated[str, Field(pattern=r"^(\d{2}|2[AB]|9[78]\d)$")]
CodeRegion = Annotated[str, Field(pattern=r"^\d{2,3}$")]
CodeEpci = Annotated[str, Field(pattern=r"^\d{9}$")]
CodeQpv = Annotated[str, Field(pattern=r"^QN[0-9AB]{5}[A-Z]$")]
IdSource = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]

VALEURS_MAX = 100


class ParametresLieux(ParametresPage):
    """Filtres d'une liste de lieux : les valeurs répétées d'un même filtre s'ajoutent, les filtres se croisent."""

    code_insee: Annotated[
        list[CodeCommune], Field(max_length=VALEURS_MAX, description="Commune ou arrondissement (code INSEE).")
    ] = []
    code_postal: Annotated[list[CodePostal], Field(max_length=VALEURS_MAX, description="Code postal.")] = []
    departement: Annotated[list[CodeDepartement], Field(max_length=VALEURS_MAX, description="Département.")] = []
    region: Annotated[list[CodeRegion], Field(max_length=VALEURS_MAX, description="Région.")] = []
    epci: Annotated[list[CodeEpci], Field(max_length=VALEURS_MAX, description="EPCI (SIREN).")] = []
    qpv: Annotated[
        list[CodeQpv],
        Field(max_length=VALEURS_MAX, description="Quartier prioritaire où se trouve le lieu, ou à 500 m."),
    ] = []
    source: Annotated[list[IdSource], Field(max_length=VALEURS_MAX, description="Source de la fiche.")] = []
    proche: Annotated[
        str | None,
        Field(
            pattern=r"^-?\d{1,2}(\.\d{1,10})?,-?\d{1,3}(\.\d{1,10})?$",
            description="`latitude,longitude` : trie par distance, du plus proche au plus lointain.",
            examples=["48.8566,2.3522"],
        ),
    ] = None
    rayon: Annotated[
        int | None, Field(ge=1, le=100_000, description="Rayon en mètres autour de `proche` (10 000 par défaut).")
    ] = None
    sans_public: Annotated[
        bool, Field(description="Avec `proche` : garder aussi les lieux qui ne reçoivent pas de public.")
    ] = False
    compte: Annotated[
        str | None, Field(pattern="^exact$", description="`exact` : ajouter le nombre total, `total`.")
    ] = None

    @model_validator(mode="after")
    def _verifier(self) -> ParametresLieux:
        if self.proche is None:
            if self.rayon is not None:
                raise ValueError("`rayon` demande `proche`")
            if self.sans_public:
                raise ValueError("`sans_public` demande `proche`")
        else:
            latitude, longitude = self.point()
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise ValueError("`proche` attend `latitude,longitude` en degrés")
        return self

    def point(self) -> tuple[float, float]:
        """Return the point of `proche` in degrees."""
        latitude, _, longitude = (self.proche or "0,0").partition(",")
        return float(latitude), float(longitude)

    def filtres(self) -> Filtres:
        """Return the filters as values."""
        return Filtres(
            code_insee=tuple(self.code_insee),
            code_postal=tuple(self.code_postal),
            departement=tuple(self.departement),
            region=tuple(self.region),
            epci=tuple(self.epci),
            qpv=tuple(self.qpv),
            source_id=tuple(self.source),
        )
