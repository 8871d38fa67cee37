"""Cleaning of texts."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from annuaire.standard.nettoyage.nettoye import anomalie
from annuaire.standard.nettoyage.textes import (
    en_texte,
    nettoyer_court,
    nettoyer_long,
    nettoyer_presentations,
    nettoyer_texte,
    sans_valeur,
)
from hypothesis import example, given
from hypothesis import strategies as st


def _lu(brut: Any) -> tuple[str | None, list[str]]:
    propre = nettoyer_court(brut, "nom")
    return propre.valeur, [a.code for a in propre.anomalies]


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [
        ("Médiathèque", "Médiathèque"),
        ("  Espace   public \t numérique ", "Espace public numérique"),
        ("Espace\u00a0numérique", "Espace numérique"),
        (unicodedata.normalize("NFD", "Médiathèque"), "Médiathèque"),
        ("Ligne une\nligne deux", "Ligne une ligne deux"),
        ("\ufeffBOM en tête", "BOM en tête"),
        ("mot\u00adcoupé", "motcoupé"),
        (12, "12"),
        (12.0, "12"),
        (12.5, "12.5"),
        (["seul"], "seul"),
        ([None, "seul", ""], "seul"),
        ("L’atelier des œuvres", "L’atelier des œuvres"),
        ("Tom & Jerry < 3", "Tom & Jerry < 3"),
        ("- Bureau (2e étage)", "- Bureau (2e étage)"),
        ("+ de services", "+ de services"),
        ("SANTÉ… et ÉCOLE”", "SANTÉ… et ÉCOLE”"),
    ],
)
def test_un_texte_honnete_est_garde_sans_un_mot(brut: Any, attendu: str) -> None:
    assert _lu(brut) == (attendu, [])


@pytest.mark.parametrize(
    ("brut", "attendu", "code"),
    [
        ("MÃ©diathÃ¨que", "Médiathèque", "encodage_repare"),
        ("Lâ€™atelier", "L’atelier", "encodage_repare"),
        ("Médiathèque et MÃ©diathÃ¨que", "Médiathèque et Médiathèque", "encodage_repare"),
        ("MÃƒÂ©diathÃƒÂ¨que", "Médiathèque", "encodage_repare"),
        ("l\u0092atelier", "l’atelier", "encodage_repare"),
        ("M\ufffddiath\ufffdque", "M\ufffddiath\ufffdque", "encodage_suspect"),
        ("a\x00b", "ab", "caracteres_retires"),
        ("nom\u202egauche", "nomgauche", "caracteres_retires"),
        ("nom\ud800perdu", "nomperdu", "caracteres_retires"),
        ("<b>Espace</b> numérique", "Espace numérique", "html_retire"),
        ("Un<br/>deux", "Un deux", "html_retire"),
        ("Jean &amp; Cie", "Jean & Cie", "html_retire"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;ici", "alert(1)ici", "html_retire"),
        ("&amp;amp;lt;b&amp;amp;gt;x", "x", "html_retire"),
        ('="0102"', "0102", "formule_retiree"),
    ],
)
def test_une_correction_est_faite_et_dite(brut: str, attendu: str, code: str) -> None:
    assert _lu(brut) == (attendu, [code])


@pytest.mark.parametrize(
    "brut", ["NEANT", "néant", "-", "--", "?", "n/a", "N.C.", "null", "None", "#REF!", "#N/A", "Non renseigné"]
)
def test_un_mot_qui_ne_dit_rien_est_vide_et_dit(brut: str) -> None:
    assert _lu(brut) == (None, ["mention_sans_valeur"])


@pytest.mark.parametrize("brut", ["valeur", "ref", "Aucune idée", "0", "NC Nord"])
def test_un_mot_voisin_n_est_pas_vide(brut: str) -> None:
    assert not sans_valeur(brut)


@pytest.mark.parametrize(
    "brut", ["=SUM(A1:A3)", "=A1+B2", "@SUM(1)", "+CMD(1)", "=cmd|'/c calc'!A0", '=HYPERLINK("http://x")']
)
def test_une_formule_de_tableur_n_est_pas_lue(brut: str) -> None:
    assert _lu(brut) == (None, ["formule_non_lue"])


@pytest.mark.parametrize("brut", [True, False, {"a": 1}, ["a", "b"], [["a"]], 10**60])
def test_un_type_inattendu_est_dit(brut: Any) -> None:
    assert _lu(brut) == (None, ["type_inattendu"])


@pytest.mark.parametrize("brut", [None, "", "   ", "\n\t", [], {}, [None]])
def test_une_cellule_vide_ne_dit_rien(brut: Any) -> None:
    assert _lu(brut) == (None, [])


@pytest.mark.parametrize("brut", [float("nan"), float("inf")])
def test_un_nombre_qui_n_en_est_pas_un_est_vide_et_dit(brut: float) -> None:
    assert _lu(brut) == (None, ["mention_sans_valeur"])


def test_un_nom_trop_long_est_coupe_au_mot() -> None:
    propre = nettoyer_court("mot " * 100, "nom")
    assert propre.valeur is not None
    assert len(propre.valeur) <= 255
    assert propre.valeur.endswith("mot …")
    assert [a.code for a in propre.anomalies] == ["texte_tronque"]


def test_un_texte_sans_espace_est_coupe_a_la_limite() -> None:
    propre = nettoyer_court("x" * 300, "nom")
    assert propre.valeur is not None
    assert len(propre.valeur) == 255


@pytest.mark.parametrize("profondeur", [5, 12, 200])
def test_des_entites_emboitees_sont_defaites_jusqu_au_bout(profondeur: int) -> None:
    propre = nettoyer_court("&" + "amp;" * profondeur + "lt;b&gt;ici", "presentation_detail", 2000)
    assert propre.valeur is not None
    assert propre.valeur.endswith("ici")
    assert nettoyer_court(propre.valeur, "presentation_detail", 2000).valeur == propre.valeur


def test_une_anomalie_s_ecrit_toujours_en_utf_8() -> None:
    sale = "Ã©\ud800\x00\u202e"
    dite = anomalie("encodage_repare", "nom", sale, suggestion=sale, corrige=sale)
    for texte in (dite.valeur, dite.suggestion, dite.corrige):
        assert texte is not None
        assert texte.isprintable()
        assert texte.encode("utf-8")


@pytest.mark.parametrize("valeur", ["x" * 500, pytest.param(10**5000, id="entier-immense"), ["x"] * 500])
def test_une_anomalie_cite_au_plus_deux_cents_caracteres(valeur: Any) -> None:
    assert len(anomalie("type_inattendu", "nom", valeur).valeur or "") <= 200


def test_une_cellule_enorme_est_coupee_avant_d_etre_lue() -> None:
    assert en_texte("x" * 1_000_000, "nom").valeur == "x" * 20_000


def test_un_texte_long_garde_ses_lignes() -> None:
    assert nettoyer_long("un \r\n deux\r\rtrois\n\n\n\nquatre", "x").valeur == "un\ndeux\n\ntrois\n\nquatre"


def test_un_resume_trop_long_passe_dans_le_detail_vide() -> None:
    texte = "Un lieu pour apprendre. " * 20
    resume, detail = nettoyer_presentations(texte, None)
    assert detail.valeur == texte.strip()
    assert resume.valeur is not None
    assert len(resume.valeur) <= 280
    assert [a.code for a in resume.anomalies] == ["resume_deplace"]


def test_un_resume_trop_long_est_coupe_si_le_detail_existe() -> None:
    resume, detail = nettoyer_presentations("mot " * 100, "Le détail.")
    assert detail.valeur == "Le détail."
    assert [a.code for a in resume.anomalies] == ["texte_tronque"]


MORCEAUX = st.sampled_from(
    [
        *("é", "Ã©", "Ã", "©", "…", "â€™", "É", "“", "\u0301", "\u0092", "\ud800", "\x00", "\u202e"),
        *("<b>", "<", ">", "&amp;", "&lt;", "&#124;", "amp;", "&", ";"),
        *("=", '"', "SUM(", "a", "Z", " ", "\n", "-", "|", "null", "#"),
    ]
)


@given(st.one_of(st.text(), st.lists(MORCEAUX).map("".join)), st.booleans())
def test_nettoyer_deux_fois_ne_change_plus_rien(brut: str, lignes: bool) -> None:
    une_fois = nettoyer_texte(brut, "nom", lignes=lignes).valeur
    if une_fois is not None:
        assert nettoyer_texte(une_fois, "nom", lignes=lignes).valeur == une_fois


@given(st.one_of(st.text(min_size=200), st.lists(MORCEAUX, min_size=100).map("".join)))
@example("0" * 250 + "Ã\u20ac" + "éé")
def test_couper_puis_relire_ne_change_plus_rien(brut: str) -> None:
    une_fois = nettoyer_court(brut, "nom").valeur
    if une_fois is not None:
        assert nettoyer_court(une_fois, "nom").valeur == une_fois


@given(st.lists(MORCEAUX).map("".join))
def test_rien_n_est_vide_en_silence(brut: str) -> None:
    propre = nettoyer_court(brut, "nom")
    assert propre.valeur is not None or propre.anomalies or not brut.strip()
