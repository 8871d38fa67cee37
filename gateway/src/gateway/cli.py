"""The command `gateway`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from socle.donnees.db import BaseDejaTenue, Database
from socle.donnees.migrations import migrer as migrer_base
from socle.errors import Erreur
from socle.settings import SocleSettings

from gateway.keys.commandes import Cles, Refus, avec_cles
from gateway.migrations import DOSSIER
from gateway.settings import GatewaySettings

T = TypeVar("T")

app = typer.Typer(help="Maillage : la passerelle et ses clés d'accès.", no_args_is_help=True)
cle = typer.Typer(help="Les clés d'accès.", no_args_is_help=True)
app.add_typer(cle, name="cle")


@app.command()
def migrer() -> None:
    """Mettre la base à jour, la passerelle étant arrêtée."""

    async def faire() -> None:
        base = Database(GatewaySettings().url(SocleSettings()))
        try:
            base.prendre_propriete()
            await migrer_base(base, DOSSIER)
        finally:
            await base.fermer()

    try:
        asyncio.run(faire())
    except BaseDejaTenue as refus:
        raise _echec(str(refus)) from refus


@cle.command("creer")
def creer(
    nom: Annotated[str, typer.Option(help="qui s'en sert, et pour quoi")],
    portees: Annotated[
        str | None, typer.Option(help="portées, séparées par des virgules", show_default="lecture")
    ] = None,
    publiable: Annotated[
        bool, typer.Option("--publiable", help="nomme une application, n'ouvre rien, peut être montrée à tous")
    ] = False,
    source: Annotated[list[str] | None, typer.Option(help="source à laquelle la lier (répétable)")] = None,
    reseau: Annotated[list[str] | None, typer.Option(help="réseau d'où l'employer (répétable)")] = None,
    jours: Annotated[
        int | None, typer.Option(help="durée de vie (1826 pour une clé publiable)", min=1, show_default="180")
    ] = None,
) -> None:
    """Créer une clé. Son texte est la dernière ligne écrite, et n'est plus jamais montré."""
    if portees is None:
        portees = "" if publiable else "lecture"
    demande = {
        "nom": nom,
        "portees": [portee.strip() for portee in portees.split(",") if portee.strip()],
        "publiable": publiable,
        "sources": source or None,
        "reseaux": reseau or None,
        "jours": jours,
    }
    faite = _avec(lambda cles: cles.creer(demande))
    ouvre = "publiable" if faite["publiable"] else f"portées : {', '.join(faite['portees'])}"
    typer.echo(f"Clé {faite['id']} ({faite['nom']}), {ouvre}.")
    typer.echo(f"Elle expire le {str(faite['expire_le'])[:10]}. Gardez-la maintenant :")
    typer.echo(faite["cle"])


@cle.command("lister")
def lister() -> None:
    """Lister les clés, sans leurs secrets."""
    for une in _avec(lambda cles: cles.lister()):
        etat = "révoquée" if une["revoquee_le"] else f"expire le {str(une['expire_le'])[:10]}"
        liee = f" [{', '.join(une['sources'])}]" if une["sources"] is not None else ""
        ouvre = "publiable" if une["publiable"] else ",".join(une["portees"])
        typer.echo(f"{une['id']}  {etat:<22}  {ouvre}{liee}  {une['nom']}")


@cle.command("revoquer")
def revoquer(ident: Annotated[str, typer.Argument(metavar="ID", help="les dix caractères de la clé")]) -> None:
    """Révoquer une clé, pour toujours."""
    une = _avec(lambda cles: cles.revoquer(ident))
    typer.echo(f"Clé {une['id']} ({une['nom']}) révoquée.")


def _avec(geste: Callable[[Cles], Coroutine[Any, Any, T]]) -> T:
    try:
        return asyncio.run(avec_cles(SocleSettings(), GatewaySettings(), geste))
    except Erreur as erreur:
        raise _echec(erreur.detail) from erreur
    except Refus as refus:
        raise _echec(str(refus)) from refus


def _echec(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)


if __name__ == "__main__":
    app()
