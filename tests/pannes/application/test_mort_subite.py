"""A server killed at any point of a synchronisation: restarted, and asked again, it ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from annuaire.lieux.tables import Fiche
from annuaire.migrations import DOSSIER
from annuaire.structures.tables import Structure
from annuaire.synchronisation.tables import Synchronisation
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.donnees import audit
from socle.donnees.db import Database
from socle.donnees.migrations import migrer
from socle.donnees.tables import CleIdempotence, Compteur, Evenement, LigneAudit, Publication, Tache
from socle.web.client import Client, HTTPError, Response, creer_client_synchrone
from sqlalchemy import select, text

from tests.fabriques.annuaire import ADMIN, FINIES, RACINE, en_json, lieu, liste
from tests.fabriques.annuaire_mortel import POINTS

if TYPE_CHECKING:
    from tests.conftest import ServeurPostgresql

CLE = "0123456789abcdef-envoi"
SOURCE = "source-mortelle"
SIRET, AUTRE_SIRET = "00001000100008", "00002000200008"
UN_SUR_DEUX = [pytest.param(point, marks=[] if rang % 2 else pytest.mark.epreuve) for rang, point in enumerate(POINTS)]
"""Every point of death; `make test` takes one in two, in their order, up to the last."""

ECHANTILLON = (
    "le run est validé, rien n'est répondu",
    "le plan est à moitié",
    "après le compteur",
    "le second lot est écrit",
)

AVANT = [*liste(40), *liste(5, depuis=40, pivot=SIRET), lieu(45, pivot=AUTRE_SIRET)]
APRES = [
    *liste(15),
    *[lieu(rang, telephone="01 99 00 12 34") for rang in range(15, 38)],
    *liste(5, depuis=40, pivot=SIRET, nom="Association renommée"),
    *liste(30, depuis=100),
]
"""15 places unchanged, 28 changed, 3 gone with the only structure of one of them, 30 new ones."""

# one worker: the two models are made once
pytestmark = pytest.mark.xdist_group("mort-subite")


class Processus:
    """The process that forks servers, and the server of the moment."""

    def __init__(self) -> None:
        racine = Path(__file__).parents[3]
        chemins = [str(racine), *(p for p in sys.path if p)]
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.fabriques.annuaire_mortel"],
            cwd=racine,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(chemins), "ANNUAIRE_RAPPROCHEMENT": "false"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ordonner(self, **ordre: Any) -> dict[str, int]:
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.write(json.dumps(ordre) + "\n")
        self._zygote.stdin.flush()
        reponse: dict[str, int] = json.loads(self._zygote.stdout.readline())
        return reponse

    @contextlib.contextmanager
    def serveur(
        self, dossier: Path, url: str, *, point: str | None = None, mort: float | None = None
    ) -> Iterator[Client]:
        """Start a server and speak to it; it is stopped at the end, or must die at its point, or in `mort` seconds."""
        lance = self._ordonner(demarrer={"dossier": str(dossier), "url": url, "point": point})
        if mort is not None:
            threading.Timer(mort, os.kill, (lance["pid"], signal.SIGKILL)).start()
        try:
            with creer_client_synchrone(f"http://127.0.0.1:{lance['port']}", delai=60.0) as client:
                yield client
        except BaseException:
            os.kill(lance["pid"], signal.SIGKILL)
            self._ordonner(attendre=lance["pid"])
            raise
        tue = point is not None or mort is not None
        if not tue:
            os.kill(lance["pid"], signal.SIGTERM)
        statut = self._ordonner(attendre=lance["pid"])["statut"]
        # a server that ends in good order then ends by the very signal that asked for it
        assert statut == -(signal.SIGKILL if tue else signal.SIGTERM), (dossier / "journal.txt").read_text()[-3000:]

    def fermer(self) -> None:
        """End the process and the servers left."""
        self._zygote.communicate(timeout=30)


@pytest.fixture(scope="module")
def processus() -> Iterator[Processus]:
    processus = Processus()
    yield processus
    processus.fermer()


def envoyer(client: Client, dossier: Path, lignes: list[dict[str, Any]], cle: str) -> Response:
    return client.post(
        f"{RACINE}/sources/{SOURCE}/synchronisations",
        content=en_json(lignes),
        headers={**jeton(dossier), "Content-Type": "application/json", "Idempotency-Key": cle, "Prefer": "wait=25"},
    )


def jeton(dossier: Path) -> dict[str, str]:
    signataire = Signataire.depuis(dossier_des_jetons(dossier / "secrets"))
    return {"Authorization": f"Bearer {signataire.signer(ADMIN, 'annuaire', ecriture=True)}"}


def finir(client: Client, dossier: Path, id: str) -> dict[str, Any]:
    """Wait for the end of a run."""
    limite = time.monotonic() + 60
    while time.monotonic() < limite:
        run: dict[str, Any] = client.get(f"{RACINE}/synchronisations/{id}", headers=jeton(dossier)).json()
        if run["etat"] in FINIES:
            return run
    raise AssertionError(f"la synchronisation n'avance plus : {run}")


def preparer(processus: Processus, dossier: Path, url: str) -> None:
    """Make a database with the source and its first list."""

    async def creer() -> None:
        base = Database(url)
        await migrer(base, DOSSIER)
        await base.fermer()

    dossier.mkdir(exist_ok=True)
    asyncio.run(creer())
    with processus.serveur(dossier, url) as client:
        entetes = {**jeton(dossier), "Idempotency-Key": uuid4().hex}
        creee = client.post(f"{RACINE}/sources", json={"id": SOURCE, "nom": "Source"}, headers=entetes)
        assert creee.status_code == 201, creee.text
        reponse = envoyer(client, dossier, AVANT, uuid4().hex)
        assert finir(client, dossier, reponse.json()["id"])["etat"] == "appliquee"


def synchroniser(processus: Processus, dossier: Path, url: str, *, point: str | None) -> dict[str, Any]:
    """Send the second list, dying at the point; restart, send it again with the same key, and return the run."""
    if point is not None:
        with processus.serveur(dossier, url, point=point) as client, contextlib.suppress(HTTPError):
            reponse = envoyer(client, dossier, APRES, CLE)
            # the worker may die after the answer left: what it does then is no longer the request's
            limite = time.monotonic() + 30
            while time.monotonic() < limite:
                client.get("/sante/vivant")
            raise AssertionError(f"« {point} » n'a jamais été atteint : {reponse.text}")
    with processus.serveur(dossier, url) as client:
        reponse = envoyer(client, dossier, APRES, CLE)
        assert reponse.status_code in (200, 202), reponse.text
        return finir(client, dossier, reponse.json()["id"])


async def _etat(url: str) -> dict[str, Any]:
    async with contextlib.AsyncExitStack() as pile:
        base = Database(url)
        pile.push_async_callback(base.fermer)
        session = await pile.enter_async_context(base.read(instantane=True))
        fiches = {f.lieu_id: f for f in await session.scalars(select(Fiche))}
        structures = {s.id: s for s in await session.scalars(select(Structure))}
        publications = list(await session.scalars(select(Publication).order_by(Publication.numero)))  # type: ignore[arg-type]
        noms = {str(id): fiche.cle for id, fiche in fiches.items()} | {str(s.id): s.pivot for s in structures.values()}
        runs = list(await session.scalars(select(Synchronisation)))
        compteur = await session.scalar(select(Compteur.n).where(Compteur.nom == "changements"))  # type: ignore[call-overload]
        etat = {
            "fiches": {f.cle: (f.empreinte, f.retiree, f.ligne) for f in fiches.values()},
            "publications": {
                (p.kind, noms[str(p.id)]): (p.version, p.supprime, p.document is None) for p in publications
            },
            "structures": {s.pivot: (s.nom, s.supprimee) for s in structures.values()},
            "evenements": Counter(
                (e.type, noms.get(e.objet, e.objet)) for e in await session.scalars(select(Evenement))
            ),
            "runs": sorted(run.etat for run in runs),
            "actes": Counter(a.action for a in await session.scalars(select(LigneAudit))),
            "cles": len(list(await session.scalars(select(CleIdempotence.cle)))),  # type: ignore[call-overload]
            "taches": sorted(t.etat for t in await session.scalars(select(Tache))),
            "changements": compteur,
        }
        numeros = [p.numero for p in publications]
        assert None not in numeros
        assert all(un < suivant for un, suivant in pairwise(numeros))
        assert numeros[-1] == compteur
        assert {p.lot for p in publications} == {None}
        assert len(etat["publications"]) == len(publications) == len(fiches) + len(structures)
        assert await audit.verifier(session) is None
        if base.dialecte == "sqlite":
            assert await session.scalar(text("PRAGMA integrity_check")) == "ok"
    return etat


def lire_etat(url: str) -> dict[str, Any]:
    """Read what matters in a database, ids left aside, and check that it holds together."""
    return asyncio.run(_etat(url))


@pytest.fixture(scope="module")
def modele_sqlite(processus: Processus, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A database after the first list, and what an undisturbed run makes of it."""
    modele = tmp_path_factory.mktemp("mort") / "modele"
    preparer(processus, modele, f"sqlite:{modele / 'annuaire.db'}")
    calme = modele.with_name("calme")
    shutil.copytree(modele, calme)
    run = synchroniser(processus, calme, f"sqlite:{calme / 'annuaire.db'}", point=None)
    assert (run["plan"]["crees"], run["plan"]["modifies"], run["plan"]["supprimes"]) == (30, 28, 3)
    return modele, lire_etat(f"sqlite:{calme / 'annuaire.db'}")


