"""A large annuaire of fictional places, in a process of its own, whose exports are timed and weighed."""

from __future__ import annotations

import asyncio
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from annuaire.demonstration.__main__ import listes_du_standard
from annuaire.demonstration.generateur import engendrer
from annuaire.lieux.confidentialite import contact_personnel
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import SourceCitee, Territoire, projeter, publiable
from annuaire.lieux.repository import LigneFiche, LigneLieu, ecrire_fiches, ecrire_lieux
from annuaire.migrations import DOSSIER
from annuaire.sources.tables import Source
from annuaire.standard.colonnes import reconnaitre_entetes
from annuaire.standard.lecture import lire
from annuaire.territoires.referentiel import Referentiel
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.acces.principal import ANONYME
from socle.donnees import feed
from socle.donnees.db import Database
from socle.donnees.migrations import migrer
from socle.identifiants import jcs, uuid7
from socle.settings import SocleSettings

from tests.conftest import port_libre

SOURCE = "grande"
DISTINCTS = 2_000
LOT = 1_000
LE = datetime(2026, 11, 24, tzinfo=UTC)


def modeles() -> list[LieuNormalise]:
    """Return the records of the demonstration generator, read as any list is."""
    referentiel = Referentiel.charger()
    lignes = list(engendrer(referentiel.communes(), listes_du_standard(), nombre=DISTINCTS))
    entetes = reconnaitre_entetes(list(dict.fromkeys(colonne for ligne in lignes for colonne in ligne)))
    lus = (lire(li, entetes=entetes, referentiel=referentiel, aujourd_hui=date(2026, 11, 24)) for li in lignes)
    return [lu.normalise for lu in lus if lu.normalise]


async def remplir(donnees: Path, nombre: int) -> None:
    """Write `nombre` places of one source, the records of the generator under other names."""
    base = Database(f"sqlite:{donnees / 'annuaire.db'}")
    await migrer(base, DOSSIER)
    source = SourceCitee(SOURCE, "https://exemple.fr/licence")
    fiches = modeles()
    async with base.write() as session:
        session.add(Source(id=SOURCE, nom="Source fictive", licence=source.licence, rang=80, cree_le=LE))
    for debut in range(0, nombre, LOT):
        rangs = range(debut, min(debut + LOT, nombre))
        async with base.write() as session:
            lieux, lignes, documents = [], [], {}
            for rang in rangs:
                fiche = replace(fiches[rang % len(fiches)], nom=f"Lieu fictif {rang}")
                id = uuid7()
                territoire = Territoire((fiche.code_insee or "")[:2] or None, None, None, "Europe/Paris")
                documents[id] = projeter(
                    id=id, fiche=publiable(fiche, source, contact_personnel), territoire=territoire, structure_id=None,
                    qpv=None, sources=[source.id], licence=source.licence, dit_accessible=source.id,
                )  # fmt: skip
                lieux.append(
                    LigneLieu(
                        id=id, source_id=SOURCE, structure_id=None, pivot=fiche.pivot, nom=fiche.nom,
                        code_insee=fiche.code_insee, code_postal=fiche.code_postal, departement=territoire.departement,
                        region=None, epci=None, qpv=None, latitude=fiche.latitude, longitude=fiche.longitude,
                        recoit_du_public=True, supprime=False, cree_le=LE,
                    )
                )  # fmt: skip
                lignes.append(
                    LigneFiche(
                        source_id=SOURCE, cle=f"lieu-{rang:06}", lieu_id=id, retiree=False, brut=b"{}",
                        normalise=jcs(fiche.en_dict()), empreinte=fiche.empreinte(), ligne=rang, run_id=id, lue_le=LE,
                    )
                )  # fmt: skip
            await ecrire_lieux(session, lieux)
            await ecrire_fiches(session, lignes)
            await feed.publier(session, "lieu", documents, le=LE)
    await base.fermer()


@dataclass(frozen=True)
class Mesure:
    """One export: bytes and lines received, seconds to the first byte and in all, memory taken meanwhile."""

    octets: int
    lignes: int
    premier_octet_s: float
    duree_s: float
    memoire_mo: float
    cpu_s: float
    inchange_ms: tuple[float, float] = (0.0, 0.0)
    """Median and 99th percentile of a 304."""


