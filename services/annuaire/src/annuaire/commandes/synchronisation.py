"""`annuaire synchroniser`: send a file, follow its run, tell what it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from annuaire.commandes import affichage
from annuaire.commandes.distant import Distant

CHANGEMENTS_MONTRES = 5

CODES = {"appliquee": 0, "inchange": 0, "essai": 0, "retenue": 2}
"""Exit code of each outcome; 1 for every other."""


class Sortie(StrEnum):
    """How the outcome is told."""

    TEXTE = "texte"
    BREF = "bref"
    JSON = "json"


def synchroniser(
    distant: Distant,
    fichier: Path,
    *,
    source: str,
    mode: str,
    essai: bool,
    correspondance: Any,
    sortie: Sortie,
    attente: float,
    ecran: Console,
    avancement: Console,
) -> int:
    """Send, follow and tell; return the exit code.

    `correspondance` is the document that reads the file: it comes into force with the list, never with a dry run.
    `ecran` gets the outcome, `avancement` the progress bars.

    Raises `annuaire.commandes.distant.Refus`.
    """
    version = distant.garder_correspondance(source, correspondance) if correspondance is not None else None
    run = _envoyer_et_suivre(distant, fichier, source, mode, essai, version, attente, avancement)
    if sortie is Sortie.BREF:
        ecran.print(affichage.resume(run))
    else:
        changements = {
            action: distant.plan(run, action, combien=CHANGEMENTS_MONTRES)
            for action, nombre in affichage.compter(run).items()
            if nombre
        }
        groupes = affichage.grouper(distant.rapport(run))
        if sortie is Sortie.JSON:
            _imprimer_json(ecran, run, changements, [asdict(groupe) for groupe in groupes])
        else:
            affichage.presenter(ecran, run, changements, groupes)
            _conseiller(ecran, run)
    return CODES.get(run["etat"], 1)


def _envoyer_et_suivre(
    distant: Distant,
    fichier: Path,
    source: str,
    mode: str,
    essai: bool,
    version: int | None,
    attente: float,
    avancement: Console,
) -> dict[str, Any]:
    colonnes = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*colonnes, console=avancement, transient=True, disable=not avancement.is_terminal) as barre:
        envoi = barre.add_task(f"envoi de {fichier.name}", total=fichier.stat().st_size)
        run = distant.envoyer(
            source, fichier, mode=mode, essai=essai, correspondance=version, sur_envoi=_suivi(barre, envoi)
        )
        traitement = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
        barre.columns = traitement
        etats = barre.add_task("traitement", total=None)
        return distant.suivre(
            run,
            attente=attente,
            sur_etat=lambda etat: barre.update(etats, description=affichage.ETATS.get(etat, etat)),
        )


def _suivi(barre: Progress, tache: Any) -> Callable[[int], None]:
    return lambda octets: barre.update(tache, completed=octets)


def _imprimer_json(
    ecran: Console, run: dict[str, Any], changements: dict[str, Any], groupes: list[dict[str, Any]]
) -> None:
    document = {"synchronisation": run, "changements": changements, "rapport": groupes}
    # Straight to the stream: a console would wrap and colour what a program reads.
    ecran.file.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _conseiller(ecran: Console, run: dict[str, Any]) -> None:
    if run["etat"] == "retenue":
        ecran.print(
            f"\nPour passer outre après avoir vérifié : POST /annuaire/v1/synchronisations/{run['id']}/application",
            style="dim",
            highlight=False,
        )
