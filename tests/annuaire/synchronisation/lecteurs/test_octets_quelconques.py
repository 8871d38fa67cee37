"""Whatever the bytes: rows, or a refusal that says why; never another exception."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from annuaire.synchronisation.lecteurs import CSV, JSON, NDJSON, ODS, XLSX, FichierRefuse, LigneBrute, lire
from annuaire.synchronisation.lecteurs.geometrie import reperer
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fabriques.listes import classeur, csv_de, objets, rangees
from tests.fabriques.opendocument import ods, tableau

SAINES: dict[str, list[bytes]] = {
    CSV: [
        csv_de(4).encode(),
        csv_de(4, delimiteur=";", fin="\r\n").encode("utf-16"),
        'id,nom\n1,"a ""b"" \n c"\n2,été\n'.encode("cp1252"),
    ],
    JSON: [
        json.dumps(objets(3), indent=1).encode(),
        json.dumps({"meta": {"n": [1.5e3, None, True]}, "records": objets(2)}).encode(),
        '[{"é": "\\u00e9\\ud83d\\ude00", "a": [[], {}, -0.1]}]'.encode(),
    ],
    NDJSON: [b"\n".join(json.dumps(objet).encode() for objet in objets(3))],
    XLSX: [
        classeur(rangees(3)),
        classeur('<row><c t="s"><v>0</v></c><c><f>1</f><v>2</v></c></row>' * 2, chaines="<si><t>id</t></si>"),
    ],
    ODS: [ods(tableau([["id", "nom"], [1, "un"], [2, None]]))],
}


def lire_ou_refuser(octets: bytes, type_mime: str) -> tuple[list[LigneBrute], FichierRefuse | None]:
    """Read these bytes: the rows, or the refusal; both must be writable as JSON text in UTF-8."""
    lignes: list[LigneBrute] = []
    refus = None
    with tempfile.TemporaryDirectory() as dossier:
        fichier = Path(dossier, "liste")
        fichier.write_bytes(octets)
        try:
            lignes.extend(lire(fichier, type_mime))
        except FichierRefuse as erreur:
            refus = erreur
    for ligne in lignes:
        assert ligne.ligne >= 1
        json.dumps(ligne.valeurs, ensure_ascii=False).encode()
    if refus is not None:
        assert refus.detail
        json.dumps(refus.en_dict(), ensure_ascii=False).encode()
    return lignes, refus


MORCEAUX = [
    "<row>", "</row>", '<row r="7">', "<c>", "</c>", '<c r="B2" t="s">', '<c t="e">', '<c t="b">', '<c t="d">',
    "<v>1</v>", "<v>-1</v>", "<v>1e400</v>", "<f>A1</f>", "<is><t>x</t></is>", "x",
]  # fmt: skip


@st.composite
def abimees(tirer: st.DrawFn, saines: list[bytes]) -> bytes:
    """A sound file with a few changes: bytes replaced, dropped, repeated, cut."""
    octets = bytearray(tirer(st.sampled_from(saines)))
    for _ in range(tirer(st.integers(1, 4))):
        debut = tirer(st.integers(0, len(octets)))
        fin = min(len(octets), debut + tirer(st.integers(0, 40)))
        octets[debut:fin] = tirer(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from([b'"', b"\x00", b"\n", b",", b"{", b"]", b"\\u", b"\xff\xfe", b"1e999", b"<!DOCTYPE"]),
                st.just(bytes(octets[debut:fin]) * 2),
            )
        )
    return bytes(octets[: tirer(st.integers(0, len(octets)))]) if tirer(st.booleans()) else bytes(octets)


@given(octets=st.binary(max_size=200), type_mime=st.sampled_from([CSV, JSON, NDJSON, ODS, XLSX]))
@settings(deadline=None, max_examples=300)
def test_des_octets_quelconques_donnent_des_lignes_ou_un_refus(octets: bytes, type_mime: str) -> None:
    lire_ou_refuser(octets, type_mime)


@given(octets=abimees(SAINES[CSV]))
@settings(deadline=None, max_examples=400)
def test_un_csv_abime_donne_des_lignes_ou_un_refus(octets: bytes) -> None:
    lire_ou_refuser(octets, CSV)


@given(octets=abimees(SAINES[JSON] + SAINES[NDJSON]), type_mime=st.sampled_from([JSON, NDJSON]))
@settings(deadline=None, max_examples=400)
def test_un_json_abime_donne_des_lignes_ou_un_refus(octets: bytes, type_mime: str) -> None:
    lire_ou_refuser(octets, type_mime)


@given(octets=abimees(SAINES[XLSX]))
@settings(deadline=None, max_examples=300)
def test_un_classeur_abime_donne_des_lignes_ou_un_refus(octets: bytes) -> None:
    lire_ou_refuser(octets, XLSX)


@given(feuille=st.lists(st.sampled_from(MORCEAUX), max_size=12))
@settings(deadline=None, max_examples=200)
def test_une_feuille_ecrite_au_hasard_donne_des_lignes_ou_un_refus(feuille: list[str]) -> None:
    lire_ou_refuser(classeur(rangees(1) + "".join(feuille), chaines="<si><t>y</t></si>"), XLSX)


MORCEAUX_ODS = [
    "<table:table-row>", "</table:table-row>", "<table:table-cell>", "</table:table-cell>",
    "<table:covered-table-cell/>",
    '<table:table-cell office:value-type="float" office:value="1e400"/>', "<table:table>", "</table:table>", "<text:p>",
    "</text:p>", "x", '<text:s text:c="9"/>', '<table:table-cell table:number-columns-repeated="300">',
    '<table:table-row table:number-rows-repeated="60000">', '<table:table-cell office:value-type="date"/>',
    "<text:tab/>",
    "<office:annotation>", "</office:annotation>", '<table:table-cell table:formula="1" calcext:value-type="error"/>',
]  # fmt: skip


@given(octets=abimees(SAINES[ODS]))
@settings(deadline=None, max_examples=200)
def test_un_classeur_opendocument_abime_donne_des_lignes_ou_un_refus(octets: bytes) -> None:
    lire_ou_refuser(octets, ODS)


@given(feuille=st.lists(st.sampled_from(MORCEAUX_ODS), max_size=12))
@settings(deadline=None, max_examples=300)
def test_une_feuille_opendocument_au_hasard_donne_des_lignes_ou_un_refus(feuille: list[str]) -> None:
    lire_ou_refuser(ods(tableau([["id", "nom"], [1, "un"]]) + "".join(feuille)), ODS)


GEOMETRIES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.sampled_from(["x", "Point"]),
    lambda dedans: (
        st.lists(dedans, max_size=5)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "geometries", "x", "y"]), dedans, max_size=4)
    ),
    max_leaves=20,
)


@given(
    genre=st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString", "GeometryCollection"]), dedans=GEOMETRIES
)
@settings(deadline=None, max_examples=300)
def test_une_geometrie_quelconque_donne_une_position_ou_rien(genre: str, dedans: object) -> None:
    position = reperer({"type": genre, "coordinates": dedans, "geometries": dedans})
    if position is not None:
        json.dumps(position.en_dict(), allow_nan=False)


def contient_nul(valeur: object) -> bool:
    """Tell whether a string or a key of a JSON value holds U+0000."""
    if isinstance(valeur, dict):
        return any(map(contient_nul, (*valeur, *valeur.values())))
    return any(map(contient_nul, valeur)) if isinstance(valeur, list) else isinstance(valeur, str) and "\0" in valeur


@given(valeur=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda dedans: st.lists(dedans, max_size=4) | st.dictionaries(st.text(max_size=8), dedans, max_size=4),
    max_leaves=12,
))  # fmt: skip
@settings(deadline=None, max_examples=300)
def test_ce_que_le_json_permet_est_rendu_tel_quel(valeur: object) -> None:
    octets = json.dumps([{"v": valeur}]).encode()
    lignes, refus = lire_ou_refuser(octets, JSON)
    if contient_nul(valeur):
        assert refus is not None
        assert refus.code == "caractere-interdit"
    else:
        assert [ligne.valeurs for ligne in lignes] == [{"v": valeur}]
