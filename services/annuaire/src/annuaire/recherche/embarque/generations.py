"""Generations of the index: a folder each, and a file that names the one in force, replaced in one step."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import tantivy

from annuaire.recherche.embarque.schema import VERSION, schema

COURANTE: Final = "CURRENT"
TAMPON: Final = 32_000_000
"""Memory of the writer, in bytes."""


def nommer(horodatage_ns: int) -> str:
    """Return the name of a generation born at an instant."""
    return f"g{VERSION}-{horodatage_ns:020d}"


def courante(dossier: Path) -> str | None:
    """Return the generation in force; `None` when there is none, or when it is of another version."""
    try:
        nom = (dossier / COURANTE).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    return nom if nom.startswith(f"g{VERSION}-") and (dossier / nom / "meta.json").exists() else None


def creer(dossier: Path, generation: str) -> tantivy.Index:
    """Make an empty index."""
    chemin = dossier / generation
    chemin.mkdir(parents=True, exist_ok=True)
    return tantivy.Index(schema(), path=str(chemin))


def ouvrir(dossier: Path, generation: str) -> tantivy.Index:
    """Open an index. Raises `ValueError` when it is damaged."""
    return tantivy.Index.open(str(dossier / generation))


def ecrivain(index: tantivy.Index) -> tantivy.IndexWriter:
    """Take the writer of an index; one process has it at a time. Raises `ValueError` when another one has it."""
    return index.writer(heap_size=TAMPON, num_threads=1)


def adopter(dossier: Path, generation: str) -> None:
    """Put a generation in force: killed at any point, the old one or the new one is, whole."""
    provisoire = dossier / f".{COURANTE}.{os.getpid()}"
    with provisoire.open("w", encoding="utf-8") as flux:
        flux.write(generation)
        flux.flush()
        os.fsync(flux.fileno())
    provisoire.replace(dossier / COURANTE)
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def effacer(dossier: Path, generation: str) -> None:
    """Remove the folder of a generation."""
    shutil.rmtree(dossier / generation, ignore_errors=True)


def anciennes(dossier: Path) -> list[str]:
    """Return the generations that are not in force, oldest first."""
    en_vigueur = courante(dossier)
    return sorted(d.name for d in dossier.glob("g*-*") if d.is_dir() and d.name != en_vigueur)
