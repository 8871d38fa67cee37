"""Form and rules of the access keys."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from gateway.keys import rules
from gateway.keys.errors import CleMalDecrite
from hypothesis import given
from hypothesis import strategies as st


def test_une_cle_a_la_forme_promise_et_se_relit() -> None:
    parties, texte = rules.fabriquer("local", secrets.choice)
    debut, environnement, ident, secret, somme = texte.split("_")
    assert (debut, environnement) == ("mnk", "local")
    assert (len(ident), len(secret), len(somme)) == (10, 43, 6)
    assert rules.lire(texte) == parties


def test_mille_cles_sont_toutes_differentes() -> None:
    assert len({rules.fabriquer("local", secrets.choice)[0] for _ in range(1000)}) == 1000


def test_une_cle_mal_recopiee_est_reconnue_a_sa_somme() -> None:
    _, texte = rules.fabriquer("local", secrets.choice)
    for rang in range(len("mnk_local_"), len(texte)):
        autre = texte[:rang] + ("a" if texte[rang] != "a" else "b") + texte[rang + 1 :]
        assert rules.lire(autre) is None, rang


@given(st.text(max_size=120))
def test_un_texte_quelconque_n_est_pas_une_cle(texte: str) -> None:
    assert rules.lire(texte) is None


def test_l_empreinte_depend_du_secret_et_du_poivre() -> None:
    empreintes = {rules.empreinte(poivre, secret) for poivre in (b"a" * 32, b"b" * 32) for secret in ("x", "y")}
    assert len(empreintes) == 4
    assert all(len(empreinte) == 64 for empreinte in empreintes)


@pytest.mark.parametrize(
    ("adresse", "reseaux", "attendu"),
    [
        ("192.0.2.7", None, True),
        ("192.0.2.7", ["192.0.2.0/24"], True),
        ("198.51.100.1", ["192.0.2.0/24"], False),
        ("2001:db8::1", ["192.0.2.0/24", "2001:db8::/32"], True),
        ("192.0.2.7", [], False),
        ("inconnue", ["0.0.0.0/0"], False),
    ],
)
def test_une_cle_peut_etre_tenue_a_des_reseaux(adresse: str, reseaux: list[str] | None, attendu: bool) -> None:
    assert rules.autorise(adresse, reseaux) is attendu


BONNE = {
    "nom": "Hub", "portees": ["lecture"], "sources": None, "reseaux": None, "duree": timedelta(days=180),
}  # fmt: skip


@pytest.mark.parametrize(
    "defaut",
    [
        {"nom": " "},
        {"nom": "x" * 101},
        {"portees": []},
        {"portees": ["tout"]},
        {"duree": timedelta(0)},
        {"duree": timedelta(days=367)},
        {"reseaux": ["192.0.2.1/24"]},
        {"reseaux": ["ici"]},
        {"portees": ["cles:admin"], "sources": ["a"]},
    ],
    ids=str,
)
def test_une_cle_mal_decrite_est_refusee(defaut: dict[str, object]) -> None:
    rules.valider(**BONNE)  # type: ignore[arg-type]
    with pytest.raises(CleMalDecrite):
        rules.valider(**{**BONNE, **defaut})  # type: ignore[arg-type]


def test_une_cle_meurt_a_son_terme_ou_a_sa_revocation() -> None:
    terme = datetime(2026, 11, 24, tzinfo=UTC)
    assert rules.vivante(terme, None, terme - timedelta(seconds=1))
    assert not rules.vivante(terme, None, terme)
    assert not rules.vivante(terme, terme, terme - timedelta(days=1))
