"""`annuaire bilan` against a scripted API: one page in French, the same in JSON, refusals told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from annuaire import cli
from annuaire.commandes.distant import Distant
from annuaire.sources.bilan.schemas import BilanLu
from socle.web.client import MockTransport, Request, Response, creer_client_synchrone
from typer.testing import CliRunner, Result

PAGE = 66
"""Lines of a printed page."""


def bilan(*, nombre: int = 30, **autres: Any) -> dict[str, Any]:
    """Make the report of a source that has everything to say, as the API writes it."""
    defauts = [
        {"code": "nom_absent", "champ": f"champ_{rang}", "nombre": 9 - rang % 9, "exemple": f"Le [nom]\n{rang}. " * 30}
        for rang in range(nombre)
    ]
    lu: dict[str, Any] = {
        "source": "hub",
        "nom": "Hub fictif",
        "etabli_le": "2026-11-24",
        "fraicheur": {"verifiee_le": "2026-11-20T03:15:00Z", "degradee": True},
        "synchronisation": {
            "id": "01a20fde-acde-79fa-beea-e13f05b4ed50", "mode": "complet",
            "recue_le": "2026-11-19T03:15:00Z", "appliquee_le": "2026-11-19T03:16:00Z",
            "lignes": {"lues": 12_345, "valides": 12_000, "rejetees": 340, "doublons_internes": 5},
            "plan": {"crees": 7, "modifies": 8, "inchanges": 11_985, "supprimes": 9, "ressuscites": 0, "etag": '"p-0"'},
        },
        "fiches": 12_000,
        "ages": {"moins_de_6_mois": 6_000, "plus_de_2_ans": 5_999, "inconnue": 1},
        "rejets": defauts,
        "cellules_videes": defauts,
        "corrections": defauts,
        "manques": {"sans_horaires": 3_000, "horaires_non_compris": 12, "sans_telephone": 0, "sans_point": 11_999},
        "champs_perdus": [{"champ": "nom", "source_gagnante": f"s{rang}", "nombre": 5} for rang in range(nombre)],
        "doublons": {
            "a_voir": nombre,
            "avec": [{"source": f"s{rang}" if rang else "hub", "nombre": 1} for rang in range(nombre)],
        },
        "couverture": [
            {
                "departement": str(rang + 10), "nom": "Département fictif", "lieux": rang, "lieux_de_toutes": 100,
                "communes": 1, "communes_de_toutes": 50,
            }
            for rang in range(nombre)
        ]
        + [{"departement": None, "nom": None, "lieux": 99, "lieux_de_toutes": 100, "communes": 0,
            "communes_de_toutes": 0}],
    }  # fmt: skip
    return BilanLu(**{**lu, **autres}).model_dump(mode="json")


Lancer = Callable[..., Result]


@pytest.fixture
def lancer(monkeypatch: pytest.MonkeyPatch) -> Lancer:
    def executer(reponse: Response, *arguments: str, colonnes: int = 100) -> Result:
        def repondre(requete: Request) -> Response:
            assert (requete.method, requete.url.path) == ("GET", "/annuaire/v1/sources/hub/bilan")
            return reponse

        def relier(url: str, _cle: str | None) -> Distant:
            return Distant(creer_client_synchrone(url, transport=MockTransport(repondre)), pause=lambda _s: None)

        monkeypatch.setattr(cli, "_distant", relier)
        return CliRunner(env={"COLUMNS": str(colonnes)}).invoke(cli.app, ["bilan", "hub", *arguments, "--cle", "mnk_x"])

    return executer


@pytest.mark.parametrize("colonnes", [80, 100, 160])
def test_le_bilan_le_plus_charge_tient_sur_une_page(lancer: Lancer, colonnes: int) -> None:
    sortie = lancer(Response(200, json=bilan(nombre=300)), colonnes=colonnes)
    assert sortie.exit_code == 0
    lignes = sortie.stdout.splitlines()
    assert len(lignes) <= PAGE
    assert max(map(len, lignes)) <= colonnes


def test_la_page_dit_l_essentiel_en_francais(lancer: Lancer) -> None:
    page = lancer(Response(200, json=bilan())).stdout
    for dit in (
        "Bilan de Hub fictif (hub), le 24/11/2026",
        "Liste vérifiée le 20/11/2026.",
        "son adresse ne répond plus",
        "Dernière application le 19/11/2026 (complet).",
        "12 345 lignes lues, 340 rejetées, 5 répétées",
        "7 lieux créés, 8 modifiés, 9 retirés, 11 985 inchangés",
        "Lignes rejetées, par motif",
        "Cellules lues comme vides",
        "Cellules corrigées",
        "et 26 autres",
        "12 000 fiches en vigueur",
        "moins de 6 mois 6 000 (50 %), plus de 2 ans 5 999 (50 %), sans date 1 (< 1 %)",
        "Sans horaires : 3 000 (25 %), dont écrits et non compris : 12",
        "Sans téléphone : 0 (0 %) ; sans position : 11 999 (> 99 %)",
        "Doublons à voir : 30 (entre ses fiches 1, s1 1, s2 1, …)",
        "Champs montrés tels qu'une autre source les dit",
        "Couverture",
        "99 / 100",
        "39 Département fictif",
        "non situé",
    ):
        assert dit in page, dit
    assert "[nom] 0." in page


def test_une_source_neuve_tient_en_quelques_lignes(lancer: Lancer) -> None:
    vide = bilan(
        nombre=0, synchronisation=None, fiches=0, ages={}, couverture=[],
        fraicheur={"verifiee_le": None, "degradee": False},
    )  # fmt: skip
    page = lancer(Response(200, json=vide)).stdout
    assert "Liste jamais reçue." in page
    assert "Aucune liste n'a encore été appliquée." in page
    assert "Cellules" not in page
    assert len(page.splitlines()) < 12


def test_le_json_est_celui_de_l_api(lancer: Lancer) -> None:
    lu = bilan()
    assert json.loads(lancer(Response(200, json=lu), "--format", "json", colonnes=40).stdout) == lu


def test_un_refus_est_dit(lancer: Lancer) -> None:
    probleme = {"type": "/problemes/source-inconnue", "title": "Cette source n'existe pas", "detail": "Aucune « hub »."}
    refus = lancer(Response(404, json=probleme))
    assert refus.exit_code == 1
    assert "Cette source n'existe pas" in refus.stderr
