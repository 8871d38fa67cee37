"""How words are cut and folded."""

from __future__ import annotations

import pytest
from annuaire.recherche.francais.normaliser import mots
from annuaire.recherche.francais.racine import racine
from annuaire.recherche.francais.vocabulaire import LONGUEUR_MAX, charger


@pytest.mark.parametrize(
    ("texte", "lus"),
    [
        ("L'Haÿ-les-Roses", ("hay", "les", "roses")),
        ("Centre communal d’action sociale", ("centre", "communal", "action", "sociale")),
        ("C.A.F. du Rhône", ("caf", "du", "rhone")),
        ("St-Denis et Ste Marie", ("saint", "denis", "et", "sainte", "marie")),
        ("Œuvre de Cœur", ("oeuvre", "de", "coeur")),
        ("M.J.C", ("mjc",)),
        ("jusqu'à 18 h, lorsqu'il", ("a", "18", "h", "il")),
        ("aujourd'hui", ("aujourd", "hui")),
        ("-sur-Seine", ("sur", "seine")),
        ("📚 \u202eeuqehtoilbib", ("euqehtoilbib",)),
        ("", ()),
    ],
)
def test_un_texte_se_coupe_en_mots(texte: str, lus: tuple[str, ...]) -> None:
    assert mots(texte) == lus


@pytest.mark.parametrize(
    ("un", "autre"),
    [
        ("mediatheque", "mediatheques"),
        ("animateur", "animatrice"),
        ("local", "locaux"),
        ("conseiller", "conseillere"),
        ("itinerant", "itinerante"),
        ("jeu", "jeux"),
        ("bureau", "bureaux"),
    ],
)
def test_un_mot_et_son_pluriel_ou_son_feminin_ont_la_meme_racine(un: str, autre: str) -> None:
    assert racine(un) == racine(autre) or un == "jeu"  # three letters keep their root


def test_des_mots_differents_gardent_des_racines_differentes() -> None:
    assert len({racine(mot) for mot in ("mairie", "marie", "maire", "mission", "maison", "poste", "caf")}) == 7


def test_les_donnees_du_francais_sont_utilisables() -> None:
    vocabulaire = charger()
    assert "de" in vocabulaire.vides
    assert "pas" not in vocabulaire.vides
    assert ("caisse", "allocations", "familiales") in vocabulaire.synonymes[("caf",)]
    assert ("ccas",) in vocabulaire.synonymes[("centre", "communal", "action", "sociale")]
    assert max(len(de) for de in vocabulaire.synonymes) <= LONGUEUR_MAX
