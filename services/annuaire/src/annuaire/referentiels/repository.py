"""The closed lists committed with the package, read once a process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from .rules import ListeFermee


@dataclass(frozen=True, slots=True)
class Referentiels:
    """Every closed list of the directory, by name."""

    listes: Mapping[str, ListeFermee]

    @staticmethod
    def charger() -> Referentiels:
        """Read the committed lists; the same object is given to the whole process."""
        return _charger()

    def __getitem__(self, nom: str) -> ListeFermee:
        return self.listes[nom]

    def __iter__(self) -> Iterator[ListeFermee]:
        return iter(self.listes.values())

    def trouver(self, nom: str) -> ListeFermee | None:
        """Give the list of that name, or `None`."""
        return self.listes.get(nom)


@cache
def _charger() -> Referentiels:
    dossier = files(__package__).joinpath("listes")
    fichiers = sorted((f for f in dossier.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    lues = (ListeFermee.de_dict(json.loads(fichier.read_text("utf-8"))) for fichier in fichiers)
    return Referentiels(MappingProxyType({liste.nom: liste for liste in lues}))
