"""The examples of the guide, played as they are written, on the fictional directory."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from socle.acces.principal import ANONYME

from tests.annuaire.recherche.conftest import Chercheur
from tests.bout_en_bout.test_readme import contient

pytestmark = pytest.mark.anyio

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "chercher.md").read_text("utf-8")
PAS = re.findall(r"^```sh\n(.*?)\n```\n```json\n(.*?)\n```", GUIDE, re.MULTILINE | re.DOTALL)


def test_chaque_commande_du_guide_montre_sa_reponse() -> None:
    assert len(PAS) == GUIDE.count("```sh") == 6


@pytest.mark.parametrize(("commande", "montre"), PAS, ids=lambda texte: texte[:60])
async def test_chaque_reponse_du_guide_est_celle_du_service(chercheur: Chercheur, commande: str, montre: str) -> None:
    _, adresse, *suite = shlex.split(commande)
    annuaire, chemin = chercheur.annuaire, adresse.removeprefix("https://maillage.exemple.fr")
    envoi: dict[str, Any] = {"json": json.loads(suite[1])} if suite else {}
    reponse = await annuaire.client.request(
        "POST" if suite else "GET", chemin, headers=annuaire.entetes(ANONYME, ecriture=bool(suite)), **envoi
    )
    assert reponse.status_code == 200, reponse.text
    contient(reponse.json(), json.loads(montre))
