"""Successive states in time, as two parallel lists: where each begins, and what it is."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from dataclasses import dataclass, field

from annuaire.lieux.horaires.ouverture import Etat

JOUR_S = 86_400


@dataclass(slots=True)
class Plages:
    """States of a stretch of time without holes: `etats[i]` holds from `debuts[i]` to the next one, or to `fin`.

    Times are whole seconds, of a clock on a wall (as if it stood in UTC) or of Unix time.
    """

    fin: int
    debuts: MutableSequence[int] = field(default_factory=list)
    etats: list[Etat] = field(default_factory=list)

    @classmethod
    def de(cls, suite: Iterable[tuple[int, Etat]], *, fin: int) -> Plages:
        """Join successive `(start, state)` pairs; neighbours of one state are one."""
        plages = cls(fin)
        for debut, etat in suite:
            plages.ajouter(debut, etat)
        return plages

    def ajouter(self, debut: int, etat: Etat) -> None:
        """Add what comes next."""
        if self.debuts and self.debuts[-1] == debut:
            self.debuts.pop()
            self.etats.pop()
        if not self.etats or self.etats[-1] is not etat:
            self.debuts.append(debut)
            self.etats.append(etat)

    def entre(self, debut: int, fin: int) -> list[tuple[int, int, Etat]]:
        """Return `(start, end, state)` of what lies between two times."""
        fins = [*self.debuts[1:], self.fin]
        return [
            (max(d, debut), min(f, fin), etat)
            for d, f, etat in zip(self.debuts, fins, self.etats, strict=True)
            if d < fin and f > debut
        ]
