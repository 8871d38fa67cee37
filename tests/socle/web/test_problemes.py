"""Every error is a problem document."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from fastapi import APIRouter, Header, HTTPException, Query
from pydantic import BaseModel, ConfigDict, field_validator
from socle.acces.politique import Public
from socle.errors import Conflit, Erreur, Faute, Introuvable, QuotaDepasse
from socle.web.client import AsyncClient, Response
from socle.web.problemes import en_probleme, envoyer_probleme, reponses

from tests.fabriques.services import HUB, Passe, client_de, creer

pytestmark = pytest.mark.anyio


class Corps(BaseModel):
    model_config = ConfigDict(extra="forbid")
    nom: str
    age: int = 0
    liste: list[int] = []

    @field_validator("nom")
    @classmethod
    def refuser_x(cls, valeur: str) -> str:
        if valeur == "x":
            raise ValueError("« x » n'est pas un nom")
        return valeur


def routeur() -> APIRouter:
    r = APIRouter(prefix="/v1")

    @r.get("/conflit")
    async def conflit(_: Public) -> None:
        raise Conflit("Déjà là.", erreurs=[Faute("/a", "b", "c")], entetes={"X-Suite": "1"}, ecart=3)

    @r.get("/teapot")
    async def theiere(_: Public) -> None:
        raise HTTPException(418, "internal words")

    @r.get("/panne")
    async def panne(_: Public) -> None:
        raise RuntimeError("mot de passe : hunter2")

    @r.get("/lire/{rang}")
    async def lire(
        _: Public, rang: int, q: Annotated[int | None, Query(ge=1)] = None, x: Annotated[int | None, Header()] = None
    ) -> int:
        return rang + (q or 0) + (x or 0)

    @r.post("/ecrire")
    async def ecrire(_: Public, corps: Corps) -> str:
        return corps.nom

    return r


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    passe = Passe(tmp_path)
    async with client_de(creer(tmp_path, routeur())) as client:
        client.headers.update(passe.entetes())
        client.event_hooks["request"].append(lambda requete: _signer(requete, passe))
        yield client


async def _signer(requete: Any, passe: Passe) -> None:
    if requete.method == "POST":
        requete.headers.update(passe.entetes(HUB, ecriture=True))


def probleme(reponse: Response, statut: int, code: str) -> dict[str, Any]:
    assert reponse.status_code == statut, reponse.text
    assert reponse.headers["content-type"] == "application/problem+json"
    lu: dict[str, Any] = reponse.json()
    assert lu["status"] == statut
    assert lu["type"] == f"/problemes/{code}"
    assert lu["instance"].startswith("urn:uuid:")
    assert {"title", "detail", "erreurs"} <= set(lu)
    return lu


async def test_une_erreur_du_domaine_garde_ses_membres_et_ses_entetes(client: AsyncClient) -> None:
    reponse = await client.get("/v1/conflit")
    lu = probleme(reponse, 409, "conflit")
    assert lu["detail"] == "Déjà là."
    assert lu["ecart"] == 3
    assert lu["erreurs"] == [{"pointer": "/a", "code": "b", "detail": "c"}]
    assert reponse.headers["x-suite"] == "1"


async def test_une_adresse_inconnue_est_un_probleme(client: AsyncClient) -> None:
    probleme(await client.get("/v1/rien"), 404, "introuvable")


async def test_une_exception_imprevue_ne_dit_rien_d_elle(client: AsyncClient) -> None:
    reponse = await client.get("/v1/panne")
    probleme(reponse, 500, "erreur-interne")
    assert "hunter2" not in reponse.text
    assert "Traceback" not in reponse.text
    assert "RuntimeError" not in reponse.text


async def test_un_statut_sans_classe_garde_son_statut(client: AsyncClient) -> None:
    reponse = await client.get("/v1/teapot")
    probleme(reponse, 418, "erreur-http")
    assert "internal words" not in reponse.text


async def test_un_parametre_faux_est_nomme_en_400(client: AsyncClient) -> None:
    lu = probleme(await client.get("/v1/lire/1?q=0"), 400, "requete-invalide")
    assert lu["erreurs"] == [{"pointer": "q", "code": "greater-than-equal", "detail": "la valeur doit être au moins 1"}]


async def test_un_segment_et_un_en_tete_faux_sont_des_400(client: AsyncClient) -> None:
    assert probleme(await client.get("/v1/lire/abc"), 400, "requete-invalide")["erreurs"][0]["pointer"] == "rang"
    lu = probleme(await client.get("/v1/lire/1", headers={"x": "abc"}), 400, "requete-invalide")
    assert lu["erreurs"][0]["pointer"] == "x"


async def test_une_faute_du_corps_est_un_422_avec_son_pointeur(client: AsyncClient) -> None:
    lu = probleme(
        await client.post("/v1/ecrire", json={"nom": "a", "liste": [1, "z"], "inconnu": 1}), 422, "contenu-invalide"
    )
    assert {(f["pointer"], f["code"]) for f in lu["erreurs"]} == {
        ("/liste/1", "int-parsing"),
        ("/inconnu", "extra-forbidden"),
    }


async def test_la_phrase_d_un_validateur_est_dite_telle_quelle(client: AsyncClient) -> None:
    lu = probleme(await client.post("/v1/ecrire", json={"nom": "x"}), 422, "contenu-invalide")
    assert lu["erreurs"][0]["detail"] == "« x » n'est pas un nom"


async def test_une_valeur_fausse_n_est_jamais_repetee(client: AsyncClient) -> None:
    reponse = await client.post("/v1/ecrire", json={"nom": "a", "age": "jeanne@exemple.fr"})
    probleme(reponse, 422, "contenu-invalide")
    assert "jeanne" not in reponse.text


async def test_un_json_mal_forme_est_un_400_situe(client: AsyncClient) -> None:
    reponse = await client.post("/v1/ecrire", content=b'{"nom": ', headers={"content-type": "application/json"})
    assert probleme(reponse, 400, "requete-invalide")["erreurs"][0]["code"] == "json-invalide"


async def test_une_methode_refusee_donne_toutes_celles_de_l_adresse(tmp_path: Path) -> None:
    r = APIRouter()

    @r.get("/double")
    async def lire(_: Public) -> int:
        return 1

    @r.post("/double")
    async def ecrire(_: Public) -> int:
        return 2

    passe = Passe(tmp_path)
    async with client_de(creer(tmp_path, r)) as client:
        reponse = await client.put("/double", headers=passe.entetes(HUB, ecriture=True))
        probleme(reponse, 405, "methode-refusee")
        assert reponse.headers["allow"] == "GET, HEAD, OPTIONS, POST"
        options = await client.options("/double", headers=passe.entetes())
        assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_un_extra_ne_masque_aucun_membre_de_la_norme() -> None:
    assert en_probleme(Introuvable("a", status=200, type="x"))["status"] == 404


async def test_un_probleme_s_envoie_sans_cadre_et_sans_corps_pour_head() -> None:
    envoyes: list[Any] = []

    async def envoyer(message: Any) -> None:
        envoyes.append(message)

    await envoyer_probleme(envoyer, QuotaDepasse("Trop."), methode="HEAD")
    assert envoyes[0]["status"] == 429
    assert dict(envoyes[0]["headers"])[b"content-length"] != b"0"
    assert envoyes[1]["body"] == b""


async def test_un_demi_caractere_unicode_ne_casse_pas_le_rendu() -> None:
    envoyes: list[Any] = []

    async def envoyer(message: Any) -> None:
        envoyes.append(message)

    await envoyer_probleme(envoyer, Introuvable("a\ud800b"))
    assert json.loads(envoyes[1]["body"])["status"] == 404


def test_deux_erreurs_d_un_statut_partagent_une_reponse_declaree() -> None:
    class Autre(Erreur):
        code: ClassVar[str] = "autre-conflit"
        statut: ClassVar[int] = 409
        titre: ClassVar[str] = "Autre conflit"

    declarees = reponses(Conflit, Autre)
    assert set(declarees) == {409}
    assert set(declarees[409]["content"]["application/problem+json"]["examples"]) == {"conflit", "autre-conflit"}
