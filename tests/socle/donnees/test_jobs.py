"""Jobs: promised in a transaction, done under a lease, resumed after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from socle.donnees import jobs
from socle.donnees.db import Database
from socle.donnees.jobs import BAIL, ESSAIS_MAX, Ouvrier, promettre

from tests.fabriques.bases import MIDI, HorlogeReglable, base_du_socle, compter

pytestmark = pytest.mark.anyio
TYPE = "avancer"


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    async with base_du_socle(url_base) as base:
        yield base


@pytest.fixture
def horloge() -> HorlogeReglable:
    return HorlogeReglable()


class Travail:
    """Work that counts how many times it was done, and fails while told to."""

    def __init__(self) -> None:
        self.faits: list[dict[str, Any]] = []
        self.casse = False

    async def __call__(self, charge: dict[str, Any]) -> None:
        self.faits.append(charge)
        if self.casse:
            raise ValueError("cassé")


class Interrompu(BaseException):
    """The end of a process, as its code sees it: nothing catches it."""


async def mourir(_: dict[str, Any]) -> None:
    raise Interrompu


async def promettre_un(base: Database, **charge: Any) -> None:
    async with base.write() as session:
        await promettre(session, TYPE, charge, le=MIDI)


async def test_une_tache_promise_est_faite_une_fois(base: Database, horloge: HorlogeReglable) -> None:
    travail = Travail()
    ouvrier = Ouvrier(base, {TYPE: travail}, horloge=horloge)
    await promettre_un(base, n=1)
    assert (await ouvrier.travailler(), await ouvrier.travailler()) == (True, False)
    assert travail.faits == [{"n": 1}]
    assert await compter(base, "socle_taches", "etat = 'faite' AND bail_jusqu_a IS NULL") == 1


async def test_une_promesse_annulee_n_est_pas_tenue(base: Database, horloge: HorlogeReglable) -> None:
    async def echouer() -> None:
        async with base.write() as session:
            await promettre(session, TYPE, {}, le=MIDI)
            raise LookupError

    with pytest.raises(LookupError):
        await echouer()
    assert await Ouvrier(base, {TYPE: Travail()}, horloge=horloge).travailler() is False


async def test_une_tache_d_un_autre_type_ou_d_un_autre_jour_attend(base: Database, horloge: HorlogeReglable) -> None:
    await promettre_un(base)
    assert await Ouvrier(base, {"autre": Travail()}, horloge=horloge).travailler() is False
    horloge.avancer(seconds=-1)
    assert await Ouvrier(base, {TYPE: Travail()}, horloge=horloge).travailler() is False


async def test_des_ouvriers_simultanes_ne_prennent_jamais_la_meme_tache(
    base: Database, horloge: HorlogeReglable
) -> None:
    travail = Travail()
    for n in range(24):
        await promettre_un(base, n=n)
    ouvriers = [Ouvrier(base, {TYPE: travail}, horloge=horloge) for _ in range(4)]

    async def epuiser(ouvrier: Ouvrier) -> None:
        while await compter(base, "socle_taches", "etat = 'a_faire'"):
            await ouvrier.travailler()

    await asyncio.gather(*(epuiser(ouvrier) for ouvrier in ouvriers))
    assert sorted(charge["n"] for charge in travail.faits) == list(range(24))
    assert await compter(base, "socle_taches", "essais = 1 AND etat = 'faite'") == 24


async def test_une_tache_abandonnee_est_reprise_a_la_fin_de_son_bail(base: Database, horloge: HorlogeReglable) -> None:
    await promettre_un(base)
    with pytest.raises(Interrompu):
        await Ouvrier(base, {TYPE: mourir}, horloge=horloge).travailler()
    travail = Travail()
    autre = Ouvrier(base, {TYPE: travail}, horloge=horloge)
    horloge.instant += BAIL
    assert await autre.travailler() is False
    horloge.avancer(seconds=1)
    assert await autre.travailler() is True
    assert len(travail.faits) == 1


async def test_le_proprietaire_unique_reprend_sans_attendre(base: Database, horloge: HorlogeReglable) -> None:
    await promettre_un(base)
    with pytest.raises(Interrompu):
        await Ouvrier(base, {TYPE: mourir}, horloge=horloge).travailler()
    autre = Ouvrier(base, {TYPE: Travail()}, horloge=horloge)
    await autre.reprendre()
    assert await autre.travailler() is True


async def test_une_tache_longue_garde_son_bail(
    base: Database, horloge: HorlogeReglable, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the clock of leases stands still: only the pause between two renewals is real
    monkeypatch.setattr(jobs, "BAIL", BAIL / 10_000)
    tenu = asyncio.Event()
    sienne = Ouvrier._sienne

    def noter(self: Ouvrier, id: Any) -> Any:
        tenu.set()
        return sienne(self, id)

    monkeypatch.setattr(Ouvrier, "_sienne", noter)
    autre = Ouvrier(base, {TYPE: mourir}, horloge=horloge)

    async def durer(_: dict[str, Any]) -> None:
        horloge.avancer(hours=1)
        async with asyncio.timeout(10):
            for _ in range(2):  # a second renewal begins when the first is committed
                tenu.clear()
                await tenu.wait()
        assert await autre.travailler() is False

    await promettre_un(base)
    assert await Ouvrier(base, {TYPE: durer}, horloge=horloge).travailler() is True
    assert await compter(base, "socle_taches", "etat = 'faite'") == 1


async def test_qui_a_perdu_son_bail_ne_touche_plus_a_la_tache(base: Database, horloge: HorlogeReglable) -> None:
    commence, repris = asyncio.Event(), asyncio.Event()

    async def trainer(_: dict[str, Any]) -> None:
        commence.set()
        await repris.wait()
        raise ValueError("trop tard")

    lent = Ouvrier(base, {TYPE: trainer}, horloge=horloge)
    await promettre_un(base)
    tache = asyncio.create_task(lent.travailler())
    await commence.wait()
    horloge.avancer(minutes=5)

    async def pendant(_: dict[str, Any]) -> None:
        repris.set()
        await tache
        assert await compter(base, "socle_taches", "etat = 'en_cours' AND erreur IS NULL") == 1

    assert await Ouvrier(base, {TYPE: pendant}, horloge=horloge).travailler() is True
    assert await compter(base, "socle_taches", "etat = 'faite'") == 1


async def test_un_echec_attend_de_plus_en_plus_longtemps(base: Database, horloge: HorlogeReglable) -> None:
    travail = Travail()
    travail.casse = True
    ouvrier = Ouvrier(base, {TYPE: travail}, horloge=horloge)
    await promettre_un(base)
    for attente in (2, 4, 8):
        assert await ouvrier.travailler() is True
        horloge.avancer(seconds=attente - 1)
        assert await ouvrier.travailler() is False
        horloge.avancer(seconds=1)
    travail.casse = False
    assert await ouvrier.travailler() is True
    assert await compter(base, "socle_taches", "etat = 'faite' AND essais = 4") == 1


async def test_dix_echecs_sont_dits_une_fois_et_la_file_continue(base: Database, horloge: HorlogeReglable) -> None:
    travail, dits = Travail(), []
    travail.casse = True

    async def noter(charge: dict[str, Any], erreur: str) -> None:
        dits.append((charge, erreur))

    ouvrier = Ouvrier(base, {TYPE: travail}, horloge=horloge, echecs_finals={TYPE: noter})
    await promettre_un(base, n=1)
    for _ in range(ESSAIS_MAX):
        assert dits == []
        assert await ouvrier.travailler() is True
        horloge.avancer(seconds=601)
    assert dits == [({"n": 1}, "ValueError: cassé")]
    assert await compter(base, "socle_taches", "etat = 'morte'") == 1
    travail.casse = False
    await promettre_un(base, n=2)
    assert await ouvrier.travailler() is True
    assert travail.faits[-1] == {"n": 2}


async def test_une_tache_qui_tue_son_processus_a_chaque_essai_finit_par_etre_abandonnee(
    base: Database, horloge: HorlogeReglable
) -> None:
    dits: list[str] = []

    async def noter(_: dict[str, Any], erreur: str) -> None:
        dits.append(erreur)

    await promettre_un(base)
    for _ in range(ESSAIS_MAX):
        with pytest.raises(Interrompu):
            await Ouvrier(base, {TYPE: mourir}, horloge=horloge, echecs_finals={TYPE: noter}).travailler()
        horloge.avancer(seconds=31)
    assert await Ouvrier(base, {TYPE: mourir}, horloge=horloge, echecs_finals={TYPE: noter}).travailler() is True
    assert dits == ["Le processus s'est arrêté à chaque essai."]
    assert await compter(base, "socle_taches", "etat = 'morte'") == 1


async def test_la_boucle_travaille_au_reveil_et_survit_a_une_panne(
    base: Database, horloge: HorlogeReglable, monkeypatch: pytest.MonkeyPatch
) -> None:
    panne, fait = asyncio.Event(), asyncio.Event()

    async def finir(_: dict[str, Any]) -> None:
        fait.set()

    ouvrier = Ouvrier(base, {TYPE: finir}, horloge=horloge, pause=3600)
    travailler = ouvrier.travailler

    async def tomber_une_fois() -> bool:
        if not panne.is_set():
            panne.set()
            raise ConnectionError
        return await travailler()

    monkeypatch.setattr(ouvrier, "travailler", tomber_une_fois)
    boucle = asyncio.create_task(ouvrier.tourner())
    await panne.wait()
    await promettre_un(base)
    ouvrier.reveiller()
    async with asyncio.timeout(10):
        await fait.wait()
    boucle.cancel()
    with pytest.raises(asyncio.CancelledError):
        await boucle
