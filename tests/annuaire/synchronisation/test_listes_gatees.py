"""A good list spoilt in thirty-one ways is held or rejected: nothing is deleted, nothing of the directory changes."""

from __future__ import annotations

import asyncio
import collections
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from annuaire.demonstration.__main__ import listes_du_standard
from annuaire.demonstration.generateur import engendrer
from annuaire.territoires.referentiel import Referentiel

from tests.fabriques.annuaire import CSV, Annuaire, en_csv, liste, ouvrir
from tests.fabriques.listes_gatees import GATEES, SANS_EFFET, Gatee

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def annuaire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Annuaire]:
    dossier: Path = tmp_path_factory.mktemp("gatees")
    async with ouvrir(dossier, f"sqlite:{dossier / 'annuaire.db'}", runs_par_heure=1000) as annuaire:
        yield annuaire


def autre(nombre: int) -> list[dict[str, Any]]:
    """Make the list of somebody else: other keys, other names, the same communes."""
    return [
        {**ligne, "id": f"autre-{rang}", "nom": f"Tiers-lieu fictif {rang}"}
        for rang, ligne in enumerate(liste(nombre, depuis=1))
    ]


async def envoyer(annuaire: Annuaire, gatee: Gatee, bonne: list[dict[str, Any]]) -> tuple[str, bool]:
    """Send a good list then its spoilt one; return the end of the second, and whether the directory is unchanged."""
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, en_csv(bonne), type_mime=CSV)
    return await gater(annuaire, source, gatee, bonne)


async def gater(annuaire: Annuaire, source: str, gatee: Gatee, bonne: list[dict[str, Any]]) -> tuple[str, bool]:
    """Send a spoilt list to a source where the good one is in force (`envoyer`)."""
    avant = await etat(annuaire, source)
    reponse = await annuaire.envoyer(
        source, gatee.fabriquer(bonne, autre(len(bonne))), type_mime=gatee.type_mime, attendre=25
    )
    assert reponse.status_code in (200, 202, 400, 415, 422), reponse.text
    fin = "rejetee"
    if reponse.status_code < 400:
        run = await annuaire.finir(reponse.json()["id"])
        fin = run["etat"]
        if fin == "retenue":
            assert (await annuaire.post(f"/synchronisations/{run['id']}/annulation")).status_code == 200
    await annuaire.finir_les_taches()
    return fin, await etat(annuaire, source) == avant


async def etat(annuaire: Annuaire, source: str) -> tuple[dict[str, Any], int]:
    """Take the places of a source, but for what the clock says of them, and how many changes there were."""
    lus = await annuaire.lieux(source)
    nus = {nom: {champ: dit for champ, dit in lu.items() if champ != "ouverture"} for nom, lu in lus.items()}
    return nus, len(await annuaire.flux())


def test_le_corpus_a_plus_de_trente_listes_differentes() -> None:
    bonne = liste(120)
    assert len(GATEES) == 31
    assert len({gatee.fabriquer(bonne, autre(120)) for gatee in GATEES}) == 31


@pytest.mark.parametrize("gatee", GATEES, ids=lambda gatee: gatee.nom)
async def test_une_liste_gatee_est_retenue_ou_rejetee(annuaire: Annuaire, gatee: Gatee) -> None:
    fin, intact = await envoyer(annuaire, gatee, liste(120))
    assert (fin in ("retenue", "rejetee"), intact) == (True, True), fin


@pytest.mark.parametrize("gatee", SANS_EFFET, ids=lambda gatee: gatee.nom)
async def test_une_liste_gatee_que_la_lecture_repare_ne_supprime_rien(annuaire: Annuaire, gatee: Gatee) -> None:
    fin, intact = await envoyer(annuaire, gatee, liste(120))
    assert intact, fin


@pytest.mark.epreuve
async def test_les_listes_gatees_de_la_demonstration_sont_retenues_ou_rejetees(annuaire: Annuaire) -> None:
    communes, listes = Referentiel.charger().communes(), listes_du_standard()
    bonne = [dict(ligne) for ligne in engendrer(communes, listes, nombre=1000)][::4]
    fins = collections.Counter[str]()
    for gatee in GATEES:
        fin, intact = await envoyer(annuaire, gatee, bonne)
        fins[f"{fin}, {'intact' if intact else 'CHANGÉ : ' + gatee.nom}"] += 1
    print(f"\n{len(GATEES)} listes gâtées : {dict(fins)}")
    assert sum(n for fin, n in fins.items() if fin in ("retenue, intact", "rejetee, intact")) == len(GATEES)


async def _partages(annuaire: Annuaire, source: str) -> int:
    return sum(len(lu["sources"]) > 1 for lu in await annuaire.tous("/lieux", source=source, limite=500))


def lignes_de(fichier: Path) -> list[dict[str, Any]]:
    """Read a real list as a spreadsheet would hold it: text cells, every column in every row."""
    lignes = json.loads(fichier.read_text("utf-8"))
    colonnes = list(dict.fromkeys(nom for ligne in lignes for nom in ligne))
    return [{nom: "" if ligne.get(nom) is None else str(ligne[nom]) for nom in colonnes} for ligne in lignes]


@pytest.mark.epreuve
@pytest.mark.donnees_reelles
@pytest.mark.parametrize("rapprochement", [False, True], ids=["seule", "partagee"])
async def test_les_listes_gatees_d_un_hub_sont_retenues_ou_rejetees(
    tmp_path: Path, jeux: Path, rapprochement: bool
) -> None:
    """One list of a Hub, spoilt thirty-one times in a row; its places are another list's too when they are joined."""
    bonne = lignes_de(jeux / "standard/hub-du-sud-v0.json")
    fins = collections.Counter[str]()
    url = f"sqlite:{tmp_path / 'annuaire.db'}"
    async with ouvrir(tmp_path, url, rapprochement=rapprochement, runs_par_heure=1000) as annuaire:
        source, voisine = await annuaire.creer_source(rang=80), await annuaire.creer_source(rang=60)
        await annuaire.synchroniser(source, en_csv(bonne), type_mime=CSV)
        autres = lignes_de(jeux / "standard/hub-du-sud-v1-partiel.json")
        await annuaire.synchroniser(voisine, en_csv(autres), type_mime=CSV)
        await annuaire.finir_les_taches(secondes=300)
        async with asyncio.timeout(30):
            # the first reading after many changes may be of the time before them
            while bool(partages := await _partages(annuaire, source)) != rapprochement:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        for gatee in GATEES:
            fin, intact = await gater(annuaire, source, gatee, bonne)
            fins[f"{fin}, {'intact' if intact else 'CHANGÉ : ' + gatee.nom}"] += 1
            if fin not in ("retenue", "rejetee"):
                print(f"\n{gatee.nom} : {fin}")
    print(f"\n{len(GATEES)} listes gâtées de {len(bonne)} lignes, {partages} lieux partagés : {dict(fins)}")
    assert (partages > 100) == rapprochement
    # this list, of version 0, names e-mails otherwise: an empty column `courriels` spoils nothing in it
    assert sum(n for fin, n in fins.items() if fin.endswith(", intact")) == len(GATEES)
    assert fins["retenue, intact"] + fins["rejetee, intact"] >= 30
