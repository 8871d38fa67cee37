"""The calendar of a place from its public document: what its hours and its ways of access say together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from annuaire.lieux.horaires.calendrier import Calendrier
from annuaire.lieux.horaires.ouverture import Fermeture
from annuaire.lieux.projection import SANS_PUBLIC

SE_PRESENTER: Final = "Se présenter"


def calendrier(lieu: Mapping[str, Any], fermetures: Iterable[Fermeture]) -> Calendrier:
    """Return the calendar of a place read back from its public document, with its exceptional closings."""
    acces = lieu["modalites_acces"]
    return Calendrier.lire(
        lieu["horaires"],
        lieu["fuseau"],
        lieu["departement"],
        fermetures=fermetures,
        recoit_du_public=SANS_PUBLIC not in acces,
        # people are told how to reach the place, and not that they may simply come
        sur_rdv=bool(acces) and SE_PRESENTER not in acces,
    )
