"""France services in 2021, 2022 and 2024, ids hidden: precision and recall of what is joined and of what is shown.

The truth is the id that two lists share, for a place that kept its commune. It is strict: an id that passed from one
place to its neighbour counts as a fault. The one exception is said apart: the list of 2022 names places not labelled
yet `temp_…`, ids that no later list holds, so that their pairs can be neither right nor wrong.

Rules are settled on one part and measured on the other, whose pairs nobody looks at. For 2021, départements are halved
by hash; for 2022, ids are, and those of places of the part of 2021 which is only measured, or known from its list, stay
out of the other part.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from annuaire.doublons.rapprocher import comparer_tout
from annuaire.doublons.rules import Signes, grouper, lire_signes, meilleures
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from annuaire.synchronisation.traitement import standard

COLONNES = {
    "id": "id_fs", "nom": "lib_fs", "commune": "lib_com", "code_postal": "code_postal", "code_insee": "insee_com",
    "adresse": "adresse", "latitude": "latitude", "longitude": "longitude", "telephone": "telephone",
    "courriels": "mail",
}  # fmt: skip
COLONNES_2021 = {
    **COLONNES, "id": "MATRICULE", "nom": "lib_france_services", "adresse": "ADRESSE", "latitude": "LATITUDE",
    "longitude": "LONGITUDE", "telephone": "TELEPHONE", "courriels": "CONTACT.MAIL",
}  # fmt: skip


Listes = dict[str, dict[str, Signes]]


@dataclass(frozen=True)
class Mesure:
    """Pairs joined and pairs shown, those of them that are right, and places that should have been found."""

    automatiques: int
    automatiques_justes: int
    montrees: int
    montrees_justes: int
    trouvees: int
    a_trouver: int

    @property
    def precision_automatique(self) -> float:
        return self.automatiques_justes / self.automatiques

    @property
    def precision(self) -> float:
        return (self.automatiques_justes + self.montrees_justes) / (self.automatiques + self.montrees)

    @property
    def rappel(self) -> float:
        return self.trouvees / self.a_trouver

    def __str__(self) -> str:
        return (
            f"automatiques {self.automatiques_justes}/{self.automatiques} ({self.precision_automatique:.4f}), montrées "
            f"{self.montrees_justes}/{self.montrees}, précision {self.precision:.4f}, rappel "
            f"{self.trouvees}/{self.a_trouver} ({self.rappel:.4f})"
        )


def signes(source: str, lignes: Iterable[dict[str, Any]]) -> dict[str, Signes]:
    traiter = standard({"aujourd_hui": "2026-11-24"})
    lus = {}
    for rang, ligne in enumerate(lignes):
        objet = traiter(LigneBrute(ligne=rang + 1, feuille=None, valeurs=ligne))
        if objet["normalise"]:
            lus[str(ligne["id"])] = lire_signes(source, str(ligne["id"]), json.loads(objet["normalise"]))
    return lus


def lire_csv(chemin: Path) -> dict[str, Signes]:
    with chemin.open(encoding="utf-8-sig") as fichier:
        return signes(chemin.stem, ({n: li[c] for n, c in COLONNES.items()} for li in csv.DictReader(fichier)))


@pytest.fixture(scope="module")
def listes(jeux: Path) -> Listes:
    """The lists of 2021 and 2024, by id."""
    collection = json.loads((jeux / "geo/acteurs/france-services-2021.geojson").read_text(encoding="utf-8"))
    proprietes = (entite["properties"] for entite in collection["features"])
    return {
        "2021": signes("2021", ({n: str(p[c] or "") for n, c in COLONNES_2021.items()} for p in proprietes)),
        "2024": lire_csv(jeux / "geo/acteurs/france-services-20240801.csv"),
    }


def moitie(texte: str) -> int:
    return int(hashlib.sha256(texte.encode()).hexdigest(), 16) % 2


def departement(lu: Signes) -> str:
    return (lu.commune or "00")[:2]


def mesurer(anciens: dict[str, Signes], recents: dict[str, Signes], parmi: Collection[str]) -> Mesure:
    """Compare two lists whole, and count the pairs of some records of the first."""
    toutes = comparer_tout(list(anciens.values()), list(recents.values()))
    comparees = {(a, b): dite for (a, b), dite in toutes.items() if a[0] != b[0]}
    cles = [lu.fiche for lu in (*anciens.values(), *recents.values())]
    groupes = grouper(cles, {paire: dite.score for paire, dite in comparees.items()}, {})
    # no record of a list ever joins another of its list: a group is a record or two
    reunies = {(min(groupe), max(groupe)) for groupe in groupes if len(groupe) == 2}
    autres = meilleures(comparees).keys() - reunies
    sures, montrees = ({(a[1], b[1]) for a, b in paires if a[1] in parmi} for paires in (reunies, autres))
    a_trouver = {id for id in parmi if id in recents and recents[id].commune == anciens[id].commune}
    # a pair that changed commune is right when it is found, and is not among those to find
    return Mesure(
        automatiques=len(sures),
        automatiques_justes=sum(a == b for a, b in sures),
        montrees=len(montrees),
        montrees_justes=sum(a == b for a, b in montrees),
        trouvees=len({a for a, b in sures | montrees if a == b} & a_trouver),
        a_trouver=len(a_trouver),
    )


@pytest.mark.parametrize("laquelle", [0, 1])
def test_france_services_se_retrouve_sans_ses_identifiants(listes: Listes, laquelle: int) -> None:
    anciens, recents = listes["2021"], listes["2024"]
    siens = {id for id, lu in anciens.items() if moitie(departement(lu)) == laquelle}
    mesure = mesurer(anciens, recents, siens)
    print(f"\nFrance services 2021 et 2024, {'mesure' if laquelle else 'réglage'} : {mesure}")
    assert mesure.precision_automatique >= 0.995
    assert mesure.precision >= (0.98 if laquelle else 0.99)
    assert mesure.rappel >= 0.97


@pytest.mark.epreuve
@pytest.mark.parametrize("laquelle", [0, 1])
def test_une_liste_deux_ans_plus_tard_se_retrouve_sans_ses_identifiants(
    listes: Listes, jeux: Path, laquelle: int
) -> None:
    avant, recents = listes["2021"], listes["2024"]
    anciens = lire_csv(jeux / "brut/france-services-20221201.csv")
    mesures = avant.keys() if laquelle else {id for id, lu in avant.items() if moitie(departement(lu)) == 1}
    siens = {id for id in anciens if moitie(id) == laquelle and id not in mesures}
    durables = {id for id in siens if not id.startswith("temp_")}
    stricte, mesure = (mesurer(anciens, recents, parmi) for parmi in (siens, durables))
    partie = "mesure" if laquelle else "réglage"
    print(f"\nFrance services 2022 et 2024, {partie}, {len(durables)} fiches : {mesure}")
    print(f"… avec {len(siens) - len(durables)} identifiants provisoires, que 2024 ne connaît pas : {stricte}")
    assert mesure.precision_automatique >= 0.99
    assert mesure.precision >= 0.99
    assert mesure.rappel >= 0.97
