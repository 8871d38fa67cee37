"""The committed contracts are those of the code."""

from __future__ import annotations

from typing import Any

import pytest

from infra import openapi


def test_les_contrats_publies_sont_ceux_du_code() -> None:
    assert openapi.ecarts() == []


def test_un_contrat_perime_est_nomme(monkeypatch: pytest.MonkeyPatch) -> None:
    contrats = openapi.contrats()
    contrats["annuaire"]["paths"].popitem()
    monkeypatch.setattr(openapi, "contrats", lambda: contrats)
    assert openapi.ecarts() == ["annuaire.json"]


def test_aucun_nom_de_schema_ne_montre_un_module_du_code() -> None:
    contrats = openapi.contrats()
    noms = {nom for contrat in contrats.values() for nom in contrat["components"]["schemas"]}
    assert "LieuCompact" in noms
    # two models of one name would both be renamed after their modules
    assert [nom for nom in sorted(noms) if "__" in nom] == []


@pytest.fixture(scope="module")
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation behind the gateway: method, path, what is said of it."""
    return [
        (methode, chemin, operation)
        for chemin, methodes in openapi.contrats()["public"]["paths"].items()
        for methode, operation in methodes.items()
    ]


def test_chaque_operation_a_un_resume_et_ses_problemes(operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    assert operations
    for methode, chemin, operation in operations:
        assert operation.get("summary"), f"{methode} {chemin} n'a pas de résumé"
        assert operation.get("operationId"), f"{methode} {chemin} n'a pas d'identifiant"
        assert any(statut.startswith(("4", "5")) for statut in operation["responses"]), f"{methode} {chemin}"


def test_les_en_tetes_que_le_code_exige_sont_requis(operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    # a first correspondence replaces nothing: it has no tag to give back
    vus = set()
    for methode, chemin, operation in operations:
        recus = {p["name"].lower(): p for p in operation.get("parameters", ()) if p["in"] == "header"}
        if "idempotency-key" in recus:
            assert recus["idempotency-key"]["required"], f"{methode} {chemin}"
            vus.add("idempotency-key")
        if "428" in operation["responses"]:
            exige = not (methode.lower() == "put" and chemin.endswith("/{source_id}/correspondance"))
            assert recus["if-match"].get("required", False) == exige, f"{methode} {chemin}"
            vus.add("if-match")
    assert vus == {"idempotency-key", "if-match"}


@pytest.mark.parametrize(("statut", "nom"), [("201", "Location"), ("304", "ETag"), ("405", "Allow")])
def test_les_en_tetes_que_chaque_reponse_porte_sont_dits(
    operations: list[tuple[str, str, dict[str, Any]]], statut: str, nom: str
) -> None:
    concernees = [operation["responses"][statut] for _, _, operation in operations if statut in operation["responses"]]
    assert concernees
    assert all(reponse["headers"][nom]["required"] for reponse in concernees)
