"""A writer killed at any point: what it acknowledged is there, and the index is always readable."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.port import ActorQuery, Delete, Upsert

from tests.annuaire.recherche.fiches import fiche

FICHES = 60
LOT = 20


def _rangs(v: int) -> range:
    return range((v * LOT) % FICHES, (v * LOT) % FICHES + LOT)


async def _ecrire(dossier: Path, depart: int) -> None:
    """Write for ever: batches of one version each, now and then a whole generation; say each on the output."""
    moteur = MoteurEmbarque(dossier)
    v = depart
    while True:
        v += 1
        rangs = _rangs(v)
        await moteur.apply([Delete(f"fiche-{r:04d}", v) if r % 10 == v % 10 else Upsert(fiche(r, v=v)) for r in rangs])
        print(v, *rangs, flush=True)
        if v % 7 == 0:
            generation = await moteur.begin_rebuild()
            await moteur.load(generation, [fiche(r, v=1) for r in range(FICHES)])
            empreintes = {id: w async for lot in moteur.fingerprints() for id, w in lot}
            await moteur.load(generation, [fiche(int(id[-4:]), v=w) for id, w in empreintes.items()])
            supprimees = [r for r in range(FICHES) if f"fiche-{r:04d}" not in empreintes]
            # what the database no longer has, the new generation must not have either
            await moteur.apply([Delete(f"fiche-{r:04d}", v) for r in supprimees])
            await moteur.promote(generation)


async def _relire(dossier: Path) -> tuple[dict[str, int], int]:
    moteur = MoteurEmbarque(dossier)
    try:
        empreintes = {id: v async for lot in moteur.fingerprints() for id, v in lot}
        return empreintes, await moteur.count(ActorQuery(visibility=False)) if empreintes else 0
    finally:
        await moteur.close()


def _couper(dossier: Path, fois: int) -> tuple[int, int]:
    """Kill a writer so many times; return how many batches were acknowledged, and how many of them are lost."""
    hasard = random.Random(fois)
    acquis: dict[str, int] = {}
    lots = perdus = dernier = 0
    for _ in range(fois):
        ecrivain = subprocess.Popen(
            [sys.executable, "-m", "tests.annuaire.recherche.test_coupures", str(dossier), str(dernier)],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        assert ecrivain.stdout is not None
        annonces = [ecrivain.stdout.readline()]
        time.sleep(hasard.uniform(0.0, 0.6))
        ecrivain.send_signal(signal.SIGKILL)
        annonces += ecrivain.stdout.readlines()
        ecrivain.stdout.close()
        ecrivain.wait()
        assert annonces[0], "rien n'a été écrit"
        for annonce in annonces:
            if not annonce.endswith("\n"):
                continue
            v, *rangs = map(int, annonce.split())
            acquis |= {f"fiche-{r:04d}": v for r in rangs}
            lots, dernier = lots + 1, max(dernier, v)
        lues, comptees = asyncio.run(_relire(dossier))
        assert comptees == len(lues) > 0
        # the last batch may be on disk without having been told: then it is there whole, its deletions too
        if max(lues.values()) > dernier:
            dernier = max(lues.values())
            acquis |= {f"fiche-{r:04d}": dernier for r in _rangs(dernier)}
        perdus += sum(lues.get(id, v) < v for id, v in acquis.items())
        # a record is there when it was written last, and is not when it was deleted last
        perdus += sum((id in lues) == _supprimee(id, v) for id, v in acquis.items())
    return lots, perdus


def _supprimee(id: str, v: int) -> bool:
    return int(id[-4:]) % 10 == v % 10


def test_un_ecrivain_tue_ne_perd_rien_de_ce_qu_il_a_annonce(tmp_path: Path) -> None:
    lots, perdus = _couper(tmp_path, 5)
    assert lots >= 5
    assert perdus == 0


@pytest.mark.epreuve
def test_cinquante_ecrivains_tues(tmp_path: Path) -> None:
    lots, perdus = _couper(tmp_path, 50)
    print(f"\n50 écrivains tués, {lots} lots annoncés, {perdus} fiches perdues")
    assert perdus == 0


if __name__ == "__main__":
    asyncio.run(_ecrire(Path(sys.argv[1]), int(sys.argv[2])))
