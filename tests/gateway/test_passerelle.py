"""The way of a request: caller, quota, token, service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gateway.keys.identifier import Identificateur
from gateway.passerelle import bloc
from gateway.routes_table import LICENCE_OUVERTE, QUOTAS, Classe
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Verificateur
from socle.acces.principal import ANONYME, Principal
from socle.settings import SocleSettings

from gateway import entetes
from tests.fabriques.passerelle import Banc, banc

pytestmark = pytest.mark.anyio


@pytest.fixture
async def b(tmp_path: Path) -> AsyncIterator[Banc]:
    async with banc(tmp_path) as ouvert:
        yield ouvert


def porteur(b: Banc, donnees: Path, *, audience: str = "annuaire", ecriture: bool = False) -> Principal:
    """Caller named by the token that the service received."""
    (valeur,) = b.echo.entete("authorization")
    verificateur = Verificateur.depuis(audience, dossier_des_jetons(SocleSettings(donnees=donnees).secrets))
    return verificateur.verifier(valeur.removeprefix("Bearer "), ecriture=ecriture)


async def test_un_anonyme_a_son_jeton(b: Banc, tmp_path: Path) -> None:
    assert (await b.client.get("/annuaire/v1/lieux")).status_code == 200
    assert porteur(b, tmp_path) == ANONYME


async def test_une_cle_devient_un_jeton_et_ne_va_pas_plus_loin(b: Banc, tmp_path: Path) -> None:
    for identite in (b.identite, {"x-api-key": b.cle}):
        await b.client.get("/annuaire/v1/lieux", headers=identite)
        principal = porteur(b, tmp_path)
        assert principal.sujet.startswith("cle:")
        assert "sync:admin" in principal.portees
        assert "mnk_" not in str(b.echo.recues[-1])


async def test_le_jeton_est_pour_le_service_appele(b: Banc, tmp_path: Path) -> None:
    await b.client.get("/financement/v1/x")
    assert porteur(b, tmp_path, audience="financement") == ANONYME


async def test_une_ecriture_a_un_jeton_a_usage_unique(b: Banc, tmp_path: Path) -> None:
    await b.client.post("/annuaire/v1/sources", headers=b.identite, json={})
    assert not porteur(b, tmp_path, ecriture=True).anonyme


async def test_une_ecriture_anonyme_n_atteint_pas_le_service(b: Banc) -> None:
    reponse = await b.client.post("/annuaire/v1/sources", json={})
    assert (reponse.status_code, b.echo.recues) == (401, [])


FORGES = {
    "cookie": "session=1",
    "forwarded": "for=192.0.2.1",
    "x-forwarded-for": "192.0.2.1",
    "x-forwarded-user": "admin",
    "x-real-ip": "192.0.2.1",
    "x-user": "admin",
    "x-user-id": "admin",
    "x-principal": "admin",
    "x-auth-request-email": "admin",
    "x-maillage-sujet": "admin",
    "remote-user": "admin",
    "x_user": "admin",
    "x-original-url": "/sante",
    "x-http-method-override": "DELETE",
    "x-deadline-ms": "999999",
    "connection": "keep-alive, x-secret",
    "x-secret": "1",
    "te": "trailers",
    "proxy-authorization": "Basic YQ==",
    "upgrade": "h2c",
}


async def test_une_identite_forgee_est_retiree(b: Banc, tmp_path: Path) -> None:
    await b.client.get("/annuaire/v1/lieux", headers={**FORGES, "accept": "text/csv", "if-none-match": '"a"'})
    recus = dict(b.echo.recues[-1]["entetes"])
    assert not set(recus) & (set(FORGES) - {"x-deadline-ms"})
    assert recus["x-deadline-ms"] == "10000"
    assert (recus["accept"], recus["if-none-match"]) == ("text/csv", '"a"')
    assert porteur(b, tmp_path) == ANONYME


async def test_sans_le_filtre_une_identite_forgee_passerait(b: Banc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entetes, "IDENTITE", frozenset())
    monkeypatch.setattr(entetes, "_ENTRANTS", frozenset())
    monkeypatch.setattr(entetes, "_PREFIXES_IDENTITE", ())
    await b.client.get("/annuaire/v1/lieux", headers=FORGES)
    assert {"cookie", "x-user", "remote-user"} <= set(dict(b.echo.recues[-1]["entetes"]))


@pytest.mark.parametrize(
    "valeur", ["Bearer x", "Bearer ", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30.", "mnk_local_a", "Bearer mnk_"]
)
async def test_une_identite_qui_n_est_pas_une_cle_est_un_401(b: Banc, valeur: str) -> None:
    reponse = await b.client.get("/annuaire/v1/lieux", headers={"authorization": valeur})
    assert (reponse.status_code, b.echo.recues) == (401, [])


async def test_deux_cles_dans_une_requete_sont_refusees(b: Banc) -> None:
    reponse = await b.client.get("/annuaire/v1/lieux", headers={**b.identite, "x-api-key": b.cle})
    assert reponse.status_code == 401


@pytest.mark.parametrize("parametre", ["q={}", "api_key={}", "access_token=abc", "X-Api-Key=abc", "a=1&apikey=abc"])
async def test_une_cle_dans_l_adresse_est_un_400(b: Banc, parametre: str) -> None:
    reponse = await b.client.get("/annuaire/v1/lieux?" + parametre.format(b.cle))
    assert (reponse.status_code, reponse.json()["type"]) == (400, "/problemes/cle-dans-adresse")
    assert b.cle not in reponse.text
    assert b.echo.recues == []


async def test_l_adresse_brute_est_transmise_telle_quelle(b: Banc) -> None:
    for cible in ("/annuaire/v1/a%2Fb%20%C3%A9/..%2f", "/annuaire/v1//x//", "/annuaire/v1/%61?q=%20+a&q=%26"):
        await b.client.get(cible)
        recue = b.echo.recues[-1]
        assert recue["cible"] + ("?" + recue["requete"] if recue["requete"] else "") == cible


async def test_la_trace_va_jusqu_au_service(b: Banc) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await b.client.get("/annuaire/v1/lieux", headers={"traceparent": parent})
    (recu,) = b.echo.entete("traceparent")
    assert recu.split("-")[1] == parent.split("-")[1]
    assert recu != parent


async def test_une_lecture_publique_est_ouverte_a_tous_les_sites(b: Banc) -> None:
    b.echo.entetes.append((b"access-control-allow-credentials", b"true"))
    b.echo.entetes.append((b"set-cookie", b"a=1"))
    reponse = await b.client.get("/annuaire/v1/lieux", headers={"origin": "https://exemple.fr"})
    assert reponse.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reponse.headers
    assert "set-cookie" not in reponse.headers
    assert "RateLimit" in reponse.headers["access-control-expose-headers"]
    assert reponse.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_une_reponse_dont_le_service_ne_dit_rien_n_est_gardee_par_personne(b: Banc) -> None:
    assert (await b.client.get("/annuaire/v1/lieux")).headers["cache-control"] == "private, no-store"
    b.echo.entetes.append((b"cache-control", b"public, max-age=30"))
    assert (await b.client.get("/annuaire/v1/lieux")).headers["cache-control"] == "public, max-age=30"


async def test_la_licence_est_dite_une_fois(b: Banc) -> None:
    licence = f'<{LICENCE_OUVERTE}>; rel="license"'
    assert (await b.client.get("/annuaire/v1/lieux")).headers.get_list("link") == [licence]
    b.echo.entetes += [(b"link", b'<https://exemple.fr/licence>; rel="license"')]
    dits = (await b.client.get("/annuaire/v1/lieux")).headers.get_list("link")
    assert dits == ['<https://exemple.fr/licence>; rel="license"']
    b.echo.entetes, b.echo.statut = [], 404
    assert "link" not in (await b.client.get("/annuaire/v1/lieux")).headers


async def test_un_prevol_ne_nomme_les_origines_qu_une_fois(b: Banc) -> None:
    prevol = {"origin": "https://exemple.fr", "access-control-request-method": "GET"}
    reponse = await b.client.options("/annuaire/v1/lieux", headers=prevol)
    assert reponse.headers.get_list("access-control-allow-origin") == ["*"]


async def test_un_en_tete_nomme_par_connection_ne_sort_pas(b: Banc) -> None:
    b.echo.entetes += [(b"Connection", b"x-saut"), (b"X-Saut", b"1"), (b"X-Reste", b"1")]
    dits = (await b.client.get("/annuaire/v1/lieux")).headers
    assert ("x-saut" in dits, dits.get("x-reste")) == (False, "1")
    # The same names, but no hop: what was decided for the former answer does not hold.
    b.echo.entetes[-3] = (b"Connection", b"close")
    assert (await b.client.get("/annuaire/v1/lieux")).headers["x-saut"] == "1"


async def test_un_prevol_n_est_accorde_qu_aux_lectures(b: Banc) -> None:
    def prevol(methode: str) -> dict[str, str]:
        return {"origin": "https://exemple.fr", "access-control-request-method": methode}

    accord = await b.client.options("/annuaire/v1/lieux", headers=prevol("GET"))
    assert (accord.status_code, accord.headers["access-control-max-age"]) == (204, "86400")
    assert "authorization" not in accord.headers["access-control-allow-headers"].lower()
    assert b.echo.recues == []
    refus = await b.client.options("/cles", headers=prevol("POST"))
    assert "access-control-allow-origin" not in refus.headers


async def test_une_reponse_d_ecriture_n_est_pas_ouverte_aux_sites(b: Banc) -> None:
    reponse = await b.client.post("/annuaire/v1/sources", headers=b.identite, json={})
    assert "access-control-allow-origin" not in reponse.headers


async def test_les_entetes_de_quota_disent_ce_qui_reste(tmp_path: Path) -> None:
    async with banc(tmp_path, quotas_facteur=1) as b:
        premiere = await b.client.get("/annuaire/v1/lieux")
        seconde = await b.client.get("/annuaire/v1/lieux")
        assert premiere.headers["ratelimit-policy"] == '"ip";q=600;w=60'
        assert premiere.headers["ratelimit"].startswith('"ip";r=599;t=')
        assert seconde.headers["ratelimit"].startswith('"ip";r=598;t=')
        avec_cle = await b.client.get("/annuaire/v1/lieux", headers=b.identite)
        assert avec_cle.headers["ratelimit-policy"] == '"cle";q=3000;w=60'
        assert (await b.client.get("/annuaire/v1/recherche")).headers["ratelimit-policy"] == '"recherche";q=300;w=60'


async def test_un_quota_depasse_est_un_429_qui_dit_quand_revenir(tmp_path: Path) -> None:
    async with banc(tmp_path, quotas_facteur=1) as b:
        nombre = QUOTAS[Classe.EXPORTS][0].nombre
        statuts = [(await b.client.get("/annuaire/v1/exports/lieux")).status_code for _ in range(nombre)]
        assert statuts == [200] * nombre
        refus = await b.client.get("/annuaire/v1/exports/lieux")
        assert (refus.status_code, refus.json()["type"]) == (429, "/problemes/quota-exceeded")
        assert refus.json()["violated-policies"] == ["exports"]
        assert 1 <= int(refus.headers["retry-after"]) <= 7200
        assert refus.headers["ratelimit"].startswith('"exports";r=0;')
        assert refus.headers["access-control-allow-origin"] == "*"
        assert len(b.echo.recues) == nombre
        assert (await b.client.get("/annuaire/v1/lieux")).status_code == 200


async def test_les_cles_essayees_au_hasard_epuisent_leur_propre_quota(tmp_path: Path) -> None:
    async with banc(tmp_path, quotas_facteur=0.05) as b:
        refus = [
            (await b.client.get("/annuaire/v1/lieux", headers={"authorization": "Bearer x"})).status_code
            for _ in range(5)
        ]
        assert refus == [401, 401, 401, 429, 429]


async def test_la_demonstration_a_de_larges_quotas(b: Banc) -> None:
    reponse = await b.client.get("/annuaire/v1/exports/lieux")
    assert reponse.headers["ratelimit-policy"] == '"exports";q=10000;w=3600'


async def test_un_facteur_nul_leve_les_quotas(tmp_path: Path) -> None:
    async with banc(tmp_path, quotas_facteur=0) as b:
        assert "ratelimit" not in (await b.client.get("/annuaire/v1/lieux")).headers


def test_une_ligne_ipv6_compte_pour_un_appelant() -> None:
    assert bloc("2001:db8:1:2:3::1") == bloc("2001:db8:1:2:ffff::2") == "2001:db8:1:2::/64"
    assert bloc("192.0.2.1") == "192.0.2.1"
    assert bloc("::ffff:192.0.2.1") == "192.0.2.1"
    assert bloc("inconnue") == "inconnue"


async def test_une_methode_inconnue_est_dite_par_le_service(b: Banc) -> None:
    b.echo.statut = 405
    assert (await b.client.request("TRACE", "/annuaire/v1/lieux")).status_code == 405
    assert b.echo.recues[-1]["methode"] == "TRACE"


async def test_les_adresses_internes_des_services_sont_fermees(b: Banc) -> None:
    for chemin in ("/annuaire/metrics", "/annuaire", "/annuaire/v1x", "/annuaire/v2/lieux", "//annuaire/v1/lieux"):
        assert (await b.client.get(chemin)).status_code == 404
    assert b.echo.recues == []


async def test_un_hote_inconnu_est_un_421(b: Banc) -> None:
    reponse = await b.client.get("/annuaire/v1/lieux", headers={"host": "exemple.org"})
    assert (reponse.status_code, b.echo.recues) == (421, [])


async def test_le_nom_public_est_toujours_servi(tmp_path: Path) -> None:
    async with banc(tmp_path, socle={"url_publique": "https://maillage.exemple.fr"}) as b:
        reponse = await b.client.get("/annuaire/v1/lieux", headers={"host": "maillage.exemple.fr"})
        assert reponse.status_code == 200


async def test_la_tete_est_bornee_avant_le_service(b: Banc) -> None:
    assert (await b.client.get("/annuaire/v1/" + "a" * 8192)).status_code == 414
    assert (await b.client.get("/annuaire/v1/a", headers={"a": "x" * 16384})).status_code == 431
    assert (await b.client.get("/annuaire/v1/a?" + "&".join(f"a{rang}=1" for rang in range(51)))).status_code == 400
    assert b.echo.recues == []


async def test_un_appelant_ne_donne_pas_de_delai(b: Banc) -> None:
    # An address that reads the database: one that waits for nothing would answer in any delay.
    assert (await b.client.get("/cles", headers={**b.identite, "x-deadline-ms": "0"})).status_code == 200


async def test_un_corps_trop_grand_pour_sa_ligne_n_atteint_pas_le_service(b: Banc) -> None:
    grand = b"x" * (2**20 + 1)
    lecture = await b.client.request("GET", "/annuaire/v1/territoires/qpv/QN07501X", content=grand)
    assert lecture.status_code == 413
    assert b.echo.recues == []
    envoi = await b.client.put("/annuaire/v1/territoires/qpv", content=grand, headers=b.identite)
    assert envoi.status_code == 200


async def test_un_service_absent_de_la_table_empeche_de_composer(tmp_path: Path) -> None:
    from gateway.app import create_app
    from gateway.settings import GatewaySettings

    with pytest.raises(ValueError, match="coordination, financement"):
        create_app(amonts={"annuaire": "http://127.0.0.1:1"}, socle=SocleSettings(donnees=tmp_path),
                   settings=GatewaySettings())  # fmt: skip


async def test_l_identification_ne_lit_la_base_qu_une_fois_par_cle(b: Banc, monkeypatch: pytest.MonkeyPatch) -> None:
    identificateur: Identificateur = b.app.locale.state.identificateur
    await b.client.get("/annuaire/v1/lieux", headers=b.identite)
    monkeypatch.setattr(identificateur, "_base", None)
    assert (await b.client.get("/annuaire/v1/lieux", headers=b.identite)).status_code == 200
