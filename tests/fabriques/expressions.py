"""The regular expressions of the code, and strings made to make each of them work for nothing.

Run as a program, it reads expressions on its input and tries each within a limit of CPU that the kernel holds:
a search that backtracks runs in C, where no exception reaches it.
"""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.fabriques.maillage import RACINE

PAQUETS = ("socle", "annuaire", "coordination", "financement", "gateway", "infra")
SOURCES = ("socle/src", "services", "gateway/src", "infra")
TAILLE = 50_000
SECONDES = 0.4
"""CPU left to one expression on one string: what is linear takes a hundredth of it, what is quadratic far more."""

CHAINES_DE_L_ECHANTILLON = 100
"""Strings tried on one expression in a sample, taken at equal steps: a list of words makes seven hundred."""

_GESTES = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})


@dataclass(frozen=True)
class Expression:
    """An expression, where it was found and the ways it serves there (methods of `re.Pattern`).

    `octets`: it reads bytes.
    """

    place: str
    motif: str
    gestes: tuple[str, ...]
    drapeaux: int = 0
    octets: bool = False

    @property
    def compilee(self) -> re.Pattern[Any]:
        """The expression, ready for texts or bytes."""
        return re.compile(self.motif.encode("latin-1") if self.octets else self.motif, self.drapeaux)


@cache
def toutes() -> list[Expression]:
    """Find every expression: those that modules keep compiled, and those written where they serve."""
    usages = _usages()
    trouvees: dict[tuple[str, bool], Expression] = {}
    for expression in (*_gardees(usages), *_ecrites()):
        trouvees.setdefault((expression.motif, expression.octets), expression)
    return list(trouvees.values())


def _usages() -> dict[str, set[str]]:
    """Say how each name serves: a name that no call bears (a list of expressions) may serve in any way."""
    usages: dict[str, set[str]] = {}
    for _, arbre in _arbres():
        for noeud in ast.walk(arbre):
            if isinstance(noeud, ast.Attribute) and noeud.attr in _GESTES and isinstance(noeud.value, ast.Name):
                usages.setdefault(noeud.value.id, set()).add(noeud.attr)
    return usages


def _gardees(usages: Mapping[str, set[str]]) -> Iterator[Expression]:
    for module in _modules():
        for nom, valeur in vars(module).items():
            for motif in _motifs(valeur):
                octets = isinstance(motif.pattern, bytes)
                texte = motif.pattern.decode("latin-1") if octets else motif.pattern
                gestes = tuple(sorted(usages.get(nom, {"search"})))
                yield Expression(f"{module.__name__}.{nom}", texte, gestes, motif.flags, octets)


def _modules() -> Iterator[ModuleType]:
    for paquet in PAQUETS:
        racine = importlib.import_module(paquet)
        yield racine
        for info in pkgutil.walk_packages(racine.__path__, f"{paquet}."):
            # A module of that name is a program; a migration is found by its path alone.
            if not info.name.endswith("__main__") and ".versions." not in info.name:
                yield importlib.import_module(info.name)


