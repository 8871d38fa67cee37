"""Texts of a given form in an address: a fault is told in words, the contract has the pattern."""

from __future__ import annotations

import re
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function


class Forme:
    """A text of a given form, to put in an `Annotated[str, …]`.

    Whoever writes another is told that `attendu` is expected, rather than a pattern made for machines.
    """

    def __init__(self, motif: str, attendu: str) -> None:
        # in the contract \d is an ASCII digit (ECMA 262)
        self._motif, self._forme = motif, re.compile(motif.removesuffix("$"), re.ASCII)
        self._attendu = attendu

    def lire(self, texte: str) -> str:
        if self._forme.fullmatch(texte) is None:
            raise ValueError(f"{self._attendu} est attendu")
        return texte

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self.lire, handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": self._motif}