@pytest.fixture(scope="module")
def modele_postgresql(
    processus: Processus, tmp_path_factory: pytest.TempPathFactory, serveur_postgresql: ServeurPostgresql
) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """The same on PostgreSQL, with the name of the database."""
    nom, calme = f"m{uuid4().hex}", f"c{uuid4().hex}"
    dossier = tmp_path_factory.mktemp("mort-pg") / "modele"
    serveur_postgresql.executer(f"CREATE DATABASE {nom} TEMPLATE template0 STRATEGY file_copy")
    preparer(processus, dossier, serveur_postgresql.url(nom))
    serveur_postgresql.executer(f"CREATE DATABASE {calme} TEMPLATE {nom} STRATEGY file_copy")
    copie = dossier.with_name("calme")
    shutil.copytree(dossier, copie)
    synchroniser(processus, copie, serveur_postgresql.url(calme), point=None)
    yield dossier, nom, lire_etat(serveur_postgresql.url(calme))
    for base in (nom, calme):
        serveur_postgresql.executer(f"DROP DATABASE {base} WITH (FORCE)")


def eprouver_sqlite(processus: Processus, modele: Path, tmp_path: Path, point: str) -> dict[str, Any]:
    dossier = tmp_path / "donnees"
    shutil.copytree(modele, dossier)
    url = f"sqlite:{dossier / 'annuaire.db'}"
    run = synchroniser(processus, dossier, url, point=point)
    assert run["etat"] == "appliquee"
    return lire_etat(url)


