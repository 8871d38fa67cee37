"""The gateway's signing keys on disk: made, published to the services, rotated."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from joserfc.jwk import OKPKey

from socle.acces.secrets import SecretRefuse, ecrire_prive, lire_prive

DUREE_CLE = 30 * 86_400
RECOUVREMENT = 86_400
_PRIVE, _PUBLIC = ".prive.pem", ".public.pem"


def dossier_des_jetons(secrets_: Path) -> Path:
    """Folder of the token keys inside the folder of secrets."""
    return secrets_ / "jetons"


def _ne_le(kid: str) -> int:
    instant = kid.partition("-")[0]
    return int(instant) if instant.isdigit() else 0


def _kids(dossier: Path, suffixe: str) -> list[str]:
    return sorted((f.name.removesuffix(suffixe) for f in dossier.glob("*" + suffixe)), key=_ne_le)


def preparer_cles(dossier: Path, *, horloge: Callable[[], float] = time.time) -> str:
    """Make sure that a signing key younger than 30 days exists, and return its `kid`.

    The public half is written first: a service never meets a token whose key it cannot read. A key is removed once
    its successor is a day old.
    """
    maintenant = int(horloge())
    kids = _kids(dossier, _PRIVE) if dossier.is_dir() else []
    if not kids or maintenant - _ne_le(kids[-1]) >= DUREE_CLE:
        cle = OKPKey.generate_key("Ed25519")
        kid = f"{maintenant:010d}-{secrets.token_hex(4)}"
        ecrire_prive(dossier / (kid + _PUBLIC), cle.as_pem(private=False))
        ecrire_prive(dossier / (kid + _PRIVE), cle.as_pem(private=True))
        kids.append(kid)
    for ancien, suivant in pairwise(kids):
        if maintenant - _ne_le(suivant) >= RECOUVREMENT:
            (dossier / (ancien + _PRIVE)).unlink(missing_ok=True)
            (dossier / (ancien + _PUBLIC)).unlink(missing_ok=True)
    return kids[-1]


def lire_cle_privee(dossier: Path) -> tuple[str, OKPKey]:
    """Read the newest signing key: its `kid` and the key; raises `SecretRefuse` when there is none."""
    kids = _kids(dossier, _PRIVE)
    if not kids:
        raise SecretRefuse(f"Aucune clé de signature dans {dossier}")
    return kids[-1], OKPKey.import_key(lire_prive(dossier / (kids[-1] + _PRIVE)))


def lire_cles_publiques(dossier: Path) -> dict[str, OKPKey]:
    """Read every public key, by `kid`; a folder that does not exist yet holds none."""
    return {kid: OKPKey.import_key((dossier / (kid + _PUBLIC)).read_bytes()) for kid in _kids(dossier, _PUBLIC)}
