"""Secrets that open the addresses of lists: laid in files by the administrator, each for one server only.

`var/secrets/tirages/<nom>` (mode 600) holds the name of the server on its first line, and on its second the value of
`Authorization` to send to it. A source names the file; whoever sets a source never sees what is in it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from socle.acces.secrets import SecretRefuse, lire_prive

from annuaire.sources.tirage.errors import SecretInconnu

DOSSIER = "tirages"


def autorisation(secrets: Path, nom: str, url: str) -> dict[str, str]:
    """Return the header that opens this address. Raises `SecretInconnu` when there is none, or for another server."""
    try:
        hote, _, valeur = lire_prive(secrets / DOSSIER / nom).decode().strip().partition("\n")
    except (OSError, UnicodeDecodeError, SecretRefuse):
        raise SecretInconnu(f"Aucun secret d'accès « {nom} » n'est déposé sur ce serveur.") from None
    valeur = valeur.strip()
    if hote.strip().lower() != (urlsplit(url).hostname or "").lower() or not (
        valeur and valeur.isascii() and valeur.isprintable()
    ):
        raise SecretInconnu(f"Le secret d'accès « {nom} » n'est pas pour ce serveur.")
    return {"authorization": valeur}
