"""A good list spoilt in thirty-one ways is held or rejected: nothing is deleted, nothing of the directory changes."""

from __future__ import annotations

import collections
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
    avant, flux = await annuaire.lieux(source), len(await annuaire.flux())
    reponse = await annuaire.envoyer(
        source, gatee.fabriquer(bonne, autre(len(bonne))), type_mime=gatee.type_mime, attendre=25
    )
    corps = reponse.json()
    fin = "rejetee" if reponse.status_code >= 400 else corps["etat"]
    return fin, (await annuaire.lieux(source), len(await annuaire.flux())) == (avant, flux)


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
