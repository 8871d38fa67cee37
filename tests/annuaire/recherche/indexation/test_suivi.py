"""What is in an index: places, structures that people registered, the names that places bear."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from annuaire.demonstration.fictions import avec_cle
from annuaire.recherche.indexation import indexeur
from annuaire.recherche.port import ActorQuery, EngineUnavailable

from tests.annuaire.recherche.indexation.conftest import Fabrique, attendues, mener, montrees
from tests.fabriques.annuaire import Annuaire, lieu, liste, nouvelle_cle
from tests.fabriques.moteur_double import MoteurDouble

pytestmark = pytest.mark.anyio


async def trouves(annuaire: Annuaire, q: str, combien: int) -> list[str]:
    """Search as the service does, until this many records are found."""
    moteur = annuaire.app.state.recherche.moteur  # type: ignore[union-attr]
    async with asyncio.timeout(10):
        while True:
            # the first index of all may not be there yet
            with contextlib.suppress(EngineUnavailable):
                page = await moteur.search(ActorQuery(q=q, size=100, relax=False))
                if page.total == combien:
                    return [hit.id for hit in page.hits]
            await asyncio.sleep(0.02)


async def inscrire(annuaire: Annuaire, **champs: Any) -> dict[str, Any]:
    demande = {"types": ["association"], "sans_siret_motif": "en_cours", **champs}
    reponse = await annuaire.post("/structures", corps=demande, entetes={"Idempotency-Key": nouvelle_cle()})
    assert reponse.status_code == 201, reponse.text
    lue: dict[str, Any] = {**reponse.json(), "etag": reponse.headers["ETag"]}
    return lue


async def renommer(annuaire: Annuaire, structure: dict[str, Any], nom: str) -> None:
    reponse = await annuaire.patch(
        f"/structures/{structure['id']}", {"nom": nom}, entetes={"If-Match": structure["etag"]}
    )
    assert reponse.status_code == 200, reponse.text


async def test_ce_qui_est_ecrit_se_trouve_et_ce_qui_est_retire_se_perd(annuaire: Annuaire) -> None:
    source, autres = await annuaire.creer_source(), liste(5, depuis=10)
    await trouves(annuaire, "zzyzomys", 0)
    await annuaire.synchroniser(source, [lieu(1, nom="Zzyzomys un"), lieu(2, nom="Zzyzomys deux"), *autres])
    assert len(await trouves(annuaire, "zzyzomys", 2)) == 2
    await annuaire.synchroniser(source, [lieu(2, nom="Zzyzomys deux"), *autres])
    [reste] = await trouves(annuaire, "zzyzomys", 1)
    assert reste == (await annuaire.lieux(source))["Zzyzomys deux"]["id"]


async def test_une_structure_inscrite_se_trouve_une_structure_deduite_se_trouve_par_ses_lieux(
    annuaire: Annuaire,
) -> None:
    structure = await inscrire(annuaire, nom="Quokkanet préfecture", code_insee="38185")
    assert await trouves(annuaire, "quokkanet", 1) == [structure["id"]]
    assert await trouves(annuaire, "quokkanet grenoble", 1) == [structure["id"]]
    source, pivot = await annuaire.creer_source(), avec_cle(f"{avec_cle('00017231')}0001")
    lieux = [lieu(1, nom="Wombatic", pivot=pivot), lieu(2, nom="Wombatic", pivot=pivot), lieu(3, pivot=pivot)]
    await annuaire.synchroniser(source, lieux)
    # two by their own name, the third by that of the structure deduced from them, which is not there itself
    ids = {lu["id"] for lu in await annuaire.tous("/lieux", source=source)}
    assert set(await trouves(annuaire, "wombatic", 3)) == ids


async def test_les_lieux_d_une_structure_renommee_portent_son_nouveau_nom(
    seul: Annuaire, fabriquer: Fabrique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexeur, "LOT", 4)
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    pivot = avec_cle(f"{avec_cle('00017232')}0001")
    structure = await inscrire(seul, nom="Ancien nom", pivot=pivot, sans_siret_motif=None)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(11, pivot=pivot))
    await mener(suiveur)
    moteur.documents.clear()
    await renommer(seul, structure, "Nouveau nom")
    await mener(suiveur)
    siens = {lu["id"] for lu in (await seul.lieux(source)).values()}
    assert len(siens) == 11
    assert moteur.documents.keys() == siens | {structure["id"]}
    assert all(len(moteur.documents[id]) == 1 for id in siens)
    assert {moteur.documents[id][0].texts["structure_parente"] for id in siens} == {("Nouveau nom",)}
    assert await montrees(moteur) == await attendues(seul)


async def test_une_liste_nouvelle_et_ses_structures_ne_sont_dites_qu_une_fois(
    seul: Annuaire, fabriquer: Fabrique
) -> None:
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    await mener(suiveur)
    source = await seul.creer_source()
    pivots = [avec_cle(f"{avec_cle(f'0001724{rang}')}0001") for rang in range(5)]
    moteur.vues.clear()
    await seul.synchroniser(source, [lieu(rang, pivot=pivots[rang % 5]) for rang in range(20)])
    await mener(suiveur)
    siens = {lu["id"] for lu in (await seul.lieux(source)).values()}
    assert moteur.vues.keys() == siens
    assert {len(vues) for vues in moteur.vues.values()} == {1}


async def test_pendant_qu_une_liste_s_ecrit_l_index_suit_a_petits_pas(
    seul: Annuaire, fabriquer: Fabrique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexeur, "LOT_DISCRET", 3)
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    await mener(suiveur)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(8))
    moteur.lots.clear()
    async with seul.base.write():
        assert seul.base.ecrit
        await suiveur.suivre()
    assert moteur.lots == [3]
    await mener(suiveur)
    assert sum(moteur.lots) == 8
