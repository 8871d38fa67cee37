"""Who may search: anyone. What is hidden is never searched, whoever asks."""

from __future__ import annotations

from socle.acces.politique import Public

Chercheur = Public
