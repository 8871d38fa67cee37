"""Health, contract and pages of the gateway."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from gateway.openapi import fusionner, problemes_dits
from pydantic import BaseModel
from socle.acces.politique import Public, politiques_des_routes
from socle.errors import Conflit
from socle.web.problemes import reponses

from tests.fabriques.passerelle import Banc, banc, composer
from tests.fabriques.services import client_de, creer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def b(tmp_path: Path) -> AsyncIterator[Banc]:
    async with banc(tmp_path) as ouvert:
        yield ouvert


class DejaVu(Conflit):
    code, titre = "deja-vu", "Cela a déjà été vu"


class Lieu(BaseModel):
    nom: str


def service(donnees: Path, nom: str, champ: str) -> Any:
    routeur = APIRouter(prefix=f"/{nom}/v1")
    modele = type("Lieu", (BaseModel,), {"__annotations__": {champ: str}})

    @routeur.get("/lieux", response_model=modele, responses=reponses(DejaVu))
    async def lire(_: Public) -> Any:
        return {champ: "a"}

    return creer(donnees, routeur, nom=nom)


@pytest.mark.parametrize("chemin", ["/", "/docs", "/problemes/quota-exceeded"])
async def test_une_page_n_appelle_aucun_tiers_et_a_sa_politique_de_contenu(b: Banc, chemin: str) -> None:
    reponse = await b.client.get(chemin)
    assert reponse.status_code == 200
    assert reponse.headers["content-type"].startswith("text/html")
    assert '<html lang="fr">' in reponse.text
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", reponse.text)
    csp = reponse.headers["content-security-policy"]
    assert csp.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in csp
    assert not re.search(r"https?:", csp)
    assert "<script>" not in reponse.text
    assert not re.search(r"\son\w+=", reponse.text)


@pytest.mark.parametrize("nom", ["swagger-ui-bundle.js", "swagger-ui.css", "docs.js", "docs.css", "icone.png"])
async def test_les_fichiers_de_la_documentation_sont_ici(b: Banc, nom: str) -> None:
    reponse = await b.client.get(f"/docs/{nom}")
    assert reponse.status_code == 200
    assert len(reponse.content) > 50


async def test_le_navigateur_de_contrats_connait_openapi_3_1(b: Banc) -> None:
    assert re.search(r'PACKAGE_VERSION:"5\.\d', (await b.client.get("/docs/swagger-ui-bundle.js")).text)


async def test_un_autre_fichier_n_est_pas_servi(b: Banc) -> None:
    for chemin in ("/docs/__init__.py", "/docs/..%2fapp.py", "/docs/a/b"):
        assert (await b.client.get(chemin)).status_code == 404


async def test_le_contrat_public_reunit_ceux_des_services(tmp_path: Path) -> None:
    amonts = {nom: service(tmp_path, nom, champ) for nom, champ in (("annuaire", "a"), ("coordination", "b"))}
    async with client_de(composer(tmp_path, {**amonts, "financement": "http://127.0.0.1:1"})) as client:
        contrat = (await client.get("/openapi.json")).json()
    assert contrat["openapi"].startswith("3.1")
    assert contrat["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert {"/annuaire/v1/lieux", "/coordination/v1/lieux", "/cles", "/sante/pret"} <= set(contrat["paths"])
    assert set(contrat["components"]["schemas"]) >= {"Lieu", "coordination_Lieu", "Probleme"}
    reponse = contrat["paths"]["/coordination/v1/lieux"]["get"]["responses"]["200"]
    assert reponse["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/coordination_Lieu"
    assert "financement" in contrat["info"]["description"]
    assert contrat["components"]["securitySchemes"]["cle"]["scheme"] == "bearer"


async def test_toute_reference_du_contrat_public_mene_quelque_part(tmp_path: Path) -> None:
    amonts = {nom: service(tmp_path, nom, champ) for nom, champ in (("annuaire", "a"), ("coordination", "b"))}
    async with client_de(composer(tmp_path, {**amonts, "financement": "http://127.0.0.1:1"})) as client:
        reponse = await client.get("/openapi.json")
    contrat = reponse.json()
    references = set(re.findall(r'"#/components/([^"]+)"', reponse.text))
    assert references
    for reference in references:
        famille, _, nom = reference.partition("/")
        assert nom in contrat["components"][famille], reference


def test_la_fusion_ne_renomme_pas_deux_schemas_egaux() -> None:
    un = {"components": {"schemas": {"A": {"type": "string"}}}, "paths": {"/x": {}, "/metrics": {}}}
    fusion = fusionner({"": {"info": {"title": "T"}}, "s1": un, "s2": un}, url="u", absents=[])
    assert (list(fusion["components"]["schemas"]), list(fusion["paths"])) == (["A"], ["/x"])


async def test_une_page_explique_le_probleme_d_un_service(tmp_path: Path) -> None:
    async with client_de(composer(tmp_path, {"annuaire": service(tmp_path, "annuaire", "a")})) as client:
        page = await client.get("/problemes/deja-vu")
        assert page.status_code == 200
        assert "Cela a déjà été vu" in page.text
        assert "409" in page.text


async def test_un_probleme_inconnu_est_un_404(b: Banc) -> None:
    assert (await b.client.get("/problemes/inconnu-au-bataillon")).status_code == 404
    assert (await b.client.get("/problemes/<script>")).status_code == 400


def test_les_problemes_declares_se_lisent_dans_un_contrat() -> None:
    contrat = {"paths": {"/a": {"get": {"responses": {str(s): r for s, r in reponses(DejaVu).items()}}}}}
    assert problemes_dits(contrat) == {"deja-vu": (409, "Cela a déjà été vu")}


async def test_pret_interroge_les_services_sans_en_dependre(tmp_path: Path) -> None:
    app = composer(tmp_path, {"annuaire": creer(tmp_path), "financement": "http://127.0.0.1:1"})
    async with client_de(app) as client:
        reponse = await client.get("/sante/pret")
    assert reponse.status_code == 200
    assert (reponse.json()["statut"], reponse.json()["degrade"]) == ("degrade", ["financement"])
    assert reponse.json()["verifications"]["annuaire"] == "pret"


async def test_la_sante_n_est_pas_comptee_dans_les_quotas(b: Banc) -> None:
    assert "ratelimit" not in (await b.client.get("/sante/vivant")).headers
    assert "ratelimit" in (await b.client.get("/docs")).headers


async def test_les_mesures_ne_sont_dites_qu_a_cette_machine(b: Banc) -> None:
    assert (await b.client.get("/metrics")).status_code == 200
    statuts: list[int] = []
    scope = {
        "type": "http", "method": "GET", "path": "/metrics", "raw_path": b"/metrics", "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")], "client": ("192.0.2.1", 1), "http_version": "1.1", "scheme": "http",
    }  # fmt: skip

    async def recevoir() -> Any:
        return {"type": "http.request", "body": b""}

    async def envoyer(message: Any) -> None:
        statuts.append(message.get("status", 0))

    await b.app(scope, recevoir, envoyer)
    assert statuts[0] == 404


def test_toutes_les_routes_de_la_passerelle_ont_leur_politique(tmp_path: Path) -> None:
    politiques = politiques_des_routes(composer(tmp_path, {"annuaire": "http://127.0.0.1:1"}).locale)
    assert None not in politiques.values()
    fermees = {chemin for (_, chemin), p in politiques.items() if p is not None and not p.anonymes}
    assert fermees == {"/cles", "/cles/{id}", "/cles/{id}/actions/revoquer"}


async def test_une_panne_de_la_passerelle_est_un_500_sans_detail(b: Banc, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tomber() -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(b.app.locale.state.contrat, "lire", tomber)
    reponse = await b.client.get("/openapi.json")
    assert (reponse.status_code, reponse.headers["content-type"]) == (500, "application/problem+json")
    assert "hunter2" not in reponse.text