def _motifs(valeur: Any, profondeur: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(valeur, re.Pattern):
        yield valeur
    elif profondeur and isinstance(valeur, dict):
        for element in valeur.values():
            yield from _motifs(element, profondeur - 1)
    elif profondeur and isinstance(valeur, (list, tuple, set, frozenset)):
        for element in valeur:
            yield from _motifs(element, profondeur - 1)
    elif profondeur and isinstance(valeur, type) and valeur.__module__.partition(".")[0] in PAQUETS:
        for element in vars(valeur).values():
            yield from _motifs(element, profondeur - 1)


@cache
def _arbres() -> list[tuple[Path, ast.Module]]:
    return [
        (fichier.relative_to(RACINE), ast.parse(fichier.read_text("utf-8")))
        for source in SOURCES
        for fichier in sorted((RACINE / source).rglob("*.py"))
    ]


def _ecrites() -> Iterator[Expression]:
    for fichier, arbre in _arbres():
        for noeud in ast.walk(arbre):
            yield from _de_l_appel(noeud, fichier)


def _de_l_appel(noeud: ast.AST, fichier: Path) -> Iterator[Expression]:
    """Give the expression of a call to `re`, or of a `pattern=` of a model."""
    if not isinstance(noeud, ast.Call):
        return
    place = f"{fichier}:{noeud.lineno}"
    fonction = noeud.func
    if isinstance(fonction, ast.Attribute) and fonction.attr in _GESTES and noeud.args:
        argument = noeud.args[0]
        if isinstance(fonction.value, ast.Name) and fonction.value.id == "re" and isinstance(argument, ast.Constant):
            if isinstance(argument.value, str):
                yield Expression(place, argument.value, (fonction.attr,))
            elif isinstance(argument.value, bytes):
                yield Expression(place, argument.value.decode("latin-1"), (fonction.attr,), octets=True)
    for nomme in noeud.keywords:
        if nomme.arg == "pattern" and isinstance(nomme.value, ast.Constant) and isinstance(nomme.value.value, str):
            yield Expression(place, nomme.value.value, ("search",))


def adverses(expression: Expression, *, toutes: bool = True) -> Iterator[str]:
    """Make strings of 50,000 characters that nearly match: each repetition of the expression, pumped, then spoiled.

    Without `toutes`, a sample: only its own repetitions and whitespace are pumped, with one ending, at most
    `CHAINES_DE_L_ECHANTILLON` strings in all.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from re import _parser
    arbre = list(_parser.parse(expression.motif, expression.drapeaux))
    graines = {"a", "0", " ", "\t"}
    if toutes:
        graines |= {"\n", "-", ".", "é", "(", "aA0 ", "a ", "a,", "a@", "a.", "0.", "<a", '"', "\\", "%"}
    debuts = {"", "a", "0"}
    prefixe = ""
    for noeud in arbre:
        graines |= set(_repetes([noeud]))
        morceau = _echantillon([noeud])
        debuts.add(prefixe)
        prefixe += morceau
    graines.add(prefixe or "a")
    fins = ("", "\0", "!") if toutes else ("\0",)
    formes = list(product(sorted(filter(None, graines)), sorted(debuts)[:8], fins))
    pas = 1 if toutes else -(-len(formes) // CHAINES_DE_L_ECHANTILLON)
    for graine, debut, fin in formes[::pas]:
        yield debut + graine * ((TAILLE - len(debut)) // len(graine)) + fin


def _repetes(noeuds: Sequence[Any]) -> Iterator[str]:
    """Give a sample of what each repetition repeats."""
    for operation, argument in noeuds:
        nom = str(operation)
        if nom in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield _echantillon(argument[2])
            yield from _repetes(argument[2])
        elif nom == "SUBPATTERN":
            yield from _repetes(argument[3])
        elif nom == "ATOMIC_GROUP":
            yield from _repetes(argument)
        elif nom == "BRANCH":
            for branche in argument[1]:
                yield _echantillon(branche)
                yield from _repetes(branche)
        elif nom in ("ASSERT", "ASSERT_NOT"):
            yield from _repetes(argument[1])


def _echantillon(noeuds: Sequence[Any]) -> str:
    """Write one string that a sequence of nodes accepts, or nearly."""
    texte = ""
    for operation, argument in noeuds:
        nom = str(operation)
        if nom == "LITERAL":
            texte += chr(argument)
        elif nom == "NOT_LITERAL":
            texte += "a" if argument != ord("a") else "b"
        elif nom == "ANY":
            texte += "a"
        elif nom == "IN":
            texte += _un_de(argument)
        elif nom in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            texte += _echantillon(argument[2]) * max(1, min(argument[0], 20))
        elif nom == "SUBPATTERN":
            texte += _echantillon(argument[3])
        elif nom == "ATOMIC_GROUP":
            texte += _echantillon(argument)
        elif nom == "BRANCH":
            texte += _echantillon(argument[1][0])
    return texte


def _un_de(choix: Sequence[Any]) -> str:
    exclus = any(str(operation) == "NEGATE" for operation, _ in choix)
    if exclus:
        return next(c for c in "a0 .-_é" if not _dans(c, choix))
    operation, argument = choix[0]
    nom = str(operation)
    if nom == "LITERAL":
        return chr(argument)
    if nom == "RANGE":
        return chr(argument[0])
    return {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_SPACE": "a"}.get(
        str(argument), "-"
    )


def _dans(caractere: str, choix: Sequence[Any]) -> bool:
    code = ord(caractere)
    for operation, argument in choix:
        nom = str(operation)
        if nom == "LITERAL" and code == argument:
            return True
        if nom == "RANGE" and argument[0] <= code <= argument[1]:
            return True
        if nom == "CATEGORY":
            classe = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}.get(
                str(argument), r"\W"
            )
            if re.match(classe, caractere):
                return True
    return False


def lentes(expressions: Sequence[Expression], *, toutes: bool = True) -> tuple[int, list[str]]:
    """Try every expression on its strings, in child processes; return the number of tries and those cut short."""
    coupees: list[str] = []
    essais, depuis = 0, 0
    while depuis < len(expressions):
        entree = json.dumps([astuple(expression) for expression in expressions[depuis:]])
        fin = subprocess.run(
            [sys.executable, "-m", "tests.fabriques.expressions", *(["toutes"] if toutes else [])],
            input=entree, capture_output=True, text=True, encoding="utf-8", check=False, cwd=RACINE,
        )  # fmt: skip
        lignes = fin.stdout.splitlines()
        essais += sum(int(ligne.split()[1]) for ligne in lignes if ligne.startswith("fait "))
        if fin.returncode == 0:
            break
        assert fin.returncode == -signal.SIGPROF, fin.stderr
        finies = sum(ligne.startswith("fait ") for ligne in lignes)
        coupee = expressions[depuis + finies]
        coupees.append(f"{coupee.place} : {coupee.motif[:100]} {lignes[-1]}")
        depuis += finies + 1
    return essais, coupees


def _essayer(expressions: Sequence[Expression], *, toutes: bool) -> None:
    for expression in expressions:
        compilee, essais = expression.compilee, 0
        for texte in adverses(expression, toutes=toutes):
            sujet = texte.encode("utf-8") if expression.octets else texte
            for geste in expression.gestes:
                print(f"essai {geste} {texte[:20]!r}…{texte[-3:]!r}", flush=True)
                # The default action of this signal ends the process, wherever it is.
                signal.setitimer(signal.ITIMER_PROF, SECONDES)
                _faire(compilee, geste, sujet)
                essais += 1
        print(f"fait {essais}", flush=True)
    signal.setitimer(signal.ITIMER_PROF, 0)


def _faire(compilee: re.Pattern[Any], geste: str, sujet: str | bytes) -> None:
    if geste in ("sub", "subn"):
        compilee.sub(sujet[:0], sujet)
    elif geste == "finditer":
        for _ in compilee.finditer(sujet):
            pass
    else:
        getattr(compilee, geste)(sujet)


if __name__ == "__main__":
    _essayer([Expression(*lue) for lue in json.load(sys.stdin)], toutes="toutes" in sys.argv)
