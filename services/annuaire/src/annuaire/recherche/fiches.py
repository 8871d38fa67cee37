"""Public documents of structures already read: they lie in the database, and the same ones come again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from socle.donnees import feed

from annuaire.structures.repository import KIND

if TYPE_CHECKING:
    from annuaire.dependances import Contexte

GARDEES: Final = 50_000
"""Documents kept, of about 500 bytes each."""


class Fiches:
    """Documents as of one change number; any change empties it, so that nothing withdrawn is shown."""

    def __init__(self) -> None:
        self._numero = -1
        self._lues: dict[str, bytes | None] = {}

    async def lire(self, contexte: Contexte, ids: Sequence[str]) -> dict[str, bytes]:
        """Return the documents of these ids that are those of structures in force.

        The read model must have caught up with the database: its number is that of the documents kept.
        """
        numero = contexte.modele.numero
        if numero != self._numero or len(self._lues) > GARDEES:
            self._numero, self._lues = numero, {}
        connues = self._lues
        manquants = {id: uuid for id in ids if id not in connues and (uuid := _uuid(id)) is not None}
        if manquants:
            async with contexte.base.read() as session:
                publiees = await feed.lire(session, KIND, manquants.values())
            lues = {id: None if (p := publiees.get(uuid)) is None else p.octets for id, uuid in manquants.items()}
            # read while the number moved on: good for this answer, not for the next
            connues = {**connues, **lues}
            if self._numero == numero:
                self._lues.update(lues)
        return {id: octets for id in ids if (octets := connues.get(id)) is not None}


def _uuid(id: str) -> UUID | None:
    try:
        return UUID(id)
    except ValueError:
        return None
