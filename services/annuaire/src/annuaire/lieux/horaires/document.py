"""The hours of a place from its public document: what its opening hours and its ways of access say together."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from annuaire.lieux.horaires.calendrier import Calendrier
from annuaire.lieux.horaires.ouverture import Fermeture
from annuaire.lieux.projection import SANS_PUBLIC

SE_PRESENTER: Final = "Se présenter"


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
        )

    def calendrier(self, fermetures: Iterable[Fermeture]) -> Calendrier:
        """Return the calendar of the place, with its exceptional closings."""
        return Calendrier.lire(
            self.horaires,
            self.fuseau,
            self.departement,
            fermetures=fermetures,
            recoit_du_public=self.recoit_du_public,
            sur_rdv=self.sur_rdv,
        )


def _partager(texte: str | None) -> str | None:
    """Keep one copy of a text that many places share."""
    return None if texte is None else sys.intern(texte)
