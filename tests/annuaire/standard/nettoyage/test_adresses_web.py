"""Reading of web addresses."""

from __future__ import annotations

import pytest
from annuaire.standard.nettoyage.adresses_web import nettoyer_url


def _lues(brut: str) -> tuple[tuple[str, ...], list[str]]:
    propre = nettoyer_url(brut)
    return propre.valeur, [a.code for a in propre.anomalies]


@pytest.mark.parametrize(
    "url",
    [
        "https://www.exemple.fr",
        "http://exemple.fr/Page/CasseGardee?Id=A1#Ancre",
        "https://exemple.fr/a,12.html",
        "https://exemple.fr/a;b=1",
        "https://exemple.fr/?u=https://autre.fr/x",
        "https://web.exemple.org/web/2020/https://autre.fr/",
        "https://médiathèque.exemple.fr/",
        "https://exemple.fr:8443/a_(b)",
    ],
)
def test_une_bonne_adresse_est_gardee_telle_quelle(url: str) -> None:
    assert _lues(url) == ((url,), [])


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [
        ("www.exemple.fr", "http://www.exemple.fr"),
        ("exemple.fr/Page", "http://exemple.fr/Page"),
        ("http:/exemple.fr", "http://exemple.fr"),
        ("https//exemple.fr", "https://exemple.fr"),
        ("https//:exemple.fr", "https://exemple.fr"),
        ("http://http://exemple.fr", "http://exemple.fr"),
        ("http://https://exemple.fr", "https://exemple.fr"),
        ("http://www,exemple.fr", "http://www.exemple.fr"),
        ("www:exemple.fr", "http://www.exemple.fr"),
        ("https:// exemple.fr", "https://exemple.fr"),
        ("http://exemple.fr/ma page", "http://exemple.fr/ma%20page"),
        ("HTTPS://exemple.fr", "https://exemple.fr"),
    ],
)
def test_une_adresse_abimee_est_reparee_et_dite(brut: str, attendu: str) -> None:
    assert _lues(brut) == ((attendu,), ["url_corrigee"])


@pytest.mark.parametrize(
    "brut",
    [
        "https://a.exemple.fr;https://b.exemple.fr",
        "https://a.exemple.fr,https://b.exemple.fr",
        "https://a.exemple.fr https://b.exemple.fr",
        "https://a.exemple.fr\nhttps://b.exemple.fr",
        "https://a.exemple.frhttps://b.exemple.fr",
        "https://a.exemple.fr et https://b.exemple.fr",
        "https://a.exemple.fr / https://b.exemple.fr",
    ],
)
def test_deux_adresses_sont_toutes_deux_gardees(brut: str) -> None:
    assert _lues(brut) == (("https://a.exemple.fr", "https://b.exemple.fr"), [])


@pytest.mark.parametrize(
    "brut",
    [
        "https://www.",
        "exemple",
        "http://",
        "@exemple",
        "contact@exemple.fr",
        "http://moi@exemple.fr",
        "oui",
        "ftp://exemple.fr",
        "javascript:alert(1)",
        "http://[::1",
        "http://exemple.fr:99999/",
        "http://127.0.0.1/",
        "https://exemple",
    ],
)
def test_ce_qui_n_est_pas_une_adresse_est_vide_et_dit(brut: str) -> None:
    assert _lues(brut) == ((), ["url_invalide"])


def test_une_bonne_adresse_survit_a_une_mauvaise() -> None:
    assert _lues("https://a.exemple.fr;https://www.") == (("https://a.exemple.fr",), ["url_invalide"])
