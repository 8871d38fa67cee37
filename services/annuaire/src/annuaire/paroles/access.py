"""Who may speak for a place, beside itself: a key that writes lists, bound to one of its sources or to none."""

from __future__ import annotations

from annuaire.lieux.fermetures.access import Declarant, exiger_une_source

__all__ = ["Declarant", "exiger_une_source"]