@pytest.mark.parametrize("point", UN_SUR_DEUX)
def test_un_serveur_tue_reprend_sans_rien_perdre_ni_doubler(
    processus: Processus, modele_sqlite: tuple[Path, dict[str, Any]], tmp_path: Path, point: str
) -> None:
    modele, calme = modele_sqlite
    assert eprouver_sqlite(processus, modele, tmp_path, point) == calme


@pytest.mark.postgresql
@pytest.mark.parametrize("point", ECHANTILLON)
def test_un_serveur_tue_reprend_sur_postgresql(
    processus: Processus,
    modele_postgresql: tuple[Path, str, dict[str, Any]],
    serveur_postgresql: ServeurPostgresql,
    tmp_path: Path,
    point: str,
) -> None:
    modele, base, calme = modele_postgresql
    dossier, nom = tmp_path / "donnees", f"t{uuid4().hex}"
    shutil.copytree(modele, dossier)
    serveur_postgresql.executer(f"CREATE DATABASE {nom} TEMPLATE {base} STRATEGY file_copy")
    try:
        run = synchroniser(processus, dossier, serveur_postgresql.url(nom), point=point)
        assert run["etat"] == "appliquee"
        assert lire_etat(serveur_postgresql.url(nom)) == calme
    finally:
        serveur_postgresql.executer(f"DROP DATABASE {nom} WITH (FORCE)")


@pytest.mark.epreuve
def test_un_serveur_tue_a_n_importe_quel_instant_reprend(
    processus: Processus,
    modele_sqlite: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    modele, calme = modele_sqlite
    essais = int(os.environ.get("MAILLAGE_MORTS", "100"))
    hasard = random.Random(541)
    for rang in range(essais):
        dossier = tmp_path / f"mort-{rang}"
        shutil.copytree(modele, dossier)
        url = f"sqlite:{dossier / 'annuaire.db'}"
        # the whole of a start and of a synchronisation lasts about two seconds
        mort = hasard.uniform(0.1, 2.5)
        with processus.serveur(dossier, url, mort=mort) as client, contextlib.suppress(HTTPError):
            envoyer(client, dossier, APRES, CLE)
        run = synchroniser(processus, dossier, url, point=None)
        assert run["etat"] == "appliquee", mort
        assert lire_etat(url) == calme, mort
        shutil.rmtree(dossier)
    with capsys.disabled():
        print(f"\n  morts à un instant quelconque : {essais}/{essais} reprises, 0 perte, 0 partiel, 0 double")
