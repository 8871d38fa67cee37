"""The export: one state of the directory, numbered, whose end can be checked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from annuaire.lieux import repository

from tests.fabriques.annuaire import Annuaire, liste

pytestmark = pytest.mark.anyio


async def exporter(annuaire: Annuaire) -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
    reponse = await annuaire.get("/exports/lieux")
    assert reponse.status_code == 200
    assert reponse.headers["content-type"].startswith("application/x-ndjson")
    *lignes, fin = [json.loads(ligne) for ligne in reponse.text.splitlines()]
    return int(reponse.headers["change-number"]), lignes, fin


async def test_la_derniere_ligne_dit_combien_et_a_quel_numero(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, liste(7))
    numero, lignes, fin = await exporter(annuaire)
    assert fin == {"fin": True, "lignes": len(lignes), "changement_numero": numero}
    assert numero >= run["changement_numero"]
    assert sum(lu["sources"] == [source] for lu in lignes) == 7


async def test_une_ligne_est_le_document_du_lieu_sans_ce_qui_depend_de_l_heure(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    _, lignes, _ = await exporter(annuaire)
    lus = await annuaire.lieux(source)
    assert {lu.pop("ouverture")["etat"] for lu in lus.values()} == {"inconnu"}
    assert {lu["nom"]: lu for lu in lignes if lu["sources"] == [source]} == lus


async def test_l_export_et_le_flux_donnent_la_meme_copie(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    numero, lignes, _ = await exporter(annuaire)
    copie = {lu["id"]: lu for lu in lignes}
    await annuaire.synchroniser(source, liste(25, telephone="01 99 00 12 34") + liste(3, depuis=100))
    for change in await annuaire.flux(apres=numero):
        if change["state"] == "deleted":
            del copie[change["id"]]
        else:
            copie[change["id"]] = change["data"]
    _, apres, _ = await exporter(annuaire)
    assert copie == {lu["id"]: lu for lu in apres}


async def test_un_export_reste_dans_son_etat_pendant_qu_une_liste_s_applique(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(40))
    parcourir = repository.parcourir
    commence, continuer = asyncio.Event(), asyncio.Event()

    async def lentement(session: Any) -> Any:
        rang = 0
        async for octets in parcourir(session):
            yield octets
            rang += 1
            if rang == 1:
                commence.set()
                await continuer.wait()

    monkeypatch.setattr(repository, "parcourir", lentement)
    export = asyncio.create_task(exporter(annuaire))
    await commence.wait()
    run = await annuaire.synchroniser(source, liste(35, telephone="01 99 00 12 34") + liste(20, depuis=100))
    continuer.set()
    numero, lignes, fin = await export
    miens = [lu for lu in lignes if lu["sources"] == [source]]
    assert {lu["nom"] for lu in miens} == {ligne["nom"] for ligne in liste(40)}
    assert {lu["version"] for lu in miens} == {1}
    assert max(lu["modifie"] for lu in lignes) <= numero < run["changement_numero"]
    assert fin["lignes"] == len(lignes)


async def test_un_format_inconnu_est_refuse(annuaire: Annuaire) -> None:
    assert (await annuaire.get("/exports/lieux", format="pdf")).status_code == 400
