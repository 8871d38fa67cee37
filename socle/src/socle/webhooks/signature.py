"""Secrets and signatures of notifications (Standard Webhooks 1.0, symmetric scheme `v1`). Pure.

No secret is kept: each is drawn from a key of the server, the id of the endpoint and the number of its generation. A
copy of the database signs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

RECOUVREMENT: Final = timedelta(days=7)
"""How long the former secret signs too, beside the one that replaced it."""


def secret(cle: bytes, id: UUID, generation: int) -> str:
    """Return the secret of an endpoint, in the form that libraries read: `whsec_` and 32 bytes in base 64."""
    tire = hmac.new(cle, b"webhook:" + id.bytes + generation.to_bytes(4, "big"), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(tire).decode()


def secrets_en_cours(
    cle: bytes, id: UUID, generation: int, tourne_le: datetime | None, le: datetime
) -> list[str]:  # fmt: skip
    """Return the secrets that sign now, the newest first."""
    anciens = generation > 1 and tourne_le is not None and le < tourne_le + RECOUVREMENT
    return [secret(cle, id, g) for g in ([generation, generation - 1] if anciens else [generation])]


def signer(secrets: Sequence[str], *, message: str, instant: int, corps: bytes) -> str:
    """Write `webhook-signature`: one `v1` signature a secret, of the id, the instant (epoch seconds) and the body."""
    signe = f"{message}.{instant}.".encode() + corps
    return " ".join(
        "v1,"
        + base64.b64encode(
            hmac.new(base64.b64decode(s.removeprefix("whsec_")), signe, hashlib.sha256).digest()
        ).decode()
        for s in secrets
    )  # fmt: skip
