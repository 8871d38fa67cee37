"""The example of the guide, played as it is written."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from annuaire.paquets import rules

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "hors-ligne.md").read_text("utf-8")
PAQUET: dict[str, Any] = json.loads(re.findall(r"^```json\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[0])
EXEMPLES = [
    tuple(case.strip() or None for case in ligne.strip("| \n").split("|"))
    for ligne in re.findall(r"^\| 20.*$", GUIDE, re.MULTILINE)
]


def etat_seul(paquet: dict[str, Any], lieu: dict[str, Any], instant: datetime) -> str:
    """Follow the four steps of the guide, and nothing else."""
    zone = [z for z in paquet["fuseaux"][lieu["fuseau"]] if datetime.fromisoformat(z["depuis"]) <= instant]
    if not zone:
        return "inconnu"
    au_mur = instant + timedelta(minutes=zone[-1]["minutes"])
    rang = (au_mur.date() - date.fromisoformat(paquet["du"])).days
    if rang >= len(lieu["creneaux"]):
        return "inconnu"
    heure = au_mur.strftime("%H:%M")
    etats: list[str] = [c["etat"] for c in lieu["creneaux"][rang] if c["de"] <= heure < c["a"]]
    return etats[0] if etats else "ferme"


def test_le_guide_montre_dix_instants() -> None:
    assert len(EXEMPLES) == 10
    assert {etat for _, etat, *_ in EXEMPLES} == {"ouvert", "ouvert_sur_rdv", "ferme", "inconnu"}


@pytest.mark.parametrize("exemple", EXEMPLES, ids=lambda exemple: exemple[0])
def test_chaque_reponse_du_guide_est_celle_de_la_reference(exemple: tuple[str, ...]) -> None:
    instant, etat, ferme_a, prochaine = (*exemple, None, None)[:4]
    assert instant is not None
    dit = rules.ouverture(PAQUET, PAQUET["lieux"][0], datetime.fromisoformat(instant))
    assert dit == {"etat": etat, "ferme_a": ferme_a, "prochaine": prochaine}


def test_les_quatre_pas_du_guide_donnent_le_meme_etat_a_chaque_minute() -> None:
    instant = datetime.fromisoformat("2026-10-23T21:00:00Z")
    for _ in range(51 * 60):
        lu = rules.ouverture(PAQUET, PAQUET["lieux"][0], instant)
        assert etat_seul(PAQUET, PAQUET["lieux"][0], instant) == lu["etat"], instant
        instant += timedelta(minutes=1)
