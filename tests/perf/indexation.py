"""The search index while it follows, is rebuilt, grows: how late, how long, how heavy, and what searches feel of it.

Run by hand: `python -m tests.perf.indexation [--lieux 25000] [--majs 100000]`. One annuaire in this process, on SQLite;
a client searches all along a rebuild. Goals: a change is found within 2 s (99th percentile); 25,000 records rebuilt in
20 s without one search that fails or finds nothing; 3 times the folder at most after 100,000 updates; 300 MB a worker.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from annuaire.app import create_app_depuis_environnement
from annuaire.recherche.indexation import repository
from annuaire.recherche.indexation.indexeur import Indexeur
from annuaire.recherche.indexation.reconstruction import versions
from annuaire.recherche.port import ActorQuery, EngineUnavailable, SearchEngine
from socle.donnees import feed
from socle.donnees.documents import Document
from socle.horloge import maintenant

from tests.conftest import port_libre
from tests.fabriques import banc, peuplement
from tests.fabriques.annuaire import Annuaire, liste, ouvrir

RETARD_S, RECONSTRUCTION_S, CROISSANCE, MEMOIRE_MO = 2.0, 20.0, 3.0, 300
QUESTIONS = ("médiathèque", "espace numérique", "mairie", "aide aux démarches", "france services paris")


def memoire_mo() -> float:
    """Resident memory of this process, in MB."""
    lignes = Path("/proc/self/status").read_text().splitlines()
    return int(next(ligne.split()[1] for ligne in lignes if ligne.startswith("VmRSS:"))) * 1024 / 1e6


def poids(dossier: Path) -> int:
    """Bytes of a folder."""
    return sum(f.stat().st_size for f in dossier.rglob("*") if f.is_file())


@dataclass
class Chercheur:
    """Searches without a rest, and counts what fails, what finds nothing, and how long answers take."""

    moteur: SearchEngine
    durees: list[float] = field(default_factory=list)
    echecs: int = 0
    vides: int = 0

    async def chercher(self, fin: asyncio.Event) -> None:
        hasard = random.Random(3)
        while not fin.is_set():
            debut = time.perf_counter()
            try:
                page = await self.moteur.search(ActorQuery(q=hasard.choice(QUESTIONS), facets=("types", "departement")))
                self.vides += not page.hits
            except EngineUnavailable:
                self.echecs += 1
            self.durees.append(time.perf_counter() - debut)
            await asyncio.sleep(0.02)


async def rattraper(annuaire: Annuaire, indexeur: Indexeur) -> None:
    """Wait until every change can be found."""
    while True:
        async with annuaire.base.read() as session:
            dernier = await feed.dernier_numero(session)
        if indexeur.motif is None and indexeur.generation is not None and indexeur.envoi.position == dernier:
            return
        await asyncio.sleep(0.01)


async def reconstruire(annuaire: Annuaire, indexeur: Indexeur, moteur: SearchEngine, nombre: int) -> None:
    """Rebuild under the eyes of a client, and of a list that is written meanwhile."""
    fin, chercheur = asyncio.Event(), Chercheur(moteur)
    client = asyncio.create_task(chercheur.chercher(fin))
    await asyncio.sleep(2)
    avant = [sorted(chercheur.durees), time.process_time()]
    chercheur.durees = []
    ancienne, debut = indexeur.generation, time.perf_counter()
    indexeur.motif = "demande"
    indexeur.reveiller()
    while True:
        if indexeur.generation != ancienne:
            break
        await asyncio.sleep(0.01)
    duree, processeur = time.perf_counter() - debut, time.process_time() - float(avant[1])
    fin.set()
    await client
    print(
        f"reconstruction de {nombre} fiches : {duree:.1f} s, {processeur:.1f} s de processeur recherches comprises"
        f"{_but(duree <= RECONSTRUCTION_S, f'{RECONSTRUCTION_S:.0f} s')} ; {len(chercheur.durees)} recherches pendant, "
        f"{chercheur.echecs} en échec, {chercheur.vides} vides, "
        f"p50 {banc.centile(chercheur.durees, 0.5) * 1e3:.0f} ms (avant {banc.centile(avant[0], 0.5) * 1e3:.0f}), "
        f"p99 {banc.centile(chercheur.durees, 0.99) * 1e3:.0f} ms (avant {banc.centile(avant[0], 0.99) * 1e3:.0f})",
        flush=True,
    )


async def suivre_un_a_un(annuaire: Annuaire, indexeur: Indexeur, moteur: SearchEngine, combien: int) -> None:
    """Change one place at a time, as a person does, and wait until it is found."""
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(combien))
    await rattraper(annuaire, indexeur)
    durees = []
    for rang in range(combien):
        mot = f"xanadu{'abcdefghij'[rang % 10]}{'klmnopqrst'[rang // 10 % 10]}"
        lu = await annuaire.envoyer(source, liste(1, depuis=rang, nom=f"Espace {mot}"), mode="delta", attendre=25)
        assert lu.json()["etat"] == "appliquee", lu.text
        debut = time.perf_counter()
        while True:
            if (await moteur.search(ActorQuery(q=mot, relax=False))).total:
                break
            await asyncio.sleep(0.005)
        durees.append(time.perf_counter() - debut)
    p99 = banc.centile(durees, 0.99)
    print(
        f"un changement, de la réponse « appliquée » à trouvable : p50 {banc.centile(durees, 0.5):.2f} s, "
        f"p99 {p99:.2f} s{_but(p99 <= RETARD_S, f'{RETARD_S:.0f} s')} ({combien} changements)",
        flush=True,
    )


async def grossir(annuaire: Annuaire, indexeur: Indexeur, dossier: Path, majs: int) -> None:
    """Publish places again and again, and weigh the folder."""
    avant, debut = poids(dossier), time.perf_counter()
    async with annuaire.base.read() as session:
        ids = list(await versions(session))
    faites = 0
    hasard = random.Random(11)
    while faites < majs:
        lot = hasard.sample(ids, min(1_000, len(ids)))
        async with annuaire.base.write() as session:
            await _retoucher(session, lot, faites)
        faites += len(lot)
        await rattraper(annuaire, indexeur)
    apres, duree = poids(dossier), time.perf_counter() - debut
    print(
        f"{faites} mises à jour : dossier de {avant / 1e6:.1f} à {apres / 1e6:.1f} Mo, "
        f"×{apres / avant:.2f}{_but(apres <= CROISSANCE * avant, f'×{CROISSANCE:.0f}')}, {duree:.0f} s",
        flush=True,
    )


async def _retoucher(session: Any, ids: list[str], rang: int) -> None:
    documents = {}
    for change in await repository.publies(session, [UUID(id) for id in ids]):
        contenu = json.loads(change.document or b"{}")
        for nom in ("version", "modifie_le"):
            contenu.pop(nom, None)
        documents[change.id] = Document.de({**contenu, "presentation_resume": f"Mise à jour {rang} de ce lieu."})
    await feed.publier(session, "lieu", documents, le=maintenant())


async def eprouver(dossier: Path, nombre: int, majs: int) -> None:
    """Fill, then measure one thing after the other."""
    async with ouvrir(dossier, f"sqlite:{dossier / 'annuaire.db'}", runs_par_heure=100_000) as annuaire:
        assert annuaire.app is not None
        [indexeur], moteur = annuaire.app.state.indexation.indexeurs, annuaire.app.state.recherche.moteur
        await rattraper(annuaire, indexeur)
        debut = time.perf_counter()
        await peuplement.ecrire(annuaire, nombre)
        ecrits = time.perf_counter() - debut
        avec = memoire_mo()
        await rattraper(annuaire, indexeur)
        print(
            f"{nombre} lieux écrits en {ecrits:.1f} s, cherchables {time.perf_counter() - debut - ecrits:.1f} s "
            f"après ; mémoire {avec:.0f} puis {memoire_mo():.0f} Mo",
            flush=True,
        )
        await suivre_un_a_un(annuaire, indexeur, moteur, 100)
        await reconstruire(annuaire, indexeur, moteur, nombre)
        await grossir(annuaire, indexeur, dossier / "annuaire" / "recherche", majs)
        await indexeur.verifier()
        print(f"écarts à la fin : {(indexeur.verification or {})['ecarts']}")
    await redemarrer(dossier)


async def redemarrer(dossier: Path) -> None:
    """Weigh a worker that has just started on all this, in a process of its own."""
    for sans in (True, False):
        port = port_libre()
        environnement = {
            "MAILLAGE_DONNEES": str(dossier), "ANNUAIRE_BASE_URL": f"sqlite:{dossier / 'annuaire.db'}",
            "ANNUAIRE_COLLECTIVITES": "false",
        }  # fmt: skip
        cible = "tests.perf.indexation:sans_recherche" if sans else "annuaire.app:create_app_depuis_environnement"
        with banc.serveur(cible, port, "--factory", **environnement) as processus:
            await asyncio.sleep(5)
            mo = banc.memoire(processus)
        print(
            f"mémoire d'un travailleur, {'recherche arrêtée' if sans else 'recherche comprise'} : {mo:.0f} Mo"
            f"{_but(sans or mo <= MEMOIRE_MO, f'{MEMOIRE_MO} Mo')}",
            flush=True,
        )


def sans_recherche() -> Any:
    """Compose annuaire as in service, its indexers asleep."""

    async def dormir(_self: Indexeur) -> None:
        await asyncio.Event().wait()

    Indexeur.tourner = dormir  # type: ignore[method-assign]
    return create_app_depuis_environnement()


def _but(atteint: bool, but: str) -> str:
    return "" if atteint else f"  manqué ({but})"


def principal() -> None:
    """Run the bench."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lieux", type=int, default=25_000)
    options.add_argument("--majs", type=int, default=100_000)
    reglages = options.parse_args()
    with tempfile.TemporaryDirectory() as dossier:
        asyncio.run(eprouver(Path(dossier), reglages.lieux, reglages.majs))


if __name__ == "__main__":
    principal()
