"""Annuaire in a process that may be told where to die: `python -m tests.fabriques.annuaire_mortel`.

The process reads orders on its input and answers on its output, one JSON object a line. `{"demarrer": {…}}` forks a
server on a free port (what is imported is imported once) and gives `{"pid", "port"}`; `{"attendre": pid}` waits for
its end and gives `{"statut"}`, negative for a signal. A server started with a `point` kills itself there by SIGKILL.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from annuaire.app import create_app
from annuaire.lieux import repository as lieux_repository
from annuaire.lieux import service as lieux_service
from annuaire.recherche.indexation import indexeur, reconstruction
from annuaire.settings import AnnuaireSettings
from annuaire.synchronisation import appliquer, avancer, planifier, reception, routes
from annuaire.territoires.referentiel import Referentiel
from socle.donnees import feed, jobs, outbox
from socle.settings import SocleSettings
from socle.web import idempotence

LOT = 20
"""Rows of a batch, so that a small list has several of them."""


def mourir() -> None:
    """End as a power cut does: nothing is closed, nothing is said."""
    os.kill(os.getpid(), signal.SIGKILL)


def avant(module: Any, nom: str, fois: int = 1) -> None:
    """Die at the n-th call of a function, before it does anything."""
    restent = fois
    vraie = getattr(module, nom)

    @functools.wraps(vraie)
    def autre(*args: Any, **options: Any) -> Any:
        nonlocal restent
        restent -= 1
        if restent == 0:
            mourir()
        return vraie(*args, **options)

    setattr(module, nom, autre)


def apres(module: Any, nom: str, fois: int = 1, *, si: Callable[[Any], bool] = lambda _: True) -> None:
    """Die at the end of the n-th call of a coroutine function whose result is such."""
    restent = fois
    vraie = getattr(module, nom)

    @functools.wraps(vraie)
    async def autre(*args: Any, **options: Any) -> Any:
        nonlocal restent
        resultat = await vraie(*args, **options)
        restent -= si(resultat)
        if restent == 0:
            mourir()
        return resultat

    setattr(module, nom, autre)


def _geste_final() -> None:
    """Die when the very last statement of the transaction has been executed, right before its commit."""
    vrai = appliquer._noter_le_numero

    def autre(run_id: Any) -> Any:
        noter = vrai(run_id)

        async def puis_mourir(session: Any) -> None:
            await noter(session)
            mourir()

        return puis_mourir

    appliquer._noter_le_numero = autre


POINTS: dict[str, Callable[[], None]] = {
    "la liste est sur le disque": lambda: apres(reception, "recevoir"),
    "le run est écrit, non validé": lambda: apres(idempotence, "garder"),
    "le run est validé, rien n'est répondu": lambda: avant(jobs.Ouvrier, "reveiller"),
    "la tâche est prise": lambda: apres(jobs.Ouvrier, "_prendre", si=lambda tache: tache is not None),
    "le plan commence": lambda: apres(planifier, "_ecrire"),
    "le plan est à moitié": lambda: apres(planifier, "_ecrire", 2),
    "le plan est entier, sans état": lambda: avant(planifier, "gardes"),
    "le plan est prêt": lambda: avant(avancer, "appliquer"),
    "l'application commence": lambda: avant(lieux_service, "enregistrer"),
    "des fiches sont écrites": lambda: apres(lieux_repository, "ecrire_fiches"),
    "des lieux sont écrits": lambda: apres(lieux_repository, "ecrire_lieux"),
    "des publications sont écrites": lambda: apres(feed, "publier"),
    "le second lot est écrit": lambda: apres(lieux_repository, "ecrire_lieux", 2),
    "des retraits sont écrits": lambda: apres(lieux_repository, "retirer_lieux"),
    "des événements sont écrits": lambda: apres(outbox, "emettre", 3),
    "avant le compteur": lambda: avant(feed, "_numeroter"),
    "après le compteur": lambda: apres(feed, "_numeroter"),
    "tout est écrit, rien n'est validé": _geste_final,
    "tout est validé, la tâche n'est pas finie": lambda: apres(avancer, "appliquer"),
    "tout est fini, rien n'est répondu": lambda: avant(routes, "_fini"),
}
"""Where a server may die, in the order of a synchronisation."""


def servir(prise: socket.socket, *, dossier: str, url: str, point: str | None) -> None:
    """Run the server on this socket until a signal."""
    planifier.LOT = lieux_service.LOT = LOT
    appliquer.LOT = LOT  # type: ignore[attr-defined]
    indexeur.LOT = indexeur.LOT_DISCRET = reconstruction.LOT = LOT  # type: ignore[misc]
    jobs.BAIL = timedelta(seconds=1)
    if point is not None:
        POINTS[point]()
    app = create_app(SocleSettings(donnees=Path(dossier)), AnnuaireSettings(base_url=url, collectivites=False))
    uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on")).run(sockets=[prise])


def _demarrer(dossier: str, url: str, point: str | None = None) -> dict[str, int]:
    prise = socket.create_server(("127.0.0.1", 0))
    port: int = prise.getsockname()[1]
    pid = os.fork()
    if pid == 0:
        _mourir_avec_le_parent()
        journal = os.open(Path(dossier, "journal.txt"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        entree = os.open(os.devnull, os.O_RDONLY)
        for cible, source in enumerate((entree, journal, journal)):
            os.dup2(source, cible)
        try:
            servir(prise, dossier=dossier, url=url, point=point)
        finally:
            os._exit(0)
    prise.close()
    return {"pid": pid, "port": port}


def _mourir_avec_le_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def main() -> None:
    """Obey until the end of the input."""
    warnings.simplefilter("error")
    _mourir_avec_le_parent()
    Referentiel.charger()
    for ordre in map(json.loads, sys.stdin):
        if "demarrer" in ordre:
            reponse = _demarrer(**ordre["demarrer"])
        else:
            _, statut = os.waitpid(ordre["attendre"], 0)
            reponse = {"statut": os.waitstatus_to_exitcode(statut)}
        print(json.dumps(reponse), flush=True)


if __name__ == "__main__":
    main()
