"""How closed lists are filled: rules whose results are united, and yes-or-no columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from annuaire.correspondances.document.base import (
    COLONNES_PAR_REGLE,
    TERMES,
    VALEURS,
    Colonne,
    Constante,
    Modele,
    Mot,
    Separateur,
    seulement,
    un_seul,
)

_OPTIONS = {
    "colonne": ("termes", "sauf", "valeur", "table", "separateur"),
    "colonnes": ("termes", "sauf", "valeur", "table", "separateur"),
    "constante": ("toujours",),
}


class Regle(Modele):
    """Une règle d'une liste fermée. Les résultats de toutes les règles d'un champ s'ajoutent.

    `termes` et `valeur` : si une des colonnes contient un des termes (au début d'un mot, sans casse ni accents), et
    aucun de `sauf`, la valeur s'ajoute ; sans `termes`, il suffit qu'une colonne soit remplie et ne dise pas « non ».
    `table` : chaque code d'une case devient une valeur. Sans l'un ni l'autre : les cases sont déjà dans les mots du
    standard. `constante` : pour les lignes auxquelles les autres règles n'ont rien donné, ou `toujours`.
    """

    colonne: Colonne | None = None
    colonnes: Annotated[tuple[Colonne, ...] | None, Field(min_length=1, max_length=COLONNES_PAR_REGLE)] = None
    termes: Annotated[tuple[Mot, ...], Field(max_length=TERMES)] = ()
    sauf: Annotated[tuple[Mot, ...], Field(max_length=TERMES)] = ()
    valeur: Annotated[
        tuple[Mot, ...] | None, Field(min_length=1, max_length=20, description="Valeur de la liste, ou plusieurs.")
    ] = None
    table: Annotated[
        dict[Mot, tuple[Mot, ...] | None] | None,
        Field(min_length=1, max_length=VALEURS, description="Code lu : valeur, plusieurs valeurs, ou `null` (rien)."),
    ] = None
    separateur: Annotated[
        Separateur | None, Field(description="Ce qui sépare plusieurs codes ou valeurs dans une case.")
    ] = None
    constante: Annotated[
        tuple[Constante, ...] | None, Field(min_length=1, max_length=20, description="Valeur par défaut.")
    ] = None
    toujours: bool = False

    @field_validator("colonnes", "termes", "sauf", "valeur", "constante", mode="before")
    @classmethod
    def _plusieurs(cls, valeur: Any) -> Any:
        return _en_tuple(valeur)

    @field_validator("table", mode="before")
    @classmethod
    def _valeurs(cls, table: Any) -> Any:
        return {code: _en_tuple(v) for code, v in table.items()} if isinstance(table, dict) else table

    @model_validator(mode="after")
    def _coherente(self) -> Regle:
        source = un_seul(self, tuple(_OPTIONS))
        seulement(self, source, _OPTIONS[source])
        if self.table is not None and (self.valeur or self.termes or self.sauf):
            raise ValueError("`table` donne déjà les valeurs : ni `valeur`, ni `termes`, ni `sauf`")
        if (self.termes or self.sauf) and self.valeur is None:
            raise ValueError("`termes` et `sauf` demandent `valeur`")
        if self.valeur is not None and self.separateur is not None:
            raise ValueError("`separateur` va avec `table`, ou avec une colonne écrite dans les mots du standard")
        return self

    @property
    def lues(self) -> tuple[str, ...]:
        """Columns that the rule reads."""
        return self.colonnes or ((self.colonne,) if self.colonne else ())


class Drapeau(Modele):
    """Une réponse par oui ou par non. Une chaîne seule est un nom de colonne."""

    colonne: Colonne | None = None
    constante: bool | None = None
    oui: Annotated[tuple[Mot, ...], Field(max_length=TERMES, description="Cases qui disent oui.")] = ()
    non: Annotated[tuple[Mot, ...], Field(max_length=TERMES, description="Cases qui disent non.")] = ()

    @field_validator("oui", "non", mode="before")
    @classmethod
    def _plusieurs(cls, valeur: Any) -> Any:
        return tuple(_en_mot(v) for v in valeur) if isinstance(valeur, (list, tuple)) else _en_tuple(valeur)

    @model_validator(mode="after")
    def _une_source(self) -> Drapeau:
        source = un_seul(self, ("colonne", "constante"))
        seulement(self, source, ("oui", "non") if source == "colonne" else ())
        return self


def _en_mot(valeur: Any) -> Any:
    """YAML reads `true`, `Oui` or `1` as what they look like: a list of words may hold them."""
    if isinstance(valeur, bool):
        return "true" if valeur else "false"
    return str(valeur) if isinstance(valeur, int) else valeur


def _en_tuple(valeur: Any) -> Any:
    if isinstance(valeur, (str, bool, int)):
        return (_en_mot(valeur),)
    return tuple(valeur) if isinstance(valeur, list) else valeur


def _forme(valeur: Any) -> str:
    if isinstance(valeur, (list, tuple)):
        return "liste"
    return "abrege" if isinstance(valeur, str) else "complet"


def _regle(valeur: Any) -> Any:
    return Regle(colonne=valeur) if isinstance(valeur, str) else valeur


def _regles(valeur: Any) -> Any:
    return valeur if isinstance(valeur, tuple) else (_regle(valeur),)


def _drapeau(valeur: Any) -> Any:
    return Drapeau(colonne=valeur) if isinstance(valeur, str) else valeur


if TYPE_CHECKING:
    UneRegle = Regle
    Regles = tuple[Regle, ...]
    UnDrapeau = Drapeau
else:
    UneRegle = Annotated[
        Annotated[Colonne, Tag("abrege")] | Annotated[Regle, Tag("complet")],
        Discriminator(_forme),
        AfterValidator(_regle),
    ]
    Regles = Annotated[
        Annotated[Colonne, Tag("abrege")]
        | Annotated[Regle, Tag("complet")]
        | Annotated[
            tuple[UneRegle, ...],
            Field(strict=False, min_length=1, max_length=100),
            Tag("liste"),
        ],
        Discriminator(_forme),
        AfterValidator(_regles),
    ]
    UnDrapeau = Annotated[
        Annotated[Colonne, Tag("abrege")] | Annotated[Drapeau, Tag("complet")],
        Discriminator(_forme),
        AfterValidator(_drapeau),
    ]
