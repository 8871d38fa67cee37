"""How heavy packs are: on the real lists together, and on a country of 25,000 fictional places."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import pytest
from annuaire.demonstration.__main__ import listes_du_standard
from annuaire.demonstration.generateur import NOMBRE, engendrer

from tests.fabriques.annuaire import Annuaire, en_json, ouvrir

pytestmark = [pytest.mark.anyio, pytest.mark.epreuve]

OCTETS_MAX = 80_000
LIEUX_ORDINAIRES = 300
"""Twice what a département has in the real lists, nine times out of ten."""

TYPES = {".json": "application/json", ".csv": "text/csv"}


def repartition(valeurs: Sequence[float], unite: str) -> str:
    rangees = sorted(valeurs)
    return (
        f"médiane {median(rangees):.1f} {unite}, 9e décile {rangees[len(rangees) * 9 // 10]:.1f}, "
        f"maximum {rangees[-1]:.1f}"
    )


async def peser(annuaire: Annuaire) -> tuple[list[tuple[int, int]], str]:
    """Ask for every pack that has places; return (places, compressed bytes) of each, and the figures to print."""
    pesees: list[tuple[int, int]] = []
    durees: list[float] = []
    for departement in annuaire.contexte.situeur.referentiel.departements():
        debut = time.perf_counter()
        reponse = await annuaire.get(f"/paquets/{departement.code}", entetes={"Accept-Encoding": "gzip"})
        duree = time.perf_counter() - debut
        assert reponse.status_code == 200, reponse.text
        if lieux := reponse.json()["lieux"]:
            pesees.append((len(lieux), int(reponse.headers["Content-Length"])))
            durees.append(duree * 1000)
    assert annuaire.app is not None
    entrees, octets = annuaire.app.state.paquets.reserve.taille
    figures = (
        f"{sum(n for n, _ in pesees)} lieux, {len(pesees)} départements"
        f" ({repartition([n for n, _ in pesees], 'lieux')})"
        f"\n    paquets : {repartition([o / 1000 for _, o in pesees], 'ko')}"
        f" ; construction : {repartition(durees, 'ms')}"
        f" ; réserve : {entrees} paquets, {octets / 1e6:.1f} Mo"
    )
    return pesees, figures


def verifier(pesees: Sequence[tuple[int, int]]) -> None:
    ordinaires = [octets for lieux, octets in pesees if lieux <= LIEUX_ORDINAIRES]
    assert len(ordinaires) > len(pesees) // 2
    assert max(ordinaires) <= OCTETS_MAX


@pytest.mark.donnees_reelles
async def test_les_paquets_des_listes_reelles_reunies(
    tmp_path: Path, jeux: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as annuaire:
        fichiers = sorted(f for f in (jeux / "standard").iterdir() if "schema" not in f.name)
        for fichier in fichiers:
            source = await annuaire.creer_source(cle_derivee=["nom", "adresse", "code_insee"])
            reponse = await annuaire.envoyer(source, fichier.read_bytes(), type_mime=TYPES[fichier.suffix])
            run = await annuaire.finir(reponse.json()["id"])
            if run["etat"] == "retenue":
                confirmees = {g["regle"]: g["valeur"] for g in run["garde"] if g["declenchee"]}
                forcee = await annuaire.post(
                    f"/synchronisations/{run['id']}/application",
                    corps={"confirmer": confirmees, "motif": "mesure"},
                )
                assert forcee.status_code in (200, 202), forcee.text
                run = await annuaire.finir(run["id"])
            assert run["etat"] == "appliquee", (fichier.name, run)
        pesees, figures = await peser(annuaire)
    assert len(fichiers) == 8
    with capsys.disabled():
        print(f"\n  {len(fichiers)} listes réelles : {figures}")
    verifier(pesees)


async def test_les_paquets_d_un_pays_de_vingt_cinq_mille_lieux(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as annuaire:
        communes = list(annuaire.contexte.situeur.referentiel.communes())
        for graine in range(5):
            lignes = list(engendrer(communes, listes_du_standard(), nombre=NOMBRE, graine=graine))
            source = await annuaire.creer_source()
            reponse = await annuaire.envoyer(source, en_json(lignes))
            assert (await annuaire.finir(reponse.json()["id"], secondes=120))["etat"] == "appliquee"
        pesees, figures = await peser(annuaire)
    assert sum(n for n, _ in pesees) == 5 * NOMBRE
    with capsys.disabled():
        print(f"\n  Démonstration : {figures}")
    verifier(pesees)
