"""Judging an engine: records and questions from files, an index made for the occasion, the answers in order."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from annuaire.recherche.port import ATTRIBUTS, ActorDocument, ActorQuery, SearchEngine

LOT: Final = 5_000
REPONSES: Final = 20
_MOTS_DE_FACETTE: Final = ("services", "publics", "labels")


class FichierIllisible(ValueError):
    """A file of records or of questions can't be read: says which line and why, in French."""


@dataclass(frozen=True, slots=True)
class Fiche:
    """A record of a corpus: its id as it was written, a number or a text, and what the engine holds of it."""

    id: Any
    document: ActorDocument


def lire_corpus(fichier: Path) -> Iterator[Fiche]:
    """Read records, one JSON object a line, compressed or not. Raises `FichierIllisible`.

    An object has `id`, `nom`, and where known the attributes of `port.ATTRIBUTS` (texts or lists of texts),
    `services`, `publics`, `labels`, `departement`, `_geo {lat, lng}`, `maj` (POSIX time), `completude`, `visible`.
    """
    ouvrir = gzip.open if fichier.suffix == ".gz" else open
    with ouvrir(fichier, "rt", encoding="utf-8") as flux:
        for ligne, texte in enumerate(flux, 1):
            if not texte.strip():
                continue
            try:
                lu = json.loads(texte)
                yield Fiche(lu["id"], _document(lu))
            except (ValueError, KeyError, TypeError, AttributeError) as erreur:
                raise FichierIllisible(f"{fichier.name}, ligne {ligne} : fiche illisible ({erreur}).") from erreur


def _document(lu: dict[str, Any]) -> ActorDocument:
    point = lu.get("_geo")
    return ActorDocument(
        id=str(lu["id"]),
        v=1,
        texts={nom: lues for nom in ATTRIBUTS if (lues := _textes(lu.get(nom)))},
        facets={
            "types": _textes(lu.get("type")),
            "departement": _textes(lu.get("departement")),
            "code_postal": _textes(lu.get("code_postal")),
            **{nom: _textes(lu.get(nom)) for nom in _MOTS_DE_FACETTE},
        },
        lat=float(point["lat"]) if point else None,
        lng=float(point["lng"]) if point else None,
        completude=int(lu.get("completude") or 0),
        maj=int(lu.get("maj") or 0),
        visible=bool(lu.get("visible", True)),
    )


def _textes(valeur: Any) -> tuple[str, ...]:
    if valeur is None or valeur == "":
        return ()
    return tuple(str(v) for v in valeur) if isinstance(valeur, list) else (str(valeur),)


def lire_questions(fichier: Path) -> list[tuple[str, str]]:
    """Read questions, `{"queries": [{"id", "q"}, …]}`. Raises `FichierIllisible`."""
    try:
        lues = json.loads(fichier.read_text("utf-8"))
        return [(str(question["id"]), str(question["q"])) for question in lues["queries"]]
    except (ValueError, KeyError, TypeError) as erreur:
        raise FichierIllisible(f"{fichier.name} : questions illisibles ({erreur!r}).") from erreur


async def indexer(moteur: SearchEngine, fiches: Iterator[Fiche]) -> dict[str, Any]:
    """Build and put in force a generation of these records; return their ids as written, by id as indexed."""
    generation = await moteur.begin_rebuild()
    ids: dict[str, Any] = {}
    lot: list[ActorDocument] = []
    for fiche in fiches:
        ids[fiche.document.id] = fiche.id
        lot.append(fiche.document)
        if len(lot) >= LOT:
            await moteur.load(generation, lot)
            lot = []
    if lot:
        await moteur.load(generation, lot)
    await moteur.promote(generation)
    return ids


async def repondre(
    moteur: SearchEngine, questions: Sequence[tuple[str, str]], ids: dict[str, Any]
) -> dict[str, list[Any]]:
    """Answer questions; return for each the ids of the records found, the best first, 20 at most."""
    reponses = {}
    for nom, q in questions:
        page = await moteur.search(ActorQuery(q=q, size=REPONSES))
        reponses[nom] = [ids[hit.id] for hit in page.hits]
    return reponses
