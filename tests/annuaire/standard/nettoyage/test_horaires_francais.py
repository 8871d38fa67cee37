"""Reading of French opening hours: sentences, cells of one day, weeks in columns."""

from __future__ import annotations

import pytest
from annuaire.standard.nettoyage.horaires import lisible, nettoyer_horaires
from annuaire.standard.nettoyage.horaires_colonnes import assembler, lire_semaine
from annuaire.standard.nettoyage.horaires_mots import lire_mots
from annuaire.standard.nettoyage.horaires_phrases import lire_cellule, lire_phrase
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("phrase", "attendu"),
    [
        ("Lu-Ve 9h-12h30 / 14h à 17h", "Mo-Fr 09:00-12:30,14:00-17:00"),
        ("Lundi au vendredi 10h/12h 14h/17h30 - sam 10h/12h", "Mo-Fr 10:00-12:00,14:00-17:30; Sa 10:00-12:00"),
        ("Mar, jeu, ven : 16-18h. Mer : 14-18h. Sam : 10-13h", "Tu,Th-Fr 16:00-18:00; We 14:00-18:00; Sa 10:00-13:00"),
        ("9h à 12h du lundi au vendredi", "Mo-Fr 09:00-12:00"),
        ("tous les jours de 9h à 18h", "Mo-Su 09:00-18:00"),
        ("Les mardis de 9h00 à 10h30 ou de 16h00 à 17h30", "Tu 09:00-10:30,16:00-17:30"),
        ("1er samedi du mois 9h-12h", "Sa[1] 09:00-12:00"),
        ("le dernier vendredi du mois de 14h à 16h", "Fr[-1] 14:00-16:00"),
        ("1er et 3ème mardi du mois : 9h-12h", "Tu[1,3] 09:00-12:00"),
        ("mercredi 9h-12h semaines paires", "week 2-52/2 We 09:00-12:00"),
        ("mercredi 9h-12h (semaine impaire)", "week 1-53/2 We 09:00-12:00"),
        ("Mo-Fr 09:00-12:00 sauf vacances", "Mo-Fr 09:00-12:00; SH off"),
        ("du lundi au vendredi 9h-17h, sauf jours fériés", "Mo-Fr 09:00-17:00; PH off"),
        ("du lundi au vendredi 9h-17h sauf le mercredi", "Mo-Tu,Th-Fr 09:00-17:00; We off"),
        ("du lundi au vendredi 9h-17h, fermé le mercredi", "Mo-Tu,Th-Fr 09:00-17:00; We off"),
        ("lundi 9h-12h sur rendez-vous", 'Mo 09:00-12:00 "sur rendez-vous"'),
        ("mardi sur RDV", 'Tu unknown "sur rendez-vous"'),
        ("jeudi 14h-16h une semaine sur deux", 'Th 14:00-16:00 unknown "une semaine sur deux"'),
        ("jeudi à partir de 18h", "Th 18:00+"),
        ("lundi matin : 8h30-12h", "Mo 08:30-12:00"),
        ("mardi 9h - 14h le 06 12 34 56 78", 'Tu 09:00-14:00 "le 06 12 34 56 78"'),
    ],
)
def test_une_phrase_devient_de_l_osm(phrase: str, attendu: str) -> None:
    lus = nettoyer_horaires(phrase)
    assert (lus.horaires, [a.code for a in lus.anomalies]) == (attendu, ["horaire_corrige"])


@pytest.mark.parametrize(
    ("cellule", "attendu"),
    [
        ("9h à 12h - 14h à 17h30", "Mo 09:00-12:00,14:00-17:30"),
        ("9h30/12h00 - 13h30/17h", "Mo 09:30-12:00,13:30-17:00"),
        ("9h30 à 12h00 - 13h30 - 17h30", "Mo 09:30-12:00,13:30-17:30"),
        ("9h12h 14h18h", "Mo 09:00-12:00,14:00-18:00"),
        ("8h30h/12h", "Mo 08:30-12:00"),
        ("14h0018h", "Mo 14:00-18:00"),
        ("9-12", "Mo 09:00-12:00"),
        ("9: à 16:", "Mo 09:00-16:00"),
        ("08:45 - 12:00 / 13:30 - 18:00", "Mo 08:45-12:00,13:30-18:00"),
        ("08 :30-12:00/13:30-1700", "Mo 08:30-12:00,13:30-17:00"),
        ("Fermé", "Mo off"),
        ("Fermé le matin - 13h30 à 18h", "Mo 13:30-18:00"),
        ("9h - 12h (non stop)", "Mo 09:00-12:00"),
        ("9h-12h / Après-midi sur RDV", 'Mo 09:00-12:00 "Après-midi sur rendez-vous"'),
        (
            "09:00-12:00 (accueil libre) / 13:00-17:00 (sur rdv)",
            'Mo 09:00-12:00 "accueil libre", Mo 13:00-17:00 "sur rendez-vous"',
        ),
        (
            "13:30-18:00 (accueil libre) / 10:00-18:00 (sur rdv)",
            'Mo 13:30-18:00 "accueil libre", Mo 10:00-18:00 "sur rendez-vous"',
        ),
        ("9h-12h30 (+14h-17h le 1er lundi du mois)", "Mo 09:00-12:30, Mo[1] 14:00-17:00"),
        ("13h45-16h45 (sauf 1er lundi du mois)", "Mo 13:45-16:45; Mo[1] off"),
        ("9h à 12h fermé dernier lundi", "Mo 09:00-12:00; Mo[-1] off"),
        ("16h - 18h (juillet-août : 10h - 12h)", "Mo 16:00-18:00; Jul-Aug Mo 10:00-12:00"),
        ("10h-12h (fermé en juillet-août)", "Mo 10:00-12:00; Jul-Aug Mo off"),
        ("9h-15h / 14h-19h", "Mo 09:00-15:00,14:00-19:00"),
        ("18h à minuit", "Mo 18:00-24:00"),
    ],
)
def test_une_case_d_un_jour_devient_de_l_osm(cellule: str, attendu: str) -> None:
    lue = lire_cellule(cellule, 0)
    assert lue is not None
    assert lue.ecrire() == attendu


