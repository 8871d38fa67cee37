"""Writing to a server that only promises, and what is done when it breaks its word."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from annuaire.recherche.meilisearch import ecriture
from annuaire.recherche.meilisearch.administration import Administration, TacheEchouee, cle_de
from annuaire.recherche.meilisearch.client import ClientDeRecherche
from annuaire.recherche.meilisearch.moteur import MoteurMeilisearch
from annuaire.recherche.meilisearch.versions import Versions
from annuaire.recherche.port import ActorQuery, Delete, EngineUnavailable, Upsert

from tests.annuaire.recherche.fiches import fiche
from tests.annuaire.recherche.moteurs import ecrire, tenir
from tests.fabriques.faux_meilisearch import FauxMeilisearch

pytestmark = pytest.mark.anyio


@pytest.fixture
def faux() -> Iterator[FauxMeilisearch]:
    with FauxMeilisearch() as ouvert:
        yield ouvert


@pytest.fixture
async def moteur(faux: FauxMeilisearch) -> AsyncIterator[MoteurMeilisearch]:
    engine = MoteurMeilisearch(faux.url, faux.maitresse)
    await ecrire(engine, [Upsert(fiche(rang)) for rang in range(20)])
    yield engine
    await engine.close()


async def _versions(moteur: MoteurMeilisearch) -> dict[str, int]:
    return {id: v async for lot in moteur.fingerprints() for id, v in lot}


async def test_ce_qui_est_en_route_compte_autant_que_ce_qui_est_ecrit(
    faux: FauxMeilisearch, moteur: MoteurMeilisearch
) -> None:
    faux.retenir()
    promesses = [await moteur.apply([Upsert(fiche(1, v=5))]), await moteur.apply([Delete("fiche-0002", 4)])]
    promesses.append(await moteur.apply([Upsert(fiche(1, v=3)), Upsert(fiche(2, v=2))]))
    assert (await moteur.receipt(promesses[0])).state == "pending"
    faux.relacher()
    for promesse in promesses:
        await tenir(moteur, promesse)
    versions = await _versions(moteur)
    assert versions["fiche-0001"] == 5
    assert "fiche-0002" not in versions


async def test_sans_comparer_avant_d_envoyer_une_version_ancienne_reviendrait(
    moteur: MoteurMeilisearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ecrire(moteur, [Upsert(fiche(1, v=5))])

    async def tout(_versions: Versions, operations: list[object], _administration: object) -> list[object]:
        return operations

    monkeypatch.setattr(Versions, "retenir", tout)
    await ecrire(moteur, [Upsert(fiche(1, v=3))])
    assert (await _versions(moteur))["fiche-0001"] == 3


async def test_un_autre_processus_attend_ce_que_le_precedent_avait_envoye(
    faux: FauxMeilisearch, moteur: MoteurMeilisearch
) -> None:
    faux.retenir()
    await moteur.apply([Upsert(fiche(1, v=5))])
    suivant = MoteurMeilisearch(faux.url, faux.maitresse)
    faux.relacher()
    await ecrire(suivant, [Upsert(fiche(1, v=4))])
    assert (await _versions(suivant))["fiche-0001"] == 5
    await suivant.close()


async def test_une_tache_acceptee_puis_echouee_est_dite_et_peut_etre_renvoyee(
    faux: FauxMeilisearch, moteur: MoteurMeilisearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as sans_garde:
        sans_garde.setattr("annuaire.recherche.meilisearch.documents._point", lambda _: {"_geo": {"lat": "nord"}})
        promesse = await moteur.apply([Upsert(fiche(3, v=2)), Upsert(fiche(4, v=2))])
        while (etat := await moteur.receipt(promesse)).state == "pending":
            pass
    assert etat.state == "failed"
    assert etat.error is not None
    assert "invalid_document_geo_field" in etat.error
    assert (await _versions(moteur))["fiche-0004"] == 1
    await ecrire(moteur, [Upsert(fiche(3, v=2)), Upsert(fiche(4, v=2))])
    assert (await _versions(moteur))["fiche-0004"] == 2


async def test_un_identifiant_que_le_serveur_refuserait_n_emporte_pas_le_lot(moteur: MoteurMeilisearch) -> None:
    promesse = await moteur.apply([Upsert(replace(fiche(5, v=2), id="né à côté")), Upsert(fiche(6, v=2))])
    while (etat := await moteur.receipt(promesse)).state == "pending":
        pass
    assert etat.state == "failed"
    assert set(etat.failed) == {"né à côté"}
    assert (await _versions(moteur))["fiche-0006"] == 2
    generation = await moteur.begin_rebuild()
    with pytest.raises(ValueError, match="Identifiant"):
        await moteur.load(generation, [replace(fiche(5), id="né à côté")])


async def test_un_point_hors_de_la_terre_est_laisse_de_cote(moteur: MoteurMeilisearch) -> None:
    for rang, (lat, lng) in enumerate([(91.0, 2.0), (45.0, 181.0), (float("nan"), 2.0), (float("inf"), 2.0)]):
        await ecrire(moteur, [Upsert(replace(fiche(rang, v=9), lat=lat, lng=lng, visible=True))])
    assert len(await _versions(moteur)) == 20


async def test_un_lot_trop_gros_est_coupe_en_deux_jusqu_a_passer(
    moteur: MoteurMeilisearch, faux: FauxMeilisearch
) -> None:
    un = len(json.dumps(faux.instance.indices["annuaire"].fiches["fiche-0001"].document))
    faux.octets_max = 4 * un
    await ecrire(moteur, [Upsert(fiche(rang, v=2)) for rang in range(20)])
    assert set((await _versions(moteur)).values()) == {2}
    faux.octets_max = un // 2
    with pytest.raises(EngineUnavailable) as refus:
        await moteur.apply([Upsert(fiche(1, v=3))])
    assert refus.value.contexte["code"] == "payload_too_large"


async def test_des_lots_bornes_font_plusieurs_taches(
    moteur: MoteurMeilisearch, faux: FauxMeilisearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ecriture, "DOCUMENTS_MAX", 7)
    avant = faux.appels["POST /indexes/annuaire/documents"]
    await ecrire(moteur, [Upsert(fiche(rang, v=2)) for rang in range(20)])
    assert faux.appels["POST /indexes/annuaire/documents"] - avant == 3


async def test_un_disque_plein_arrete_les_ecritures_et_laisse_les_lectures(
    moteur: MoteurMeilisearch, faux: FauxMeilisearch
) -> None:
    faux.refuser_taches = "no_space_left_on_device"
    with pytest.raises(EngineUnavailable, match="ne peut plus écrire") as refus:
        await moteur.apply([Upsert(fiche(1, v=2))])
    assert refus.value.contexte == {"statut": 422, "code": "no_space_left_on_device", "panne": True}
    assert (await moteur.search(ActorQuery())).total > 0
    faux.refuser_taches = None
    await ecrire(moteur, [Upsert(fiche(1, v=2))])


async def test_une_file_pleine_est_une_panne_et_le_dit(moteur: MoteurMeilisearch, faux: FauxMeilisearch) -> None:
    faux.deborder = True
    with pytest.raises(EngineUnavailable, match="débordé"):
        await moteur.search(ActorQuery())


async def test_un_serveur_vide_demande_une_reconstruction(moteur: MoteurMeilisearch, faux: FauxMeilisearch) -> None:
    promesse = await moteur.apply([Upsert(fiche(1, v=2))])
    faux.vider()
    with pytest.raises(EngineUnavailable, match="refuse la clé"):
        await moteur.search(ActorQuery())
    assert (await moteur.receipt(promesse)).state == "failed"
    with pytest.raises(EngineUnavailable, match="L'index manque"):
        await moteur.search(ActorQuery())
    assert (await moteur.stats()).generation == ""
    with pytest.raises(EngineUnavailable):
        await moteur.apply([Upsert(fiche(1, v=3))])
    assert not (await moteur.health()).up
    generation = await moteur.begin_rebuild()
    await moteur.load(generation, [fiche(rang) for rang in range(20)])
    await moteur.promote(generation)
    assert (await moteur.search(ActorQuery())).generation == generation
    await ecrire(moteur, [Upsert(fiche(1, v=3))])
    assert (await _versions(moteur))["fiche-0001"] == 3


async def test_un_echange_attend_ce_qui_est_en_route(moteur: MoteurMeilisearch, faux: FauxMeilisearch) -> None:
    generation = await moteur.begin_rebuild()
    await moteur.load(generation, [fiche(rang) for rang in range(20)])
    faux.instance.inscrire(
        "documentAdditionOrUpdate", "annuaire", lambda: faux.instance.ou_creer("annuaire").ajouter([{"id": "perdue"}])
    )
    await moteur.promote(generation)
    ordre = [t.genre for t in faux.instance.taches if t.genre in ("indexSwap", "documentAdditionOrUpdate")]
    assert ordre[-1] == "indexSwap"
    assert "perdue" not in faux.instance.indices["annuaire"].fiches


async def test_l_index_d_avant_est_garde_jusqu_au_suivant(moteur: MoteurMeilisearch, faux: FauxMeilisearch) -> None:
    for _ in range(3):
        generation = await moteur.begin_rebuild()
        await moteur.load(generation, [fiche(rang) for rang in range(20)])
        await moteur.promote(generation)
    assert sorted(faux.instance.indices) == ["annuaire", f"annuaire__{generation}"]


async def test_une_reconstruction_interrompue_est_reprise_par_un_autre(
    moteur: MoteurMeilisearch, faux: FauxMeilisearch
) -> None:
    generation = await moteur.begin_rebuild()
    await moteur.load(generation, [fiche(rang) for rang in range(10)])
    await moteur.verify(generation, {})
    suivant = MoteurMeilisearch(faux.url, faux.maitresse)
    await suivant.load(generation, [fiche(rang) for rang in range(20)])
    rapport = await suivant.verify(generation, {f"fiche-{rang:04d}": 1 for rang in range(20)})
    assert rapport.ok
    assert rapport.found == 20
    await suivant.abandon(generation)
    assert sorted(faux.instance.indices) == ["annuaire"]
    await suivant.close()


async def test_une_generation_dont_une_tache_a_echoue_n_est_pas_promue(
    moteur: MoteurMeilisearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = await moteur.begin_rebuild()
    with monkeypatch.context() as sans_garde:
        sans_garde.setattr("annuaire.recherche.meilisearch.documents._point", lambda _: {"_geo": {"lat": "nord"}})
        await moteur.load(generation, [fiche(1)])
    rapport = await moteur.verify(generation, {"fiche-0001": 1})
    assert not rapport.ok
    assert "invalid_document_geo_field" in rapport.faults[0]
    with pytest.raises(EngineUnavailable):
        await moteur.promote(generation)


async def test_chaque_cle_ne_peut_que_ce_qui_est_a_elle(moteur: MoteurMeilisearch, faux: FauxMeilisearch) -> None:
    recherche = Administration(faux.url, "", "annuaire")
    recherche._cle = cle_de(faux.maitresse, "annuaire", "search")
    with pytest.raises(EngineUnavailable, match="refuse la clé"):
        await recherche.ecrire("annuaire", b'{"id": 1}\n')
    await recherche.fermer()
    indexeur = Administration(faux.url, "", "annuaire")
    indexeur._cle = cle_de(faux.maitresse, "annuaire", "indexer")
    with pytest.raises(EngineUnavailable, match="refuse la clé"):
        await indexeur.ecrire("d-un-autre", b'{"id": 1}\n')
    await indexeur.fermer()
    sans = ClientDeRecherche(faux.url)
    await sans.sante()
    with pytest.raises(EngineUnavailable) as refus:
        await sans.multi([{"indexUid": "annuaire"}])
    assert refus.value.contexte["statut"] == 401
    await sans.fermer()


async def test_une_tache_d_administration_qui_echoue_leve(faux: FauxMeilisearch) -> None:
    administration = Administration(faux.url, faux.maitresse, "annuaire")
    await administration.preparer()
    with pytest.raises(TacheEchouee) as echec:
        await administration.echanger("annuaire", "annuaire__absente")
    assert echec.value.tache.code == "index_not_found"
    await administration.supprimer("annuaire__absente")
    await administration.fermer()


async def test_les_mots_de_la_fiche_qui_repondent_sont_rendus_sur_demande(moteur: MoteurMeilisearch) -> None:
    page = await moteur.search(ActorQuery(q="conseiller numérique", highlight=True))
    assert page.total > 0
    assert all(set(hit.matched_words) == {"conseiller", "numerique"} for hit in page.hits)
    assert not (await moteur.search(ActorQuery(q="conseiller numérique"))).hits[0].matched_words


async def test_le_total_est_exact_au_dela_de_ce_qui_se_feuillette(faux: FauxMeilisearch) -> None:
    moteur = MoteurMeilisearch(faux.url, faux.maitresse)
    await ecrire(moteur, [Upsert(replace(fiche(rang), visible=True)) for rang in range(1_030)])
    page = await moteur.search(ActorQuery())
    assert (page.total, page.total_is_floor) == (1_000, True)
    assert await moteur.count(ActorQuery()) == 1_030
    await moteur.close()


async def test_les_communes_se_cherchent_par_leur_code(moteur: MoteurMeilisearch) -> None:
    codes = [f"{rang:05d}" for rang in range(33_000, 33_200)]
    situees = [replace(fiche(rang, v=2), visible=True, facets={"commune_insee": (c,)}) for rang, c in enumerate(codes)]
    await ecrire(moteur, [Upsert(situee) for situee in situees])
    assert [v.value for v in await moteur.facet_values("commune_insee", "3310", ActorQuery())] == codes[100:110]
