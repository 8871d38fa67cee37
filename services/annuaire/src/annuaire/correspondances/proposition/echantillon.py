"""The rows that a proposal looks at, flattened into columns, and what each column holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from annuaire.correspondances.proposition.entetes import nommes
from annuaire.correspondances.proposition.natures import natures
from annuaire.territoires.referentiel import Referentiel

LIGNES_LUES: Final = 3_000
CARACTERES: Final = 400
CARACTERES_EN_TOUT: Final = 8_000_000
COLONNES: Final = 256
_NIVEAUX: Final = 3
_EXAMINEES: Final = 600
_VIDES: Final = frozenset(
    {"", "-", "/", "null", "none", "nan", "n/a", "na", "neant", "néant", "nc", "nr", "?", "[]", "{}"}
)


class Echantillon:
    """The first rows of a list: 3,000 at most, cells cut at 400 characters, 8 million characters in all."""

    def __init__(self) -> None:
        self.lignes = 0
        self._caracteres = 0
        self._rangees: list[dict[str, str]] = []
        self._colonnes: dict[str, None] = {}

    def ajouter(self, valeurs: Mapping[str, Any]) -> None:
        """Take a row as a reader gives it; beyond 3,000 it is only counted."""
        self.lignes += 1
        if len(self._rangees) >= LIGNES_LUES or self._caracteres > CARACTERES_EN_TOUT:
            return
        rangee: dict[str, str] = {}
        for nom, valeur in valeurs.items():
            _aplatir(nom, valeur, rangee, 0)
        for nom in filter(None, rangee):
            if len(self._colonnes) < COLONNES:
                self._colonnes.setdefault(nom)
        self._caracteres += sum(map(len, rangee.values()))
        self._rangees.append(rangee)

    def colonnes(self, referentiel: Referentiel) -> list[Colonne]:
        """Return the profile of every column, in the order of the file."""
        return [Colonne(nom, [_dire(r.get(nom)) for r in self._rangees], referentiel) for nom in self._colonnes]


def _aplatir(nom: str, valeur: Any, rangee: dict[str, str], niveau: int) -> None:
    if isinstance(valeur, Mapping) and niveau < _NIVEAUX:
        for cle, dedans in list(valeur.items())[:COLONNES]:
            _aplatir(f"{nom}.{cle}", dedans, rangee, niveau + 1)
    elif isinstance(valeur, list) and len(valeur) == 2 and all(isinstance(v, float) for v in valeur):
        for rang, dedans in enumerate(valeur):
            _aplatir(f"{nom}[{rang}]", dedans, rangee, niveau + 1)
    elif isinstance(valeur, list):
        rangee[nom] = " | ".join(_texte(dedans) for dedans in valeur[:50])[:CARACTERES]
    else:
        rangee[nom] = _texte(valeur)


def _texte(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, str):
        return valeur[:CARACTERES].strip()
    if isinstance(valeur, float) and valeur.is_integer() and abs(valeur) < 1e15:
        return str(int(valeur))
    if isinstance(valeur, Mapping | list):
        return json.dumps(valeur, ensure_ascii=False)[:CARACTERES]
    return str(valeur).lower() if isinstance(valeur, bool) else str(valeur)[:CARACTERES]


def _dire(texte: str | None) -> str | None:
    return None if texte is None or texte.lower() in _VIDES else texte


@dataclass
class Colonne:
    """A column: its header as a path, its cells (`None` when empty), the fields that its header may name."""

    nom: str
    cellules: Sequence[str | None]
    referentiel: Referentiel = field(repr=False)

    @cached_property
    def entetes(self) -> Mapping[str, float]:
        """Fields that the header names, with marks; a negative mark is a field that it rules out."""
        return nommes(self.nom)

    @cached_property
    def valeurs(self) -> Counter[str]:
        """The different cells, with how many times each."""
        return Counter(cellule for cellule in self.cellules if cellule is not None)

    @property
    def remplies(self) -> int:
        """How many cells hold something."""
        return self.valeurs.total()

    @property
    def remplissage(self) -> float:
        """Share of the cells that hold something."""
        return self.remplies / len(self.cellules) if self.cellules else 0.0

    @property
    def variete(self) -> float:
        """Share of the filled cells that differ."""
        return len(self.valeurs) / self.remplies if self.remplies else 0.0

    @cached_property
    def _parts(self) -> Mapping[str, float]:
        vues: Counter[str] = Counter()
        total = 0
        for texte, fois in list(self.valeurs.items())[:_EXAMINEES]:
            total += fois
            for nature in natures(texte):
                vues[nature] += fois
        return {nature: nombre / total for nature, nombre in vues.items()} if total else {}

    def part(self, nature: str) -> float:
        """Share of the filled cells of this nature."""
        return self._parts.get(nature, 0.0)

    @cached_property
    def longueur(self) -> float:
        """Mean length of the filled cells."""
        return sum(len(t) * n for t, n in self.valeurs.items()) / self.remplies if self.remplies else 0.0

    @cached_property
    def part_communes(self) -> float:
        """Share of the filled cells that are the name of a commune."""
        return self._part(lambda texte: len(texte) <= 60 and bool(self.referentiel.communes_nommees(texte)))

    @cached_property
    def part_codes_postaux(self) -> float:
        """Share of the filled cells that are a postal code."""
        return self._part(lambda texte: bool(self.referentiel.communes_du_code_postal(code(texte))))

    @cached_property
    def part_codes_insee(self) -> float:
        """Share of the filled cells that are the code of a commune."""
        return self._part(
            lambda texte: (
                self.referentiel.actuelle(code(texte)) is not None
                or self.referentiel.arrondissement(code(texte)) is not None
            )
        )

    def _part(self, test: Any) -> float:
        vues = [(test(texte), fois) for texte, fois in list(self.valeurs.items())[:_EXAMINEES]]
        total = sum(fois for _, fois in vues)
        return sum(fois for vrai, fois in vues if vrai) / total if total else 0.0


def code(texte: str) -> str:
    """Read a postal or INSEE code as spreadsheets spoil it: `1000`, `1000.0`."""
    brut = texte.strip().upper().removesuffix(".0").replace(" ", "")
    return brut.zfill(5) if len(brut) == 4 and brut.isdigit() else brut
