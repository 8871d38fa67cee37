"""The mapping document: what it admits, and where it says that it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from annuaire.correspondances.document import Correspondance, CorrespondanceInvalide, lire_texte, schema_json

RACINE = Path(__file__).parents[3]
EXEMPLE = RACINE / "docs" / "exemples" / "correspondance.yaml"
SCHEMA = RACINE / "docs" / "exemples" / "correspondance.schema.json"


def _fautes(texte: str) -> dict[str, str]:
    with pytest.raises(CorrespondanceInvalide) as refus:
        lire_texte(texte.encode())
    return {faute.pointer: faute.detail for faute in refus.value.erreurs}


def _avec(champs: str, reste: str = "") -> str:
    return f"maillage: 1\nchamps: {{nom: n, {champs}}}\n{reste}"


def test_l_exemple_publie_se_lit() -> None:
    lue = lire_texte(EXEMPLE.read_bytes())
    assert isinstance(lue, Correspondance)
    assert lue.champs.services[2].constante == ("Aide aux démarches administratives",)


def test_le_json_dit_la_meme_chose_que_le_yaml() -> None:
    yaml = "maillage: 1\nchamps: {nom: {premier: [a, b]}, services: {colonne: c, table: {R: null}}}"
    en_json = {
        "maillage": 1,
        "champs": {"nom": {"premier": ["a", "b"]}, "services": {"colonne": "c", "table": {"R": None}}},
    }
    assert lire_texte(yaml.encode()) == lire_texte(json.dumps(en_json).encode())


def test_ce_que_yaml_convertirait_reste_le_texte_ecrit() -> None:
    lue = lire_texte(_avec("commune: No, code_postal: 2024-01-02, adresse: 1e3, pivot: yes").encode())
    assert [lue.champs.commune, lue.champs.code_postal, lue.champs.adresse, lue.champs.pivot] == [
        type(lue.champs.nom)(colonne=nom) for nom in ("No", "2024-01-02", "1e3", "yes")
    ]


@pytest.mark.parametrize(
    ("texte", "place", "morceau"),
    [
        ("maillage: 2\nchamps: {nom: a}", "maillage", "version"),
        ("maillage: 1", "champs", "il manque"),
        (_avec("courriel: a"), "champs.courriel", "`courriels`"),
        (_avec("zorglub: a"), "champs.zorglub", "n'existe pas"),
        (_avec("commune: a", "regroupe: {par: [nom]}"), "regroupe", "`regrouper`"),
        (_avec("commune: {colone: a}"), "champs.commune.colone", "n'existe pas"),
        (_avec("services: [a, {colonnes: []}]"), "champs.services[1].colonnes", "vide"),
        (
            _avec("services: [{colonnes: [a, 3], termes: x, valeur: Gratuit}]"),
            "champs.services[0].colonnes[1]",
            "texte",
        ),
        (_avec("services: {colonne: a, termes: x}"), "champs.services", "`valeur`"),
        (
            _avec("services: [{constante: Comprehention du monde numérique}]"),
            "champs.services[0].constante",
            "Compréhension du monde numérique",
        ),
        (_avec("frais_a_charge: {colonne: a, table: {X: Offert}}"), "champs.frais_a_charge[0].table.X", "n'est pas"),
        (_avec("adresse: {joindre: [a, {colonne: b, partie: 2}]}"), "champs.adresse.joindre[1]", "`partie`"),
        (_avec("adresse: {colonne: a, constante: b}"), "champs.adresse", "un seul"),
        (_avec("date_maj: {colonne: a, format: JJ/MM}"), "champs.date_maj.format", "JJ, MM"),
        (_avec("horaires: {jours: {lu: []}}"), "champs.horaires.jours.lu", "vide"),
        (_avec("latitude: a", "coordonnees: {point: b}"), "", "pas les deux"),
        (_avec("commune: a", "coordonnees: {systeme: lambert94, point: b}"), "coordonnees.systeme", "lambert93"),
        (_avec("commune: a", "cle: {deriver: [services]}"), "cle.deriver[0]", "attendu"),
        (_avec("passages: [{adresse: a}, {du: b}]"), "champs.passages[1]", "où il est"),
    ],
)
def test_une_faute_est_dite_a_sa_place(texte: str, place: str, morceau: str) -> None:
    fautes = _fautes(texte)
    assert place in fautes, fautes
    assert morceau in fautes[place]


def test_toutes_les_fautes_sont_dites_d_un_coup() -> None:
    assert set(_fautes(_avec("a: 1, b: 2, commune: {c: 3}"))) == {"champs.a", "champs.b", "champs.commune.c"}


@pytest.mark.parametrize(
    ("texte", "morceau"),
    [
        ("a: &x [1]\nb: *x", "ancres"),
        ("a: *x", "alias"),
        ("[" * 5_000, "imbrication"),
        ("{" * 5_000, "JSON"),
        ("a: 1\na: 2", "deux fois"),
        ('{"a": 1, "a": 2}', "deux fois"),
        ('{"a": NaN}', "JSON"),
        ("? [a]\n: 1", "clé"),
        ("a: !!python/object:os.system x", "tag"),
        ("\x00", "caractère"),
        ("a: [" + "1," * 30_000 + "]", "valeurs"),
        ("x" * 300_000, "Kio"),
    ],
)
def test_un_document_hostile_est_refuse_sans_etre_deroule(texte: str, morceau: str) -> None:
    with pytest.raises(CorrespondanceInvalide, match=morceau):
        lire_texte(texte.encode())


def test_un_document_qui_n_est_pas_en_utf8_est_refuse() -> None:
    with pytest.raises(CorrespondanceInvalide, match="UTF-8"):
        lire_texte("titre: é".encode("latin-1"))


def test_le_schema_publie_est_celui_du_modele() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema_json()
