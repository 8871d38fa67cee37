"""The running services keep to their published contract, on cases that nobody wrote."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.contrats.conduite import Bilan, conduire, operations
from tests.contrats.conftest import Banc

VERIFICATIONS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
}


def verifier(banc: Banc, dossier: Path, *options: str, contrat: dict[str, Any] | None = None) -> Bilan:
    return conduire(
        dossier,
        adresse=banc.adresse,
        cle=banc.cle,
        contrat=contrat or banc.contrat,
        semences=banc.semences,
        options=options,
    )


def test_un_echantillon_de_cas_respecte_le_contrat(banc: Banc, tmp_path: Path) -> None:
    # the examples, and two cases drawn an operation; the long proof also sends the edges of schemas and follows links
    bilan = verifier(banc, tmp_path, "--phases", "examples,fuzzing", "--max-examples", "2")
    assert bilan.fautes == [], bilan.sortie
    assert bilan.code == 0, bilan.sortie
    assert bilan.cas >= 300
    assert set(bilan.statuts) >= set(operations(banc.contrat))


@pytest.mark.epreuve
def test_trois_mille_cas_respectent_le_contrat_et_chaque_operation_reussit(banc: Banc, tmp_path: Path) -> None:
    bilan = verifier(banc, tmp_path, "--max-examples", "40")
    print(f"\n{bilan.resume()}")
    assert bilan.fautes == [], bilan.sortie
    assert bilan.code == 0, bilan.sortie
    assert bilan.cas >= 3_000
    assert bilan.sans_reussite() == []
    assert set(bilan.verifications) >= VERIFICATIONS


def test_un_statut_que_le_contrat_tait_est_une_faute(banc: Banc, tmp_path: Path) -> None:
    muet = deepcopy(banc.contrat)
    del muet["paths"]["/annuaire/v1/territoires/regions/{code}"]["get"]["responses"]["404"]
    options = ("--include-path", "/annuaire/v1/territoires/regions/{code}", "--phases", "fuzzing", "-n", "30")
    bilan = verifier(banc, tmp_path, *options, contrat=muet)
    assert any("status_code_conformance" in faute for faute in bilan.fautes), bilan.sortie


def test_un_champ_que_le_contrat_promet_en_vain_est_une_faute(banc: Banc, tmp_path: Path) -> None:
    vantard = deepcopy(banc.contrat)
    vantard["components"]["schemas"]["SourceLue"]["required"].append("jamais_rendu")
    options = ("--include-path", "/annuaire/v1/sources/{source_id}", "--phases", "fuzzing", "-n", "20")
    bilan = verifier(banc, tmp_path, *options, contrat=vantard)
    assert any("response_schema_conformance" in faute for faute in bilan.fautes), bilan.sortie
