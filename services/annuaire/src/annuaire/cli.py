"""The command `annuaire`."""

from __future__ import annotations

import asyncio
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from socle.donnees.db import BaseDejaTenue
from socle.settings import SocleSettings
from socle.web.client import creer_client_synchrone

from annuaire.commandes import base, bilan
from annuaire.commandes import index as index_de_recherche
from annuaire.commandes import recherche as recherches
from annuaire.commandes.correspondance import Forme, proposer_pour
from annuaire.commandes.distant import Distant, Refus
from annuaire.commandes.synchronisation import Sortie, synchroniser
from annuaire.commandes.validation import charger, valider
from annuaire.recherche.port import EngineUnavailable
from annuaire.settings import AnnuaireSettings

app = typer.Typer(help="Maillage : les listes et les sources de l'annuaire.", no_args_is_help=True)
sources = typer.Typer(help="Les sources : qui envoie des listes.", no_args_is_help=True)
app.add_typer(sources, name="source")
territoires = typer.Typer(help="Les territoires : la couche des quartiers prioritaires.", no_args_is_help=True)
app.add_typer(territoires, name="territoires")
correspondances = typer.Typer(help="Les correspondances : comment se lit une liste.", no_args_is_help=True)
app.add_typer(correspondances, name="correspondance")
recherche = typer.Typer(help="La recherche : son moteur, son index, ce qu'elle trouve.", no_args_is_help=True)
app.add_typer(recherche, name="recherche")

doublons = typer.Typer(
    help="Les doublons : les fiches de plusieurs sources qui disent le même lieu.", no_args_is_help=True
)
app.add_typer(doublons, name="doublons")

Adresse = Annotated[str, typer.Option("--url", envvar="MAILLAGE_URL", help="adresse de Maillage")]
Cle = Annotated[
    str | None,
    typer.Option("--cle", envvar="MAILLAGE_CLE", help="clé d'accès (défaut : la clé de démonstration)"),
]
MoteurAlimente = Annotated[str | None, typer.Option("--moteur", help="un seul moteur (défaut : chacun)")]
AVERTISSEMENTS_MONTRES = 3
ADRESSE_DEFAUT = "http://127.0.0.1:8000"


class Mode(StrEnum):
    """Whether the file is the whole list or changes only."""

    COMPLET = "complet"
    DELTA = "delta"


@sources.command("creer")
def creer_source(
    ident: Annotated[str, typer.Argument(metavar="ID", help="identifiant court, par exemple hub-paca")],
    nom: Annotated[str, typer.Option(help="nom lisible de la source")],
    si_absente: Annotated[bool, typer.Option("--si-absente", help="ne rien faire si elle existe")] = False,
    url: Adresse = ADRESSE_DEFAUT,
    cle: Cle = None,
) -> None:
    """Créer une source (il faut une clé d'administration)."""
    try:
        distant = _distant(url, cle)
        if si_absente and distant.lire_source(ident) is not None:
            return
        distant.creer_source({"id": ident, "nom": nom})
    except Refus as refus:
        raise _echec(refus) from refus
    Console().print(f"Source {ident} créée.", highlight=False)


@territoires.command("charger-qpv")
def charger_qpv(
    fichier: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FICHIER")],
    licence: Annotated[str, typer.Option(help="licence de la couche, telle que l'éditeur la donne")] = "non précisée",
    editeur: Annotated[str, typer.Option("--source", help="éditeur de la couche")] = "ANCT",
    millesime: Annotated[int, typer.Option(help="année du zonage")] = 2024,
    url: Adresse = ADRESSE_DEFAUT,
    cle: Cle = None,
) -> None:
    """Remplacer la couche des quartiers prioritaires par un GeoJSON en WGS84 (il faut une clé d'administration)."""
    try:
        compte = _distant(url, cle).charger_qpv(fichier, source=editeur, licence=licence, millesime=millesime)
    except Refus as refus:
        raise _echec(refus) from refus
    ecran = Console()
    ecran.print(
        f"Quartiers : {compte['ajoutes']} ajoutés, {compte['modifies']} modifiés, {compte['retires']} retirés, "
        f"{compte['inchanges']} inchangés.",
        highlight=False,
    )
    avertissements = compte["avertissements"]
    for avertissement in avertissements[:AVERTISSEMENTS_MONTRES]:
        ecran.print(f"  {avertissement}", style="yellow", highlight=False, markup=False)
    if len(avertissements) > AVERTISSEMENTS_MONTRES:
        reste = len(avertissements) - AVERTISSEMENTS_MONTRES
        ecran.print(f"  et {reste} autres avertissements", style="yellow", highlight=False)


