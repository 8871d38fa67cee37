"""The state of each source, remembered while nothing changes in the directory: a 304 costs one row read."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from socle.donnees import feed
from socle.donnees.db import ReadSession

from annuaire.lieux import repository
from annuaire.lieux.repository import EtatDeSource

TAILLE: Final = 1_000
"""Sources remembered, the last ones asked."""


class EtatsDesSources:
    """Remembers `(change number, state)` by source. Every visible change takes a number, so an equal one is fresh."""

    def __init__(self) -> None:
        self._connus: OrderedDict[str, tuple[int, EtatDeSource]] = OrderedDict()

    async def lire(self, session: ReadSession, source_id: str) -> EtatDeSource:
        """Return the state of a source, at the latest change that this session sees or later."""
        # The number first: a change between the two is then counted again, never missed.
        numero = await feed.dernier_numero(session)
        connu = self._connus.get(source_id)
        if connu is None or connu[0] != numero:
            connu = (numero, await repository.etat_de_source(session, source_id))
            self._connus[source_id] = connu
        self._connus.move_to_end(source_id)
        while len(self._connus) > TAILLE:
            self._connus.popitem(last=False)
        return connu[1]
