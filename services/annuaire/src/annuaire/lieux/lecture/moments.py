"""Answers that depend on the clock: until when they hold, in their tag and in what caches may do."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache

from socle.web.etags import lire_etags

from socle import horloge


def borne(jusqu_a: float) -> str:
    """Write until when an answer holds (Unix time), as part of its tag; `0` stands for ever."""
    return "0" if math.isinf(jusqu_a) else f"{int(jusqu_a):x}"


def encore_valable(si_different: str, reponse: str, t: float) -> float | None:
    """Return until when an answer named `reponse` that a caller already holds is good, `None` when it is not any more.

    Its tag says it all: nothing needs be remembered of what was sent.
    """
    try:
        etiquettes = lire_etags(si_different) or []
    except ValueError:
        return None
    for _, opaque in etiquettes:
        nom, _, fin = opaque.rpartition(".")
        if nom != reponse:
            continue
        try:
            jusqu_a = int(fin, 16) if fin != "0" else math.inf
        except ValueError:
            return None
        if jusqu_a > t:
            return jusqu_a
    return None


def cache(t: float, jusqu_a: float, maximum: int) -> bytes:
    """Write how long an answer may be kept: never beyond `jusqu_a`, even in trouble."""
    secondes = maximum if math.isinf(jusqu_a) else max(0, min(maximum, int(jusqu_a - t)))
    return b"public, max-age=%d, must-revalidate" % secondes


@lru_cache(maxsize=4096)
def date_http(t: int) -> bytes:
    """Write a Unix time as HTTP does (RFC 9110 §5.6.7)."""
    return formatdate(t, usegmt=True).encode()


@lru_cache(maxsize=4096)
def rfc3339(t: int) -> bytes:
    """Write a Unix time as documents do."""
    return horloge.rfc3339(datetime.fromtimestamp(t, UTC)).encode()
