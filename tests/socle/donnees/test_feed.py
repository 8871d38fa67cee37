"""Change numbers and publications."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from socle.donnees import feed
from socle.donnees.db import Database
from socle.donnees.documents import Document
from socle.donnees.feed import EPOQUE, NUMERO_MAX, CurseurPerdu
from socle.identifiants import uuid7

from tests.fabriques.bases import MIDI, base_du_socle, compter

pytestmark = pytest.mark.anyio
KIND = "lieu"


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    async with base_du_socle(url_base) as base:
        yield base


def doc(**membres: Any) -> Document:
    return Document.de(membres)


async def publier(base: Database, documents: Mapping[UUID, Document | None], **options: Any) -> list[UUID]:
    async with base.write() as session:
        return await feed.publier(session, options.pop("kind", KIND), documents, le=MIDI, **options)


async def tout(base: Database, kind: str = KIND, apres: int = 0) -> list[feed.Publiee]:
    async with base.read() as session:
        return await feed.lire_page(session, kind, apres=apres, limite=10_000)


async def numero(base: Database) -> int:
    async with base.read() as session:
        return await feed.dernier_numero(session)


async def verifier(base: Database, curseur: int) -> None:
    async with base.read() as session:
        await feed.verifier_curseur(session, curseur, reprise="/changements/lieux")


async def test_les_numeros_se_suivent_dans_l_ordre_donne(base: Database) -> None:
    ids = [uuid7() for _ in range(3)]
    assert await publier(base, {id: doc(n=rang) for rang, id in enumerate(ids)}) == ids
    assert [(p.id, p.numero, p.version) for p in await tout(base)] == [(id, n, 1) for n, id in enumerate(ids, 1)]
    assert await numero(base) == 3


async def test_le_document_porte_version_date_et_numero(base: Database) -> None:
    id = uuid7()
    await publier(base, {id: doc(nom="Médiathèque")})
    (publiee,) = await tout(base)
    assert publiee.octets is not None
    attendu = {"nom": "Médiathèque", "version": 1, "modifie_le": "2026-11-24T12:00:00Z", "modifie": 1}
    assert json.loads(publiee.octets) == attendu
    assert (publiee.modifie_le, publiee.redirection, publiee.supprime) == (MIDI, None, False)


async def test_un_document_egal_n_ecrit_rien(base: Database) -> None:
    id = uuid7()
    await publier(base, {id: doc(n=1)})
    assert await publier(base, {id: doc(n=1)}) == []
    assert await numero(base) == 1


async def test_un_document_change_garde_son_id_et_prend_un_numero_et_une_version(base: Database) -> None:
    a, b = uuid7(), uuid7()
    await publier(base, {a: doc(n=1), b: doc(n=1)})
    assert await publier(base, {a: doc(n=2), b: doc(n=1)}) == [a]
    assert [(p.id, p.numero, p.version) for p in await tout(base)] == [(b, 2, 1), (a, 3, 2)]


async def test_un_retrait_laisse_une_pierre_sans_contenu_et_ne_se_repete_pas(base: Database) -> None:
    id = uuid7()
    await publier(base, {id: doc(n=1)})
    assert await publier(base, {id: None}) == [id]
    assert await publier(base, {id: None}) == []
    (pierre,) = await tout(base)
    assert (pierre.numero, pierre.version, pierre.octets, pierre.supprime) == (2, 2, None, True)
    assert await compter(base, "socle_publications", "document IS NOT NULL") == 0


async def test_un_retour_reprend_l_id_meme_avec_le_meme_contenu(base: Database) -> None:
    id = uuid7()
    for document in (doc(n=1), None, doc(n=1)):
        await publier(base, {id: document})
    (revenue,) = await tout(base)
    assert (revenue.numero, revenue.version, revenue.supprime) == (3, 3, False)


async def test_retirer_un_inconnu_n_ecrit_rien(base: Database) -> None:
    assert await publier(base, {uuid7(): None}) == []
    assert await tout(base) == []


async def test_deux_fois_dans_une_transaction_font_un_numero_et_une_version(base: Database) -> None:
    id, autre = uuid7(), uuid7()
    async with base.write() as session:
        await feed.publier(session, KIND, {id: doc(n=1), autre: doc(n=1)}, le=MIDI)
        await feed.publier(session, KIND, {id: doc(n=2)}, le=MIDI)
    assert [(p.id, p.version) for p in await tout(base)] == [(autre, 1), (id, 1)]
    derniere = (await tout(base))[-1]
    assert derniere.octets is not None
    assert json.loads(derniere.octets)["n"] == 2


async def test_le_survivant_d_un_retrait_est_nomme(base: Database) -> None:
    perdu, garde = uuid7(), uuid7()
    await publier(base, {perdu: doc(n=1)})
    await publier(base, {perdu: None}, redirections={perdu: garde})
    async with base.read() as session:
        lus = await feed.lire(session, KIND, [perdu, uuid7()])
    assert list(lus) == [perdu]
    assert lus[perdu].redirection == garde


async def test_une_transaction_annulee_ne_prend_pas_de_numero(base: Database) -> None:
    async def echouer() -> None:
        async with base.write() as session:
            await feed.publier(session, KIND, {uuid7(): doc(n=1)}, le=MIDI)
            raise LookupError

    with pytest.raises(LookupError):
        await echouer()
    assert (await numero(base), await tout(base)) == (0, [])


async def test_rien_n_est_visible_avant_le_commit(base: Database) -> None:
    async with base.write() as session:
        await feed.publier(session, KIND, {uuid7(): doc(n=1)}, le=MIDI)
        assert await tout(base) == []
    assert len(await tout(base)) == 1


async def test_les_genres_partagent_les_numeros_et_pas_les_pages(base: Database) -> None:
    id = uuid7()
    await publier(base, {id: doc(n=1)})
    await publier(base, {id: doc(n=1)}, kind="structure")
    assert [p.numero for p in await tout(base)] == [1]
    assert [p.numero for p in await tout(base, "structure")] == [2]


async def test_les_pages_se_suivent_sans_trou_ni_double(base: Database) -> None:
    ids = [uuid7() for _ in range(1203)]
    await publier(base, {id: doc(n=1) for id in ids})
    lus: list[UUID] = []
    curseur = 0
    async with base.read() as session:
        while page := await feed.lire_page(session, KIND, apres=curseur, limite=500):
            lus += [p.id for p in page]
            curseur = page[-1].numero
    assert lus == ids
    async with base.read() as session:
        assert len(await feed.lire(session, KIND, ids)) == len(await feed.etats(session, KIND, ids)) == 1203


@pytest.mark.postgresql
async def test_deux_ecrivains_du_meme_objet_ne_donnent_pas_deux_fois_une_version(url_postgresql: str) -> None:
    id = uuid7()
    async with base_du_socle(url_postgresql) as base:
        await publier(base, {id: doc(n=0)})

        async def changer(n: int) -> None:
            await publier(base, {id: doc(n=n)})

        await asyncio.gather(*(changer(n) for n in range(1, 21)))
        (publiee,) = await tout(base)
    assert publiee.version == 21


async def test_apres_une_restauration_les_numeros_repartent_plus_haut(base: Database) -> None:
    await publier(base, {uuid7(): doc(n=1)})
    async with base.write() as session:
        assert await feed.ouvrir_epoque(session, le=MIDI) == 1
    await publier(base, {uuid7(): doc(n=1)})
    assert [p.numero for p in await tout(base)] == [1, EPOQUE + 2]
    assert await numero(base) == EPOQUE + 2


async def test_un_curseur_anterieur_au_point_restaure_continue(base: Database) -> None:
    await publier(base, {uuid7(): doc(n=1), uuid7(): doc(n=1)})
    async with base.write() as session:
        await feed.ouvrir_epoque(session, le=MIDI)
    await publier(base, {uuid7(): doc(n=1)})
    for curseur in (0, 1, 2):
        await verifier(base, curseur)
    assert [p.numero for p in await tout(base, apres=2)] == [EPOQUE + 3]


@pytest.mark.parametrize("curseur", [3, 40, EPOQUE - 1])
async def test_un_curseur_posterieur_au_point_restaure_est_perdu(base: Database, curseur: int) -> None:
    await publier(base, {uuid7(): doc(n=1), uuid7(): doc(n=1)})
    async with base.write() as session:
        await feed.ouvrir_epoque(session, le=MIDI)
    with pytest.raises(CurseurPerdu) as perdu:
        await verifier(base, curseur)
    assert perdu.value.statut == 410


async def test_un_curseur_d_entre_deux_restaurations_est_jauge_a_la_seconde(base: Database) -> None:
    await publier(base, {uuid7(): doc(n=1)})
    async with base.write() as session:
        await feed.ouvrir_epoque(session, le=MIDI)
    await publier(base, {uuid7(): doc(n=1)})
    async with base.write() as session:
        await feed.ouvrir_epoque(session, le=MIDI)
    await publier(base, {uuid7(): doc(n=1)})
    await verifier(base, EPOQUE + 2)
    with pytest.raises(CurseurPerdu):
        await verifier(base, EPOQUE + 3)


async def test_une_sauvegarde_plus_ancienne_encore_ouvre_une_epoque_jamais_vue(base: Database) -> None:
    async with base.write() as session:
        assert await feed.ouvrir_epoque(session, le=MIDI, au_moins=7) == 8
    async with base.write() as session:
        assert await feed.ouvrir_epoque(session, le=MIDI, au_moins=3) == 9


async def test_un_curseur_du_futur_est_perdu_et_la_fin_des_numeros_ne_l_est_pas(base: Database) -> None:
    await publier(base, {uuid7(): doc(n=1)})
    await verifier(base, 1)
    await verifier(base, NUMERO_MAX)
    for curseur in (2, EPOQUE, NUMERO_MAX - 1):
        with pytest.raises(CurseurPerdu):
            await verifier(base, curseur)
