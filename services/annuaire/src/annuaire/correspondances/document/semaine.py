"""How opening hours are told: one column, a column a day or half-day, weeks that alternate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from annuaire.correspondances.document.base import Colonne, Modele, Mot, seulement, un_seul
from annuaire.correspondances.document.expressions import Expression, Valeur

JOURS: Final = ("lu", "ma", "me", "je", "ve", "sa", "di")


class Journee(Modele):
    """Une ouverture dite par deux colonnes : l'heure d'ouverture et celle de fermeture."""

    de: Colonne
    a: Colonne


Plage = Annotated[Colonne, Tag("abrege")] | Annotated[Journee, Tag("complet")]


def _forme(valeur: Any) -> str:
    if isinstance(valeur, (list, tuple)):
        return "liste"
    return "abrege" if isinstance(valeur, str) else "complet"


def _plages(valeur: Any) -> Any:
    return valeur if isinstance(valeur, tuple) else (valeur,)


if TYPE_CHECKING:
    UnJour = tuple[str | Journee, ...]
else:
    UnJour = Annotated[
        Annotated[Colonne, Tag("abrege")]
        | Annotated[Journee, Tag("complet")]
        | Annotated[
            tuple[Annotated[Plage, Discriminator(_forme)], ...],
            Field(strict=False, min_length=1, max_length=6),
            Tag("liste"),
        ],
        Discriminator(_forme),
        AfterValidator(_plages),
    ]


class Jours(Modele):
    """Les colonnes de chaque jour : une, plusieurs (matin, après-midi), ou des couples `{de, a}`."""

    lu: UnJour = ()
    ma: UnJour = ()
    me: UnJour = ()
    je: UnJour = ()
    ve: UnJour = ()
    sa: UnJour = ()
    di: UnJour = ()
    feries: Annotated[UnJour, Field(description="Jours fériés.")] = ()

    @model_validator(mode="after")
    def _au_moins_un(self) -> Jours:
        if not any(getattr(self, jour) for jour in (*JOURS, "feries")):
            raise ValueError("aucun jour n'a de colonne")
        return self


class SemaineDite(Modele):
    """Une colonne qui dit quelles semaines le lieu ouvre."""

    colonne: Colonne
    paires: Annotated[tuple[Mot, ...], Field(strict=False, max_length=40)] = ("paire", "paires", "semaine paire")
    impaires: Annotated[tuple[Mot, ...], Field(strict=False, max_length=40)] = (
        "impaire",
        "impaires",
        "semaine impaire",
    )


class Horaires(Modele):
    """Les horaires : un texte (prose ou syntaxe d'OpenStreetMap), ou des colonnes par jour.

    `semaine` dit par une colonne quelles semaines valent les jours ; `semaines_paires` et `semaines_impaires` ont
    chacune leurs colonnes. `sinon` sert quand tout est vide.
    """

    texte: Annotated[Valeur | None, Field(description="Prose ou syntaxe OSM : les deux se lisent.")] = None
    osm: Annotated[Valeur | None, Field(description="Comme `texte`.")] = None
    prose: Annotated[Valeur | None, Field(description="Comme `texte`.")] = None
    jours: Jours | None = None
    semaines_paires: Jours | None = None
    semaines_impaires: Jours | None = None
    semaine: SemaineDite | None = None
    sinon: Valeur | None = None

    @model_validator(mode="after")
    def _coherents(self) -> Horaires:
        if self.semaines_paires is not None or self.semaines_impaires is not None:
            if any(getattr(self, nom) is not None for nom in ("texte", "osm", "prose")):
                raise ValueError("`semaines_paires` et `semaines_impaires` ne vont qu'avec `jours`")
            return self
        source = un_seul(self, ("texte", "osm", "prose", "jours"))
        seulement(self, source, ("semaine", "sinon"))
        return self

    @property
    def prose_lue(self) -> Expression | None:
        """The text that holds the whole of the hours, if there is one."""
        return self.texte or self.osm or self.prose


def _horaires(valeur: Any) -> Any:
    return Horaires(texte=Expression(colonne=valeur)) if isinstance(valeur, str) else valeur


if TYPE_CHECKING:
    DesHoraires = Horaires
else:
    DesHoraires = Annotated[
        Annotated[Colonne, Tag("abrege")] | Annotated[Horaires, Tag("complet")],
        Discriminator(_forme),
        AfterValidator(_horaires),
    ]
