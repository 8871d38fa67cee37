"""What every part of the document shares: strictness, short names of columns, shorthands."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

COLONNES_PAR_REGLE: Final = 40
TERMES: Final = 200
VALEURS: Final = 1_000

Colonne = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1_000,
        description="Nom exact d'une colonne, ou chemin dans un objet : `geolocalisation.lat`, `horaires[0].debut`.",
    ),
]
Constante = Annotated[str, Field(min_length=1, max_length=2_000)]
Separateur = Annotated[str, Field(min_length=1, max_length=20)]
Mot = Annotated[str, Field(min_length=1, max_length=300)]


class Modele(BaseModel):
    """A part of the document: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def un_seul(modele: BaseModel, noms: tuple[str, ...]) -> str:
    """Return the only one of these members that is given. Raises `ValueError` when there is none, or two."""
    donnes = [nom for nom in noms if nom in modele.model_fields_set and getattr(modele, nom) is not None]
    if len(donnes) != 1:
        dits = " et ".join(f"`{nom}`" for nom in donnes) if donnes else "rien"
        raise ValueError(f"il faut un membre, et un seul, parmi {', '.join(f'`{n}`' for n in noms)} ; lu : {dits}")
    return donnes[0]


def seulement(modele: BaseModel, principal: str, permis: tuple[str, ...]) -> None:
    """Refuse the options that say nothing beside the main member. Raises `ValueError`."""
    for nom in modele.model_fields_set:
        if nom != principal and nom not in permis and getattr(modele, nom) not in (None, (), False):
            raise ValueError(f"`{nom}` n'a pas de sens avec `{principal}`")


def forme(valeur: Any) -> str:
    """Tell a shorthand from a whole form."""
    return "abrege" if isinstance(valeur, str) else "complet"