@correspondances.command("valider")
def valider_correspondance(
    document: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, metavar="DOC")],
    fichier: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, readable=True, metavar="[FICHIER]")
    ] = None,
    lignes: Annotated[int, typer.Option(min=1, max=50, help="lieux montrés")] = 5,
    sortie: Annotated[Sortie, typer.Option("--format", help="forme du compte rendu")] = Sortie.TEXTE,
) -> None:
    """Vérifier une correspondance, sans réseau ; avec un fichier, montrer les lieux qu'elle en tire.

    Code de sortie : 0 si le document est valide et le fichier lisible, 1 sinon.
    """
    try:
        valider(document, fichier, montrer=lignes, sortie=sortie, ecran=Console())
    except Refus as refus:
        raise _echec(refus) from refus


@app.command("synchroniser")
def synchroniser_liste(
    fichier: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FICHIER")],
    source: Annotated[str, typer.Option(help="identifiant de la source")],
    mode: Annotated[Mode, typer.Option(help="liste entière, ou seulement des changements")] = Mode.COMPLET,
    correspondance: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="document (YAML, JSON) qui dit comment la lire"),
    ] = None,
    essai: Annotated[bool, typer.Option("--essai", help="montrer le plan sans rien écrire")] = False,
    sortie: Annotated[Sortie, typer.Option("--format", help="forme du compte rendu")] = Sortie.TEXTE,
    attente: Annotated[float, typer.Option(help="secondes laissées au traitement")] = 600.0,
    url: Adresse = ADRESSE_DEFAUT,
    cle: Cle = None,
) -> None:
    """Envoyer une liste, suivre son traitement et dire ce qu'il change.

    Code de sortie : 0 appliquée, inchangée ou essai ; 2 retenue par une garde ; 1 refusée.
    """
    try:
        document = charger(correspondance) if correspondance is not None else None
        code = synchroniser(
            _distant(url, cle),
            fichier,
            source=source,
            mode=mode,
            essai=essai,
            correspondance=document,
            sortie=sortie,
            attente=attente,
            ecran=Console(),
            avancement=Console(stderr=True),
        )
    except Refus as refus:
        raise _echec(refus) from refus
    raise typer.Exit(code)


@app.command("bilan")
def montrer_bilan(
    ident: Annotated[str, typer.Argument(metavar="ID", help="identifiant de la source")],
    forme: Annotated[bilan.Forme, typer.Option("--format", help="forme du bilan")] = bilan.Forme.TEXTE,
    url: Adresse = ADRESSE_DEFAUT,
    cle: Cle = None,
) -> None:
    """Dire où en est une source, sur une page : fraîcheur, défauts, manques, champs perdus, doublons, couverture."""
    try:
        lu = _distant(url, cle).bilan(ident)
    except Refus as refus:
        raise _echec(refus) from refus
    bilan.montrer(lu, forme=forme, ecran=Console())


@correspondances.command("proposer")
def proposer_correspondance(
    fichier: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FICHIER")],
    forme: Annotated[Forme, typer.Option("--format", help="forme du document")] = Forme.YAML,
) -> None:
    """Proposer une correspondance pour un fichier, à relire et à corriger ; rien n'est envoyé.

    Seul le document est écrit sur la sortie : `annuaire correspondance proposer liste.csv > correspondance.yaml`.
    """
    try:
        texte = proposer_pour(fichier, forme)
    except Refus as refus:
        raise _echec(refus) from refus
    typer.echo(texte, nl=False)


@recherche.command("evaluer")
def evaluer_recherche(
    corpus: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="fiches, un objet JSON par ligne")],
    requetes: Annotated[Path, typer.Option(exists=True, dir_okay=False, help='{"queries": [{"id": …, "q": …}, …]}')],
    moteur: Annotated[recherches.Moteur, typer.Option(help="moteur à juger")] = recherches.Moteur.EMBARQUE,
    url: Annotated[str | None, typer.Option(envvar="MEILI_URL", help="adresse du Meilisearch à juger")] = None,
    cle: Annotated[str, typer.Option(envvar="MEILI_MASTER_KEY", help="sa clé maîtresse")] = "",
) -> None:
    """Poser des questions à un moteur, sur un index fait pour l'occasion : les fiches trouvées, dans l'ordre."""
    try:
        reponses = recherches.evaluer(corpus, requetes, moteur=moteur, url=url, cle=cle)
    except (ValueError, EngineUnavailable) as erreur:
        raise _echec(Refus(str(erreur))) from erreur
    typer.echo(reponses)


