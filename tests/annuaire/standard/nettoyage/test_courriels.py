"""Reading of e-mail addresses. Every address is made up."""

from __future__ import annotations

import pytest
from annuaire.standard.nettoyage.courriels import nettoyer_courriel


def _lus(brut: str) -> tuple[tuple[str, ...], list[str]]:
    propre = nettoyer_courriel(brut)
    return propre.valeur, [a.code for a in propre.anomalies]


@pytest.mark.parametrize(
    "brut",
    [
        "contact@exemple.fr",
        "Contact@Exemple.FR",
        " contact@exemple.fr ",
        "mailto:contact@exemple.fr",
        "<contact@exemple.fr>",
        "Accueil : contact@exemple.fr",
        "contact@exemple.fr.",
        "contact@exemple.fr;",
    ],
)
def test_une_adresse_est_lue_sous_ses_formes(brut: str) -> None:
    assert _lus(brut) == (("contact@exemple.fr",), [])


@pytest.mark.parametrize(
    "brut",
    [
        "contact@@exemple.fr",
        "contact @exemple.fr",
        "contact@ exemple.fr",
        "contact@exemple .fr",
        "contact[at]exemple.fr..",
    ],
)
def test_une_adresse_abimee_est_reparee(brut: str) -> None:
    assert _lus(brut)[0] == ("contact@exemple.fr",)


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [("médiathèque@exemple.fr", "mediatheque@exemple.fr"), ("@contact@exemple.fr", "contact@exemple.fr")],
)
def test_une_reparation_est_dite(brut: str, attendu: str) -> None:
    assert _lus(brut) == ((attendu,), ["courriel_corrige"])


@pytest.mark.parametrize(
    "brut",
    [
        "a@exemple.fr;b@exemple.fr",
        "a@exemple.fr, b@exemple.fr",
        "a@exemple.fr / b@exemple.fr",
        "a@exemple.fr/b@exemple.fr",
        "a@exemple.fr et b@exemple.fr",
        "a@exemple.fr ou b@exemple.fr",
        "a@exemple.fr\nb@exemple.fr",
    ],
)
def test_plusieurs_adresses_sont_toutes_gardees(brut: str) -> None:
    assert _lus(brut) == (("a@exemple.fr", "b@exemple.fr"), [])


@pytest.mark.parametrize(
    "brut", ["contact-etudes@exemple.fr", "bouquet.ouvert@exemple.fr", "soutien-et-aide@exemple.fr"]
)
def test_et_et_ou_dans_une_adresse_ne_la_coupent_pas(brut: str) -> None:
    assert _lus(brut) == ((brut,), [])


@pytest.mark.parametrize(
    "brut",
    [
        "contact",
        "contact@exemple",
        "@exemple.fr",
        "a@b@exemple.fr",
        "www.exemple.fr",
        "contact@.fr",
        "contact@192.0.2.12",
        "contact@exemple..",
        "12 rue de l'Exemple",
    ],
)
def test_ce_qui_n_est_pas_une_adresse_est_vide_et_dit(brut: str) -> None:
    assert _lus(brut) == ((), ["courriel_invalide"])


def test_une_adresse_dans_une_phrase_est_trouvee_et_dite() -> None:
    assert _lus("écrire à contact@exemple.fr avant midi") == (("contact@exemple.fr",), ["courriel_corrige"])
