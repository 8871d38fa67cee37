"""The export: one state of the directory, numbered, whose end can be checked."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import nullcontext
from typing import Any

import pytest
from annuaire.exports import routes
from annuaire.exports.reponses import ReponseEnFlux
from annuaire.exports.service import Copie, Demande, copier
from annuaire.lieux import repository
from annuaire.referentiels.licences import LICENCE_OUVERTE
from socle.acces.principal import ANONYME, Principal
from socle.web.cloisons import Cloison, CloisonPleine

from tests.fabriques.annuaire import (
    ADMIN,
    ECRIVAIN,
    ETRANGER,
    SANS_PORTEE,
    Annuaire,
    lieu,
    liste,
    nouveau_nom,
)
from tests.fabriques.formules import relire

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

    async def lentement(session: Any, filtres: Any) -> Any:
        async for lot in parcourir(session, filtres, lot=1):
            yield lot
            if not commence.is_set():
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


async def test_un_format_inconnu_est_refuse_avec_le_plus_proche(annuaire: Annuaire) -> None:
    reponse = await annuaire.get("/exports/lieux", format="geo-json")
    assert reponse.status_code == 400
    [faute] = reponse.json()["erreurs"]
    assert faute["pointer"] == "format"
    assert "vouliez-vous « geojson » ?" in faute["detail"]


async def test_un_type_que_l_export_n_a_pas_est_un_406_qui_les_liste(annuaire: Annuaire) -> None:
    reponse = await annuaire.get("/exports/lieux", entetes={"Accept": "application/pdf"})
    assert reponse.status_code == 406
    assert "application/x-ndjson, application/json, text/csv, application/geo+json" in reponse.json()["detail"]


@pytest.mark.parametrize(
    ("parametres", "accept", "type_de_contenu"),
    [
        ({"format": "json"}, "*/*", "application/json"),
        ({}, "application/json", "application/json"),
        ({"format": "csv"}, "application/json", "text/csv; charset=utf-8"),
        ({}, "text/csv", "text/csv; charset=utf-8"),
        ({"format": "excel"}, "*/*", "text/csv; charset=utf-8"),
        ({"dialecte": "excel-fr"}, "*/*", "text/csv; charset=utf-8"),
        ({"format": "geojson"}, "*/*", "application/geo+json"),
        ({}, "application/geo+json;q=0.9, application/pdf", "application/geo+json"),
    ],
)
async def test_le_parametre_puis_l_entete_choisissent_le_format(
    annuaire: Annuaire, parametres: dict[str, str], accept: str, type_de_contenu: str
) -> None:
    reponse = await annuaire.get("/exports/lieux", entetes={"Accept": accept}, source=nouveau_nom(), **parametres)
    assert reponse.status_code == 200
    assert reponse.headers["content-type"] == type_de_contenu
    assert "Accept" in reponse.headers["vary"]


@pytest.mark.parametrize(
    "parametres",
    [
        {"format": "geojson", "dialecte": "excel-fr"},
        {"format": "excel", "dialecte": "rfc4180"},
        {"format": "json", "strict": 1},
        {"strict": 1},
        {"format": "csv", "contacts": "tous"},
        {"format": "json", "contacts": "tous", "source": "a"},
        {"format": "csv", "contacts": "tous", "source": ["a", "b"]},
        {"format": "csv", "dialecte": "libre"},
        {"format": "csv", "departement": "Isère"},
    ],
)
async def test_des_parametres_qui_ne_vont_pas_ensemble_sont_refuses(
    annuaire: Annuaire, parametres: dict[str, Any]
) -> None:
    reponse = await annuaire.get("/exports/lieux", **parametres)
    assert reponse.status_code == 400
    assert reponse.json()["erreurs"]


async def test_les_quatre_formats_disent_les_memes_lieux(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    sans_point = lieu(90, latitude=None, longitude=None)
    await annuaire.synchroniser(source, [*liste(40), sans_point])

    async def lire(format: str) -> Any:
        return await annuaire.get("/exports/lieux", format=format, source=source)

    *ndjson, fin = [json.loads(ligne) for ligne in (await lire("ndjson")).text.splitlines()]
    tableau = (await lire("json")).json()
    carte = (await lire("geojson")).json()
    csv = relire((await lire("csv")).content, delimiteur=",")
    excel = relire((await lire("excel")).content, delimiteur=";")
    assert fin["lignes"] == carte["lignes"] == 41
    assert tableau == ndjson == [trait["properties"] for trait in carte["features"]]
    assert [ligne[0] for ligne in csv[1:]] == [ligne[0] for ligne in excel[1:]] == [lu["id"] for lu in ndjson]
    assert sorted(lu["id"] for lu in ndjson) == [lu["id"] for lu in ndjson]
    for trait in carte["features"]:
        lu = trait["properties"]
        attendu = None if lu["latitude"] is None else [lu["longitude"], lu["latitude"]]
        assert (trait["geometry"] or {"coordinates": None})["coordinates"] == attendu
    assert [t["geometry"] for t in carte["features"]].count(None) == 1
    rang = csv[0].index("latitude")
    assert [c[rang].replace(".", ",") for c in csv[1:]] == [e[rang] for e in excel[1:]]


async def test_l_export_d_une_source_porte_ses_cles_et_celui_de_tous_les_identifiants_publics(
    annuaire: Annuaire,
) -> None:
    source, autre = await annuaire.creer_source(), await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    await annuaire.synchroniser(autre, liste(2))
    publics = {lu["id"]: lu["nom"] for lu in (await annuaire.lieux(source)).values()}
    siens = (await annuaire.get("/exports/lieux", format="json", source=source)).json()
    assert [lu["id"] for lu in siens] == ["lieu-0", "lieu-1", "lieu-2"]
    assert {lu["id_maillage"]: lu["nom"] for lu in siens} == publics
    deux = (await annuaire.get("/exports/lieux", format="json", source=[source, autre])).json()
    assert len(deux) == 5
    assert publics.keys() < {lu["id"] for lu in deux}


async def test_les_filtres_de_territoire_se_croisent(annuaire: Annuaire) -> None:
    source, autre = await annuaire.creer_source(), await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(20))
    await annuaire.synchroniser(autre, liste(20))

    async def codes(**filtres: Any) -> set[str]:
        lus = (await annuaire.get("/exports/lieux", format="json", **filtres)).json()
        assert all({lu["sources"][0]} <= {source, autre} for lu in lus if "source" in filtres)
        return {lu["code_insee"] for lu in lus}

    assert await codes(source=source, departement="38") == {"38185"}
    assert await codes(source=source, departement=["38", "974"]) == {"38185", "97411"}
    assert await codes(source=source, region="03") == {"97302"}
    assert await codes(source=[source, autre], region="03") == {"97302"}
    assert await codes(source=source, code_insee="35238", departement="38") == set()
    assert await codes(departement="21", epci="242100410") == {"21231"}
    assert await codes(source=nouveau_nom()) == set()


async def test_une_ville_a_arrondissements_les_comprend(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    paris = {"commune": "Paris", "code_postal": "75001", "code_insee": "75101", "latitude": 48.86, "longitude": 2.34}
    await annuaire.synchroniser(source, [lieu(0, **paris), lieu(1)])
    lus = (await annuaire.get("/exports/lieux", format="json", source=source, code_insee="75056")).json()
    assert [lu["code_insee"] for lu in lus] == ["75101"]


async def test_les_lieux_retires_ne_sont_plus_exportes(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(12))
    await annuaire.synchroniser(source, liste(11))
    for format in ("json", "csv"):
        reponse = await annuaire.get("/exports/lieux", format=format, source=source)
        assert reponse.text.count("lieu-10") >= 1
        assert "lieu-11" not in reponse.text


async def test_la_meme_copie_n_est_pas_renvoyee_et_une_autre_l_est(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    premiere = await annuaire.get("/exports/lieux", format="csv", source=source)
    etag = premiere.headers["etag"]
    assert etag.startswith(f'W/"{premiere.headers["change-number"]}.')
    inchangee = await annuaire.get("/exports/lieux", format="csv", source=source, entetes={"If-None-Match": etag})
    assert (inchangee.status_code, inchangee.content, inchangee.headers["etag"]) == (304, b"", etag)
    for autres in ({"format": "excel"}, {"format": "csv", "strict": 1}, {"format": "csv", "departement": "38"}):
        reponse = await annuaire.get("/exports/lieux", source=source, entetes={"If-None-Match": etag}, **autres)
        assert reponse.status_code == 200
    await annuaire.synchroniser(source, liste(4))
    suivante = await annuaire.get("/exports/lieux", format="csv", source=source, entetes={"If-None-Match": etag})
    assert suivante.status_code == 200
    assert len(relire(suivante.content, delimiteur=",")) == 5


async def test_l_export_a_un_nom_de_fichier_lisible_et_sa_licence(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(licence="https://exemple.fr/licence")
    await annuaire.synchroniser(source, liste(1))
    jour = annuaire.contexte.horloge().date().isoformat()
    tous = await annuaire.get("/exports/lieux", format="geojson", departement="38")
    assert tous.headers["content-disposition"] == f'attachment; filename="lieux-departement-38-{jour}.geojson"'
    assert tous.headers["link"] == f'<{LICENCE_OUVERTE}>; rel="license"'
    seule = await annuaire.get("/exports/lieux", format="excel", source=source)
    assert seule.headers["content-disposition"] == f'attachment; filename="lieux-source-{source}-{jour}.csv"'
    assert seule.headers["link"] == '<https://exemple.fr/licence>; rel="license"'


async def test_une_licence_qui_n_est_pas_une_adresse_ne_fait_pas_de_lien(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(licence='ODbL>; rel="x"')
    await annuaire.synchroniser(source, liste(1))
    assert "link" not in (await annuaire.get("/exports/lieux", format="csv", source=source)).headers


async def test_un_head_dit_les_memes_entetes_sans_rien_ouvrir(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    lue = await annuaire.get("/exports/lieux", format="csv", source=source)
    monkeypatch.delattr(repository, "parcourir_source")
    tete = await annuaire.client.head(
        "/annuaire/v1/exports/lieux",
        params={"format": "csv", "source": source},
        headers=annuaire.entetes(ANONYME, ecriture=False),
    )
    assert (tete.status_code, tete.content) == (200, b"")
    assert "content-length" not in tete.headers
    propres = ("etag", "change-number", "content-disposition", "content-type", "link", "cache-control")
    assert [tete.headers[nom] for nom in propres] == [lue.headers[nom] for nom in propres]


async def test_l_ecriture_stricte_mene_au_compte_de_ce_qu_elle_perd(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    lignes = [
        lieu(0, telephone="01 99 00 12 34|01 99 00 12 35"),
        lieu(1, telephone="01 99 00 12 34|3919", horaires="un mardi sur deux"),
        lieu(2, telephone="01 99 00 12 34"),
    ]
    await annuaire.synchroniser(source, lignes)
    strict = await annuaire.get("/exports/lieux", format="csv", strict=1, source=source)
    entetes, *rangees = relire(strict.content, delimiteur=",")
    assert {ligne[entetes.index("telephone")] for ligne in rangees} == {"+33199001234"}
    [adresse] = re.findall(r'<([^>]+)>; rel="describedby"', strict.headers["link"])
    compte = (await annuaire.get(adresse[adresse.index("/annuaire") :])).json()
    assert compte["pertes"] == {"horaires": 1, "telephone": 2}
    assert (compte["lignes"], compte["lignes_touchees"]) == (3, 2)
    assert compte["obligatoires_vides"] == {"date_maj": 3, "pivot": 3}
    assert compte["changement_numero"] == int(strict.headers["change-number"])


# --- a source reads its own records, contacts included

SECRETS = {"courriels": "jean.personne@exemple.fr|accueil@exemple.fr", "telephone": "06 39 98 12 34|01 99 00 12 34"}


async def test_une_source_reprend_ses_contacts_masques_et_eux_seuls_lui_manquaient(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, [lieu(0, **SECRETS), lieu(1)])
    siens = Principal(sujet="cle-hub", portees=frozenset({"sync:write"}), sources=frozenset({source}))
    publique = await annuaire.get("/exports/lieux", qui=siens, format="csv", source=source)
    entiere = await annuaire.get("/exports/lieux", qui=siens, format="csv", source=source, contacts="tous")
    assert "jean.personne" not in publique.text
    assert "+33639981234|+33199001234" in entiere.text
    assert entiere.text.count("\r\n") == 3
    assert entiere.headers["cache-control"] == "private, no-store"
    assert "etag" not in entiere.headers
    assert publique.headers["cache-control"].startswith("public")


@pytest.mark.parametrize(
    ("qui", "statut"), [(ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 403), (ADMIN, 200), (ECRIVAIN, 200)]
)
async def test_les_contacts_masques_ne_sont_que_pour_la_cle_de_la_source(
    annuaire: Annuaire, qui: Principal, statut: int
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, [lieu(0, **SECRETS)])
    reponse = await annuaire.get("/exports/lieux", qui=qui, format="csv", source=source, contacts="tous")
    assert reponse.status_code == statut
    assert ("jean.personne" in reponse.text) is (statut == 200)


# --- what an export holds is let go


async def test_sans_la_garde_les_contacts_masques_sortiraient(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, [lieu(0, **SECRETS)])
    monkeypatch.setattr(routes, "exiger_la_source", lambda *_: None)
    reponse = await annuaire.get("/exports/lieux", qui=ANONYME, format="csv", source=source, contacts="tous")
    assert "jean.personne" in reponse.text


async def test_un_export_que_son_lecteur_abandonne_rend_sa_place_et_son_etat(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(5))
    demande = Demande(format="ndjson", source=source)
    cloison = Cloison(1, attente=0.01)
    for lus in (0, 1):
        copie = await copier(annuaire.base, cloison, demande)
        for _ in range(lus):
            assert await anext(copie.morceaux)
        with pytest.raises(CloisonPleine):
            await copier(annuaire.base, cloison, demande)
        await copie.fermer()
        with pytest.raises(StopAsyncIteration):
            await anext(copie.morceaux)


async def test_une_deconnexion_ferme_la_copie(annuaire: Annuaire) -> None:
    fermee = asyncio.Event()

    async def sans_fin() -> Any:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)

    async def fermer() -> None:
        fermee.set()

    async def partir() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def jeter(_message: Any) -> None:
        await asyncio.sleep(0)

    reponse = ReponseEnFlux(Copie(1, sans_fin(), fermer), {"Content-Type": "text/csv"})
    await reponse({"type": "http", "asgi": {"spec_version": "2.3"}}, partir, jeter)
    assert fermee.is_set()


async def test_trop_d_exports_a_la_fois_sont_renvoyes_sans_toucher_aux_lectures(
    annuaire: Annuaire,
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(2))
    async with annuaire.contexte.exports.place(), annuaire.contexte.exports.place():
        refus = await annuaire.get("/exports/lieux", format="csv", source=source)
        assert (refus.status_code, refus.json()["type"]) == (503, "/problemes/cloison-pleine")
        assert refus.headers["retry-after"]
        assert (await annuaire.get("/lieux", source=source)).status_code == 200
    assert (await annuaire.get("/exports/lieux", format="csv", source=source)).status_code == 200


async def test_sans_cloison_les_exports_prendraient_toutes_les_connexions(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(2))
    async with annuaire.contexte.exports.place(), annuaire.contexte.exports.place():
        monkeypatch.setattr(Cloison, "place", lambda _: nullcontext())
        assert (await annuaire.get("/exports/lieux", format="csv", source=source)).status_code == 200