class Serveur:
    """Annuaire served by uvicorn on loopback."""

    def __init__(self, donnees: Path, port: int, processus: subprocess.Popen[bytes]) -> None:
        self._port, self._proc = port, Path(f"/proc/{processus.pid}")
        self._signataire = Signataire.depuis(dossier_des_jetons(SocleSettings(donnees=donnees).secrets))

    def _entetes(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._signataire.signer(ANONYME, 'annuaire', ecriture=False)}"}

    def attendre(self) -> None:
        """Wait until it answers."""
        fin = time.monotonic() + 60
        while True:
            try:
                self.lire("/sante/vivant")
            except OSError:
                if time.monotonic() > fin:
                    raise
                time.sleep(0.1)
            else:
                return

    def lire(self, chemin: str) -> bytes:
        """Read a whole answer."""
        connexion = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connexion.request("GET", chemin, headers=self._entetes())
        corps = connexion.getresponse().read()
        connexion.close()
        return corps

    def exporter(self, chemin: str) -> Mesure:
        """Read an export as it comes, keeping nothing of it."""
        avant, cpu = self._memoire("VmRSS"), self._cpu()
        # Forget the peak of memory known so far (Linux, `proc_pid_clear_refs`).
        (self._proc / "clear_refs").write_text("5")
        debut = time.perf_counter()
        connexion = http.client.HTTPConnection("127.0.0.1", self._port, timeout=300)
        connexion.request("GET", chemin, headers=self._entetes())
        reponse = connexion.getresponse()
        if reponse.status != 200:
            raise RuntimeError(f"{chemin} : {reponse.status} {reponse.read(500)!r}")
        octets = lignes = 0
        premier = 0.0
        while bloc := reponse.read1(65_536):
            premier = premier or time.perf_counter() - debut
            octets += len(bloc)
            lignes += bloc.count(b"\n")
        duree = time.perf_counter() - debut
        connexion.close()
        return Mesure(octets, lignes, premier, duree, self._memoire("VmHWM") - avant, self._cpu() - cpu)

    def relire_inchange(self, chemin: str, fois: int = 200) -> list[float]:
        """Ask again for an export already held, on one connection; returns the seconds of each 304."""
        connexion = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connexion.request("HEAD", chemin, headers=self._entetes())
        reponse = connexion.getresponse()
        reponse.read()
        entetes = {**self._entetes(), "If-None-Match": reponse.headers["ETag"]}
        durees = []
        for _ in range(fois):
            debut = time.perf_counter()
            connexion.request("GET", chemin, headers=entetes)
            reponse = connexion.getresponse()
            reponse.read()
            durees.append(time.perf_counter() - debut)
            if reponse.status != 304:
                raise RuntimeError(f"{chemin} : {reponse.status}")
        connexion.close()
        return durees

    def _memoire(self, nom: str) -> float:
        """Read a line of the status of the process, in MiB."""
        return int((self._proc / "status").read_text().split(f"{nom}:")[1].split()[0]) / 1024

    def _cpu(self) -> float:
        champs = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(champs[11]) + int(champs[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def servir(donnees: Path) -> Iterator[Serveur]:
    """Run annuaire on these data in a process of its own."""
    port = port_libre()
    chemins = os.pathsep.join(chemin for chemin in sys.path if chemin)
    commande = [
        sys.executable, "-m", "uvicorn", "annuaire.app:create_app_depuis_environnement", "--factory",
        "--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    reglages = {"MAILLAGE_DONNEES": str(donnees), "ANNUAIRE_COLLECTIVITES": "false", "PYTHONPATH": chemins}
    with subprocess.Popen(commande, env={**os.environ, **reglages}, stdout=subprocess.DEVNULL) as processus:
        serveur = Serveur(donnees, port, processus)
        try:
            serveur.attendre()
            yield serveur
        finally:
            processus.terminate()


def mesurer(donnees: Path, nombre: int, chemins: Sequence[str]) -> dict[str, Mesure]:
    """Fill, serve, and export each path twice: the second times, and the larger of the two memories."""
    asyncio.run(remplir(donnees, nombre))
    with servir(donnees) as serveur:
        mesures = {}
        for chemin in chemins:
            froid, chaud = serveur.exporter(chemin), serveur.exporter(chemin)
            durees = sorted(serveur.relire_inchange(chemin))
            mesures[chemin] = replace(
                chaud,
                memoire_mo=max(froid.memoire_mo, chaud.memoire_mo),
                inchange_ms=(durees[len(durees) // 2] * 1e3, durees[len(durees) * 99 // 100] * 1e3),
            )
        return mesures
