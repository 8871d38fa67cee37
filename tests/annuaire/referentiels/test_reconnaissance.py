"""Tolerant recognition of a value, and the suggestion made for the others."""

from __future__ import annotations

import unicodedata

import pytest
from annuaire.referentiels.repository import Referentiels
from annuaire.referentiels.rules import ListeFermee, Valeur, proche, reconnaitre, sans_accents, slug
from annuaire.territoires import rules as territoires
from hypothesis import example, given
from hypothesis import strategies as st


def _liste(nom: str) -> ListeFermee:
    return Referentiels.charger()[nom]


@pytest.mark.parametrize(
    ("liste", "texte", "attendu"),
    [
        ("services", "aide aux demarches administratives", "Aide aux démarches administratives"),
        ("services", "AIDE AUX DÉMARCHES ADMINISTRATIVES", "Aide aux démarches administratives"),
        ("services", "Comprehension du monde numérique", "Compréhension du monde numérique"),
        ("services", "aide-aux-demarches-administratives", "Aide aux démarches administratives"),
        ("services", "  Aide  aux démarches\u00a0administratives ", "Aide aux démarches administratives"),
        ("modalites_acces", "Ce lieu n’accueille pas de public", "Ce lieu n'accueille pas de public"),
        ("formations_labels", "Étapes numériques(La Poste)", "Étapes numériques (La Poste)"),
        ("formations_labels", "Étapes numériques (La Poste)", "Étapes numériques (La Poste)"),
        ("formations_labels", 'Formé à "Mon Espace Santé"', "Formé à « Mon Espace Santé »"),
        ("modalites_accompagnement", "À distance (par téléphone ou en visioconférence)", "À distance"),
        ("modalites_accompagnement", "Dans un atelier collectif : à plusieurs", "Dans un atelier collectif"),
        ("prise_en_charge_specifique", "Langues étrangères", "Langues étrangères (autres)"),
        ("prise_en_charge_specifique", "Langues étrangères (anglais)", "Langues étrangères (anglais)"),
        ("dispositif_programmes_nationaux", "Relais numérique", "Relais numérique (Emmaüs Connect)"),
        ("dispositif_programmes_nationaux", "Emmaüs Connect", "Emmaüs Connect"),
        ("typologie", "tiers_lieux", "TIERS_LIEUX"),
        ("typologie", "Tiers-lieux", "TIERS_LIEUX"),
        ("typologie", "PE", "FT"),
        ("typologie", "Bibliothèque ou médiathèque", "BIB"),
    ],
)
def test_une_valeur_est_reconnue_malgre_son_ecriture(liste: str, texte: str, attendu: str) -> None:
    assert reconnaitre(_liste(liste), texte) == attendu


@pytest.mark.parametrize("texte", ["", "   ", "Aide", "n'importe quoi", "Gratuit", "|", "(…)", ":"])
def test_rien_n_est_devine(texte: str) -> None:
    assert reconnaitre(_liste("services"), texte) is None


def test_la_glose_ne_fait_pas_perdre_une_valeur_plus_longue() -> None:
    assert reconnaitre(_liste("frais_a_charge"), "Gratuit sous condition : selon le revenu") == "Gratuit sous condition"


def test_une_faute_de_frappe_est_suggeree_et_non_corrigee() -> None:
    assert reconnaitre(_liste("services"), "Aide aux démarche administrative") is None
    assert proche(_liste("services"), "Aide aux démarche administrative") == "Aide aux démarches administratives"


@pytest.mark.parametrize("texte", ["", "!!", "piscine municipale"])
def test_rien_de_proche_ne_donne_pas_de_suggestion(texte: str) -> None:
    assert proche(_liste("services"), texte) is None


def test_une_liste_qui_dit_deux_fois_la_meme_chose_est_refusee() -> None:
    with pytest.raises(ValueError, match="désigne à la fois"):
        ListeFermee("x", "X", "1", "essai", (Valeur("Été", "ete", "Été"), Valeur("ETE", "ete-2", "ETE")))


def test_le_slug_ne_garde_que_lettres_et_chiffres() -> None:
    assert slug("Point d’accès numérique CAF — œuvre !") == "point-d-acces-numerique-caf-oeuvre"


def _sans_accents(texte: str) -> str:
    """Fold character by character, as the definition says."""
    return "".join(c for c in unicodedata.normalize("NFKD", texte) if not unicodedata.combining(c))


@given(st.text(st.characters(categories=["L", "M", "N", "P", "Z"]), max_size=40))
@example("Œuvre à l’Haÿ-les-Roses")
@example("a\u034fb\u0301\u0345 ỿ ﬁ ½ Ⅷ שָׁ")
def test_les_accents_partent_comme_caractere_par_caractere(texte: str) -> None:
    ligatures = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"})
    assert sans_accents(texte) == _sans_accents(texte.translate(ligatures)).lower()
    assert territoires._sans_accents(texte) == _sans_accents(texte.translate(territoires._LIGATURES).lower())
