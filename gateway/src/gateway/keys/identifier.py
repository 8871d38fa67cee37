"""From the headers of a call to its caller: the one path that every key takes, known or not."""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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
EN_TETE_APPLICATION = b"x-maillage-application"
"""Where a publishable key goes, and nothing else: pages may send this header to any public read, so that no page has a
reason to hold a secret key; in the address it would part the caches, and be refused by the services.
"""

_EN_TETES = frozenset({b"authorization", b"x-api-key", EN_TETE_APPLICATION})
_PARAMETRES = re.compile(rb"(?:^|&)(?:x-)?(?:api[_-]?key|access_token)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Bonne:
    """What is remembered of a good key, read at `lue`."""

    principal: Principal
    id: str
    expire_le: datetime
    revoquee_le: datetime | None
    reseaux: Sequence[str] | None
    lue: float


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
        self._bonnes: OrderedDict[bytes, _Bonne] = OrderedDict()
        self._usages: dict[str, datetime] = {}
        self._leurre = rules.empreinte(poivre, "x" * rules.TAILLE_SECRET)

    async def identifier(self, entetes: Iterable[tuple[bytes, bytes]], requete: bytes, *, adresse: str) -> Principal:
        """Return the caller, anonymous without a key.

        `adresse` is the caller's IP address. Raises `CleDansAdresse` (400) for a key in the query string and
        `CleRefusee` (401) for anything but one good key in one header.
        """
        if requete and b"mpub_" in requete:
            raise CleDansAdresse("Envoyez la clé publiable dans l'en-tête X-Maillage-Application.")
        if requete and (b"mnk_" in requete or _PARAMETRES.search(requete)):
            raise CleDansAdresse(
                "Envoyez la clé dans l'en-tête Authorization. Celle-ci a pu être lue par des tiers : remplacez-la."
            )
        presentees = [paire for paire in entetes if paire[0] in _EN_TETES]
        if not presentees:
            return ANONYME
        if len(presentees) > 1:
            raise CleRefusee("Plusieurs identités dans une même requête : n'en envoyez qu'une.")
        nom, valeur = presentees[0]
        return await self._verifier(_lire_entete(nom, valeur), adresse, publiable=nom == EN_TETE_APPLICATION)

    async def _verifier(self, texte: str, adresse: str, *, publiable: bool) -> Principal:
        # The text itself is not kept; this print is quicker than the form, the sum and the fingerprint together.
        trace = hashlib.blake2b(texte.encode(), key=self._poivre[:64], digest_size=32).digest()
        bonne = self._bonnes.get(trace)
        if bonne is None or self._chronometre() - bonne.lue >= MEMOIRE:
            bonne = await self._lire(texte)
            self._bonnes[trace] = bonne
            self._bonnes.move_to_end(trace)
            if len(self._bonnes) > CAPACITE:
                self._bonnes.popitem(last=False)
        if publiable != bonne.principal.anonyme:
            raise CleRefusee(
                "Cette clé est secrète : elle ne va pas dans X-Maillage-Application."
                if publiable
                else "Cette clé publiable n'ouvre rien : envoyez-la dans l'en-tête X-Maillage-Application."
            )
        instant = self._horloge()
        if not rules.vivante(bonne.expire_le, bonne.revoquee_le, instant):
            raise CleRefusee("Cette clé est révoquée." if bonne.revoquee_le else "Cette clé a expiré.")
        if not rules.autorise(adresse, bonne.reseaux):
            raise CleRefusee("Cette clé ne s'emploie pas depuis ce réseau.")
        self._usages[bonne.id] = instant
        return bonne.principal

    async def _lire(self, texte: str) -> _Bonne:
        presentee = rules.lire(texte)
        if presentee is None:
            raise CleRefusee("Cette clé est mal écrite : vérifiez qu'elle est copiée en entier.")
        calculee = rules.empreinte(self._poivre, presentee.secret)
        async with self._base.read() as session:
            cle = await repository.lire(session, presentee.id)
        egales = rules.meme_empreinte(cle.empreinte if cle is not None else self._leurre, calculee)
        if cle is None or not egales or cle.publiable != presentee.publiable:
            raise CleRefusee("Cette clé n'est pas connue.")
        return _Bonne(_porteur(cle), cle.id, cle.expire_le, cle.revoquee_le, cle.reseaux, self._chronometre())

    async def ecrire_usages(self) -> None:
        """Write when the keys were last used, in one transaction; nothing to write, no transaction."""
        if not self._usages:
            return
        usages, self._usages = self._usages, {}
        async with self._base.write() as session:
            await repository.noter_usages(session, usages)


def _porteur(cle: Cle) -> Principal:
    if cle.publiable:
        return Principal(sujet=f"application:{cle.id}", nom=cle.nom, anonyme=True)
    return Principal(
        sujet=f"cle:{cle.id}",
        nom=cle.nom,
        portees=frozenset(cle.portees),
        sources=None if cle.sources is None else frozenset(cle.sources),
    )


def _lire_entete(nom: bytes, valeur: bytes) -> str:
    texte = valeur.decode("latin-1").strip()
    if nom != b"authorization":
        return texte
    genre, _, reste = texte.partition(" ")
    return reste.strip() if genre.lower() == "bearer" else ""
