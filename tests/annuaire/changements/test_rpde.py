"""The feed under the published validation rules (openactive/rpde-validator 3.0, `src/rules`): 0 finding.

HttpStatusRule, HttpContentTypeRule, HttpCacheHeaderRule, ValidJsonObjectRule, AfterChangeNumberRule, MinimumItemsRule,
DeletedItemsRule, DuplicateItemsRule, NextPageValidRule, NextPageNotCurrentPageRule, NextUrlBasePathMatchCurrentPage,
RequiredPropertiesRule, RequiredItemPropertiesRule, RequiredPropertyValuesRule, LastPageCheckRule, NoLastPageItemsRule,
LastPageUrlIsSelfRule. Not ours: AfterTimestampRule (another ordering), ItemDataPromptRule (a suggestion).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from annuaire.changements import rules
from socle.donnees import feed

from tests.annuaire.changements.conftest import KINDS, Flux
from tests.fabriques import rpde

pytestmark = pytest.mark.anyio
sqlite_seul = pytest.mark.parametrize("url_base", ["sqlite"], indirect=True)


@pytest.mark.parametrize("objets", ["lieux", "structures"])
@pytest.mark.parametrize("combien", [1, 499, 500, 501, 1700])
async def test_le_flux_tient_toutes_les_regles(flux: Flux, objets: str, combien: int) -> None:
    await flux.ecrire(combien, retirer=1 + combien // 10, objets=objets)
    visite = await flux.visiter(objets)
    assert visite.ecarts == []
    assert len(visite.elements) == combien
    assert {element["kind"] for element in visite.elements} == {KINDS[objets]}
    assert visite.pages == -(-combien // 500) + 1


async def test_un_flux_vide_n_a_que_les_ecarts_de_n_avoir_rien(flux: Flux) -> None:
    visite = await flux.visiter()
    assert {regle for regle, _ in visite.ecarts} == {"DeletedItemsRule", "LastPageCheckRule"}
    assert (visite.pages, visite.elements) == (1, [])


async def test_les_regles_tiennent_apres_une_restauration(flux: Flux) -> None:
    await flux.ecrire(600, retirer=3)
    await flux.restaurer()
    await flux.ecrire(600, retirer=3)
    visite = await flux.visiter()
    assert visite.ecarts == []
    assert len(visite.elements) == 1200


async def test_les_regles_tiennent_quand_chaque_fiche_a_change_plusieurs_fois(flux: Flux) -> None:
    ids = await flux.ecrire(700)
    for tour in range(3):
        await flux.publier({id: feed.Document.de({"tour": tour}) for id in ids[tour * 100 :]})
    await flux.publier(dict.fromkeys(ids[::7]))
    visite = await flux.visiter()
    assert visite.ecarts == []
    assert len(visite.elements) == 700


def _change(texte: bytes, par: bytes) -> Callable[[bytes], bytes]:
    return lambda octets: octets.replace(texte, par)


SABOTAGES: dict[str, Callable[[bytes], bytes]] = {
    "NextPageValidRule": _change(b"https://maillage.exemple.fr", b""),
    "NextUrlBasePathMatchCurrentPage": _change(b"maillage.exemple.fr", b"ailleurs.exemple.fr"),
    "RequiredPropertiesRule": _change(b'"license"', b'"licence"'),
    "RequiredItemPropertiesRule": _change(b'"state":"updated"', b'"state":"deleted"'),
    "RequiredPropertyValuesRule": _change(b'"kind":"lieu"', b'"kind":1'),
    "ValidJsonObjectRule": lambda octets: octets[:-1],
    "DeletedItemsRule": _change(b'"state":"deleted"', b'"state":"updated","data":{}'),
    "AfterChangeNumberRule": _change(b"afterChangeNumber=", b"afterChangeNumber=0"),
    "DuplicateItemsRule": lambda octets: json.dumps(_doubler(json.loads(octets))).encode(),
}


def _doubler(page: dict[str, Any]) -> dict[str, Any]:
    return {**page, "items": [{**element, "id": "le même"} for element in page["items"]]}


@sqlite_seul
@pytest.mark.parametrize("regle", sorted(SABOTAGES))
async def test_chaque_regle_voit_la_faute_qui_la_touche(
    flux: Flux, monkeypatch: pytest.MonkeyPatch, regle: str
) -> None:
    await flux.ecrire(20, retirer=2)
    lire = flux.lire

    async def saboter(adresse: str, **entetes: str) -> Any:
        if not adresse.startswith(flux.adresse()):
            return await lire(flux.adresse())
        reponse = await lire(adresse, **entetes)
        reponse._content = SABOTAGES[regle](reponse.content)
        return reponse

    monkeypatch.setattr(flux, "lire", saboter)
    visite = await flux.visiter(requete="?limit=5")
    assert regle in {vue for vue, _ in visite.ecarts}


@sqlite_seul
async def test_des_pages_trop_courtes_se_voient(flux: Flux) -> None:
    await flux.ecrire(20, retirer=2)
    visite = await flux.visiter(requete="?limit=5")
    assert {regle for regle, _ in visite.ecarts} == {"MinimumItemsRule"}


@sqlite_seul
async def test_un_cache_trop_court_se_voit(flux: Flux, monkeypatch: pytest.MonkeyPatch) -> None:
    await flux.ecrire(20, retirer=2)
    monkeypatch.setattr(rules, "PAGE", rules.DERNIERE_PAGE)
    visite = await flux.visiter()
    assert {regle for regle, _ in visite.ecarts} == {"HttpCacheHeaderRule"}


@sqlite_seul
async def test_refuser_la_fin_des_numeros_se_voit(flux: Flux, monkeypatch: pytest.MonkeyPatch) -> None:
    await flux.ecrire(20, retirer=2)
    monkeypatch.setattr(feed, "NUMERO_MAX", 0)
    visite = await flux.visiter()
    assert "HttpStatusRule" in {regle for regle, _ in visite.ecarts}
    assert visite.ecarts[0][1].endswith(str(rpde.PLUS_GRAND_ENTIER_SUR))
