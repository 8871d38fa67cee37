"""The index seen and asked for by its routes, its command line and its health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from annuaire import cli
from annuaire.commandes.distant import Distant
from annuaire.recherche.indexation import repository
from annuaire.recherche.indexation.schemas import EtatDeLIndex
from socle.acces.principal import ANONYME
from socle.web.client import MockTransport, Request, Response, creer_client_synchrone
from typer.testing import CliRunner, Result

from tests.fabriques.annuaire import ADMIN, ECRIVAIN, Annuaire, nouvelle_cle

pytestmark = pytest.mark.anyio
INDEX = "/recherche/index"
ACTIONS = ("reconstruire", "verifier")


async def demander(annuaire: Annuaire, action: str, **options: Any) -> Any:
    options = {"entetes": {"Idempotency-Key": nouvelle_cle()}, **options}
    return await annuaire.post(f"{INDEX}/actions/{action}", **options)


async def moteur(annuaire: Annuaire) -> dict[str, Any]:
    reponse = await annuaire.get(INDEX, qui=ADMIN)
    assert reponse.status_code == 200, reponse.text
    [lu] = reponse.json()["moteurs"]
    return lu  # type: ignore[no-any-return]


async def attendre(annuaire: Annuaire, vrai: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            lu = await moteur(annuaire)
            if vrai(lu):
                return lu
            await asyncio.sleep(0.05)


async def test_l_index_n_est_qu_aux_administrateurs(annuaire: Annuaire) -> None:
    for qui, statut in ((None, 401), (ANONYME, 401), (ECRIVAIN, 403)):
        assert (await annuaire.get(INDEX, qui=qui)).status_code == statut
        for action in ACTIONS:
            assert (await demander(annuaire, action, qui=qui)).status_code == statut


@pytest.mark.parametrize("action", ACTIONS)
async def test_une_demande_nomme_un_moteur_connu_et_porte_une_cle(annuaire: Annuaire, action: str) -> None:
    inconnu = await demander(annuaire, f"{action}?moteur=ailleurs")
    assert inconnu.status_code == 404
    assert "embarque" in inconnu.json()["detail"]
    assert (await annuaire.post(f"{INDEX}/actions/{action}")).status_code == 400


async def test_reconstruire_met_un_autre_index_en_vigueur_une_seule_fois(annuaire: Annuaire) -> None:
    avant = await attendre(annuaire, lambda lu: lu["etat"] == "pret")
    entetes = {"Idempotency-Key": nouvelle_cle()}
    for rejeu in (None, "true"):
        reponse = await demander(annuaire, "reconstruire?moteur=embarque", entetes=entetes)
        assert reponse.status_code == 202
        assert reponse.headers.get("idempotency-replayed") == rejeu
    apres = await attendre(annuaire, lambda lu: lu["etat"] == "pret" and lu["generation"] != avant["generation"])
    assert apres["derniere_reconstruction"]["reussie"]
    assert apres["derniere_reconstruction"]["motif"] == "demande"
    assert (apres["role"], apres["quarantaine"], apres["erreur"]) == ("indexe", [], None)
    assert apres["fiches"] == avant["fiches"]


async def test_verifier_dit_ce_qui_a_ete_compare(annuaire: Annuaire) -> None:
    avant = await attendre(annuaire, lambda lu: lu["etat"] == "pret")
    assert (await demander(annuaire, "verifier")).status_code == 202
    apres = await attendre(annuaire, lambda lu: lu["derniere_verification"] != avant["derniere_verification"])
    constat = apres["derniere_verification"]
    assert (constat["fiches"], constat["ecarts"]) == (apres["fiches"], 0)


async def test_un_processus_en_veille_dit_ce_que_dit_celui_qui_alimente(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    [indexeur] = annuaire.app.state.indexation.indexeurs  # type: ignore[union-attr]
    await attendre(annuaire, lambda lu: lu["etat"] == "pret")
    ecrit = {**indexeur.resumer(), "generation": "g-ailleurs", "taches_ouvertes": 3}
    async with annuaire.base.write() as session:
        await repository.noter(session, "embarque", etat=ecrit)
    monkeypatch.setattr(type(indexeur), "chef", property(lambda _s: False, lambda _s, _v: None), raising=False)
    lu = await moteur(annuaire)
    assert (lu["role"], lu["generation"], lu["taches_ouvertes"]) == ("veille", "g-ailleurs", 3)


async def test_la_sante_montre_la_recherche_sans_jamais_en_dependre(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await attendre(annuaire, lambda lu: lu["etat"] == "pret")
    sante = annuaire.app.state.sante  # type: ignore[union-attr]
    sante._dernier = None
    assert (await annuaire.client.get("/sante/pret")).json()["verifications"]["recherche"] == "embarque"
    [indexeur] = annuaire.app.state.indexation.indexeurs  # type: ignore[union-attr]

    async def sans_index() -> Any:
        from annuaire.recherche.port import EngineHealth

        return EngineHealth(up=False, detail="Aucun index : à construire.")

    monkeypatch.setattr(indexeur.moteur, "health", sans_index)
    sante._dernier = None
    reponse = await annuaire.client.get("/sante/pret")
    assert reponse.status_code == 200
    assert (reponse.json()["statut"], reponse.json()["degrade"]) == ("degrade", ["recherche"])
    assert reponse.json()["verifications"]["recherche"] == "Aucun index : à construire."
    sante._dernier = None


async def test_les_mesures_disent_le_retard_et_les_ecarts(annuaire: Annuaire) -> None:
    texte = (await annuaire.client.get("/metrics")).text
    for mesure in (
        'maillage_recherche_retard_secondes{moteur="embarque"} ', 'search_drift_total{moteur="embarque"} ',
        'maillage_recherche_taches_ouvertes{moteur="embarque"} 0.0',
        'maillage_recherche_quarantaine{moteur="embarque"} 0.0',
    ):  # fmt: skip
        assert mesure in texte


def etat(**champs: Any) -> dict[str, Any]:
    """Make what the API says of an engine."""
    lu = {
        "moteur": "embarque", "role": "indexe", "etat": "pret", "generation": "g1", "fiches": 12, "position": 40,
        "dernier_numero": 40, "retard_s": 0.0, "taches_ouvertes": 0, "reconstruction": None,
        "derniere_reconstruction": None, "derniere_verification": None, "quarantaine": [], "erreur": None, **champs,
    }  # fmt: skip
    return EtatDeLIndex.model_validate({"moteurs": [lu]}).model_dump(mode="json")


FAITE = {"le": "2026-11-25T10:00:00Z", "motif": "demande", "reussie": True, "detail": "12 fiches en 0.1 s"}
CONSTAT = {"le": "2026-11-25T10:00:00Z", "fiches": 12, "ecarts": 2, "repares": 2}
EN_COURS = {"motif": "demande", "fiches": 5, "total": 12}
Lancer = Callable[..., Result]


@pytest.fixture
def lancer(monkeypatch: pytest.MonkeyPatch) -> Lancer:
    """Run a command against an API that answers these states in turn, the last one for ever."""

    def executer(commande: str, *etats: dict[str, Any], arguments: tuple[str, ...] = ()) -> tuple[Result, list[str]]:
        restent, appels = list(etats), []

        def repondre(requete: Request) -> Response:
            appels.append(f"{requete.method} {requete.url.raw_path.decode()}")
            if requete.method == "POST":
                return Response(202)
            return Response(200, content=json.dumps(restent.pop(0) if len(restent) > 1 else restent[0]))

        def relier(url: str, _cle: str | None) -> Distant:
            return Distant(creer_client_synchrone(url, transport=MockTransport(repondre)), pause=lambda _s: None)

        monkeypatch.setattr(cli, "_distant", relier)
        resultat = CliRunner(env={"COLUMNS": "120"}).invoke(
            cli.app, ["recherche", commande, *arguments, "--cle", "mnk_x"]
        )
        return resultat, appels

    return executer


def test_etat_se_lit_en_francais(lancer: Lancer) -> None:
    refusee = {"id": "01a20fde-acde-79fa-beea-e13f05b4ed50", "version": 3, "erreur": "[refus]", "essais": 1,
               "le": "2026-11-25T10:00:00Z"}  # fmt: skip
    resultat, _ = lancer(
        "etat", etat(retard_s=12.4, quarantaine=[refusee], derniere_verification=CONSTAT, erreur="moteur arrêté")
    )
    assert resultat.exit_code == 0
    assert resultat.output.splitlines() == [
        "embarque : en retard de 12 s, 12 fiches",
        "  dernière vérification : 12 fiches comparées, 2 écarts, 2 réparés",
        "  refusée : 01a20fde-acde-79fa-beea-e13f05b4ed50, [refus]",
        "  arrêté : moteur arrêté",
    ]


def test_reconstruire_suit_le_travail_jusqu_a_sa_fin(lancer: Lancer) -> None:
    resultat, appels = lancer(
        "reconstruire", etat(), etat(etat="construction", reconstruction=EN_COURS),
        etat(generation="g2", derniere_reconstruction=FAITE), arguments=("--moteur", "embarque"),
    )  # fmt: skip
    assert resultat.exit_code == 0
    assert "embarque : index reconstruit, 12 fiches en 0.1 s." in resultat.output
    assert appels[1] == "POST /annuaire/v1/recherche/index/actions/reconstruire?moteur=embarque"


def test_une_reconstruction_qui_echoue_le_dit(lancer: Lancer) -> None:
    echouee = {**FAITE, "reussie": False, "detail": "disque plein"}
    resultat, _ = lancer("reconstruire", etat(), etat(derniere_reconstruction=echouee))
    assert resultat.exit_code == 1
    assert "disque plein" in resultat.output


def test_verifier_dit_ce_qu_elle_a_trouve(lancer: Lancer) -> None:
    resultat, appels = lancer("verifier", etat(), etat(), etat(derniere_verification=CONSTAT))
    assert resultat.exit_code == 0
    assert resultat.output == "embarque : 12 fiches comparées, 2 écarts, 2 réparés.\n"
    assert appels[1] == "POST /annuaire/v1/recherche/index/actions/verifier"
