"""Reading places: filters, pages that hold while lists are applied, tags, refusals that help."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.fabriques.annuaire import COMMUNES, RACINE, Annuaire, lieu, liste

pytestmark = pytest.mark.anyio

SANS_PUBLIC = "Ce lieu n'accueille pas de public"


async def noms(annuaire: Annuaire, **filtres: Any) -> set[str]:
    return {lu["nom"] for lu in await annuaire.tous("/lieux", **filtres)}


async def test_un_lieu_porte_les_noms_du_standard_et_les_notres(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(licence="ODbL-1.0")
    await annuaire.synchroniser(source, [lieu(1, telephone="01 99 00 12 34")])
    [lu] = (await annuaire.lieux(source)).values()
    assert (lu["code_insee"], lu["departement"], lu["region"], lu["fuseau"]) == ("21231", "21", "27", "Europe/Paris")
    assert (lu["telephone"], lu["telephones"]) == ("+33199001234", ["+33199001234"])
    assert (lu["sources"], lu["licence"], lu["qpv"], lu["version"]) == ([source], "ODbL-1.0", None, 1)
    detail = await annuaire.get(f"/lieux/{lu['id']}")
    assert detail.json() == lu


@pytest.mark.parametrize(
    ("filtre", "valeurs", "rangs"),
    [
        ("code_insee", ["21231"], {1}),
        ("code_insee", ["21231", "38185"], {0, 1}),
        ("code_postal", ["97400"], {3}),
        ("departement", ["35"], {2}),
        ("departement", ["973", "974"], {3, 4}),
        ("region", ["84"], {0}),
        ("epci", ["200040715"], {0}),
    ],
)
async def test_les_valeurs_d_un_filtre_s_ajoutent(
    annuaire: Annuaire, filtre: str, valeurs: list[str], rangs: set[int]
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(len(COMMUNES)))
    assert await noms(annuaire, source=source, **{filtre: valeurs}) == {lieu(rang)["nom"] for rang in rangs}


async def test_les_filtres_se_croisent(annuaire: Annuaire) -> None:
    une, autre = await annuaire.creer_source(), await annuaire.creer_source()
    await annuaire.synchroniser(une, liste(5))
    await annuaire.synchroniser(autre, liste(5, nom="Autre"))
    assert await noms(annuaire, source=[une, autre], departement="21") == {lieu(1)["nom"], "Autre"}
    assert await noms(annuaire, source=autre, departement="21", code_postal="38000") == set()


async def test_une_ville_comprend_ses_arrondissements(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    paris = {"commune": "Paris", "latitude": None, "longitude": None, "code_insee": None}
    await annuaire.synchroniser(
        source,
        [lieu(0, **paris, code_postal="75010", nom="Dixième"), lieu(1, **paris, code_postal="75011", nom="Onzième")],
    )
    assert await noms(annuaire, source=source, code_insee="75056") == {"Dixième", "Onzième"}
    assert await noms(annuaire, source=source, code_insee="75110") == {"Dixième"}


async def test_compte_exact_donne_le_total_des_filtres(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(10))
    reponse = (await annuaire.get("/lieux", source=source, departement="21", limite=1, compte="exact")).json()
    assert (reponse["total"], len(reponse["elements"])) == (2, 1)
    assert "total" not in (await annuaire.get("/lieux", source=source, limite=1)).json()


async def test_les_pages_montrent_chaque_lieu_une_fois_pendant_qu_une_autre_liste_s_applique(
    annuaire: Annuaire,
) -> None:
    stable, mouvante = await annuaire.creer_source(), await annuaire.creer_source()
    await annuaire.synchroniser(stable, liste(60))
    await annuaire.synchroniser(mouvante, liste(60))

    async def remuer() -> None:
        for tour in range(4):
            lignes = liste(55, presentation_resume=f"Tour {tour}") + liste(5, depuis=1000 + tour * 10)
            await annuaire.synchroniser(mouvante, lignes)

    remous = asyncio.create_task(remuer())
    marches = 0
    while not remous.done():
        lus = await annuaire.tous("/lieux", source=[stable, mouvante], limite=7)
        ids = [lu["id"] for lu in lus]
        assert len(ids) == len(set(ids))
        assert {lu["nom"] for lu in lus if lu["sources"] == [stable]} == {ligne["nom"] for ligne in liste(60)}
        marches += 1
    await remous
    assert marches > 1


async def test_le_lien_suivant_est_absolu_et_mene_a_la_suite(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    premiere = await annuaire.get("/lieux", source=source, limite=2)
    adresse = premiere.links["next"]["url"]
    base = annuaire.contexte.socle.url_publique
    assert adresse.startswith(f"{base}{RACINE}/lieux?")
    suite = (await annuaire.get(adresse.removeprefix(base))).json()
    assert (len(suite["elements"]), suite["suivant"]) == (1, None)


async def test_le_filtre_qpv_sans_couche_est_refuse_et_non_vide(annuaire: Annuaire) -> None:
    assert annuaire.contexte.situeur.couche is None
    reponse = await annuaire.get("/lieux", qpv="QN07501M")
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (400, "couche-absente")


async def test_un_parametre_inconnu_est_refuse_avec_le_plus_proche(annuaire: Annuaire) -> None:
    reponse = await annuaire.get("/lieux", departemnt="21")
    assert reponse.status_code == 400
    assert "departement" in reponse.json()["detail"]
    assert reponse.json()["erreurs"][0]["pointer"] == "departemnt"


@pytest.mark.parametrize(
    "parametres",
    [
        {"limite": 0}, {"limite": 501}, {"curseur": "n'importe quoi"}, {"departement": "1"}, {"code_insee": "abc"},
        {"rayon": 10}, {"sans_public": "true"}, {"proche": "91,0"}, {"proche": "0,181"}, {"proche": "paris"},
        {"proche": "48,2", "rayon": 0}, {"proche": "48,2", "rayon": 100_001}, {"compte": "environ"},
        {"source": "Majuscule"}, {"proche": "nan,inf"}, {"departement": ["21"] * 101},
    ],
)  # fmt: skip
async def test_une_valeur_hors_limites_est_un_400(annuaire: Annuaire, parametres: dict[str, Any]) -> None:
    reponse = await annuaire.get("/lieux", **parametres)
    assert reponse.status_code == 400
    assert reponse.headers["content-type"] == "application/problem+json"


async def test_sans_public_ajoute_les_lieux_fermes_au_public(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    point = {"latitude": 47.32, "longitude": 5.04}
    await annuaire.synchroniser(
        source, [lieu(1, **point), lieu(6, **point, nom="Fermé au public", modalites_acces=SANS_PUBLIC)]
    )
    question = {"proche": "47.32,5.04", "rayon": 1, "source": source}
    assert await noms(annuaire, **question) == {lieu(1)["nom"]}
    assert await noms(annuaire, **question, sans_public="true") == {lieu(1)["nom"], "Fermé au public"}
    assert await noms(annuaire, source=source) == {lieu(1)["nom"], "Fermé au public"}


async def test_proche_suit_chaque_changement(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    question = {"proche": "47.9,4.9", "rayon": 100, "source": source}
    ici = {"latitude": 47.9, "longitude": 4.9}
    await annuaire.synchroniser(source, [lieu(1, **ici), lieu(6)])
    assert await noms(annuaire, **question) == {lieu(1)["nom"]}
    await annuaire.synchroniser(source, [lieu(1), lieu(6, **ici)])
    assert await noms(annuaire, **question) == {lieu(6)["nom"]}
    await annuaire.synchroniser(source, [lieu(1)])
    assert await noms(annuaire, **question) == set()


async def test_une_page_inchangee_repond_304_puis_200_apres_un_changement(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(2))
    premiere = await annuaire.get("/lieux", source=source)
    etag = premiere.headers["etag"]
    assert etag.startswith('W/"')
    encore = await annuaire.get("/lieux", source=source, entetes={"If-None-Match": etag})
    assert (encore.status_code, encore.content, encore.headers["etag"]) == (304, b"", etag)
    autre = await annuaire.get("/lieux", source=source, limite=1, entetes={"If-None-Match": etag})
    assert autre.status_code == 200
    await annuaire.synchroniser(source, liste(3))
    apres = await annuaire.get("/lieux", source=source, entetes={"If-None-Match": etag})
    assert (apres.status_code, len(apres.json()["elements"])) == (200, 3)


async def test_un_lieu_inchange_repond_304_jusqu_a_sa_version_suivante(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(2))
    [un, _] = (await annuaire.lieux(source)).values()
    premiere = await annuaire.get(f"/lieux/{un['id']}")
    etag = premiere.headers["etag"]
    assert not etag.startswith("W/")
    assert "last-modified" in premiere.headers
    encore = await annuaire.get(f"/lieux/{un['id']}", entetes={"If-None-Match": etag})
    assert (encore.status_code, encore.content) == (304, b"")
    await annuaire.synchroniser(source, liste(2, telephone="01 99 00 12 34"))
    apres = await annuaire.get(f"/lieux/{un['id']}", entetes={"If-None-Match": etag})
    assert (apres.status_code, apres.json()["version"]) == (200, 2)


async def test_un_lieu_inconnu_est_un_404(annuaire: Annuaire) -> None:
    reponse = await annuaire.get(f"/lieux/{uuid4()}")
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (404, "lieu-inconnu")
    assert 400 <= (await annuaire.get("/lieux/pas-un-uuid")).status_code < 500


async def test_sans_jeton_rien_ne_se_lit(annuaire: Annuaire) -> None:
    assert (await annuaire.get("/lieux", qui=None)).status_code == 401
