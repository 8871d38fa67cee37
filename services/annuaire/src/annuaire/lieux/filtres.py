"""Filters of places, shared by whatever lists or searches them: one name, one form and one message each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator
from socle.web.formes import Forme
from socle.web.instants import Instant
from socle.web.messages import ParametreFaux

from annuaire.lieux.lecture.criteres import Rectangle
from annuaire.referentiels.parameters import ValeurDe
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

_DEGRES = r"-?\d{1,3}(\.\d{1,10})?"
_RECTANGLE = f"^{_DEGRES}(,{_DEGRES}){{3}}$"
MOTIF_POINT = r"^-?\d{1,2}(\.\d{1,10})?,-?\d{1,3}(\.\d{1,10})?$"

Point = Annotated[str, Forme(MOTIF_POINT, "`latitude,longitude` en degrés, comme 48.8566,2.3522,")]


def plusieurs(description: str) -> Any:
    """Describe a parameter that may be given several times."""
    return Field(default_factory=list, max_length=VALEURS_MAX, description=description)


def lire_point(ecrit: str) -> tuple[float, float]:
    """Read `latitude,longitude`, already in form. Raises `ParametreFaux` out of the globe."""
    latitude, _, longitude = ecrit.partition(",")
    point = float(latitude), float(longitude)
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        raise ParametreFaux("proche", "`proche` attend `latitude,longitude` en degrés")
    return point


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


class FiltresLieux(BaseModel):
    """Filtres de lieux : les valeurs répétées d'un même filtre s'ajoutent, les filtres se croisent."""

    code_insee: Annotated[list[CodeCommune], plusieurs("Commune ou arrondissement (code INSEE).")]
    code_postal: Annotated[list[CodePostal], plusieurs("Code postal.")]
    departement: Annotated[list[CodeDepartement], plusieurs("Département.")]
    region: Annotated[list[CodeRegion], plusieurs("Région.")]
    epci: Annotated[list[CodeEpci], plusieurs("EPCI (SIREN).")]
    qpv: Annotated[list[CodeQpv], plusieurs("Quartier prioritaire où se trouve le lieu, ou à 500 m.")]
    source: Annotated[list[IdSource], plusieurs("Source de la fiche.")]
    bbox: Annotated[
        Annotated[str, Forme(_RECTANGLE, "`ouest,sud,est,nord` en degrés, comme 5.6,45.1,5.8,45.3,")] | None,
        Field(
            description="Rectangle `ouest,sud,est,nord` en degrés, de 2° de côté au plus sans autre territoire.",
            examples=["5.6,45.1,5.8,45.3"],
        ),
    ] = None
    services: Annotated[list[Annotated[str, ValeurDe("services")]], plusieurs("Service proposé.")]
    themes: Annotated[list[Annotated[str, ValeurDe("themes")]], plusieurs("Thème, qui réunit plusieurs services.")]
    typologie: Annotated[list[Annotated[str, ValeurDe("typologie")]], plusieurs("Type de lieu.")]
    publics_specifiquement_adresses: Annotated[
        list[Annotated[str, ValeurDe("publics_specifiquement_adresses")]],
        plusieurs("Public auquel le lieu s'adresse."),
    ]
    prise_en_charge_specifique: Annotated[
        list[Annotated[str, ValeurDe("prise_en_charge_specifique")]], plusieurs("Prise en charge spécifique.")
    ]
    frais_a_charge: Annotated[
        list[Annotated[str, ValeurDe("frais_a_charge")]], plusieurs("Frais à la charge des personnes.")
    ]
    modalites_acces: Annotated[
        list[Annotated[str, ValeurDe("modalites_acces")]], plusieurs("Comment venir ou prendre contact.")
    ]
    modalites_accompagnement: Annotated[
        list[Annotated[str, ValeurDe("modalites_accompagnement")]], plusieurs("Forme de l'accompagnement.")
    ]
    itinerance: Annotated[list[Annotated[str, ValeurDe("itinerance")]], plusieurs("Fixe ou itinérant.")]
    dispositif_programmes_nationaux: Annotated[
        list[Annotated[str, ValeurDe("dispositif_programmes_nationaux")]],
        plusieurs("Dispositif ou programme national."),
    ]
    formations_labels: Annotated[list[Annotated[str, ValeurDe("formations_labels")]], plusieurs("Formation ou label.")]
    accessibilite: Annotated[
        list[Literal["oui", "non", "inconnu"]], plusieurs("Accessibilité ; `inconnu` quand aucune source ne le dit.")
    ]
    langues: Annotated[list[Langue], plusieurs("Langue parlée (ISO 639).")]
    modifie_depuis: Annotated[Instant | None, Field(description="Modifié à cet instant ou après (RFC 3339).")] = None
    proche: Annotated[
        Point | None,
        Field(
            description="`latitude,longitude` : trie par distance, du plus proche au plus lointain.",
            examples=["48.8566,2.3522"],
        ),
    ] = None
    rayon: Annotated[
        int | None, Field(ge=1, le=100_000, description="Rayon en mètres autour de `proche` (10 000 par défaut).")
    ] = None

    @model_validator(mode="after")
    def _verifier_les_lieux(self) -> FiltresLieux:
        if self.proche is not None:
            self.point()
        elif self.rayon is not None:
            raise ParametreFaux("rayon", "`rayon` demande `proche`")
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
        return lire_point(self.proche or "0,0")

    def rectangle(self) -> Rectangle:
        """Return the rectangle of `bbox`."""
        ouest, sud, est, nord = map(float, (self.bbox or "0,0,0,0").split(","))
        return Rectangle(ouest, sud, est, nord)

    def communes(self) -> tuple[str, ...]:
        """Return the codes of `code_insee`, a city being widened to its arrondissements."""
        referentiel = Referentiel.charger()
        return tuple(
            dict.fromkeys(
                commune
                for code in self.code_insee
                for commune in (code, *(a.code for a in referentiel.arrondissements(code)))
            )
        )

    def valeurs(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the filters on the values of a field that need no widening, under the name of their field."""
        return [("sources", tuple(self.source)), *((nom, tuple(getattr(self, nom))) for nom in _FILTRES)]


_FILTRES = (
    "code_postal", "departement", "region", "epci", "qpv", "services", "typologie", "publics_specifiquement_adresses",
    "prise_en_charge_specifique", "frais_a_charge", "modalites_acces", "modalites_accompagnement", "itinerance",
    "dispositif_programmes_nationaux", "formations_labels", "accessibilite", "langues",
)  # fmt: skip
"""Parameters whose name is that of the field they filter."""