@pytest.mark.parametrize(
    "cellule",
    ["18h", "Itinérance", "mardi 9h-12h", "9h -1 2h", "9h30-12h0/ 13h-16h", "12:00-09:00", "9h-12h / 8h-10h"],
)
def test_une_case_qu_on_ne_comprend_pas_n_est_pas_devinee(cellule: str) -> None:
    assert lire_cellule(cellule, 0) is None


def test_une_semaine_en_colonnes_regroupe_les_jours_pareils() -> None:
    texte = assembler(
        {0: ["9h-12h", "14h-17h"], 1: ["9h-12h / 14h-17h"], 2: ["x", "-"], 3: [], 4: ["9h-12h", "14h-17h"]}
    )
    assert texte == "lundi : 9h-12h / 14h-17h\nmardi : 9h-12h / 14h-17h\nmercredi : fermé\nvendredi : 9h-12h / 14h-17h"
    lus = nettoyer_horaires(texte)
    assert (lus.horaires, lus.brut) == ("Mo-Tu,Fr 09:00-12:00,14:00-17:00", None)


def test_des_colonnes_deja_ecrites_en_heures_ne_font_pas_de_bruit() -> None:
    lus = nettoyer_horaires(assembler({0: ["09:00 - 12:00 / 13:30 - 17:00"], 1: ["09:00-12:00"]}))
    assert (lus.horaires, lus.anomalies) == ("Mo 09:00-12:00,13:30-17:00; Tu 09:00-12:00", ())


def test_un_jour_illisible_laisse_les_autres_et_se_dit() -> None:
    lus = nettoyer_horaires("lundi : 9h-12h\nmardi : Itinérance")
    assert lus.horaires == "Mo 09:00-12:00"
    assert lus.brut == "lundi : 9h-12h\nmardi : Itinérance"
    assert [(a.code, a.valeur) for a in lus.anomalies] == [
        ("horaire_corrige", "lundi : 9h-12h�mardi : Itinérance"),
        ("jour_illisible", "mardi : Itinérance"),
    ]


def test_les_jours_feries_ont_leur_regle_a_la_fin() -> None:
    assert nettoyer_horaires("PH : 10h-12h\nlundi : 9h-12h").horaires == "Mo 09:00-12:00; PH 10:00-12:00"
    assert nettoyer_horaires("lundi : 9h-12h\nPH : fermé").horaires == "Mo 09:00-12:00; PH off"


def test_une_semaine_toute_fermee_ne_dit_aucune_ouverture() -> None:
    lus = nettoyer_horaires("samedi : fermé\ndimanche : Fermé")
    assert (lus.horaires, lus.brut) == (None, "samedi : fermé\ndimanche : Fermé")
    assert [a.code for a in lus.anomalies] == ["horaires_sans_ouverture"]


_BRIBES = (
    *(
        "lundi",
        "mar",
        "au",
        "9h",
        "12h30",
        "9",
        "-",
        "/",
        "fermé",
        "(",
        ")",
        "sur rdv",
        "sauf",
        "1er",
        "2 eme",
        "derniers",
    ),
    *(
        "du mois",
        "et",
        "semaine paire",
        "hors vacances",
        "juillet",
        ":",
        ";",
        "\n",
        "matin",
        "à partir de",
        "mot",
        "24h",
    ),
    *("0h", ",", "2 x par mois", "tous les jours", "fermé les jours fériés", "10h-12h"),
)


@given(st.lists(st.sampled_from(_BRIBES), max_size=14).map(" ".join))
def test_ce_qui_est_lu_est_toujours_de_l_osm(texte: str) -> None:
    for semaine in (lire_phrase(texte), lire_cellule(texte, 2)):
        if semaine is not None and semaine.ouverte:
            assert lisible(semaine.ecrire()), texte
    lire_semaine(texte)


@given(st.text(max_size=60))
def test_un_texte_quelconque_ne_fait_jamais_d_erreur(texte: str) -> None:
    lire_mots(texte)
    lire_phrase(texte)
    lire_cellule(texte, 0)
