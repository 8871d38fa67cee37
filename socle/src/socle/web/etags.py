"""Entity tags and the conditions that bear on them (RFC 9110 §8.8.3, §13.1)."""

from __future__ import annotations

import re

from socle.errors import PreconditionFausse, PreconditionRequise, RequeteInvalide

SUFFIXE_GZIP = "--gzip"
"""Ends the strong tag of a compressed answer, whose bytes differ; it is the same version of the same object."""

_ETIQUETTE = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def etag_fort(valeur: str) -> str:
    """Write a strong tag."""
    return f'"{valeur}"'


def etag_faible(valeur: str) -> str:
    """Write a weak tag."""
    return f'W/"{valeur}"'


def lire_etags(entete: str) -> list[tuple[bool, str]] | None:
    """Read a list of tags as (weak, opaque) pairs, the suffix of compressed answers taken off; `None` stands for `*`.

    Raises `ValueError` when the header is not such a list.
    """
    if entete.strip() == "*":
        return None
    etiquettes: list[tuple[bool, str]] = []
    position, longueur = 0, len(entete)
    while position < longueur:
        if entete[position] in " \t,":
            position += 1
            continue
        trouvee = _ETIQUETTE.match(entete, position)
        if trouvee is None:
            raise ValueError("étiquette mal formée")
        etiquettes.append((trouvee[1] is not None, trouvee[2].removesuffix(SUFFIXE_GZIP)))
        position = trouvee.end()
        if position < longueur and entete[position] not in " \t,":
            raise ValueError("étiquettes mal séparées")
    return etiquettes


def inchange(if_none_match: str | None, etag: str) -> bool:
    """Tell whether a GET deserves a 304: weak comparison of `If-None-Match`; a malformed header asks for the body."""
    if if_none_match is None:
        return False
    if if_none_match == etag:
        return True
    try:
        etiquettes = lire_etags(if_none_match)
        voulue = lire_etags(etag)
    except ValueError:
        return False
    if etiquettes is None:
        return True
    return voulue is not None and any(opaque == voulue[0][1] for _, opaque in etiquettes)


def exiger_if_match(if_match: str | None, etag: str, *, etoile: bool = True) -> None:
    """Check the condition of a write, by strong comparison.

    Raises `PreconditionRequise` (428) without the header or with `*` where `etoile` refuses it, `RequeteInvalide`
    when it is malformed, `PreconditionFausse` (412), with the current tag, when it is stale.
    """
    if if_match is None:
        raise PreconditionRequise("Relisez l'objet et renvoyez son ETag dans If-Match.")
    try:
        etiquettes = lire_etags(if_match)
        actuelle = lire_etags(etag)
    except ValueError as exc:
        raise RequeteInvalide(f"If-Match est mal formé : {exc}.") from exc
    if etiquettes is None:
        if not etoile:
            raise PreconditionRequise("« * » n'est pas admis ici : renvoyez l'ETag lu dans If-Match.")
        return
    if actuelle is None or actuelle[0][0] or (False, actuelle[0][1]) not in etiquettes:
        raise PreconditionFausse("L'objet a changé : relisez-le avant de le modifier.", entetes={"ETag": etag})
