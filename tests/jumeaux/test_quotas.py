"""One contract for the quotas in memory and in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from socle.web.quotas import Decompte, Quota, Quotas, QuotasMemoire, creer_quotas

pytestmark = pytest.mark.anyio

TROIS = Quota("trois", 3, 3600)


@pytest.fixture(params=["memoire", pytest.param("redis", marks=pytest.mark.redis)])
async def quotas(request: pytest.FixtureRequest) -> AsyncIterator[Quotas]:
    url = "memoire:" if request.param == "memoire" else request.getfixturevalue("url_redis")
    quotas = creer_quotas(url)
    yield quotas
    await quotas.fermer()


async def test_le_quota_s_epuise_puis_refuse(quotas: Quotas) -> None:
    decomptes = [await quotas.prendre(TROIS, "a") for _ in range(5)]
    assert [d.permis for d in decomptes] == [True, True, True, False, False]
    assert [d.reste for d in decomptes] == [2, 1, 0, 0, 0]
    # three requests at the very start of a window still weigh on a third of the next one
    assert all(1 <= d.reprise <= 3600 + 1200 for d in decomptes)


async def test_une_requete_rendue_peut_etre_reprise(quotas: Quotas) -> None:
    for _ in range(3):
        await quotas.prendre(TROIS, "a")
    assert (await quotas.rendre(TROIS, "a")).reste == 1
    assert [(await quotas.prendre(TROIS, "a")).permis for _ in range(2)] == [True, False]


async def test_qui_n_a_rien_pris_ne_gagne_rien_a_rendre(quotas: Quotas) -> None:
    assert (await quotas.rendre(TROIS, "a")).reste == 3
    await quotas.prendre(TROIS, "a")
    for _ in range(5):
        await quotas.rendre(TROIS, "a")
    assert [(await quotas.prendre(TROIS, "a")).permis for _ in range(4)] == [True, True, True, False]


async def test_on_ne_rend_qu_au_compte_de_l_appelant(quotas: Quotas) -> None:
    for appelant in ("a", "b"):
        for _ in range(3):
            await quotas.prendre(TROIS, appelant)
    await quotas.rendre(TROIS, "a")
    assert not (await quotas.prendre(TROIS, "b")).permis
    assert (await quotas.prendre(TROIS, "a")).permis


async def test_cent_requetes_prises_et_rendues_ensemble_ne_comptent_pas(quotas: Quotas) -> None:
    large = Quota("large", 200, 3600)

    async def aller_et_retour() -> None:
        await quotas.prendre(large, "a")
        await quotas.rendre(large, "a")

    await asyncio.gather(*(aller_et_retour() for _ in range(100)))
    assert (await quotas.prendre(large, "a")).reste == 199


async def test_une_requete_de_la_fenetre_passee_reste_comptee(quotas: Quotas, request: pytest.FixtureRequest) -> None:
    horloge = Horloge()
    if isinstance(quotas, QuotasMemoire):
        quotas._horloge = horloge
    large = Quota("large", 200, 3600)
    for _ in range(100):
        await quotas.prendre(large, "a")
    if isinstance(quotas, QuotasMemoire):
        horloge.instant += 3600
    else:
        # Less than one period to live: what the next reading takes for the previous window.
        redis = Redis.from_url(request.getfixturevalue("serveur_redis"))
        (fenetre,) = [cle async for cle in redis.scan_iter("*")]
        await redis.pexpire(fenetre, 3_599_000)
        await redis.aclose()
    for _ in range(50):
        rendue = await quotas.rendre(large, "a")
    assert rendue.reste in (100, 101)


async def test_chaque_appelant_et_chaque_quota_a_son_compte(quotas: Quotas) -> None:
    for _ in range(3):
        await quotas.prendre(TROIS, "a")
    assert not (await quotas.prendre(TROIS, "a")).permis
    assert (await quotas.prendre(TROIS, "b")).permis
    assert (await quotas.prendre(Quota("autre", 3, 3600), "a")).permis


class Horloge:
    def __init__(self) -> None:
        self.instant = 1_800_000_000.0

    def __call__(self) -> float:
        return self.instant


async def test_la_fenetre_glisse_au_lieu_de_repartir_a_zero() -> None:
    horloge = Horloge()
    quotas = QuotasMemoire(horloge=horloge)
    dix = Quota("dix", 10, 60)
    horloge.instant += 59
    for _ in range(10):
        assert (await quotas.prendre(dix, "a")).permis
    horloge.instant += 1
    # A fixed window would give ten more at once.
    assert not (await quotas.prendre(dix, "a")).permis
    horloge.instant += 6
    assert [(await quotas.prendre(dix, "a")).permis for _ in range(2)] == [True, False]


async def test_qui_attend_la_reprise_dite_est_servi() -> None:
    horloge = Horloge()
    quotas = QuotasMemoire(horloge=horloge)
    dix = Quota("dix", 10, 60)
    refus = 0
    for _ in range(500):
        decompte = await quotas.prendre(dix, "a")
        if not decompte.permis:
            refus += 1
            horloge.instant += decompte.reprise
            assert (await quotas.prendre(dix, "a")).permis
        horloge.instant += 0.5
    assert refus > 0


async def test_une_longue_absence_remet_le_compte_a_neuf() -> None:
    horloge = Horloge()
    quotas = QuotasMemoire(horloge=horloge)
    for _ in range(3):
        await quotas.prendre(TROIS, "a")
    horloge.instant += 7200
    assert (await quotas.prendre(TROIS, "a")).reste == 2


async def test_la_memoire_des_appelants_est_bornee() -> None:
    quotas = QuotasMemoire(capacite=10)
    for rang in range(100):
        await quotas.prendre(TROIS, str(rang))
    assert len(quotas._comptes) == 10


async def test_un_redis_absent_laisse_compter_le_processus() -> None:
    quotas = creer_quotas("redis://127.0.0.1:1/0")
    permis = [(await quotas.prendre(TROIS, "a")).permis for _ in range(4)]
    assert permis == [True, True, True, False]
    assert quotas.echecs == 1
    assert (await quotas.rendre(TROIS, "a")).reste == 1
    await quotas.fermer()


def test_les_entetes_suivent_le_projet_de_norme() -> None:
    assert TROIS.politique == '"trois";q=3;w=3600'
    assert Decompte(True, 2, 43).entete(TROIS) == '"trois";r=2;t=43'


def test_une_autre_url_est_refusee() -> None:
    with pytest.raises(ValueError, match="memcached"):
        creer_quotas("memcached://hote")
