"""Search through its routes: what is found, told, refused, and what is said when nobody can answer."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from annuaire.recherche import fiches, hydrater
from annuaire.recherche.embarque import moteur
from annuaire.recherche.francais.vocabulaire import charger
from annuaire.recherche.port import ActorPage, EngineUnavailable, Hit

from tests.annuaire.recherche.conftest import Chercheur
from tests.fabriques.repertoire import MAINTENANT

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def moteur_qui(chercheur: Chercheur, **methodes: Callable[..., Awaitable[Any]]) -> AsyncIterator[None]:
    """Change what the engine does for the time of the block."""
    assert chercheur.annuaire.app is not None
    etat = chercheur.annuaire.app.state
    vraie = etat.recherche
    faux = type("Moteur", (), {nom: staticmethod(methode) for nom, methode in methodes.items()})()
    etat.recherche = dataclasses.replace(vraie, moteur=faux)
    try:
        yield
    finally:
        etat.recherche = vraie


async def test_un_element_est_la_fiche_publique_ce_qui_la_situe_et_pourquoi_elle_est_la(chercheur: Chercheur) -> None:
    lue = await chercheur.lire(q="médiathèque", genre="lieu", limite=5, proche="45.18,5.72")
    publiques = {fiche["id"]: fiche for fiche in chercheur.fiches}
    assert len(lue["elements"]) == 5
    for element in lue["elements"]:
        pertinence = element.pop("pertinence")
        assert element.pop("genre") == "lieu"
        assert element.pop("ouverture")["etat"] in ("ouvert", "ouvert_sur_rdv", "ferme", "inconnu")
        assert element.pop("distance_m") is None or element["latitude"] is not None
        assert element == {**publiques[element["id"]], "modifie": element["modifie"]}
        assert 0 < pertinence["score"] <= 1
        assert pertinence["mots"]


async def test_une_structure_se_trouve_comme_un_lieu_et_dit_ce_qu_elle_est(chercheur: Chercheur) -> None:
    lue = await chercheur.lire(q="organisme fictif", type="hub", facettes=["types", "typologie", "genre"])
    assert lue["elements"]
    for element in lue["elements"]:
        assert (element["genre"], element["ouverture"]) == ("structure", None)
        assert "hub" in element["types"]
        publique = (await chercheur.annuaire.get(f"/structures/{element['id']}")).json()
        assert publique.items() <= element.items()
    assert lue["facettes"]["types"]["hub"] == lue["total"]
    assert (lue["facettes"]["typologie"], lue["facettes"]["genre"]) == ({}, {"structure": lue["total"]})
    assert (await chercheur.lire(type="hub", typologie="BIB"))["total"] == 0


async def test_la_projection_compacte_ne_montre_que_l_essentiel(chercheur: Chercheur) -> None:
    reponse = await chercheur.get(q="médiathèque", genre="lieu", projection="compacte", limite=20)
    assert len(reponse.content) < 20_000
    for element in reponse.json()["elements"]:
        assert set(element) == {
            "id", "nom", "latitude", "longitude", "telephone", "modalites_acces", "frais_a_charge", "services",
            "verifie_le", "ouverture", "genre", "pertinence",
        }  # fmt: skip


async def test_le_geojson_situe_les_lieux_et_laisse_les_structures_sans_point(chercheur: Chercheur) -> None:
    reponse = await chercheur.get(q="fictive", limite=100, entetes={"accept": "application/geo+json"})
    lue = reponse.json()
    assert (reponse.headers["content-type"], lue["type"]) == ("application/geo+json", "FeatureCollection")
    assert len(lue["features"]) == 100
    organismes = await chercheur.lire(q="organisme fictif", format="geojson")
    assert {(e["properties"]["genre"], e["geometry"]) for e in organismes["features"]} == {("structure", None)}
    for entite in lue["features"]:
        if entite["properties"]["genre"] == "lieu" and entite["geometry"]:
            longitude, latitude = entite["geometry"]["coordinates"]
            assert (latitude, longitude) == (entite["properties"]["latitude"], entite["properties"]["longitude"])


async def test_les_surlignages_montrent_les_mots_trouves_la_ou_ils_sont(chercheur: Chercheur) -> None:
    lue = await chercheur.lire(q="mediatheque hirondelle", surlignage="true", genre="lieu", limite=20)
    vus = 0
    for element in lue["elements"]:
        for champ, passages in element["pertinence"]["surlignages"].items():
            textes = element[champ] if isinstance(element[champ], list) else [element[champ]]
            par_texte = passages if isinstance(element[champ], list) else [passages]
            for texte, ses_passages in zip(textes, par_texte, strict=True):
                for debut, fin in ses_passages:
                    assert re.fullmatch(r"(?i)m[ée]diath[èe]ques?|hirondelles?", texte[debut:fin]), texte[debut:fin]
                    vus += 1
    assert vus >= len(lue["elements"]) > 0
    assert "surlignages" not in (await chercheur.lire(q="mediatheque", limite=1))["elements"][0]["pertinence"]


async def test_les_pages_partagent_les_resultats_et_se_nomment(chercheur: Chercheur) -> None:
    entiere = await chercheur.lire(q="médiathèque", limite=100)
    ids = [e["id"] for e in await chercheur.tous(q="médiathèque", limite=33)]
    assert len(ids) == len(set(ids)) == entiere["total"] > 100
    assert ids[:100] == [e["id"] for e in entiere["elements"]]
    assert {r["total"] for r in [await chercheur.lire(q="médiathèque", limite=7, page=p) for p in (1, 5, 60)]} == {
        entiere["total"]
    }
    for page, noms in ((1, {"first", "next", "last"}), (3, {"first", "prev", "next", "last"})):
        lien = (await chercheur.get(q="médiathèque", limite=33, page=page)).headers["link"]
        cibles = {nom: cible for cible, nom in re.findall(r'<([^>]*)>; rel="(\w+)"', lien)}
        assert set(cibles) == noms
        derniere = await chercheur.annuaire.get(cibles["last"].removeprefix("http://127.0.0.1:8000"))
        assert derniere.json()["page"] == derniere.json()["pages"] == entiere["total"] // 33 + 1
        assert "next" not in {nom for _, nom in re.findall(r'<([^>]*)>; rel="(\w+)"', derniere.headers["link"])}


async def test_la_fenetre_est_de_mille_resultats_et_sa_derniere_page_se_lit(chercheur: Chercheur) -> None:
    lue = await chercheur.lire(limite=30, projection="compacte")
    assert (lue["total"], lue["total_minimal"], lue["pages"]) == (1000, True, 34)
    derniere = await chercheur.lire(limite=30, page=34, projection="compacte")
    assert len(derniere["elements"]) == 10
    for trop in ({"limite": 30, "page": 35}, {"limite": 100, "page": 11}, {"page": 10**12}):
        refus = await chercheur.get(**trop)
        assert (refus.status_code, refus.json()["type"]) == (400, "/problemes/fenetre-trop-grande")


async def test_rien_n_a_tous_les_mots_la_reponse_dit_lesquels_sont_laches(chercheur: Chercheur) -> None:
    lue = await chercheur.lire(q="médiathèque zzyzx")
    assert (lue["assouplie"], lue["mots_abandonnes"]) == (True, ["zzyzx"])
    stricte = await chercheur.lire(q="médiathèque zzyzx", strict="true")
    assert (stricte["total"], stricte["assouplie"], stricte["elements"]) == (0, False, [])


async def test_une_faute_de_frappe_est_corrigee_et_une_autre_forme_n_en_est_pas_une(chercheur: Chercheur) -> None:
    assert (await chercheur.lire(q="mediatehque"))["correction"] == "mediatheque"
    for juste in ("médiathèques", "mediath", "MÉDIATHÈQUE", ""):
        assert (await chercheur.lire(q=juste))["correction"] is None, juste


@pytest.mark.parametrize(
    ("tri", "cle"),
    [("nom", lambda e: e["nom"]), ("recent", lambda e: e["modifie_le"]), ("distance", lambda e: e["distance_m"])],
)
async def test_les_tris_ordonnent_ce_qu_ils_disent(chercheur: Chercheur, tri: str, cle: Callable[[Any], Any]) -> None:
    lus = await chercheur.tous(q="atelier", tri=tri, proche="48.85,2.35", genre="lieu", limite=100)
    valeurs = [cle(e) for e in lus if cle(e) is not None]
    assert len(valeurs) > 20
    if tri == "nom":
        # in the order of their words, articles left out
        plies = [charger().utiles(valeur) for valeur in valeurs]
        assert plies == sorted(plies)
    elif tri == "recent":
        assert valeurs == sorted(valeurs, reverse=True)
    else:
        assert all(b >= a - 1 for a, b in itertools.pairwise(valeurs))


async def test_sans_mots_le_plus_proche_vient_d_abord(chercheur: Chercheur) -> None:
    lus = (await chercheur.lire(proche="45.18,5.72", rayon=100_000, limite=50))["elements"]
    loins = [e["distance_m"] for e in lus]
    assert all(b >= a - 1 for a, b in itertools.pairwise(loins))
    assert len(loins) > 5
    assert max(loins) <= 100_000


REFUS: list[tuple[dict[str, Any], str, str]] = [
    ({"q": "a" * 201}, "q", "au plus 200 caractère(s)"),
    ({"departements": "38"}, "departements", "paramètre inconnu ; vouliez-vous « departement » ?"),
    ({"facette": "region"}, "facette", "paramètre inconnu ; vouliez-vous « facettes » ?"),
    ({"tri": "distance"}, "tri", "`tri=distance` demande `proche`"),
    ({"rayon": "10"}, "rayon", "`rayon` demande `proche`"),
    ({"proche": "91,2"}, "proche", "`proche` attend `latitude,longitude` en degrés"),
    ({"proche": "45,2", "bbox": "5,45,6,46"}, "bbox", "une recherche a une zone : `proche` ou `bbox`"),
    ({"bbox": "0,40,9,50"}, "bbox", "`bbox` fait au plus 2° de côté, à moins d'un autre territoire"),
    ({"polygone": "45,5;46,6;46,5;45,6"}, "polygone", "ce contour se croise lui-même, ou n'entoure rien"),
    ({"polygone": "95.1,5.6;45.3,5.9;45.3,5.6"}, "polygone", "`polygone` attend des `latitude,longitude` en degrés"),
    ({"limite": "101"}, "limite", "la valeur doit être au plus 100"),
    ({"page": "0"}, "page", "la valeur doit être au moins 1"),
    ({"q": ["a", "b"]}, "q", "ce paramètre n'admet qu'une valeur"),
    ({"facettes": ["region"] * 9}, "facettes", "au plus 8 élément(s)"),
]  # fmt: skip


@pytest.mark.parametrize(("parametres", "ou", "phrase"), REFUS, ids=lambda v: str(v)[:40])
async def test_un_parametre_faux_est_nomme_et_dit(
    chercheur: Chercheur, parametres: dict[str, Any], ou: str, phrase: str
) -> None:
    refus = await chercheur.get(**parametres)
    assert refus.status_code == 400, refus.text
    assert (refus.json()["erreurs"][0]["pointer"], refus.json()["erreurs"][0]["detail"]) == (ou, phrase)


async def test_les_filtres_communs_parlent_comme_ceux_des_listes(chercheur: Chercheur) -> None:
    for parametres in (
        {"departement": "999"}, {"services": "rien"}, {"typologie": "BIBI"}, {"langues": "français"}, {"bbox": "1,2"},
        {"modifie_depuis": "hier"}, {"proche": "a"}, {"rayon": "0", "proche": "45,5"}, {"source": "É"}, {"epci": "1"},
    ):  # fmt: skip
        ici, la = await chercheur.get(**parametres), await chercheur.annuaire.get("/lieux", **parametres)
        assert (ici.status_code, ici.json()["erreurs"]) == (400, la.json()["erreurs"]), parametres


async def test_sans_couche_de_quartiers_leur_filtre_est_refuse(
    chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rien(_session: Any) -> None:
        return None

    monkeypatch.setattr(type(chercheur.annuaire.contexte.situeur), "couche", None)
    monkeypatch.setattr(type(chercheur.annuaire.contexte.situeur), "suivre", lambda *_: rien(None))
    for chemin in ("", "/facettes/region"):
        refus = await chercheur.get(chemin, qpv="QN07501X")
        assert (refus.status_code, refus.json()["type"]) == (400, "/problemes/couche-absente")


async def test_une_reponse_se_renouvelle_tant_qu_elle_dit_la_meme_chose(chercheur: Chercheur) -> None:
    entiere = await chercheur.get(q="médiathèque")
    lue = entiere.json()
    assert lue["valable_jusqu_a"] is not None
    inchangee = await chercheur.get(q="médiathèque", entetes={"if-none-match": entiere.headers["etag"]})
    assert (inchangee.status_code, inchangee.content) == (304, b"")
    assert inchangee.headers["link"] == entiere.headers["link"]
    # at midday, many close: the same places are not the same answer
    chercheur.repertoire.horloge.instant = MAINTENANT + timedelta(hours=1, seconds=1)
    apres = await chercheur.get(q="médiathèque", entetes={"if-none-match": entiere.headers["etag"]})
    assert (apres.status_code, apres.headers["etag"] != entiere.headers["etag"]) == (200, True)


async def test_une_reponse_ne_se_garde_pas_au_dela_du_prochain_changement(chercheur: Chercheur) -> None:
    chercheur.repertoire.horloge.instant = MAINTENANT + timedelta(minutes=59, seconds=50)
    reponse = await chercheur.get(q="médiathèque", limite=100)
    assert reponse.json()["valable_jusqu_a"] == "2026-03-10T11:00:00Z"
    assert reponse.headers["cache-control"] == "public, max-age=10, must-revalidate"


async def test_un_moteur_de_secours_se_nomme_et_ne_se_garde_pas_longtemps(chercheur: Chercheur) -> None:
    async def chercher(question: Any) -> ActorPage:
        return ActorPage(
            hits=(), total=0, total_is_floor=False, page=1, size=20, pages=0, facets=None, engine="database",
            generation="", took_ms=1.0, degraded=True,
        )  # fmt: skip

    async with moteur_qui(chercheur, search=chercher):
        reponse = await chercheur.get(q="a", facettes="region")
    assert (reponse.headers["x-search-engine"], reponse.headers["cache-control"]) == (
        "base", "public, max-age=5, must-revalidate",
    )  # fmt: skip
    lue = reponse.json()
    assert (lue["moteur"], lue["degrade"], lue["facettes"]) == ("base", True, None)


async def test_sans_moteur_la_recherche_est_un_503_qui_dit_quand_revenir(chercheur: Chercheur) -> None:
    async def en_panne(*_: Any, **__: Any) -> Any:
        raise EngineUnavailable("éteint")

    async with moteur_qui(chercheur, search=en_panne, suggest=en_panne, facet_values=en_panne):
        reponses = [
            await chercheur.get(q="a"),
            await chercheur.get("/suggestions", q="a"),
            await chercheur.get("/facettes/region"),
            await chercheur.orienter(besoin="a", point={"latitude": 45, "longitude": 5}),
        ]
    for reponse in reponses:
        assert (reponse.status_code, reponse.headers["content-type"]) == (503, "application/problem+json")
        assert (reponse.json()["type"], reponse.headers["retry-after"]) == ("/problemes/recherche-indisponible", "5")


async def test_un_moteur_qui_a_trop_a_faire_laisse_repondre_l_annuaire(
    chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await chercheur.lire(q="médiathèque"))["moteur"] == "embarque"
    monkeypatch.setattr(moteur, "FILE_MAX", 0)
    lue = await chercheur.lire(q="médiathèque")
    assert (lue["moteur"], lue["degrade"]) == ("base", True)
    assert lue["total"] > 0


async def test_ce_que_l_annuaire_ne_montre_plus_est_laisse_et_compte(chercheur: Chercheur) -> None:
    connu = chercheur.fiches[0]["id"]
    hits = tuple(Hit(id=id, score=1.0) for id in ("00000000-0000-7000-8000-000000000000", connu, "pas un id"))

    async def chercher(question: Any) -> ActorPage:
        return ActorPage(
            hits=hits, total=3, total_is_floor=False, page=1, size=20, pages=1, facets={}, engine="embedded",
            generation="g", took_ms=1.0,
        )  # fmt: skip

    avant = _derives(chercheur)
    async with moteur_qui(chercheur, search=chercher):
        lue = await chercheur.lire(q="a")
    assert [e["id"] for e in lue["elements"]] == [connu]
    assert _derives(chercheur) - avant == 2


def _derives(chercheur: Chercheur) -> float:
    assert chercheur.annuaire.app is not None
    exposees = chercheur.annuaire.app.state.mesures.exposer().decode()
    return float(re.search(r"^maillage_recherche_derives_total (\S+)", exposees, re.M)[1])  # type: ignore[index]


async def test_aucune_fiche_n_est_relue_pour_etre_montree(
    chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chercheur.get(q="médiathèque", genre="lieu")
    lues: list[Any] = []
    vrai = json.loads
    monkeypatch.setattr(hydrater.json, "loads", lambda octets, *a, **k: (lues.append(octets), vrai(octets, *a, **k))[1])
    corps = (await chercheur.get(q="médiathèque", genre="lieu")).content
    assert lues == []
    monkeypatch.undo()
    assert len(json.loads(corps)["elements"]) == 20


async def test_une_structure_deja_lue_ne_se_relit_qu_apres_un_changement(
    chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chercheur.get(q="organisme fictif")
    lectures: list[Any] = []
    vrai = fiches.feed.lire
    monkeypatch.setattr(fiches.feed, "lire", lambda *a: (lectures.append(a), vrai(*a))[1])
    entiere = await chercheur.get(q="organisme fictif")
    assert lectures == []
    monkeypatch.setattr(chercheur.annuaire.contexte.modele, "numero", chercheur.annuaire.contexte.modele.numero - 1)
    monkeypatch.setattr(type(chercheur.annuaire.contexte.modele), "frais", lambda _: True)
    assert (await chercheur.get(q="organisme fictif")).content == entiere.content
    assert len(lectures) == 1


async def test_une_forme_que_nul_ne_sert_est_un_406(chercheur: Chercheur) -> None:
    assert (await chercheur.get(entetes={"accept": "text/html"})).status_code == 406
