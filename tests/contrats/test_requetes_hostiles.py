"""Whatever is sent, the answer is a clear problem: never a fault of ours, never a word of the inside."""

from __future__ import annotations

import asyncio

import pytest

from tests.contrats.conftest import Banc
from tests.fabriques.bombardement import Releve, Reponse, bombarder, juger
from tests.fabriques.requetes_hostiles import Requete, Tireur

GRAINE = 20270101
PROBLEME = (
    b'{"type":"/problemes/introuvable","title":"Cet objet n\'existe pas","status":404,"detail":"Rien.",'
    b'"instance":"urn:uuid:01970000-0000-7000-8000-000000000000","erreurs":[]}'
)
ENTETES = {"content-type": "application/problem+json"}


def tireur(banc: Banc, graine: int) -> Tireur:
    semences = banc.semences
    connus = {
        "id": (*semences.lieux, *semences.structures, *semences.synchronisations, *semences.cles, *semences.doublons),
        "source_id": semences.sources,
        "fermeture_id": semences.fermetures,
        "signalement_id": semences.signalements,
        "suivi": semences.suivis,
        "code": ("38185", "01", "11", "QN07501X", "introuvable"),
        "nom": ("services", "licences"),
        "objets": ("lieux", "structures"),
        "proche": ("48.8566,2.3522",),
        "departement": ("38", "2A"),
    }
    return Tireur(banc.contrat, connus, banc.cle, graine)


def bombarder_de(banc: Banc, nombre: int, graine: int) -> Releve:
    tir = tireur(banc, graine)
    return asyncio.run(bombarder(banc.adresse, (tir.tirer() for _ in range(nombre))))


def test_mille_requetes_hostiles_ont_toutes_une_reponse_claire(banc: Banc) -> None:
    avant = len(banc.traces())
    releve = bombarder_de(banc, 1_000, GRAINE)
    assert releve.fautes == []
    assert releve.envoyees == 1_000
    assert releve.problemes >= 500
    assert banc.traces()[avant:] == []


@pytest.mark.epreuve
def test_vingt_mille_requetes_hostiles_ont_toutes_une_reponse_claire(banc: Banc) -> None:
    avant = len(banc.traces())
    releve = bombarder_de(banc, 20_000, GRAINE + 1)
    print(f"\n{releve.resume()}")
    assert releve.fautes == []
    assert releve.envoyees == 20_000
    assert releve.problemes >= 10_000
    assert banc.traces()[avant:] == []


def test_une_meme_graine_tire_les_memes_requetes(banc: Banc) -> None:
    premier, second, autre = (tireur(banc, graine) for graine in (1, 1, 2))
    tirees = [premier.tirer().octets for _ in range(200)]
    assert [second.tirer().octets for _ in range(200)] == tirees
    assert [autre.tirer().octets for _ in range(200)] != tirees


def test_un_probleme_conforme_n_a_aucune_faute() -> None:
    assert list(juger(Reponse(404, ENTETES, PROBLEME))) == []


@pytest.mark.parametrize(
    ("statut", "type_media", "corps"),
    [
        (500, ENTETES["content-type"], PROBLEME.replace(b"404", b"500")),
        (404, "text/plain; charset=utf-8", b"Not Found"),
        (404, ENTETES["content-type"], b"Not Found"),
        (400, ENTETES["content-type"], PROBLEME),
        (404, ENTETES["content-type"], PROBLEME.replace(b'"erreurs":[]', b'"autre":[]')),
        (404, ENTETES["content-type"], PROBLEME.replace(b'"erreurs":[]', b'"erreurs":[{"code":"a"}]')),
        (404, ENTETES["content-type"], PROBLEME.replace(b"urn:uuid:", b"")),
        (404, ENTETES["content-type"], PROBLEME.replace(b"Rien.", b"Traceback (most recent call last)")),
    ],
)
def test_chaque_defaut_d_un_probleme_est_vu(statut: int, type_media: str, corps: bytes) -> None:
    assert list(juger(Reponse(statut, {"content-type": type_media}, corps)))


def test_une_requete_juste_sans_reponse_est_une_faute() -> None:
    releve = Releve()
    releve.noter(Requete(b"GET / HTTP/1.1\r\n\r\n", b"GET", brute=True), None)
    assert releve.fautes == []
    releve.noter(Requete(b"GET / HTTP/1.1\r\n\r\n", b"GET"), None)
    assert len(releve.fautes) == 1
