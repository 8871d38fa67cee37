"""Secrets on disk."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from socle.acces.cles import lire_cle_privee, preparer_cles
from socle.acces.secrets import SecretRefuse, ecrire_prive, lire_ou_creer, lire_prive


def test_un_secret_est_cree_une_fois_en_mode_600(tmp_path: Path) -> None:
    premier = lire_ou_creer(tmp_path / "secrets", "poivre")
    assert len(premier) == 32
    assert lire_ou_creer(tmp_path / "secrets", "poivre") == premier
    assert stat.S_IMODE((tmp_path / "secrets" / "poivre").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_des_processus_qui_demarrent_ensemble_lisent_le_meme_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as fils:
        lus = set(fils.map(lambda _: lire_ou_creer(tmp_path, "poivre"), range(64)))
    assert len(lus) == 1
    assert [f.name for f in tmp_path.iterdir()] == ["poivre"]


def test_un_secret_lisible_par_d_autres_est_refuse(tmp_path: Path) -> None:
    lire_ou_creer(tmp_path, "poivre")
    (tmp_path / "poivre").chmod(0o640)
    with pytest.raises(SecretRefuse, match="chmod 600"):
        lire_ou_creer(tmp_path, "poivre")


def test_un_secret_trop_court_est_refuse(tmp_path: Path) -> None:
    ecrire_prive(tmp_path / "poivre", b"court")
    with pytest.raises(SecretRefuse, match="32"):
        lire_ou_creer(tmp_path, "poivre")


def test_un_fichier_deja_la_n_est_remplace_que_sur_demande(tmp_path: Path) -> None:
    assert ecrire_prive(tmp_path / "a", b"1")
    assert not ecrire_prive(tmp_path / "a", b"2")
    assert lire_prive(tmp_path / "a") == b"1"
    assert ecrire_prive(tmp_path / "a", b"3", remplacer=True)
    assert lire_prive(tmp_path / "a") == b"3"


def test_une_cle_de_signature_lisible_par_d_autres_est_refusee(tmp_path: Path) -> None:
    kid = preparer_cles(tmp_path)
    (tmp_path / f"{kid}.prive.pem").chmod(0o644)
    with pytest.raises(SecretRefuse):
        lire_cle_privee(tmp_path)


def test_sans_cle_de_signature_le_message_le_dit(tmp_path: Path) -> None:
    with pytest.raises(SecretRefuse, match="Aucune clé"):
        lire_cle_privee(tmp_path)
