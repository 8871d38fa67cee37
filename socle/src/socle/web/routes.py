"""What the router matched, read from the ASGI scope: the framework keeps it in two places."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request
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


class _Declares:
    """Query parameters of each route, computed once."""

    def __init__(self) -> None:
        self._par_dependant: dict[int, tuple[Dependant, frozenset[str]]] = {}

    def de(self, dependant: Dependant) -> frozenset[str]:
        connu = self._par_dependant.get(id(dependant))
        if connu is None:
            noms = frozenset(champ.alias for champ in get_flat_params(dependant) if _de_requete(champ.field_info))
            # The dependant is kept beside its answer, so that its id cannot be given to another.
            connu = self._par_dependant[id(dependant)] = (dependant, noms)
        return connu[1]


def _de_requete(champ: FieldInfo) -> bool:
    lieu = getattr(champ, "in_", None)
    # The fields of a query model carry no place of their own.
    return lieu is None or lieu.value == "query"


@lru_cache(maxsize=512)
def _proche(nom: str, declares: frozenset[str]) -> str | None:
    proches = difflib.get_close_matches(nom, sorted(declares), n=1, cutoff=0.6)
    return proches[0] if proches else None


def refuser_inconnus(recus: Iterable[str], declares: frozenset[str]) -> None:
    """Raise `RequeteInvalide` naming each parameter that the route does not know, with the nearest that it does."""
    fautes = []
    for nom in dict.fromkeys(recus):
        if nom in declares:
            continue
        proche = _proche(nom[:64], declares)
        suite = f" ; vouliez-vous « {proche} » ?" if proche else ""
        fautes.append(Faute(nom[:64], "parametre-inconnu", f"paramètre inconnu{suite}"))
    if fautes:
        noms = "À corriger : " + ", ".join(f"« {f.pointer} », {f.detail}" for f in fautes[:5])
        raise RequeteInvalide(noms, erreurs=fautes[:20], parametres_admis=sorted(declares))


def controle_de_la_requete() -> Any:
    """Make the dependency, common to every route of an application, that refuses unknown query parameters, and callers
    who want another form than the one there is. One for both: each dependency costs at every request.
    """
    declares = _Declares()

    async def controler(request: Request) -> None:
        route = contexte_de_route(request.scope)
        refuser_la_forme(request.scope, route)
        if not request.scope["query_string"]:
            return
        dependant = getattr(route, "dependant", None)
        if dependant is not None:
            refuser_inconnus(request.query_params.keys(), declares.de(dependant))

    return controler
