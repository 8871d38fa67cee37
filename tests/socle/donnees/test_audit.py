"""The audit chain: whatever is touched afterwards shows, and where."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from socle.donnees import audit
from socle.donnees.audit import Acte
from socle.donnees.db import Database
from sqlalchemy import text

from tests.fabriques.bases import MIDI, base_du_socle, compter

pytestmark = pytest.mark.anyio


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    async with base_du_socle(url_base) as base:
        yield base


@pytest.fixture
async def chaine(base: Database) -> Database:
    """Six rows: two transactions of one act, two of two."""
    for combien in (1, 2, 1, 2):
        async with base.write() as session:
            for rang in range(combien):
                audit.consigner(session, acte(f"lieu:{combien}-{rang}"))
    return base


def acte(objet: str) -> Acte:
    return Acte(
        acteur="cle:1", action="lieu.modifier", objet=objet, le=MIDI, version_avant=1, version_apres=2,
        motif="une adresse fausse, d'après l'accueil", trace="0123",
    )  # fmt: skip


async def verifier(base: Database) -> int | None:
    async with base.read(instantane=True) as session:
        return await audit.verifier(session)


async def falsifier(base: Database, *ordres: str) -> None:
    async with base.write() as session:
        for ordre in ordres:
            await session.execute(text(ordre))


async def test_une_chaine_vide_et_une_chaine_entiere_tiennent(base: Database) -> None:
    assert await verifier(base) is None
    for n in range(5):
        async with base.write() as session:
            audit.consigner(session, acte(f"lieu:{n}"))
    assert await verifier(base) is None
    assert await compter(base, "socle_audit") == 5


async def test_un_acte_d_une_transaction_annulee_n_est_pas_consigne(base: Database) -> None:
    async def echouer() -> None:
        async with base.write() as session:
            audit.consigner(session, acte("lieu:1"))
            raise LookupError

    with pytest.raises(LookupError):
        await echouer()
    assert await compter(base, "socle_audit") == 0
    assert await verifier(base) is None


async def test_des_ecrivains_simultanes_ne_rompent_pas_la_chaine(base: Database) -> None:
    async def ecrire(n: int) -> None:
        async with base.write() as session:
            audit.consigner(session, acte(f"lieu:{n}"))
            audit.consigner(session, acte(f"lieu:{n}"))

    await asyncio.gather(*(ecrire(n) for n in range(10)))
    assert await compter(base, "socle_audit") == 20
    assert await verifier(base) is None


@pytest.mark.parametrize(
    "colonne", ["acteur", "action", "objet", "motif", "trace", "version_avant", "version_apres", "h", "precedent"]
)
async def test_une_valeur_changee_se_voit_a_sa_place(chaine: Database, colonne: str) -> None:
    valeur = "9" if colonne.startswith("version") else "'faux'"
    await falsifier(chaine, f"UPDATE socle_audit SET {colonne} = {valeur} WHERE seq = 3")
    assert await verifier(chaine) == 3


async def test_une_date_changee_se_voit(chaine: Database) -> None:
    await falsifier(chaine, "UPDATE socle_audit SET le = '2026-11-24 12:00:00.000001' WHERE seq = 4")
    assert await verifier(chaine) == 4


async def test_une_ligne_otee_se_voit(chaine: Database) -> None:
    await falsifier(chaine, "DELETE FROM socle_audit WHERE seq = 2")
    assert await verifier(chaine) == 2


async def test_une_ligne_otee_et_les_suivantes_decalees_se_voient(chaine: Database) -> None:
    await falsifier(
        chaine,
        "DELETE FROM socle_audit WHERE seq = 2",
        *(f"UPDATE socle_audit SET seq = {n - 1} WHERE seq = {n}" for n in range(3, 7)),
    )
    assert await verifier(chaine) == 2


async def test_une_ligne_glissee_se_voit(chaine: Database) -> None:
    await falsifier(
        chaine,
        "INSERT INTO socle_audit (seq, le, acteur, action, objet, precedent, h) "
        "SELECT 7, le, acteur, action, objet, h, h FROM socle_audit WHERE seq = 6",
    )
    assert await verifier(chaine) == 7


async def test_deux_lignes_echangees_se_voient(chaine: Database) -> None:
    await falsifier(
        chaine,
        "UPDATE socle_audit SET seq = 99 WHERE seq = 3",
        "UPDATE socle_audit SET seq = 3 WHERE seq = 5",
        "UPDATE socle_audit SET seq = 5 WHERE seq = 99",
    )
    assert await verifier(chaine) == 3


@pytest.mark.parametrize("gardees", [5, 0])
async def test_une_fin_coupee_se_voit(chaine: Database, gardees: int) -> None:
    await falsifier(chaine, f"DELETE FROM socle_audit WHERE seq > {gardees}")
    assert await verifier(chaine) == gardees + 1
