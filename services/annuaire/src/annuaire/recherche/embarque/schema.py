"""What lies in the `tantivy` index: the words to find records by, and the whole record to remember them by."""

from __future__ import annotations

import json
import zlib
from functools import cache
from typing import Any, Final

import tantivy

from annuaire.recherche.francais.normaliser import mots
from annuaire.recherche.francais.vocabulaire import charger
from annuaire.recherche.port import ATTRIBUTS, ActorDocument

VERSION: Final = 3
"""Changes with anything below: an index of another version is rebuilt."""
NOMS: Final = ("nom", "sigle", "noms_alternatifs")
"""Attributes that suggestions look into."""
MOTS_PAR_ATTRIBUT: Final = 1_000


@cache
def schema() -> tantivy.Schema:
    """Return the schema.

    `texte` holds the words of every attribute, `noms` those of names; `num` grows with each record written.
    """
    champs = tantivy.SchemaBuilder()
    champs.add_text_field("cle", tokenizer_name="raw", index_option="basic")
    champs.add_unsigned_field("num", indexed=True, fast=True)
    champs.add_text_field("texte", tokenizer_name="whitespace", index_option="position")
    champs.add_text_field("noms", tokenizer_name="whitespace", index_option="position")
    champs.add_bytes_field("fiche", stored=True)
    return champs.build()


def fiche(document: ActorDocument) -> dict[str, Any]:
    """Return a record as it is stored: its words by attribute, its facets, its point."""
    vocabulaire = charger()
    # whom a place is for is searched as well: « ateliers pour seniors »
    textes = {"publics": document.facets.get("publics", ()), **document.texts}
    par_attribut = {
        attribut: lus for attribut in ATTRIBUTS if (lus := _lire(textes.get(attribut, ()), vocabulaire.utiles))
    }
    return {
        "id": document.id,
        "v": document.v,
        "mots": par_attribut,
        "nom": empreinte(textes.get("nom", ("",))[0]),
        "facettes": {nom: list(valeurs) for nom, valeurs in document.facets.items() if valeurs},
        "point": None if document.lat is None else [document.lat, document.lng],
        "completude": document.completude,
        "maj": document.maj,
        "visible": document.visible,
    }


def empreinte(texte: str) -> int:
    """Return a number for a text as people read it, stop words included: two names that differ by « de » differ."""
    return zlib.crc32(" ".join(mots(texte)).encode())


def _lire(valeurs: tuple[str, ...], utiles: Any) -> list[str]:
    lus: list[str] = []
    reste = MOTS_PAR_ATTRIBUT
    for valeur in valeurs:
        mots = utiles(valeur)[:reste]
        reste -= len(mots)
        if mots:
            lus.append(" ".join(mots))
    return lus


def absence(id: str, v: int) -> dict[str, Any]:
    """Return what is stored of a record deleted: its id and version, so that an earlier one never comes back."""
    return {"id": id, "v": v, "supprime": True}


def inscrire(ecrivain: tantivy.IndexWriter, num: int, stockee: dict[str, Any]) -> None:
    """Write a record in place of its former version."""
    cle = str(stockee["id"])
    ecrivain.delete_documents_by_term("cle", cle)
    document = tantivy.Document()
    document.add_text("cle", cle)
    document.add_unsigned("num", num)
    for attribut, valeurs in stockee.get("mots", {}).items():
        for valeur in valeurs:
            document.add_text("texte", valeur)
            if attribut in NOMS:
                document.add_text("noms", valeur)
    document.add_bytes("fiche", json.dumps(stockee, ensure_ascii=False, separators=(",", ":")).encode())
    ecrivain.add_document(document)
