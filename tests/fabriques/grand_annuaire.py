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
from datetime import UTC, datetime
from pathlib import Path

from annuaire.lieux.confidentialite import contact_personnel
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import SourceCitee, Territoire, projeter, publiable
from annuaire.lieux.repository import LigneFiche, LigneLieu, ecrire_fiches, ecrire_lieux
from annuaire.migrations import DOSSIER
from annuaire.sources.tables import Source
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.acces.principal import ANONYME
from socle.donnees import feed
from socle.donnees.db import Database
from socle.donnees.documents import Document
from socle.donnees.migrations import migrer
from socle.identifiants import jcs, uuid7
from socle.settings import SocleSettings

from tests.conftest import port_libre
from tests.fabriques import banc
from tests.fabriques.peuplement import lues

SOURCE = "grande"
DISTINCTS = 2_000
LOT = 1_000
LE = datetime(2026, 11, 24, tzinfo=UTC)


def modeles() -> list[LieuNormalise]:
    """Return fictional records, read as any list is."""
    return [fiche for _, fiche in lues(DISTINCTS, 0)]


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
                contenu = projeter(
                    id=id, fiche=publiable(fiche, source, contact_personnel), territoire=territoire, structure_id=None,
                    qpv=None, sources=[source.id], licence=source.licence, dit_accessible=source.id,
                )  # fmt: skip
                documents[id] = Document.de(contenu)
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
        self._port, self._processus = port, processus
        self._signataire = Signataire.depuis(dossier_des_jetons(SocleSettings(donnees=donnees).secrets))

    def _entetes(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._signataire.signer(ANONYME, 'annuaire', ecriture=False)}"}

    def exporter(self, chemin: str) -> Mesure:
        """Read an export as it comes, keeping nothing of it."""
        avant, cpu = banc.memoire(self._processus), banc.cpu(self._processus)
        # Forget the peak of memory known so far (Linux, `proc_pid_clear_refs`).
        Path(f"/proc/{self._processus.pid}/clear_refs").write_text("5")
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
        pris = banc.memoire(self._processus, "VmHWM") - avant
        return Mesure(octets, lignes, premier, duree, pris, banc.cpu(self._processus) - cpu)

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


@contextmanager
def servir(donnees: Path) -> Iterator[Serveur]:
    """Run annuaire on these data in a process of its own."""
    port = port_libre()
    environnement = {
        "MAILLAGE_DONNEES": str(donnees),
        "ANNUAIRE_COLLECTIVITES": "false",
        "PYTHONPATH": os.pathsep.join(chemin for chemin in sys.path if chemin),
    }
    with banc.serveur("annuaire.app:create_app_depuis_environnement", port, "--factory", **environnement) as processus:
        yield Serveur(donnees, port, processus)


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
