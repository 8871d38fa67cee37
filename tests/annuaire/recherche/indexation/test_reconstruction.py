"""An index built anew, beside the one that answers: whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from annuaire.recherche.embarque import generations
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.indexation import indexeur as indexeurs
from annuaire.recherche.indexation import reconstruction
from annuaire.recherche.indexation.carnets import CarnetDeDossier, CarnetEnBase, PlusChef, Suivi
from annuaire.recherche.indexation.service import Indexation
from annuaire.recherche.port import ActorQuery, Delete, EngineUnavailable, Upsert
from socle.donnees import feed
from socle.donnees.db import sqlite_api
from socle.horloge import maintenant

from tests.annuaire.recherche.fiches import fiche
from tests.annuaire.recherche.indexation.conftest import Fabrique, attendues, mener, montrees
from tests.fabriques.annuaire import Annuaire, liste, ouvrir
from tests.fabriques.horloge import Horloge
from tests.fabriques.moteur_double import Mort, MoteurDouble

pytestmark = pytest.mark.anyio


async def test_les_changements_faits_pendant_ce_temps_sont_dans_le_nouvel_index(
    seul: Annuaire, fabriquer: Fabrique, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconstruction, "LOT", 5)
    moteur = MoteurEmbarque(tmp_path)
    suiveur = fabriquer(seul, moteur, dossier=tmp_path)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(20, nom="Kakapo"))
    await mener(suiveur)
    ancienne = suiveur.generation
    charger, tours, vues = suiveur.envoi.charger, 0, set()

    async def charger_et_changer(generation: str, documents: Any) -> None:
        nonlocal tours
        await charger(generation, documents)
        tours += 1
        if tours == 2:
            # some changed, some gone, some new, before and after what is already loaded
            await seul.synchroniser(source, liste(22, depuis=2, nom="Kakapo", telephone="01 99 00 12 34"))
            await suiveur.suivre()
        page = await moteur.search(ActorQuery(q="kakapo"))
        vues.add((page.generation, page.total))

    monkeypatch.setattr(suiveur.envoi, "charger", charger_et_changer)
    suiveur.motif = "demande"
    await mener(suiveur)
    assert tours >= 4
    assert vues == {(ancienne, 20), (ancienne, 22)}
    assert suiveur.generation != ancienne
    assert await montrees(moteur) == await attendues(seul)
    assert suiveur.derniere is not None
    assert suiveur.derniere["reussie"]
    await moteur.close()


@pytest.mark.parametrize("geste", ["begin_rebuild", "load", "verify", "promote"])
async def test_arretee_n_importe_ou_l_ancien_index_reste_et_la_suivante_aboutit(
    seul: Annuaire, fabriquer: Fabrique, geste: str
) -> None:
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    await seul.synchroniser(await seul.creer_source(), liste(3))
    await mener(suiveur)
    ancienne = moteur.courante
    moteur.mourir_a = geste
    # the process dies there: nothing is dropped in good order
    abandonner, moteur.abandon = moteur.abandon, _mourir  # type: ignore[method-assign]
    with pytest.raises(Mort):
        await reconstruction.reconstruire(suiveur, "demande")
    moteur.abandon = abandonner  # type: ignore[method-assign]
    assert moteur.courante == ancienne
    await suiveur.carnet.rendre()
    suivant = fabriquer(seul, moteur, nom=suiveur.nom)
    await mener(suivant)
    assert moteur.chantiers == set()
    suivant.motif = "demande"
    await mener(suivant)
    assert moteur.courante != ancienne
    assert await montrees(moteur) == await attendues(seul)


async def _mourir(_generation: str) -> None:
    raise RuntimeError(_generation)


async def test_un_index_auquel_il_manque_une_fiche_n_est_pas_mis_en_vigueur(
    seul: Annuaire, fabriquer: Fabrique, monkeypatch: pytest.MonkeyPatch
) -> None:
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(4))
    await mener(suiveur)
    ancienne, charger = moteur.courante, suiveur.envoi.charger

    async def en_oublier_une(generation: str, documents: Any) -> None:
        await charger(generation, documents[1:])

    monkeypatch.setattr(suiveur.envoi, "charger", en_oublier_une)
    with pytest.raises(reconstruction.IndexRefuse):
        await reconstruction.reconstruire(suiveur, "demande")
    assert moteur.courante == ancienne
    assert moteur.chantiers == set()


@pytest.mark.parametrize("touche", ["reglages", "documents", "version"])
async def test_d_autres_reglages_demandent_un_autre_index(
    seul: Annuaire, fabriquer: Fabrique, tmp_path: Path, touche: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moteur: Any = MoteurEmbarque(tmp_path) if touche == "version" else MoteurDouble()
    dossier = tmp_path if touche == "version" else None
    suiveur = fabriquer(seul, moteur, dossier=dossier)
    await mener(suiveur)
    ancienne = suiveur.generation
    await suiveur.carnet.rendre()
    if touche == "reglages":
        moteur.reglages = "double-2"
    elif touche == "documents":
        monkeypatch.setattr(indexeurs, "VERSION", 99)
    else:
        monkeypatch.setattr(generations, "VERSION", 99)
    suivant = fabriquer(seul, moteur, dossier=dossier, nom=suiveur.nom)
    await mener(suivant)
    assert suivant.generation != ancienne
    assert await montrees(moteur) == await attendues(seul)
    # and only once
    encore = suivant.generation
    await mener(suivant)
    assert suivant.generation == encore
    await moteur.close()


async def test_une_base_restauree_refait_l_index(fabriquer: Fabrique, tmp_path: Path) -> None:
    chemin, sauvegarde = tmp_path / "annuaire.db", tmp_path / "sauvegarde.db"
    async with ouvrir(tmp_path / "avant", f"sqlite:{chemin}") as annuaire:
        source = await annuaire.creer_source()
        await annuaire.synchroniser(source, liste(6))
        with contextlib.closing(sqlite_api.connect(chemin)) as connexion:
            connexion.execute(f"VACUUM INTO '{sauvegarde}'")
        await annuaire.synchroniser(source, liste(6, telephone="01 99 00 12 34"))
        moteur = MoteurDouble()
        suiveur = fabriquer(annuaire, moteur, nom="double", carnet=CarnetDeDossier(tmp_path / "carnet"))
        (tmp_path / "carnet").mkdir()
        vraie = moteur.begin_rebuild

        async def commencer() -> str:
            generation = await vraie()
            (tmp_path / "carnet" / generation).mkdir()
            return generation

        moteur.begin_rebuild = commencer  # type: ignore[method-assign]
        await mener(suiveur)
        await suiveur.carnet.rendre()
    for suffixe in ("-wal", "-shm"):
        Path(f"{chemin}{suffixe}").unlink(missing_ok=True)  # noqa: ASYNC240
    shutil.copy(sauvegarde, chemin)
    async with ouvrir(tmp_path / "apres", f"sqlite:{chemin}") as annuaire:
        async with annuaire.base.write() as session:
            await feed.ouvrir_epoque(session, le=maintenant())
        suivant = fabriquer(annuaire, moteur, nom="double", carnet=CarnetDeDossier(tmp_path / "carnet"))
        await mener(suivant)
        assert suivant.derniere is not None
        assert suivant.derniere["motif"] == "base restaurée"
        assert await montrees(moteur) == await attendues(annuaire)
        # what is written in the restored directory is later than all that was ever told
        await annuaire.synchroniser(source, liste(6, telephone="01 99 00 12 35"))
        await mener(suivant)
        assert await montrees(moteur) == await attendues(annuaire)


async def test_un_ecart_est_trouve_compte_et_repare(seul: Annuaire, fabriquer: Fabrique, tmp_path: Path) -> None:
    moteur = MoteurEmbarque(tmp_path)
    suiveur = fabriquer(seul, moteur, dossier=tmp_path)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(8))
    await mener(suiveur)
    generation, attendu = suiveur.generation, await attendues(seul)
    await suiveur.verifier()
    assert suiveur.verification is not None
    assert (suiveur.verification["ecarts"], suiveur.verification["fiches"]) == (0, len(attendu))
    # a stranger, which the directory never had
    await moteur.apply([Upsert(replace(fiche(1), id="01a20fde-acde-79fa-beea-e13f05b4ed50"))])
    await suiveur.verifier()
    assert (suiveur.verification["ecarts"], suiveur.verification["repares"]) == (1, 1)
    assert await montrees(moteur) == attendu
    assert suiveur.generation == generation
    # a record removed at a version that the directory has not reached can't be told again: the index is built anew
    [enleve] = list(attendu)[3:4]
    await moteur.apply([Delete(enleve, attendu[enleve] + 1)])
    await suiveur.verifier()
    assert (suiveur.verification["ecarts"], suiveur.verification["repares"]) == (1, 0)
    await mener(suiveur)
    assert suiveur.generation != generation
    assert await montrees(moteur) == attendu
    compte = suiveur.mesures.derive.labels(suiveur.nom)._value.get()
    assert compte == 2
    # wiped while the service lives
    shutil.rmtree(tmp_path)
    await mener(suiveur)
    assert await montrees(moteur) == attendu
    await moteur.close()


async def test_une_version_plus_ancienne_est_redite(seul: Annuaire, fabriquer: Fabrique) -> None:
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(5))
    await mener(suiveur)
    attendu = await attendues(seul)
    contenu = moteur.generations[moteur.courante or ""]
    vieille, perdue = list(attendu)[:2]
    contenu[vieille] = (0, contenu[vieille][1])
    del contenu[perdue]
    await suiveur.verifier()
    assert suiveur.verification is not None
    assert (suiveur.verification["ecarts"], suiveur.verification["repares"]) == (2, 2)
    assert await montrees(moteur) == attendu


async def test_un_second_processus_attend_puis_prend_la_suite(
    seul: Annuaire, fabriquer: Fabrique, tmp_path: Path
) -> None:
    premier_moteur, second_moteur = MoteurEmbarque(tmp_path), MoteurEmbarque(tmp_path)
    premier = fabriquer(seul, premier_moteur, dossier=tmp_path)
    second = fabriquer(seul, second_moteur, dossier=tmp_path)
    await mener(premier)
    assert await second.avancer() is False
    assert (premier.chef, second.chef) == (True, False)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(5))
    await mener(premier)
    # the one that waits shows what the other wrote, and writes nothing
    assert await montrees(second_moteur) == await attendues(seul)
    assert await second.avancer() is False
    await premier_moteur.close()
    await premier.carnet.rendre()
    await seul.synchroniser(source, liste(9))
    await mener(second)
    assert second.chef
    assert await montrees(second_moteur) == await attendues(seul)
    await second_moteur.close()
    await second.carnet.rendre()


async def test_un_processus_en_veille_sait_de_combien_l_index_qu_un_autre_nourrit_est_en_retard(
    seul: Annuaire, fabriquer: Fabrique, tmp_path: Path
) -> None:
    premier = fabriquer(seul, MoteurEmbarque(tmp_path), dossier=tmp_path)
    second = fabriquer(seul, MoteurEmbarque(tmp_path), dossier=tmp_path, nom="embarque")
    indexation = Indexation(indexeurs=[second])
    assert indexation.retard("embarque") is None
    await mener(premier)
    await second.avancer()
    assert (second.chef, second.generation) == (False, premier.generation)
    assert indexation.retard("embarque") == 0.0
    await seul.synchroniser(await seul.creer_source(), liste(1))
    second._observer_a = 0.0
    await second.avancer()
    assert (indexation.retard("embarque") or 0.0) > 0.0
    for suiveur in (premier, second):
        await suiveur.moteur.close()
        await suiveur.carnet.rendre()


async def test_le_bail_d_un_moteur_serveur_n_est_qu_a_un_processus(annuaire: Annuaire) -> None:
    horloge = Horloge()
    un, autre = (CarnetEnBase(annuaire.base, "partage", horloge=horloge) for _ in range(2))
    assert await un.prendre()
    assert not await autre.prendre()
    await un.noter("g1", Suivi(12, "r"), taches=["t1"])
    assert await autre.lire("g1") == Suivi(12, "r")
    assert await autre.taches() == ["t1"]
    assert await autre.lire("g2") is None
    with pytest.raises(PlusChef):
        await autre.noter("g1", Suivi(13, "r"))
    # the first one does not renew: its lease ends
    horloge.instant += timedelta(seconds=31)
    assert await autre.prendre()
    with pytest.raises(PlusChef):
        await un.noter("g1", Suivi(14, "r"))
    assert await un.lire("g1") == Suivi(12, "r")
    await autre.rendre()
    assert await un.prendre()
    await un.rendre()


async def test_un_carnet_illisible_ne_dit_rien(tmp_path: Path) -> None:
    carnet = CarnetDeDossier(tmp_path)
    (tmp_path / "g").mkdir()
    await carnet.noter("g", Suivi(7, "r"))
    assert await carnet.lire("g") == Suivi(7, "r")
    for contenu in ("", "{", "[]", json.dumps({"position": "x", "reglages": "r"})):
        (tmp_path / "g" / "suivi.json").write_text(contenu)
        assert await carnet.lire("g") is None


async def test_la_boucle_survit_aux_pannes(seul: Annuaire, fabriquer: Fabrique) -> None:
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    moteur.panne = "moteur arrêté"
    boucle = asyncio.create_task(suiveur.tourner())
    async with asyncio.timeout(10):
        await _quand(lambda: suiveur.erreur is not None)
        assert "moteur arrêté" in str(suiveur.erreur)
        moteur.panne = None
        await _quand(lambda: suiveur.generation is not None)
    assert await montrees(moteur) == await attendues(seul)
    assert not boucle.done()
    boucle.cancel()
    with pytest.raises(asyncio.CancelledError):
        await boucle


async def _quand(vrai: Callable[[], bool]) -> None:
    while True:
        if vrai():
            return
        await asyncio.sleep(0.02)


async def test_un_moteur_injoignable_n_est_pas_reconstruit_pour_autant(seul: Annuaire, fabriquer: Fabrique) -> None:
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    await mener(suiveur)
    generation = moteur.courante
    moteur.panne = "moteur arrêté"
    suiveur._inspecter_a = 0.0
    with pytest.raises(EngineUnavailable):
        await suiveur.avancer()
    moteur.panne = None
    await mener(suiveur)
    assert moteur.courante == generation
