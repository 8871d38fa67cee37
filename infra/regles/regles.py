"""The rules. Each takes a module and its path in the repository, and yields what breaks it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

LIGNES_MAX = 450
"""A file that grows past about 400 lines becomes a package; the margin spares a rename for ten lines."""

SEUIL = PurePosixPath("socle/src/socle/donnees/db.py")
"""The only module that commits: one request, one transaction."""

INDEX = PurePosixPath("services/annuaire/src/annuaire/recherche/embarque/index.py")
"""What it commits is an index of search: no number of change is taken there."""

DEPOTS = frozenset({"repository.py", "repository", "migrations"})
FIL = frozenset({"feed.py", "changements"})
ORDRES_SQL = frozenset({"select", "insert", "update", "delete"})
HORLOGES = frozenset({"now", "today", "utcnow", "time", "monotonic", "uuid1", "uuid4", "uuid7"})
NUMEROTEURS = frozenset({"nextval", "now", "today", "utcnow", "time", "current_timestamp", "Sequence"})


@dataclass(frozen=True, slots=True)
class Infraction:
    """One line that breaks a rule."""

    chemin: PurePosixPath
    ligne: int
    message: str

    def __str__(self) -> str:
        return f"{self.chemin}:{self.ligne}: {self.message}"


Trouvailles = Iterator[tuple[int, str]]
Regle = Callable[[ast.Module, PurePosixPath], Trouvailles]


def un_seul_commit(module: ast.Module, chemin: PurePosixPath) -> Trouvailles:
    """Nothing but the session of `socle.donnees.db` commits, or a change number could be taken too early."""
    if chemin in (SEUIL, INDEX):
        return
    for appel in _appels(module):
        if isinstance(appel.func, ast.Attribute) and appel.func.attr == "commit":
            yield appel.lineno, "commit() n'est permis que dans socle/donnees/db.py"


def erreurs_du_domaine(module: ast.Module, chemin: PurePosixPath) -> Trouvailles:
    """Errors are our classes, rendered once: `HTTPException` stays inside `socle.web`, which renders it."""
    if "web" in chemin.parts and "socle" in chemin.parts:
        return
    for nom, ligne in _noms_importes(module):
        if nom == "HTTPException":
            yield ligne, "levez une classe de socle.errors, pas HTTPException"


def sql_au_depot(module: ast.Module, chemin: PurePosixPath) -> Trouvailles:
    """In services and gateway, statements are written in `repository.py` (or a package of that name) only."""
    if chemin.parts[0] not in ("services", "gateway") or {"repository.py", "repository", "migrations"} & {
        *chemin.parts
    }:
        return
    for noeud in ast.walk(module):
        if isinstance(noeud, ast.ImportFrom) and (noeud.module or "").split(".")[0] in ("sqlalchemy", "sqlmodel"):
            for alias in noeud.names:
                if alias.name in ORDRES_SQL:
                    yield noeud.lineno, f"{alias.name}() s'écrit dans repository.py"


def routes_minces(module: ast.Module, chemin: PurePosixPath) -> Trouvailles:
    """A route hands over and returns: errors are rendered by handlers, never caught in `routes.py`."""
    if chemin.name != "routes.py":
        return
    for noeud in ast.walk(module):
        if isinstance(noeud, ast.Try | ast.TryStar) and noeud.handlers:
            yield noeud.lineno, "pas d'except dans routes.py : les erreurs sont rendues une fois pour toutes"


def regles_sans_horloge(module: ast.Module, chemin: PurePosixPath) -> Trouvailles:
    """In `rules.py`, clock, ids and files are arguments: the same values give the same answer."""
    if chemin.name != "rules.py":
        return
    for appel in _appels(module):
        nom = _nom(appel.func)
        if nom in HORLOGES or nom == "open":
            yield appel.lineno, f"{nom}() rend une règle impure : passez la valeur en argument"


def fil_sans_horloge(module: ast.Module, chemin: PurePosixPath) -> Trouvailles:
    """Feed numbers come from the counter row: sequences and clocks are committed out of order and lose rows."""
    # A route may watch the clock to end a long poll: it numbers nothing.
    if FIL.isdisjoint(chemin.parts) or chemin.name == "routes.py":
        return
    for appel in _appels(module):
        if _nom(appel.func) in NUMEROTEURS:
            yield appel.lineno, f"{_nom(appel.func)}() dans le fil des changements : seul le compteur numérote"
    for noeud in ast.walk(module):
        if isinstance(noeud, ast.Constant) and isinstance(noeud.value, str) and "nextval(" in noeud.value.lower():
            yield noeud.lineno, "nextval dans le fil des changements : seul le compteur numérote"


def fichier_court(module: ast.Module, chemin: PurePosixPath) -> Trouvailles:
    """A file that no longer fits in a head becomes a package."""
    fin = max((noeud.end_lineno or 0 for noeud in module.body), default=0)
    if fin > LIGNES_MAX and "migrations" not in chemin.parts:
        yield fin, f"{fin} lignes, plus de {LIGNES_MAX} : faites-en un paquet"


REGLES: tuple[Regle, ...] = (
    un_seul_commit,
    erreurs_du_domaine,
    sql_au_depot,
    routes_minces,
    regles_sans_horloge,
    fil_sans_horloge,
    fichier_court,
)


def examiner(source: str, chemin: PurePosixPath) -> list[Infraction]:
    """Apply every rule to one file; raises `SyntaxError` when it is not Python."""
    module = ast.parse(source, str(chemin))
    return [Infraction(chemin, ligne, message) for regle in REGLES for ligne, message in sorted(regle(module, chemin))]


def _appels(module: ast.Module) -> Iterator[ast.Call]:
    return (noeud for noeud in ast.walk(module) if isinstance(noeud, ast.Call))


def _nom(fonction: ast.expr) -> str:
    if isinstance(fonction, ast.Attribute):
        return fonction.attr
    return fonction.id if isinstance(fonction, ast.Name) else ""


def _noms_importes(module: ast.Module) -> Iterator[tuple[str, int]]:
    for noeud in ast.walk(module):
        if isinstance(noeud, ast.ImportFrom):
            yield from ((alias.name, noeud.lineno) for alias in noeud.names)
        elif isinstance(noeud, ast.Attribute):
            yield noeud.attr, noeud.lineno
