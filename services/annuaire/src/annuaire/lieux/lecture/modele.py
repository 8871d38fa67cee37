"""The read model: every place in memory, fed by the service's own change feed.

`frais` says, in microseconds, whether the table shows the latest commit: strictly on SQLite, to one second on
PostgreSQL (`socle.donnees.temoin`). When it does not, `rattraper` brings it up to date before the answer. A change of
more than `GESTE` places is read beside the table, in a thread that yields, and takes its place at once: meanwhile
readers are answered from the state before, whole and dated by its own number, rather than made to wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from socle.donnees.db import Database, ReadSession
from socle.donnees.temoin import Compteurs, Temoin, lire_compteurs
from socle.horloge import Horloge
from socle.patience import menager, rendre, retenir

from annuaire.lieux import repository
from annuaire.lieux.fermetures import repository as fermetures
from annuaire.lieux.fermetures.service import premier_jour
from annuaire.lieux.horaires.ouverture import Fermeture
from annuaire.lieux.lecture.tableau import Tableau
from annuaire.lieux.repository import Publie

GESTE = 500
"""Changes that a reader may wait for: some 20 ms of work."""

LOT = 250
"""Places read from the database at a time."""

SOUFFLE = 40
"""Places read by the thread between two rests, about a millisecond of work: the readers' thread is never kept out."""

REPOS = 0.001

ENTRETIEN = 1.0
"""Seconds between two rounds of the openings that have changed."""

BOUCHEE, PAUSE = 0.002, 0.02
"""Seconds of work between two rests, and seconds of rest."""


class ModeleLecture:
    """Places, openings and closings as of one change number."""

    def __init__(self, base: Database, temoin: Temoin) -> None:
        self._base, self._temoin = base, temoin
        self.tableau = Tableau()
        self.numero = -1
        self.fermetures = -1
        self._fermees: Mapping[UUID, tuple[Fermeture, ...]] = {}
        self._vus: Compteurs | None = None
        self._rattrapage: asyncio.Task[None] | None = None
        self._commence_le = 0.0
        self._long = asyncio.Event()

    def frais(self) -> bool:
        """Tell whether the table shows the latest commit that this process must show."""
        compteurs = self._temoin.lire()
        if compteurs is None:
            return False
        if compteurs is not self._vus:
            if not self._tient(compteurs):
                return False
            self._vus = compteurs
        return True

    async def rattraper(self, *, le: datetime, entierement: bool = False) -> None:
        """Bring the table to what is committed at this moment; closings over before the day of `le` are left out.

        Returns before the end when many places have changed, unless `entierement`.
        """
        arrivee = time.monotonic()
        while not self.frais():
            if self._rattrapage is None or self._rattrapage.done():
                self._commence_le = time.monotonic()
                self._long.clear()
                self._rattrapage = asyncio.create_task(self._rattraper(le))
            commence_le, tache = self._commence_le, self._rattrapage
            await self._attendre(tache, entierement)
            if tache.done():
                tache.result()
                if commence_le >= arrivee:
                    return
            elif not entierement:
                return

    async def entretenir(self, horloge: Horloge) -> None:
        """Keep every opening up to date, little by little, for as long as the service lives.

        At noon half of a country closes: whoever asks then must not pay for it.
        """
        allege = False
        while True:
            await asyncio.sleep(ENTRETIEN)
            tableau, instant = self.tableau, horloge()
            rangs = tableau.ouvertures.perimees(tableau.vivants[: tableau.taille], instant.timestamp()).tolist()
            fin = time.perf_counter() + BOUCHEE
            for rang in rangs:
                if time.perf_counter() > fin:
                    await asyncio.sleep(PAUSE)
                    fin = time.perf_counter() + BOUCHEE
                if tableau is not self.tableau:
                    break
                if tableau.vivants[rang]:
                    tableau.ouvertures.voir_un(rang, instant, tableau.heures[rang], tableau.ids[rang])
            if not allege and tableau is self.tableau:
                # what reading a country took has been freed, and stays where it was until it is asked back
                await asyncio.to_thread(rendre)
                allege = True

    async def _attendre(self, tache: asyncio.Task[None], entierement: bool) -> None:
        if entierement or self.numero < 0:
            await asyncio.wait({tache})
            return
        long = asyncio.create_task(self._long.wait())
        try:
            await asyncio.wait({tache, long}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            long.cancel()

    def _tient(self, compteurs: Compteurs) -> bool:
        return self.numero == compteurs["changements"] and self.fermetures == compteurs[fermetures.COMPTEUR]

    async def _rattraper(self, le: datetime) -> None:
        depuis = time.monotonic()
        # one snapshot: what a list changes is seen whole or not at all
        async with self._base.read(instantane=True) as session:
            compteurs = await lire_compteurs(session)
            if not self._tient(compteurs):
                fermees = self._fermees
                if compteurs[fermetures.COMPTEUR] != self.fermetures:
                    fermees = await fermetures.toutes(session, depuis=premier_jour(le))
                tableau = await self._suivre(session)
                tableau.ouvertures.fermer(fermees, tableau.rangs)
                self.tableau, self._fermees = tableau, fermees
                self.numero, self.fermetures = compteurs["changements"], compteurs[fermetures.COMPTEUR]
        self._temoin.noter(compteurs, depuis)

    async def _suivre(self, session: ReadSession) -> Tableau:
        """Return a table with the changes since `numero`: the one in service when they are few, another when many."""
        if self.numero < 0:
            return await _charger(session)
        long = await repository.compter_publies(session, depuis=self.numero) > GESTE
        if long:
            self._long.set()
            with menager():
                tableau = await self._suivre_a_part(session)
                retenir()
            return tableau
        publies = await self._publies(session)
        if self.tableau.admet(publies):
            self.tableau.appliquer(publies)
            return self.tableau
        # another process minted an older id at the same instant
        self._long.set()
        return await _charger(session)

    async def _suivre_a_part(self, session: ReadSession) -> Tableau:
        publies = await self._publies(session)
        if not self.tableau.admet(publies):
            return await _charger(session)
        return await asyncio.to_thread(_appliquer_a_part, self.tableau, publies)

    async def _publies(self, session: ReadSession) -> list[Publie]:
        """Read the changes since `numero`, in the order of ids."""
        publies: list[Publie] = []
        numero = self.numero
        while lot := await repository.publies_depuis(session, numero, limite=LOT):
            numero = lot[-1].numero
            publies += lot
        publies.sort(key=attrgetter("id"))
        return publies


async def _charger(session: ReadSession) -> Tableau:
    tableau, apres = Tableau(), None
    while lot := await repository.publies_apres(session, apres, limite=LOT):
        apres = lot[-1].id
        await asyncio.to_thread(_appliquer_doucement, tableau, lot)
    tableau.indexer()
    return tableau


def _appliquer_a_part(tableau: Tableau, publies: Sequence[Publie]) -> Tableau:
    copie = tableau.copier()
    _appliquer_doucement(copie, publies)
    copie.indexer()
    return copie


def _appliquer_doucement(tableau: Tableau, publies: Sequence[Publie]) -> None:
    """Apply changes that nobody sees yet, resting often: the interpreter is shared with those who answer."""
    for debut in range(0, len(publies), SOUFFLE):
        tableau.appliquer(publies[debut : debut + SOUFFLE])
        time.sleep(REPOS)
