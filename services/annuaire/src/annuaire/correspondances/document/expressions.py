"""Where the value of a field comes from: a column, the first of several, several joined, a part of one, a constant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from annuaire.correspondances.document.base import (
    COLONNES_PAR_REGLE,
    VALEURS,
    Colonne,
    Constante,
    Modele,
    Mot,
    Separateur,
    forme,
    seulement,
    un_seul,
)

Extrait = Literal["code_postal", "commune", "telephone", "courriel", "url"]

#: Options that go with each source of a value.
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "colonne": ("separateur", "table", "format", "sinon"),
    "premier": (),
    "joindre": ("separateur", "sinon"),
    "unir": (),
    "decouper": ("separateur", "partie", "sinon"),
    "extraire": ("de", "sinon"),
    "constante": (),
}
_FORMAT: Final = re.compile(r"(?:JJ|MM|AAAA|AA|hh|mm|ss|[ /.:,T-]){1,20}")


class Expression(Modele):
    """Une valeur : exactement une source, et ses options. Une chaîne seule est un nom de colonne."""

    colonne: Colonne | None = None
    premier: Annotated[
        tuple[Valeur, ...] | None, Field(max_length=COLONNES_PAR_REGLE, description="La première qui n'est pas vide.")
    ] = None
    joindre: Annotated[
        tuple[Valeur, ...] | None,
        Field(max_length=COLONNES_PAR_REGLE, description="Toutes celles qui ne sont pas vides, jointes en un texte."),
    ] = None
    unir: Annotated[
        tuple[Valeur, ...] | None,
        Field(max_length=COLONNES_PAR_REGLE, description="Plusieurs valeurs d'un champ qui en admet plusieurs."),
    ] = None
    decouper: Annotated[Valeur | None, Field(description="Une partie d'une valeur coupée à `separateur`.")] = None
    extraire: Annotated[Extrait | None, Field(description="Ce qu'il faut trouver dans le texte `de`.")] = None
    constante: Annotated[
        Constante | None, Field(description="La même pour toutes les lignes : notée comme valeur par défaut.")
    ] = None

    de: Annotated[Valeur | None, Field(description="Texte où `extraire` cherche.")] = None
    separateur: Annotated[
        Separateur | None,
        Field(
            description="Avec `joindre`, ce qui va entre les valeurs (une espace par défaut) ; avec `decouper`, là où "
            "couper ; avec `colonne`, ce qui sépare plusieurs valeurs dans la case."
        ),
    ] = None
    partie: Annotated[
        int | None, Field(ge=-20, le=20, description="Rang de la partie : 1 est la première, -1 la dernière.")
    ] = None
    table: Annotated[
        dict[Mot, Mot | None] | None,
        Field(max_length=VALEURS, description="Ce que veut dire chaque case : `{« R » : « rue »}` ; `null` : rien."),
    ] = None
    format: Annotated[
        str | None,
        Field(max_length=20, description="Ordre d'une date : `JJ/MM/AAAA`, `MM/JJ/AA hh:mm`…", examples=["JJ/MM/AAAA"]),
    ] = None
    sinon: Annotated[Valeur | None, Field(description="À la place, quand la valeur est vide.")] = None

    @field_validator("premier", "joindre", "unir", mode="before")
    @classmethod
    def _liste(cls, valeur: Any) -> Any:
        return tuple(valeur) if isinstance(valeur, list) else valeur

    @field_validator("premier", "joindre", "unir")
    @classmethod
    def _non_vide(cls, valeur: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        if valeur == ():
            raise ValueError("la liste est vide")
        return valeur

    @field_validator("format")
    @classmethod
    def _format_connu(cls, valeur: str | None) -> str | None:
        if valeur is not None and not (_FORMAT.fullmatch(valeur) and all(m in valeur for m in ("JJ", "MM", "AA"))):
            raise ValueError("un format de date s'écrit avec JJ, MM, AAAA ou AA, et au besoin hh, mm, ss")
        return valeur

    @model_validator(mode="after")
    def _une_source(self) -> Expression:
        source = un_seul(self, tuple(OPTIONS))
        seulement(self, source, OPTIONS[source])
        if source == "decouper" and (self.separateur is None or not self.partie):
            raise ValueError("`decouper` demande `separateur` et `partie` (1 est la première, -1 la dernière)")
        if source == "extraire" and self.de is None:
            raise ValueError("`extraire` demande `de`, le texte où chercher")
        return self

    @property
    def source(self) -> str:
        """Name of the member that gives the value."""
        return next(nom for nom in OPTIONS if getattr(self, nom) is not None)


def deplier(valeur: Any) -> Any:
    """Turn a shorthand, the name of a column, into the expression that it stands for."""
    return Expression(colonne=valeur) if isinstance(valeur, str) else valeur


if TYPE_CHECKING:
    Valeur = Expression
else:
    # read as a name of column or a whole expression, always held as an expression
    Valeur = Annotated[
        Annotated[Colonne, Tag("abrege")] | Annotated[Expression, Tag("complet")],
        Discriminator(forme),
        AfterValidator(deplier),
    ]

Expression.model_rebuild()
