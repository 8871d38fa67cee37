"""The routes table, line by line."""

from __future__ import annotations

import pytest
from gateway.routes_table import ECRITURES, LECTURES, ROUTES, Classe, Table
from socle.web.limits import MIO


@pytest.mark.parametrize(
    ("methode", "chemin", "attendu"),
    [
        ("POST", "/annuaire/v1/sources/a/synchronisations", ("annuaire", Classe.ECRITURES, 120.0, 25 * MIO, False)),
        ("GET", "/annuaire/v1/sources/a/synchronisations", ("annuaire", Classe.LECTURES, 10.0, MIO, True)),
        ("POST", "/annuaire/v1/synchronisations/x/application", ("annuaire", Classe.ECRITURES, 120.0, MIO, False)),
        ("GET", "/annuaire/v1/changements/lieux", ("annuaire", Classe.LECTURES, 30.0, MIO, True)),
        ("GET", "/annuaire/v1/exports/lieux", ("annuaire", Classe.EXPORTS, 30.0, MIO, True)),
        ("GET", "/annuaire/v1/recherche", ("annuaire", Classe.RECHERCHE, 10.0, MIO, True)),
        ("GET", "/annuaire/v1/recherche/suggestions", ("annuaire", Classe.RECHERCHE, 10.0, MIO, True)),
        ("POST", "/annuaire/v1/orientation", ("annuaire", Classe.RECHERCHE, 10.0, 16 * 1024, True)),
        ("HEAD", "/annuaire/v1/lieux", ("annuaire", Classe.LECTURES, 10.0, MIO, True)),
        ("PATCH", "/annuaire/v1/sources/a", ("annuaire", Classe.ECRITURES, 10.0, MIO, False)),
        ("TRACE", "/annuaire/v1/lieux", ("annuaire", Classe.LECTURES, 10.0, MIO, True)),
        ("GET", "/coordination/v1/espaces", ("coordination", Classe.LECTURES, 10.0, MIO, True)),
        ("POST", "/financement/v1/dossiers", ("financement", Classe.ECRITURES, 10.0, MIO, False)),
    ],
)
def test_une_requete_trouve_sa_ligne(methode: str, chemin: str, attendu: tuple[str, Classe, float, int, bool]) -> None:
    ligne = Table().trouver(chemin, methode)
    assert ligne is not None
    assert (ligne.amont, ligne.quota, ligne.delai, ligne.corps, ligne.politique.anonymes) == attendu


@pytest.mark.parametrize(
    "chemin",
    ["/", "", "/sante/pret", "/annuaire", "/annuaire/", "/annuaire/v1x", "/annuaire/v2/a", "//annuaire/v1/a",
     "/ANNUAIRE/v1/a", "/cles", "/coordination/v11/a"],
)  # fmt: skip
def test_une_autre_adresse_est_a_la_passerelle(chemin: str) -> None:
    assert Table().trouver(chemin, "GET") is None


def test_aucune_ecriture_n_est_ouverte_aux_anonymes_sauf_un_signalement_la_parole_d_un_lieu_et_une_question() -> None:
    ouvertes = [ligne for ligne in ROUTES if ligne.politique.anonymes and ligne.methodes & ECRITURES]
    assert {(ligne.prefixe, ligne.fin) for ligne in ouvertes} == {
        ("/annuaire/v1/lieux/", "/signalements"),
        ("/annuaire/v1/lieux/", "/revendications"),
        ("/annuaire/v1/paroles/", ""),
        ("/annuaire/v1/orientation", "/orientation"),
    }
    # an orientation writes nothing: it is counted as the searches that it makes
    assert {(tuple(ligne.methodes & ECRITURES), ligne.quota) for ligne in ouvertes} == {
        (("POST",), Classe.SIGNALEMENTS),
        (("POST",), Classe.RECHERCHE),
    }


def test_chaque_service_a_ses_lectures_et_ses_ecritures() -> None:
    for amont in ("annuaire", "coordination", "financement"):
        methodes = {m for ligne in ROUTES if ligne.amont == amont for m in ligne.methodes}
        assert methodes == LECTURES | ECRITURES
