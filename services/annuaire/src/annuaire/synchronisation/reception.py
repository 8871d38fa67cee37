"""A list arrives: counted, digested and laid on disk before anything else is done with it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from annuaire.synchronisation.errors import CondenseInvalide, TypeDeListeRefuse
from annuaire.synchronisation.lecteurs import TYPES, type_connu
from annuaire.synchronisation.lecteurs.compression import decompresser
from annuaire.synchronisation.lecteurs.errors import FichierRefuse

ACCEPT_POST = ", ".join(TYPES)
OCTETS_MAX = 25 * 1024 * 1024
"""Largest body on the wire; the middleware counts it before anything reads it."""


GARDE_JOURS = 30
"""Days that a file received is kept: long enough to plan it again, no longer than personal data should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recu:
    """A file received: its name in the folder, its type, the SHA-256 (hexadecimal) of the bytes sent."""

    fichier: str
    type_mime: str
    condense: str


async def recevoir(flux: AsyncIterator[bytes], entetes: Mapping[str, str], *, id: UUID, dossier: Path) -> Recu:
    """Write the body to the folder, durably, and return what was received.

    Raises `TypeDeListeRefuse` (415), `CondenseInvalide` (400), `FichierRefuse` for a body that inflates too much. The
    number of bytes is bounded by the middleware that counts them.
    """
    type_mime = _type(entetes)
    codage = entetes.get("content-encoding", "identity").strip().lower()
    if codage not in ("identity", "", "gzip"):
        raise TypeDeListeRefuse(f"Codage « {codage[:20]} » refusé : envoyez le fichier tel quel, ou en gzip.")
    chemin = dossier / str(id)
    condense = hashlib.sha256()
    try:
        with chemin.open("xb") as fichier:
            async for morceau in flux:
                condense.update(morceau)
                fichier.write(morceau)
            fichier.flush()
            await asyncio.to_thread(os.fsync, fichier.fileno())
        _verifier(entetes.get("content-digest"), condense.digest())
        if codage == "gzip":
            await asyncio.to_thread(_inflater, chemin)
        await asyncio.to_thread(_graver, dossier)
    except BaseException:
        chemin.unlink(missing_ok=True)
        raise
    return Recu(fichier=chemin.name, type_mime=type_mime, condense=condense.hexdigest())


def purger(dossier: Path, *, maintenant: float) -> int:
    """Remove the files received more than `GARDE_JOURS` days before `maintenant` (epoch seconds); return how many."""
    vieux = [f for f in dossier.iterdir() if f.is_file() and f.stat().st_mtime < maintenant - GARDE_JOURS * 86_400]
    for fichier in vieux:
        fichier.unlink(missing_ok=True)
    return len(vieux)


def _type(entetes: Mapping[str, str]) -> str:
    try:
        return type_connu(entetes.get("content-type", ""))
    except FichierRefuse as refus:
        raise TypeDeListeRefuse(refus.detail, entetes={"Accept-Post": ACCEPT_POST}) from refus


def _verifier(entete: str | None, condense: bytes) -> None:
    """Check `Content-Digest` (RFC 9530) when it carries a `sha-256`."""
    if entete is None:
        return
    for partie in entete.split(","):
        nom, _, valeur = partie.strip().partition("=")
        if nom.lower() == "sha-256":
            attendu = base64.b64encode(condense).decode()
            if valeur.strip(":") != attendu:
                raise CondenseInvalide("Le condensé SHA-256 annoncé n'est pas celui du contenu reçu.")
            return


def _inflater(chemin: Path) -> None:
    """Replace a gzip file by its content, counted while it inflates."""
    clair = chemin.with_suffix(".clair")
    try:
        decompresser(chemin, clair)
        clair.replace(chemin)
    finally:
        clair.unlink(missing_ok=True)


def _graver(dossier: Path) -> None:
    """Make the folder's new entry survive a power cut."""
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
