"""Licences of the data: the one by default, and that of the feed as a whole."""

from __future__ import annotations

from typing import Final

LICENCE_OUVERTE: Final = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
"""Licence Ouverte 2.0 (Etalab, 2017)."""
