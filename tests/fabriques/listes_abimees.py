"""The corpus of damaged and hostile lists: each with the code and the place of its refusal."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annuaire.synchronisation.lecteurs import CSV, GEOJSON, JSON, NDJSON, ODS, TSV, XLSX

from tests.fabriques.listes import (
    CHAINES,
    FEUILLE,
    MIO,
    archive,
    cellule,
    classeur,
    csv_de,
    objets,
    parties,
    rangees,
    zip_a_la_main,
)
from tests.fabriques.opendocument import TYPE, case, ods, rangee, tableau


@dataclass(frozen=True)
class Abimee:
    """A file that must be refused: how to make it, the code, and what its place must hold."""

    nom: str
    type_mime: str
    fabriquer: Callable[[], bytes]
    code: str
    place: Mapping[str, Any] = field(default_factory=dict)


def _avec(nom: str, contenu: bytes, **options: Any) -> bytes:
    return archive(parties(rangees(2), **options) | {nom: contenu})


def _bombe_a_taille_fausse() -> bytes:
    bombe = [("xl/media/image.png", bytes(30 * MIO), {"gonfle": 1000})]
    return zip_a_la_main([(nom, octets, {}) for nom, octets in parties(rangees(2)).items()] + bombe)


def _chevauchement() -> bytes:
    entrees = [(nom, octets, {}) for nom, octets in parties(rangees(2)).items()]
    premier = entrees[0]
    # The same local header is declared twice, under the same name in another case.
    return zip_a_la_main([premier, *entrees[1:], (premier[0], premier[1], {"entete": 0})])


def _chevauchement_imbrique() -> bytes:
    """A first entry, stored, whose data hold the local header and the data of the second."""
    interieur = b"0" * 1000
    dedans = (
        b"PK\x03\x04"
        + struct.pack("<5H3L2H", 20, 0, 0, 0, 0, zlib.crc32(interieur), 1000, 1000, 1, 0)
        + b"b"
        + interieur
    )
    dehors = b"PK\x03\x04" + struct.pack("<5H3L2H", 20, 0, 0, 0, 0, zlib.crc32(dedans), len(dedans), len(dedans), 1, 0)
    corps = dehors + b"a" + dedans
    repertoire = b""
    for nom, contenu, entete in ((b"a", dedans, 0), (b"b", interieur, len(dehors) + 1)):
        repertoire += (
            b"PK\x01\x02"
            + struct.pack(
                "<6H3L5H2L",
                20,
                20,
                0,
                0,
                0,
                0,
                zlib.crc32(contenu),
                len(contenu),
                len(contenu),
                1,
                0,
                0,
                0,
                0,
                0,
                entete,
            )
            + nom
        )
    return corps + repertoire + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 2, 2, len(repertoire), len(corps), 0)


def _mensonge(champs: dict[str, int], *, nom: str = "xl/a.xml") -> bytes:
    """A workbook with two more parts, the second with wrong fields in the archive's directory."""
    saines = parties(rangees(2)) | {"xl/theme/theme1.xml": b"<a/>"}
    return zip_a_la_main([*((n, octets, {}) for n, octets in saines.items()), (nom, b"<a/>", champs)])


def _deux_noms() -> bytes:
    """A part whose name is one thing in the directory and another where it is stored."""
    octets = _mensonge({})
    return octets.replace(b"xl/a.xml", b"xl/b.xml", 1)


def _rires(nom: str) -> bytes:
    entites = '<!ENTITY a "ah">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    fichiers = parties(rangees(2))
    racine = fichiers[nom].partition(b"\n")[2]
    fichiers[nom] = b'<?xml version="1.0"?><!DOCTYPE sst [' + entites.encode() + b"]>" + racine
    return archive(fichiers)


def _balise_immense() -> bytes:
    alea = random.Random(1).randbytes(3 * MIO).hex()
    return _avec("xl/theme/theme1.xml", f'<theme nom="{alea}"/>'.encode())


def _chaine_repetee() -> bytes:
    chaine = f"<si><t>{'x' * 32_767}</t></si>"
    cellules = "".join(f'<row><c t="s"><v>0</v></c><c><v>{rang}</v></c></row>' for rang in range(3000))
    return classeur(cellules, chaines=chaine)


