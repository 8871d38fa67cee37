"""Orientation through its route: what is proposed and why, what is refused, and that nothing of it is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from annuaire.recherche.orientation import service
from annuaire.recherche.orientation.rules import Orientation, orienter
from socle.donnees.db import Database
from socle.web.lecture_rapide import Service
from sqlalchemy import text

from tests.annuaire.recherche.conftest import Chercheur
from tests.fabriques.repertoire import metres

pytestmark = pytest.mark.anyio

GRENOBLE = {"latitude": 45.18, "longitude": 5.72}
SERVICE = "Aide aux démarches administratives"


async def _lire(chercheur: Chercheur, **demande: Any) -> Any:
    reponse = await chercheur.orienter(**demande)
    assert reponse.status_code == 200, reponse.text
    assert reponse.headers["cache-control"] == "no-store"
    return reponse.json()


async def test_chaque_proposition_dit_vrai_et_dit_pourquoi(chercheur: Chercheur) -> None:
    lue = await _lire(
        chercheur, services=["aide-aux-demarches-administratives"], point=GRENOBLE, distance_max_m=60_000,
        quand="maintenant", gratuit=True, limite=10,
    )  # fmt: skip
    assert lue["propositions"]
    assert not lue["assouplie"]
    fiches = {fiche["id"]: fiche for fiche in chercheur.fiches}
    for proposition in lue["propositions"]:
        lieu, raisons = proposition["lieu"], proposition["raisons"]
        fiche = fiches[lieu["id"]]
        assert SERVICE in fiche["services"]
        assert f"propose « {SERVICE} »" in raisons
        assert ("gratuit" in raisons) == ("Gratuit" in fiche["frais_a_charge"])
        assert abs(lieu["distance_m"] - metres(fiche, GRENOBLE["latitude"], GRENOBLE["longitude"])) <= 1
        assert lieu["distance_m"] <= 60_000
        assert any(raison.startswith("à ") and raison.endswith("m") for raison in raisons)
        dit_ouvert = any("maintenant" in raison for raison in raisons)
        assert dit_ouvert == (lieu["ouverture"]["etat"] in ("ouvert", "ouvert_sur_rdv"))
        if lieu["ouverture"]["etat"] == "inconnu":
            assert any(reserve.startswith("horaires inconnus") for reserve in proposition["reserves"])
    rangs = [
        {"ouvert": 0, "ouvert_sur_rdv": 0, "inconnu": 1}[p["lieu"]["ouverture"]["etat"]] for p in lue["propositions"]
    ]
    assert rangs == sorted(rangs)


async def test_un_besoin_en_mots_trouve_ce_qui_en_parle(chercheur: Chercheur) -> None:
    lue = await _lire(chercheur, besoin="médiathèque", code_insee="38185", distance_max_m=60_000)
    assert lue["propositions"]
    assert not lue["assouplie"]
    fiches = {fiche["id"]: fiche for fiche in chercheur.fiches}
    for proposition in lue["propositions"]:
        ecrit = json.dumps(fiches[proposition["lieu"]["id"]], ensure_ascii=False).lower()
        assert "médiathèque" in ecrit or "bibliothèque" in ecrit or '"bib"' in ecrit


async def test_le_moment_demande_est_celui_dont_on_parle(chercheur: Chercheur) -> None:
    nuit = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
    lue = await _lire(chercheur, point=GRENOBLE, distance_max_m=60_000, quand=nuit.isoformat(), limite=10)
    etats = await chercheur.repertoire.etats_a(nuit)
    for proposition in lue["propositions"]:
        assert proposition["lieu"]["ouverture"]["etat"] == etats[proposition["lieu"]["id"]]


async def test_rien_ne_tient_tout_la_reponse_dit_ce_qui_a_ete_lache(chercheur: Chercheur) -> None:
    loin = await _lire(chercheur, services=[SERVICE], point={"latitude": 45.0, "longitude": 6.3}, distance_max_m=1_000)
    assert (loin["assouplie"], loin["propositions"]) == (False, []) or loin["assouplissements"][0]["contrainte"] == (
        "distance"
    )
    mots = await _lire(chercheur, besoin="zzyzx qwertz", point=GRENOBLE, distance_max_m=60_000)
    assert [a["contrainte"] for a in mots["assouplissements"]] == ["mots"]
    assert mots["propositions"]
    langue = await _lire(chercheur, point=GRENOBLE, distance_max_m=60_000, langue="br", limite=10)
    assert langue["propositions"]
    assert all("langue" in p["inconnues"] for p in langue["propositions"]) or langue["assouplie"]


async def test_au_milieu_de_l_ocean_la_liste_est_vide_et_le_dit(chercheur: Chercheur) -> None:
    lue = await _lire(chercheur, besoin="médiathèque", point={"latitude": -50, "longitude": -150})
    assert (lue["propositions"], lue["assouplie"], lue["mots_abandonnes"]) == ([], False, [])


async def test_a_distance_ceux_qui_aident_de_loin_sont_admis(chercheur: Chercheur) -> None:
    demande: dict[str, Any] = {"point": {"latitude": -50, "longitude": -150}, "limite": 10}
    lue = await _lire(chercheur, a_distance=True, **demande)
    assert lue["propositions"]
    for proposition in lue["propositions"]:
        assert "À distance" in proposition["lieu"]["modalites_accompagnement"]
        assert "peut aider à distance" in proposition["raisons"]


async def test_un_lieu_sans_public_n_est_jamais_propose(chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch) -> None:
    vus: list[Orientation] = []

    def noter(besoin: Any, candidats: Any, limite: int, **options: Any) -> Orientation:
        vus.append(orienter(besoin, [c for c in candidats if not c.recoit_du_public], limite, **options))
        return orienter(besoin, candidats, limite, **options)

    monkeypatch.setattr(service, "orienter", noter)
    lue = await _lire(chercheur, besoin="Ce lieu n'accueille pas de public", code_insee="75056", distance_max_m=100_000)
    sans_public = {f["id"] for f in chercheur.fiches if "Ce lieu n'accueille pas de public" in f["modalites_acces"]}
    assert not {p["lieu"]["id"] for p in lue["propositions"]} & sans_public
    assert all(vu.choix == () for vu in vus)


async def test_un_lieu_retire_pendant_la_recherche_n_est_pas_montre(
    chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch
) -> None:
    demande: dict[str, Any] = {"point": GRENOBLE, "distance_max_m": 60_000, "limite": 10}
    avant = [p["lieu"]["id"] for p in (await _lire(chercheur, **demande))["propositions"]]
    tableau = chercheur.annuaire.contexte.modele.tableau
    rang = tableau.rangs[avant[0]]
    document = tableau.documents[rang]

    def retirer(*args: Any, **options: Any) -> Orientation:
        tableau.documents[rang], tableau.vivants[rang] = None, False
        return orienter(*args, **options)

    monkeypatch.setattr(service, "orienter", retirer)
    try:
        apres = [p["lieu"]["id"] for p in (await _lire(chercheur, **demande))["propositions"]]
    finally:
        tableau.documents[rang], tableau.vivants[rang] = document, True
        tableau.compacts[rang] = None
    assert apres == avant[1:]


@pytest.mark.parametrize(
    ("demande", "ou"),
    [
        ({}, ""),
        ({"point": GRENOBLE, "code_insee": "38185"}, ""),
        ({"point": {"latitude": 91, "longitude": 0}}, "/point/latitude"),
        ({"point": {"latitude": "NaN", "longitude": 0}}, "/point/latitude"),
        ({"point": GRENOBLE, "besoin": "a" * 201}, "/besoin"),
        ({"point": GRENOBLE, "services": ["rien"]}, "/services/0"),
        ({"point": GRENOBLE, "quand": "demain"}, "/quand"),
        ({"point": GRENOBLE, "quand": "2075-01-01T00:00:00Z"}, "/quand"),
        ({"point": GRENOBLE, "distance_max_m": 10**9}, "/distance_max_m"),
        ({"point": GRENOBLE, "limite": 11}, "/limite"),
        ({"point": GRENOBLE, "langue": "français"}, "/langue"),
        ({"point": GRENOBLE, "visibility": False}, "/visibility"),
    ],
    ids=str,
)
async def test_une_demande_fausse_est_refusee_a_sa_place(chercheur: Chercheur, demande: Any, ou: str) -> None:
    refus = await chercheur.orienter(**demande)
    assert refus.status_code == 422, refus.text
    assert ou in {faute["pointer"].replace("/constrained-str", "") for faute in refus.json()["erreurs"]}


async def test_une_commune_inconnue_est_un_404(chercheur: Chercheur) -> None:
    refus = await chercheur.orienter(code_insee="99999")
    assert (refus.status_code, refus.json()["type"]) == (404, "/problemes/territoire-inconnu")


async def test_rien_d_une_demande_n_est_ecrit_ni_garde(
    chercheur: Chercheur, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, point = "ordonnance zzsecretzz", {"latitude": -51.123456, "longitude": -151.654321}
    await _lire(chercheur, besoin=secret, point=point, quand="maintenant")
    await chercheur.get(q=secret, proche="-51.123456,-151.654321")
    await chercheur.get("/suggestions", q=secret, proche="-51.123456,-151.654321")
    assert (await chercheur.orienter(besoin=secret, point=point, limite="x")).status_code == 422
    assert isinstance(chercheur.annuaire.app, Service)
    assert chercheur.annuaire.app.raccourci is not None
    # request lines wait for one another
    chercheur.annuaire.app.raccourci._lignes.vider()
    journal, mesures = capsys.readouterr(), chercheur.annuaire.app.state.mesures.exposer().decode()
    assert '"route": "/annuaire/v1/orientation"' in journal.out
    assert "/annuaire/v1/orientation" in mesures
    base = await _octets(chercheur.annuaire.base)
    for trace in ("zzsecretzz", "51.123", "151.65"):
        assert trace not in journal.out + journal.err
        assert trace not in mesures
        assert trace.encode() not in base


async def _octets(base: Database) -> bytes:
    """Read every byte of the database, its journal included."""
    async with base.read() as session:
        fichier = Path((await session.execute(text("PRAGMA database_list"))).one()[2])
    return b"".join(part.read_bytes() for part in (fichier, fichier.with_name(fichier.name + "-wal")) if part.exists())
