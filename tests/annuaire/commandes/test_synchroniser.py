"""`annuaire synchroniser` against a scripted API: what is sent, what is told, what the exit code is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from annuaire import cli
from annuaire.commandes import distant
from annuaire.commandes.distant import Distant
from socle.web.client import MockTransport, Request, Response, TimeoutException, creer_client_synchrone
from typer.testing import CliRunner, Result

RUN: dict[str, Any] = {
    "id": "0197",
    "source": "hub",
    "mode": "complet",
    "etat": "appliquee",
    "lignes": {"lues": 3, "valides": 2, "rejetees": 1, "doublons_internes": 0},
    "plan": {"crees": 1, "modifies": 1, "inchanges": 0, "supprimes": 0, "ressuscites": 0},
    "garde": [],
}
PLAN = {
    "crees": [{"cle": "k1", "id": "1", "champs": [{"champ": "nom", "avant": None, "apres": "Médiathèque"}]}],
    "modifies": [
        {
            "cle": "k2",
            "id": "2",
            "champs": [
                {"champ": "horaires", "avant": "Mo 09:00-12:00", "apres": "Tu 09:00-12:00", "gagne": True},
                {
                    "champ": "telephone",
                    "avant": "+33199000001",
                    "apres": None,
                    "gagne": False,
                    "source_gagnante": "x",
                },
            ],
        }
    ],
}
INVALIDE = {"code": "telephone_invalide", "champ": "telephone", "severite": "avertissement", "message": "« abc » ?"}
ABSENT = {"code": "nom_absent", "champ": "nom", "severite": "erreur", "message": "Le nom manque."}
RAPPORT = [{"ligne": ligne, **INVALIDE} for ligne in (2, 3, 4, 5, 6, 7)] + [{"ligne": 9, **ABSENT}]


class Api:
    """A scripted API: answers to POST in turn, then the states of the run in turn."""

    def __init__(self, *envois: Response | Exception, etats: tuple[str, ...] = (), **run: Any) -> None:
        self.run = {**RUN, **run}
        self.envois = list(envois)
        self.etats = list(etats)
        self.recues: list[Request] = []

    def __call__(self, requete: Request) -> Response:
        requete.read()
        self.recues.append(requete)
        chemin = requete.url.path.removeprefix("/annuaire/v1")
        if requete.method == "POST" and chemin.endswith("/synchronisations"):
            if self.envois:
                reponse = self.envois.pop(0)
                if isinstance(reponse, Exception):
                    raise reponse
                return reponse
            return Response(202, json=self._etat())
        if chemin.endswith("/plan"):
            return Response(200, json={"elements": PLAN.get(requete.url.params["action"], []), "suivant": None})
        if chemin.endswith("/lignes"):
            debut = int(requete.url.params.get("curseur", 0))
            suivant = str(debut + 4) if debut + 4 < len(RAPPORT) else None
            return Response(200, json={"elements": RAPPORT[debut : debut + 4], "suivant": suivant})
        if chemin == "/synchronisations/0197":
            return Response(200, json=self._etat())
        if chemin.startswith("/sources"):
            return self.envois.pop(0)  # type: ignore[return-value]
        raise AssertionError(requete.url)

    def _etat(self) -> dict[str, Any]:
        return {**self.run, "etat": self.etats.pop(0)} if self.etats else self.run


Lancer = Callable[..., Result]


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    chemin = tmp_path / "liste.csv"
    chemin.write_bytes(b"id,nom\n" + b"1,Lieu\n" * 20_000)
    return chemin


@pytest.fixture
def lancer(monkeypatch: pytest.MonkeyPatch, fichier: Path) -> Lancer:
    def executer(api: Api, *arguments: str) -> Result:
        def relier(url: str, cle: str | None) -> Distant:
            entetes = {"Authorization": f"Bearer {cle}"}
            client = creer_client_synchrone(url, transport=MockTransport(api), entetes=entetes)
            return Distant(client, pause=lambda _s: None)

        monkeypatch.setattr(cli, "_distant", relier)
        tous = arguments or ("synchroniser", str(fichier), "--source", "hub")
        return CliRunner(env={"COLUMNS": "200"}).invoke(cli.app, [*tous, "--cle", "mnk_x"])

    return executer


def test_le_fichier_part_entier_avec_son_type_sa_taille_et_sa_cle(lancer: Lancer, fichier: Path) -> None:
    api = Api()
    assert lancer(api).exit_code == 0
    envoi = api.recues[0]
    assert envoi.content == fichier.read_bytes()
    assert envoi.headers["content-type"] == "text/csv"
    assert envoi.headers["content-length"] == str(fichier.stat().st_size)
    assert envoi.headers["authorization"] == "Bearer mnk_x"
    assert len(envoi.headers["idempotency-key"]) == 32
    assert dict(envoi.url.params) == {"mode": "complet", "essai": "false"}


def test_un_essai_et_un_delta_sont_demandes_a_l_api(lancer: Lancer, fichier: Path) -> None:
    api = Api(etat="essai")
    lancer(api, "synchroniser", str(fichier), "--source", "hub", "--essai", "--mode", "delta")
    assert dict(api.recues[0].url.params) == {"mode": "delta", "essai": "true"}


@pytest.mark.parametrize(
    ("etat", "code"),
    [("appliquee", 0), ("inchange", 0), ("essai", 0), ("retenue", 2), ("rejetee", 1), ("echouee", 1), ("annulee", 1)],
)
def test_le_code_de_sortie_dit_l_issue(lancer: Lancer, etat: str, code: int) -> None:
    assert lancer(Api(etat=etat)).exit_code == code


def test_la_commande_suit_le_traitement_jusqu_a_sa_fin(lancer: Lancer) -> None:
    api = Api(etats=("recue", "analysee", "planifiee", "application"))
    assert lancer(api).exit_code == 0
    suivis = [r for r in api.recues if r.url.path.endswith("/synchronisations/0197")]
    assert len(suivis) == 4


def test_une_reprise_apres_coupure_garde_la_meme_cle(lancer: Lancer, fichier: Path) -> None:
    api = Api(TimeoutException("coupé"), Response(503, headers={"Retry-After": "1"}))
    assert lancer(api).exit_code == 0
    envois = [r for r in api.recues if r.method == "POST"]
    assert len(envois) == 3
    assert len({r.headers["idempotency-key"] for r in envois}) == 1
    assert envois[2].content == fichier.read_bytes()


def test_les_reprises_ont_une_fin(lancer: Lancer) -> None:
    resultat = lancer(Api(*[TimeoutException("coupé")] * distant.ESSAIS))
    assert resultat.exit_code == 1
    assert "ne répond pas" in resultat.stderr


def test_un_refus_montre_le_probleme_et_ses_fautes(lancer: Lancer) -> None:
    probleme = {
        "title": "Le contenu envoyé n'est pas valide",
        "detail": "Moins de trois colonnes reconnues.",
        "erreurs": [{"pointer": "ligne 1", "detail": "colonnes vues : [a], [b]"}],
    }
    resultat = lancer(Api(Response(422, json=probleme)))
    assert resultat.exit_code == 1
    assert "Moins de trois colonnes reconnues." in resultat.stderr
    assert "ligne 1 : colonnes vues : [a], [b]" in resultat.stderr


def test_une_reponse_qui_n_est_pas_de_maillage_est_dite(lancer: Lancer) -> None:
    resultat = lancer(Api(Response(200, html="<html>accueil</html>")))
    assert resultat.exit_code == 1
    assert "est-ce bien l'adresse d'un Maillage" in resultat.stderr


def test_le_compte_rendu_montre_avant_et_apres(lancer: Lancer) -> None:
    sortie = lancer(Api()).stdout
    assert "3 lignes lues, 1 rejetées" in sortie
    assert "+ k1  Médiathèque" in sortie
    assert "horaires : Mo 09:00-12:00 → Tu 09:00-12:00" in sortie
    assert "telephone : +33199000001 → (vide)  (la valeur de x reste)" in sortie


@pytest.mark.parametrize(("etat", "dit"), [("essai", "1 à créer"), ("retenue", "1 à créer"), ("appliquee", "1 créés")])
def test_le_compte_rendu_distingue_ce_qui_est_fait_de_ce_qui_le_serait(lancer: Lancer, etat: str, dit: str) -> None:
    assert dit in lancer(Api(etat=etat)).stdout


def test_le_rapport_est_groupe_par_code_le_plus_grave_d_abord(lancer: Lancer) -> None:
    sortie = lancer(Api()).stdout
    assert sortie.index("nom_absent") < sortie.index("telephone_invalide")
    assert "2, 3, 4, 5, 6, …" in sortie


def test_une_garde_declenchee_dit_la_valeur_et_le_seuil(lancer: Lancer) -> None:
    gardes = [
        {"regle": "suppressions", "seuil": 426, "valeur": 512, "declenchee": True},
        {"regle": "chute_volume", "seuil": 0.5, "valeur": 0.89, "declenchee": False},
    ]
    resultat = lancer(Api(etat="retenue", garde=gardes))
    assert "trop de suppressions (512, seuil 426)" in resultat.stdout
    assert "chute_volume" not in resultat.stdout
    assert "/annuaire/v1/synchronisations/0197/application" in resultat.stdout


def test_le_format_json_est_lisible_par_un_programme(lancer: Lancer, fichier: Path) -> None:
    resultat = lancer(Api(), "synchroniser", str(fichier), "--source", "hub", "--format", "json")
    document = json.loads(resultat.stdout)
    assert document["synchronisation"]["id"] == "0197"
    assert document["changements"]["modifies"][0]["cle"] == "k2"
    assert [(g["code"], g["nombre"]) for g in document["rapport"]] == [("nom_absent", 1), ("telephone_invalide", 6)]


def test_le_format_bref_tient_en_une_ligne(lancer: Lancer, fichier: Path) -> None:
    resultat = lancer(Api(), "synchroniser", str(fichier), "--source", "hub", "--format", "bref")
    assert resultat.stdout == "hub : appliquée (+1, ~1, 0 inchangés)\n"


def test_un_lieu_retabli_n_est_pas_compte_deux_fois(lancer: Lancer, fichier: Path) -> None:
    plan = {"crees": 3, "modifies": 0, "inchanges": 1, "supprimes": 0, "ressuscites": 2}
    resultat = lancer(Api(plan=plan), "synchroniser", str(fichier), "--source", "hub", "--format", "bref")
    assert resultat.stdout == "hub : appliquée (+1, *2, 1 inchangés)\n"


def test_une_extension_inconnue_est_refusee_avant_tout_envoi(lancer: Lancer, tmp_path: Path) -> None:
    (tmp_path / "liste.pdf").write_bytes(b"PK")
    api = Api()
    resultat = lancer(api, "synchroniser", str(tmp_path / "liste.pdf"), "--source", "hub")
    assert resultat.exit_code == 1
    assert ".xlsx" in resultat.stderr
    assert api.recues == []


def test_une_attente_trop_longue_rend_la_main_en_disant_ou_reprendre(lancer: Lancer, fichier: Path) -> None:
    api = Api(etat="application")
    resultat = lancer(api, "synchroniser", str(fichier), "--source", "hub", "--attente", "0")
    assert resultat.exit_code == 1
    assert "0197" in resultat.stderr


def test_creer_une_source_envoie_son_nom(lancer: Lancer) -> None:
    api = Api(Response(201, json={"id": "hub"}))
    assert lancer(api, "source", "creer", "hub", "--nom", "Hub fictif").exit_code == 0
    assert json.loads(api.recues[0].content) == {"id": "hub", "nom": "Hub fictif"}


def test_creer_si_absente_ne_touche_pas_une_source_presente(lancer: Lancer) -> None:
    api = Api(Response(200, json={"id": "hub"}))
    assert lancer(api, "source", "creer", "hub", "--nom", "Hub fictif", "--si-absente").exit_code == 0
    assert [r.method for r in api.recues] == ["GET"]


def test_creer_si_absente_cree_une_source_absente(lancer: Lancer) -> None:
    api = Api(Response(404, json={"title": "absent"}), Response(201, json={"id": "hub"}))
    assert lancer(api, "source", "creer", "hub", "--nom", "Hub fictif", "--si-absente").exit_code == 0
    assert [r.method for r in api.recues] == ["GET", "POST"]


def test_sans_cle_la_commande_dit_comment_en_donner_une(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fichier: Path
) -> None:
    monkeypatch.setenv("MAILLAGE_DONNEES", str(tmp_path))
    resultat = CliRunner().invoke(cli.app, ["synchroniser", str(fichier), "--source", "hub"])
    assert resultat.exit_code == 1
    assert "MAILLAGE_CLE" in resultat.stderr
