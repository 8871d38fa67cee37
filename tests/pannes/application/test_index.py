"""A server killed while it indexes: its index can be read at once, and nothing that was told to it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.indexation.reconstruction import versions
from annuaire.recherche.port import ActorQuery
from socle.donnees.db import Database
from socle.web.client import Client, HTTPError, creer_client_synchrone

from tests.fabriques.annuaire import RACINE, liste
from tests.pannes.application.test_mort_subite import Processus, envoyer, finir, jeton, preparer

LIGNES = 240
INDEX = f"{RACINE}/recherche/index"


@pytest.fixture(scope="module")
def processus() -> Iterator[Processus]:
    """The process that forks servers, which take as many lists as they are sent."""
    with pytest.MonkeyPatch.context() as milieu:
        milieu.setenv("ANNUAIRE_RUNS_PAR_HEURE", "100000")
        processus = Processus()
    yield processus
    processus.fermer()


@contextlib.contextmanager
def serveur(processus: Processus, dossier: Path, url: str) -> Iterator[tuple[Client, int]]:
    """Start a server that the block kills."""
    lance = processus._ordonner(demarrer={"dossier": str(dossier), "url": url, "point": None})
    try:
        with creer_client_synchrone(f"http://127.0.0.1:{lance['port']}", delai=60.0) as client:
            yield client, lance["pid"]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(lance["pid"], signal.SIGKILL)
        statut = processus._ordonner(attendre=lance["pid"])["statut"]
    assert statut == -signal.SIGKILL, (dossier / "journal.txt").read_text()[-3000:]


def moteur(client: Client, dossier: Path) -> dict[str, Any]:
    reponse = client.get(INDEX, headers=jeton(dossier))
    assert reponse.status_code == 200, reponse.text
    [lu] = reponse.json()["moteurs"]
    return lu  # type: ignore[no-any-return]


def reprendre(client: Client, dossier: Path) -> dict[str, Any]:
    """Wait until the server has followed everything and compared its index with its directory."""
    limite = time.monotonic() + 120
    while time.monotonic() < limite:
        lu = moteur(client, dossier)
        if lu["etat"] == "pret" and lu["position"] == lu["dernier_numero"] and lu["derniere_verification"]:
            return lu
        time.sleep(0.05)
    raise AssertionError(f"l'index n'avance plus : {lu}")


def changer(rang: int) -> list[dict[str, Any]]:
    """Make the list of a turn: a third of the rows changed, a few gone, a few new."""
    lignes = liste(LIGNES, depuis=2 * (rang % 4))
    return [
        {**ligne, "presentation_resume": f"Version {rang - (i + rang) % 3} de cette fiche."}
        for i, ligne in enumerate(lignes)
    ]


async def comparer(dossier: Path, url: str) -> tuple[int, int]:
    """Compare what lies on the disk, nobody being there: records in the index, and those that differ."""
    base, engine = Database(url), MoteurEmbarque(dossier / "annuaire" / "recherche")
    async with base.read(instantane=True) as session:
        attendues = await versions(session)
    trouvees = {id: v async for lot in engine.fingerprints() for id, v in lot}
    page = await engine.search(ActorQuery(q="espace numérique fictif"))
    assert page.total == len(trouvees)
    await engine.close()
    await base.fermer()
    return len(trouvees), len(attendues.items() ^ trouvees.items())


def eprouver(processus: Processus, dossier: Path, morts: int, hasard: random.Random) -> tuple[int, int]:
    """Kill this many times while lists are written; return the records in the end, and those that differ."""
    url = f"sqlite:{dossier / 'annuaire.db'}"
    preparer(processus, dossier, url)
    for rang in range(morts):
        with serveur(processus, dossier, url) as (client, pid):
            lu = reprendre(client, dossier)
            assert lu["derniere_verification"]["ecarts"] == 0, rang
            # the index of before is the one that answers: only what people asked for is built
            faite = lu["derniere_reconstruction"]
            assert faite is None or rang == 0 or faite["motif"] == "demande", faite
            if rang % 3 == 2:
                entetes = {**jeton(dossier), "Idempotency-Key": uuid4().hex}
                assert client.post(f"{INDEX}/actions/reconstruire", headers=entetes).status_code == 202
            # one death in four anywhere, the others once the list is applied, while it is indexed
            partout = rang % 4 == 3
            if partout:
                threading.Timer(hasard.uniform(0.05, 3.0), os.kill, (pid, signal.SIGKILL)).start()
            with contextlib.suppress(HTTPError):
                reponse = envoyer(client, dossier, changer(rang), uuid4().hex)
                if not partout:
                    assert finir(client, dossier, reponse.json()["id"])["etat"] == "appliquee"
                    time.sleep(hasard.uniform(0.0, 0.6))
    with serveur(processus, dossier, url) as (client, _):
        assert reprendre(client, dossier)["derniere_verification"]["ecarts"] == 0
    return asyncio.run(comparer(dossier, url))


def test_un_serveur_tue_pendant_qu_il_indexe_ne_perd_rien(processus: Processus, tmp_path: Path) -> None:
    fiches, ecarts = eprouver(processus, tmp_path / "donnees", 4, random.Random(7))
    assert fiches >= LIGNES - 60
    assert ecarts == 0


@pytest.mark.epreuve
def test_cinquante_morts_pendant_l_indexation(
    processus: Processus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    morts = int(os.environ.get("MAILLAGE_MORTS", "50"))
    fiches, ecarts = eprouver(processus, tmp_path / "donnees", morts, random.Random(542))
    assert ecarts == 0
    with capsys.disabled():
        print(f"\n  morts pendant l'indexation : {morts}/{morts} index lisibles, {fiches} fiches, {ecarts} perdue")
