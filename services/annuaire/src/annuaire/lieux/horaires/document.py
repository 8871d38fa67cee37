"""The hours of a place from its public document: what its opening hours and its ways of access say together."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from annuaire.lieux.horaires.calendrier import PARIS, Calendrier
from annuaire.lieux.horaires.fuseaux import zone
from annuaire.lieux.horaires.itineraire import Itineraire
from annuaire.lieux.horaires.ouverture import Arret, Fermeture
from annuaire.lieux.passages import MONTRES
from annuaire.lieux.projection import SANS_PUBLIC

SE_PRESENTER: Final = "Se présenter"
_DEBUT, _FIN = date(1999, 1, 1), date(2077, 1, 1)
"""Before and after every year in which openings are known."""


@dataclass(frozen=True, slots=True)
class Heures:
    """What the opening of a place depends on, beside its exceptional closings.

    `horaires` are OSM opening hours, `fuseau` an IANA time zone. `sur_rdv` says that all its openings ask for an
    appointment: people are told how to reach the place, and not that they may simply come.
    """

    horaires: str | None
    fuseau: str | None
    departement: str | None
    recoit_du_public: bool
    sur_rdv: bool
    arrets: tuple[Arret, ...] = ()

    @classmethod
    def de(cls, lieu: Mapping[str, Any]) -> Heures:
        """Read them in a public document."""
        acces = lieu["modalites_acces"]
        return cls(
            _partager(lieu["horaires"]),
            _partager(lieu["fuseau"]),
            _partager(lieu["departement"]),
            recoit_du_public=SANS_PUBLIC not in acces,
            sur_rdv=bool(acces) and SE_PRESENTER not in acces,
            arrets=_arrets(lieu.get("passages") or ()),
        )

    def calendrier(self, fermetures: Iterable[Fermeture]) -> Calendrier | Itineraire:
        """Return the calendar of the place, with its exceptional closings."""
        fermetures = tuple(fermetures)
        if not self.arrets:
            return self._lire(self.horaires, fermetures)
        calendriers = [self._lire(arret.horaires, (*fermetures, *_hors_des_jours(arret))) for arret in self.arrets]
        arrets: list[Arret | None] = list(self.arrets)
        if self.horaires is not None:
            # a place that also receives at its own address stands there when none of its stops is open
            calendriers.append(self._lire(self.horaires, fermetures))
            arrets.append(None)
        return Itineraire(calendriers, arrets, zone(self.fuseau) or PARIS)

    def _lire(self, horaires: str | None, fermetures: tuple[Fermeture, ...]) -> Calendrier:
        return Calendrier.lire(
            horaires,
            self.fuseau,
            self.departement,
            fermetures=fermetures,
            recoit_du_public=self.recoit_du_public,
            sur_rdv=self.sur_rdv,
        )


def _arrets(passages: Sequence[Mapping[str, Any]]) -> tuple[Arret, ...]:
    return tuple(
        Arret(
            rang,
            passage["latitude"],
            passage["longitude"],
            json.dumps(
                {"rang": rang, **{nom: passage[nom] for nom in MONTRES}}, ensure_ascii=False, separators=(",", ":")
            ).encode(),
            _partager(passage["horaires"]),
            _jour(passage["du"]),
            _jour(passage["au"]),
        )
        for rang, passage in enumerate(passages)
    )


def _jour(ecrit: str | None) -> date | None:
    return date.fromisoformat(ecrit) if ecrit else None


def _hors_des_jours(arret: Arret) -> list[Fermeture]:
    """Close a stop before its first day and after its last one."""
    avant = [Fermeture(_DEBUT, arret.du - timedelta(1))] if arret.du else []
    return avant + ([Fermeture(arret.au + timedelta(1), _FIN)] if arret.au else [])


def _partager(texte: str | None) -> str | None:
    """Keep one copy of a text that many places share."""
    return None if texte is None else sys.intern(texte)
