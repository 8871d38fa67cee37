"""A spreadsheet of 50,000 rows, the most that a list may have: how long its plan takes, and what memory.

Run by hand: `python -m tests.perf.tableur [--lignes 50000]`. The list is fictional, and only planned (`essai`): time
counts from the first byte sent to the plan, memory is the peak of the service above what it held, and that of the
process that reads. Goals: 30 s, and 400 MB for both together.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from annuaire.demonstration.__main__ import listes_du_standard
from annuaire.demonstration.generateur import NOMBRE, engendrer
from annuaire.territoires.referentiel import Referentiel
from socle.web.client import creer_client

from tests.fabriques.listes import classeur
from tests.perf.ecriture import Envoi
from tests.perf.lecture import Lecteur

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BUT_S, BUT_MO = 30.0, 400.0


def tableur(nombre: int) -> bytes:
    """Write fictional places as a workbook."""
    communes = list(Referentiel.charger().communes())
    lignes: list[Mapping[str, Any]] = []
    for graine in range(-(-nombre // NOMBRE)):
        lues = engendrer(
            communes, listes_du_standard(), nombre=min(NOMBRE, nombre - graine * NOMBRE), graine=100 + graine
        )
        lignes += [{**ligne, "id": f"{graine}-{ligne['id']}"} for ligne in lues]
    colonnes = list(dict.fromkeys(colonne for ligne in lignes for colonne in ligne))
    rangees = [_rangee(1, colonnes)]
    rangees += [_rangee(rang, [ligne.get(c) for c in colonnes]) for rang, ligne in enumerate(lignes, 2)]
    return classeur("".join(rangees))


def _rangee(rang: int, valeurs: list[Any]) -> str:
    return f'<row r="{rang}">' + "".join(map(_cellule, valeurs)) + "</row>"


def _cellule(valeur: Any) -> str:
    if valeur is None:
        return "<c/>"
    if isinstance(valeur, (int, float)):
        return f"<c><v>{valeur}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(valeur))}</t></is></c>'


class Sommets:
    """The highest memory of a process and of its children, looked at every 50 ms (MB)."""

    def __init__(self, pid: int) -> None:
        self._pid, self._fini = pid, threading.Event()
        self.service = self.enfant = 0.0
        self._fil = threading.Thread(target=self._veiller)

    def __enter__(self) -> Sommets:
        self._fil.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._fini.set()
        self._fil.join()

    def _veiller(self) -> None:
        while not self._fini.wait(0.05):
            self.service = max(self.service, _octets(self._pid))
            for enfant in Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split():
                self.enfant = max(self.enfant, _octets(int(enfant)))


def _octets(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


async def eprouver(lecteur: Lecteur, nombre: int) -> None:
    """Send the spreadsheet and print what its plan took."""
    contenu = tableur(nombre)
    async with creer_client(f"http://127.0.0.1:{lecteur.port}", delai=120.0) as client:
        envoi = Envoi(client, lecteur)
        await envoi.creer("tableur")
        avant = _octets(lecteur.processus.pid)
        with Sommets(lecteur.processus.pid) as sommets:
            secondes, run = await envoi.envoyer("tableur", contenu, type_mime=XLSX, essai="true")
            await asyncio.sleep(0.2)
    if run["etat"] != "essai" or run["lignes"]["lues"] != nombre:
        raise RuntimeError(run)
    service = sommets.service - avant
    manque = secondes > BUT_S or service + sommets.enfant > BUT_MO
    print(
        f"{nombre} lignes, {len(contenu) / 1e6:.1f} Mo : plan en {secondes:.1f} s (but {BUT_S:.0f}) ; mémoire "
        f"{service:.0f} Mo de plus pour le service, {sommets.enfant:.0f} pour la lecture (but {BUT_MO:.0f} ensemble) "
        f"{'manqué' if manque else ''}",
        flush=True,
    )


def principal() -> None:
    """Run the bench."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lignes", type=int, default=50_000)
    reglages = options.parse_args()
    with tempfile.TemporaryDirectory() as dossier, Lecteur.lancer(Path(dossier), 1_000) as lecteur:
        asyncio.run(eprouver(lecteur, reglages.lignes))


if __name__ == "__main__":
    principal()
