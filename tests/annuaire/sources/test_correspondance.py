"""The correspondence of a source: versions kept, one in force, lists read by it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from annuaire.correspondances.document import schema_json
from socle.acces.principal import ANONYME, Principal

from tests.fabriques.annuaire import ADMIN, ECRIVAIN, ETRANGER, SANS_PORTEE, Annuaire, nouvelle_cle

pytestmark = pytest.mark.anyio

AIDE, OUTILS = "Aide aux démarches administratives", "Maîtrise des outils numériques du quotidien"
DOCUMENT: dict[str, Any] = {
    "maillage": 1,
    "cle": "Numero",
    "champs": {
        "nom": "Intitule",
        "commune": "Ville",
        "code_postal": "CP",
        "adresse": {"joindre": ["No", "Voie"]},
        "services": [{"colonne": "Actions", "table": {"R": AIDE, "O": OUTILS}, "separateur": "-"}, {"constante": AIDE}],
        "structure_parente": {"constante": "Réseau fictif"},
    },
}
REGROUPE = {**DOCUMENT, "cle": {"deriver": ["nom", "code_insee"]}, "regrouper": {"par": ["nom", "commune"]}}


def ligne(rang: int, **reste: Any) -> dict[str, Any]:
    """Return a raw row of a list that follows no standard."""
    valeurs = {
        "Numero": rang,
        "Intitule": f"Espace {rang}",
        "Ville": "Grenoble",
        "CP": 38000,
        "No": rang,
        "Voie": "rue X",
    }
    return {**valeurs, "Actions": "R-O", **reste}


async def _mettre(annuaire: Annuaire, source: str, document: Any, *, qui: Principal = ECRIVAIN, etag: str = "") -> Any:
    entetes = {**annuaire.entetes(qui, ecriture=True), **({"If-Match": etag} if etag else {})}
    return await annuaire.client.put(f"/annuaire/v1/sources/{source}/correspondance", json=document, headers=entetes)


async def _garder(annuaire: Annuaire, source: str, document: Any, *, qui: Principal = ECRIVAIN) -> Any:
    entetes = {"Idempotency-Key": nouvelle_cle()}
    return await annuaire.post(f"/sources/{source}/correspondances", qui=qui, corps=document, entetes=entetes)


async def test_une_liste_hors_standard_entre_par_sa_correspondance(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    mise = await _mettre(annuaire, source, DOCUMENT)
    assert (mise.status_code, mise.json()["version"], mise.json()["en_vigueur"]) == (200, 1, True), mise.text
    run = await annuaire.synchroniser(source, [ligne(1), ligne(2, Actions="", Couleur="bleu")])
    assert (run["correspondance"], run["lignes"]["valides"], run["plan"]["crees"]) == (1, 2, 2)
    assert run["devine"]["colonnes_non_lues"] == {"Couleur": 1}
    lieux = {lieu["nom"]: lieu for lieu in await annuaire.tous("/lieux", source=source)}
    assert (lieux["Espace 1"]["adresse"], lieux["Espace 1"]["code_insee"]) == ("1 rue X", "38185")
    assert lieux["Espace 1"]["services"] == [AIDE, OUTILS]
    fiche = await annuaire.get(f"/lieux/{lieux['Espace 2']['id']}", provenance="true")
    origines = {champ: dite["origine"] for champ, dite in fiche.json()["provenance"].items()}
    assert (origines["services"], origines["structure_parente"], origines["nom"]) == ("defaut", "defaut", "declare")


async def test_changer_la_correspondance_fait_relire_les_memes_octets(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    etag = (await _mettre(annuaire, source, DOCUMENT)).headers["etag"]
    liste = [ligne(1), ligne(2)]
    await annuaire.synchroniser(source, liste)
    await annuaire.synchroniser(source, liste, etat="inchange")
    champs = {**DOCUMENT["champs"], "structure_parente": {"constante": "Autre réseau"}}
    assert (await _mettre(annuaire, source, {**DOCUMENT, "champs": champs}, etag=etag)).status_code == 200
    run = await annuaire.synchroniser(source, liste)
    assert (run["correspondance"], run["plan"]["modifies"]) == (2, 2)


async def test_plusieurs_lignes_font_un_lieu_et_le_compte_y_est(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await _mettre(annuaire, source, REGROUPE)
    lignes = [
        ligne(1, Intitule="Espace A", Actions="R", Voie="rue X", No=1),
        ligne(2),
        ligne(3, Intitule="ESPACE A", Actions="O", Voie="rue Y", No=1),
        ligne(4, Intitule=""),
    ]
    run = await annuaire.synchroniser(source, lignes, etat="retenue")
    assert run["lignes"] == {"lues": 4, "valides": 3, "rejetees": 1, "doublons_internes": 0, "regroupees": 1}
    assert (run["plan"]["crees"], run["rapport"]["lignes_regroupees"], run["rapport"]["valeurs_divergentes"]) == (
        2,
        1,
        2,
    )
    plan = await annuaire.tous(f"/synchronisations/{run['id']}/plan", qui=ADMIN)
    apres = {champ["champ"]: champ["apres"] for champ in plan[0]["champs"]}
    assert (apres["nom"], apres["adresse"], apres["services"]) == ("Espace A", "1 rue X", [AIDE, OUTILS])
    assert [p["ligne"] for p in plan] == [1, 2]


async def test_une_colonne_absente_rejette_la_liste_et_dit_ou(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await _mettre(annuaire, source, DOCUMENT)
    sans = [{nom: v for nom, v in ligne(1).items() if nom != "Voie"}]
    refus = await annuaire.envoyer(source, sans, attendre=25)
    assert (refus.status_code, refus.json()["type"]) == (422, "/problemes/colonnes-absentes")
    assert refus.json()["colonnes_absentes"] == [{"place": "champs.adresse.joindre[1]", "colonne": "Voie"}]
    assert "Intitule" in refus.json()["colonnes_lues"]
    assert (await annuaire.finir(refus.json()["synchronisation"]))["etat"] == "rejetee"
    facultative = {**DOCUMENT, "facultatives": ["Voie"]}
    etag = (await annuaire.get(f"/sources/{source}/correspondance", qui=ECRIVAIN)).headers["etag"]
    await _mettre(annuaire, source, facultative, etag=etag)
    await annuaire.synchroniser(source, sans)


async def test_un_essai_ne_change_pas_la_correspondance_et_son_application_la_met_en_vigueur(
    annuaire: Annuaire,
) -> None:
    source = await annuaire.creer_source()
    gardee = await _garder(annuaire, source, DOCUMENT, qui=ECRIVAIN)
    assert (gardee.status_code, gardee.json()["en_vigueur"]) == (201, False), gardee.text
    version = gardee.json()["version"]
    run = await annuaire.synchroniser(source, [ligne(1)], etat="essai", essai=True, correspondance=version)
    assert (run["correspondance"], run["plan"]["crees"]) == (1, 1)
    assert (await annuaire.get(f"/sources/{source}/correspondance", qui=ECRIVAIN)).status_code == 404
    await annuaire.post(f"/synchronisations/{run['id']}/application", qui=ECRIVAIN, corps={})
    assert (await annuaire.finir(run["id"]))["etat"] == "appliquee"
    en_vigueur = await annuaire.get(f"/sources/{source}/correspondance", qui=ECRIVAIN)
    assert (en_vigueur.json()["version"], en_vigueur.json()["document"]) == (version, DOCUMENT)


async def test_une_version_inconnue_est_refusee(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, [ligne(1)], correspondance=7)
    assert (reponse.status_code, reponse.json()["type"]) == (404, "/problemes/correspondance-inconnue")


async def test_le_meme_document_garde_sa_version_et_l_historique_les_montre(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    etag = (await _mettre(annuaire, source, DOCUMENT)).headers["etag"]
    etag = (await _mettre(annuaire, source, REGROUPE, etag=etag)).headers["etag"]
    retour = await _mettre(annuaire, source, DOCUMENT, etag=etag)
    assert retour.json()["version"] == 1
    versions = await annuaire.tous(f"/sources/{source}/correspondances", qui=ECRIVAIN)
    assert [(v["version"], v["en_vigueur"]) for v in versions] == [(2, False), (1, True)]


async def test_remplacer_demande_d_avoir_lu(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    assert (await _mettre(annuaire, source, DOCUMENT, etag='"perime"')).status_code == 412
    etag = (await _mettre(annuaire, source, DOCUMENT)).headers["etag"]
    assert (await _mettre(annuaire, source, REGROUPE)).status_code == 428
    assert (await _mettre(annuaire, source, REGROUPE, etag='"perime"')).status_code == 412
    assert (await _mettre(annuaire, source, REGROUPE, etag=etag)).status_code == 200


async def test_une_faute_du_document_est_dite_a_sa_place_et_rien_n_est_garde(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    faux = {**DOCUMENT, "champs": {**DOCUMENT["champs"], "courriel": "x"}}
    reponse = await _mettre(annuaire, source, faux)
    assert (reponse.status_code, reponse.json()["type"]) == (422, "/problemes/correspondance-invalide")
    assert reponse.json()["erreurs"][0]["pointer"] == "champs.courriel"
    assert await annuaire.tous(f"/sources/{source}/correspondances", qui=ECRIVAIN) == []


@pytest.mark.parametrize(
    ("qui", "statut"), [(ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 404), (ECRIVAIN, 200), (ADMIN, 200)]
)
async def test_la_correspondance_est_a_qui_envoie_les_listes(annuaire: Annuaire, qui: Principal, statut: int) -> None:
    source = await annuaire.creer_source()
    assert (await _mettre(annuaire, source, DOCUMENT, qui=qui)).status_code == statut
    gardee = await _garder(annuaire, source, DOCUMENT, qui=qui)
    assert gardee.status_code == (201 if statut == 200 else statut)
    versions = await annuaire.get(f"/sources/{source}/correspondances", qui=qui)
    assert versions.status_code == statut
    assert (await annuaire.get(f"/sources/{source}/correspondance", qui=qui)).status_code == statut


async def test_la_forme_est_publiee(annuaire: Annuaire) -> None:
    reponse = await annuaire.get("/correspondances/schema")
    assert reponse.json() == json.loads(json.dumps(schema_json()))
