"""Parameters of search: the filters of places, what is typed, and how the answer is wanted."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal

import shapely
from pydantic import AfterValidator, BaseModel, Field, model_validator
from socle.web.formes import Forme
from socle.web.messages import ParametreFaux

from annuaire.lieux.filtres import FiltresLieux, Format, Point, Projection, lire_point, plusieurs
from annuaire.recherche.champs import MOTEUR, Facette
from annuaire.recherche.errors import FenetreTropGrande
from annuaire.recherche.port import (
    FACETTES_MAX,
    FENETRE,
    LONGUEUR_Q,
    TAILLE_MAX,
    ActorQuery,
    Box,
    Circle,
    Geo,
    Polygon,
    Sort,
)
from annuaire.referentiels.parameters import ValeurDe

TRIS: Final[Mapping[str, Sort]] = {
    "pertinence": "relevance", "distance": "distance", "nom": "name", "recent": "maj_desc",
}  # fmt: skip
LIMITE_DEFAUT: Final = 20
SOMMETS_MAX: Final = 200
SUGGESTIONS_DEFAUT, SUGGESTIONS_MAX = 8, 20

_SOMMET = r"-?\d{1,2}(\.\d{1,10})?,-?\d{1,3}(\.\d{1,10})?"
_POLYGONE = f"^{_SOMMET}(;{_SOMMET}){{2,{SOMMETS_MAX - 1}}}$"


def sans_controle(texte: str) -> str:
    """Return a text without its control and formatting characters, which say nothing that could be searched."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in texte).strip()


Texte = Annotated[str, Field(max_length=LONGUEUR_Q), AfterValidator(sans_controle)]


class FiltresActeurs(FiltresLieux):
    """Filtres d'une recherche : ceux des lieux, le genre d'acteur, et des mots."""

    q: Annotated[
        Texte,
        Field(
            description="Ce que l'on cherche, en mots : un nom, un besoin, une commune. Entre guillemets, une suite "
            "exacte.",
            examples=["conseiller numérique grenoble"],
        ),
    ] = ""
    genre: Annotated[list[Literal["lieu", "structure"]], plusieurs("Lieu, ou structure (organisation).")]
    type: Annotated[list[Annotated[str, ValeurDe("types_de_structure")]], plusieurs("Type de structure.")]
    polygone: Annotated[
        Annotated[str, Forme(_POLYGONE, "`latitude,longitude;…`, de 3 à 200 sommets en degrés,")] | None,
        Field(
            description="Contour `latitude,longitude;latitude,longitude;…` (3 à 200 sommets).",
            examples=["45.1,5.6;45.3,5.6;45.2,5.9"],
        ),
    ] = None
    rayon: Annotated[
        int | None,
        Field(ge=1, le=100_000, description="Rayon en mètres autour de `proche` ; sans lui, rien n'est trop loin."),
    ] = None

    @model_validator(mode="after")
    def _verifier_la_zone(self) -> FiltresActeurs:
        zones = [nom for nom in ("proche", "bbox", "polygone") if getattr(self, nom) is not None]
        if len(zones) > 1:
            raise ParametreFaux(zones[1], f"une recherche a une zone : `{zones[0]}` ou `{zones[1]}`")
        if self.polygone is not None:
            sommets = self._sommets()
            if not all(-90 <= latitude <= 90 and -180 <= longitude <= 180 for latitude, longitude in sommets):
                raise ParametreFaux("polygone", "`polygone` attend des `latitude,longitude` en degrés")
            if not shapely.Polygon([(longitude, latitude) for latitude, longitude in sommets]).is_valid:
                raise ParametreFaux("polygone", "ce contour se croise lui-même, ou n'entoure rien")
        return self

    def _sommets(self) -> tuple[tuple[float, float], ...]:
        paires = (sommet.split(",") for sommet in (self.polygone or "").split(";"))
        return tuple((float(latitude), float(longitude)) for latitude, longitude in paires)

    @cached_property
    def geo(self) -> Geo | None:
        """The zone of the search."""
        if self.proche is not None:
            latitude, longitude = self.point()
            return Circle(lat=latitude, lng=longitude, radius_m=self.rayon)
        if self.bbox is not None:
            r = self.rectangle()
            return Box(south=r.sud, west=r.ouest, north=r.nord, east=r.est)
        return Polygon(self._sommets()) if self.polygone is not None else None

    @cached_property
    def filtres(self) -> dict[str, tuple[str, ...]]:
        """Filters by facet of the engines; a city is widened to its arrondissements."""
        champs = [
            ("code_insee", self.communes()),
            ("genre", tuple(self.genre)),
            ("types", tuple(self.type)),
            ("themes", tuple(self.themes)),
            *self.valeurs(),
        ]
        filtres: dict[str, tuple[str, ...]] = {}
        for champ, valeurs in champs:
            if not valeurs:
                continue
            facette = MOTEUR[champ]
            # a type of place and a type of structure: nobody has both, and engines keep them in one facet
            filtres[facette] = ("",) if facette in filtres else valeurs
        return filtres

    def requete(self, **options: Any) -> ActorQuery:
        """Write the search for the engines; `options` are the other fields of `ActorQuery`."""
        return ActorQuery(
            q=self.q,
            filters=self.filtres,
            maj_after=int(self.modifie_depuis.timestamp()) if self.modifie_depuis else None,
            geo=self.geo,
            **options,
        )


