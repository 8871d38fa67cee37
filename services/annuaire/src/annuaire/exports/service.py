"""Use cases of the exports."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field

from socle.donnees import feed
from socle.donnees.db import Database, ReadSession
from socle.web.cloisons import Cloison

from annuaire.exports.formats import NomDeFormat
from annuaire.exports.redaction import redacteur
from annuaire.exports.schemas import PertesStrictes
from annuaire.lieux import repository
from annuaire.lieux.confidentialite import contact_personnel
from annuaire.lieux.consolidation.fiches import lire
from annuaire.lieux.projection import SourceCitee, propre, publiable
from annuaire.lieux.repository import Filtres
from annuaire.standard.ecriture import OBLIGATOIRES, pertes_du_standard, pertes_strictes

MORCEAU = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """What an export holds: which places, and how they are written.

    `source` gives the places of one source under their own keys, as it says them; `fiches` its records as it sent
    them, hidden contacts included, which is nobody's business but its own. `sources` reads every source as it is cited.
    """

    format: NomDeFormat
    strict: bool = False
    filtres: Filtres = field(default_factory=Filtres)
    source: str | None = None
    fiches: bool = False
    sources: Callable[[ReadSession], Awaitable[Mapping[str, SourceCitee]]] | None = None


@dataclass(frozen=True, slots=True)
class Copie:
    """A copy under way: the change number of its snapshot, and its bytes.

    The snapshot, and the place taken among the exports, are held until `fermer`, which is called in any case.
    """

    numero: int
    morceaux: AsyncIterator[bytes]
    fermer: Callable[[], Awaitable[None]]


async def copier(base: Database, cloison: Cloison, demande: Demande) -> Copie:
    """Open one snapshot and write these places as they are read.

    Raises `CloisonPleine` (503) when too many exports are under way.
    """
    async with AsyncExitStack() as pile:
        await pile.enter_async_context(cloison.place())
        session = await pile.enter_async_context(base.read(instantane=True))
        numero = await feed.dernier_numero(session)
        morceaux = await pile.enter_async_context(aclosing(_ecrire(session, demande, numero)))
        return Copie(numero, morceaux, pile.pop_all().aclose)


async def compter_les_pertes(base: Database, cloison: Cloison, demande: Demande) -> PertesStrictes:
    """Count what the strict writing of these places leaves out. Raises `CloisonPleine` (503)."""
    pertes: Counter[str] = Counter()
    vides: Counter[str] = Counter()
    hors: Counter[str] = Counter()
    lignes = touchees = 0
    async with cloison.place(), base.read(instantane=True) as session:
        numero = await feed.dernier_numero(session)
        async for lot in _lots(session, demande):
            for octets in lot:
                document = json.loads(octets)
                perdues = pertes_strictes(document)
                pertes.update(perdues)
                hors.update(pertes_du_standard(document))
                vides.update(colonne for colonne in OBLIGATOIRES if not document.get(colonne))
                touchees += bool(perdues)
            lignes += len(lot)
    return PertesStrictes(
        changement_numero=numero,
        lignes=lignes,
        lignes_touchees=touchees,
        obligatoires_vides=dict(sorted(vides.items())),
        pertes=dict(sorted(pertes.items())),
        hors_du_standard=dict(sorted(hors.items())),
    )


async def _ecrire(session: ReadSession, demande: Demande, numero: int) -> AsyncGenerator[bytes, None]:
    redaction = redacteur(demande.format, strict=demande.strict)
    morceau, lignes = bytearray(redaction.debut()), 0
    async for lot in _lots(session, demande):
        morceau += redaction.lot(lot)
        lignes += len(lot)
        if len(morceau) >= MORCEAU:
            yield bytes(morceau)
            morceau.clear()
    yield bytes(morceau) + redaction.fin(lignes, numero)


async def _lots(session: ReadSession, demande: Demande) -> AsyncIterator[Sequence[bytes]]:
    if demande.source is None:
        async for lot in repository.parcourir(session, demande.filtres):
            yield lot
    elif demande.fiches:
        async for fiches in repository.parcourir_fiches(session, demande.source, demande.filtres):
            yield [b'{"id":%s,%s' % (_chaine(cle), normalise[1:]) for cle, normalise in fiches]
    else:
        citee = (await demande.sources(session)).get(demande.source) if demande.sources else None
        async for lieux in repository.parcourir_source(session, demande.source, demande.filtres):
            yield [_sous_sa_cle(cle, _propre(octets, normalise, citee)) for cle, octets, normalise in lieux]


def _propre(octets: bytes, normalise: bytes | None, citee: SourceCitee | None) -> bytes:
    """Show a place that several sources speak of as this one says it, its hidden contacts left out."""
    if normalise is None or citee is None:
        return octets
    return propre(octets, publiable(lire(normalise), citee, contact_personnel), citee)


def _sous_sa_cle(cle: str, octets: bytes) -> bytes:
    """Show a document under the key of its source; the public id follows as `id_maillage`.

    `id` is the first member of a public document, and a UUID: 36 characters.
    """
    debut = len(b'{"id":"')
    fin = debut + 36
    return b'{"id":%s%s,"id_maillage":"%s"}' % (_chaine(cle), octets[fin + 1 : -1], octets[debut:fin])


def _chaine(texte: str) -> bytes:
    return json.dumps(texte, ensure_ascii=False).encode()
