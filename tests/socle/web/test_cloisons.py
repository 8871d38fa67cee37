"""Bulkheads: so many at once, no more."""

from __future__ import annotations

import asyncio

import pytest
from socle.web.cloisons import Cloison, CloisonPleine

pytestmark = pytest.mark.anyio


async def test_une_demande_de_trop_est_renvoyee_avec_un_delai() -> None:
    cloison = Cloison(2, attente=0.01)
    async with cloison.place(), cloison.place():
        with pytest.raises(CloisonPleine) as refus:
            async with cloison.place():
                pytest.fail("une troisième place a été donnée")
    assert refus.value.entetes["Retry-After"] == "5"


async def test_une_place_rendue_sert_au_suivant_meme_apres_une_panne() -> None:
    cloison = Cloison(1, attente=0.01)
    passees = 0

    async def tomber() -> None:
        nonlocal passees
        async with cloison.place():
            passees += 1
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await tomber()
    assert passees == 3


async def test_qui_attend_un_instant_prend_la_place_qui_se_libere() -> None:
    cloison = Cloison(1, attente=5)
    ordre: list[str] = []

    async def passer(nom: str) -> None:
        async with cloison.place():
            ordre.append(nom)
            await asyncio.sleep(0)

    await asyncio.gather(passer("un"), passer("deux"), passer("trois"))
    assert ordre == ["un", "deux", "trois"]
