"""What a cleaning gives back: the value kept, and everything that happened to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, Final, Generic, NamedTuple, ParamSpec, TypeVar, cast

from annuaire.standard.anomalies import LONGUEUR_VALEUR, Anomalie

LONGUEUR_MEMORISEE: Final = 300

T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R")
P = ParamSpec("P")


class Nettoye(NamedTuple, Generic[T_co]):
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
        suggestion=None if suggestion is None else borner(suggestion),
        corrige=None if corrige is None else borner(corrige),
    )


def borner(valeur: object) -> str:
    """Write any value in at most 200 printable characters."""
    texte = valeur if isinstance(valeur, str) else _ecrire(valeur)
    texte = texte[: 2 * LONGUEUR_VALEUR]
    if not texte.isprintable():
        texte = "".join(c if c.isprintable() else "�" for c in texte)
    return texte if len(texte) <= LONGUEUR_VALEUR else texte[: LONGUEUR_VALEUR - 1] + "…"


def _ecrire(valeur: object) -> str:
    try:
        return str(valeur)
    except (ValueError, RecursionError):
        # An integer past Python's limit of digits, or a structure nested too deep.
        return f"({type(valeur).__name__})"


def memoriser(
    taille: int,
) -> Callable[[Callable[Concatenate[str, P], R]], Callable[Concatenate[str, P], R]]:
    """Remember the last `taille` results of a pure function of a text; a long text is read each time.

    Lists repeat the same cells a lot; the bound on length keeps hostile ones from filling the memory.
    """

    def decorer(fonction: Callable[Concatenate[str, P], R]) -> Callable[Concatenate[str, P], R]:
        souvenir = cast(Callable[Concatenate[str, P], R], lru_cache(maxsize=taille)(fonction))

        @wraps(fonction)
        def lire(brut: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if len(brut) > LONGUEUR_MEMORISEE:
                return fonction(brut, *args, **kwargs)
            return souvenir(brut, *args, **kwargs)

        return cast(Callable[Concatenate[str, P], R], lire)

    return decorer
