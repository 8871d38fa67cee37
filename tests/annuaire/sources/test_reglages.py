"""What is settled of a source once it exists: reading, ranks, licence, signed engagement."""

from __future__ import annotations

from typing import Any

import pytest
from socle.acces.principal import ANONYME, Principal

from tests.fabriques.annuaire import (
    ADMIN,
    CSV,
    ECRIVAIN,
    ETRANGER,
    FORCEUR,
    SANS_PORTEE,
    Annuaire,
    en_csv,
    lieu,
    liste,
)

pytestmark = pytest.mark.anyio

ENGAGEMENT: dict[str, Any] = {
    "role_rgpd": "responsable_de_traitement",
    "licence": "https://exemple.fr/licence",
    "base_contacts": "mission d'intérêt public",
    "texte_version": "2026-1",
    "signe_par": "Direction du Hub fictif",
    "le": "2026-10-05",
}
SIGNE = {nom: ENGAGEMENT[nom] for nom in ("licence", "base_contacts")} | {"engagement": ENGAGEMENT}


async def regler(
    annuaire: Annuaire, source: str, corps: Any, *, qui: Principal | None = ADMIN, etag: str | None = None
) -> Any:
    """Patch a source, under the tag that it has now unless another is given."""
    if etag is None:
        etag = (await annuaire.get(f"/sources/{source}", qui=ADMIN)).headers["etag"]
    return await annuaire.patch(f"/sources/{source}", corps, qui=qui, entetes={"If-Match": etag})


async def test_ce_qui_est_regle_se_relit_et_change_la_version(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    corps = {"rangs": {"horaires": 85}, "vide_fait_foi": True, "programme": "aidants-fictifs", "rang": 60, **SIGNE}
    reponse = await regler(annuaire, source, corps)
    assert reponse.status_code == 200, reponse.text
    relue = await annuaire.get(f"/sources/{source}", qui=ECRIVAIN)
    assert (relue.json(), relue.headers["etag"]) == (reponse.json(), reponse.headers["etag"])
    assert {nom: relue.json()[nom] for nom in corps} == corps
    assert relue.json()["version"] == 2
    efface = await regler(annuaire, source, {"rangs": None, "engagement": {"texte_version": "2026-2"}})
    assert (efface.json()["rangs"], efface.json()["engagement"]["texte_version"]) == (None, "2026-2")


async def test_regler_a_l_identique_ne_change_rien(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(rang=60)
    assert (await regler(annuaire, source, {"rang": 60})).json()["version"] == 1


@pytest.mark.parametrize(
    ("qui", "statut"),
    [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (FORCEUR, 200), (ECRIVAIN, 200), (ETRANGER, 404), (ADMIN, 200)],
)
async def test_qui_envoie_les_listes_en_regle_la_lecture(
    annuaire: Annuaire, qui: Principal | None, statut: int
) -> None:
    source = await annuaire.creer_source()
    assert (await regler(annuaire, source, {"reglages": {"feuille": "Lieux"}}, qui=qui)).status_code == statut


@pytest.mark.parametrize("corps", [{"rang": 90}, {"licence": "autre"}, {"reglages": {}, "rangs": {"nom": 1}}])
async def test_qui_envoie_les_listes_ne_regle_que_leur_lecture(annuaire: Annuaire, corps: dict[str, Any]) -> None:
    source = await annuaire.creer_source()
    refus = await regler(annuaire, source, corps, qui=ECRIVAIN)
    assert (refus.status_code, refus.json()["portees"]) == (403, ["sync:admin"])
    assert (await annuaire.get(f"/sources/{source}", qui=ADMIN)).json()["version"] == 1


async def test_sans_etag_ou_avec_un_vieil_etag_rien_n_est_regle(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    assert (await annuaire.patch(f"/sources/{source}", {"rang": 60})).status_code == 428
    vieux = (await annuaire.get(f"/sources/{source}", qui=ADMIN)).headers["etag"]
    await regler(annuaire, source, {"rang": 60})
    perime = await regler(annuaire, source, {"rang": 70}, etag=vieux)
    assert perime.status_code == 412
    assert perime.headers["etag"] != vieux


@pytest.mark.parametrize(
    ("corps", "nomme"),
    [
        ({"rangs": {"inconnu": 5}}, "inconnu"), ({"rangs": {"nom": 91}}, "rangs"), ({"nom": None}, "nom"),
        ({"reglages": {"delimiteur": "x"}}, "delimiteur"), ({"reglages": {"ligne_entetes": 0}}, "ligne_entetes"),
        ({"engagement": {"role_rgpd": "autre"}}, "role_rgpd"), ({"id": "autre"}, "id"), ({"version": 9}, "version"),
        ({**SIGNE, "licence": "une autre"}, "engagement"),
    ],
)  # fmt: skip
async def test_un_reglage_impossible_est_un_422_qui_le_nomme(
    annuaire: Annuaire, corps: dict[str, Any], nomme: str
) -> None:
    source = await annuaire.creer_source()
    refus = await regler(annuaire, source, corps)
    assert refus.status_code == 422, refus.text
    assert nomme in refus.text


async def test_une_correction_qui_n_en_est_pas_une_est_refusee(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    assert (await regler(annuaire, source, [])).status_code == 400
    autre = await annuaire.patch(f"/sources/{source}", {}, entetes={"Content-Type": "application/json"})
    assert autre.status_code == 415


async def test_une_licence_changee_se_lit_sur_chaque_lieu(annuaire: Annuaire) -> None:
    source, temoin = await annuaire.creer_source(), await annuaire.creer_source()
    await annuaire.synchroniser(source, [*liste(2), lieu(7, courriels="jean.personne@exemple.fr")])
    await annuaire.synchroniser(temoin, liste(1))
    avant = await annuaire.lieux(temoin)
    await regler(annuaire, source, SIGNE)
    # a run of the same source waits for its turn behind the job that shows the places again
    for _ in range(400):
        lus = await annuaire.lieux(source)
        if {lu["licence"] for lu in lus.values()} == {SIGNE["licence"]}:
            break
    assert {lu["licence"] for lu in lus.values()} == {SIGNE["licence"]}
    assert lus["Espace numérique fictif 7"]["courriels"] == ["jean.personne@exemple.fr"]
    assert await annuaire.lieux(temoin) == avant


async def test_la_lecture_reglee_est_celle_du_fichier_et_relit_le_meme(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    fichier = b"pauvre;entete;ici\n" + en_csv(liste(3)).replace(b",", b"|")
    await regler(annuaire, source, {"reglages": {"delimiteur": "|", "ligne_entetes": 2}}, qui=ECRIVAIN)
    run = await annuaire.synchroniser(source, fichier, type_mime=CSV)
    assert (run["plan"]["crees"], run["devine"]["delimiteur"], run["devine"]["ligne_entetes"]) == (3, "|", 2)
    await annuaire.synchroniser(source, fichier, type_mime=CSV, etat="inchange")
    await regler(annuaire, source, {"reglages": {"encodage": "windows-1252"}}, qui=ECRIVAIN)
    relu = await annuaire.synchroniser(source, fichier, type_mime=CSV)
    assert relu["devine"]["encodage"] == "cp1252"
