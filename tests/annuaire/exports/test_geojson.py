"""GeoJSON, read by another reader of it (GEOS)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from annuaire.exports.geojson import situer
from annuaire.exports.redaction import EnGeojson
from hypothesis import given
from hypothesis import strategies as st


def octets(**membres: Any) -> bytes:
    return json.dumps({"id": "a", **membres}, ensure_ascii=False, separators=(",", ":")).encode()


def collection(*documents: bytes) -> dict[str, Any]:
    redaction = EnGeojson()
    lots = b"".join(redaction.lot([document]) for document in documents)
    lue: dict[str, Any] = json.loads(redaction.debut() + lots + redaction.fin(len(documents), 7))
    return lue


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_la_longitude_vient_d_abord_et_six_decimales_suffisent(latitude: float, longitude: float) -> None:
    ecrit = situer(octets(latitude=latitude, longitude=longitude))[0]
    x, y = json.loads(ecrit)["geometry"]["coordinates"]
    assert (x, y) == (round(longitude, 6), round(latitude, 6))
    point = shapely.from_geojson(json.dumps(json.loads(ecrit)["geometry"]))
    assert (point.x, point.y) == (x, y)
    brut = ecrit.split(b'"coordinates":[')[1].split(b"]")[0].decode()
    assert all(len(nombre.partition(".")[2]) <= 6 and "e" not in nombre for nombre in brut.split(","))


@pytest.mark.parametrize("point", [{}, {"latitude": None, "longitude": None}, {"latitude": 48.8, "longitude": None}])
def test_un_lieu_sans_point_a_une_geometrie_nulle(point: dict[str, Any]) -> None:
    lu = json.loads(situer(octets(nom="Sans point", **point))[0])
    assert lu["geometry"] is None
    assert lu["properties"]["nom"] == "Sans point"


def test_le_zero_est_un_point() -> None:
    assert json.loads(situer(octets(latitude=0, longitude=-0.0))[0])["geometry"]["coordinates"] == [0, 0]


def test_les_proprietes_sont_le_document_lui_meme() -> None:
    document = octets(nom='Lieu « "latitude":1 »', latitude=48.8, longitude=2.3, ouverture={"etat": "ouvert"})
    lu = json.loads(situer(document)[0])
    assert lu["id"] == "a"
    assert lu["properties"] == json.loads(document)
    assert document in situer(document)[0]


def test_la_collection_dit_sa_boite_son_compte_et_aucun_crs() -> None:
    lue = collection(
        octets(latitude=48.8, longitude=2.3), octets(latitude=-20.9, longitude=55.4), octets(latitude=None)
    )
    assert lue["bbox"] == [2.3, -20.9, 55.4, 48.8]
    assert (lue["type"], lue["lignes"], lue["changement_numero"]) == ("FeatureCollection", 3, 7)
    assert "crs" not in lue


def test_une_collection_sans_point_n_a_pas_de_boite() -> None:
    assert "bbox" not in collection(octets(latitude=None))
    assert collection() == {"type": "FeatureCollection", "features": [], "lignes": 0, "changement_numero": 7}
