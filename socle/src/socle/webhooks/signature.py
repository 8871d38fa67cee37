"""Secrets and signatures of notifications (Standard Webhooks 1.0: `v1`, HMAC-SHA256, or `v1a`, Ed25519). Pure.

No secret is kept: each is drawn from a key of the server, the id of the endpoint and the number of its generation. A
copy of the database signs nothing. With `v1a`, who receives holds a public key only, and can sign nothing either.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

RECOUVREMENT: Final = timedelta(days=7)
"""How long the former secret signs too, beside the one that replaced it."""


Schema = Literal["v1", "v1a"]

_SECRET, _PRIVEE, _PUBLIQUE = "whsec_", "whsk_", "whpk_"


def secret(cle: bytes, id: UUID, generation: int, schema: Schema = "v1") -> str:
    """Return what signs for an endpoint, in the form that libraries read: `whsec_` or `whsk_`, 32 bytes in base 64."""
    # one draw for each scheme: the secret told to a receiver is never the seed of a private key
    usage = b"webhook:" if schema == "v1" else b"webhook v1a:"
    tire = hmac.new(cle, usage + id.bytes + generation.to_bytes(4, "big"), hashlib.sha256).digest()
    return (_SECRET if schema == "v1" else _PRIVEE) + base64.b64encode(tire).decode()


def a_confier(secret: str) -> str:
    """Return what a receiver needs to verify: the secret itself, or the public key (`whpk_`) of a private one."""
    if not secret.startswith(_PRIVEE):
        return secret
    return _PUBLIQUE + base64.b64encode(_privee(secret).public_key().public_bytes_raw()).decode()


def secrets_en_cours(
    cle: bytes, id: UUID, generation: int, tourne_le: datetime | None, le: datetime, schema: Schema = "v1"
) -> list[str]:  # fmt: skip
    """Return the secrets that sign now, the newest first."""
    anciens = generation > 1 and tourne_le is not None and le < tourne_le + RECOUVREMENT
    return [secret(cle, id, g, schema) for g in ([generation, generation - 1] if anciens else [generation])]


def signer(secrets: Sequence[str], *, message: str, instant: int, corps: bytes) -> str:
    """Write `webhook-signature`: one signature a secret, of the id, the instant (epoch seconds) and the body."""
    signe = f"{message}.{instant}.".encode() + corps
    return " ".join(_signature(s, signe) for s in secrets)


def _signature(secret: str, signe: bytes) -> str:
    if secret.startswith(_PRIVEE):
        return "v1a," + base64.b64encode(_privee(secret).sign(signe)).decode()
    cle = base64.b64decode(secret.removeprefix(_SECRET))
    return "v1," + base64.b64encode(hmac.new(cle, signe, hashlib.sha256).digest()).decode()


def _privee(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret.removeprefix(_PRIVEE)))
