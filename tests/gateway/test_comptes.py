"""What is taken from the quotas: applications, « unchanged » answers, packs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gateway.comptes import Comptes
from gateway.routes_table import APPLICATIONS, QUOTAS, RELECTURES, Classe
from socle.acces.principal import ANONYME, Principal
from socle.errors import QuotaDepasse
from socle.web.quotas import QuotasMemoire

from gateway import comptes as module
from tests.fabriques.passerelle import Banc, banc

pytestmark = pytest.mark.anyio

CARTE = Principal(sujet="application:carte", nom="Carte", anonyme=True)
AUTRE = Principal(sujet="application:autre", nom="Autre", anonyme=True)
MAIRIE, VOISINE = "192.0.2.1", "198.51.100.1"


def faire() -> Comptes:
    """A hundredth of the quotas: 6 reads for an address, 12 for an application there, 300 for it everywhere."""
    return Comptes(QuotasMemoire(horloge=lambda: 1_800_000_000.0), 0.01)


async def epuiser(comptes: Comptes, qui: Principal, adresse: str, *, borne: int = 1000) -> int:
    """Read until refused; returns how many reads were let in."""
    for servies in range(borne):
        try:
            await comptes.prendre(Classe.LECTURES, qui, adresse)
        except QuotaDepasse:
            return servies
    return borne


async def test_une_application_n_est_pas_punie_par_les_autres_de_son_adresse() -> None:
    comptes = faire()
    assert await epuiser(comptes, ANONYME, MAIRIE) == 6
    assert await epuiser(comptes, AUTRE, MAIRIE) == 12
    assert await epuiser(comptes, CARTE, MAIRIE) == 12


async def test_sans_compte_d_application_elle_serait_punie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "APPLICATIONS", {})
    comptes = faire()
    await epuiser(comptes, ANONYME, MAIRIE)
    assert await epuiser(comptes, CARTE, MAIRIE) == 0


async def test_une_adresse_qui_abuse_n_ote_rien_aux_autres_de_l_application() -> None:
    comptes = faire()
    await epuiser(comptes, CARTE, MAIRIE)
    assert await epuiser(comptes, CARTE, VOISINE) == 12


async def test_une_cle_copiee_ne_laisse_pas_ses_utilisateurs_plus_pauvres_qu_un_anonyme() -> None:
    comptes = faire()
    for rang in range(25):
        assert await epuiser(comptes, CARTE, f"203.0.113.{rang}") == 12
    # All that the application had everywhere is spent: its users have what anybody has at their address.
    assert await epuiser(comptes, CARTE, VOISINE) == 6


async def test_les_deux_politiques_d_une_application_sont_dites() -> None:
    prises = await faire().prendre(Classe.LECTURES, CARTE, MAIRIE)
    dits = dict(prises.entetes)
    assert dits[b"ratelimit-policy"] == b'"application-adresse";q=12;w=60, "application";q=300;w=60'
    assert dits[b"ratelimit"].startswith(b'"application-adresse";r=11;t=')
    assert b', "application";r=299;t=' in dits[b"ratelimit"]


async def test_une_relecture_est_rendue_aux_deux_comptes_d_une_application() -> None:
    comptes = faire()
    for _ in range(20):
        dits = dict(await comptes.rendre(await comptes.prendre(Classe.LECTURES, CARTE, MAIRIE)))
    assert dits[b"ratelimit"].startswith(b'"application-adresse";r=12;t=')
    assert b', "application";r=300;t=' in dits[b"ratelimit"]


async def test_une_ecriture_sous_cle_publiable_compte_pour_son_adresse() -> None:
    assert Classe.ECRITURES not in APPLICATIONS
    prises = await faire().prendre(Classe.ECRITURES, CARTE, MAIRIE)
    assert prises.appelant == f"ip:{MAIRIE}"


def test_une_application_a_toujours_plus_que_son_adresse_seule() -> None:
    for classe, (ici, partout) in APPLICATIONS.items():
        assert QUOTAS[classe][0].nombre <= ici.nombre < partout.nombre
        assert QUOTAS[classe][0].fenetre == ici.fenetre == partout.fenetre


@pytest.fixture
async def b(tmp_path: Path) -> AsyncIterator[Banc]:
    """A hundredth of the quotas: 6 reads, 60 « unchanged » answers."""
    async with banc(tmp_path, quotas_facteur=0.01, cache_secondes=30) as ouvert:
        yield ouvert


async def lire(b: Banc, fois: int, chemin: str = "/annuaire/v1/lieux", **entetes: str) -> list[int]:
    return [(await b.client.get(chemin, headers=entetes)).status_code for _ in range(fois)]


async def test_une_reponse_inchangee_n_est_pas_comptee(b: Banc) -> None:
    b.echo.statut, b.echo.corps = 304, b""
    assert await lire(b, 20) == [304] * 20
    reponse = await b.client.get("/annuaire/v1/lieux")
    assert reponse.headers["ratelimit-policy"] == '"ip";q=6;w=60'
    assert reponse.headers["ratelimit"].startswith('"ip";r=6;t=')


async def test_sans_la_rendre_elle_serait_comptee(b: Banc, monkeypatch: pytest.MonkeyPatch) -> None:
    async def garder(_: Comptes, prises: module.Prises) -> list[tuple[bytes, bytes]]:
        return prises.entetes

    monkeypatch.setattr(Comptes, "rendre", garder)
    b.echo.statut, b.echo.corps = 304, b""
    assert await lire(b, 8) == [304] * 6 + [429] * 2


async def test_une_reponse_inchangee_du_cache_n_est_pas_comptee_non_plus(b: Banc) -> None:
    b.echo.entetes += [(b"cache-control", b"public, max-age=60"), (b"etag", b'W/"1"')]
    assert await lire(b, 1) == [200]
    assert await lire(b, 20, **{"if-none-match": 'W/"1"'}) == [304] * 20
    assert await lire(b, 6) == [200] * 5 + [429]
    assert len(b.echo.recues) == 1


async def test_les_reponses_inchangees_ne_sont_pas_sans_fin(b: Banc) -> None:
    b.echo.statut, b.echo.corps = 304, b""
    statuts = await lire(b, 80)
    assert statuts == [304] * 66 + [429] * 14
    assert RELECTURES.nombre == 10 * QUOTAS[Classe.LECTURES][0].nombre


async def test_une_reponse_entiere_reste_comptee(b: Banc) -> None:
    assert await lire(b, 7) == [200] * 6 + [429]


async def test_un_paquet_n_est_compte_ni_avec_les_lectures_ni_avec_les_exports(tmp_path: Path) -> None:
    async with banc(tmp_path, quotas_facteur=0.01) as b:
        assert await lire(b, 7, "/annuaire/v1/paquets/75") == [200] * 6 + [429]
        assert await lire(b, 1) == [200]
        assert await lire(b, 1, "/annuaire/v1/exports/lieux") == [200]
        reponse = await b.client.get("/annuaire/v1/paquets/75", headers=b.identite)
        assert reponse.headers["ratelimit-policy"] == '"paquets";q=30;w=60'
