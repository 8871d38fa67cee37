"""Which fields the header of a column names, by the committed table of synonyms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from annuaire.correspondances.proposition.mots import Mots, contient, lire_mots, ressemblance
from annuaire.standard.colonnes import COLONNES

AUTRE = "autre"
"""Field of the columns that the directory has no use for: knowing them keeps them from being taken for others."""


EXCLU = -1.0
"""Mark of a field that a word of the header rules out: « fax » is no telephone."""


STANDARD = 1.15
"""Mark of a header that is the very name of the field in the standard."""


@dataclass(frozen=True, slots=True)
class _Champ:
    noms: tuple[Mots, ...]
    sauf: tuple[tuple[str, ...], ...]


def nommes(entete: str) -> Mapping[str, float]:
    """Return the fields that a header may name, each with a mark from 0 to 1, and those that it rules out, at -1."""
    mots = lire_mots(entete)
    notes: dict[str, float] = {}
    for champ, table in _table().items():
        # of two names as near, the one that stands first in the table is the more usual
        note = max((ressemblance(mots, nom) - rang / 2000 for rang, nom in enumerate(table.noms)), default=0.0)
        if note < 0.9 and any(contient(mots.tous, sauf) for sauf in table.sauf):
            notes[champ] = EXCLU
        elif note > 0.1:
            notes[champ] = note
    # a name of the standard is itself, whatever else it looks like
    exact = "_".join(mots.tous)
    if exact in COLONNES:
        notes = {champ: min(note, 0.4) for champ, note in notes.items()}
        notes["cle" if exact == "id" else exact] = STANDARD
    return notes


@cache
def _table() -> Mapping[str, _Champ]:
    donnees = json.loads(files(__package__).joinpath("synonymes.json").read_text("utf-8"))
    return {
        champ: _Champ(tuple(map(lire_mots, regles["noms"])), tuple(tuple(s.split()) for s in regles["sauf"]))
        for champ, regles in donnees["champs"].items()
    }
