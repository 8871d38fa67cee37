"""Who may ask where to go: anyone, and nothing of it is kept."""

from __future__ import annotations

from socle.acces.politique import Public

Demandeur = Public
