"""The feed as a consumer follows it: pages, cursors, caches, waiting."""

from __future__ import annotations

import asyncio

import pytest
from annuaire.changements import routes
from socle.donnees.feed import EPOQUE, NUMERO_MAX

from tests.annuaire.changements.conftest import Flux

pytestmark = pytest.mark.anyio


async def test_la_suite_vient_des_reglages_et_jamais_de_la_requete(flux: Flux) -> None:
    await flux.ecrire(1)
    page = await flux.page(Host="localhost", **{"X-Forwarded-Host": "pirate.exemple", "X-Forwarded-Proto": "http"})
    assert page["next"] == f"{flux.adresse()}?afterChangeNumber=1&limit=500"


async def test_la_derniere_page_est_sa_propre_suite(flux: Flux) -> None:
    await flux.ecrire(2)
    for requete in ("?afterChangeNumber=2&limit=500", "?afterChangeNumber=2", "?limit=7&afterChangeNumber=2"):
        page = await flux.page(requete=requete)
        assert (page["items"], page["next"]) == ([], flux.adresse() + requete)


async def test_la_suite_garde_la_taille_et_l_attente_demandees(flux: Flux) -> None:
    await flux.ecrire(3)
    page = await flux.page(requete="?limit=2&wait=20")
    assert page["next"] == f"{flux.adresse()}?afterChangeNumber=2&limit=2&wait=20"


async def test_une_fiche_porte_ses_donnees_et_une_disparition_n_en_porte_pas(flux: Flux) -> None:
    perdue, gardee = await flux.ecrire(2, retirer=1)
    vivante, pierre = (await flux.page())["items"]
    assert pierre == {"state": "deleted", "kind": "lieu", "id": str(perdue), "modified": 3}
    assert (vivante["id"], vivante["modified"], vivante["state"]) == (str(gardee), 2, "updated")
    assert vivante["data"]["modifie"] == 2


async def test_un_lecteur_a_jour_ne_recoit_que_ce_qui_a_change(flux: Flux) -> None:
    ids = await flux.ecrire(10)
    await flux.publier({ids[4]: None})
    page = await flux.page(requete="?afterChangeNumber=10")
    assert [element["id"] for element in page["items"]] == [str(ids[4])]


@pytest.mark.parametrize("curseur", [3, EPOQUE, EPOQUE + 40, NUMERO_MAX - 1])
async def test_un_curseur_du_futur_est_perdu_et_dit_ou_reprendre(flux: Flux, curseur: int) -> None:
    await flux.ecrire(2)
    reponse = await flux.lire(f"{flux.adresse()}?afterChangeNumber={curseur}")
    assert reponse.status_code == 410
    probleme = reponse.json()
    assert probleme["type"].endswith("/curseur-perdu")
    assert probleme["reprise"] == flux.adresse()
    assert reponse.headers["cache-control"] == "no-store"


async def test_apres_une_restauration_le_curseur_d_avant_continue_et_celui_d_apres_est_perdu(flux: Flux) -> None:
    await flux.ecrire(5)
    await flux.restaurer()
    (nouvelle,) = await flux.ecrire(1)
    page = await flux.page(requete="?afterChangeNumber=5")
    assert [(e["id"], e["modified"]) for e in page["items"]] == [(str(nouvelle), EPOQUE + 6)]
    assert (await flux.lire(f"{flux.adresse()}?afterChangeNumber=6")).status_code == 410


async def test_les_caches_gardent_une_page_et_relisent_la_derniere(flux: Flux) -> None:
    await flux.ecrire(2)
    caches = [
        (await flux.lire(f"{flux.adresse()}?{requete}")).headers["cache-control"]
        for requete in ("limit=1", "limit=2", "limit=3", "afterChangeNumber=2", "wait=1", "afterChangeNumber=1&wait=1")
    ]
    heure, fin = "public, max-age=3600", "public, max-age=8"
    assert caches == [heure, heure, heure, fin, "no-store", "no-store"]


async def test_une_page_inchangee_repond_304_sans_corps(flux: Flux) -> None:
    await flux.ecrire(2)
    premiere = await flux.lire(flux.adresse())
    seconde = await flux.lire(flux.adresse(), **{"If-None-Match": f'"autre", {premiere.headers["etag"]}'})
    assert (seconde.status_code, seconde.content) == (304, b"")
    assert seconde.headers["etag"] == premiere.headers["etag"]
    assert seconde.headers["cache-control"] == premiere.headers["cache-control"]
    await flux.ecrire(1)
    troisieme = await flux.lire(flux.adresse(), **{"If-None-Match": premiere.headers["etag"]})
    assert troisieme.status_code == 200
    assert troisieme.headers["etag"] != premiere.headers["etag"]


async def test_l_attente_rend_le_changement_des_qu_il_est_visible(flux: Flux, monkeypatch: pytest.MonkeyPatch) -> None:
    tours = asyncio.Event()
    attendre = asyncio.sleep

    async def compter(_: float) -> None:
        tours.set()
        await attendre(0)

    with monkeypatch.context() as rapide:
        rapide.setattr(routes.asyncio, "sleep", compter)
        attente = asyncio.create_task(flux.page(requete="?wait=25"))
        await tours.wait()
        (id,) = await flux.ecrire(1)
        page = await attente
    assert [element["id"] for element in page["items"]] == [str(id)]


async def test_l_attente_finit_par_une_page_vide(flux: Flux, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "PAUSE", 0.01)
    page = await flux.page(requete="?wait=1")
    assert (page["items"], page["next"]) == ([], flux.adresse() + "?wait=1")


@pytest.mark.parametrize(
    "requete",
    ["afterChangeNumber=-1", "afterChangeNumber=x", f"afterChangeNumber={NUMERO_MAX + 1}", "afterChangeNumber=1.5",
     "limit=0", "limit=2001", "wait=26", "wait=-1", "afterTimestamp=1"],
)  # fmt: skip
async def test_un_parametre_impossible_est_refuse(flux: Flux, requete: str) -> None:
    reponse = await flux.lire(f"{flux.adresse()}?{requete}")
    assert reponse.status_code == 400, reponse.text
    assert reponse.headers["content-type"] == "application/problem+json"
    assert reponse.json()["erreurs"]


async def test_un_flux_inconnu_n_existe_pas(flux: Flux) -> None:
    assert (await flux.lire(flux.adresse("services"))).status_code in (400, 404)
