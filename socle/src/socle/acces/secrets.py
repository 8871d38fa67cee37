"""Secrets on disk: made once, readable by their owner alone."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path

TAILLE_MINIMALE = 32


class SecretRefuse(RuntimeError):
    """A secret that must not be used: too short, or readable by others."""


def preparer_dossier(dossier: Path) -> Path:
    """Make the folder of secrets (mode 700)."""
    dossier.mkdir(parents=True, exist_ok=True, mode=0o700)
    return dossier


def ecrire_prive(chemin: Path, contenu: bytes, *, remplacer: bool = False) -> bool:
    """Write a file of mode 600, whole or not at all; tell whether it was written (`False`: it was already there)."""
    preparer_dossier(chemin.parent)
    # mkstemp makes mode 600; the link is atomic, so that another process sees a whole file or none.
    descripteur, provisoire = tempfile.mkstemp(dir=chemin.parent, prefix=".secret-")
    try:
        with os.fdopen(descripteur, "wb") as fichier:
            fichier.write(contenu)
            fichier.flush()
            os.fsync(fichier.fileno())
        if remplacer:
            Path(provisoire).replace(chemin)
            return True
        try:
            os.link(provisoire, chemin)
        except FileExistsError:
            return False
        return True
    finally:
        Path(provisoire).unlink(missing_ok=True)


def lire_prive(chemin: Path) -> bytes:
    """Read a secret; raises `SecretRefuse` when people other than its owner can read it."""
    if stat.S_IMODE(chemin.stat().st_mode) & 0o077:
        raise SecretRefuse(f"{chemin} est lisible par d'autres que son propriétaire : chmod 600 {chemin}")
    return chemin.read_bytes()


def lire_ou_creer(dossier: Path, nom: str) -> bytes:
    """Read the secret `nom` of this folder, made of 32 random bytes at first use, safely between processes.

    Raises `SecretRefuse` when it is shorter than 32 bytes or readable by others.
    """
    chemin = dossier / nom
    if not chemin.exists():
        ecrire_prive(chemin, secrets.token_bytes(TAILLE_MINIMALE))
    secret = lire_prive(chemin)
    if len(secret) < TAILLE_MINIMALE:
        raise SecretRefuse(f"{chemin} fait moins de {TAILLE_MINIMALE} octets")
    return secret
