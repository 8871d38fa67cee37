"""The tables: RFC 4180 by default, and the table for spreadsheets in French."""

from __future__ import annotations

import json
from typing import Any

from annuaire.exports.redaction import EnCsv, EnJson, EnNdjson
from annuaire.standard.colonnes import COLONNES
from hypothesis import given
from hypothesis import strategies as st

from tests.fabriques.formules import relire

LIEU = {
    "id": "lieu-1",
    "nom": 'Espace "numérique", salle 2 ; étage',
    "latitude": -20.878911,
    "longitude": 55.448101,
    "telephones": ["+262262999901", "3919"],
    "presentation_detail": "Deux\nlignes",
}
TEXTES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def ecrire(redaction: Any, *documents: dict[str, Any]) -> bytes:
    lots = [redaction.lot([json.dumps(document).encode()]) for document in documents]
    return b"".join([redaction.debut(), *lots, redaction.fin(len(documents), 7)])


def test_le_csv_suit_la_rfc_4180() -> None:
    octets = ecrire(EnCsv(), LIEU)
    assert octets.startswith(b"id,pivot,nom,")
    assert octets.endswith(b"\r\n")
    entetes, ligne = relire(octets, delimiteur=",")
    assert tuple(entetes) == COLONNES
    lu = dict(zip(entetes, ligne, strict=True))
    assert (lu["nom"], lu["presentation_detail"]) == (LIEU["nom"], "Deux\nlignes")
    assert (lu["latitude"], lu["telephone"]) == ("-20.878911", "+262262999901|3919")


def test_le_tableau_pour_tableur_a_sa_marque_ses_points_virgules_et_ses_virgules() -> None:
    octets = ecrire(EnCsv(tableur=True), LIEU)
    assert octets.startswith(b"\xef\xbb\xbfid;pivot;nom;")
    entetes, ligne = relire(octets, delimiteur=";")
    lu = dict(zip(entetes, ligne, strict=True))
    assert (lu["latitude"], lu["longitude"]) == ("-20,878911", "55,448101")
    assert lu["telephone"] == "'+262262999901|3919"


def test_l_ecriture_stricte_garde_un_telephone_du_schema() -> None:
    _, ligne = relire(ecrire(EnCsv(strict=True), LIEU), delimiteur=",")
    assert ligne[COLONNES.index("telephone")] == "+262262999901"


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("id", "nom", "adresse", "source"), TEXTES)), max_size=4))
def test_chaque_cellule_du_csv_revient_telle_quelle(lieux: list[dict[str, str]]) -> None:
    entetes, *lignes = relire(ecrire(EnCsv(), *lieux), delimiteur=",")
    lues = [dict(zip(entetes, ligne, strict=True)) for ligne in lignes]
    assert [{nom: lue[nom] for nom in lieu} for lue, lieu in zip(lues, lieux, strict=True)] == lieux


def test_un_export_vide_garde_sa_forme() -> None:
    assert json.loads(ecrire(EnJson())) == []
    assert ecrire(EnNdjson()) == b'{"fin":true,"lignes":0,"changement_numero":7}\n'
    assert relire(ecrire(EnCsv()), delimiteur=",") == [list(COLONNES)]


def test_le_json_est_un_seul_tableau_quels_que_soient_les_lots() -> None:
    assert json.loads(ecrire(EnJson(), {"id": "1"}, {"id": "2"}, {"id": "3"})) == [
        {"id": "1"},
        {"id": "2"},
        {"id": "3"},
    ]
