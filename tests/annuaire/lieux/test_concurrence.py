"""Many readers at once never wait for one another."""

from __future__ import annotations

import asyncio

import pytest

from tests.fabriques.annuaire import Annuaire

pytestmark = pytest.mark.anyio


async def test_plus_de_lecteurs_que_de_connexions_recoivent_tous_leurs_plus_proches(annuaire: Annuaire) -> None:
    questions = (annuaire.get("/lieux", proche="45.18,5.72", rayon=50_000, limite=5) for _ in range(32))
    async with asyncio.timeout(20):
        reponses = await asyncio.gather(*questions)
    assert [reponse.status_code for reponse in reponses] == [200] * 32
