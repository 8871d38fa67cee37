"""The choice of a format by `Accept`."""

from __future__ import annotations

import pytest
from annuaire.exports.formats import FORMATS, MEDIAS, format_de, suggerer
from socle.web.errors import FormatRefuse


@pytest.mark.parametrize(
    ("accept", "attendu"),
    [
        (None, "ndjson"),
        ("", "ndjson"),
        ("*/*", "ndjson"),
        ("application/*", "ndjson"),
        ("text/*", "csv"),
        ("application/json", "json"),
        ("Application/JSON", "json"),
        ("application/geo+json, application/json;q=0.9", "geojson"),
        ("application/geo+json;q=0.5, text/csv;q=0.8", "csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "ndjson"),
        ("*/*;q=0.1, text/csv", "csv"),
        ("application/x-ndjson;q=0, */*", "json"),
        ("text/csv;header=present", "csv"),
        ("n'importe quoi, text/csv", "csv"),
        ("text/csv;q=7", "csv"),
    ],
)
def test_le_type_prefere_est_choisi(accept: str | None, attendu: str) -> None:
    assert format_de(None, accept).nom == attendu


@pytest.mark.parametrize("accept", ["application/pdf", "text/csv;q=0", "*/*;q=0", "image/*", "x" * 5000, ",,,;"])
def test_ce_que_l_export_n_est_pas_est_refuse_avec_la_liste_des_types(accept: str) -> None:
    with pytest.raises(FormatRefuse) as refus:
        format_de(None, accept)
    assert all(media in refus.value.detail for media in MEDIAS.values())


@pytest.mark.parametrize(
    ("nom", "propose"),
    [("geo-json", "geojson"), ("GeoJSON", "geojson"), ("excell", "excel"), ("jsonl", "json"), ("pdf", None)],
)
def test_un_nom_mal_ecrit_propose_le_plus_proche(nom: str, propose: str | None) -> None:
    assert suggerer(nom) == propose


def test_chaque_format_a_un_type_de_contenu_avec_sa_langue_de_caracteres() -> None:
    assert {f.nom: f.type_de_contenu for f in FORMATS.values()} == {
        "ndjson": "application/x-ndjson; charset=utf-8",
        "json": "application/json",
        "csv": "text/csv; charset=utf-8",
        "geojson": "application/geo+json",
        "excel": "text/csv; charset=utf-8",
    }
