"""A public document before its version: what it says, as bytes, and the fingerprint of what it says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from socle.horloge import rfc3339


@dataclass(frozen=True, slots=True)
class Document:
    """`octets` is a JSON object (UTF-8, compact) without `version`, `modifie_le` and `modifie`.

    Equal fingerprints mean that nothing visible changed: no write, no feed entry, no event.
    """

    octets: bytes
    empreinte: str

    @classmethod
    def de(cls, contenu: dict[str, Any]) -> Document:
        """Serialise members in the order given, which is the order that readers will see."""
        octets = json.dumps(contenu, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        return cls(octets, hashlib.sha256(octets).hexdigest())

    def versionne(self, version: int, modifie_le: datetime) -> bytes:
        """Return the stored document of this version; the change number is added when it is known."""
        return b'%s,"version":%d,"modifie_le":"%s"}' % (self.octets[:-1], version, rfc3339(modifie_le).encode())
