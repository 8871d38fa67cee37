"""What a fetched file is, by what is said of it and by its first bytes."""

from __future__ import annotations

import pytest
from annuaire.sources.tirage.formats import FORMATS, Indices, reconnaitre
from annuaire.sources.tirage.rules import Echec

ZIP = b"PK\x03\x04..."


@pytest.mark.parametrize(
    ("debut", "declare", "chemin", "format", "attendu"),
    [
        (b"nom;commune", "text/csv; charset=utf-8", "/a", None, "csv"),
        (b"nom;commune", "text/plain", "/a", None, "csv"),
        (b"nom;commune", "application/octet-stream", "/lieux.csv", None, "csv"),
        (b"[{}]", "application/json", "/a", None, "json"),
        (b'{"a":1}', "", "/a", None, "json"),
        (b'{"a":1}', "text/plain", "/lieux.ndjson", None, "ndjson"),
        (b'{"type":"FeatureCollection"}', "application/octet-stream", "/lieux.geojson", None, "geojson"),
        (b'{"type":"FeatureCollection"}', "application/geo+json", "/a", None, "geojson"),
        (ZIP, "application/octet-stream", "/a", None, "xlsx"),
        (ZIP, "text/csv", "/lieux.csv", None, "xlsx"),
        (b"nom;commune", FORMATS["xlsx"], "/lieux.xlsx", None, "csv"),
        (b"nom;commune", "application/vnd.ms-excel", "/lieux", None, "csv"),
        (b"nom;commune", "text/csv", "/a", "ndjson", "ndjson"),
        (b"\xef\xbb\xbf[]", "text/plain", "/a", None, "json"),
    ],
)
def test_le_type_d_une_liste(debut: bytes, declare: str, chemin: str, format: str | None, attendu: str) -> None:
    assert reconnaitre(debut, Indices(declare=declare, chemin=chemin, format=format)) == FORMATS[attendu]


@pytest.mark.parametrize(
    ("debut", "declare", "issue"),
    [
        (b"<!DOCTYPE html><title>Connexion</title>", "text/csv", "page-web"),
        (b"\n  <html>", "application/octet-stream", "page-web"),
        (b"\xef\xbb\xbf<html>", "", "page-web"),
        (b"<?xml version='1.0'?>", "application/xml", "page-web"),
        (b"Veuillez vous connecter", "text/html", "page-web"),
        (b"", "text/csv", "vide"),
        (b" \r\n\t", "text/csv", "vide"),
        (b"\xef\xbb\xbf", "text/csv", "vide"),
    ],
)
def test_une_page_web_ou_rien_n_est_pas_une_liste(debut: bytes, declare: str, issue: str) -> None:
    for format in (None, "csv"):
        with pytest.raises(Echec) as echec:
            reconnaitre(debut, Indices(declare=declare, chemin="/lieux.csv", format=format))
        assert echec.value.issue == issue
