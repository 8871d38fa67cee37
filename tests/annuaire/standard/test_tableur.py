"""Formulas out: no cell of the table for spreadsheets runs, and each comes back as it was."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from annuaire.lieux.normalise import LieuNormalise
from annuaire.standard import ecriture
from annuaire.standard.colonnes import COLONNES, reconnaitre_entetes
from annuaire.standard.ecriture import ligne_standard, ligne_tableur
from annuaire.standard.lecture import lire
from annuaire.standard.tableur import demarquer, marquer
from annuaire.territoires.referentiel import Referentiel

from tests.fabriques.formules import CORPUS, executerait, ouvrir_en_classeur

BASE = {"nom": "Lieu fictif", "commune": "Reims", "code_postal": "51100"}
TEXTES = ("id", "nom", "commune", "adresse", "complement_adresse", "presentation_detail", "structure_parente")


def _document(charge: str) -> dict[str, Any]:
    return dict.fromkeys(TEXTES, charge) | {
        "telephones": ["+33199000001", "3919"],
        "latitude": -20.878911,
        "longitude": 55.448101,
        "autres_formations_labels": [charge, "Label d'exemple", charge],
    }


def _lire(valeurs: dict[str, Any]) -> tuple[str | None, LieuNormalise | None]:
    lecture = lire(
        valeurs,
        entetes=reconnaitre_entetes(list(valeurs)),
        referentiel=Referentiel.charger(),
        aujourd_hui=date(2026, 11, 24),
    )
    return lecture.cle, lecture.normalise


def _tableau() -> list[list[str]]:
    return [list(ligne_tableur(ligne_standard(_document(charge))).values()) for charge in CORPUS]


def test_le_corpus_a_plus_de_deux_cents_cellules_dangereuses() -> None:
    assert len(set(CORPUS)) >= 200
    assert all(executerait(charge) for charge in CORPUS if charge.strip("\0\t\r\n ")[0] in "=+-@＝＋－＠")


def test_aucune_cellule_du_corpus_ne_s_execute_dans_un_tableur() -> None:
    tableau = _tableau()
    rang_latitude = COLONNES.index("latitude")
    executees = [cellule for ligne in tableau for cellule in ligne if executerait(cellule)]
    assert executees == []
    assert {ligne[rang_latitude] for ligne in tableau} == {"-20,878911"}
    formules, _ = ouvrir_en_classeur(tableau)
    assert formules == 0


def test_chaque_valeur_d_une_liste_est_neutralisee() -> None:
    for ligne in _tableau():
        labels = ligne[COLONNES.index("autres_formations_labels")].split("|")
        assert not any(executerait(label) for label in labels)
        assert ligne[COLONNES.index("telephone")] == "'+33199000001|3919"


def test_sans_la_marque_le_corpus_s_execute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecriture, "marquer", lambda texte: texte)
    tableau = _tableau()
    assert sum(executerait(cellule) for ligne in tableau for cellule in ligne) > 200
    formules, _ = ouvrir_en_classeur([[c for c in ligne if not c.startswith("={")] for ligne in tableau])
    assert formules > 0


@pytest.mark.parametrize("ecrit", ["-20,93", "-1", "48,85", "3919", "l'=x", "'hui", "", "O'Brien", "a|=b"])
def test_ce_qui_ne_s_execute_pas_n_est_pas_marque(ecrit: str) -> None:
    assert marquer(ecrit) == ecrit == demarquer(ecrit)


@pytest.mark.parametrize("ecrit", ["+33199000001", "+1", "-1-1", "-", "@lier", "=", "－1"])
def test_un_numero_international_est_marque_avec_les_formules(ecrit: str) -> None:
    assert marquer(ecrit) == f"'{ecrit}"
    assert demarquer(f"'{ecrit}") == demarquer(f"''{ecrit}") == ecrit


@pytest.mark.parametrize("charge", CORPUS)
def test_un_lieu_relu_du_tableur_est_le_meme(charge: str) -> None:
    cle, lu = _lire({**BASE, "id": f"1{charge}", "complement_adresse": charge, "presentation_detail": charge,
                     "horaires": charge, "autres_formations_labels": f"{charge}|Label",
                     "telephone": "+33199000001|+262262999901"})  # fmt: skip
    assert lu is not None
    ligne = ligne_tableur(ligne_standard({"id": cle, **lu.en_dict()}))
    assert _lire(dict(ligne)) == (cle, lu)


@pytest.mark.parametrize("cle", ["=A1", "+33", "@hub/1", "-12", "＝1"])
def test_une_cle_qui_commence_comme_une_formule_revient_entiere(cle: str) -> None:
    ligne = ligne_tableur(ligne_standard({**BASE, "id": cle}))
    assert _lire(dict(ligne))[0] == cle
