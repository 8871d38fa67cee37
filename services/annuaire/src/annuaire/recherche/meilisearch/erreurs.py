"""What Meilisearch answers when it does not, and what each means to us (`meilisearch-types/src/error.rs`, v1.50)."""

from __future__ import annotations

from typing import Final

from annuaire.recherche.port import EngineUnavailable

INDEX_ABSENT: Final = "index_not_found"
TACHE_PERDUE: Final = "task_not_found"
TROP_GROS: Final = "payload_too_large"
PLEIN: Final = frozenset({"no_space_left_on_device", "io_error", "too_many_open_files"})
"""Nothing more can be written until someone makes room."""
DEBORDE: Final = frozenset({"too_many_search_requests"})
CLE_REFUSEE: Final = "invalid_api_key"


def indisponible(statut: int | None, code: str | None, message: str) -> EngineUnavailable:
    """Return the error of an answer; in its context, the status, the code, and whether the server is to blame.

    `panne` is false when another question would have been answered: a body that we wrote wrong is a fault of ours, to
    be repaired, and no reason to leave the server alone.
    """
    if statut is None:
        return EngineUnavailable(f"Meilisearch ne répond pas : {message}", statut=None, code=code, panne=True)
    if code == INDEX_ABSENT:
        detail = "L'index manque : il est à reconstruire."
    elif code in PLEIN:
        detail = f"Meilisearch ne peut plus écrire ({code}) : {message}"
    elif statut in (401, 403):
        detail = f"Meilisearch refuse la clé : {message}"
    elif statut in (408, 503) or code in DEBORDE:
        detail = f"Meilisearch est débordé : {message}"
    else:
        detail = f"Meilisearch répond {statut} ({code or 'sans code'}) : {message}"
    faute = statut in (400, 404, 405, 411, 413, 415) and code not in (INDEX_ABSENT, TACHE_PERDUE)
    return EngineUnavailable(detail, statut=statut, code=code, panne=not faute)


def code_de(erreur: EngineUnavailable) -> str | None:
    """Return the code of an error, as Meilisearch names it."""
    code = erreur.contexte.get("code")
    return code if isinstance(code, str) else None
