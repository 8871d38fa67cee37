"""A team of real processes: logs, death, stop."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import sys
from pathlib import Path

import pytest

from infra.lanceur import processus
from infra.lanceur.processus import Equipe

pytestmark = pytest.mark.anyio

ATTENDRE = "import time\nwhile True: time.sleep(0.05)"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-u", "-c", code)


async def test_chaque_ligne_porte_le_nom_de_son_processus() -> None:
    sortie = io.StringIO()
    async with Equipe(sortie=sortie) as equipe:
        await equipe.demarrer("annuaire", python("print('un'); print('deux', end='')"), os.environ)
        await equipe.premiere_mort()
    assert sortie.getvalue() == "annuaire     | un\nannuaire     | deux\n"


async def test_une_ligne_plus_longue_que_le_tampon_ne_bloque_pas_le_processus() -> None:
    sortie = io.StringIO()
    async with Equipe(sortie=sortie) as equipe:
        await equipe.demarrer("annuaire", python("print('x' * 1_000_000)"), os.environ)
        assert await equipe.premiere_mort() == ("annuaire", 0)
    assert sortie.getvalue().count("x") == 1_000_000


async def test_la_premiere_mort_dit_qui_et_avec_quel_code() -> None:
    async with Equipe(sortie=io.StringIO()) as equipe:
        await equipe.demarrer("gateway", python(ATTENDRE), os.environ)
        await equipe.demarrer("annuaire", python("raise SystemExit(7)"), os.environ)
        assert await equipe.premiere_mort() == ("annuaire", 7)


async def test_personne_ne_survit_a_la_fin_du_bloc() -> None:
    async with Equipe(sortie=io.StringIO()) as equipe:
        await equipe.demarrer("gateway", python(ATTENDRE), os.environ)
        await equipe.demarrer("annuaire", python(ATTENDRE), os.environ)
        pids = [p.pid for p in equipe._processus.values()]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_un_processus_sourd_a_la_demande_est_tue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processus, "DELAI_TUER", 0.2)
    sortie = SortieGuettee()
    code = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('sourd')\n{ATTENDRE}"
    async with Equipe(sortie=sortie) as equipe:
        await equipe.demarrer("gateway", python(code), os.environ)
        await sortie.une_ligne.wait()
        enfant = equipe._processus["gateway"]
    assert enfant.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="demande prctl et pidfd, propres à Linux")
async def test_tuer_le_lanceur_ne_laisse_aucun_processus() -> None:
    enfant = f"import os, time\nprint(os.getpid(), flush=True)\n{ATTENDRE}"
    lanceur = (
        "import asyncio, os, sys\nfrom infra.lanceur.processus import Equipe\n"
        "async def vivre():\n    async with Equipe() as equipe:\n"
        f"        await equipe.demarrer('annuaire', (sys.executable, '-c', {enfant!r}), os.environ)\n"
        "        await equipe.premiere_mort()\nasyncio.run(vivre())\n"
    )
    racine = Path(__file__).parents[3]
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", lanceur, cwd=racine, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int((await parent.stdout.readline()).split(b"|")[1])
    descripteur = os.pidfd_open(pid)
    try:
        parent.kill()
        await parent.wait()
        async with asyncio.timeout(20):
            await _lisible(descripteur)
    finally:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(descripteur, signal.SIGKILL)
        os.close(descripteur)


class SortieGuettee(io.StringIO):
    """An output that says when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.une_ligne = asyncio.Event()

    def write(self, texte: str) -> int:
        self.une_ligne.set()
        return super().write(texte)


async def _lisible(descripteur: int) -> None:
    """Wait until a descriptor can be read: for a pidfd, until its process has ended."""
    boucle = asyncio.get_running_loop()
    fini = asyncio.Event()
    boucle.add_reader(descripteur, fini.set)
    try:
        await fini.wait()
    finally:
        boucle.remove_reader(descripteur)