def _ole(nom: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + nom.encode("utf-16-le") + bytes(2048)


def _corrompre(octets: bytes) -> bytes:
    ou = octets.index(b"xl/worksheets") + 60
    return octets[:ou] + bytes([octets[ou] ^ 0xFF]) + octets[ou + 1 :]


def _objet_profond(niveaux: int) -> bytes:
    return b'[{"a":' + b"[" * niveaux + b"]" * niveaux + b"}]"


_LISTE_ODS = tableau([["id", "nom", "commune"], [1, "a", "b"]])
_CONTENU_ODS = {"partie": "content.xml"}


def _repetee(cellule_: str, quoi: str, fois: int) -> str:
    return cellule_.replace("<table:table-cell", f'<table:table-cell table:number-{quoi}-repeated="{fois}"', 1)


def _repeter(quoi: str, fois: int) -> bytes:
    if quoi == "rows":
        return ods(_LISTE_ODS + rangee(case("x"), fois=fois))
    return ods(_LISTE_ODS + rangee(_repetee(case("x"), quoi, fois)))


def _ods_chiffre() -> bytes:
    manifeste = b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    return ods(_LISTE_ODS, parties={"META-INF/manifest.xml": manifeste})


def _ods_creux() -> bytes:
    return ods(_LISTE_ODS + rangee("<table:table-cell/>", fois=1_048_000) + rangee(case("x")))


def _ods_espaces() -> bytes:
    espaces = '<text:s text:c="1000"/>' * 40
    return ods(tableau([["id"]]) + rangee(f"<table:table-cell><text:p>{espaces}</text:p></table:table-cell>"))


def _geometrie_profonde() -> bytes:
    return b'{"features": [{"type": "Feature", "geometry": {"coordinates": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}]}"


def _geometrie_immense() -> bytes:
    anneau = [[rang % 180, rang % 90] for rang in range(10_001)]
    geometrie = {"type": "Polygon", "coordinates": [anneau]}
    return json.dumps({"features": [{"type": "Feature", "geometry": geometrie, "properties": {"nom": "a"}}]}).encode()


def _fiches(combien: int) -> bytes:
    return json.dumps(
        {f"Lieu{rang}": {"titre": rang, "ville": "Lyon", "tel": None} for rang in range(combien)}
    ).encode()


def _fiches_sans_fin() -> bytes:
    return _fiches(50_001)


HTML = b"<!DOCTYPE html>\n<html><head><title>Connexion</title></head><body>Identifiez-vous</body></html>"

ABIMEES: tuple[Abimee, ...] = (
    # CSV
    Abimee("csv-vide", CSV, lambda: b"", "fichier-vide"),
    Abimee("csv-de-blancs", CSV, lambda: b" \n\r\n \n", "fichier-vide"),
    Abimee("csv-de-cellules-vides", CSV, lambda: b",\n,,\n , \n", "fichier-vide"),
    Abimee("csv-coupe", CSV, lambda: (csv_de(3) + '4,"un nom cou').encode(), "fichier-tronque", {"ligne": 5}),
    Abimee(
        "csv-guillemet-oublie",
        CSV,
        lambda: b'id,nom\n1,"ouvert\n2,"deux"\n3,"trois"\n',
        "guillemets-incoherents",
        {"ligne": 2},
    ),
    Abimee(
        "csv-guillemet-non-double-puis-oublie",
        CSV,
        lambda: b'id,nom,ville\n1,"le "Carre" lieu","Lyon\n2,"b","c"\n',
        "guillemets-incoherents",
        {"ligne": 2},
    ),
    Abimee("csv-html", CSV, lambda: HTML, "html-au-lieu-de-donnees", {"ligne": 1}),
    Abimee("csv-html-avec-bom", CSV, lambda: b"\xef\xbb\xbf\r\n  " + HTML, "html-au-lieu-de-donnees", {"ligne": 1}),
    Abimee("csv-html-utf-16", CSV, lambda: HTML.decode().encode("utf-16"), "html-au-lieu-de-donnees", {"ligne": 1}),
    Abimee(
        "csv-caractere-nul",
        CSV,
        lambda: b"id,nom\n1,un\n2,de\x00ux\n",
        "caractere-interdit",
        {"ligne": 3, "colonne": 5},
    ),
    Abimee("csv-million-de-colonnes", CSV, lambda: b"a," * 500_000 + b"a\n", "trop-de-colonnes", {"ligne": 1}),
    Abimee(
        "csv-million-de-cellules-sur-une-ligne",
        CSV,
        lambda: csv_de(2).encode() + b"," * 1_000_000 + b"a\n",
        "trop-de-colonnes",
        {"ligne": 4},
    ),
    Abimee("csv-sans-retour", CSV, lambda: b"a" * (25 * MIO), "ligne-trop-longue", {"ligne": 1}),
    Abimee(
        "csv-enregistrement-sans-fin",
        CSV,
        lambda: b"id,nom\n1" + b',"a\n"' * 500_000,
        "ligne-trop-longue",
        {"ligne": 2},
    ),
    Abimee(
        "csv-cellule-longue",
        CSV,
        lambda: f"id,nom\n1,un\n2,{'x' * (64 * 1024 + 1)}\n".encode(),
        "cellule-trop-longue",
        {"ligne": 3, "colonne": 2},
    ),
    Abimee("csv-guillemet-ouvert-tot", CSV, lambda: b'id,nom\n1,"' + csv_de(20_000).encode(), "cellule-trop-longue"),
    Abimee("csv-trop-de-lignes", CSV, lambda: csv_de(50_001).encode(), "trop-de-lignes", {"ligne": 50_002}),
    Abimee(
        "csv-ni-utf-8-ni-cp1252",
        CSV,
        lambda: b"id,nom\n1,un\n2,d\x81\xe9ux\n",
        "encodage-invalide",
        {"ligne": 3, "octet": 15},
    ),
    Abimee("csv-utf-32", CSV, lambda: csv_de(3).encode("utf-32"), "encodage-invalide"),
    Abimee("csv-utf-16-coupe", CSV, lambda: csv_de(3).encode("utf-16")[:-1], "encodage-invalide"),
    Abimee("csv-qui-est-un-classeur", CSV, lambda: classeur(rangees(2)), "format-non-reconnu", {"octet": 0}),
    Abimee("csv-qui-est-du-json", CSV, lambda: json.dumps(objets(2)).encode(), "format-non-reconnu"),
    Abimee("csv-qui-est-un-pdf", CSV, lambda: b"%PDF-1.7\n" + bytes(100), "format-non-reconnu"),
    Abimee("csv-qui-est-du-xml", CSV, lambda: b'<?xml version="1.0"?><lieux/>', "format-non-reconnu"),
    # JSON
    Abimee("json-vide", JSON, lambda: b"", "fichier-vide"),
    Abimee("json-html", JSON, lambda: HTML, "html-au-lieu-de-donnees"),
    Abimee("json-profond", JSON, lambda: _objet_profond(100_000), "json-trop-profond", {"ligne": 1, "colonne": 37}),
    Abimee(
        "json-enveloppe-profonde",
        JSON,
        lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "json-trop-profond",
        {"ligne": 1},
    ),
    Abimee("json-profond-sans-fin", JSON, lambda: b'[{"a":' + b"[" * (20 * MIO), "json-trop-profond"),
    Abimee(
        "json-cle-dupliquee",
        JSON,
        lambda: b'[\n {"id": "1", "nom": "a"},\n {"id": "2", "nom": "b", "id": "3"}\n]',
        "cle-json-dupliquee",
        {"ligne": 3, "colonne": 26},
    ),
    Abimee("json-cle-dupliquee-cachee", JSON, lambda: b'[{"id": 1, "\\u0069d": 2}]', "cle-json-dupliquee"),
    Abimee("json-nan", JSON, lambda: b'[{"latitude": NaN}]', "json-invalide", {"ligne": 1, "colonne": 15}),
    Abimee("json-moins-infini", JSON, lambda: b'[{"latitude": -Infinity}]', "json-invalide", {"colonne": 15}),
    Abimee("json-nombre-infini", JSON, lambda: b'[{"latitude": 1e999}]', "json-trop-grand", {"colonne": 15}),
    Abimee("json-cles", JSON, lambda: json.dumps([{f"c{i}": 1 for i in range(501)}]).encode(), "json-trop-grand"),
    Abimee("json-liste-interieure", JSON, lambda: json.dumps([{"a": [1] * 10_001}]).encode(), "json-trop-grand"),
    Abimee("json-chaine", JSON, lambda: json.dumps([{"a": "x" * 20_001}]).encode(), "json-trop-grand", {"colonne": 8}),
    Abimee("json-nombre", JSON, lambda: b'[{"a": ' + b"9" * 65 + b"}]", "json-trop-grand", {"colonne": 8}),
    Abimee("json-trop-de-lignes", JSON, lambda: json.dumps(objets(50_001)).encode(), "trop-de-lignes"),
    Abimee("json-coupe", JSON, lambda: json.dumps(objets(3)).encode()[:-20], "fichier-tronque", {"ligne": 1}),
    Abimee("json-coupe-entre-deux", JSON, lambda: b'[\n{"id": "1"},\n', "fichier-tronque", {"ligne": 3}),
    Abimee("json-coupe-dans-un-accent", JSON, lambda: '[{"nom": "é'.encode()[:-1], "fichier-tronque"),
    Abimee("json-substitut", JSON, lambda: b'[{"nom": "\\ud800"}]', "caractere-interdit", {"colonne": 10}),
    Abimee("json-caractere-nul", JSON, lambda: b'[{"nom": "a\\u0000"}]', "caractere-interdit"),
    Abimee("json-echappement", JSON, lambda: b'[{"nom": "a\\x41"}]', "json-invalide"),
    Abimee("json-deux-racines", JSON, lambda: b'[{"id": 1}]\n[{"id": 2}]', "json-invalide", {"ligne": 2, "colonne": 1}),
    Abimee("json-latin-1", JSON, lambda: b'[\n{"nom": "caf\xe9"}]', "encodage-invalide", {"ligne": 2, "octet": 14}),
    Abimee("json-scalaires", JSON, lambda: b"[1, 2, 3]", "json-invalide", {"colonne": 2}),
    Abimee("json-sans-liste", JSON, lambda: b'{"nom": "seul", "tags": ["a", "b"]}', "format-non-reconnu"),
    Abimee("json-deux-listes", JSON, lambda: b'{"a": [{"x": 1}], "b": [{"y": 1}]}', "liste-json-ambigue"),
    Abimee(
        "json-element-immense",
        JSON,
        lambda: json.dumps([{f"c{i}": "x" * 19_000 for i in range(400)}]).encode(),
        "ligne-trop-longue",
    ),
    # NDJSON
    Abimee("ndjson-vide", NDJSON, lambda: b"", "fichier-vide"),
    Abimee("ndjson-liste", NDJSON, lambda: b'{"id": 1}\n[1]\n', "json-invalide", {"ligne": 2, "colonne": 1}),
    Abimee("ndjson-coupe", NDJSON, lambda: b'{"id": 1}\n{"id": 2, "no', "fichier-tronque", {"ligne": 2}),
    Abimee(
        "ndjson-deux-par-ligne",
        NDJSON,
        lambda: b'{"id": 1} {"id": 2}\n',
        "json-invalide",
        {"ligne": 1, "colonne": 10},
    ),
    Abimee(
        "ndjson-profond",
        NDJSON,
        lambda: b'{"id": 1}\n' + _objet_profond(100_000)[1:-1],
        "json-trop-profond",
        {"ligne": 2},
    ),
    # XLSX
    Abimee("xlsx-vide", XLSX, lambda: b"", "fichier-vide"),
    Abimee("xlsx-qui-est-du-csv", XLSX, lambda: csv_de(3).encode(), "format-non-reconnu"),
    Abimee("xlsx-coupe", XLSX, lambda: classeur(rangees(500))[:-200], "fichier-tronque"),
    Abimee("xlsx-suivi", XLSX, lambda: classeur(rangees(2)) + b"reste", "classeur-refuse"),
    Abimee("xlsx-abime", XLSX, lambda: _corrompre(classeur(rangees(500))), "classeur-refuse", {"partie": FEUILLE}),
    Abimee(
        "xlsx-bombe",
        XLSX,
        lambda: _avec("xl/media/image.png", bytes(250 * MIO)),
        "classeur-refuse",
        {"partie": "xl/media/image.png"},
    ),
    Abimee(
        "xlsx-bombe-a-taille-fausse",
        XLSX,
        _bombe_a_taille_fausse,
        "classeur-refuse",
        {"partie": "xl/media/image.png"},
    ),
    Abimee(
        "xlsx-bombe-dans-la-feuille",
        XLSX,
        lambda: classeur("<row/>" * 5_000_000),
        "classeur-refuse",
        {"partie": FEUILLE},
    ),
    Abimee("xlsx-chevauchement", XLSX, _chevauchement, "classeur-refuse"),
    Abimee("xlsx-chevauchement-imbrique", XLSX, _chevauchement_imbrique, "classeur-refuse", {"partie": "a"}),
    Abimee("xlsx-zip-dans-zip", XLSX, lambda: archive({"a.zip": archive({"b.zip": bytes(1000)})}), "classeur-refuse"),
    Abimee("xlsx-trop-d-entrees", XLSX, lambda: archive({f"xl/{i}.bin": b"" for i in range(501)}), "classeur-refuse"),
    Abimee(
        "xlsx-nom-remontant",
        XLSX,
        lambda: _avec("xl/../../etc/passwd", b"x"),
        "classeur-refuse",
        {"partie": "xl/../../etc/passwd"},
    ),
    Abimee("xlsx-nom-absolu", XLSX, lambda: _avec("/etc/passwd", b"x"), "classeur-refuse"),
    Abimee("xlsx-nom-a-l-envers", XLSX, lambda: _avec("xl\\a.xml", b"<a/>"), "classeur-refuse"),
    Abimee("xlsx-nom-en-double", XLSX, lambda: _mensonge({}, nom="XL/theme/theme1.xml"), "classeur-refuse"),
    Abimee("xlsx-deux-noms", XLSX, _deux_noms, "classeur-refuse"),
    Abimee("xlsx-somme-fausse", XLSX, lambda: _mensonge({"crc": 1}), "classeur-refuse", {"partie": "xl/a.xml"}),
    Abimee("xlsx-taille-fausse", XLSX, lambda: _mensonge({"gonfle": 1}), "classeur-refuse", {"partie": "xl/a.xml"}),
    Abimee("xlsx-hors-du-fichier", XLSX, lambda: _mensonge({"entete": 1 << 24}), "classeur-refuse"),
    Abimee("xlsx-dtd", XLSX, lambda: _avec(CHAINES, b"<!DOCTYPE sst><sst/>"), "classeur-refuse", {"partie": CHAINES}),
    Abimee("xlsx-entites", XLSX, lambda: _rires(CHAINES), "classeur-refuse", {"partie": CHAINES}),
    Abimee("xlsx-entites-dans-la-feuille", XLSX, lambda: _rires(FEUILLE), "classeur-refuse", {"partie": FEUILLE}),
    Abimee(
        "xlsx-entite-externe",
        XLSX,
        lambda: _avec("docProps/core.xml", b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'),
        "classeur-refuse",
        {"partie": "docProps/core.xml"},
    ),
    Abimee(
        "xlsx-utf-16",
        XLSX,
        lambda: _avec(CHAINES, "<?xml version='1.0' encoding='UTF-16'?><sst/>".encode("utf-16")),
        "classeur-refuse",
        {"partie": CHAINES},
    ),
    Abimee(
        "xlsx-xml-abime",
        XLSX,
        lambda: _avec(FEUILLE, b"<worksheet><sheetData><row>"),
        "classeur-refuse",
        {"partie": FEUILLE, "ligne": 1},
    ),
    Abimee("xlsx-balise-immense", XLSX, _balise_immense, "classeur-refuse", {"partie": "xl/theme/theme1.xml"}),
    Abimee(
        "xlsx-etendue-creuse",
        XLSX,
        lambda: classeur(f"<row>{cellule('A1', 'a')}</row><row>{cellule('XFD1048576', 'b')}</row>"),
        "classeur-refuse",
        {"feuille": "Liste"},
    ),
    Abimee(
        "xlsx-reference-impossible", XLSX, lambda: classeur(f"<row>{cellule('AAAA1', 'a')}</row>"), "classeur-refuse"
    ),
    Abimee("xlsx-trop-de-colonnes", XLSX, lambda: classeur(rangees(2, 257)), "classeur-refuse", {"feuille": "Liste"}),
    Abimee("xlsx-trop-de-lignes", XLSX, lambda: classeur(rangees(50_001, 1)), "classeur-refuse", {"feuille": "Liste"}),
    Abimee(
        "xlsx-cellule-longue",
        XLSX,
        lambda: classeur(rangees(1, 2) + f"<row>{cellule('B3', 'x' * 32_768)}</row>"),
        "classeur-refuse",
        {"feuille": "Liste", "ligne": 3, "colonne": 2, "cellule": "B3"},
    ),
    Abimee("xlsx-chaine-repetee", XLSX, _chaine_repetee, "classeur-refuse"),
    Abimee("xlsx-chaine-absente", XLSX, lambda: classeur('<row><c t="s"><v>9999999</v></c></row>'), "classeur-refuse"),
    Abimee(
        "xlsx-sans-feuille",
        XLSX,
        lambda: archive({n: o for n, o in parties("").items() if n != FEUILLE}),
        "format-non-reconnu",
    ),
    Abimee("xlsx-feuille-vide", XLSX, lambda: classeur(""), "format-non-reconnu"),
    Abimee("xlsm", XLSX, lambda: _avec("xl/vbaProject.bin", b"macro"), "type-de-classeur-refuse"),
    Abimee(
        "xlsm-sans-macro",
        XLSX,
        lambda: archive(
            {
                nom: octets.replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
                for nom, octets in parties(rangees(2)).items()
            }
        ),
        "type-de-classeur-refuse",
    ),
    Abimee("xlsx-mot-de-passe", XLSX, lambda: _ole("EncryptedPackage"), "type-de-classeur-refuse", {"octet": 0}),
    Abimee("xls", XLSX, lambda: _ole("Workbook"), "type-de-classeur-refuse"),
    Abimee("xlsb", XLSX, lambda: _avec("xl/workbook.bin", b"x"), "type-de-classeur-refuse"),
    Abimee(
        "ods",
        XLSX,
        lambda: archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        "type-de-classeur-refuse",
    ),
    Abimee(
        "xlsx-entree-chiffree",
        XLSX,
        lambda: zip_a_la_main([(nom, octets, {"drapeaux": 1}) for nom, octets in parties(rangees(2)).items()]),
        "type-de-classeur-refuse",
    ),
    # ODS
    Abimee("ods-vide", ODS, lambda: b"", "fichier-vide"),
    Abimee("ods-qui-est-du-csv", ODS, lambda: csv_de(3).encode(), "format-non-reconnu"),
    Abimee("ods-qui-est-un-xlsx", ODS, lambda: classeur(rangees(2)), "type-de-classeur-refuse"),
    Abimee("ods-coupe", ODS, lambda: ods(_LISTE_ODS)[:-40], "fichier-tronque"),
    Abimee("ods-mot-de-passe", ODS, _ods_chiffre, "type-de-classeur-refuse"),
    Abimee(
        "ods-qui-est-un-texte",
        ODS,
        lambda: ods(_LISTE_ODS, parties={"mimetype": TYPE.replace(b"spreadsheet", b"text")}),
        "type-de-classeur-refuse",
    ),
    Abimee("ods-cellule-repetee-sans-fin", ODS, lambda: _repeter("columns", 10**9), "classeur-refuse", _CONTENU_ODS),
    Abimee("ods-ligne-repetee-sans-fin", ODS, lambda: _repeter("rows", 10**9), "classeur-refuse", _CONTENU_ODS),
    Abimee("ods-cellule-repetee-16384-fois", ODS, lambda: _repeter("columns", 16_384), "classeur-refuse"),
    Abimee("ods-ligne-repetee-un-million-de-fois", ODS, lambda: _repeter("rows", 1_048_576), "classeur-refuse"),
    Abimee(
        "ods-repetitions-multipliees",
        ODS,
        lambda: ods(tableau([["id"]]) + rangee(_repetee(case("x" * 9000), "columns", 250), fois=49_000)),
        "classeur-refuse",
    ),
    Abimee(
        "ods-repetition-impossible",
        ODS,
        lambda: ods(_LISTE_ODS + rangee(_repetee(case("x"), "columns", "-1"))),  # type: ignore[arg-type]
        "classeur-refuse",
    ),
    Abimee("ods-etendue-creuse", ODS, _ods_creux, "classeur-refuse", {"feuille": "Liste"}),
    Abimee(
        "ods-espaces-sans-fin", ODS, _ods_espaces, "classeur-refuse", {"feuille": "Liste", "ligne": 2, "colonne": 1}
    ),
    Abimee(
        "ods-cellule-longue", ODS, lambda: ods(tableau([["id"], ["x" * 32_768]])), "classeur-refuse", {"cellule": "A2"}
    ),
    Abimee("ods-trop-de-colonnes", ODS, lambda: ods(tableau([["x"] * 257])), "classeur-refuse", {"feuille": "Liste"}),
    Abimee("ods-million-de-colonnes", ODS, lambda: ods(rangee(case("x") * 1_000_000)), "classeur-refuse"),
    Abimee("ods-trop-de-feuilles", ODS, lambda: ods(dict.fromkeys(map(str, range(201)), "")), "classeur-refuse"),
    Abimee(
        "ods-entites",
        ODS,
        lambda: ods(_LISTE_ODS, tete='<!DOCTYPE a [<!ENTITY a "ah"><!ENTITY b "&a;&a;">]>'),
        "classeur-refuse",
        _CONTENU_ODS,
    ),
    Abimee(
        "ods-entite-externe",
        ODS,
        lambda: ods(_LISTE_ODS, tete='<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
        "classeur-refuse",
        _CONTENU_ODS,
    ),
    Abimee("ods-balises-sans-fin", ODS, lambda: ods("<table:table-row/>" * 5_000_000), "classeur-refuse"),
    Abimee("ods-bombe", ODS, lambda: ods(_LISTE_ODS, parties={"Pictures/a.png": bytes(250 * MIO)}), "classeur-refuse"),
    Abimee("ods-zip-dans-zip", ODS, lambda: archive({"a.zip": archive({"b.zip": bytes(1000)})}), "classeur-refuse"),
    Abimee("ods-nom-remontant", ODS, lambda: ods(_LISTE_ODS, parties={"../etc/passwd": b"x"}), "classeur-refuse"),
    Abimee("ods-xml-abime", ODS, lambda: ods("<table:table-row>"), "classeur-refuse", _CONTENU_ODS),
    Abimee("ods-feuille-vide", ODS, lambda: ods(""), "format-non-reconnu"),
    # TSV, GeoJSON, records by name
    Abimee("tsv-vide", TSV, lambda: b"", "fichier-vide"),
    Abimee("tsv-million-de-colonnes", TSV, lambda: b"a\t" * 500_000 + b"a\n", "trop-de-colonnes", {"ligne": 1}),
    Abimee("geojson-sans-entites", GEOJSON, lambda: b'{"type": "FeatureCollection"}', "format-non-reconnu"),
    Abimee("geojson-geometrie-profonde", GEOJSON, _geometrie_profonde, "json-trop-profond"),
    Abimee("geojson-geometrie-immense", GEOJSON, _geometrie_immense, "json-trop-grand"),
    Abimee("fiches-trop-nombreuses", JSON, _fiches_sans_fin, "trop-de-lignes"),
    Abimee("fiches-dont-une-est-un-nombre", JSON, lambda: _fiches(3)[:-1] + b', "x": 1}', "format-non-reconnu"),
)
