"""Random histories of a list: what happens to it, and a plain model of what the directory must then hold."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from annuaire.lieux import repository
from annuaire.lieux import service as lieux
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import SourceCitee, Territoire
from annuaire.lieux.service import Enregistrement, Outils
from annuaire.structures.rules import deduire
from annuaire.synchronisation.rules import SUPPRIME, Ligne, Plan
from socle.donnees import feed
from socle.donnees.db import Database, ReadSession
from socle.identifiants import uuid7
from sqlalchemy import text

from tests.fabriques.bases import MIDI

PIVOTS = (None, "11000001500013", "11000002300012", "11000003100011")
NOMS = ("Médiathèque", "Maison France services", "Centre social", "Atelier")


class SituationFixe:
    """Everywhere is the same place."""

    async def suivre(self, session: ReadSession) -> None:
        """Nothing to follow."""

    def territoire(self, code_insee: str | None, code_postal: str | None) -> Territoire:
        return Territoire(departement=(code_insee or "")[:2] or None, region="84", fuseau="Europe/Paris")

    def quartiers(self, points: Sequence[tuple[float | None, float | None]]) -> list[dict[str, Any] | None]:
        return [None] * len(points)


OUTILS = Outils(situeur=SituationFixe(), est_personnel=lambda _: False, plier=str.lower)


@dataclass(slots=True)
class Copie:
    """What a consumer holds: documents and withdrawals by id, and how far it has read."""

    documents: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    retires: set[UUID] = field(default_factory=set)
    versions: dict[UUID, int] = field(default_factory=dict)
    curseur: int = 0

    async def suivre(self, base: Database, kind: str = repository.KIND, *, limite: int = 7) -> None:
        """Read the feed to its end, by small pages; numbers and versions must only ever grow."""
        while True:
            async with base.read() as session:
                page = await feed.lire_page(session, kind, apres=self.curseur, limite=limite)
            if not page:
                return
            for change in page:
                assert change.numero > self.curseur
                assert change.version > self.versions.get(change.id, 0)
                self.curseur, self.versions[change.id] = change.numero, change.version
                self.documents.pop(change.id, None)
                self.retires.discard(change.id)
                if change.octets is None:
                    self.retires.add(change.id)
                else:
                    self.documents[change.id] = json.loads(change.octets)

    @classmethod
    async def exporter(cls, base: Database) -> Copie:
        """Take the export: one state, and the number from which to follow."""
        copie = cls()
        async with base.read(instantane=True) as session:
            copie.curseur = await feed.dernier_numero(session)
            async for lot in repository.parcourir(session):
                for document in map(json.loads, lot):
                    copie.documents[UUID(document["id"])] = document
                    copie.versions[UUID(document["id"])] = document["version"]
        return copie


class Histoire:
    """One source, its list, and the model: the rows in force, and the id that each key was given once for all."""

    def __init__(self, base: Database, graine: str) -> None:
        self._base, self.hasard = base, random.Random(graine)
        self.source = SourceCitee(f"h-{graine}", "https://exemple.fr/licence")
        self.liste: dict[str, LieuNormalise] = {}
        self.ids: dict[str, UUID] = {}
        self.parties: set[str] = set()
        self._suivante = 0

    async def avancer(self) -> None:
        """Let one thing happen to the list, and synchronise it."""
        gestes = [self._creer, self._melanger]
        if self.liste:
            gestes += [self._modifier, self._modifier, self._oter, self._oter]
        if self.parties:
            gestes += [self._rendre, self._rendre, self._rendre]
        self.hasard.choice(gestes)()
        await self.synchroniser()

    def _fiche(self) -> LieuNormalise:
        pivot, nom = self.hasard.choice(PIVOTS), self.hasard.choice(NOMS)
        return LieuNormalise(nom=nom, pivot=pivot, code_insee=self.hasard.choice(["38185", "21231"]), horaires=None)

    def _quelques(self, cles: Sequence[str]) -> list[str]:
        return self.hasard.sample(sorted(cles), self.hasard.randint(1, min(4, len(cles))))

    def _creer(self) -> None:
        for _ in range(self.hasard.randint(1, 5)):
            self._suivante += 1
            self.liste[f"cle-{self._suivante}"] = self._fiche()

    def _modifier(self) -> None:
        for cle in self._quelques(list(self.liste)):
            self.liste[cle] = self._fiche()  # now and then the same as before: nothing must move

    def _oter(self) -> None:
        for cle in self._quelques(list(self.liste)):
            del self.liste[cle]
            self.parties.add(cle)

    def _rendre(self) -> None:
        for cle in self._quelques(list(self.parties)):
            self.parties.discard(cle)
            self.liste[cle] = self._fiche()

    def _melanger(self) -> None:
        cles = list(self.liste)
        self.hasard.shuffle(cles)
        self.liste = {cle: self.liste[cle] for cle in cles}

    async def synchroniser(self) -> int:
        """Plan the list against the directory, apply the plan, and return how many rows it had."""
        async with self._base.read() as session:
            connues = await repository.etats_des_fiches(session, self.source.id)
        plan = Plan(mode="complet", connues=connues, alias={}, nouvel_id=uuid7)
        a_ecrire: list[Enregistrement] = []
        for rang, (cle, fiche) in enumerate(self.liste.items(), 1):
            empreinte = fiche.empreinte()
            for decision in plan.recevoir(Ligne(ligne=rang, cle=cle, empreinte=empreinte)):
                if decision.action is not None:
                    assert decision.lieu_id is not None
                    normalise = json.dumps(fiche.en_dict()).encode()
                    a_ecrire.append(
                        Enregistrement(
                            cle=cle, lieu_id=decision.lieu_id, ligne=rang, brut=b"{}", normalise=normalise,
                            empreinte=empreinte, fiche=fiche,
                        )
                    )  # fmt: skip
        absentes = [d for d in plan.clore() if d.action == SUPPRIME]
        if not a_ecrire and not absentes:
            return 0

        async def lots() -> AsyncIterator[Sequence[Enregistrement]]:
            milieu = self.hasard.randint(0, len(a_ecrire))
            for lot in (a_ecrire[:milieu], a_ecrire[milieu:]):
                if lot:
                    yield lot

        async with self._base.write() as session:
            await lieux.enregistrer(session, lots(), source=self.source, run_id=uuid7(), outils=OUTILS, le=MIDI)
            await lieux.retirer(
                session, self.source.id, [str(d.cle) for d in absentes], [d.lieu_id for d in absentes if d.lieu_id],
                outils=OUTILS, le=MIDI,
            )  # fmt: skip
        for e in a_ecrire:
            self._noter(e.cle, e.lieu_id)
        return len(a_ecrire) + len(absentes)

    def _noter(self, cle: str, id: UUID) -> None:
        assert self.ids.setdefault(cle, id) == id, "une clé a changé d'identifiant"
        assert list(self.ids.values()).count(id) == 1, "un identifiant a resservi"

    def attendus(self) -> dict[UUID, dict[str, Any]]:
        """Say what the model shows of each place: the members that the list decides."""
        return {self.ids[cle]: resume(fiche.en_dict()) for cle, fiche in self.liste.items()}


def resume(document: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of a document the members that a history decides."""
    return {nom: document[nom] for nom in ("nom", "pivot", "code_insee")}


