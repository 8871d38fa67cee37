"""The columns that a document names, each with its places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from annuaire.correspondances.document.expressions import Expression
from annuaire.correspondances.document.listes import Drapeau, Regle
from annuaire.correspondances.document.modele import Cle, Coordonnees, Correspondance, Passage
from annuaire.correspondances.document.semaine import Journee, Jours, SemaineDite


def references(document: Correspondance) -> Iterator[tuple[str, str]]:
    """Yield (column, place) for each column that the rows of a list must have, in the order of the document."""
    for nom in ("cle", "coordonnees", "champs"):
        yield from _dans(getattr(document, nom), nom)


def _dans(partie: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(partie, tuple):
        for rang, membre in enumerate(partie):
            yield from _dans(membre, f"{place}[{rang}]")
    if not isinstance(partie, BaseModel):
        return
    if isinstance(partie, Passage) and partie.pour_chaque is not None:
        # the other columns are those of the members of this list, not of the row
        yield partie.pour_chaque, f"{place}.pour_chaque"
        return
    for colonne, suite in _propres(partie):
        yield colonne, place + suite
    for nom in type(partie).model_fields:
        yield from _dans(getattr(partie, nom), f"{place}.{nom}")


def _propres(partie: BaseModel) -> Iterator[tuple[str, str]]:
    """Yield the columns that a part names itself; a lone `colonne` stands at the place of the part."""
    if isinstance(partie, (Expression, Drapeau, SemaineDite)) and partie.colonne:
        yield partie.colonne, ""
    elif isinstance(partie, (Regle, Cle)):
        if partie.colonne:
            yield partie.colonne, ""
        for rang, colonne in enumerate(partie.colonnes or ()):
            yield colonne, f".colonnes[{rang}]"
    elif isinstance(partie, Coordonnees) and partie.point:
        yield partie.point, ".point"
    elif isinstance(partie, Journee):
        yield partie.de, ".de"
        yield partie.a, ".a"
    elif isinstance(partie, Jours):
        for jour in type(partie).model_fields:
            for rang, plage in enumerate(getattr(partie, jour)):
                if isinstance(plage, str):
                    yield plage, f".{jour}[{rang}]"