@recherche.command("etat")
def montrer_index(url: Adresse = ADRESSE_DEFAUT, cle: Cle = None) -> None:
    """Dire où en est l'index de la recherche, moteur par moteur (il faut une clé d'administration)."""
    try:
        index_de_recherche.montrer(_distant(url, cle), Console())
    except Refus as refus:
        raise _echec(refus) from refus


@recherche.command("reconstruire")
def reconstruire_index(
    moteur: MoteurAlimente = None,
    attente: Annotated[float, typer.Option(help="secondes laissées au travail")] = 900.0,
    url: Adresse = ADRESSE_DEFAUT,
    cle: Cle = None,
) -> None:
    """Reconstruire l'index (il faut une clé d'administration) ; les recherches continuent pendant ce temps."""
    try:
        index_de_recherche.reconstruire(
            _distant(url, cle), moteur=moteur, attente=attente, ecran=Console(), avancement=Console(stderr=True)
        )
    except Refus as refus:
        raise _echec(refus) from refus


@recherche.command("verifier")
def verifier_index(
    moteur: MoteurAlimente = None,
    attente: Annotated[float, typer.Option(help="secondes laissées au travail")] = 300.0,
    url: Adresse = ADRESSE_DEFAUT,
    cle: Cle = None,
) -> None:
    """Comparer l'index à l'annuaire et réparer ce qui diffère (il faut une clé d'administration)."""
    try:
        index_de_recherche.verifier(_distant(url, cle), moteur=moteur, attente=attente, ecran=Console())
    except Refus as refus:
        raise _echec(refus) from refus


@doublons.command("recalculer")
def recalculer_doublons(url: Adresse = ADRESSE_DEFAUT, cle: Cle = None) -> None:
    """Comparer de nouveau toutes les fiches (il faut une clé d'administration) ; les décisions prises restent."""
    try:
        _distant(url, cle).recalculer_doublons()
    except Refus as refus:
        raise _echec(refus) from refus
    Console().print("Comparaison demandée : elle se fait à la suite des listes en attente.", highlight=False)


@app.command("migrer")
def migrer_base() -> None:
    """Mettre la base à jour, l'annuaire étant arrêté."""
    try:
        asyncio.run(base.migrer(SocleSettings(), AnnuaireSettings()))
    except BaseDejaTenue as tenue:
        raise _echec(Refus(str(tenue))) from tenue


@app.command("declarer-restauration")
def declarer_restauration(
    au_moins: Annotated[int, typer.Option(min=0, help="la plus haute époque déjà publiée, si on la connaît")] = 0,
) -> None:
    """Dire qu'une sauvegarde vient d'être restaurée, l'annuaire étant arrêté : les lecteurs du flux le sauront."""
    try:
        epoque = asyncio.run(base.declarer_restauration(SocleSettings(), AnnuaireSettings(), au_moins=au_moins))
    except BaseDejaTenue as tenue:
        raise _echec(Refus(str(tenue))) from tenue
    Console().print(f"Époque {epoque} ouverte : les curseurs au-delà de la sauvegarde recevront 410.", highlight=False)


def _distant(url: str, cle: str | None) -> Distant:
    entetes = {"Authorization": f"Bearer {cle or _cle_demonstration()}"}
    return Distant(creer_client_synchrone(url, delai=130.0, entetes=entetes))


def _cle_demonstration() -> str:
    chemin = Path(os.environ.get("MAILLAGE_DONNEES") or "var") / "cle-demonstration.txt"
    try:
        return chemin.read_text(encoding="utf-8").strip()
    except OSError:
        raise Refus(
            f"Aucune clé : donnez --cle ou MAILLAGE_CLE (la clé de démonstration n'est pas dans {chemin})."
        ) from None


def _echec(refus: Refus) -> typer.Exit:
    console = Console(stderr=True)
    console.print(f"Refusé. {refus}", style="red", highlight=False, markup=False)
    for faute in refus.fautes:
        console.print(f"  {faute}", highlight=False, markup=False)
    return typer.Exit(1)


if __name__ == "__main__":
    app()
