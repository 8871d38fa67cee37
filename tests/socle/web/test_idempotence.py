"""`Idempotency-Key`: one act, one answer, however many times and however many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from socle.donnees import audit
from socle.donnees.db import Database
from socle.errors import RequeteInvalide
from socle.identifiants import uuid7
from socle.web.idempotence import (
    GARDE,
    CleReutilisee,
    ReponseGardee,
    chercher,
    empreinte_requete,
    garder,
    lire_cle,
)
from sqlalchemy.exc import IntegrityError

from tests.fabriques.bases import MIDI, base_du_socle, compter

CLE = "envoi-0123456789"


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    async with base_du_socle(url_base) as base:
        yield base


async def agir(
    base: Database, *, client: str = "cle:1", cle: str = CLE, empreinte: str = "e", le: datetime = MIDI
) -> bytes:
    """Do once, as a route does: look for the key, act and keep the answer in one transaction."""
    async with base.write() as session:
        deja = await chercher(session, client, cle, empreinte)
        if deja is not None:
            return deja.corps
        corps = uuid7().bytes
        audit.consigner(session, audit.Acte(acteur=client, action="agir", objet="essai:1", le=le))
        await garder(session, client, cle, empreinte, ReponseGardee(202, {"Location": "/x"}, corps), le=le)
    return corps


@pytest.mark.anyio
async def test_dix_envois_simultanes_font_un_effet_et_dix_reponses_egales(base: Database) -> None:
    reponses = await asyncio.gather(*(agir(base) for _ in range(10)))
    assert len(set(reponses)) == 1
    assert await compter(base, "socle_audit") == 1


@pytest.mark.anyio
async def test_qui_n_a_pas_vu_la_cle_prise_ne_peut_pas_agir_de_nouveau(
    base: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ne_rien_trouver(*_: object) -> None:
        return None

    await agir(base)
    monkeypatch.setitem(globals(), "chercher", ne_rien_trouver)
    with pytest.raises(IntegrityError):
        await agir(base)
    assert await compter(base, "socle_audit") == 1


@pytest.mark.anyio
async def test_la_reponse_gardee_revient_entiere(base: Database) -> None:
    corps = await agir(base)
    async with base.write() as session:
        assert await chercher(session, "cle:1", CLE, "e") == ReponseGardee(202, {"Location": "/x"}, corps)


@pytest.mark.anyio
async def test_la_meme_cle_pour_un_autre_contenu_est_refusee(base: Database) -> None:
    await agir(base)
    with pytest.raises(CleReutilisee) as refus:
        await agir(base, empreinte="autre")
    assert refus.value.statut == 422
    assert refus.value.erreurs[0].pointer == "Idempotency-Key"
    assert await compter(base, "socle_audit") == 1


@pytest.mark.anyio
async def test_une_cle_n_engage_que_son_client(base: Database) -> None:
    assert await agir(base) != await agir(base, client="cle:2", empreinte="autre")
    assert await compter(base, "socle_audit") == 2


@pytest.mark.anyio
async def test_un_acte_annule_n_occupe_pas_sa_cle(base: Database) -> None:
    async def echouer() -> None:
        async with base.write() as session:
            await garder(session, "cle:1", CLE, "e", ReponseGardee(202, {}, b"perdue"), le=MIDI)
            raise LookupError

    with pytest.raises(LookupError):
        await echouer()
    assert await agir(base) != b"perdue"


@pytest.mark.anyio
async def test_une_cle_est_gardee_sept_jours(base: Database) -> None:
    premiere = await agir(base)
    await agir(base, cle="une-autre-cle-0001", le=MIDI + GARDE)
    assert await agir(base) == premiere
    await agir(base, cle="une-autre-cle-0002", le=MIDI + GARDE + timedelta(seconds=1))
    assert await compter(base, "socle_cles_idempotence", f"cle = '{CLE}'") == 0


@pytest.mark.parametrize("entete", [CLE, f'"{CLE}"', f"  {CLE} ", "x" * 64, "0197c9c0-5b7e-7000-8000-000000000000"])
def test_une_cle_se_lit_nue_ou_entre_guillemets(entete: str) -> None:
    assert lire_cle(entete) == entete.strip().strip('"')


@pytest.mark.parametrize("entete", [None, "", "   ", '""'])
def test_une_cle_absente_est_dite_absente(entete: str | None) -> None:
    with pytest.raises(RequeteInvalide) as refus:
        lire_cle(entete)
    assert refus.value.erreurs[0].code == "cle_absente"


@pytest.mark.parametrize("entete", ["x" * 15, "x" * 65, "clé-0123456789abc", "deux mots 012345678", "\x7f" * 16])
def test_une_cle_mal_formee_est_dite_invalide(entete: str) -> None:
    with pytest.raises(RequeteInvalide) as refus:
        lire_cle(entete)
    assert refus.value.erreurs[0].code == "cle_invalide"


def test_chaque_partie_de_la_requete_change_son_empreinte() -> None:
    requete = ["POST", "/sources/a/synchronisations", "mode=complet", "text/csv", "0" * 64]
    empreintes = {empreinte_requete(*requete)}
    for rang in range(len(requete)):
        empreintes.add(empreinte_requete(*(partie + "x" * (rang == n) for n, partie in enumerate(requete))))
    assert len(empreintes) == 6
