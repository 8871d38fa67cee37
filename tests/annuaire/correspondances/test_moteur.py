"""The engine: what each construct of a document makes of a row, and where the value comes from."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.correspondances.document import lire_correspondance
from annuaire.correspondances.moteur import Traduite, compiler
from annuaire.correspondances.moteur.colonnes import Colonnes
from hypothesis import given, settings
from hypothesis import strategies as st

ACCES = "Accès internet et matériel informatique"
AIDE = "Aide aux démarches administratives"
OUTILS = "Maîtrise des outils numériques du quotidien"


def _traduire(champs: dict[str, Any], ligne: dict[str, Any], **reste: Any) -> Traduite:
    document = lire_correspondance({"maillage": 1, "champs": {"nom": "nom", **champs}, **reste})
    return compiler(document).traduire(ligne)


@pytest.mark.parametrize(
    ("expression", "ligne", "attendu", "origine"),
    [
        ("a", {"a": "x"}, "x", "declare"),
        ("a", {"a": 12}, 12, "declare"),
        ("a.b", {"a": {"b": "x"}}, "x", "declare"),
        ("a[1].b", {"a": [0, {"b": "x"}]}, "x", "declare"),
        ("a.b", {"a.b": "tel quel", "a": {"b": "x"}}, "tel quel", "declare"),
        ({"premier": ["a", "b"]}, {"a": " ", "b": "x"}, "x", "declare"),
        ({"premier": ["a", {"constante": "k"}]}, {"a": ""}, "k", "defaut"),
        ({"joindre": ["a", "b"]}, {"a": 3, "b": "rue"}, "3 rue", "declare"),
        ({"joindre": ["a", "b"], "separateur": ", "}, {"a": "x", "b": None}, "x", "declare"),
        ({"joindre": ["a"], "sinon": "b"}, {"b": "x"}, "x", "declare"),
        ({"joindre": [{"constante": "Espace"}, "a"]}, {"a": "Ici"}, "Espace Ici", "declare"),
        ({"joindre": [{"constante": "Espace"}, "a"]}, {}, None, None),
        ({"decouper": "a", "separateur": ",", "partie": 2}, {"a": "x , y"}, "y", "declare"),
        ({"decouper": "a", "separateur": ",", "partie": -1}, {"a": "x,y,z"}, "z", "declare"),
        ({"decouper": "a", "separateur": ",", "partie": 9}, {"a": "x,y"}, None, None),
        ({"constante": "k"}, {}, "k", "defaut"),
        ({"extraire": "code_postal", "de": "a"}, {"a": "1 rue X, 87000 Limoges"}, "87000", "deduit"),
        ({"extraire": "commune", "de": "a"}, {"a": "1 rue X, 87000 Limoges"}, "Limoges", "deduit"),
        ({"extraire": "courriel", "de": "a"}, {"a": "écrire à a@exemple.fr."}, "a@exemple.fr", "deduit"),
        ({"extraire": "telephone", "de": "a"}, {"a": "Tél : 01 23 45 67 89 (accueil)"}, "01 23 45 67 89", "deduit"),
        ({"extraire": "url", "de": "a"}, {"a": "voir https://exemple.fr/x ici"}, "https://exemple.fr/x", "deduit"),
        ({"colonne": "a", "table": {"1": "un", "2": None}}, {"a": 1}, "un", "declare"),
        ({"colonne": "a", "table": {"1": "un", "2": None}}, {"a": "2"}, None, None),
        ({"colonne": "a", "format": "MM/JJ/AAAA"}, {"a": "02/03/2024"}, "2024-02-03", "declare"),
        ({"colonne": "a", "format": "JJ/MM/AA hh:mm"}, {"a": "02/03/24 10:30"}, "2024-03-02", "declare"),
        ({"colonne": "a", "format": "JJ/MM/AAAA"}, {"a": "31/02/2024"}, "31/02/2024", "declare"),
        ("a", {"a": "NR"}, None, None),
    ],
)
def test_une_valeur_vient_d_ou_le_document_le_dit(
    expression: Any, ligne: dict[str, Any], attendu: Any, origine: str | None
) -> None:
    lue = _traduire({"structure_parente": expression}, ligne, vides=["nr"])
    assert lue.valeurs.get("structure_parente") == attendu
    if origine:
        assert lue.origines.get("structure_parente", "declare") == origine


def test_plusieurs_colonnes_donnent_plusieurs_valeurs() -> None:
    champs = {"courriels": {"unir": ["a", {"colonne": "b", "separateur": ","}]}}
    assert _traduire(champs, {"a": "x@a.fr", "b": "y@a.fr, z@a.fr"}).valeurs["courriels"] == [
        "x@a.fr",
        "y@a.fr",
        "z@a.fr",
    ]


REGLES = [
    {"colonnes": ["a", "b"], "termes": ["imprimante"], "sauf": ["sans imprimante"], "valeur": ACCES},
    {"colonne": "c", "table": {"R": AIDE, "G": [OUTILS, ACCES], "X": None}, "separateur": "-"},
    {"colonne": "d", "valeur": OUTILS},
    "e",
    {"constante": AIDE},
]


@pytest.mark.parametrize(
    ("ligne", "valeurs", "origine"),
    [
        ({"a": "2 Imprimantes"}, [ACCES], "deduit"),
        ({"b": "scanner, imprimante"}, [ACCES], "deduit"),
        ({"a": "sans imprimante"}, [AIDE], "defaut"),
        ({"a": "réimprimante"}, [AIDE], "defaut"),
        ({"c": "R"}, [AIDE], "declare"),
        ({"c": "G-R"}, [OUTILS, ACCES, AIDE], "declare"),
        ({"c": "X"}, [AIDE], "defaut"),
        ({"d": "3 postes"}, [OUTILS], "deduit"),
        ({"d": "Non"}, [AIDE], "defaut"),
        ({"d": 0}, [AIDE], "defaut"),
        ({"e": "Gratuit|Autre"}, ["Gratuit|Autre"], "declare"),
        ({"c": "R", "d": "oui"}, [AIDE, OUTILS], "deduit"),
        ({}, [AIDE], "defaut"),
    ],
)
def test_les_regles_d_une_liste_s_ajoutent(ligne: dict[str, Any], valeurs: list[str], origine: str) -> None:
    lue = _traduire({"services": REGLES}, ligne)
    assert lue.valeurs["services"] == valeurs
    assert lue.origines.get("services", "declare") == origine


def test_une_constante_toujours_vraie_s_ajoute_et_rend_le_champ_moins_sur() -> None:
    regles = ["a", {"constante": "France Services", "toujours": True}]
    lue = _traduire({"dispositif_programmes_nationaux": regles}, {"a": "Aidants Connect"})
    assert lue.valeurs["dispositif_programmes_nationaux"] == ["Aidants Connect", "France Services"]
    assert lue.origines == {"dispositif_programmes_nationaux": "defaut"}


def test_un_code_que_la_table_ne_connait_pas_est_dit() -> None:
    lue = _traduire({"services": REGLES}, {"c": "R-Z"})
    assert [(a.code, a.champ, a.valeur) for a in lue.anomalies] == [("valeur_sans_correspondance", "services", "Z")]


def test_un_code_ne_se_confond_pas_avec_celui_qui_le_contient() -> None:
    regle = {"colonne": "a", "table": {"5": "BIB", "15": "ASSO"}}
    assert _traduire({"typologie": regle}, {"a": "15,7"}).valeurs["typologie"] == ["ASSO"]
    termes = {"colonne": "a", "termes": ["5"], "valeur": "BIB"}
    assert "typologie" not in _traduire({"typologie": termes}, {"a": "15"}).valeurs


@pytest.mark.parametrize(
    ("drapeau", "cellule", "attendu"),
    [
        ({"colonne": "a", "oui": ["Oui", True], "non": ["Non"]}, "oui", "oui"),
        ({"colonne": "a", "oui": ["Oui", True], "non": ["Non"]}, True, "oui"),
        ({"colonne": "a", "oui": ["accepte"], "non": ["refuse"]}, "Refuse", "non"),
        ("a", "peut-être", "peut-être"),
        ({"constante": True}, None, "oui"),
    ],
)
def test_un_oui_ou_non_se_dit_dans_les_mots_de_la_liste(drapeau: Any, cellule: Any, attendu: str) -> None:
    assert _traduire({"publication_contact": drapeau}, {"a": cellule}).valeurs["publication_contact"] == attendu


@pytest.mark.parametrize(
    ("coordonnees", "ligne", "attendu"),
    [
        ({"x": "x", "y": "y"}, {"x": "2,35", "y": "48,85"}, ("48,85", "2,35")),
        ({"systeme": "lambert93", "x": "x", "y": "y"}, {"x": 652469.02, "y": "6 862 035,26"}, (48.8566, 2.3522)),
        ({"systeme": "EPSG:2154", "x": "x", "y": "y"}, {"x": 2.35, "y": 48.85}, (48.85, 2.35)),
        ({"systeme": "lambert93", "x": "x", "y": "y"}, {"x": "inconnu", "y": 1}, (1, "inconnu")),
        ({"point": "p"}, {"p": "48.85, 2.35"}, ("48.85", "2.35")),
        ({"point": "p"}, {"p": "48,85 ; 2,35"}, ("48,85", "2,35")),
        ({"point": "p", "ordre": "longitude latitude"}, {"p": "2.35 48.85"}, ("48.85", "2.35")),
        ({"point": "p"}, {"p": "POINT (2.35 48.85)"}, ("48.85", "2.35")),
        ({"point": "p"}, {"p": {"type": "Point", "coordinates": [2.35, 48.85]}}, (48.85, 2.35)),
        ({"point": "p"}, {"p": {"lat": 48.85, "lon": 2.35}}, (48.85, 2.35)),
        ({"point": "p"}, {"p": [48.85, 2.35]}, (48.85, 2.35)),
        ({"point": "p"}, {"p": "à côté"}, ("à côté", None)),
        ({"point": "p"}, {}, (None, None)),
    ],
)
def test_un_point_se_lit_sous_toutes_ses_formes(coordonnees: Any, ligne: dict[str, Any], attendu: Any) -> None:
    lue = _traduire({}, ligne, coordonnees=coordonnees)
    assert (lue.valeurs.get("latitude"), lue.valeurs.get("longitude")) == attendu


JOURS = {"lu": ["lm", "la"], "ma": {"de": "mo", "a": "mf"}, "me": "m"}


ALTERNANCE = {"jours": {"lu": "l"}, "semaine": {"colonne": "s"}}


@pytest.mark.parametrize(
    ("horaires", "ligne", "attendu"),
    [
        ("h", {"h": "Mo-Fr 09:00-12:00"}, "Mo-Fr 09:00-12:00"),
        ({"jours": JOURS}, {"lm": "9h-12h", "la": "14h-17h"}, "Mo 09:00-12:00,14:00-17:00"),
        ({"jours": JOURS}, {"mo": "09:00:00", "mf": "12:00:00"}, "Tu 09:00-12:00"),
        ({"jours": JOURS}, {"lm": "9h-12h", "m": "Fermé"}, "Mo 09:00-12:00"),
        ({"jours": JOURS, "sinon": "h"}, {"h": "Mo 09:00-12:00"}, "Mo 09:00-12:00"),
        ({"jours": {"lu": "l", "feries": "f"}}, {"l": "9h-12h", "f": "fermé"}, "Mo 09:00-12:00; PH off"),
        ({"jours": {"lu": "l", "feries": "f"}}, {"l": "9h-12h", "f": "10h-11h"}, "Mo 09:00-12:00; PH 10:00-11:00"),
        (ALTERNANCE, {"l": "9h-12h", "s": "Semaine paire"}, "week 2-52/2 Mo 09:00-12:00"),
        (ALTERNANCE, {"l": "9h-12h", "s": "semaines impaires"}, "week 1-53/2 Mo 09:00-12:00"),
        (ALTERNANCE, {"l": "9h-12h", "s": "toutes"}, "Mo 09:00-12:00"),
        (
            {"semaines_paires": {"lu": "l"}, "semaines_impaires": {"ma": "m"}},
            {"l": "9h-12h", "m": "14h-16h"},
            "week 2-52/2 Mo 09:00-12:00; week 1-53/2 Tu 14:00-16:00",
        ),
    ],
)
def test_des_colonnes_de_jours_donnent_des_horaires(horaires: Any, ligne: dict[str, Any], attendu: str) -> None:
    from annuaire.standard.nettoyage.horaires import nettoyer_horaires

    assert nettoyer_horaires(_traduire({"horaires": horaires}, ligne).valeurs["horaires"]).horaires == attendu


def test_un_bus_dit_ses_arrets() -> None:
    passages = [{"adresse": "arret", "horaires": "h", "du": "d"}, {"pour_chaque": "autres", "adresse": "lieu"}]
    ligne = {"arret": "Place", "h": "Mo 09:00-12:00", "autres": [{"lieu": "Quai"}, {"lieu": ""}, "faux"]}
    assert _traduire({"passages": passages}, ligne).valeurs["passages"] == [
        {"adresse": "Place", "horaires": "Mo 09:00-12:00"},
        {"adresse": "Quai"},
    ]


@pytest.mark.parametrize(
    ("cle", "attendue"),
    [("k", 7), ({"colonnes": ["k", "l"]}, "7/x"), ({"colonnes": ["z", "y"]}, None), ({"deriver": ["nom"]}, None)],
)
def test_une_cle_est_une_colonne_ou_plusieurs(cle: Any, attendue: Any) -> None:
    assert _traduire({}, {"k": 7, "l": "x"}, cle=cle).valeurs["id"] == attendue


def test_les_colonnes_absentes_et_les_colonnes_non_lues_sont_connues() -> None:
    document = lire_correspondance(
        {
            "maillage": 1,
            "champs": {"nom": "n", "commune": "geo.ville", "services": [{"colonnes": ["a", "b"], "valeur": AIDE}]},
            "ignorees": ["couleur"],
            "facultatives": ["b"],
        }
    )
    colonnes = Colonnes.pour(document)
    colonnes.suivre({"n": 1, "geo": {"ville": "x", "autre": "y"}, "couleur": "bleu", "note": "", "plus": 1})
    colonnes.suivre({"n": 1, "note": "z"})
    assert colonnes.manquantes() == [("champs.services[0].colonnes[0]", "a")]
    assert colonnes.non_lues() == {"geo.autre": 1, "plus": 1, "note": 1}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda membres: st.lists(membres, max_size=4) | st.dictionaries(st.text(max_size=6), membres, max_size=4),
    max_leaves=12,
)
_NOMS = st.sampled_from(
    ["nom", "a", "b", "c", "d", "e", "lm", "la", "mo", "mf", "m", "s", "p", "x", "y", "autres", "k"]
)
_TOUT = lire_correspondance(
    {
        "maillage": 1,
        "cle": {"colonnes": ["k", "a"]},
        "coordonnees": {"systeme": "utm20n", "x": "x", "y": "y"},
        "vides": ["NR", "-"],
        "champs": {
            "nom": {"premier": ["nom", {"joindre": ["a", "b.c"], "sinon": {"extraire": "commune", "de": "c"}}]},
            "adresse": {"decouper": {"unir": ["a", "b[0]"]}, "separateur": ",", "partie": -1},
            "telephone": {"extraire": "telephone", "de": {"unir": ["a", "b"]}},
            "date_maj": {"colonne": "a", "format": "JJ/MM/AAAA"},
            "structure_parente": {"colonne": "c", "separateur": "-", "table": {"R": "r"}},
            "services": REGLES,
            "horaires": {"jours": JOURS, "semaine": {"colonne": "s"}, "sinon": "a"},
            "accessibilite": {"colonne": "p", "oui": ["1"]},
            "passages": [{"coordonnees": {"point": "p"}}, {"pour_chaque": "autres", "adresse": "a", "horaires": "m"}],
        },
    }
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_NOMS | st.text(max_size=8), _JSON, max_size=10))
def test_aucune_ligne_n_arrete_le_moteur(ligne: dict[str, Any]) -> None:
    moteur, colonnes = compiler(_TOUT), Colonnes.pour(_TOUT)
    colonnes.suivre(ligne)
    lue = moteur.traduire(ligne)
    assert set(lue.valeurs) <= set(moteur.entetes.reconnues)
    assert set(lue.origines.values()) <= {"deduit", "defaut"}
