"""One contract for the cache in memory and in Redis; each with its own way to fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from socle.web.cache import Cache, CacheMemoire, creer_cache

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["memoire", pytest.param("redis", marks=pytest.mark.redis)])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    url = "memoire:" if request.param == "memoire" else request.getfixturevalue("url_redis")
    cache = creer_cache(url)
    yield cache
    await cache.fermer()


async def test_ce_qui_est_pose_se_relit(cache: Cache) -> None:
    assert await cache.lire("a") is None
    await cache.poser("a", b"\x00\xff", duree=60)
    assert await cache.lire("a") == b"\x00\xff"
    await cache.poser("a", b"2", duree=60)
    assert await cache.lire("a") == b"2"


async def test_une_duree_nulle_ne_garde_rien(cache: Cache) -> None:
    await cache.poser("a", b"1", duree=0)
    assert await cache.lire("a") is None


async def test_une_entree_expire(cache: Cache) -> None:
    await cache.poser("a", b"1", duree=0.02)
    async with asyncio.timeout(5):
        while await cache.lire("a") is not None:  # noqa: ASYNC110 - a store cannot tell when it forgets
            await asyncio.sleep(0.01)


async def test_les_entrees_les_moins_servies_partent_les_premieres() -> None:
    cache = CacheMemoire(taille=80)
    for nom in "abcdefgh":
        await cache.poser(nom, b"x" * 10, duree=60)
    await cache.lire("a")
    await cache.poser("i", b"x" * 10, duree=60)
    assert await cache.lire("a") is not None
    assert await cache.lire("b") is None


async def test_une_entree_enorme_n_est_pas_gardee() -> None:
    cache = CacheMemoire(taille=80)
    await cache.poser("a", b"x" * 11, duree=60)
    assert await cache.lire("a") is None


async def test_une_entree_remplacee_ne_compte_qu_une_fois() -> None:
    cache = CacheMemoire(taille=80)
    for _ in range(100):
        await cache.poser("a", b"x" * 10, duree=60)
    assert cache._occupe == 10


async def test_un_redis_absent_est_un_cache_vide() -> None:
    cache = creer_cache("redis://127.0.0.1:1/0")
    await cache.poser("a", b"1", duree=60)
    assert await cache.lire("a") is None
    assert cache.echecs == 1
    await cache.fermer()


def test_une_autre_url_est_refusee() -> None:
    with pytest.raises(ValueError, match="memcached"):
        creer_cache("memcached://hote")
