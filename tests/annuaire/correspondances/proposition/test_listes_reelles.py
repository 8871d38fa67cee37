"""What is proposed for the real lists: it runs as it is, and says most of what a document written by hand says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import annuaire
import pytest
from annuaire.commandes.distant import TYPES_MIME
from annuaire.correspondances.document.lecture import analyser
from annuaire.correspondances.proposition import Echantillon, Proposition, proposer
from annuaire.synchronisation.lecteurs import LigneBrute, lire
from annuaire.synchronisation.traduction import Traduction
from annuaire.territoires.referentiel import Referentiel

from tests.annuaire.correspondances.proposition.test_listes_inconnues import colonnes_de

A_LA_MAIN = Path(annuaire.__file__).parents[2] / "correspondances"
LISTES = {
    "le-havre": "le-havre.json",
    "nouvelle-caledonie": "nouvelle-caledonie.json",
    "bfc": "bfc-ternum.csv",
    "france-services": "france-services-20221201.csv",
    "haute-vienne": "haute-vienne.json",
    "hinaura": "hinaura-yeswiki.json",
}
LONGUES = ("bfc", "france-services", "haute-vienne", "hinaura")


@pytest.fixture(params=[pytest.param(n, marks=[pytest.mark.epreuve] if n in LONGUES else []) for n in LISTES])
def liste(request: pytest.FixtureRequest, jeux: Path) -> tuple[str, list[LigneBrute], Proposition]:
    nom: str = request.param
    fichier = jeux / "brut" / LISTES[nom]
    if not fichier.exists():
        pytest.skip(f"{fichier.name} n'est pas parmi les jeux de données")
    lignes = list(lire(fichier, TYPES_MIME[fichier.suffix]))
    echantillon = Echantillon()
    for ligne in lignes:
        echantillon.ajouter(ligne.valeurs)
    return nom, lignes, proposer(echantillon, Referentiel.charger())


def champs_de(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return by field the columns that a document reads, the key and the point included."""
    champs = {champ: set(colonnes_de(source)) for champ, source in document["champs"].items()}
    point = document.get("coordonnees") or {}
    for champ, axe in (("latitude", "y"), ("longitude", "x")):
        if axe in point:
            champs[champ] = set(colonnes_de(point[axe]))
        elif "point" in point:
            champs[champ] = {f"{point['point']}.{champ[:3]}"}
    cle = document.get("cle")
    colonne = cle if isinstance(cle, str) else (cle or {}).get("colonne")
    return {champ: colonnes for champ, colonnes in {**champs, "cle": {colonne} - {None}}.items() if colonnes}


def test_le_document_propose_se_lit_de_bout_en_bout(
    liste: tuple[str, list[LigneBrute], Proposition], capsys: pytest.CaptureFixture[str]
) -> None:
    nom, lignes, proposition = liste
    traduction = Traduction({"correspondance": proposition.document, "aujourd_hui": "2026-11-24"})
    acceptees = sum(bool(o.get("groupe") or (o["normalise"] and o["cle"])) for o in map(traduction, lignes))
    lieux = sum(1 for _ in traduction.clore()) or acceptees
    with capsys.disabled():
        print(f"\n  {nom} : {acceptees}/{len(lignes)} lignes acceptées ({acceptees / len(lignes):.1%}), {lieux} lieux")
    assert acceptees >= 0.97 * len(lignes)


def test_la_proposition_dit_l_essentiel_de_ce_qui_est_ecrit_a_la_main(
    liste: tuple[str, list[LigneBrute], Proposition], capsys: pytest.CaptureFixture[str]
) -> None:
    nom, _, proposition = liste
    reference = A_LA_MAIN / f"{nom}.yaml"
    if not reference.exists():
        pytest.skip(f"pas de correspondance écrite à la main pour {nom}")
    voulus, proposes = champs_de(analyser(reference.read_bytes())), champs_de(proposition.document)
    trouves = [champ for champ, colonnes in voulus.items() if colonnes & proposes.get(champ, set())]
    autres = [champ for champ, colonnes in proposes.items() if not colonnes & voulus.get(champ, set())]
    with capsys.disabled():
        part = len(trouves) / len(voulus)
        print(f"\n  {nom} : {len(trouves)}/{len(voulus)} champs ({part:.0%}), lus autrement : {autres or 'aucun'}")
    assert len(trouves) >= 0.8 * len(voulus)
    assert len(autres) <= 2
