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
from socle.web.formes import Forme
from socle.web.instants import Instant
from socle.web.lecture_rapide import Deplacable
from socle.web.messages import ParametreFaux
from socle.web.pagination import ParametresPage

from annuaire.lieux.horaires.expression import DERNIERE_ANNEE, PREMIERE_ANNEE
from annuaire.lieux.lecture.criteres import Criteres, Rectangle
from annuaire.referentiels.parameters import ValeurDe
from annuaire.referentiels.repository import Referentiels
from annuaire.territoires.codes import (
    CodeCommune,
    CodeDepartement,
    CodeEpci,
    CodePostal,
    CodeQpv,
    CodeRegion,
)
from annuaire.territoires.referentiel import Referentiel

IdSource = Annotated[str, Forme(r"^[a-z0-9-]{1,64}$", "un identifiant de source (minuscules, chiffres et tirets)")]
Langue = Annotated[str, Forme(r"^[a-z]{2,3}$", "un code de langue ISO 639, comme fr,")]

VALEURS_MAX = 100
RECTANGLE_MAX_DEG = 2.0
ANNEES = (PREMIERE_ANNEE + 1, DERNIERE_ANNEE - 1)
"""Years in which an opening may be asked: those that calendars know."""

_DEGRES = r"-?\d{1,3}(\.\d{1,10})?"
_RECTANGLE = f"^{_DEGRES}(,{_DEGRES}){{3}}$"
_POINT = r"^-?\d{1,2}(\.\d{1,10})?,-?\d{1,3}(\.\d{1,10})?$"

_LISTES = Referentiels.charger()


def _arrondissements(commune: str) -> list[str]:
    return [a.code for a in Referentiel.charger().arrondissements(commune)]


def _moment(ecrit: Any) -> Any:
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


def _plusieurs(description: str) -> Any:
    return Field(default_factory=list, max_length=VALEURS_MAX, description=description)


Facette = Literal[
    "departement", "region", "epci", "sources", "typologie", "services", "publics_specifiquement_adresses",
    "prise_en_charge_specifique", "frais_a_charge", "itinerance", "dispositif_programmes_nationaux",
    "formations_labels", "modalites_acces", "modalites_accompagnement", "accessibilite", "langues",
]  # fmt: skip
Projection = Annotated[
    Literal["complete", "compacte"],
    Field(description="`compacte` : ce qu'une application mobile montre d'abord."),
]
Format = Annotated[
    Literal["json", "geojson"] | None,
    Field(description="`geojson` (RFC 7946), comme `Accept: application/geo+json`."),
]


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


