"""The states of a run and the moves between them (`recue → analysee → planifiee → … → appliquee`)."""

from __future__ import annotations

ACTIFS = ("recue", "analysee", "planifiee", "retenue", "application")
"""States in which a run occupies its source."""

TERMINAUX = ("appliquee", "inchange", "essai", "rejetee", "annulee", "expiree", "echouee")

SUITES: dict[str, tuple[str, ...]] = {
    "recue": ("analysee", "inchange", "rejetee", "echouee", "annulee"),
    "analysee": ("planifiee", "inchange", "essai", "rejetee", "retenue", "echouee", "annulee"),
    "planifiee": ("application", "retenue", "annulee", "echouee"),
    "retenue": ("application", "annulee", "expiree"),
    "application": ("appliquee", "analysee", "echouee"),
    # a dry run may be applied while its base still stands
    "essai": ("application", "expiree"),
}
