"""From the headers of a call to its caller: the one path that every key takes, known or not."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime

from socle.acces.principal import ANONYME, Principal
from socle.donnees.db import Database
from socle.horloge import Horloge, maintenant

from gateway.keys import repository, rules
from gateway.keys.errors import CleDansAdresse, CleRefusee
from gateway.keys.tables import Cle

MEMOIRE = 5.0
"""Seconds during which a key that was found good is not read again: the delay of a revocation."""

CAPACITE = 10_000
_PARAMETRES = re.compile(rb"(?:^|&)(?:x-)?(?:api[_-]?key|access_token)=", re.IGNORECASE)


class Identificateur:
    """Knows the callers. Only the keys found good are remembered, by their whole fingerprint, so that a wrong secret
    and an unknown id cost the same reading.
    """

    def __init__(
        self,
        base: Database,
        poivre: bytes,
        *,
        horloge: Horloge = maintenant,
        chronometre: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base, self._poivre = base, poivre
        self._horloge, self._chronometre = horloge, chronometre
        self._bonnes: OrderedDict[str, tuple[Principal, Cle, float]] = OrderedDict()
        self._usages: dict[str, datetime] = {}
        self._leurre = rules.empreinte(poivre, "x" * rules.TAILLE_SECRET)

    async def identifier(self, entetes: Iterable[tuple[bytes, bytes]], requete: bytes, *, adresse: str) -> Principal:
        """Return the caller, anonymous without a key.

        `adresse` is the caller's IP address. Raises `CleDansAdresse` (400) for a key in the query string and
        `CleRefusee` (401) for anything but one good key in one header.
        """
        if requete and (b"mnk_" in requete or _PARAMETRES.search(requete)):
            raise CleDansAdresse(
                "Envoyez la clé dans l'en-tête Authorization. Celle-ci a pu être lue par des tiers : remplacez-la."
            )
        presentees = [_lire_entete(nom, valeur) for nom, valeur in entetes if nom in (b"authorization", b"x-api-key")]
        if not presentees:
            return ANONYME
        if len(presentees) > 1:
            raise CleRefusee("Plusieurs identités dans une même requête : n'en envoyez qu'une.")
        return await self._verifier(presentees[0], adresse)

    async def _verifier(self, texte: str, adresse: str) -> Principal:
        presentee = rules.lire(texte)
        if presentee is None:
            raise CleRefusee("Cette clé est mal écrite : vérifiez qu'elle est copiée en entier.")
        calculee = rules.empreinte(self._poivre, presentee.secret)
        connue = self._bonnes.get(presentee.id + calculee)
        if connue is not None and self._chronometre() - connue[2] < MEMOIRE:
            principal, cle, _ = connue
        else:
            async with self._base.read() as session:
                lue = await repository.lire(session, presentee.id)
            egales = rules.meme_empreinte(lue.empreinte if lue is not None else self._leurre, calculee)
            if lue is None or not egales:
                raise CleRefusee("Cette clé n'est pas connue.")
            cle = lue
            principal = Principal(
                sujet=f"cle:{cle.id}",
                nom=cle.nom,
                portees=frozenset(cle.portees),
                sources=None if cle.sources is None else frozenset(cle.sources),
            )
            self._bonnes[presentee.id + calculee] = (principal, cle, self._chronometre())
            self._bonnes.move_to_end(presentee.id + calculee)
            if len(self._bonnes) > CAPACITE:
                self._bonnes.popitem(last=False)
        instant = self._horloge()
        if not rules.vivante(cle.expire_le, cle.revoquee_le, instant):
            raise CleRefusee("Cette clé est révoquée." if cle.revoquee_le else "Cette clé a expiré.")
        if not rules.autorise(adresse, cle.reseaux):
            raise CleRefusee("Cette clé ne s'emploie pas depuis ce réseau.")
        self._usages[cle.id] = instant
        return principal

    async def ecrire_usages(self) -> None:
        """Write when the keys were last used, in one transaction; nothing to write, no transaction."""
        if not self._usages:
            return
        usages, self._usages = self._usages, {}
        async with self._base.write() as session:
            await repository.noter_usages(session, usages)


def _lire_entete(nom: bytes, valeur: bytes) -> str:
    texte = valeur.decode("latin-1").strip()
    if nom == b"x-api-key":
        return texte
    genre, _, reste = texte.partition(" ")
    return reste.strip() if genre.lower() == "bearer" else ""
