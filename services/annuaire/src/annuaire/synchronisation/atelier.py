"""The child process that reads a list: `python -m annuaire.synchronisation.atelier ENTREE.json SORTIE`.

It takes away from itself, before reading anything, memory, processor time, files and network; then reads the file,
passes each row to the treatment and writes one line a row, and a last one `{"fin": true, …}` or
`{"refus": {code, detail, place, extra}}`. A line is a JSON object; its members that were bytes already follow it as
they are, each after a tab, and `_octets` names them in order: a row is neither written nor read twice. SORTIE is a
path, or `-` for the standard output.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from annuaire.synchronisation.lecteurs import Reglages, limites, lire
from annuaire.synchronisation.lecteurs.errors import FichierRefuse, FichierTropCouteux
from annuaire.synchronisation.traitements import bilan, cloturer, fabriquer

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL = 9
_COURTOISIE = 10
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_SECONDES_AU_PLUS = limites.SECONDES_ATELIER + limites.SECONDES_PAR_MILLIER * limites.LIGNES // 1000 + 1


def se_limiter() -> bool:
    """Set the limits of the process, for good; return whether the network is cut off (kernel permitting)."""
    for quoi, souple, dur in (
        (resource.RLIMIT_AS, limites.MEMOIRE_ATELIER, limites.MEMOIRE_ATELIER),
        # The soft limit kills with SIGXCPU; it moves with the rows read, up to the hard one, which cannot be moved.
        (resource.RLIMIT_CPU, limites.SECONDES_ATELIER, _SECONDES_AU_PLUS),
        (resource.RLIMIT_NOFILE, limites.DESCRIPTEURS_ATELIER, limites.DESCRIPTEURS_ATELIER),
        (resource.RLIMIT_FSIZE, limites.OCTETS_FICHIER_ATELIER, limites.OCTETS_FICHIER_ATELIER),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(quoi, (souple, dur))
    # who reads comes first: a list takes what they leave of the processor
    os.nice(_COURTOISIE)
    return _sisoler()


def _sisoler() -> bool:
    if sys.platform != "linux":
        return False
    import ctypes

    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def accorder_du_temps(lignes: int) -> None:
    """Move the limit of processor time: a file that gives rows is read to its end, one that gives none is stopped."""
    secondes = limites.SECONDES_ATELIER + limites.SECONDES_PAR_MILLIER * lignes // 1000
    resource.setrlimit(resource.RLIMIT_CPU, (min(secondes, _SECONDES_AU_PLUS), _SECONDES_AU_PLUS))


def main(arguments: list[str]) -> int:
    """Run the process: 0 when the file was read or refused."""
    debut = time.perf_counter()
    entree, sortie = arguments
    reseau_coupe = se_limiter()
    demande = json.loads(Path(entree).read_bytes())
    with open(sys.stdout.fileno() if sortie == "-" else sortie, "wb") as flux:
        derniere = _depouiller(demande, flux)
        if "fin" in derniere:
            derniere |= {
                "reseau_coupe": reseau_coupe,
                "duree_ms": round((time.perf_counter() - debut) * 1000),
                "memoire_kio": _memoire(),
            }
        _ecrire(flux, derniere)
    return 0


def _memoire() -> int | None:
    """Highest memory of this process, in KiB. Not `ru_maxrss`, which starts from what the parent had."""
    try:
        statut = Path("/proc/self/status").read_text()
    except OSError:
        return None
    return next((int(ligne.split()[1]) for ligne in statut.splitlines() if ligne.startswith("VmHWM")), None)


def _depouiller(demande: dict[str, Any], flux: BinaryIO) -> dict[str, Any]:
    traiter = fabriquer(demande["traitement"], demande["parametres"])
    lues = 0
    try:
        lecture = lire(Path(demande["chemin"]), demande["type_mime"], Reglages(**demande["reglages"]))
        for ligne in lecture:
            _ecrire(flux, traiter(ligne))
            lues += 1
            if lues % 1000 == 0:
                accorder_du_temps(lues)
        for objet in cloturer(traiter):
            _ecrire(flux, objet)
    except FichierRefuse as refus:
        return {"refus": refus.en_dict()}
    except MemoryError:
        return {"refus": FichierTropCouteux("La lecture du fichier demande plus de mémoire que permis.").en_dict()}
    return {"fin": True, "lues": lues, "devine": {**lecture.devine.en_dict(), **bilan(traiter)}}


def _ecrire(flux: BinaryIO, objet: dict[str, Any]) -> None:
    octets = en_octets(objet)
    if len(octets) > limites.OCTETS_REPONSE:
        raise FichierTropCouteux(f"Une ligne du fichier donne plus de {limites.OCTETS_REPONSE} octets.")
    flux.write(octets + b"\n")


def en_octets(objet: dict[str, Any]) -> bytes:
    """Write an object as a line, its members of bytes after it."""
    suite = {nom: valeur for nom, valeur in objet.items() if isinstance(valeur, bytes)}
    if suite:
        objet = {nom: valeur for nom, valeur in objet.items() if nom not in suite} | {"_octets": [*suite]}
    return b"\t".join((_JSON.encode(objet).encode(), *suite.values()))


if __name__ == "__main__":
    # The interpreter's own shutdown frees every object one by one, for nothing.
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
