"""France services in 2021 and in 2024, ids hidden: precision and recall of what is joined and of what is shown.

The truth is the id that both lists share, for a place that kept its commune. Départements are halved by hash: weights
were settled on the first half, the second was only measured.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from annuaire.doublons.rapprocher import comparer_tout
from annuaire.doublons.rules import SEUIL_AUTOMATIQUE, Signes, lire_signes, meilleures
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from annuaire.synchronisation.traitement import standard

COLONNES_2024 = {
    "id": "id_fs", "nom": "lib_fs", "commune": "lib_com", "code_postal": "code_postal", "code_insee": "insee_com",
    "adresse": "adresse", "latitude": "latitude", "longitude": "longitude", "telephone": "telephone",
    "courriels": "mail",
}  # fmt: skip
COLONNES_2021 = {
    **COLONNES_2024, "id": "MATRICULE", "nom": "lib_france_services", "adresse": "ADRESSE", "latitude": "LATITUDE",
    "longitude": "LONGITUDE", "telephone": "TELEPHONE", "courriels": "CONTACT.MAIL",
}  # fmt: skip


@dataclass(frozen=True)
class Mesure:
    """Pairs found, right ones, and those that should have been."""

    automatiques: int
    automatiques_justes: int
    montrees: int
    montrees_justes: int
    trouvees: int
    a_trouver: int

    @property
    def precision(self) -> float:
        return (self.automatiques_justes + self.montrees_justes) / (self.automatiques + self.montrees)

    @property
    def rappel(self) -> float:
        return self.trouvees / self.a_trouver

    def __str__(self) -> str:
        return (
            f"automatiques {self.automatiques_justes}/{self.automatiques}, montrées "
            f"{self.montrees_justes}/{self.montrees}, précision {self.precision:.4f}, rappel {self.rappel:.4f} "
            f"sur {self.a_trouver}"
        )


def signes(source: str, lignes: Iterable[dict[str, Any]]) -> dict[str, Signes]:
    traiter = standard({"aujourd_hui": "2026-11-24"})
    lus = {}
    for rang, ligne in enumerate(lignes):
        objet = traiter(LigneBrute(ligne=rang + 1, feuille=None, valeurs=ligne))
        if objet["normalise"]:
            lus[str(ligne["id"])] = lire_signes(source, str(ligne["id"]), json.loads(objet["normalise"]))
    return lus


def moitie(commune: str | None) -> int:
    departement = (commune or "00")[:2]
    return int(hashlib.sha256(departement.encode()).hexdigest(), 16) % 2


def mesurer(dossier: Path, laquelle: int) -> Mesure:
    with (dossier / "geo/acteurs/france-services-20240801.csv").open(encoding="utf-8") as fichier:
        recents = signes("2024", ({n: li[c] for n, c in COLONNES_2024.items()} for li in csv.DictReader(fichier)))
    collection = json.loads((dossier / "geo/acteurs/france-services-2021.geojson").read_text(encoding="utf-8"))
    proprietes = (entite["properties"] for entite in collection["features"])
    anciens = signes("2021", ({n: str(p[c] or "") for n, c in COLONNES_2021.items()} for p in proprietes))
    siens = [lu for lu in anciens.values() if moitie(lu.commune) == laquelle]
    comparees = {
        (a, b): comparaison
        for (a, b), comparaison in comparer_tout(siens, list(recents.values())).items()
        if a[0] != b[0]
    }
    a_trouver = {lu.cle for lu in siens if lu.cle in recents and recents[lu.cle].commune == lu.commune}
    # a pair that changed commune is right when it is found, and is not among those to find
    retenues = meilleures(comparees)
    sures = {paire for paire, comparaison in retenues.items() if comparaison.score >= SEUIL_AUTOMATIQUE}
    justes = {paire for paire in retenues if paire[0][1] == paire[1][1]}
    return Mesure(
        automatiques=len(sures),
        automatiques_justes=len(sures & justes),
        montrees=len(retenues) - len(sures),
        montrees_justes=len(justes - sures),
        trouvees=len({a[1] for a, _ in justes} & a_trouver),
        a_trouver=len(a_trouver),
    )


@pytest.mark.parametrize(("laquelle", "precision", "rappel"), [(0, 0.99, 0.97), (1, 0.98, 0.97)])
def test_france_services_se_retrouve_sans_ses_identifiants(
    jeux: Path, laquelle: int, precision: float, rappel: float
) -> None:
    mesure = mesurer(jeux, laquelle)
    print(f"\nFrance services, moitié {laquelle} : {mesure}")
    assert mesure.automatiques_justes / mesure.automatiques >= 0.995
    assert mesure.precision >= precision
    assert mesure.rappel >= rappel
