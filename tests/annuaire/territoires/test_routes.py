"""Routes of territories: lists, details, redirections, loading of a layer."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from annuaire.migrations import DOSSIER
from annuaire.territoires.routes import ENVOI_COUCHE, OCTETS_COUCHE, routeur
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.acces.principal import ANONYME, Principal
from socle.donnees.db import Database
from socle.donnees.migrations import migrer
from socle.settings import SocleSettings
from socle.web.app import create_service
from socle.web.client import AsyncClient, creer_client
from socle.web.pagination import Curseurs

BASE = "/annuaire/v1/territoires"
ADMINISTRATEUR = Principal("cle:admin", portees=frozenset({"sync:admin"}))
HUB = Principal("cle:hub", portees=frozenset({"sync:write"}))
LIEE = Principal("cle:liee", portees=frozenset({"sync:admin"}), sources=frozenset({"hub-a"}))


def couche(*codes: str, communes: str = "51454") -> bytes:
    carre = [[[4.03, 49.25], [4.04, 49.25], [4.04, 49.26], [4.03, 49.26], [4.03, 49.25]]]
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"code_qp": code, "lib_qp": f"Quartier fictif {code}", "insee_com": communes},
                    "geometry": {"type": "Polygon", "coordinates": carre},
                }
                for code in codes
            ],
        }
    ).encode()


class Appelant:
    """A client of the routes, as one principal or another, and the number of wake-ups."""

    def __init__(self, client: AsyncClient, signataire: Signataire) -> None:
        self._client, self._signataire = client, signataire
        self.reveils = 0

    def _entetes(self, qui: Principal, ecriture: bool) -> dict[str, str]:
        return {"authorization": f"Bearer {self._signataire.signer(qui, 'annuaire', ecriture=ecriture)}"}

    async def lire(self, chemin: str, **entetes: str) -> Any:
        return await self._client.get(BASE + chemin, headers=self._entetes(ANONYME, False) | entetes)

    async def charger(self, octets: bytes, *, qui: Principal = ADMINISTRATEUR, **parametres: str) -> Any:
        return await self._client.put(
            f"{BASE}/qpv",
            params=parametres,
            content=octets,
            headers=self._entetes(qui, True) | {"content-type": "application/geo+json"},
        )


@pytest.fixture
async def appelant(tmp_path: Path) -> AsyncIterator[Appelant]:
    base = Database(f"sqlite:{tmp_path / 'annuaire.db'}")
    await migrer(base, DOSSIER)
    socle = SocleSettings(donnees=tmp_path, url_publique="https://maillage.example")
    signataire = Signataire.depuis(dossier_des_jetons(socle.secrets))
    app = create_service(
        nom="annuaire",
        titre="annuaire",
        description="",
        version="1",
        settings=socle,
        routeurs=[routeur],
        base=base,
        envois={ENVOI_COUCHE: OCTETS_COUCHE},
    )
    async with creer_client("http://127.0.0.1", app=app) as client:
        appelant = Appelant(client, signataire)

        def reveiller() -> None:
            appelant.reveils += 1

        app.state.contexte = SimpleNamespace(
            base=base,
            socle=socle,
            curseurs=Curseurs(b"s" * 32),
            horloge=lambda: datetime(2026, 11, 24, tzinfo=UTC),
            reveiller=reveiller,
        )
        yield appelant
    await base.fermer()


def codes(reponse: Any) -> list[str]:
    assert reponse.status_code == 200, reponse.text
    return [e["code"] for e in reponse.json()["elements"]]


@pytest.mark.anyio
async def test_chaque_niveau_se_liste_par_code(appelant: Appelant) -> None:
    for niveau, total in (("regions", 26), ("departements", 109)):
        trouves = codes(await appelant.lire(f"/{niveau}?limite=500"))
        assert len(trouves) == total
        assert trouves == sorted(trouves)


@pytest.mark.anyio
async def test_chaque_niveau_donne_un_territoire(appelant: Appelant) -> None:
    assert (await appelant.lire("/regions/04")).json()["nom"] == "La Réunion"
    assert (await appelant.lire("/departements/2A")).json()["fuseau"] == "Europe/Paris"
    assert (await appelant.lire("/epci/200054781")).json()["nom"] == "Métropole du Grand Paris"
    lyon = (await appelant.lire("/communes/69123")).json()
    assert (lyon["departement"], lyon["fuseau"], len(lyon["arrondissements"])) == ("69", "Europe/Paris", 9)
    assert lyon["arrondissements"][2]["codes_postaux"] == ["69003"]


@pytest.mark.anyio
@pytest.mark.parametrize("chemin", ["/regions/99", "/departements/96", "/epci/000000000", "/communes/51999"])
async def test_un_code_que_personne_ne_porte_est_introuvable(appelant: Appelant, chemin: str) -> None:
    reponse = await appelant.lire(chemin)
    assert (reponse.status_code, reponse.json()["type"]) == (404, "/problemes/territoire-inconnu")


@pytest.mark.anyio
@pytest.mark.parametrize("chemin", ["/communes/reims", "/epci/12", "/qpv/QP051001", "/communes?code_postal=51"])
async def test_un_code_mal_forme_est_une_requete_invalide(appelant: Appelant, chemin: str) -> None:
    assert (await appelant.lire(chemin)).status_code == 400


@pytest.mark.anyio
@pytest.mark.parametrize(("ancien", "actuel"), [("49069", "49126"), ("75112", "75056")])
async def test_un_ancien_code_ou_un_arrondissement_renvoie_a_la_commune(
    appelant: Appelant, ancien: str, actuel: str
) -> None:
    reponse = await appelant.lire(f"/communes/{ancien}")
    assert (reponse.status_code, reponse.headers["location"]) == (301, f"{BASE}/communes/{actuel}")


@pytest.mark.anyio
async def test_les_filtres_des_communes_se_croisent_et_leurs_valeurs_s_ajoutent(appelant: Appelant) -> None:
    assert codes(await appelant.lire("/communes?code_postal=01000")) == ["01053", "01344"]
    assert codes(await appelant.lire("/communes?code_postal=01000&code_postal=51100")) == ["01053", "01344", "51454"]
    assert codes(await appelant.lire("/communes?code_postal=01000&departement=51")) == []
    assert len(codes(await appelant.lire("/communes?departement=976&limite=500"))) == 17
    assert codes(await appelant.lire("/communes?region=06&q=mamou")) == ["97611"]
    assert "93001" in codes(await appelant.lire("/communes?epci=200057867"))
    assert codes(await appelant.lire("/departements?region=04")) == ["974"]
    assert "200067213" in codes(await appelant.lire("/epci?departement=51"))
    assert codes(await appelant.lire("/epci?departement=988")) == []


@pytest.mark.anyio
@pytest.mark.parametrize("q", ["saint-etienne-du-ro", "ST ETIENNE DU RO", "Saint Étienne du Rô"])
async def test_le_debut_d_un_nom_se_cherche_sans_accents_ni_casse(appelant: Appelant, q: str) -> None:
    assert codes(await appelant.lire(f"/communes?departement=76&q={q}")) == ["76575"]


@pytest.mark.anyio
async def test_l_article_ne_compte_pas_dans_la_recherche(appelant: Appelant) -> None:
    assert codes(await appelant.lire("/communes?departement=76&q=havre")) == ["76351"]
    assert codes(await appelant.lire("/communes?departement=76&q=le havre")) == ["76351"]


@pytest.mark.anyio
async def test_un_debut_de_nom_se_cherche_dans_tout_le_pays_comme_dans_un_departement(appelant: Appelant) -> None:
    assert codes(await appelant.lire("/communes?q=marcq en b")) == ["59378"]
    partout = codes(await appelant.lire("/communes?q=le h&limite=500"))
    assert len(partout) < 500
    assert [code for code in partout if code.startswith("76")] == codes(
        await appelant.lire("/communes?departement=76&q=le h&limite=500")
    )
    assert "76351" in partout


@pytest.mark.anyio
async def test_un_debut_de_nom_sans_lettre_ne_trouve_rien_et_vide_ne_filtre_rien(appelant: Appelant) -> None:
    for niveau in ("communes", "regions", "epci"):
        assert codes(await appelant.lire(f"/{niveau}?q=!")) == []
        assert codes(await appelant.lire(f"/{niveau}?q=")) == codes(await appelant.lire(f"/{niveau}"))


@pytest.mark.anyio
async def test_les_pages_suivent_sans_trou_ni_doublon(appelant: Appelant) -> None:
    chemin, trouves = "/communes?departement=51&limite=200", []
    suivant: str | None = ""
    while suivant is not None:
        reponse = await appelant.lire(chemin + (f"&curseur={suivant}" if suivant else ""))
        trouves += codes(reponse)
        suivant = reponse.json()["suivant"]
        assert ('rel="next"' in reponse.headers["link"]) == (suivant is not None)
        assert reponse.headers["link"].startswith("<https://maillage.example/annuaire/v1/territoires/communes?")
    assert len(trouves) == len(set(trouves)) > 600


@pytest.mark.anyio
async def test_un_curseur_d_une_autre_requete_est_refuse(appelant: Appelant) -> None:
    suivant = (await appelant.lire("/communes?departement=51&limite=2")).json()["suivant"]
    assert (await appelant.lire(f"/communes?departement=52&limite=2&curseur={suivant}")).status_code == 400


@pytest.mark.anyio
async def test_une_reponse_inchangee_ne_se_renvoie_pas(appelant: Appelant) -> None:
    for chemin in ("/communes/51454", "/regions", "/communes?departement=51"):
        premiere = await appelant.lire(chemin)
        assert premiere.headers["cache-control"] == "public, max-age=86400"
        seconde = await appelant.lire(chemin, **{"if-none-match": premiere.headers["etag"]})
        assert (seconde.status_code, seconde.content) == (304, b"")
    autre = await appelant.lire("/communes/01053", **{"if-none-match": premiere.headers["etag"]})
    assert autre.status_code == 200


@pytest.mark.anyio
async def test_sans_couche_les_quartiers_sont_une_requete_refusee_jamais_une_liste_vide(appelant: Appelant) -> None:
    for chemin in ("/qpv", "/qpv/QN05101M"):
        reponse = await appelant.lire(chemin)
        assert (reponse.status_code, reponse.json()["type"]) == (400, "/problemes/couche-absente")


@pytest.mark.anyio
async def test_une_couche_chargee_se_lit_et_reveille_les_travaux(appelant: Appelant) -> None:
    reponse = await appelant.charger(couche("QN05101M", "QN05102X"))
    assert reponse.status_code == 200
    assert reponse.json() == {
        "ajoutes": 2,
        "modifies": 0,
        "retires": 0,
        "inchanges": 0,
        "version": 1,
        "avertissements": ["QN05102X : lettre finale X inconnue (M, I, N ou C attendues)"],
    }
    assert appelant.reveils == 1
    assert codes(await appelant.lire("/qpv")) == ["QN05101M", "QN05102X"]
    assert (await appelant.lire("/qpv/QN05101M")).json() == {
        "code": "QN05101M", "nom": "Quartier fictif QN05101M", "communes": ["51454"],
    }  # fmt: skip
    assert (await appelant.lire("/qpv/QN05103M")).status_code == 404


@pytest.mark.anyio
async def test_une_couche_compressee_se_charge(appelant: Appelant) -> None:
    assert (await appelant.charger(gzip.compress(couche("QN05101M")))).json()["ajoutes"] == 1


@pytest.mark.anyio
async def test_une_couche_de_plus_d_un_mebioctet_est_admise(appelant: Appelant) -> None:
    assert (await appelant.charger(couche("QN05101M") + b" " * 2_000_000)).status_code == 200


@pytest.mark.anyio
async def test_les_quartiers_se_filtrent_par_les_territoires_de_leurs_communes(appelant: Appelant) -> None:
    await appelant.charger(couche("QN05101M"))
    for filtre in ("commune=51454", "epci=200067213", "departement=51", "region=44", "q=quartier"):
        assert codes(await appelant.lire(f"/qpv?{filtre}")) == ["QN05101M"]
    for filtre in ("commune=01053", "epci=200054781", "departement=52", "region=11", "q=autre"):
        assert codes(await appelant.lire(f"/qpv?{filtre}")) == []


@pytest.mark.anyio
async def test_un_quartier_de_paris_se_trouve_par_un_arrondissement(appelant: Appelant) -> None:
    await appelant.charger(couche("QN07501M", communes="75056"))
    assert codes(await appelant.lire("/qpv?commune=75118")) == ["QN07501M"]


@pytest.mark.anyio
async def test_l_etag_des_quartiers_change_avec_la_couche(appelant: Appelant) -> None:
    await appelant.charger(couche("QN05101M"))
    etag = (await appelant.lire("/qpv")).headers["etag"]
    assert (await appelant.lire("/qpv", **{"if-none-match": etag})).status_code == 304
    await appelant.charger(couche("QN05101M", "QN05102M"))
    assert (await appelant.lire("/qpv", **{"if-none-match": etag})).status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize(("qui", "statut"), [(ANONYME, 401), (HUB, 403), (LIEE, 403), (ADMINISTRATEUR, 200)])
async def test_seul_un_administrateur_libre_charge_une_couche(appelant: Appelant, qui: Principal, statut: int) -> None:
    assert (await appelant.charger(couche("QN05101M"), qui=qui)).status_code == statut
    assert (await appelant.lire("/qpv")).status_code == (200 if statut == 200 else 400)


@pytest.mark.anyio
async def test_une_couche_fautive_est_refusee_avec_la_place_de_la_faute_et_rien_ne_change(appelant: Appelant) -> None:
    await appelant.charger(couche("QN05101M"))
    reponse = await appelant.charger(couche("QN05102M", "QP051001"))
    assert reponse.status_code == 422
    assert reponse.json()["type"] == "/problemes/couche-invalide"
    assert reponse.json()["erreurs"][0]["pointer"] == "/features/1/properties"
    assert codes(await appelant.lire("/qpv")) == ["QN05101M"]


@pytest.mark.anyio
async def test_un_corps_vide_est_refuse(appelant: Appelant) -> None:
    assert (await appelant.charger(b"")).status_code == 422
