"""An export and the feed from its number are the database, whatever happened; nothing moves when nothing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from annuaire.lieux import repository
from annuaire.lieux.repository import EtatFiche
from annuaire.migrations import DOSSIER
from socle.donnees import feed
from socle.donnees.db import Database, ReadSession, WriteSession
from socle.donnees.documents import Document
from socle.donnees.migrations import migrer
from sqlalchemy import text

from tests.fabriques.histoires import Copie, Histoire, condense, verifier

pytestmark = pytest.mark.anyio
sqlite_seul = pytest.mark.parametrize("url_base", ["sqlite"], indirect=True)
postgresql_seul = pytest.mark.parametrize(
    "url_base", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


async def raconter(url: str, graine: int, combien: int, *, gestes: int = 6) -> int:
    """Run histories in one database, two sources side by side, and check after each; return the changes seen."""
    base = Database(url)
    try:
        await migrer(base, DOSSIER)
        histoires: list[Histoire] = []
        depuis_zero = Copie()
        for rang in range(combien):
            histoires.append(Histoire(base, f"{graine}-{rang}"))
            actives = histoires[-2:]
            exportee = Copie()
            hasard = actives[-1].hasard
            depart = hasard.randrange(gestes)
            for geste in range(gestes):
                if geste == depart:
                    exportee = await Copie.exporter(base)
                await hasard.choice(actives).avancer()
                if hasard.random() < 0.3:
                    await depuis_zero.suivre(base)
            avant = await condense(base)
            for histoire in actives:
                histoire._melanger()
                assert await histoire.synchroniser() == 0
            assert await condense(base) == avant
            await verifier(base, histoires, depuis_zero, exportee)
        return depuis_zero.curseur
    finally:
        await base.fermer()


@sqlite_seul
@pytest.mark.parametrize("graine", range(3))
async def test_l_export_puis_le_flux_donnent_la_base(url_base: str, graine: int) -> None:
    assert await raconter(url_base, graine, 10) > 0


@postgresql_seul
async def test_l_export_puis_le_flux_donnent_la_base_sur_postgresql(url_base: str) -> None:
    assert await raconter(url_base, 100, 10) > 0


@pytest.mark.epreuve
@sqlite_seul
async def test_mille_histoires(url_base: str) -> None:
    changements = 0
    for graine in range(100):
        changements += await raconter(f"{url_base}-{graine}", 1000 + graine, 10, gestes=10)
    print(f"\nhistoires sqlite : 1000 histoires, {changements} changements, 0 écart")


@pytest.mark.epreuve
@postgresql_seul
async def test_cent_histoires_sur_postgresql(url_base: str) -> None:
    changements = await raconter(url_base, 5000, 100, gestes=10)
    print(f"\nhistoires postgresql : 100 histoires, {changements} changements, 0 écart")


async def oublier_les_retirees(session: ReadSession, source_id: str) -> dict[str, EtatFiche]:
    return {cle: etat for cle, etat in (await ETATS(session, source_id)).items() if not etat.retiree}


async def ne_pas_reconnaitre(session: ReadSession, source_id: str) -> dict[str, EtatFiche]:
    return {cle: replace(etat, empreinte="") for cle, etat in (await ETATS(session, source_id)).items()}


async def taire_les_retraits(
    session: WriteSession, kind: str, documents: Mapping[UUID, Document | None], *, le: datetime
) -> list[UUID]:
    return await PUBLIER(session, kind, {id: d for id, d in documents.items() if d is not None}, le=le)


async def numeroter_une_fois_pour_toutes(session: WriteSession) -> None:
    numeros = dict((await session.execute(text("SELECT id, numero FROM socle_publications"))).all())
    avant = AVANT.setdefault(str(session.get_bind()), {})
    await NUMEROTER(session)
    for id in numeros:
        if id in avant:
            await session.execute(
                text("UPDATE socle_publications SET numero = :n WHERE id = :id"), {"n": avant[id], "id": id}
            )
    avant |= dict((await session.execute(text("SELECT id, numero FROM socle_publications"))).all())


ETATS, PUBLIER, NUMEROTER = repository.etats_des_fiches, feed.publier, feed._numeroter
AVANT: dict[str, dict[Any, int]] = {}
FAUTES: dict[str, tuple[object, str, object]] = {
    "une fiche revenue prend un nouvel identifiant": (repository, "etats_des_fiches", oublier_les_retirees),
    "une fiche égale est récrite": (repository, "etats_des_fiches", ne_pas_reconnaitre),
    "un retrait n'est pas dit": (feed, "publier", taire_les_retraits),
    "une fiche changée garde son numéro": (feed, "_numeroter", numeroter_une_fois_pour_toutes),
}


@sqlite_seul
@pytest.mark.parametrize("faute", FAUTES)
async def test_une_faute_se_voit(url_base: str, monkeypatch: pytest.MonkeyPatch, faute: str) -> None:
    monkeypatch.setattr(*FAUTES[faute])
    with pytest.raises(AssertionError):
        await raconter(url_base, 7, 10)