class _Comptage(FiltresActeurs):
    """Ce qui décide de ce que comptent les facettes."""

    comptage_facettes: Annotated[
        Literal["conjonctif", "disjonctif"],
        Field(description="`disjonctif` : compter chaque facette sans son propre filtre, pour en changer."),
    ] = "conjonctif"
    strict: Annotated[
        bool, Field(description="N'accepter que ce qui a tous les mots : sinon, ceux qui manquent partout sont lâchés.")
    ] = False


class ParametresRecherche(_Comptage):
    """Une recherche : mots et filtres se croisent."""

    tri: Annotated[
        Literal["pertinence", "distance", "nom", "recent"] | None,
        Field(description="Sans `tri` : la pertinence ; et, avec `proche` sans `q`, la distance."),
    ] = None
    facettes: Annotated[
        list[Facette],
        Field(default_factory=list, max_length=FACETTES_MAX, description="Champs dont compter les valeurs, 8 au plus."),
    ]
    surlignage: Annotated[
        bool, Field(description="Ajouter `surlignages` : où sont, dans les textes de la fiche, les mots trouvés.")
    ] = False
    projection: Projection = "complete"
    format: Format = None
    page: Annotated[int, Field(ge=1, description="Numéro de page.")] = 1
    limite: Annotated[int, Field(ge=1, le=TAILLE_MAX, description="Nombre d'éléments par page.")] = LIMITE_DEFAUT

    @model_validator(mode="after")
    def _verifier_le_tri(self) -> ParametresRecherche:
        if self.tri == "distance" and self.proche is None:
            raise ParametreFaux("tri", "`tri=distance` demande `proche`")
        return self

    def question(self) -> ActorQuery:
        """Write the search for the engines. Raises `FenetreTropGrande` (400) beyond what they show."""
        if (self.page - 1) * self.limite >= FENETRE:
            raise FenetreTropGrande(
                f"Une recherche montre ses {FENETRE} premiers résultats : précisez-la, par un mot ou un filtre de plus."
            )
        tri = self.tri or ("distance" if self.proche is not None and not self.q else "pertinence")
        return self.requete(
            page=self.page,
            size=self.limite,
            sort=TRIS[tri],
            facets=tuple(dict.fromkeys(MOTEUR[nom] for nom in self.facettes)),
            facet_mode="disjunctive" if self.comptage_facettes == "disjonctif" else "conjunctive",
            relax=not self.strict,
        )


class ParametresFacette(_Comptage):
    """Les valeurs d'une facette, parmi ce que trouve une recherche."""

    prefixe: Annotated[
        Annotated[str, Field(max_length=100), AfterValidator(sans_controle)],
        Field(description="Début de la valeur, ou du nom d'un territoire, sans accents ni casse.", examples=["gre"]),
    ] = ""


class ParametresSuggestions(BaseModel):
    """Ce qui est en train d'être tapé."""

    q: Annotated[Texte, Field(description="Ce qui est déjà tapé.", examples=["greno"])] = ""
    proche: Annotated[
        Point | None,
        Field(description="`latitude,longitude` : à mérite égal, le plus proche d'abord.", examples=["48.8566,2.3522"]),
    ] = None
    limite: Annotated[int, Field(ge=1, le=SUGGESTIONS_MAX, description="Nombre de suggestions.")] = SUGGESTIONS_DEFAUT

    @model_validator(mode="after")
    def _verifier(self) -> ParametresSuggestions:
        self.autour()
        return self

    def autour(self) -> Circle | None:
        """Return the point of `proche`."""
        if self.proche is None:
            return None
        latitude, longitude = lire_point(self.proche)
        return Circle(lat=latitude, lng=longitude)
