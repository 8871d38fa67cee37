"""Who may: policies as data, decided in one place, attached to every route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Scope

from socle.acces.principal import Principal
from socle.errors import Interdit, NonAuthentifie

CLE_SCOPE = "maillage.principal"


@dataclass(frozen=True, slots=True)
class Politique:
    """One line of the policy table.

    `portees`: any one of them suffices. `anonymes`: the anonymous caller (who bears a token too) is welcome.
    `sans_jeton`: not even a token is asked (health, metrics, the OpenAPI document).
    """

    nom: str
    portees: frozenset[str] = frozenset()
    anonymes: bool = False
    sans_jeton: bool = False


OUVERTE = Politique("ouverte", anonymes=True, sans_jeton=True)
PUBLIQUE = Politique("publique", anonymes=True)
IDENTIFIEE = Politique("identifiee")


def autoriser(principal: Principal | None, politique: Politique) -> None:
    """Decide, deny by default.

    Raises `NonAuthentifie` when nobody is known or an anonymous caller meets a policy that wants a name,
    `Interdit` when none of its scopes is in the policy.
    """
    if politique.sans_jeton:
        return
    if principal is None:
        raise NonAuthentifie("Aucune identité ne porte cette requête.")
    if politique.anonymes:
        return
    if principal.anonyme:
        raise NonAuthentifie("Cette adresse demande une clé d'accès, envoyée dans l'en-tête Authorization.")
    if politique.portees and not (politique.portees & principal.portees):
        voulues = " ou ".join(sorted(politique.portees))
        raise Interdit(f"Il faut la portée {voulues}.", portees=sorted(politique.portees))


def principal_de(scope: Scope) -> Principal | None:
    """Caller of an ASGI request, put there by the identification middleware."""
    principal = scope.get(CLE_SCOPE)
    return principal if isinstance(principal, Principal) else None


class Exigence:
    """The dependency that applies a policy to a FastAPI route and gives it the caller."""

    def __init__(self, politique: Politique) -> None:
        self.politique = politique

    async def __call__(self, request: Request) -> Principal | None:
        principal = principal_de(request.scope)
        autoriser(principal, self.politique)
        return principal


def exiger(politique: Politique) -> Any:
    """Make the `Depends` of a policy, to be put in an `Annotated[Principal, …]` alias."""
    return Depends(Exigence(politique))


def Portee(*portees: str) -> Any:
    """Make the `Depends` that asks for any one of these scopes: `Annotated[Principal, Portee("sync:write")]`."""
    return exiger(Politique(" ou ".join(portees), portees=frozenset(portees)))


Public = Annotated[Principal, exiger(PUBLIQUE)]
Identifie = Annotated[Principal, exiger(IDENTIFIEE)]
Ouvert = Annotated[Principal | None, exiger(OUVERTE)]


def _exigences(dependant: Dependant | None) -> Iterator[Politique]:
    if dependant is None:
        return
    if isinstance(dependant.call, Exigence):
        yield dependant.call.politique
    for enfant in dependant.dependencies:
        yield from _exigences(enfant)


def politiques_des_routes(app: FastAPI) -> dict[tuple[str, str], Politique | None]:
    """Policy of each (method, path) of an application, included routers and bare routes alike; `None` when missing.

    A bare route states its policy by an attribute `politique` on itself or on its endpoint.
    """
    trouvees: dict[tuple[str, str], Politique | None] = {}
    for contexte in iter_route_contexts(app.routes):
        route: BaseRoute = contexte.original_route
        if isinstance(route, APIRoute):
            politique = next(_exigences(contexte.dependant), None)
        else:
            porteur = getattr(route, "politique", None) or getattr(getattr(route, "endpoint", None), "politique", None)
            politique = porteur if isinstance(porteur, Politique) else None
        chemin = contexte.path or repr(route)
        for methode in sorted(contexte.methods or {"*"}):
            trouvees.setdefault((methode, chemin), politique)
    return trouvees


def verifier_politiques(app: FastAPI) -> None:
    """Refuse to start an application with a route that says nobody's right: raises `RuntimeError` naming them."""
    nues = [f"{methode} {chemin}" for (methode, chemin), p in politiques_des_routes(app).items() if p is None]
    if nues:
        raise RuntimeError("Routes sans politique d'accès : " + ", ".join(nues))
