"""Suggestions as one types."""

from __future__ import annotations

import json

import pytest
from annuaire.recherche import suggerer

from tests.annuaire.recherche.conftest import Chercheur

pytestmark = pytest.mark.anyio


async def _suggerees(chercheur: Chercheur, q: str, **options: object) -> list[dict[str, object]]:
    lues: list[dict[str, object]] = (await chercheur.lire("/suggestions", q=q, **options))["suggestions"]
    return lues


async def test_une_commune_se_propose_par_son_debut_la_plus_peuplee_d_abord(chercheur: Chercheur) -> None:
    lues = await _suggerees(chercheur, "greno")
    assert lues[0]["libelle"] == "Grenoble"
    assert (lues[0]["genre"], lues[0]["code"], lues[0]["filtre"]) == ("commune", "38185", {"code_insee": "38185"})
    assert str(lues[0]["detail"]).startswith("Isère (38)")
    saints = [lue["libelle"] for lue in await _suggerees(chercheur, "st den") if lue["genre"] == "commune"]
    assert saints[0] == "Saint-Denis"
    (postal,) = [lue["libelle"] for lue in await _suggerees(chercheur, "38000") if lue["genre"] == "commune"]
    assert postal == "Grenoble"


async def test_chaque_suggestion_mene_a_ce_qu_elle_annonce(chercheur: Chercheur) -> None:
    for q in ("greno", "démarches adm", "mediatheque", "organisme f"):
        lues = await _suggerees(chercheur, q)
        assert lues, q
        for lue in lues:
            reponse = await chercheur.annuaire.get(str(lue["lien"]))
            assert reponse.status_code == 200, lue
            if lue["genre"] in ("lieu", "structure"):
                assert (reponse.json()["id"], reponse.json()["nom"]) == (lue["id"], lue["libelle"])
            else:
                assert reponse.json()["total"] >= 0
                assert lue["filtre"]


async def test_les_quatre_genres_se_proposent(chercheur: Chercheur) -> None:
    questions = ("greno", "aide aux", "mediath", "organisme")
    genres = {lue["genre"] for q in questions for lue in await _suggerees(chercheur, q)}
    assert genres == {"commune", "service", "lieu", "structure"}


async def test_a_merite_egal_le_plus_proche_d_abord(chercheur: Chercheur) -> None:
    lues = await _suggerees(chercheur, "relais fictif", proche="43.29,5.38", limite=5)
    loins = [lue["distance_m"] for lue in lues if lue["distance_m"] is not None]
    assert len(loins) > 2
    assert loins == sorted(loins)  # type: ignore[type-var]


async def test_rien_de_tape_ne_propose_rien_et_la_limite_est_tenue(chercheur: Chercheur) -> None:
    for vide in ("", " ", "!!", "\u200b"):
        assert await _suggerees(chercheur, vide) == []
    assert len(await _suggerees(chercheur, "m", limite=3)) == 3
    for faux in ({"q": "a", "limite": 21}, {"q": "a" * 201}, {"q": "a", "proche": "99,0"}):
        assert (await chercheur.get("/suggestions", **faux)).status_code == 400


async def test_une_fiche_deja_resumee_n_est_pas_relue(chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch) -> None:
    premieres = await _suggerees(chercheur, "mediatheque")
    lues: list[bytes] = []
    vrai = json.loads
    monkeypatch.setattr(suggerer.json, "loads", lambda octets: (lues.append(octets), vrai(octets))[1])
    reponse = await chercheur.get("/suggestions", q="mediatheque")
    monkeypatch.undo()
    assert reponse.json()["suggestions"] == premieres
    assert [o for o in lues if o.startswith(b'{"id"')] == []
