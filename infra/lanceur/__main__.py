"""Command line of the launcher: `python -m infra.lanceur [run|reset|seed|migrate]`."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

from infra.lanceur import depart, premiere_fois
from infra.lanceur.processus import Equipe
from infra.lanceur.reglages import HOTE, ReglageInvalide, Reglages, depuis_environnement

ATTENTE_PRET = 60.0
"""Seconds left to a process to answer that it is ready."""

MIGRATIONS = ("annuaire", "gateway")
"""The processes that own a database: their command line knows `migrer`."""


def principal(arguments: list[str]) -> int:
    """Run one command; return the exit code. Every foreseen failure is a message, never a stack trace."""
    commandes = {"run": lancer, "reset": remettre_a_zero, "seed": recharger, "migrate": migrer}
    nom = arguments[0] if arguments else "run"
    if nom not in commandes or len(arguments) > 1:
        print(f"Commande inconnue. Choix : {', '.join(commandes)}.", file=sys.stderr)
        return 2
    # Databases, received lists and keys hold contacts or secrets: for their owner alone.
    os.umask(0o077)
    try:
        return commandes[nom](depuis_environnement())
    except (ReglageInvalide, depart.DepartImpossible, premiere_fois.DemonstrationRefusee) as erreur:
        print(f"\n{erreur}", file=sys.stderr)
        return 1


def lancer(reglages: Reglages) -> int:
    """Check, migrate, then run the team until a signal or a death."""
    depart.verifier_ports(reglages.services)
    depart.preparer_dossier(reglages.donnees)
    with depart.seul_dans(reglages.donnees):
        _migrer(reglages)
        return asyncio.run(_vivre(reglages))


def migrer(reglages: Reglages) -> int:
    """Bring the databases up to date, the services being stopped."""
    depart.preparer_dossier(reglages.donnees)
    with depart.seul_dans(reglages.donnees):
        _migrer(reglages)
    print("Les bases sont à jour.")
    return 0


def recharger(reglages: Reglages) -> int:
    """Send the demonstration list again to a running Maillage."""
    if not premiere_fois.cle_demonstration(reglages.donnees).is_file():
        raise depart.DepartImpossible("Maillage n'a encore jamais démarré ici : lancez d'abord make run.")
    asyncio.run(premiere_fois.charger(reglages, forcer=True))
    return 0


def remettre_a_zero(reglages: Reglages) -> int:
    """Delete the data folder."""
    efface = depart.remettre_a_zero(reglages)
    print(f"{reglages.donnees} : {'effacé' if efface else 'rien à effacer'}.")
    return 0


def _migrer(reglages: Reglages) -> None:
    for nom in MIGRATIONS:
        code = subprocess.run([sys.executable, "-m", f"{nom}.cli", "migrer"], env=reglages.environnement).returncode
        if code != 0:
            raise depart.DepartImpossible(f"La base de {nom} n'a pas pu être mise à jour (voir ci-dessus).")


async def _vivre(reglages: Reglages) -> int:
    arret = asyncio.Event()
    boucle = asyncio.get_running_loop()
    for numero in (signal.SIGINT, signal.SIGTERM):
        boucle.add_signal_handler(numero, arret.set)
    async with Equipe() as equipe:
        for service in reglages.services:
            await equipe.demarrer(service.nom, service.commande, reglages.environnement)
        signaux = asyncio.create_task(arret.wait())
        mort = asyncio.create_task(equipe.premiere_mort())
        accueil = asyncio.create_task(_accueillir(reglages))
        try:
            await asyncio.wait({signaux, mort, accueil}, return_when=asyncio.FIRST_COMPLETED)
            if accueil.done():
                accueil.result()
                await asyncio.wait({signaux, mort}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for tache in (signaux, mort, accueil):
                if not tache.done():
                    tache.cancel()
            await asyncio.gather(signaux, mort, accueil, return_exceptions=True)
        if arret.is_set():
            print("\nArrêt demandé, les processus finissent leurs réponses…", flush=True)
            return 0
        nom, code = mort.result()
        print(f"\nLe processus {nom} s'est arrêté (code {code}) : tout s'arrête.", file=sys.stderr, flush=True)
        return 1


async def _accueillir(reglages: Reglages) -> None:
    """Wait until all is ready, load the demonstration the first time, say where things are."""
    debut = time.monotonic()
    for service in reglages.services:
        while not await _pret(service.port):
            if time.monotonic() - debut > ATTENTE_PRET:
                raise depart.DepartImpossible(f"{service.nom} ne répond pas sur {service.adresse}/sante/pret.")
            await asyncio.sleep(0.2)
    if reglages.demonstration:
        await premiere_fois.charger(reglages)
    print(_bienvenue(reglages), flush=True)


async def _pret(port: int) -> bool:
    try:
        async with asyncio.timeout(5):
            lecture, ecriture = await asyncio.open_connection(HOTE, port)
            try:
                ecriture.write(f"GET /sante/pret HTTP/1.1\r\nHost: {HOTE}\r\nConnection: close\r\n\r\n".encode())
                statut = await lecture.readline()
            finally:
                ecriture.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in statut


def _bienvenue(reglages: Reglages) -> str:
    adresse = reglages.passerelle.adresse
    services = "\n".join(f"    {s.nom:<13} {s.adresse}" for s in reglages.services[1:])
    cle = premiere_fois.cle_demonstration(reglages.donnees)
    acces = str(cle) if cle.is_file() else "aucune : gateway cle creer --nom … --portees …"
    return f"""
Maillage est prêt : {adresse}

    documentation {adresse}/docs
{services}
    données       {reglages.donnees}
    clé d'accès   {acces}

À essayer :

    curl '{adresse}/annuaire/v1/lieux?proche=48.8566,2.3522&rayon=50000&limite=20'
    curl '{adresse}/annuaire/v1/structures?limite=5'
    curl -H "Authorization: Bearer $(cat {cle})" {adresse}/annuaire/v1/sources

Ctrl-C arrête tout.
"""


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
