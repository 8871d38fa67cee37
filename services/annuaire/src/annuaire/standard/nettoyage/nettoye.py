"""What a cleaning gives back: the value kept, and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from annuaire.standard.anomalies import LONGUEUR_VALEUR, Anomalie

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Nettoye(Generic[T_co]):
    """A cleaned cell. `anomalies` is empty when the cell was right as written."""

    valeur: T_co
    anomalies: tuple[Anomalie, ...] = ()


def anomalie(
    code: str,
    champ: str | None,
    valeur: object = None,
    *,
    suggestion: str | None = None,
    corrige: str | None = None,
) -> Anomalie:
    """Build an `Anomalie` whose texts are bounded, whatever was read."""
    return Anomalie(
        code=code,
        champ=champ,
        valeur=None if valeur is None else borner(valeur),
        suggestion=None if suggestion is None else suggestion[:LONGUEUR_VALEUR],
        corrige=None if corrige is None else corrige[:LONGUEUR_VALEUR],
    )


def borner(valeur: object) -> str:
    """Write any value in at most 200 printable characters."""
    texte = valeur if isinstance(valeur, str) else _ecrire(valeur)
    texte = texte[: 2 * LONGUEUR_VALEUR]
    texte = "".join(c if c.isprintable() else "�" for c in texte)
    return texte if len(texte) <= LONGUEUR_VALEUR else texte[: LONGUEUR_VALEUR - 1] + "…"


def _ecrire(valeur: object) -> str:
    try:
        return str(valeur)
    except (ValueError, RecursionError):
        # An integer past Python's limit of digits, or a structure nested too deep.
        return f"({type(valeur).__name__})"
