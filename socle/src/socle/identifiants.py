"""Identifiers and fingerprints: UUIDv7, JCS (RFC 8785), SHA-256."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID


def uuid7(*, horloge: Callable[[], float] = time.time, alea: Callable[[int], bytes] = os.urandom) -> UUID:
    """Mint a UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, 74 random bits."""
    millisecondes = int(horloge() * 1000) & (2**48 - 1)
    hasard = int.from_bytes(alea(10), "big")
    rand_a, rand_b = (hasard >> 62) & 0xFFF, hasard & (2**62 - 1)
    return UUID(int=millisecondes << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)


def jcs(valeur: Any) -> bytes:
    """Serialise to the canonical form of RFC 8785 (JCS), UTF-8.

    Raises `ValueError` on NaN, infinities and keys that are not strings.
    """
    return _jcs(valeur).encode("utf-8")


_chaine = json.encoder.encode_basestring


def _jcs(valeur: Any) -> str:
    if valeur is None:
        return "null"
    if isinstance(valeur, bool):
        return "true" if valeur else "false"
    if isinstance(valeur, str):
        return _chaine(valeur)
    if isinstance(valeur, int):
        return str(valeur)
    if isinstance(valeur, float):
        return _nombre(valeur)
    if isinstance(valeur, (list, tuple)):
        return "[" + ",".join(map(_jcs, valeur)) + "]"
    if isinstance(valeur, dict):
        if not all(isinstance(cle, str) for cle in valeur):
            raise ValueError("JCS n'admet que des clés de texte")
        # RFC 8785 §3.2.3 sorts on UTF-16 code units, which differs from code points outside the BMP only.
        cles = sorted(valeur) if "".join(valeur).isascii() else sorted(valeur, key=_unites)
        return "{" + ",".join([f"{_chaine(cle)}:{_jcs(valeur[cle])}" for cle in cles]) + "}"
    raise ValueError(f"JCS ne connaît pas {type(valeur).__name__}")


def _unites(cle: str) -> bytes:
    return cle.encode("utf-16-be", "surrogatepass")


def _nombre(valeur: float) -> str:
    """Write a double as ECMAScript does (RFC 8785 §3.2.2.3), which Python's `repr` nearly is."""
    if not math.isfinite(valeur):
        raise ValueError("JCS n'admet ni NaN ni infini")
    if valeur == 0:
        return "0"
    mantisse, _, exposant = repr(abs(valeur)).partition("e")
    entiers, _, decimales = mantisse.partition(".")
    decimales = "" if decimales == "0" else decimales
    chiffres = (entiers + decimales).lstrip("0")
    # value = 0.chiffres × 10^point
    point = len(entiers.lstrip("0")) if entiers.strip("0") else -(len(decimales) - len(decimales.lstrip("0")))
    point += int(exposant or 0)
    chiffres = chiffres.rstrip("0")
    n = len(chiffres)
    if n <= point <= 21:
        texte = chiffres + "0" * (point - n)
    elif 0 < point <= 21:
        texte = f"{chiffres[:point]}.{chiffres[point:]}"
    elif -6 < point <= 0:
        texte = "0." + "0" * -point + chiffres
    else:
        suite = f".{chiffres[1:]}" if n > 1 else ""
        texte = f"{chiffres[0]}{suite}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{texte}" if valeur < 0 else texte


def empreinte(valeur: Any) -> str:
    """Fingerprint a JSON value: hexadecimal SHA-256 of its canonical form."""
    return hashlib.sha256(jcs(valeur)).hexdigest()
