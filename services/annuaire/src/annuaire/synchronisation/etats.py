"""The states of a run: those in which it occupies its source, and those in which it has ended."""

from __future__ import annotations

ACTIFS = ("recue", "analysee", "planifiee", "retenue", "application")
"""States in which a run occupies its source."""

TERMINAUX = ("appliquee", "inchange", "essai", "rejetee", "annulee", "expiree", "echouee")
