"""What every service does the same way."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Query, Request, Response
from socle.acces.politique import Portee, Public
from socle.acces.principal import Principal
from socle.donnees.db import Database
from socle.errors import Indisponible
from socle.settings import SocleSettings
from socle.web.client import AsyncClient, creer_client, echeance, trace
from socle.web.pagination import Page, ParametresPage
from socle.web.vie import vivre
from starlette.responses import StreamingResponse

from tests.fabriques.services import HUB, Passe, client_de, creer, dialogue, servir

pytestmark = pytest.mark.anyio


def routeur() -> APIRouter:
    r = APIRouter(prefix="/annuaire/v1")

    @r.get("/lieux")
    async def lister(
        _: Public, page: Annotated[ParametresPage, Query()], departement: Annotated[str | None, Query()] = None
    ) -> Page[str]:
        """Lister."""
        return Page(elements=[departement or "-"] * page.limite, suivant=None)

    @r.get("/lieux/{id}")
    async def lire(_: Public, id: str) -> Response:
        return Response(b"x" * 2000, media_type="application/json", headers={"etag": '"v1"'})

    @r.post("/lieux")
    async def ecrire(_: Annotated[Principal, Portee("sync:write")], corps: dict[str, int]) -> int:
        return len(corps)

    @r.get("/lent")
    async def lent(_: Public) -> None:
        await asyncio.Event().wait()

    @r.get("/flux")
    async def flux(_: Public) -> StreamingResponse:
        async def lignes() -> AsyncIterator[bytes]:
            for rang in range(3):
                yield f"{rang}\n".encode() * 400

        return StreamingResponse(lignes(), media_type="application/x-ndjson")

    @r.get("/trace")
    async def dire(_: Public, request: Request) -> dict[str, Any]:
        return {"parent": trace.get(), "etat": request.state.trace, "echeance": echeance.get() is not None}

    return r


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    passe = Passe(tmp_path)
    async with client_de(creer(tmp_path, routeur())) as client:
        client.headers.update({**passe.entetes(), "accept-encoding": "identity"})
        yield client


async def test_un_parametre_inconnu_est_refuse_avec_le_plus_proche(client: AsyncClient) -> None:
    reponse = await client.get("/annuaire/v1/lieux?department=75&limite=2")
    assert reponse.status_code == 400
    lu = reponse.json()
    assert [f["pointer"] for f in lu["erreurs"]] == ["department"]
    assert "« departement »" in lu["erreurs"][0]["detail"]
    assert lu["parametres_admis"] == ["curseur", "departement", "limite"]


async def test_un_parametre_sans_voisin_est_refuse_sans_conseil(client: AsyncClient) -> None:
    lu = (await client.get("/annuaire/v1/lieux/1?zzz=1")).json()
    assert lu["erreurs"][0]["detail"] == "paramètre inconnu"


async def test_les_parametres_du_modele_et_de_la_fonction_sont_connus(client: AsyncClient) -> None:
    reponse = await client.get("/annuaire/v1/lieux?departement=75&limite=2")
    assert reponse.json() == {"elements": ["75", "75"], "suivant": None}


async def test_head_a_les_entetes_de_get_et_aucun_corps(client: AsyncClient) -> None:
    get = await client.get("/annuaire/v1/lieux")
    head = await client.head("/annuaire/v1/lieux")
    assert head.content == b""
    assert head.headers == get.headers


async def test_un_head_garde_la_connexion_ouverte(tmp_path: Path) -> None:
    jeton = Passe(tmp_path).entetes(HUB)["authorization"]
    demande = ("HEAD /annuaire/v1/lieux/a HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {jeton}")
    async with servir(creer(tmp_path, routeur())) as adresse, dialogue(adresse) as fil:
        for _ in range(2):
            await fil.envoyer(*demande)
            statut, entetes = await fil.tete()
            assert (statut, entetes["content-length"]) == (200, "2000")


async def test_les_entetes_de_securite_sont_partout(client: AsyncClient) -> None:
    for chemin in ("/annuaire/v1/lieux", "/rien", "/sante/vivant"):
        reponse = await client.get(chemin)
        assert reponse.headers["x-content-type-options"] == "nosniff"
        assert reponse.headers["strict-transport-security"].startswith("max-age=63072000")
        assert reponse.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert reponse.headers["referrer-policy"] == "no-referrer"
        assert "permissions-policy" in reponse.headers
        assert "server" not in reponse.headers


async def test_gzip_change_l_etag_fort_et_dit_vary(client: AsyncClient) -> None:
    brute = await client.get("/annuaire/v1/lieux/1")
    assert (brute.headers["etag"], brute.headers["vary"]) == ('"v1"', "Accept, Accept-Encoding")
    async with client.stream("GET", "/annuaire/v1/lieux/1", headers={"accept-encoding": "gzip"}) as reponse:
        octets = b"".join([morceau async for morceau in reponse.aiter_raw()])
    assert reponse.headers["content-encoding"] == "gzip"
    assert reponse.headers["etag"] == '"v1--gzip"'
    assert reponse.headers["content-length"] == str(len(octets))
    assert gzip.decompress(octets) == brute.content


async def test_un_flux_compresse_se_lit_en_entier(client: AsyncClient) -> None:
    brut = await client.get("/annuaire/v1/flux")
    presse = await client.get("/annuaire/v1/flux", headers={"accept-encoding": "gzip"})
    assert presse.headers["content-encoding"] == "gzip"
    assert presse.content == brut.content


@pytest.mark.parametrize("codage", ["identity", "br", "gzip;q=0", "*;q=0", ""])
async def test_gzip_n_est_pas_impose(client: AsyncClient, codage: str) -> None:
    reponse = await client.get("/annuaire/v1/lieux/1", headers={"accept-encoding": codage})
    assert "content-encoding" not in reponse.headers


async def test_une_petite_reponse_n_est_pas_compressee(client: AsyncClient) -> None:
    reponse = await client.get("/annuaire/v1/lieux?limite=1", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in reponse.headers
    assert reponse.headers["vary"] == "Accept, Accept-Encoding"


async def test_un_delai_ecoule_est_un_504(client: AsyncClient) -> None:
    reponse = await client.get("/annuaire/v1/lent", headers={"x-deadline-ms": "20"})
    assert (reponse.status_code, reponse.json()["type"]) == (504, "/problemes/delai-depasse")


async def test_la_trace_recue_est_suivie(client: AsyncClient) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    lu = (await client.get("/annuaire/v1/trace", headers={"traceparent": parent})).json()
    assert lu["etat"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert lu["parent"].startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert lu["parent"] != parent
    assert lu["echeance"]


@pytest.mark.parametrize("parent", ["", "zz", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "00-" + "A" * 32 + "-a-01"])
async def test_une_trace_fausse_en_commence_une_autre(client: AsyncClient, parent: str) -> None:
    lu = (await client.get("/annuaire/v1/trace", headers={"traceparent": parent})).json()
    assert len(lu["etat"]) == 32
    assert set(lu["etat"]) != {"0"}


async def test_les_mesures_sont_par_gabarit_jamais_par_identifiant(client: AsyncClient) -> None:
    for rang in range(3):
        await client.get(f"/annuaire/v1/lieux/{rang}")
    await client.get("/annuaire/v1/inconnu-17")
    lignes = (await client.get("/metrics")).text
    assert 'maillage_requetes_total{methode="GET",route="/annuaire/v1/lieux/{id}",statut="200"} 3.0' in lignes
    assert 'route="autre",statut="404"' in lignes
    assert "inconnu-17" not in lignes


async def test_le_contrat_dit_les_problemes_et_jamais_ceux_du_cadre(client: AsyncClient) -> None:
    contrat = (await client.get("/openapi.json")).json()
    assert contrat["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in json.dumps(contrat)
    lire, ecrire = contrat["paths"]["/annuaire/v1/lieux"]["get"], contrat["paths"]["/annuaire/v1/lieux"]["post"]
    assert set(lire["responses"]) >= {"200", "400", "default"}
    assert "422" not in lire["responses"]
    assert "security" not in lire
    assert set(ecrire["responses"]) >= {"400", "401", "403", "413", "415", "422"}
    assert (ecrire["security"], ecrire["x-portees"]) == ([{"cle": []}], ["sync:write"])


async def test_pret_dit_la_base_et_vivant_ne_la_touche_pas(tmp_path: Path) -> None:
    base = Database(f"sqlite:{tmp_path / 'a.db'}")
    async with base.write():
        pass
    async with client_de(creer(tmp_path, base=base)) as client:
        lu = (await client.get("/sante/pret")).json()
        assert lu["statut"] == "pret"
        assert lu["verifications"]["base"].startswith("sqlite 3.")


async def test_une_dependance_indispensable_en_panne_rend_indisponible(tmp_path: Path) -> None:
    async def tomber() -> str:
        raise Indisponible("Rien à l'adresse contact@exemple.fr")

    async def trainer() -> str:
        await asyncio.Event().wait()
        return "jamais"

    app = creer(tmp_path, essentielles={"a": tomber}, secondaires={"b": trainer})
    app.state.sante.delai = 0.01
    async with client_de(app) as client:
        reponse = await client.get("/sante/pret")
        assert (reponse.status_code, reponse.headers["retry-after"]) == (503, "5")
        lu = reponse.json()
        assert (lu["statut"], lu["degrade"]) == ("indisponible", ["b"])
        assert lu["verifications"] == {"a": "Rien à l'adresse [courriel]", "b": "ne répond pas à temps"}
        assert (await client.get("/sante/vivant")).status_code == 200


async def test_une_dependance_secondaire_en_panne_degrade_seulement(tmp_path: Path) -> None:
    async def tomber() -> str:
        raise OSError("secret dans un message")

    async with client_de(creer(tmp_path, secondaires={"b": tomber})) as client:
        reponse = await client.get("/sante/pret")
        assert (reponse.status_code, reponse.json()["statut"]) == (200, "degrade")
        assert reponse.json()["verifications"] == {"b": "OSError"}


async def test_les_taches_vivent_le_temps_du_service(tmp_path: Path) -> None:
    journal: list[str] = []

    @asynccontextmanager
    async def tache(_: Any) -> AsyncIterator[None]:
        journal.append("debut")
        yield
        journal.append("fin")

    app = creer(tmp_path, taches=[tache])
    async with vivre(app):
        assert journal == ["debut"]
    assert journal == ["debut", "fin"]
    async with creer_client("http://127.0.0.1", app=app) as client:
        assert (await client.get("/sante/pret")).json()["statut"] == "arret"


async def test_une_tache_qui_ne_demarre_pas_empeche_le_service(tmp_path: Path) -> None:
    @asynccontextmanager
    async def tache(_: Any) -> AsyncIterator[None]:
        raise RuntimeError("base absente")
        yield

    with pytest.raises(RuntimeError, match="base absente"):
        async with vivre(creer(tmp_path, taches=[tache])):
            pytest.fail("le service a démarré")


async def test_un_hote_inconnu_est_refuse_par_le_service(tmp_path: Path) -> None:
    app = creer(tmp_path, settings=SocleSettings(donnees=tmp_path, hotes=("interne",)))
    async with client_de(app) as client:
        assert (await client.get("/sante/vivant")).status_code == 421
        assert (await client.get("/sante/vivant", headers={"host": "interne:9"})).status_code == 200


async def test_le_client_sortant_porte_la_trace_et_le_reste_du_delai(tmp_path: Path) -> None:
    passe = Passe(tmp_path)
    vus: list[dict[str, str]] = []

    async def loin(scope: Any, receive: Any, send: Any) -> None:
        vus.append({nom.decode(): valeur.decode() for nom, valeur in scope["headers"]})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    r = APIRouter()

    @r.get("/relais")
    async def relayer(_: Public) -> int:
        async with creer_client("http://loin", app=loin) as sortant:
            return (await sortant.get("/x")).status_code

    async with client_de(creer(tmp_path, r)) as client:
        entetes = {**passe.entetes(HUB), "x-deadline-ms": "5000"}
        assert (await client.get("/relais", headers=entetes)).json() == 200
    assert vus[0]["traceparent"].startswith("00-")
    assert 0 < int(vus[0]["x-deadline-ms"]) <= 5000
