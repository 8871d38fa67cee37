"""What `make run` promises to someone who has just cloned the repository."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from socle.web.client import creer_client_synchrone

from tests.fabriques.maillage import Maillage, lancer

PROCHES = "/annuaire/v1/lieux?proche=48.8566,2.3522&rayon=50000&limite=20"


def test_vingt_lieux_proches_de_paris_reviennent(maillage: Maillage) -> None:
    with creer_client_synchrone(maillage.adresse) as client:
        reponse = client.get(PROCHES)
    assert reponse.status_code == 200
    distances = [lieu["distance_m"] for lieu in reponse.json()["elements"]]
    assert len(distances) == 20
    assert distances == sorted(distances)
    assert distances[-1] <= 50_000


def test_toute_la_demonstration_est_dans_l_annuaire(maillage: Maillage) -> None:
    with creer_client_synchrone(maillage.adresse) as client:
        reponse = client.get("/annuaire/v1/lieux", params={"source": "demonstration", "limite": 1, "compte": "exact"})
    assert reponse.json()["total"] == 5_000


def test_les_lieux_connaissent_les_quartiers_fictifs(maillage: Maillage) -> None:
    with creer_client_synchrone(maillage.adresse) as client:
        reponse = client.get("/annuaire/v1/lieux", params={"qpv": "QN07501X", "limite": 5})
    lieux = reponse.json()["elements"]
    assert lieux
    assert {lieu["qpv"]["code"] for lieu in lieux} == {"QN07501X"}


def test_la_cle_de_demonstration_ouvre_les_sources(maillage: Maillage) -> None:
    with creer_client_synchrone(maillage.adresse, entetes={"Authorization": f"Bearer {maillage.cle}"}) as client:
        reponse = client.get("/annuaire/v1/sources")
    assert "demonstration" in [source["id"] for source in reponse.json()["elements"]]


def test_les_exemples_affiches_repondent(maillage: Maillage) -> None:
    exemples = [ligne.split("'")[1] for ligne in maillage.journal if ligne.strip().startswith("curl '")]
    assert len(exemples) == 2
    with creer_client_synchrone() as client:
        assert [client.get(adresse).status_code for adresse in exemples] == [200, 200]


def test_la_cle_n_est_ni_affichee_ni_lisible_par_d_autres(maillage: Maillage) -> None:
    assert maillage.cle not in "\n".join(maillage.journal)
    assert (maillage.donnees / "cle-demonstration.txt").stat().st_mode & 0o077 == 0


def test_un_service_ne_repond_qu_a_la_passerelle(maillage: Maillage) -> None:
    with creer_client_synchrone(f"http://127.0.0.1:{maillage.port + 1}") as client:
        assert client.get(PROCHES).status_code == 401


def test_un_deuxieme_lancement_sur_les_memes_ports_dit_quoi_faire(maillage: Maillage, tmp_path: Path) -> None:
    second = lancer(tmp_path / "var", port=maillage.port)
    assert second.attendre_la_fin() == 1
    journal = "\n".join(second.journal)
    assert f"{maillage.port} (gateway)" in journal
    assert "PORT=" in journal
    assert "Traceback" not in journal


def test_un_deuxieme_lancement_dans_le_meme_dossier_dit_quoi_faire(maillage: Maillage) -> None:
    second = lancer(maillage.donnees)
    assert second.attendre_la_fin() == 1
    assert "MAILLAGE_DONNEES=" in "\n".join(second.journal)


# SIGTERM also ends the Maillage of the other tests, which checks the same.
@pytest.mark.parametrize("numero", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.epreuve)])
def test_un_signal_arrete_les_quatre_processus_et_rend_les_ports(tmp_path: Path, numero: signal.Signals) -> None:
    lance = lancer(tmp_path / "var", MAILLAGE_DEMONSTRATION="non", ANNUAIRE_COLLECTIVITES="false")
    try:
        lance.attendre()
    finally:
        code = lance.arreter(numero)
    assert code == 0, "\n".join(lance.journal)
    lance.rendre_les_ports()


def test_la_mort_d_un_service_arrete_tout_et_le_dit(tmp_path: Path) -> None:
    lance = lancer(tmp_path / "var", MAILLAGE_DEMONSTRATION="non", ANNUAIRE_BASE_URL="mysql:absente")
    assert lance.attendre_la_fin() == 1
    assert "annuaire" in "\n".join(lance.journal)
