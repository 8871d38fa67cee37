"""Which representation an answer takes: `format=` first, then `Accept` (RFC 9110 §12.5.1), else the first offered."""

from __future__ import annotations

from collections.abc import Mapping

from socle.web.errors import FormatRefuse


def choisir(accept: str | None, formats: Mapping[str, str], *, format: str | None = None) -> str:
    """Return the name of the format that a caller wants, among `formats` (name: media type, the default first).

    Raises `FormatRefuse` (406), with the media types offered, when `Accept` admits none of them.
    """
    if format is not None:
        return format
    if accept is None or not accept.strip():
        return next(iter(formats))
    plages = _lire(accept)
    notes = {nom: _note(media.partition(";")[0], plages) for nom, media in formats.items()}
    meilleur = max(notes, key=lambda nom: notes[nom])
    if notes[meilleur] <= 0:
        offerts = list(formats.values())
        raise FormatRefuse(f"Formats servis ici : {', '.join(offerts)}.", formats=offerts)
    return meilleur


def _lire(accept: str) -> dict[str, float]:
    plages: dict[str, float] = {}
    for element in accept.lower().split(","):
        plage, *parametres = (partie.strip() for partie in element.split(";"))
        poids = 1.0
        for parametre in parametres:
            if parametre.startswith("q="):
                try:
                    poids = min(max(float(parametre[2:]), 0.0), 1.0)
                except ValueError:
                    poids = 0.0
        plages[plage] = poids
    return plages


def _note(media: str, plages: Mapping[str, float]) -> float:
    """Weigh one media type: the most precise range that covers it decides."""
    for plage in (media, media.partition("/")[0] + "/*", "*/*"):
        if plage in plages:
            return plages[plage]
    return 0.0
