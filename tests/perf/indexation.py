"""The search index while it follows, is rebuilt, grows: how late, how long, how heavy, and what searches feel of it.

Run by hand: `python -m tests.perf.indexation [--lieux 25000] [--majs 100000]`. One annuaire in this process, on SQLite;
a client searches all along a rebuild. Goals: a change is found within 2 s (99th percentile); 25,000 records rebuilt in
20 s without one search that fails or finds nothing; 3 times the folder at most after 100,000 updates; 300 MB a worker.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from annuaire.app import create_app_depuis_environnement
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.indexation import repository
from annuaire.recherche.indexation.fiches import operations
from annuaire.recherche.indexation.indexeur import Indexeur
from annuaire.recherche.port import ActorDocument, ActorQuery, EngineUnavailable, SearchEngine, Upsert
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.donnees import feed
from socle.web.client import creer_client_synchrone

from tests.conftest import port_libre
from tests.fabriques import banc, peuplement
from tests.fabriques.annuaire import ADMIN, Annuaire, liste, ouvrir

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
    fin, chercheur, lectures = asyncio.Event(), Chercheur(moteur), list[float]()
    clients = [asyncio.create_task(chercheur.chercher(fin)), asyncio.create_task(_lire(annuaire, fin, lectures))]
    await asyncio.sleep(3)
    recherches_avant, lectures_avant, debut_cpu = chercheur.durees, lectures.copy(), time.process_time()
    chercheur.durees = []
    lectures.clear()
    ancienne, debut = indexeur.generation, time.perf_counter()
    indexeur.motif = "demande"
    indexeur.reveiller()
    while True:
        if indexeur.generation != ancienne:
            break
        await asyncio.sleep(0.01)
    duree, processeur = time.perf_counter() - debut, time.process_time() - debut_cpu
    fin.set()
    await asyncio.gather(*clients)
    print(
        f"reconstruction de {nombre} fiches : {duree:.1f} s, {processeur:.1f} s de processeur recherches comprises"
        f"{_but(duree <= RECONSTRUCTION_S, f'{RECONSTRUCTION_S:.0f} s')} ; {len(chercheur.durees)} recherches pendant, "
        f"{chercheur.echecs} en échec, {chercheur.vides} vides",
        flush=True,
    )
    for nom, avant, pendant in (
        ("recherches", recherches_avant, chercheur.durees), ("lectures de lieux", lectures_avant, lectures)
    ):  # fmt: skip
        print(
            f"  {nom} : p50 {banc.centile(avant, 0.5) * 1e3:.1f} puis {banc.centile(pendant, 0.5) * 1e3:.1f} ms, "
            f"p99 {banc.centile(avant, 0.99) * 1e3:.1f} puis {banc.centile(pendant, 0.99) * 1e3:.1f} ms",
            flush=True,
        )


async def _lire(annuaire: Annuaire, fin: asyncio.Event, durees: list[float]) -> None:
    """Read places without a rest."""
    while not fin.is_set():
        debut = time.perf_counter()
        lue = await annuaire.get("/lieux", departement="38", limite=20)
        if lue.status_code != 200:
            raise RuntimeError(lue.text)
        durees.append(time.perf_counter() - debut)
        await asyncio.sleep(0.02)


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
    """Tell an index of its own the same records again and again, as later versions, and weigh its folder."""
    moteur, documents, apres = MoteurEmbarque(dossier), list[ActorDocument](), None
    while True:
        async with annuaire.base.read(instantane=True) as session:
            lot = await repository.lieux_apres(session, apres, limite=1_000)
            dites = await operations(session, lot, commune=indexeur.commune)
        if not lot:
            break
        apres = lot[-1].id
        documents += [dite.doc for dite in dites if isinstance(dite, Upsert)]
    generation = await moteur.begin_rebuild()
    for debut in range(0, len(documents), 1_000):
        await moteur.load(generation, documents[debut : debut + 1_000])
    await moteur.promote(generation)
    avant, debut_cpu, hasard = poids(dossier), time.process_time(), random.Random(11)
    faites = 0
    while faites < majs:
        rangs = hasard.sample(range(len(documents)), 500)
        for rang in rangs:
            documents[rang] = replace(documents[rang], v=documents[rang].v + 1)
        await moteur.apply([Upsert(documents[rang]) for rang in rangs])
        faites += len(rangs)
    processeur = time.process_time() - debut_cpu
    await moteur.close()
    apres_majs = poids(dossier)
    print(
        f"{faites} mises à jour : dossier de {avant / 1e6:.1f} à {apres_majs / 1e6:.1f} Mo, ×{apres_majs / avant:.2f}"
        f"{_but(apres_majs <= CROISSANCE * avant, f'×{CROISSANCE:.0f}')}, {processeur:.0f} s de processeur",
        flush=True,
    )


async def eprouver(dossier: Path, nombre: int, majs: int) -> None:
    """Fill a folder that is empty, then measure one thing after the other."""
    vide = not (dossier / "annuaire.db").exists()
    async with ouvrir(dossier, f"sqlite:{dossier / 'annuaire.db'}", runs_par_heure=100_000) as annuaire:
        assert annuaire.app is not None
        [indexeur], moteur = annuaire.app.state.indexation.indexeurs, annuaire.app.state.recherche.moteur
        if vide:
            await rattraper(annuaire, indexeur)
        debut = time.perf_counter()
        if vide:
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
        await indexeur.verifier()
        print(f"écarts à la fin : {(indexeur.verification or {})['ecarts']}")
        with tempfile.TemporaryDirectory() as a_part:
            await grossir(annuaire, indexeur, Path(a_part), majs)


def redemarrer(dossier: Path) -> None:
    """Weigh a worker that has just started on all this, in a process of its own."""
    for sans in (True, False):
        port = port_libre()
        environnement = {
            "MAILLAGE_DONNEES": str(dossier), "ANNUAIRE_BASE_URL": f"sqlite:{dossier / 'annuaire.db'}",
            "ANNUAIRE_COLLECTIVITES": "false",
        }  # fmt: skip
        cible = "tests.perf.indexation:sans_recherche" if sans else "annuaire.app:create_app_depuis_environnement"
        with banc.serveur(cible, port, "--factory", **environnement) as processus:
            if not sans:
                attendre_la_verification(dossier, port)
            time.sleep(3)
            mo, sommet = banc.memoire(processus), banc.memoire(processus, "VmHWM")
        print(
            f"mémoire d'un travailleur, {'recherche arrêtée' if sans else 'recherche comprise'} : {mo:.0f} Mo, "
            f"{sommet:.0f} au plus{_but(sans or mo <= MEMOIRE_MO, f'{MEMOIRE_MO} Mo')}",
            flush=True,
        )


def attendre_la_verification(dossier: Path, port: int) -> None:
    """Wait until a service that has just started has compared its index with its directory."""
    signataire = Signataire.depuis(dossier_des_jetons(dossier / "secrets"))
    limite = time.monotonic() + 300
    with creer_client_synchrone(f"http://127.0.0.1:{port}", delai=60.0) as client:
        while time.monotonic() < limite:
            entetes = {"Authorization": f"Bearer {signataire.signer(ADMIN, 'annuaire', ecriture=True)}"}
            [lu] = client.get("/annuaire/v1/recherche/index", headers=entetes).json()["moteurs"]
            if lu["derniere_verification"]:
                return
            time.sleep(0.2)
    raise RuntimeError("l'index n'a pas été vérifié")


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
    options.add_argument("--dossier", type=Path, help="kept, and taken again as it is by another run")
    reglages = options.parse_args()
    if reglages.dossier:
        reglages.dossier.mkdir(parents=True, exist_ok=True)
        _tout(reglages.dossier, reglages.lieux, reglages.majs)
        return
    with tempfile.TemporaryDirectory() as dossier:
        _tout(Path(dossier), reglages.lieux, reglages.majs)


def _tout(dossier: Path, lieux: int, majs: int) -> None:
    asyncio.run(eprouver(dossier, lieux, majs))
    redemarrer(dossier)


if __name__ == "__main__":
    principal()
