"""The loop that feeds one engine: it follows the feed of changes from where the engine is, and never lets it go.

The feed is written in the transaction of each change, every record once at its latest number, in the order in which
changes became visible: it is the outbox of search, and a position in it is all that must be remembered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import structlog
from socle.donnees import feed
from socle.donnees.db import Database
from socle.horloge import Horloge
from socle.patience import menager, rendre

from annuaire.recherche.documents import VERSION
from annuaire.recherche.indexation import derive, reconstruction, repository
from annuaire.recherche.indexation.carnets import Carnet, PlusChef, Suivi
from annuaire.recherche.indexation.envoi import Envoi, Refus, uuids
from annuaire.recherche.indexation.fiches import NomDeCommune, id_de, operations, version_de
from annuaire.recherche.indexation.mesures import Mesures
from annuaire.recherche.indexation.repository import Change
from annuaire.recherche.port import EngineUnavailable, Operation, SearchEngine
from annuaire.structures.repository import KIND as STRUCTURE

LOT: Final = 500
"""Records told at once, beside nobody."""
LOT_DISCRET: Final = 100
"""Records told at once while a list is applied; a rest of three times as long follows."""
RETENUES_MAX: Final = 200_000
"""Versions remembered of what was just told, so that a structure which comes after its places has them told once."""

PAUSE: Final = 1.0
"""Seconds after which the feed is looked at, even if nobody says that it moved: another process may have written."""
GROUPAGE: Final = 0.1
"""Seconds left to a change to be followed by others."""
INSPECTION: Final = 5.0
"""Seconds between two looks at what the engine holds: one that is wiped is built again."""
OBEISSANCE: Final = 0.5
"""Seconds between two looks at what people ask."""
VERIFICATION: Final = 3600.0
"""Seconds between two comparisons with the directory."""
REPRISE_MAX: Final = 30.0
"""Seconds waited at most before an engine that fails is tried again."""

Demande = Literal["reconstruire", "verifier"]

journal = structlog.get_logger(__name__)


class Indexeur:
    """Keeps one engine equal to the directory, for as long as the service lives."""

    def __init__(
        self, nom: str, moteur: SearchEngine, carnet: Carnet, *, base: Database, commune: NomDeCommune,
        horloge: Horloge, mesures: Mesures,
    ) -> None:  # fmt: skip
        self.nom, self.moteur, self.carnet, self.base = nom, moteur, carnet, base
        self.commune, self.horloge, self.mesures = commune, horloge, mesures
        self.envoi = Envoi(moteur, passes=self._passes, refuses=self._refuses)
        self.tour = asyncio.Lock()
        """Held while changes are told: who holds it sees an engine that does not move."""
        self.chef = False
        self.generation: str | None = None
        self.lue: int | None = None
        """Number up to which changes were told; `None` while nothing may be: there is no index to tell them to."""
        self.reglages = self.batie_avec = ""
        """What this service builds with, and what the generation in force was built with."""
        self.documents = 0
        self.motif: str | None = "jamais construit"
        """Why the index must be built, if it must."""
        self.chantier: asyncio.Task[None] | None = None
        self.avancement: dict[str, Any] | None = None
        self.derniere: dict[str, Any] | None = None
        self.verification: dict[str, Any] | None = None
        self.erreur: str | None = None
        self._publie: dict[str, Any] | None = None
        self._notee: tuple[int, list[str]] | None = None
        self._attend_depuis: datetime | None = None
        self._retenues: dict[str, int] = {}
        self._mis_de_cote: set[str] | None = None
        self._reveil = asyncio.Event()
        self._inspecter_a = self._reessayer_a = self._obeir_a = self._verifier_a = self._observer_a = 0.0
        mesures.suivre(
            nom, retard=self.retard, taches=lambda: len(self.envoi.taches),
            refuses=lambda: len(self._mis_de_cote or ()),
        )  # fmt: skip

    def reveiller(self) -> None:
        """Say that something was committed."""
        self._reveil.set()

    def retard(self) -> float:
        """Return the age, in seconds, of the oldest change that can't be found yet."""
        if self._attend_depuis is None:
            return 0.0
        return max(0.0, (self.horloge() - self._attend_depuis).total_seconds())

    async def tourner(self) -> None:
        """Follow for ever; a fault of the engine or of the database is waited out, never fatal."""
        attente = PAUSE
        try:
            while True:
                self._reveil.clear()
                try:
                    encore = await self.avancer()
                    attente, self.erreur = PAUSE, None
                except PlusChef:
                    self.chef, encore = False, False
                except Exception as erreur:
                    encore = False
                    self._dire(erreur)
                    self._inspecter_a = 0.0
                    attente = min(2 * attente, REPRISE_MAX)
                    await asyncio.sleep(min(attente / 2, 5.0))
                if not encore:
                    await self._attendre()
        finally:
            if self.chantier is not None:
                self.chantier.cancel()
                await asyncio.gather(self.chantier, return_exceptions=True)

    async def _attendre(self) -> None:
        try:
            async with asyncio.timeout(PAUSE):
                await self._reveil.wait()
        except TimeoutError:
            return
        await asyncio.sleep(GROUPAGE)

    def _dire(self, erreur: Exception) -> None:
        dite = f"{type(erreur).__name__} : {erreur}"[:300]
        if dite != self.erreur:
            indisponible = isinstance(erreur, EngineUnavailable)
            journal.warning("indexation.interrompue", moteur=self.nom, erreur=dite, exc_info=not indisponible)
        self.erreur = dite

    async def avancer(self) -> bool:
        """Do the next thing there is to do; return whether there is more.

        A process that does not feed the engine stands by and tries to take its place each time.
        """
        if not await self.carnet.prendre():
            if self.chef:
                journal.warning("indexation.cedee", moteur=self.nom)
            self.chef = False
            self._inspecter_a = 0.0
            await self._observer()
            return False
        if not self.chef:
            await self._commencer()
        if time.monotonic() >= self._inspecter_a:
            await self._inspecter()
            await self._publier()
        if time.monotonic() >= self._obeir_a:
            await self._obeir()
        batit = self.chantier is not None and not self.chantier.done()
        if self.motif is not None and not batit and time.monotonic() >= self._reessayer_a:
            self.chantier = asyncio.create_task(self._batir(self.motif))
            return True
        if self.lue is None:
            return False
        encore = await self.suivre()
        if not encore and not batit and time.monotonic() >= self._verifier_a:
            await self.verifier()
        return encore

    async def _observer(self) -> None:
        """See, from beside, how far the index is that another process feeds: this one answers from it too."""
        if time.monotonic() < self._observer_a:
            return
        self._observer_a = time.monotonic() + INSPECTION
        etat = await self.moteur.stats()
        suivi = await self.carnet.lire(etat.generation) if etat.generation else None
        self.generation = etat.generation if suivi is not None else None
        if suivi is not None:
            async with self.base.read() as session:
                self._attend_depuis = await repository.plus_ancien(session, apres=suivi.position)

    async def _commencer(self) -> None:
        """Take over: drop what was being built, wait for what was promised."""
        interrompu = await self.carnet.chantier()
        if interrompu is not None:
            await self.moteur.abandon(interrompu)
            await self.carnet.noter_chantier(None)
        await self.envoi.attendre(await self.carnet.taches())
        async with self.base.read() as session:
            self._mis_de_cote = {str(refuse.id) for refuse in await repository.refuses(session, self.nom)}
        self.generation = self.lue = None
        self._inspecter_a = 0.0
        self.chef = True

    async def _inspecter(self) -> None:
        """See what the engine holds, and whether it is what this service would have built."""
        etat = await self.moteur.stats()
        self.documents = etat.documents
        self.reglages = f"{etat.settings_wanted or etat.settings_hash}/{VERSION}"
        self._inspecter_a = time.monotonic() + INSPECTION
        if etat.generation and etat.generation == self.generation:
            return
        batit = self.chantier is not None and not self.chantier.done()
        suivi = await self.carnet.lire(etat.generation) if etat.generation else None
        if not etat.generation:
            self._perdre("aucun index en vigueur")
        elif suivi is None:
            self._perdre("index d'origine inconnue")
        elif await self._perdue(suivi.position):
            self._perdre("base restaurée")
        else:
            self.adopter(etat.generation, suivi)
            # what happened to the index while nobody looked is seen at once
            self._verifier_a = time.monotonic()
            if suivi.reglages != self.reglages:
                self.motif = "réglages changés"
            elif not batit:
                self.motif = None

    def adopter(self, generation: str, suivi: Suivi) -> None:
        """Follow from where a generation in force is."""
        self.generation, self.lue, self.batie_avec = generation, suivi.position, suivi.reglages
        self.envoi.oublier(suivi.position)
        self._notee, self._retenues = None, {}
        self._verifier_a = time.monotonic() + VERIFICATION

    def _perdre(self, motif: str) -> None:
        """Follow nothing any more: the index must be built."""
        self.generation = self.lue = None
        self.motif = motif

    async def _perdue(self, position: int) -> bool:
        async with self.base.read() as session:
            try:
                await feed.verifier_curseur(session, position, reprise="")
            except feed.CurseurPerdu:
                return True
        return False

    def resumer(self) -> dict[str, Any]:
        """Say where the engine is, as the process that feeds it knows."""
        etat = "pret" if self.generation is not None else "a_construire"
        return {
            "moteur": self.nom,
            "role": "indexe" if self.chef else "veille",
            "etat": etat if self.avancement is None else "construction",
            "generation": self.generation,
            "fiches": self.documents,
            "position": None if self.generation is None else self.envoi.position,
            "retard_s": round(self.retard(), 3),
            "taches_ouvertes": len(self.envoi.taches),
            "reconstruction": self.avancement,
            "derniere_reconstruction": self.derniere,
            "derniere_verification": self.verification,
            "erreur": self.erreur,
        }

    async def _publier(self) -> None:
        """Write where the engine is, for the processes that stand by: on SQLite there are none."""
        dit = self.resumer()
        stable = {nom: valeur for nom, valeur in dit.items() if nom != "retard_s"}
        if self.base.dialecte == "sqlite" or stable == self._publie or self.base.ecrit:
            return
        async with self.base.write() as session:
            await repository.noter(session, self.nom, etat=dit)
        self._publie = stable

    async def _obeir(self) -> None:
        """Do what a person asked, here or through another process."""
        self._obeir_a = time.monotonic() + OBEISSANCE
        async with self.base.read() as session:
            connu = await repository.suivi(session, self.nom)
        if connu is None or connu.demande is None or self.base.ecrit:
            return
        async with self.base.write() as session:
            await repository.noter(session, self.nom, demande=None)
        if connu.demande == "reconstruire":
            self.motif = self.motif or "demande"
            self._reessayer_a = 0.0
        else:
            self._verifier_a = time.monotonic()

    async def suivre(self) -> bool:
        """Tell the next changes; return whether there are more."""
        async with self.tour:
            return await self.suivre_un_lot()

    async def suivre_un_lot(self) -> bool:
        """Tell a batch of changes, the tour being held; return whether it was full."""
        if self.lue is None:
            return False
        debut = time.perf_counter()
        ecrit = self.base.ecrit
        limite = LOT_DISCRET if ecrit else LOT
        # one snapshot: a place and the name of its structure are of the same moment
        async with self.base.read(instantane=True) as session:
            dernier = await feed.dernier_numero(session)
            if dernier < self.lue:
                self._perdre("base restaurée")
                return False
            if dernier == self.lue:
                await self._constater(dernier)
                return False
            changes = await repository.changements(session, apres=self.lue, jusqu_a=dernier, limite=limite)
            dites = await operations(session, changes, commune=self.commune)
        complet = len(changes) < limite
        jusqu_a = dernier if complet else changes[-1].numero
        if changes and self._attend_depuis is None:
            self._attend_depuis = min(change.modifie_le for change in changes)
        with menager():
            await self._envoyer(dites)
            await self._renommer([change for change in changes if change.kind == STRUCTURE], limite)
            self.envoi.marquer(jusqu_a)
        self.lue = jusqu_a
        if complet:
            self._retenues.clear()
        await self._constater(dernier)
        if ecrit:
            await asyncio.sleep(min(0.5, 3 * (time.perf_counter() - debut)))
        return not complet

    async def _envoyer(self, dites: Sequence[Operation]) -> None:
        if dites:
            await self.envoi.envoyer(dites)
            if len(self._retenues) < RETENUES_MAX:
                self._retenues |= {id_de(operation): version_de(operation) for operation in dites}

    async def _renommer(self, structures: Sequence[Change], limite: int) -> None:
        """Tell again the places of structures that changed: they bear their names. Those just told are left out."""
        numeros = {change.id: change.numero for change in structures}
        ids = list(numeros)
        for debut in range(0, len(ids), LOT):
            tranche, apres = ids[debut : debut + LOT], None
            while True:
                async with self.base.read(instantane=True) as session:
                    lieux = await repository.lieux_des_structures(session, tranche, apres=apres, limite=limite)
                    restent = [
                        id for id, structure in lieux if self._retenues.get(str(id), -1) < numeros[structure]
                    ]  # fmt: skip
                    dites = await operations(
                        session, await repository.publies(session, restent), commune=self.commune
                    )  # fmt: skip
                await self._envoyer(dites)
                if len(lieux) < limite:
                    break
                apres = lieux[-1][0]

    async def _constater(self, dernier: int) -> None:
        """Write how far the engine is, and since when the rest waits."""
        await self.envoi.relever()
        position = self.envoi.position
        a_noter = (position, self.envoi.taches)
        if self.generation is not None and a_noter != self._notee:
            suivi = Suivi(position, self.batie_avec)
            if await self.carnet.noter(self.generation, suivi, taches=a_noter[1]):
                self._notee = a_noter
        if position >= dernier:
            self._attend_depuis = None
        else:
            async with self.base.read() as session:
                self._attend_depuis = await repository.plus_ancien(session, apres=position)

    async def _passes(self, ids: Sequence[str]) -> None:
        self.mesures.operations.labels(self.nom, "faite").inc(len(ids))
        guerris = (self._mis_de_cote or set()).intersection(ids)
        if guerris:
            async with self.base.write() as session:
                await repository.admettre(session, self.nom, uuids(list(guerris)))
            self._mis_de_cote = (self._mis_de_cote or set()) - guerris

    async def _refuses(self, refus: Refus) -> None:
        journal.warning("indexation.refus", moteur=self.nom, fiches=sorted(refus))
        async with self.base.write() as session:
            await repository.refuser(
                session, self.nom, {UUID(id): dit for id, dit in refus.items()}, le=self.horloge()
            )  # fmt: skip
        self.mesures.operations.labels(self.nom, "refusee").inc(len(refus))
        self._mis_de_cote = (self._mis_de_cote or set()) | refus.keys()

    @property
    def mis_de_cote(self) -> frozenset[str]:
        """Ids of the records that the engine refuses."""
        return frozenset(self._mis_de_cote or ())

    async def _batir(self, motif: str) -> None:
        debut = self.horloge()
        try:
            detail = await reconstruction.reconstruire(self, motif)
        except Exception as erreur:
            self.mesures.reconstructions.labels(self.nom, "echouee").inc()
            self._reessayer_a = time.monotonic() + REPRISE_MAX
            self._dire(erreur)
            self.derniere = _dire_la_fin(debut, motif, reussie=False, detail=self.erreur)
        else:
            self.mesures.reconstructions.labels(self.nom, "reussie").inc()
            self.derniere = _dire_la_fin(debut, motif, reussie=True, detail=detail)
        finally:
            self.avancement = None
            self._inspecter_a = 0.0
            self.reveiller()

    async def verifier(self) -> None:
        """Compare the engine with the directory and mend it; build it again when that does not do."""
        self._verifier_a = time.monotonic() + VERIFICATION
        constat = await derive.verifier(self)
        await asyncio.to_thread(rendre)
        self.verification = {
            "le": self.horloge().isoformat(), "fiches": constat.fiches, "ecarts": constat.ecarts,
            "repares": constat.repares,
        }  # fmt: skip
        if constat.ecarts:
            self.mesures.derive.labels(self.nom).inc(constat.ecarts)
            journal.warning("indexation.derive", moteur=self.nom, ecarts=constat.ecarts, repares=constat.repares)
        if constat.repares < constat.ecarts:
            self.motif = "écarts qui restent"
            self._reessayer_a = 0.0


def _dire_la_fin(debut: datetime, motif: str, *, reussie: bool, detail: str | None) -> dict[str, Any]:
    return {"le": debut.isoformat(), "motif": motif, "reussie": reussie, "detail": detail}
