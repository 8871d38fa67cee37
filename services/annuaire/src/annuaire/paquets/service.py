"""Use case: give the pack of a département, built anew only when it would say something else."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from socle.donnees import feed
from socle.donnees.db import Database, ReadSession
from socle.donnees.feed import Publiee
from socle.horloge import rfc3339
from socle.web.etags import etag_faible

from annuaire.lieux import repository as lieux
from annuaire.lieux.fermetures import repository as fermetures
from annuaire.lieux.fermetures.registre import Registre
from annuaire.lieux.horaires.calendrier import PARIS
from annuaire.lieux.horaires.document import Heures
from annuaire.lieux.horaires.fuseaux import minuit, tranches, zone
from annuaire.lieux.horaires.ouverture import Fermeture
from annuaire.lieux.projection import SANS_PUBLIC
from annuaire.paquets import repository, rules
from annuaire.paquets.reserve import Etat, Paquet, Reserve
from annuaire.territoires.rules import fuseaux_du_departement

LOT = 100
"""Places read or computed at a time: no reading and no thread lasts longer than a few hundredths of a second."""

NIVEAU = 9
"""Compressed once and sent many times."""

Element = tuple[Publiee, tuple[Fermeture, ...]]


class Paquets:
    """The packs of this process."""

    def __init__(self, reserve: Reserve | None = None) -> None:
        self.reserve = reserve or Reserve()
        self._registre = Registre()

    async def donner(self, base: Database, departement: str, *, instant: datetime, adresse: str) -> Paquet:
        """Return the pack of a département (its code, known to exist) at an instant.

        `adresse` is that of the change feed, which the pack names. No session is held while waiting for another's
        work: readers are few, and the builder needs one.
        """
        paquet = await self._garde(base, departement, instant)
        if paquet is not None:
            return paquet
        async with self.reserve.tour(departement):
            paquet = await self._garde(base, departement, instant)
            if paquet is None:
                async with self.reserve.atelier():
                    paquet = await self._construire(base, departement, instant, adresse)
                self.reserve.ranger(paquet)
        return paquet

    async def _garde(self, base: Database, departement: str, instant: datetime) -> Paquet | None:
        """Return the pack of the reserve, if what it says is what would be said now."""
        paquet = self.reserve.prendre(departement, instant)
        if paquet is None:
            return None
        async with base.read() as session:
            # Read before the signature: what commits in between is seen again at the next request.
            etat = await _etat(session)
            if etat == paquet.vu:
                return paquet
            if etat.fermetures != paquet.vu.fermetures or etat.numero // feed.EPOQUE != paquet.numero // feed.EPOQUE:
                return None
            if await repository.signature(session, departement) != paquet.signature:
                return None
        return self.reserve.confirmer(paquet, etat)

    async def _construire(self, base: Database, departement: str, instant: datetime, adresse: str) -> Paquet:
        async with base.read(instantane=True) as session:
            etat = await _etat(session)
            # One builder at a time: nobody moves the register between this snapshot and its reading.
            await self._registre.suivre(session, le=instant)
            signature = await repository.signature(session, departement)
            elements = await self._lire(session, departement)
        du = _premier_jour(departement, instant)
        documents: list[dict[str, Any]] = []
        compacts: list[dict[str, Any]] = []
        for debut in range(0, len(elements), LOT):
            lus, reduits = await asyncio.to_thread(_reduire, elements[debut : debut + LOT], du)
            documents += lus
            compacts += reduits
        fuseaux = sorted({*fuseaux_du_departement(departement), *(lieu["fuseau"] for lieu in compacts)})
        contenu = {
            "departement": departement,
            "du": du.isoformat(),
            "au": (du + timedelta(rules.JOURS - 1)).isoformat(),
            "valable_jusqu_a": rfc3339(min(_debut_du_jour(du + timedelta(rules.JOURS), nom) for nom in fuseaux)),
            "fuseaux": {nom: rules.decalages(tranches(_zone(nom), du, rules.JOURS)) for nom in fuseaux},
            "licences": rules.licences(documents),
            "lieux": compacts,
        }
        suite = {"changement_numero": etat.numero, "suivre": f"{adresse}?afterChangeNumber={etat.numero}"}
        corps, condense = await asyncio.to_thread(_ecrire, contenu, suite)
        return Paquet(
            departement=departement,
            corps=corps,
            etag=etag_faible(f"{departement}-{condense}"),
            numero=etat.numero,
            signature=signature,
            vu=etat,
            construit_le=instant,
            perime_le=_demain_partout(departement, du),
        )

    async def _lire(self, session: ReadSession, departement: str) -> list[Element]:
        """Read the places of a département, in the order of ids, with their closings."""
        elements: list[Element] = []
        filtres = lieux.Filtres(departement=(departement,))
        apres: UUID | None = None
        while page := await lieux.page(session, filtres, apres=apres, limite=LOT):
            elements += [(publiee, self._registre.du_lieu(publiee.id)) for publiee in page]
            apres = page[-1].id
            if len(page) < LOT:
                break
        return elements


async def _etat(session: ReadSession) -> Etat:
    numero = await feed.dernier_numero(session)
    return Etat(numero=numero, fermetures=await fermetures.numero(session))


def _reduire(elements: Sequence[Element], du: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the documents of these places, and what the pack keeps of each."""
    documents = [json.loads(publiee.octets or b"{}") for publiee, _ in elements]
    compacts = []
    for document, (_, fermees) in zip(documents, elements, strict=True):
        # As its calendar does, a place whose time zone is not known follows the clock of Paris.
        fuseau = document["fuseau"] if zone(document["fuseau"]) else PARIS.key
        journees = Heures.de(document).calendrier(fermees).creneaux(du, rules.JOURS)
        sans_public = SANS_PUBLIC in document["modalites_acces"]
        compacts.append(rules.lieu_compact(document, fuseau=fuseau, sans_public=sans_public, journees=journees))
    return documents, compacts


def _ecrire(contenu: dict[str, Any], suite: dict[str, Any]) -> tuple[bytes, str]:
    """Return the pack compressed, and what tells its content from another's.

    The change number is no part of that: it moves with the whole country.
    """
    octets = _json(contenu)
    corps = gzip.compress(b"%s,%s" % (_json(suite)[:-1], octets[1:]), NIVEAU, mtime=0)
    return corps, hashlib.sha256(octets).hexdigest()[:24]


def _json(valeur: dict[str, Any]) -> bytes:
    return json.dumps(valeur, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _premier_jour(departement: str, instant: datetime) -> date:
    """Return the day that it is where it is earliest in a département."""
    return min(instant.astimezone(_zone(nom)).date() for nom in fuseaux_du_departement(departement))


def _demain_partout(departement: str, du: date) -> datetime:
    """Return the instant from which that day is over in the whole département."""
    return max(_debut_du_jour(du + timedelta(1), nom) for nom in fuseaux_du_departement(departement))


def _debut_du_jour(jour: date, fuseau: str) -> datetime:
    return datetime.fromtimestamp(minuit(jour, _zone(fuseau)), UTC)


def _zone(fuseau: str) -> ZoneInfo:
    return zone(fuseau) or PARIS
