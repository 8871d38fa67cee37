"""Values of the standard v0.1.0 read as values of v1: one committed table, nothing guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from annuaire.referentiels.rules import cle_de_lecture, ecritures


@dataclass(frozen=True, slots=True)
class ValeurAncienne:
    """What a v0 value became: fields of v1 with their values, possibly none.

    `approximation` is true where v1 has no exact equivalent and the nearest value is kept: the reading then says so.
    """

    ancien: str
    cibles: tuple[tuple[str, tuple[str, ...]], ...]
    approximation: bool = False


def traduire(table: str, texte: str) -> ValeurAncienne | None:
    """Find what a v0 value became, with or without its gloss after ` : `; `None` when it isn't a v0 value.

    `table` is a column of v0 (`services`, `conditions_acces`, `labels_nationaux`, `publics_accueillis`,
    `modalites_accompagnement`, `typologie`).
    """
    index = _tables().get(table, {})
    for ecriture in ecritures(texte):
        trouvee = index.get(cle_de_lecture(ecriture))
        if trouvee is not None:
            return trouvee
    return None


@cache
def _tables() -> Mapping[str, Mapping[str, ValeurAncienne]]:
    donnees = json.loads(files(__package__).joinpath("anciens.json").read_text("utf-8"))
    tables: dict[str, dict[str, ValeurAncienne]] = {}
    for nom, valeurs in donnees["tables"].items():
        index = tables.setdefault(nom, {})
        for entree in valeurs:
            cibles = tuple((champ, tuple(v)) for champ, v in entree["cibles"].items())
            valeur = ValeurAncienne(entree["ancien"], cibles, entree.get("approximation", False))
            for ecriture in (entree["ancien"], *entree.get("variantes", ())):
                index[cle_de_lecture(ecriture)] = valeur
    return tables
