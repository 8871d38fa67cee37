"""The committed contracts are those of the code."""

from __future__ import annotations

import pytest

from infra import openapi


def test_les_contrats_publies_sont_ceux_du_code() -> None:
    assert openapi.ecarts() == []


def test_un_contrat_perime_est_nomme(monkeypatch: pytest.MonkeyPatch) -> None:
    contrats = openapi.contrats()
    contrats["annuaire"]["paths"].popitem()
    monkeypatch.setattr(openapi, "contrats", lambda: contrats)
    assert openapi.ecarts() == ["annuaire.json"]


def test_chaque_operation_a_un_resume_et_ses_problemes() -> None:
    public = openapi.contrats()["public"]
    operations = [
        (methode, chemin, operation)
        for chemin, methodes in public["paths"].items()
        for methode, operation in methodes.items()
    ]
    assert operations
    for methode, chemin, operation in operations:
        assert operation.get("summary"), f"{methode} {chemin} n'a pas de résumé"
        assert operation.get("operationId"), f"{methode} {chemin} n'a pas d'identifiant"
        assert any(statut.startswith(("4", "5")) for statut in operation["responses"]), f"{methode} {chemin}"