async def condense(base: Database) -> dict[str, list[Any]]:
    """Read every table that a synchronisation writes, to tell whether anything moved."""
    tables = ("lieux", "fiches", "structures", "socle_publications", "socle_evenements", "socle_compteurs")
    async with base.read(instantane=True) as session:
        return {
            table: sorted(map(repr, (await session.execute(text(f"SELECT * FROM {table}"))).all())) for table in tables
        }


async def verifier(base: Database, histoires: Sequence[Histoire], depuis_zero: Copie, exportee: Copie) -> None:
    """Check that every way to know the directory gives the same, which is what the model says."""
    await depuis_zero.suivre(base)
    await exportee.suivre(base)
    maintenant = await Copie.exporter(base)
    tout = Copie()
    await tout.suivre(base, limite=500)
    attendus = {id: fiche for histoire in histoires for id, fiche in histoire.attendus().items()}
    assert {id: resume(document) for id, document in maintenant.documents.items()} == attendus
    assert exportee.documents == depuis_zero.documents == tout.documents == maintenant.documents
    # a place withdrawn before the export is unknown to who started from it
    assert exportee.retires <= depuis_zero.retires == tout.retires
    assert {histoire.ids[cle] for histoire in histoires for cle in histoire.parties} == tout.retires
    await _verifier_structures(base, attendus, maintenant)


async def _verifier_structures(base: Database, attendus: Mapping[UUID, dict[str, Any]], copie: Copie) -> None:
    structures = Copie()
    await structures.suivre(base, "structure")
    places: dict[str, list[Place]] = {}
    for fiche in attendus.values():
        if fiche["pivot"]:
            places.setdefault(fiche["pivot"], []).append(Place(fiche["nom"], fiche["code_insee"]))
    assert {d["pivot"]: d["nom"] for d in structures.documents.values()} == {
        pivot: deduire(ses_places).nom for pivot, ses_places in places.items()
    }
    par_pivot = {d["pivot"]: d["id"] for d in structures.documents.values()}
    assert all(d["structure_id"] == par_pivot.get(d["pivot"]) for d in copie.documents.values())


@dataclass(frozen=True, slots=True)
class Place:
    """A place, as a structure is deduced from it."""

    nom: str
    code_insee: str | None
    departement: str | None = None
    region: str | None = None
    epci: str | None = None
