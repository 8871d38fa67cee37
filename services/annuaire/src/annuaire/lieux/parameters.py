"""Parameters of the places' routes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    TypeAdapter,
    model_validator,
)
from socle.web.instants import Instant
from socle.web.lecture_rapide import Deplacable
from socle.web.messages import ParametreFaux
from socle.web.pagination import ParametresPage

from annuaire.lieux.filtres import Facette, FiltresLieux, Format, Projection, plusieurs
from annuaire.lieux.horaires.expression import DERNIERE_ANNEE, PREMIERE_ANNEE
from annuaire.lieux.lecture.criteres import Criteres
from annuaire.referentiels.repository import Referentiels

ANNEES = (PREMIERE_ANNEE + 1, DERNIERE_ANNEE - 1)
"""Years in which an opening may be asked: those that calendars know."""

_LISTES = Referentiels.charger()


def moment(ecrit: Any) -> Any:
    """Read `maintenant` or an instant, in one sentence when it is neither."""
    if not isinstance(ecrit, str) or ecrit == "maintenant":
        return ecrit
    try:
        instant = _INSTANT.validate_python(ecrit).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            "`maintenant`, ou une date et une heure RFC 3339 avec leur fuseau, sont attendus (le + s'écrit %2B)"
        ) from None
    if not ANNEES[0] <= instant.year <= ANNEES[1]:
        raise ValueError(f"un instant des années {ANNEES[0]} à {ANNEES[1]} est attendu")
    return instant


_INSTANT = TypeAdapter[datetime](Instant)


class ParametresLieu(BaseModel):
    """Forme de la fiche d'un lieu."""

    projection: Projection = "complete"
    format: Format = None
    provenance: Annotated[
        bool, Field(description="Ajouter `provenance` : pour chaque champ, la source qui l'a dit et son rang.")
    ] = False

    @model_validator(mode="after")
    def _verifier(self) -> ParametresLieu:
        if self.provenance and (self.projection != "complete" or self.format == "geojson"):
            raise ParametreFaux("provenance", "`provenance` ne va qu'avec la fiche complète en JSON")
        return self


class ParametresLieux(ParametresPage, FiltresLieux, Deplacable):
    """Filtres d'une liste de lieux : les valeurs répétées d'un même filtre s'ajoutent, les filtres se croisent."""

    POINT: ClassVar[str] = "proche"

    ouvert_a: Annotated[
        Literal["maintenant"] | Instant | None,
        BeforeValidator(moment),
        Field(
            description="Ce qui est ouvert d'abord, puis ce dont les horaires sont inconnus, puis ce qui est fermé : "
            "`maintenant`, ou un instant (RFC 3339)."
        ),
    ] = None
    sans_public: Annotated[
        bool, Field(description="Avec `proche` : garder aussi les lieux qui ne reçoivent pas de public.")
    ] = False
    compte: Annotated[Literal["exact"] | None, Field(description="`exact` : ajouter le nombre total, `total`.")] = None
    facettes: Annotated[list[Facette], plusieurs("Champs dont compter les valeurs parmi les lieux trouvés.")]
    projection: Projection = "complete"
    format: Format = None

    @model_validator(mode="after")
    def _verifier(self) -> ParametresLieux:
        if self.sans_public and self.proche is None:
            raise ParametreFaux("sans_public", "`sans_public` demande `proche`")
        return self

    def instant(self, maintenant: datetime) -> datetime:
        """Return the instant at which openings are told, `ouvert_a` or the present one."""
        return self.ouvert_a.astimezone(UTC) if isinstance(self.ouvert_a, datetime) else maintenant

    @cached_property
    def criteres(self) -> Criteres:
        """Filters as values; a city is widened to its arrondissements, a theme to its services."""
        return Criteres(
            champs=tuple((nom, valeurs) for nom, valeurs in self._champs() if valeurs),
            rectangle=self.rectangle() if self.bbox is not None else None,
            modifie_depuis=self.modifie_depuis.timestamp() if self.modifie_depuis else None,
            recoit_du_public=self.proche is not None and not self.sans_public,
        )

    def _champs(self) -> list[tuple[str, tuple[str, ...]]]:
        champs = [("code_insee", self.communes())]
        if self.themes:
            couverts = [s for theme in _LISTES["themes"] if theme.valeur in self.themes for s in theme.services]
            champs.append(("services", tuple(dict.fromkeys(couverts)) or ("",)))
        return champs + self.valeurs()
