"""What the launcher checks before anything starts."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from infra.lanceur import depart
from infra.lanceur.reglages import HOTE, ReglageInvalide, Reglages, Service


def test_un_port_pris_est_nomme_avec_son_service() -> None:
    with socket.create_server((HOTE, 0)) as serveur:
        port = serveur.getsockname()[1]
        with pytest.raises(depart.DepartImpossible, match=rf"{port} \(annuaire\)"):
            depart.verifier_ports([Service("annuaire", port)])


def test_un_port_rendu_convient_de_nouveau() -> None:
    with socket.create_server((HOTE, 0)) as serveur:
        port = serveur.getsockname()[1]
        with pytest.raises(depart.DepartImpossible):
            depart.verifier_ports([Service("annuaire", port)])
    depart.verifier_ports([Service("annuaire", port)])


def test_un_dossier_nouveau_est_cree_avec_des_secrets_fermes(tmp_path: Path) -> None:
    depart.preparer_dossier(tmp_path / "var")
    assert (tmp_path / "var" / "secrets").stat().st_mode & 0o777 == 0o700


def test_un_dossier_deja_prepare_convient(tmp_path: Path) -> None:
    depart.preparer_dossier(tmp_path / "var")
    depart.preparer_dossier(tmp_path / "var")
    assert (tmp_path / "var" / depart.MARQUE).read_text() == depart.AGENCEMENT + "\n"


def test_le_dossier_d_un_autre_agencement_est_refuse_avec_le_remede(tmp_path: Path) -> None:
    depart.preparer_dossier(tmp_path / "var")
    (tmp_path / "var" / depart.MARQUE).write_text("0\n")
    with pytest.raises(depart.DepartImpossible, match="make reset"):
        depart.preparer_dossier(tmp_path / "var")


def test_un_dossier_qui_sert_a_autre_chose_est_refuse_et_laisse_intact(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(depart.DepartImpossible, match="ne sont pas à Maillage"):
        depart.preparer_dossier(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["photo.jpg"]


def test_deux_lanceurs_ne_partagent_pas_un_dossier(tmp_path: Path) -> None:
    with depart.seul_dans(tmp_path), pytest.raises(depart.DepartImpossible, match="déjà"), depart.seul_dans(tmp_path):
        pass


def test_le_dossier_est_rendu_a_la_fin(tmp_path: Path) -> None:
    with depart.seul_dans(tmp_path):
        pass
    with depart.seul_dans(tmp_path):
        assert (tmp_path / depart.VERROU).exists()


def test_la_remise_a_zero_efface_notre_dossier(tmp_path: Path) -> None:
    reglages = Reglages.lire({"MAILLAGE_DONNEES": str(tmp_path / "var")})
    depart.preparer_dossier(reglages.donnees)
    assert depart.remettre_a_zero(reglages)
    assert not reglages.donnees.exists()


def test_la_remise_a_zero_n_efface_pas_le_dossier_d_un_autre(tmp_path: Path) -> None:
    (tmp_path / "these.odt").write_bytes(b"x")
    with pytest.raises(depart.DepartImpossible, match="n'est pas effacé"):
        depart.remettre_a_zero(Reglages.lire({"MAILLAGE_DONNEES": str(tmp_path)}))
    assert (tmp_path / "these.odt").exists()


def test_la_remise_a_zero_attend_que_maillage_soit_arrete(tmp_path: Path) -> None:
    reglages = Reglages.lire({"MAILLAGE_DONNEES": str(tmp_path / "var")})
    depart.preparer_dossier(reglages.donnees)
    with depart.seul_dans(reglages.donnees), pytest.raises(depart.DepartImpossible, match="déjà"):
        depart.remettre_a_zero(reglages)
    assert reglages.donnees.exists()


@pytest.mark.parametrize("port", ["abc", "0", "65533", "-1", "8000.0", "８０００"])
def test_un_port_impossible_est_refuse(port: str) -> None:
    with pytest.raises(ReglageInvalide, match="PORT"):
        Reglages.lire({"PORT": port})


def test_les_quatre_ports_se_suivent() -> None:
    services = Reglages.lire({"PORT": "9000"}).services
    assert {s.nom: s.port for s in services} == {
        "gateway": 9000, "annuaire": 9001, "coordination": 9002, "financement": 9003,
    }  # fmt: skip


def test_la_passerelle_connait_l_adresse_des_services() -> None:
    environnement = Reglages.lire({"PORT": "9000"}).environnement
    assert environnement["GATEWAY_AMONT_ANNUAIRE"] == "http://127.0.0.1:9001"
    assert environnement["MAILLAGE_URL_PUBLIQUE"] == "http://127.0.0.1:9000"


def test_la_base_choisie_par_l_exploitant_est_gardee() -> None:
    environnement = Reglages.lire({"ANNUAIRE_BASE_URL": "postgresql://hote/annuaire"}).environnement
    assert environnement["ANNUAIRE_BASE_URL"] == "postgresql://hote/annuaire"
    assert environnement["GATEWAY_BASE_URL"].startswith("sqlite:/")


@pytest.mark.parametrize(("valeur", "attendu"), [("oui", "true"), ("", "true"), ("non", "false"), ("FALSE", "false")])
def test_la_demonstration_se_refuse(valeur: str, attendu: str) -> None:
    assert Reglages.lire({"MAILLAGE_DEMONSTRATION": valeur}).environnement["MAILLAGE_DEMONSTRATION"] == attendu
