"""Large exports: memory stays flat, and a hundred thousand rows come back as they were."""

from __future__ import annotations

import json
import time
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from annuaire.exports import service
from annuaire.exports.redaction import EnCsv
from annuaire.exports.service import Demande, copier
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.repository import LOT_PARCOURU
from annuaire.standard.colonnes import COLONNES, reconnaitre_entetes
from annuaire.standard.lecture import lire
from annuaire.territoires.referentiel import Referentiel
from socle.web.cloisons import Cloison

from tests.fabriques.annuaire import Annuaire, liste
from tests.fabriques.formules import relire
from tests.fabriques.grand_annuaire import SOURCE, mesurer, modeles

LIEUX = 100_000
MEMOIRE_MO = 30.0
LOT = 500
FORMATS = ("ndjson", "json", "csv", "excel", "geojson")


async def _morceaux(annuaire: Annuaire, source: str, format: service.NomDeFormat) -> list[int]:
    copie = await copier(annuaire.base, Cloison(1), Demande(format=format, source=source))
    try:
        return [len(morceau) async for morceau in copie.morceaux]
    finally:
        await copie.fermer()


@pytest.mark.anyio
async def test_un_export_part_par_petits_morceaux(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(900, presentation_detail="Un texte fictif. " * 40))
    for format in FORMATS:
        tailles = await _morceaux(annuaire, source, format)
        assert len(tailles) > 3, format
        # a morsel is sent once it is full, so it holds one batch of rows too many at most
        assert max(tailles) < service.MORCEAU + LOT_PARCOURU * 4_000
    monkeypatch.setattr(service, "MORCEAU", 10**9)
    assert len(await _morceaux(annuaire, source, "csv")) == 1


@pytest.mark.epreuve
def test_cent_mille_lieux_sortent_sans_que_la_memoire_monte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chemins = [f"/annuaire/v1/exports/lieux?format={format}" for format in FORMATS]
    chemins.append(f"/annuaire/v1/sources/{SOURCE}/lieux.csv")
    mesures = mesurer(tmp_path, LIEUX, chemins)
    with capsys.disabled():
        for chemin, m in mesures.items():
            print(
                f"\n  {chemin} : {m.lignes} lignes, {m.octets / 1e6:.0f} Mo, premier octet "
                f"{m.premier_octet_s * 1e3:.0f} ms, {m.lignes / m.duree_s:.0f} lignes/s, mémoire {m.memoire_mo:+.1f} Mo"
            )
    assert min(m.lignes for m in mesures.values()) >= LIEUX
    assert max(m.memoire_mo for m in mesures.values()) <= MEMOIRE_MO


@pytest.mark.epreuve
@pytest.mark.parametrize("tableur", [False, True])
def test_cent_mille_lignes_ecrites_puis_relues_sont_les_memes(
    tableur: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    referentiel, entetes = Referentiel.charger(), reconnaitre_entetes(list(COLONNES))
    modeles_lus = modeles()
    fiches = (
        LieuNormalise.de_dict({**modeles_lus[rang % len(modeles_lus)].en_dict(), "nom": f"Lieu fictif {rang}"})
        for rang in range(LIEUX)
    )
    debut, lues = time.perf_counter(), 0
    while lot := list(islice(fiches, LOT)):
        redaction = EnCsv(tableur=tableur)
        documents = [json.dumps({"id": f"cle-{lues + i}", **f.en_dict()}).encode() for i, f in enumerate(lot)]
        octets = redaction.debut() + redaction.lot(documents)
        _, *lignes = relire(octets, delimiteur=";" if tableur else ",")
        for rang, (cellules, fiche) in enumerate(zip(lignes, lot, strict=True)):
            lecture = lire(
                dict(zip(COLONNES, cellules, strict=True)),
                entetes=entetes, referentiel=referentiel, aujourd_hui=date(2026, 11, 24),
            )  # fmt: skip
            assert (lecture.cle, lecture.normalise) == (f"cle-{lues + rang}", fiche)
        lues += len(lot)
    with capsys.disabled():
        print(f"\n  {lues} lignes écrites et relues ({'tableur' if tableur else 'RFC 4180'}), 0 différente, "
              f"{time.perf_counter() - debut:.0f} s")  # fmt: skip
    assert lues == LIEUX
