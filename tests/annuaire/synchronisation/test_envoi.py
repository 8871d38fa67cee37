"""Sending a list: who may, what is refused before anything is read, what a repeated request does."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib

import pytest
from socle.acces.principal import ANONYME, Principal

from tests.fabriques.annuaire import (
    ADMIN,
    CSV,
    ECRIVAIN,
    ETRANGER,
    NDJSON,
    RACINE,
    SANS_PORTEE,
    Annuaire,
    en_csv,
    en_json,
    liste,
    nouveau_nom,
    nouvelle_cle,
)

pytestmark = pytest.mark.anyio

ADRESSES = ("", "/plan", "/lignes")


@pytest.mark.parametrize(("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 403)])
async def test_envoyer_demande_une_cle_de_cette_source(annuaire: Annuaire, qui: Principal | None, statut: int) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, liste(1), qui=qui)
    assert reponse.status_code == statut
    assert reponse.headers["content-type"] == "application/problem+json"
    assert await annuaire.tous(f"/sources/{source}/synchronisations", qui=ADMIN) == []


@pytest.mark.parametrize(("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 404)])
async def test_lire_une_synchronisation_demande_une_cle_de_sa_source(
    annuaire: Annuaire, qui: Principal | None, statut: int
) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, liste(1))
    for adresse in ADRESSES:
        reponse = await annuaire.get(f"/synchronisations/{run['id']}{adresse}", qui=qui)
        assert reponse.status_code == statut, adresse
    reponse = await annuaire.get(f"/sources/{source}/synchronisations", qui=qui)
    assert reponse.status_code == statut


@pytest.mark.parametrize(("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 404)])
async def test_agir_sur_une_synchronisation_demande_une_cle_de_sa_source(
    annuaire: Annuaire, qui: Principal | None, statut: int
) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, liste(1), essai=True, etat="essai")
    for action in ("application", "annulation"):
        reponse = await annuaire.post(f"/synchronisations/{run['id']}/{action}", qui=qui, corps={})
        assert reponse.status_code == statut, action
    assert (await annuaire.finir(run["id"]))["etat"] == "essai"


async def test_une_cle_liee_a_sa_source_synchronise_et_lit(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    qui = Principal(sujet="hub", nom="hub", portees=frozenset({"sync:write"}), sources=frozenset({source}))
    run = (await annuaire.envoyer(source, liste(2), qui=qui, attendre=25)).json()
    assert (run["etat"], run["source"], run["lignes"]["lues"]) == ("appliquee", source, 2)
    for adresse in ADRESSES:
        assert (await annuaire.get(f"/synchronisations/{run['id']}{adresse}", qui=qui)).status_code == 200


async def test_une_source_inconnue_est_un_404(annuaire: Annuaire) -> None:
    reponse = await annuaire.envoyer(nouveau_nom(), liste(1))
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (404, "source-inconnue")


async def test_la_reponse_immediate_donne_l_adresse_ou_suivre_l_etat(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, liste(1))
    run = reponse.json()
    assert (reponse.status_code, run["etat"], run["plan"]) == (202, "recue", None)
    assert reponse.headers["location"] == f"{RACINE}/synchronisations/{run['id']}"
    suivi = await annuaire.get(reponse.headers["location"], qui=ADMIN)
    assert suivi.headers["cache-control"] == "private, no-store"
    assert (suivi.headers.get("retry-after") == "1") == (suivi.json()["etat"] in ("recue", "application"))
    fin = await annuaire.finir(run["id"])
    assert fin["etat"] == "appliquee"


async def test_prefer_wait_rend_la_synchronisation_finie(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, liste(1), entetes={"Prefer": "respond-async, wait=20"})
    assert (reponse.status_code, reponse.json()["etat"]) == (200, "appliquee")


@pytest.mark.parametrize("cle", ["", "courte", "x" * 65, "é" * 20, "avec espace dans la clé"])
async def test_une_cle_d_idempotence_absente_ou_mal_formee_est_refusee(annuaire: Annuaire, cle: str) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, liste(1), entetes={"Idempotency-Key": cle.encode("latin-1")})  # type: ignore[dict-item]
    assert reponse.status_code == 400
    assert reponse.json()["erreurs"][0]["pointer"] == "Idempotency-Key"


async def test_la_meme_requete_rejouee_rend_la_meme_reponse_et_n_agit_qu_une_fois(annuaire: Annuaire) -> None:
    source, cle = await annuaire.creer_source(), nouvelle_cle()
    premiere = await annuaire.envoyer(source, liste(2), cle=cle)
    await annuaire.finir(premiere.json()["id"])
    rejouee = await annuaire.envoyer(source, liste(2), cle=f'"{cle}"')
    assert (rejouee.status_code, rejouee.content) == (premiere.status_code, premiere.content)
    assert rejouee.headers["location"] == premiere.headers["location"]
    assert rejouee.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in premiere.headers
    assert len(await annuaire.tous(f"/sources/{source}/synchronisations", qui=ADMIN)) == 1


async def test_dix_fois_la_meme_requete_au_meme_instant_font_une_synchronisation(annuaire: Annuaire) -> None:
    source, cle = await annuaire.creer_source(), nouvelle_cle()
    reponses = await asyncio.gather(*(annuaire.envoyer(source, liste(2), cle=cle) for _ in range(10)))
    assert {r.status_code for r in reponses} == {202}
    assert len({r.content for r in reponses}) == 1
    assert sum("idempotency-replayed" not in r.headers for r in reponses) == 1
    await annuaire.finir(reponses[0].json()["id"])
    assert len(await annuaire.tous(f"/sources/{source}/synchronisations", qui=ADMIN)) == 1
    depots = [f.name for f in annuaire.contexte.depots.iterdir() if f.name in {r.json()["id"] for r in reponses}]
    assert len(depots) == 1


async def test_la_meme_cle_pour_un_autre_contenu_est_un_422(annuaire: Annuaire) -> None:
    source, cle = await annuaire.creer_source(), nouvelle_cle()
    await annuaire.finir((await annuaire.envoyer(source, liste(2), cle=cle)).json()["id"])
    for autre in ({"contenu": liste(3)}, {"contenu": liste(2), "mode": "delta"}, {"contenu": liste(2), "essai": True}):
        reponse = await annuaire.envoyer(source, autre.pop("contenu"), cle=cle, **autre)  # type: ignore[arg-type]
        assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (422, "cle-idempotence-reutilisee")


async def test_la_cle_d_un_autre_client_est_une_autre_cle(annuaire: Annuaire) -> None:
    source, cle = await annuaire.creer_source(), nouvelle_cle()
    un = await annuaire.envoyer(source, liste(2), cle=cle, attendre=25)
    autre = await annuaire.envoyer(source, liste(2), cle=cle, qui=ECRIVAIN, attendre=25)
    assert un.json()["id"] != autre.json()["id"]
    assert (un.json()["etat"], autre.json()["etat"]) == ("appliquee", "inchange")


async def test_une_source_n_a_qu_une_synchronisation_a_la_fois(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    retenue = await annuaire.synchroniser(source, liste(2), etat="retenue")
    reponse = await annuaire.envoyer(source, liste(3))
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (409, "synchronisation-en-cours")
    assert reponse.headers["location"] == f"{RACINE}/synchronisations/{retenue['id']}"
    await annuaire.post(f"/synchronisations/{retenue['id']}/annulation")
    assert (await annuaire.envoyer(source, liste(30), attendre=25)).status_code == 200


async def test_if_match_refuse_une_source_changee_depuis(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    premiere = await annuaire.synchroniser(source, liste(2), entetes={"If-Match": '"run-None"'})
    refus = await annuaire.envoyer(source, liste(3), entetes={"If-Match": '"run-None"'})
    assert (refus.status_code, refus.headers["etag"]) == (412, f'"run-{premiere["id"]}"')
    await annuaire.synchroniser(source, liste(3), entetes={"If-Match": refus.headers["etag"]})


@pytest.mark.parametrize("type_mime", ["text/plain", "application/pdf", "application/vnd.ms-excel", "pas un type", ""])
async def test_un_type_inconnu_est_refuse_en_disant_ceux_qui_sont_lus(annuaire: Annuaire, type_mime: str) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, b"bonjour", type_mime=type_mime)
    assert reponse.status_code == 415
    assert CSV in reponse.headers["accept-post"]
    assert NDJSON in reponse.headers["accept-post"]


@pytest.mark.parametrize("codage", ["br", "deflate", "zstd", "gzip, gzip"])
async def test_un_codage_inconnu_est_refuse(annuaire: Annuaire, codage: str) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, b"bonjour", entetes={"Content-Encoding": codage})
    assert reponse.status_code == 415


def condense(octets: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(octets).digest()).decode()}:"


async def test_un_condense_faux_est_refuse_et_ne_laisse_rien(annuaire: Annuaire) -> None:
    source, octets = await annuaire.creer_source(), en_json(liste(2))
    avant = set(annuaire.contexte.depots.iterdir())
    reponse = await annuaire.envoyer(source, octets, entetes={"Content-Digest": condense(octets + b" ")})
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (400, "condense-invalide")
    assert set(annuaire.contexte.depots.iterdir()) == avant
    assert await annuaire.tous(f"/sources/{source}/synchronisations", qui=ADMIN) == []


async def test_un_condense_juste_est_accepte_parmi_d_autres(annuaire: Annuaire) -> None:
    source, octets = await annuaire.creer_source(), en_json(liste(2))
    entetes = {"Content-Digest": f"sha-512=:AAAA:, {condense(octets)}"}
    run = await annuaire.synchroniser(source, octets, entetes=entetes)
    assert run["empreinte_fichier"] == f"sha256:{hashlib.sha256(octets).hexdigest()}"


async def test_une_liste_compressee_est_lue_et_son_condense_est_celui_des_octets_envoyes(annuaire: Annuaire) -> None:
    source, octets = await annuaire.creer_source(), gzip.compress(en_csv(liste(5)), mtime=0)
    entetes = {"Content-Encoding": "gzip", "Content-Digest": condense(octets)}
    run = await annuaire.synchroniser(source, octets, type_mime=CSV, entetes=entetes)
    assert run["lignes"]["lues"] == 5


@pytest.mark.parametrize("octets", [b"ceci n'est pas du gzip", gzip.compress(en_json(liste(50)), mtime=0)[:-20]])
async def test_un_gzip_abime_est_refuse_sans_rien_laisser(annuaire: Annuaire, octets: bytes) -> None:
    source = await annuaire.creer_source()
    avant = set(annuaire.contexte.depots.iterdir())
    reponse = await annuaire.envoyer(source, octets, entetes={"Content-Encoding": "gzip"})
    assert 400 <= reponse.status_code < 500
    assert set(annuaire.contexte.depots.iterdir()) == avant


async def test_une_liste_illisible_est_le_probleme_lui_meme_avec_sa_place(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, b'[{"id": "a",', attendre=25)
    assert 400 <= reponse.status_code < 500
    assert reponse.headers["content-type"] == "application/problem+json"
    run = await annuaire.finir(reponse.json()["synchronisation"])
    assert (run["etat"], run["erreur"]["type"]) == ("rejetee", reponse.json()["type"])
    assert run["plan"] is None


async def test_une_liste_hors_standard_est_rejetee(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, b"a;b;c\n1;2;3\n", type_mime=CSV, attendre=25)
    assert reponse.json()["type"].rpartition("/")[2] == "fichier-hors-standard"


@pytest.mark.parametrize("parametres", [{"mod": "complet"}, {"mode": "partiel"}, {"essai": "peut-être"}])
async def test_un_parametre_inconnu_ou_faux_est_refuse(annuaire: Annuaire, parametres: dict[str, str]) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.envoyer(source, liste(1), **parametres)  # type: ignore[arg-type]
    assert reponse.status_code == 400
    assert next(iter(parametres)) in reponse.text


async def test_le_quota_horaire_ne_compte_pas_les_essais(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(2), essai=True, etat="essai")
    await annuaire.synchroniser(source, liste(2))
    for _ in range(annuaire.contexte.settings.runs_par_heure - 1):
        await annuaire.synchroniser(source, liste(2), etat="inchange")
    refus = await annuaire.envoyer(source, liste(2))
    assert (refus.status_code, refus.json()["type"].rpartition("/")[2]) == (429, "trop-de-synchronisations")
    assert int(refus.headers["retry-after"]) > 0
    await annuaire.synchroniser(source, liste(3), essai=True, etat="essai")


async def test_les_synchronisations_se_lisent_de_la_plus_recente_a_la_plus_ancienne(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    runs = [(await annuaire.synchroniser(source, liste(n)))["id"] for n in (1, 2, 3)]
    lus = await annuaire.tous(f"/sources/{source}/synchronisations", qui=ADMIN, limite=2)
    assert [run["id"] for run in lus] == runs[::-1]
