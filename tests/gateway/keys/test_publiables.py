"""Publishable keys: they name an application, and open nothing."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from gateway.keys import identifier, rules
from gateway.keys.errors import CleMalDecrite, CleRefusee
from gateway.keys.identifier import Identificateur
from gateway.routes_table import ECRITURES, ROUTES, Classe
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Verificateur
from socle.acces.principal import ANONYME
from socle.settings import SocleSettings

from tests.fabriques.passerelle import Banc, banc

pytestmark = pytest.mark.anyio

EN_TETE = "x-maillage-application"


@pytest.fixture
async def b(tmp_path: Path) -> AsyncIterator[Banc]:
    async with banc(tmp_path, quotas_facteur=1) as ouvert:
        yield ouvert


async def creer(b: Banc, **champs: object) -> str:
    demande = {"nom": "Carte d'une ville", "publiable": True, **champs}
    creee = await b.client.post("/cles", headers=b.identite, json=demande)
    assert creee.status_code == 201, creee.text
    return str(creee.json()["cle"])


def test_une_cle_publiable_se_reconnait_a_son_debut() -> None:
    parties, texte = rules.fabriquer("local", secrets.choice, publiable=True)
    assert texte.startswith("mpub_local_")
    assert parties.publiable
    assert rules.lire(texte) == parties
    # The sum covers the beginning: a key does not change kind by being renamed.
    assert rules.lire("mnk_" + texte.removeprefix("mpub_")) is None


@pytest.mark.parametrize(
    "defaut", [{"portees": ["lecture"]}, {"sources": ["hub-a"]}, {"duree": timedelta(days=3654)}], ids=str
)
def test_une_cle_publiable_ne_porte_rien(defaut: dict[str, object]) -> None:
    bonne: dict[str, object] = {
        "nom": "Carte", "portees": [], "sources": None, "reseaux": None, "duree": timedelta(days=3653),
    }  # fmt: skip
    rules.valider(publiable=True, **bonne)  # type: ignore[arg-type]
    with pytest.raises(CleMalDecrite):
        rules.valider(publiable=True, **{**bonne, **defaut})  # type: ignore[arg-type]


async def test_elle_est_creee_listee_et_dure_assez_pour_une_application_installee(b: Banc) -> None:
    texte = await creer(b)
    (lue,) = [cle for cle in (await b.client.get("/cles", headers=b.identite)).json()["elements"] if cle["id"] in texte]
    assert (lue["publiable"], lue["portees"]) == (True, [])
    assert int(lue["expire_le"][:4]) - int(lue["creee_le"][:4]) == 5


@pytest.mark.parametrize("champs", [{"portees": ["lecture"]}, {"sources": ["a"]}, {"jours": 4000}], ids=str)
async def test_avec_une_portee_elle_est_un_422(b: Banc, champs: dict[str, object]) -> None:
    refus = await b.client.post("/cles", headers=b.identite, json={"nom": "a", "publiable": True, **champs})
    assert refus.status_code == 422


async def test_une_cle_d_acces_a_toujours_besoin_d_une_portee(b: Banc) -> None:
    refus = await b.client.post("/cles", headers=b.identite, json={"nom": "a"})
    assert (refus.status_code, refus.json()["type"]) == (422, "/problemes/cle-mal-decrite")


async def test_une_lecture_est_celle_d_un_anonyme_et_compte_pour_l_application(b: Banc, tmp_path: Path) -> None:
    texte = await creer(b)
    reponse = await b.client.get("/annuaire/v1/lieux", headers={EN_TETE: texte})
    assert reponse.status_code == 200
    assert reponse.headers["ratelimit-policy"].startswith('"application-adresse";q=1200;w=60, "application"')
    (jeton,) = b.echo.entete("authorization")
    verificateur = Verificateur.depuis("annuaire", dossier_des_jetons(SocleSettings(donnees=tmp_path).secrets))
    assert verificateur.verifier(jeton.removeprefix("Bearer ")) == ANONYME
    assert "mpub_" not in str(b.echo.recues)


async def test_elle_n_ecrit_que_ce_que_chacun_peut_ecrire_sans_cle(b: Banc) -> None:
    identite = {EN_TETE: await creer(b)}
    # an orientation is a reading that is posted: it writes nothing
    ouvertes = {route for route in ROUTES if route.quota in (Classe.SIGNALEMENTS, Classe.RECHERCHE)}
    essais = [
        (methode, route.prefixe.rstrip("/") + "/x" + route.fin)
        for route in ROUTES
        if route not in ouvertes
        for methode in sorted(route.methodes & ECRITURES)
    ]
    assert len(essais) > 10
    for methode, chemin in [*essais, ("POST", "/cles"), ("POST", "/cles/x/actions/revoquer"), ("GET", "/cles")]:
        corps = {"nom": "a", "portees": ["lecture"]} if (methode, chemin) == ("POST", "/cles") else None
        reponse = await b.client.request(methode, chemin, headers=identite, json=corps)
        assert reponse.status_code == 401, (methode, chemin)
    assert b.echo.recues == []


async def test_si_elle_n_etait_pas_anonyme_elle_ecrirait(b: Banc, monkeypatch: pytest.MonkeyPatch) -> None:
    from socle.acces.principal import Principal

    identite = {EN_TETE: await creer(b)}
    monkeypatch.setattr(identifier, "_porteur", lambda cle: Principal(sujet=cle.id))
    monkeypatch.setattr(identifier, "EN_TETE_APPLICATION", b"ailleurs")
    await b.client.post("/annuaire/v1/sources", headers=identite, json={})
    assert len(b.echo.recues) == 1


@pytest.mark.parametrize("en_tete", ["authorization", "x-api-key"])
async def test_elle_ne_va_pas_ou_va_une_cle_secrete(b: Banc, en_tete: str) -> None:
    texte = await creer(b)
    valeur = f"Bearer {texte}" if en_tete == "authorization" else texte
    for methode in ("GET", "POST"):
        refus = await b.client.request(methode, "/annuaire/v1/sources", headers={en_tete: valeur})
        assert (refus.status_code, "X-Maillage-Application" in refus.json()["detail"]) == (401, True)
    assert b.echo.recues == []


async def test_une_cle_secrete_ne_va_pas_dans_son_en_tete(b: Banc) -> None:
    refus = await b.client.get("/annuaire/v1/lieux", headers={EN_TETE: b.cle})
    assert (refus.status_code, b.echo.recues) == (401, [])


async def test_elle_n_accompagne_pas_une_autre_identite(b: Banc) -> None:
    refus = await b.client.get("/annuaire/v1/lieux", headers={EN_TETE: await creer(b), **b.identite})
    assert refus.status_code == 401


async def test_dans_l_adresse_elle_est_un_400_qui_dit_ou_la_mettre(b: Banc) -> None:
    refus = await b.client.get(f"/annuaire/v1/lieux?cle={await creer(b)}")
    assert (refus.status_code, refus.json()["type"]) == (400, "/problemes/cle-dans-adresse")
    assert "X-Maillage-Application" in refus.json()["detail"]


async def test_une_page_d_un_autre_site_peut_l_envoyer(b: Banc) -> None:
    prevol = {"origin": "https://exemple.fr", "access-control-request-method": "GET"}
    accord = await b.client.options("/annuaire/v1/lieux", headers=prevol)
    admis = accord.headers["access-control-allow-headers"].lower().split(", ")
    assert EN_TETE in admis
    assert not {"authorization", "x-api-key"} & set(admis)


async def test_revoquee_elle_est_refusee(b: Banc) -> None:
    texte = await creer(b)
    await b.client.post(f"/cles/{texte.split('_')[2]}/actions/revoquer", headers=b.identite)
    refus = await b.client.get("/annuaire/v1/lieux", headers={EN_TETE: texte})
    assert (refus.status_code, refus.json()["type"]) == (401, "/problemes/cle-refusee")


async def test_une_cle_secrete_renommee_n_est_pas_connue(b: Banc) -> None:
    debut = "mpub_" + b.cle.removeprefix("mnk_").rpartition("_")[0]
    renommee = f"{debut}_{rules.somme(debut)}"
    identificateur: Identificateur = b.app.locale.state.identificateur
    with pytest.raises(CleRefusee, match="connue"):
        await identificateur.identifier([(EN_TETE.encode(), renommee.encode())], b"", adresse="192.0.2.1")
