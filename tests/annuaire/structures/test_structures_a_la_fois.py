"""Lists that name one structure at the same instant give it the name that all its places make commonest."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from annuaire.synchronisation import repository
from annuaire.synchronisation.appliquer import appliquer

from tests.fabriques.annuaire import Annuaire, liste

pytestmark = pytest.mark.anyio

PIVOT = "10000000900009"


async def test_des_listes_appliquees_a_la_fois_ne_se_cachent_pas_leurs_lieux(annuaire: Annuaire) -> None:
    noms = ["Association fictive"] * 3 + ["Antenne fictive isolée"]
    sources, runs = [], []
    for rang, nom in enumerate(noms):
        source = await annuaire.creer_source()
        fiches = [{**fiche, "pivot": PIVOT, "nom": nom} for fiche in liste(3, depuis=10 * rang)]
        essai = await annuaire.synchroniser(source, fiches, etat="essai", essai=True)
        sources.append(source)
        runs.append(UUID(essai["id"]))
    # applied side by side, as by several workers, and not one after the other by the worker of this process
    contexte = annuaire.contexte
    async with annuaire.base.write() as session:
        for run in runs:
            assert await repository.avancer(session, run, depuis=("essai",), etat="application", essai=False)
    await asyncio.gather(
        *(appliquer(annuaire.base, run, outils=contexte.outils, horloge=contexte.horloge) for run in runs)
    )
    (structure,) = await annuaire.tous("/structures", pivot=PIVOT)
    assert structure["nom"] == "Association fictive"
    lieux = [fiche for source in sources for fiche in (await annuaire.tous("/lieux", source=source))]
    assert {lieu["structure_id"] for lieu in lieux} == {structure["id"]}
    assert len(lieux) == 12
