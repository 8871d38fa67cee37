"""The body of an outside answer, counted as it comes and as it inflates."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Final

from socle.web.sortant.errors import SortieRefusee

_BLOC: Final = 64 * 1024


async def compter(morceaux: AsyncIterator[bytes], codage: str, *, octets: int) -> AsyncIterator[bytes]:
    """Give the content of a body, its gzip undone; at most `octets` bytes, both on the wire and once inflated.

    Raises `SortieRefusee`: `trop-grand`, `type-refuse` for another coding, `interrompue` for one cut short or spoilt.
    """
    if codage not in ("", "identity", "gzip"):
        raise SortieRefusee("type-refuse")
    machine = zlib.decompressobj(16 + zlib.MAX_WBITS) if codage == "gzip" else None
    recus = sortis = 0
    async for morceau in morceaux:
        recus += len(morceau)
        if recus > octets:
            raise SortieRefusee("trop-grand")
        if machine is None:
            yield morceau
            continue
        reste = morceau
        while reste and not machine.eof:
            try:
                sorti = machine.decompress(reste, _BLOC)
            except zlib.error:
                raise SortieRefusee("interrompue") from None
            reste = machine.unconsumed_tail
            sortis += len(sorti)
            if sortis > octets:
                raise SortieRefusee("trop-grand")
            if sorti:
                yield sorti
        if machine.eof and (reste or machine.unused_data):
            # what follows the end of the member would be read by some and not by others
            raise SortieRefusee("interrompue")
    if machine is not None and not machine.eof and recus:
        raise SortieRefusee("interrompue")
