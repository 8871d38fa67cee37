"""What a reading of a row has to say: rejected, nulled, corrected, doubtful. One entry a fault, never a silence."""

from __future__ import annotations

from dataclasses import dataclass

LONGUEUR_VALEUR = 200


@dataclass(frozen=True, slots=True)
class Anomalie:
    """One fault or correction in one cell.

    `code` is a key of `severites.json` (which gives severity and message); `champ` the field of the standard, `None`
    for the whole row; `valeur` what was read, at most 200 characters; `suggestion` what would be right;
    `corrige` the value kept when the reading corrected the cell.
    """

    code: str
    champ: str | None = None
    valeur: str | None = None
    suggestion: str | None = None
    corrige: str | None = None
