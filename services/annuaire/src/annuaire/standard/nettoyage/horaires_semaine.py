"""A week of opening hours, day by day, and its writing in the OSM syntax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from .horaires_mots import JOURS

Etat = Literal["", "unknown", "off"]
#: Minutes since midnight; the end is `None` when only the beginning is said.
Plage = tuple[int, int | None]

HORS_VACANCES: Final = "hors vacances scolaires"
_LONGUEUR_COMMENTAIRE: Final = 120


@dataclass(frozen=True, slots=True)
class Tranche:
    """Hours of one day under one condition.

    `rangs` are the ranks of the day in its month (-1 the last), `avant` the OSM selector of months or weeks;
    `exception` replaces what was said of the day instead of adding to it. Without hours, `etat` says it all.
    """

    plages: tuple[Plage, ...] = ()
    commentaires: tuple[str, ...] = ()
    etat: Etat = ""
    rangs: tuple[int, ...] = ()
    avant: str = ""
    exception: bool = False

    @property
    def simple(self) -> bool:
        """Whether the hours are those of every week."""
        return not (self.rangs or self.avant or self.exception)

    @property
    def ouverte(self) -> bool:
        return self.etat != "off"


@dataclass(slots=True)
class Semaine:
    """What was read of a week: day (0 Monday to 6) → its hours; `regles` hold for all of them (`PH off`)."""

    jours: dict[int, list[Tranche]] = field(default_factory=dict)
    regles: list[str] = field(default_factory=list)

    def ajouter(self, jour: int, tranche: Tranche) -> None:
        """Add hours to a day: those that meet the former ones, or close it, take their place."""
        avant = self.jours.setdefault(jour, [])
        if tranche.simple:
            if not tranche.ouverte and not tranche.plages:
                avant.clear()
            avant[:] = [
                t for t in avant if not (t.simple and (not t.ouverte or (not t.commentaires and _recouvre(t, tranche))))
            ]
        avant.append(tranche)

    @property
    def ouverte(self) -> bool:
        """Whether a day at least has hours or a way to come."""
        return any(tranche.ouverte for tranches in self.jours.values() for tranche in tranches)

    def ecrire(self, *, fermes: bool = True) -> str:
        """Write the week in the OSM syntax; `fermes` writes the closed days too, which it holds closed anyway."""
        jours, regles = self._sans_vacances()
        groupes: dict[object, list[int]] = {}
        for jour in sorted(jours):
            tranches = sorted(jours[jour], key=lambda t: t.exception)
            if not fermes and not any(t.ouverte or not t.simple for t in tranches):
                continue
            propre = jour if any(t.rangs for t in tranches) else -1
            groupes.setdefault((propre, tuple(tranches)), []).append(jour)
        ecrites = ["".join(_regles(numeros, jours[numeros[0]])) for numeros in groupes.values()]
        return "; ".join([*ecrites, *dict.fromkeys(regles)])

    def _sans_vacances(self) -> tuple[dict[int, list[Tranche]], list[str]]:
        """Say « hors vacances scolaires » once, by a rule, when every opening is under that condition."""
        ouvertes = [t for tranches in self.jours.values() for t in tranches if t.ouverte]
        if not ouvertes or any(HORS_VACANCES not in t.commentaires for t in ouvertes):
            return self.jours, self.regles
        jours = {jour: [_sans(t, HORS_VACANCES) for t in tranches] for jour, tranches in self.jours.items()}
        return jours, [*self.regles, "SH off"]


def _sans(tranche: Tranche, commentaire: str) -> Tranche:
    return replace(tranche, commentaires=tuple(c for c in tranche.commentaires if c != commentaire))


def _recouvre(une: Tranche, autre: Tranche) -> bool:
    return any(d1 < (f2 or d2 + 1) and d2 < (f1 or d1 + 1) for d1, f1 in une.plages for d2, f2 in autre.plages)


def _regles(jours: list[int], tranches: list[Tranche]) -> Iterator[str]:
    for numero, tranche in enumerate(sorted(tranches, key=lambda t: t.exception)):
        if numero:
            yield "; " if tranche.exception or not tranche.ouverte else ", "
        yield _regle(jours, tranche)


def _regle(jours: list[int], tranche: Tranche) -> str:
    rangs = f"[{','.join(map(str, tranche.rangs))}]" if tranche.rangs else ""
    heures = ",".join(f"{_heure(d)}-{_heure(f)}" if f is not None else f"{_heure(d)}+" for d, f in tranche.plages)
    texte = ", ".join(tranche.commentaires)[:_LONGUEUR_COMMENTAIRE].strip(" ,")
    commentaire = f'"{texte}"' if texte and tranche.ouverte else ""
    morceaux = (tranche.avant, ecrire_jours(jours) + rangs, heures, tranche.etat, commentaire)
    return " ".join(morceau for morceau in morceaux if morceau)


def ecrire_jours(jours: Iterable[int]) -> str:
    """Write days in the OSM syntax: `Mo-We,Fr`."""
    suites: list[list[int]] = []
    for jour in sorted(jours):
        if suites and suites[-1][-1] == jour - 1:
            suites[-1].append(jour)
        else:
            suites.append([jour])
    return ",".join(JOURS[s[0]] if len(s) == 1 else f"{JOURS[s[0]]}-{JOURS[s[-1]]}" for s in suites)


def _heure(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
