"""Resolution measured on real lists: rates, kinds of findings, disagreements with the INSEE code that is the truth.

Only names and codes of communes are read; the figures are printed, the floors asserted.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.resolution import Resolution, resoudre

pytestmark = pytest.mark.donnees_reelles


@dataclass(frozen=True)
class Ligne:
    nom: str
    code_postal: str
    code_insee: str
    latitude: float | None
    longitude: float | None

    def resoudre(self, referentiel: Referentiel, *, insee: bool, point: bool) -> Resolution:
        return resoudre(
            referentiel,
            nom=self.nom,
            code_postal=self.code_postal,
            code_insee=self.code_insee if insee else None,
            latitude=self.latitude if point else None,
            longitude=self.longitude if point else None,
        )


def degres(valeur: Any) -> float | None:
    try:
        return float(str(valeur).replace(",", ".")) or None
    except ValueError:
        return None


def lire_standard(chemin: Path) -> list[Ligne]:
    def texte(valeur: Any) -> str:
        return "" if valeur is None else str(valeur)

    return [
        Ligne(
            texte(r.get("commune")),
            texte(r.get("code_postal")),
            texte(r.get("code_insee")),
            degres(r.get("latitude")),
            degres(r.get("longitude")),
        )
        for r in json.loads(chemin.read_text(encoding="utf-8"))
    ]


def lire_france_services(jeux: Path) -> list[Ligne]:
    with (jeux / "geo" / "acteurs" / "france-services-20240801.csv").open(encoding="utf-8") as flux:
        return [
            Ligne(r["lib_com"], r["code_postal"], r["insee_com"], degres(r["latitude"]), degres(r["longitude"]))
            for r in csv.DictReader(flux)
        ]


@pytest.mark.parametrize(
    ("liste", "lignes", "sans_commune"),
    [
        ("cnfs-v0", 4_930, 4),
        ("hinaura-v0", 687, 0),
        ("hub-du-sud-v0", 792, 4),
        ("hub-du-sud-v1-partiel", 646, 4),
        ("charente-v0", 188, 0),
        ("charente-v1-partiel", 188, 0),
        ("nouvelle-caledonie-v1-partiel", 90, 0),
    ],
)
def test_presque_toutes_les_lignes_des_listes_trouvent_leur_commune(
    jeux: Path,
    referentiel: Referentiel,
    capsys: pytest.CaptureFixture[str],
    liste: str,
    lignes: int,
    sans_commune: int,
) -> None:
    lues = lire_standard(jeux / "standard" / f"{liste}.json")
    assert len(lues) == lignes
    resolues = [ligne.resoudre(referentiel, insee=True, point=True) for ligne in lues]
    nom_et_code = [ligne.resoudre(referentiel, insee=False, point=False) for ligne in lues]
    perdues = sum(r.commune is None for r in resolues)
    with capsys.disabled():
        taux, seuls = 1 - perdues / lignes, sum(r.commune is not None for r in nom_et_code) / lignes
        print(f"\n{liste} : {taux:.2%} de {lignes} ; nom et code postal seuls {seuls:.2%}")
        print(f"  méthodes {dict(Counter(r.methode for r in resolues).most_common())}")
        print(f"  constats {dict(Counter(c.code for r in resolues for c in r.constats).most_common())}")
    assert perdues <= sans_commune
    # Nothing is guessed without a word: only an exact agreement is silent.
    surs = {"insee", "nom_code_postal", "nom_departement"}
    assert all(r.constats for r in resolues if r.methode not in surs)


@pytest.mark.parametrize(("point", "justes", "autres"), [(True, 2_845, 0), (False, 2_843, 0)])
def test_sans_code_insee_les_france_services_retrouvent_leur_vraie_commune(
    jeux: Path,
    referentiel: Referentiel,
    capsys: pytest.CaptureFixture[str],
    point: bool,
    justes: int,
    autres: int,
) -> None:
    lignes = lire_france_services(jeux)
    genres: Counter[str] = Counter()
    for ligne in lignes:
        verite = referentiel.actuelle(ligne.code_insee)
        assert verite is not None
        resolution = ligne.resoudre(referentiel, insee=False, point=point)
        if resolution.commune is None:
            genres["non résolue"] += 1
        elif resolution.commune != verite:
            genres[f"autre commune ({resolution.methode})"] += 1
        else:
            genres["juste"] += 1
    with capsys.disabled():
        print(f"\nFrance services {'avec' if point else 'sans'} le point : {dict(genres)}")
    assert len(lignes) == 2_845
    assert genres["juste"] >= justes
    assert sum(n for genre, n in genres.items() if genre.startswith("autre")) <= autres


def test_le_code_insee_des_france_services_n_est_jamais_change(jeux: Path, referentiel: Referentiel) -> None:
    for ligne in lire_france_services(jeux):
        resolution = ligne.resoudre(referentiel, insee=True, point=True)
        assert (resolution.commune, resolution.methode) == (referentiel.actuelle(ligne.code_insee), "insee")


def test_l_arrondissement_se_retrouve_sans_le_code_insee(jeux: Path, referentiel: Referentiel) -> None:
    lignes = [ligne for ligne in lire_france_services(jeux) if referentiel.arrondissement(ligne.code_insee)]
    assert len(lignes) > 20
    for ligne in lignes:
        resolution = ligne.resoudre(referentiel, insee=False, point=False)
        assert resolution.arrondissement == ligne.code_insee


def test_les_codes_insee_faux_de_nouvelle_caledonie_sont_vus(jeux: Path, referentiel: Referentiel) -> None:
    lignes = lire_standard(jeux / "standard" / "nouvelle-caledonie-v1-partiel.json")
    resolues = [ligne.resoudre(referentiel, insee=True, point=True) for ligne in lignes]
    assert all(r.departement == "988" for r in resolues)
    contredits = [c for r in resolues for c in r.constats if c.code == "code_insee_contradictoire"]
    assert {(c.valeur, c.suggestion) for c in contredits} == {("63236", "98817")}
    assert len(contredits) == 9
