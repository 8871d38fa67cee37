"""Rules of the reports: which state follows which, and how long what a person wrote is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

RECU, TRANSMIS, REPONDU, CLOS = "recu", "transmis", "repondu", "clos"

SUITES: Final = {
    RECU: frozenset({TRANSMIS, REPONDU, CLOS}),
    TRANSMIS: frozenset({REPONDU, CLOS}),
    REPONDU: frozenset({REPONDU, CLOS}),
    CLOS: frozenset(),
}
"""States that may follow each one; an answer may be written again until the report is closed."""

OUVERTS: Final = frozenset({RECU, TRANSMIS})

GARDE, GARDE_CLOS = timedelta(days=180), timedelta(days=30)
"""How long the text and the e-mail of a report are kept: from its receipt, and once it is closed."""


def peut_suivre(etat: str, suivant: str) -> bool:
    """Tell whether a report may pass from a state to another one."""
    return suivant in SUITES[etat]


def efface_apres(efface: datetime, *, etat: str, le: datetime) -> datetime:
    """Return when the text and e-mail of a report go: sooner once it is closed, never later than planned."""
    return min(efface, le + GARDE_CLOS) if etat == CLOS else efface