class ParametresLieux(ParametresPage, Deplacable):
    """Filtres d'une liste de lieux : les valeurs répétées d'un même filtre s'ajoutent, les filtres se croisent."""

    POINT: ClassVar[str] = "proche"

    code_insee: Annotated[list[CodeCommune], _plusieurs("Commune ou arrondissement (code INSEE).")]
    code_postal: Annotated[list[CodePostal], _plusieurs("Code postal.")]
    departement: Annotated[list[CodeDepartement], _plusieurs("Département.")]
    region: Annotated[list[CodeRegion], _plusieurs("Région.")]
    epci: Annotated[list[CodeEpci], _plusieurs("EPCI (SIREN).")]
    qpv: Annotated[list[CodeQpv], _plusieurs("Quartier prioritaire où se trouve le lieu, ou à 500 m.")]
    source: Annotated[list[IdSource], _plusieurs("Source de la fiche.")]
    bbox: Annotated[
        Annotated[str, Forme(_RECTANGLE, "`ouest,sud,est,nord` en degrés, comme 5.6,45.1,5.8,45.3,")] | None,
        Field(
            description="Rectangle `ouest,sud,est,nord` en degrés, de 2° de côté au plus sans autre territoire.",
            examples=["5.6,45.1,5.8,45.3"],
        ),
    ] = None
    services: Annotated[list[Annotated[str, ValeurDe("services")]], _plusieurs("Service proposé.")]
    themes: Annotated[list[Annotated[str, ValeurDe("themes")]], _plusieurs("Thème, qui réunit plusieurs services.")]
    typologie: Annotated[list[Annotated[str, ValeurDe("typologie")]], _plusieurs("Type de lieu.")]
    publics_specifiquement_adresses: Annotated[
        list[Annotated[str, ValeurDe("publics_specifiquement_adresses")]],
        _plusieurs("Public auquel le lieu s'adresse."),
    ]
    prise_en_charge_specifique: Annotated[
        list[Annotated[str, ValeurDe("prise_en_charge_specifique")]], _plusieurs("Prise en charge spécifique.")
    ]
    frais_a_charge: Annotated[
        list[Annotated[str, ValeurDe("frais_a_charge")]], _plusieurs("Frais à la charge des personnes.")
    ]
    modalites_acces: Annotated[
        list[Annotated[str, ValeurDe("modalites_acces")]], _plusieurs("Comment venir ou prendre contact.")
    ]
    modalites_accompagnement: Annotated[
        list[Annotated[str, ValeurDe("modalites_accompagnement")]], _plusieurs("Forme de l'accompagnement.")
    ]
    itinerance: Annotated[list[Annotated[str, ValeurDe("itinerance")]], _plusieurs("Fixe ou itinérant.")]
    dispositif_programmes_nationaux: Annotated[
        list[Annotated[str, ValeurDe("dispositif_programmes_nationaux")]],
        _plusieurs("Dispositif ou programme national."),
    ]
    formations_labels: Annotated[list[Annotated[str, ValeurDe("formations_labels")]], _plusieurs("Formation ou label.")]
    accessibilite: Annotated[
        list[Literal["oui", "non", "inconnu"]], _plusieurs("Accessibilité ; `inconnu` quand aucune source ne le dit.")
    ]
    langues: Annotated[list[Langue], _plusieurs("Langue parlée (ISO 639).")]
    modifie_depuis: Annotated[Instant | None, Field(description="Modifié à cet instant ou après (RFC 3339).")] = None
    ouvert_a: Annotated[
        Literal["maintenant"] | Instant | None,
        BeforeValidator(_moment),
        Field(
            description="Ce qui est ouvert d'abord, puis ce dont les horaires sont inconnus, puis ce qui est fermé : "
            "`maintenant`, ou un instant (RFC 3339)."
        ),
    ] = None
    proche: Annotated[
        Annotated[str, Forme(_POINT, "`latitude,longitude` en degrés, comme 48.8566,2.3522,")] | None,
        Field(
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
    compte: Annotated[Literal["exact"] | None, Field(description="`exact` : ajouter le nombre total, `total`.")] = None
    facettes: Annotated[list[Facette], _plusieurs("Champs dont compter les valeurs parmi les lieux trouvés.")]
    projection: Projection = "complete"
    format: Format = None

    @model_validator(mode="after")
    def _verifier(self) -> ParametresLieux:
        if self.proche is None:
            if self.rayon is not None:
                raise ParametreFaux("rayon", "`rayon` demande `proche`")
            if self.sans_public:
                raise ParametreFaux("sans_public", "`sans_public` demande `proche`")
        else:
            latitude, longitude = self.point()
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise ParametreFaux("proche", "`proche` attend `latitude,longitude` en degrés")
        if self.bbox is not None:
            self._verifier_rectangle(self.rectangle())
        return self

    def _verifier_rectangle(self, r: Rectangle) -> None:
        if not (-180 <= r.ouest <= r.est <= 180 and -90 <= r.sud <= r.nord <= 90):
            raise ParametreFaux("bbox", "`bbox` attend `ouest,sud,est,nord` en degrés, l'ouest et le sud d'abord")
        territoires = (self.code_insee, self.code_postal, self.departement, self.region, self.epci, self.qpv)
        if max(r.est - r.ouest, r.nord - r.sud) > RECTANGLE_MAX_DEG and not (any(territoires) or self.proche):
            raise ParametreFaux("bbox", "`bbox` fait au plus 2° de côté, à moins d'un autre territoire")

    def point(self) -> tuple[float, float]:
        """Return the point of `proche` in degrees."""
        latitude, _, longitude = (self.proche or "0,0").partition(",")
        return float(latitude), float(longitude)

    def rectangle(self) -> Rectangle:
        """Return the rectangle of `bbox`."""
        ouest, sud, est, nord = map(float, (self.bbox or "0,0,0,0").split(","))
        return Rectangle(ouest, sud, est, nord)

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
        communes = [c for code in self.code_insee for c in (code, *_arrondissements(code))]
        champs = [("code_insee", tuple(dict.fromkeys(communes))), ("sources", tuple(self.source))]
        if self.themes:
            couverts = [s for theme in _LISTES["themes"] if theme.valeur in self.themes for s in theme.services]
            champs.append(("services", tuple(dict.fromkeys(couverts)) or ("",)))
        return champs + [(nom, tuple(getattr(self, nom))) for nom in _FILTRES]


_FILTRES = (
    "code_postal", "departement", "region", "epci", "qpv", "services", "typologie", "publics_specifiquement_adresses",
    "prise_en_charge_specifique", "frais_a_charge", "modalites_acces", "modalites_accompagnement", "itinerance",
    "dispositif_programmes_nationaux", "formations_labels", "accessibilite", "langues",
)  # fmt: skip
"""Parameters whose name is that of the field they filter."""
