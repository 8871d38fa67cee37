"""Reading structures: filters, pages, tags."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from annuaire.demonstration.fictions import avec_cle

from tests.fabriques.annuaire import Annuaire, lieu

pytestmark = pytest.mark.anyio

_rangs = iter(range(1, 900))


def sirets(nombre: int) -> list[str]:
    """Make fictional SIRETs that no other test of this module uses."""
    return [avec_cle(f"{avec_cle(f'00009{next(_rangs):03}')}0001") for _ in range(nombre)]


async def noms(annuaire: Annuaire, **filtres: Any) -> set[str]:
    return {lue["nom"] for lue in await annuaire.tous("/structures", **filtres)}


async def test_une_structure_deduite_dit_le_territoire_commun_de_ses_lieux(annuaire: Annuaire) -> None:
    source, [une, autre] = await annuaire.creer_source(), sirets(2)
    await annuaire.synchroniser(
        source,
        [lieu(1, pivot=une), lieu(6, pivot=une), lieu(2, pivot=autre, nom="Deux villes"), lieu(3, pivot=autre)],
    )
    [dijon] = await annuaire.tous("/structures", pivot=une)
    assert (dijon["code_insee"], dijon["departement"], dijon["region"]) == ("21231", "21", "27")
    assert (dijon["pivot_forme"], dijon["siren"], dijon["origine"]) == ("siret", une[:9], "deduit")
    [eparse] = await annuaire.tous("/structures", pivot=autre)
    assert (eparse["code_insee"], eparse["departement"], eparse["region"]) == (None, None, None)


async def test_les_filtres_se_croisent_et_leurs_valeurs_s_ajoutent(annuaire: Annuaire) -> None:
    source, pivots = await annuaire.creer_source(), sirets(3)
    await annuaire.synchroniser(source, [lieu(rang, pivot=pivot) for rang, pivot in enumerate(pivots)])
    assert await noms(annuaire, pivot=pivots) == {lieu(rang)["nom"] for rang in range(3)}
    assert await noms(annuaire, pivot=pivots, departement="21") == {lieu(1)["nom"]}
    assert await noms(annuaire, pivot=pivots, departement=["21", "35"]) == {lieu(1)["nom"], lieu(2)["nom"]}
    assert await noms(annuaire, pivot=pivots, type="collectivite") == set()


async def test_les_pages_montrent_chaque_structure_une_fois(annuaire: Annuaire) -> None:
    source, pivots = await annuaire.creer_source(), sirets(9)
    await annuaire.synchroniser(source, [lieu(rang, pivot=pivot) for rang, pivot in enumerate(pivots)])
    lues = await annuaire.tous("/structures", pivot=pivots, limite=2)
    assert sorted(lue["pivot"] for lue in lues) == sorted(pivots)
    assert [lue["id"] for lue in lues] == sorted(lue["id"] for lue in lues)


async def test_une_structure_inchangee_repond_304(annuaire: Annuaire) -> None:
    source, [pivot] = await annuaire.creer_source(), sirets(1)
    await annuaire.synchroniser(source, [lieu(0, pivot=pivot)])
    page = await annuaire.get("/structures", pivot=pivot)
    [lue] = page.json()["elements"]
    for chemin, parametres in ((f"/structures/{lue['id']}", {}), ("/structures", {"pivot": pivot})):
        reponse = await annuaire.get(chemin, **parametres)
        encore = await annuaire.get(chemin, **parametres, entetes={"If-None-Match": reponse.headers["etag"]})
        assert (encore.status_code, encore.content) == (304, b"")


async def test_une_structure_inconnue_est_un_404(annuaire: Annuaire) -> None:
    reponse = await annuaire.get(f"/structures/{uuid4()}")
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (404, "structure-inconnue")


@pytest.mark.parametrize("parametres", [{"pivot": "court"}, {"type": "Majuscule"}, {"limite": 0}, {"nom": "x"}])
async def test_un_parametre_faux_est_un_400(annuaire: Annuaire, parametres: dict[str, Any]) -> None:
    assert (await annuaire.get("/structures", **parametres)).status_code == 400
