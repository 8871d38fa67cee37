"""Our own columns: yes and no as people write them, languages, consent."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.standard.nettoyage import complements
from annuaire.standard.nettoyage.complements import nettoyer_accessibilite, nettoyer_langues, nettoyer_publication


@pytest.mark.parametrize(
    ("brut", "etat"),
    [("Oui", "oui"), (True, "oui"), (1, "oui"), ("Accessible PMR", "oui"), ("NON", "non"), (False, "non"), ("0", "non"),
     (None, None), ("", None), ("inconnu", None), ("ne sait pas", None)],
)  # fmt: skip
def test_l_accessibilite_se_lit_comme_les_gens_l_ecrivent(brut: Any, etat: str | None) -> None:
    assert nettoyer_accessibilite(brut).valeur == etat


@pytest.mark.parametrize("brut", ["partiellement", "rampe sur demande", "2"])
def test_ce_qui_ne_dit_ni_oui_ni_non_reste_inconnu_et_se_dit(brut: str) -> None:
    lu = nettoyer_accessibilite(brut)
    assert lu.valeur is None
    assert [a.code for a in lu.anomalies] == ["accessibilite_illisible"]


@pytest.mark.parametrize(
    ("brut", "publie"),
    [("Oui", True), ("J'accepte", True), (True, True), ("non", False), ("Je refuse", False), (None, None), (" ", None)],
)
def test_le_consentement_se_lit(brut: Any, publie: bool | None) -> None:
    assert nettoyer_publication(brut).valeur is publie


def test_un_consentement_illisible_vaut_refus(monkeypatch: pytest.MonkeyPatch) -> None:
    lu = nettoyer_publication("à voir avec la direction")
    assert lu.valeur is False
    assert [a.code for a in lu.anomalies] == ["consentement_illisible"]
    monkeypatch.setattr(complements, "NON", frozenset())
    assert nettoyer_publication("non").valeur is False


@pytest.mark.parametrize(
    ("brut", "codes"),
    [("fr|en", ("fr", "en")), ("Français, Anglais ; LSF", ("fr", "en", "fsl")),
     (["Arabe", "arabe", "darija"], ("ar", "ary")), ("Créole réunionnais / shimaoré", ("rcf", "swb")),
     ("Kreol", ()), (None, ())],
)  # fmt: skip
def test_les_langues_se_lisent_par_code_ou_par_nom(brut: Any, codes: tuple[str, ...]) -> None:
    assert nettoyer_langues(brut).valeur == codes


def test_une_langue_inconnue_se_dit_avec_la_plus_proche() -> None:
    (anomalie,) = nettoyer_langues("portuguais").anomalies
    assert (anomalie.code, anomalie.suggestion) == ("langue_inconnue", "pt")
