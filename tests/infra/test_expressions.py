"""No regular expression of the code can be made to work for nothing (ReDoS)."""

from __future__ import annotations

import pytest

from tests.fabriques.expressions import Expression, adverses, lentes, toutes


@pytest.mark.parametrize("entier", [False, pytest.param(True, marks=pytest.mark.epreuve)])
def test_aucune_expression_ne_s_emballe_sur_cinquante_mille_caracteres(entier: bool) -> None:
    expressions = toutes()
    essais, coupees = lentes(expressions, toutes=entier)
    print(f"\n{len(expressions)} expressions, {essais} essais sur 50 000 caractères, {len(coupees)} coupées")
    assert coupees == []
    assert len(expressions) >= 120
    assert essais >= (100 if entier else 10) * len(expressions)


@pytest.mark.parametrize("motif", [r"(a+)+$", r"^(\d+)*$", r"\s*;", r"(?:a|aa)+!", r"a\s*b?\s*c"])
def test_une_expression_qui_s_emballe_est_coupee(motif: str) -> None:
    _, coupees = lentes([Expression("essai", motif, ("search",)), Expression("suite", "b", ("search",))])
    assert len(coupees) == 1


def test_les_expressions_de_chaque_sorte_sont_trouvees() -> None:
    places = {expression.place.partition(".")[0].partition("/")[0] for expression in toutes()}
    assert places >= {"socle", "annuaire", "gateway", "services"}
    assert any(expression.octets for expression in toutes())


def test_les_chaines_adverses_sont_longues_et_visent_l_expression() -> None:
    chaines = list(adverses(Expression("essai", r"x(?:yz)+;", ("search",))))
    assert all(49_000 <= len(chaine) <= 50_100 for chaine in chaines)
    assert any(chaine.startswith("xyzyzyz") for chaine in chaines)
