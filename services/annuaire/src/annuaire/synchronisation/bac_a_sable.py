"""The parent's side of the reading of a list: starts the child, streams its rows, kills it when it goes too far."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from annuaire.synchronisation.lecteurs import Reglages, limites, type_connu
from annuaire.synchronisation.lecteurs.errors import FichierTropCouteux, LectureEnPanne, depuis_dict

_MODULE: Final = "annuaire.synchronisation.atelier"
_JOURNAL: Final = 4096
# The pipe is paused beyond twice this: so little is read ahead of the caller, and between two turns of the loop.
_BLOC: Final = 64 * limites.KIO


async def depouiller(
    chemin: Path,
    type_mime: str,
    *,
    traitement: str,
    dossier: Path,
    reglages: Reglages | None = None,
    parametres: Mapping[str, Any] | None = None,
    delai: float = limites.SECONDES_SANS_REPONSE,
) -> AsyncGenerator[dict[str, Any], None]:
    """Read a list in a child process: give the treatment's object for each row, then `{"fin": true, …}` at last.

    `traitement` is the name of a factory (`traitements`), `parametres` its argument (JSON values), `dossier` a folder
    where a temporary one may be made; `delai` is in seconds without an answer. The objects of a treatment have no key
    `fin` nor `refus`. The child waits while the caller does, and dies with the iteration: use `contextlib.aclosing`.
    Raises `FichierRefuse`, or `LectureEnPanne` for a fault of the treatment; rows already given are then void.
    """
    demande = {
        "chemin": str(chemin),
        "type_mime": type_connu(type_mime),
        "reglages": (reglages or Reglages()).en_dict(),
        "traitement": traitement,
        "parametres": dict(parametres or {}),
    }
    with _bureau(dossier, demande) as bureau:
        enfant = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            _MODULE,
            bureau.entree,
            "-",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=bureau.journal,
            limit=_BLOC,
            env=_environnement(bureau.dossier),
            start_new_session=True,
        )
        try:
            async for objet in _lignes(enfant, delai):
                if "refus" in objet:
                    raise depuis_dict(objet["refus"])
                yield objet
                if "fin" in objet:
                    return
            raise _fin_anormale(await enfant.wait(), bureau.journal)
        except BaseException:
            _tuer(enfant)
            raise
        finally:
            await asyncio.shield(enfant.wait())


async def _lignes(enfant: asyncio.subprocess.Process, delai: float) -> AsyncIterator[dict[str, Any]]:
    sortie = enfant.stdout
    if sortie is None:
        raise LectureEnPanne("Le processus de lecture n'a pas de sortie.")
    reste = b""
    while bloc := await _lire_bloc(sortie, delai):
        *lignes, reste = (reste + bloc).split(b"\n")
        for ligne in lignes:
            yield depuis_octets(ligne)
        if len(reste) > limites.OCTETS_REPONSE:
            raise LectureEnPanne("Une réponse du processus de lecture est trop longue.")


async def _lire_bloc(sortie: asyncio.StreamReader, delai: float) -> bytes:
    try:
        async with asyncio.timeout(delai):
            return await sortie.read(_BLOC)
    except TimeoutError as erreur:
        raise FichierTropCouteux(f"La lecture du fichier n'avance plus depuis {delai:g} secondes.") from erreur


def depuis_octets(ligne: bytes) -> dict[str, Any]:
    """Read an object that the child wrote. Raises `LectureEnPanne`."""
    tete, *suite = ligne.split(b"\t")
    try:
        objet: dict[str, Any] = {**json.loads(tete)}
        if suite:
            objet.update(zip(objet.pop("_octets"), suite, strict=True))
    except (ValueError, TypeError, KeyError) as erreur:
        raise LectureEnPanne("Une réponse du processus de lecture est illisible.") from erreur
    return objet


def _environnement(prive: str) -> dict[str, str]:
    """The child's environment: nothing of the service's settings, hence none of its secrets."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(entree for entree in sys.path if entree),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        "TMPDIR": prive,
        "TZ": "UTC",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        # Each arena reserves 64 MiB of address space, counted in the limit.
        "MALLOC_ARENA_MAX": "1",
    }


@dataclass(frozen=True, slots=True)
class _Bureau:
    """The child's folder, its request, and the file where its errors go."""

    dossier: str
    entree: str
    journal: BinaryIO


@contextlib.contextmanager
def _bureau(dossier: Path, demande: dict[str, Any]) -> Iterator[_Bureau]:
    """Make the child's folder, and remove it with all it holds."""
    with (
        tempfile.TemporaryDirectory(prefix="lecture-", dir=dossier) as prive,
        Path(prive, "journal.txt").open("w+b") as journal,
    ):
        entree = Path(prive, "entree.json")
        entree.write_text(json.dumps(demande), encoding="utf-8")
        yield _Bureau(prive, str(entree), journal)


def _fin_anormale(code: int, journal: BinaryIO) -> Exception:
    if code < 0:
        nom = signal.Signals(-code).name if -code in signal.valid_signals() else str(-code)
        return FichierTropCouteux(
            f"La lecture du fichier a dépassé la mémoire ({limites.MEMOIRE_ATELIER // limites.MIO} Mio) "
            f"ou le temps ({limites.SECONDES_ATELIER} s de calcul) permis.",
            signal=nom,
        )
    journal.seek(0)
    texte = journal.read()[-_JOURNAL:].decode(errors="replace")
    if "MemoryError" in texte:
        return FichierTropCouteux("La lecture du fichier demande plus de mémoire que permis.")
    return LectureEnPanne(f"Le processus de lecture s'est arrêté (code {code}).", journal=texte)


def _tuer(enfant: asyncio.subprocess.Process) -> None:
    """Kill the child and whatever it started; not by `Process.kill`, which may collect it behind the loop's back."""
    if enfant.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(enfant.pid, signal.SIGKILL)
