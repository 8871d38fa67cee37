"""Long treatments beside those who are answered: what the interpreter does to both, and how it is asked to wait.

A full collection of cycles stops the whole process for a microsecond an object, and a treatment of ten thousand rows
makes a hundred thousand of them, all in use. A thread that computes is asked to let the others go only every five
milliseconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

TOUR: Final = 0.001
"""Seconds that a computing thread keeps the interpreter for, while another waits."""

JAMAIS: Final = 2**30
_prets: list[tuple[tuple[int, int, int], float]] = []


@contextmanager
def menager() -> Iterator[None]:
    """Hold full collections back, and let threads take shorter turns, while a long treatment lives.

    May be entered several times at once; the last to leave gives back what the first found.
    """
    if not _prets:
        jeunes, moyens, _ = gc.get_threshold()
        _prets.append((gc.get_threshold(), sys.getswitchinterval()))
        gc.set_threshold(jeunes, moyens, JAMAIS)
        sys.setswitchinterval(TOUR)
    else:
        _prets.append(_prets[0])
    try:
        yield
    finally:
        seuils, tour = _prets.pop()
        if not _prets:
            gc.set_threshold(*seuils)
            sys.setswitchinterval(tour)


def retenir() -> None:
    """Leave out of every later collection what lives now, because it will live long; what nobody holds still goes.

    Only young objects are looked at first: a cycle already old and already dead would stay.
    """
    gc.collect(1)
    gc.freeze()


def rendre() -> None:
    """Give back to the system what a long treatment has freed, where the allocator keeps it (glibc); to run apart."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
