"""What the router matched, read from the ASGI scope: the framework keeps it in two places."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi._compat import field_annotation_is_sequence
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import iter_route_contexts
from pydantic.fields import FieldInfo
from starlette.types import Scope

from socle.errors import Faute, RequeteInvalide
from socle.web.negociation import refuser_la_forme


def contexte_de_route(scope: Scope) -> Any | None:
    """Matched route, with what the routers including it add (FastAPI ≥ 0.137 keeps them as a tree)."""
    return scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")


def gabarit(scope: Scope) -> str:
    """Path template of the matched route, for metrics and logs; `autre` where nothing matched."""
    chemin = getattr(contexte_de_route(scope), "path_format", None)
    return chemin if isinstance(chemin, str) and chemin else "autre"


def methodes_admises(app: FastAPI, chemin: str) -> list[str]:
    """Methods of every route whose path matches, HEAD beside GET and OPTIONS everywhere; empty when no route does."""
    trouvees: set[str] = set()
    for contexte in iter_route_contexts(app.routes):
        motif = getattr(contexte, "path_regex", None)
        if motif is not None and motif.match(chemin):
            trouvees |= contexte.methods or set()
    if "GET" in trouvees:
        trouvees.add("HEAD")
    return sorted(trouvees | {"OPTIONS"}) if trouvees else []


@dataclass(frozen=True)
class Declares:
    """Query parameters of a route: those known, and among them those that take several values."""

    noms: frozenset[str]
    multiples: frozenset[str]


class _ParRoute:
    """Query parameters of each route, computed once."""

    def __init__(self) -> None:
        self._par_dependant: dict[int, tuple[Dependant, Declares]] = {}

    def de(self, dependant: Dependant) -> Declares:
        connu = self._par_dependant.get(id(dependant))
        if connu is None:
            champs = [champ for champ in get_flat_params(dependant) if _de_requete(champ.field_info)]
            declares = Declares(
                frozenset(champ.alias for champ in champs),
                frozenset(c.alias for c in champs if field_annotation_is_sequence(c.field_info.annotation)),
            )
            # The dependant is kept beside its answer, so that its id cannot be given to another.
            connu = self._par_dependant[id(dependant)] = (dependant, declares)
        return connu[1]


def _de_requete(champ: FieldInfo) -> bool:
    lieu = getattr(champ, "in_", None)
    # The fields of a query model carry no place of their own.
    return lieu is None or lieu.value == "query"


_AILLEURS = {
    "page": "curseur", "offset": "curseur", "cursor": "curseur", "after": "curseur", "apres": "curseur",
    "limit": "limite", "size": "limite", "taille": "limite", "per_page": "limite", "page_size": "limite",
}  # fmt: skip
"""What the parameters of every list are called elsewhere."""

_MOT_MIN = 3
"""Letters from which a part of a name says which one is meant."""


@lru_cache(maxsize=512)
def _proche(nom: str, declares: frozenset[str]) -> str | None:
    """Suggest the parameter meant by an unknown one: a slip, what others call it, a word of it, a looser likeness."""
    ecrit = nom.lower().replace("-", "_")
    faute = difflib.get_close_matches(ecrit, sorted(declares), n=1, cutoff=0.85)
    if faute:
        return faute[0]
    ailleurs = _AILLEURS.get(ecrit)
    if ailleurs in declares:
        return ailleurs
    parts = [(_part(ecrit, connu), difflib.SequenceMatcher(None, ecrit, connu).ratio(), connu) for connu in declares]
    part, _, connu = max(parts, default=(0, 0.0, ""))
    if part:
        return connu
    proches = difflib.get_close_matches(ecrit, sorted(declares), n=1, cutoff=0.7)
    return proches[0] if proches else None


def _part(ecrit: str, connu: str) -> int:
    """Say what another name holds of a known one, plurals aside: 3 its first words, 2 a word, 1 its start, 0 none."""
    if len(ecrit) < _MOT_MIN:
        return 0
    ses_mots, mots = _mots(ecrit), _mots(connu)
    if mots[: len(ses_mots)] == ses_mots:
        return 3
    if not {mot for mot in mots if len(mot) >= _MOT_MIN}.isdisjoint(ses_mots):
        return 2
    return int(connu.startswith(ecrit))


def _mots(nom: str) -> list[str]:
    return [mot.removesuffix("s") for mot in nom.split("_")]


def refuser_inconnus(recus: Sequence[tuple[str, str]], declares: Declares) -> None:
    """Raise `RequeteInvalide` naming each parameter that the route does not know, with the one that is meant.

    A parameter of one value that comes twice is refused too: no one could tell which of them counts.
    """
    fautes = []
    for nom, fois in Counter(nom for nom, _ in recus).items():
        if nom not in declares.noms:
            proche = _proche(nom[:64], declares.noms)
            suite = f" ; vouliez-vous « {proche} » ?" if proche else ""
            fautes.append(Faute(nom[:64], "parametre-inconnu", f"paramètre inconnu{suite}"))
        elif fois > 1 and nom not in declares.multiples:
            fautes.append(Faute(nom, "parametre-repete", "ce paramètre n'admet qu'une valeur"))
    if fautes:
        noms = "À corriger : " + ", ".join(f"« {f.pointer} », {f.detail}" for f in fautes[:5])
        raise RequeteInvalide(noms, erreurs=fautes[:20], parametres_admis=sorted(declares.noms))


def controle_de_la_requete() -> Any:
    """Make the dependency, common to every route of an application, that refuses query parameters unknown or repeated,
    and callers who want another form than the one there is. One for both: each dependency costs at every request.
    """
    declares = _ParRoute()

    async def controler(request: Request) -> None:
        route = contexte_de_route(request.scope)
        refuser_la_forme(request.scope, route)
        if not request.scope["query_string"]:
            return
        dependant = getattr(route, "dependant", None)
        if dependant is not None:
            refuser_inconnus(request.query_params.multi_items(), declares.de(dependant))

    return controler
