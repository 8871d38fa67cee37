from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.compression import Degonfleur, decompresser
from annuaire.synchronisation.lecteurs.errors import FichierIllisible, FichierTronque, FichierTropGrand

from tests.fabriques.listes import csv_de


def degonfler(octets: bytes, *, bloc: int = 1000) -> bytes:
    degonfleur = Degonfleur()
    sortis = b"".join(
        sorti for debut in range(0, len(octets), bloc) for sorti in degonfleur.nourrir(octets[debut : debut + bloc])
    )
    degonfleur.terminer()
    assert degonfleur.sortis == len(sortis)
    return sortis


@pytest.mark.parametrize("bloc", [1, 7, 1000, 10**9])
def test_le_contenu_est_rendu_quel_que_soit_le_decoupage(bloc: int) -> None:
    contenu = csv_de(200).encode()
    assert degonfler(gzip.compress(contenu, mtime=0), bloc=bloc) == contenu


def test_plusieurs_morceaux_bout_a_bout_sont_un_seul_contenu() -> None:
    assert (
        degonfler(gzip.compress(b"un", mtime=0) + gzip.compress(b"", mtime=0) + gzip.compress(b"deux", mtime=0))
        == b"undeux"
    )


def test_un_fichier_est_decompresse_dans_un_autre(tmp_path: Path) -> None:
    source, cible = tmp_path / "a.gz", tmp_path / "a"
    contenu = csv_de(5000).encode()
    source.write_bytes(gzip.compress(contenu, mtime=0))
    assert decompresser(source, cible) == len(contenu)
    assert cible.read_bytes() == contenu


def test_un_contenu_coupe_est_refuse_et_ne_laisse_rien(tmp_path: Path) -> None:
    source, cible = tmp_path / "a.gz", tmp_path / "a"
    source.write_bytes(gzip.compress(csv_de(5000).encode(), mtime=0)[:-5])
    with pytest.raises(FichierTronque):
        decompresser(source, cible)
    assert not cible.exists()


@pytest.mark.parametrize(
    "octets",
    [b"id,nom\n1,a\n", gzip.compress(b"a", mtime=0) + b"reste", b"\x1f\x8b\x08\xff" + b"x" * 30],
    ids=["texte", "suivi", "abime"],
)
def test_un_contenu_qui_n_est_pas_du_gzip_est_refuse(octets: bytes) -> None:
    with pytest.raises(FichierIllisible) as refus:
        degonfler(octets)
    assert refus.value.statut == 422


def test_un_contenu_vide_est_refuse() -> None:
    with pytest.raises(FichierTronque):
        degonfler(b"")


def test_une_bombe_est_refusee_par_son_rapport() -> None:
    with pytest.raises(FichierTropGrand) as refus:
        degonfler(gzip.compress(bytes(20 * limites.MIO), mtime=0))
    assert (refus.value.statut, refus.value.extra["limite"]) == (413, "ratio")


def test_un_petit_contenu_tres_compressible_passe() -> None:
    assert len(degonfler(gzip.compress(bytes(limites.RATIO_PLANCHER), mtime=0))) == limites.RATIO_PLANCHER


def test_la_taille_permise_passe_et_un_octet_de_plus_est_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limites, "OCTETS_DEGONFLES", 100_000)
    alea = random.Random(2).randbytes(100_001)
    assert len(degonfler(gzip.compress(alea[:-1], mtime=0))) == 100_000
    with pytest.raises(FichierTropGrand) as refus:
        degonfler(gzip.compress(alea, mtime=0))
    assert refus.value.extra["limite"] == "octets"


def test_trop_de_morceaux_est_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limites, "MEMBRES_GZIP", 5)
    assert degonfler(gzip.compress(b"a", mtime=0) * 5) == b"aaaaa"
    with pytest.raises(FichierIllisible):
        degonfler(gzip.compress(b"a", mtime=0) * 6)
