"""The outbox: at least once, in order for each object, and poison set aside."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from socle.donnees import outbox
from socle.donnees.db import Database
from socle.donnees.outbox import ESSAIS_MAX, LOT, Livraison, Relais

from tests.fabriques.bases import MIDI, HorlogeReglable, base_du_socle, compter

pytestmark = pytest.mark.anyio
TYPE = "annuaire.lieu.publie"


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    async with base_du_socle(url_base) as base:
        yield base


@pytest.fixture
def horloge() -> HorlogeReglable:
    return HorlogeReglable()


class Abonne:
    """A subscriber that keeps what it received, and fails on the objects it is told to."""

    def __init__(self, *empoisonnes: str) -> None:
        self.empoisonnes = set(empoisonnes)
        self.recus: list[Livraison] = []

    async def __call__(self, lot: Sequence[Livraison]) -> None:
        for livraison in lot:
            if livraison.objet in self.empoisonnes:
                raise ValueError(f"poison {livraison.objet}")
        self.recus += lot

    def de(self, objet: str) -> list[Any]:
        return [livraison.charge.get("n") for livraison in self.recus if livraison.objet == objet]


async def emettre(base: Database, *objets: tuple[str, int], type: str = TYPE) -> None:
    async with base.write() as session:
        await outbox.emettre(session, type, [(objet, {"n": n}) for objet, n in objets], le=MIDI)


async def retard(base: Database) -> dict[str, int]:
    async with base.read() as session:
        return await outbox.retard(session)


async def test_un_evenement_est_livre_une_fois_avec_sa_charge(base: Database, horloge: HorlogeReglable) -> None:
    abonne = Abonne()
    relais = Relais(base, {TYPE: abonne}, horloge=horloge)
    await emettre(base, ("a", 1))
    assert (await relais.livrer(), await relais.livrer()) == (1, 0)
    (livraison,) = abonne.recus
    assert (livraison.type, livraison.objet, livraison.charge) == (TYPE, "a", {"n": 1})


async def test_un_evenement_d_une_transaction_annulee_n_existe_pas(base: Database, horloge: HorlogeReglable) -> None:
    async def echouer() -> None:
        async with base.write() as session:
            await outbox.emettre(session, TYPE, [("a", {})], le=MIDI)
            raise LookupError

    with pytest.raises(LookupError):
        await echouer()
    assert await Relais(base, {TYPE: Abonne()}, horloge=horloge).livrer() == 0
    assert await compter(base, "socle_evenements") == 0


async def test_les_evenements_arrivent_dans_l_ordre(base: Database, horloge: HorlogeReglable) -> None:
    abonne = Abonne()
    for n in range(30):
        await emettre(base, ("a", n), ("b", n))
    await Relais(base, {TYPE: abonne}, horloge=horloge).livrer()
    assert abonne.de("a") == abonne.de("b") == list(range(30))


async def test_un_type_que_personne_ne_demande_est_regle(base: Database, horloge: HorlogeReglable) -> None:
    await emettre(base, ("a", 1), type="inconnu")
    assert await Relais(base, {}, horloge=horloge).livrer() == 1
    assert await retard(base) == {"en_attente": 0, "mis_de_cote": 0}


async def test_le_poison_retient_les_suivants_de_son_objet_et_eux_seuls(
    base: Database, horloge: HorlogeReglable
) -> None:
    abonne = Abonne("poison")
    relais = Relais(base, {TYPE: abonne}, horloge=horloge)
    await emettre(base, ("sain", 1), ("poison", 1), ("sain", 2), ("poison", 2))
    assert await relais.livrer() == 2
    assert abonne.de("sain") == [1, 2]
    assert await compter(base, "socle_evenements", "essais > 0") == 1
    abonne.empoisonnes.clear()
    assert await relais.livrer() == 0  # not before its time
    horloge.avancer(seconds=3)
    await relais.livrer()
    assert abonne.de("poison") == [1, 2]


async def test_le_poison_est_mis_de_cote_au_dixieme_essai(base: Database, horloge: HorlogeReglable) -> None:
    abonne = Abonne("poison")
    relais = Relais(base, {TYPE: abonne}, horloge=horloge)
    await emettre(base, ("poison", 1))
    for essai in range(1, ESSAIS_MAX + 1):
        assert await compter(base, "socle_evenements", f"essais = {essai - 1} AND mort = false") == 1
        await relais.livrer()
        horloge.avancer(seconds=601)
    assert await retard(base) == {"en_attente": 0, "mis_de_cote": 1}
    assert await compter(base, "socle_evenements", "erreur = 'ValueError: poison poison'") == 1
    await emettre(base, ("poison", 2))
    abonne.empoisonnes.clear()
    await relais.livrer()
    assert abonne.de("poison") == [2]


async def test_un_evenement_mis_de_cote_se_rejoue(base: Database, horloge: HorlogeReglable) -> None:
    abonne = Abonne("poison")
    relais = Relais(base, {TYPE: abonne}, horloge=horloge)
    await emettre(base, ("poison", 1))
    for _ in range(ESSAIS_MAX):
        await relais.livrer()
        horloge.avancer(seconds=601)
    abonne.empoisonnes.clear()
    async with base.write() as session:
        await outbox.rejouer(session, [1], le=horloge())
    assert await relais.livrer() == 1
    assert abonne.de("poison") == [1]


async def test_un_abonne_en_panne_n_affame_pas_les_autres(base: Database, horloge: HorlogeReglable) -> None:
    en_panne, sain = Abonne(*(f"o{n}" for n in range(LOT + 50))), Abonne()
    relais = Relais(base, {"panne": en_panne, "sain": sain}, horloge=horloge)
    await emettre(base, *((f"o{n}", n) for n in range(LOT + 50)), type="panne")
    await emettre(base, ("a", 1), type="sain")
    for _ in range(3):
        await relais.livrer()
    assert sain.de("a") == [1]


async def test_une_panne_apres_la_remise_et_avant_la_note_livre_de_nouveau(
    base: Database, horloge: HorlogeReglable, monkeypatch: pytest.MonkeyPatch
) -> None:
    abonne = Abonne()
    relais = Relais(base, {TYPE: abonne}, horloge=horloge)
    await emettre(base, ("a", 1), ("b", 1))

    async def mourir(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as panne:
        panne.setattr(Relais, "_noter", mourir)
        with pytest.raises(ConnectionError):
            await relais.livrer()
    await Relais(base, {TYPE: abonne}, horloge=horloge).livrer()
    livres = Counter((livraison.id, livraison.objet) for livraison in abonne.recus)
    assert livres == {(1, "a"): 2, (2, "b"): 2}


async def test_les_evenements_livres_depuis_sept_jours_sont_oublies(base: Database, horloge: HorlogeReglable) -> None:
    relais = Relais(base, {TYPE: Abonne()}, horloge=horloge)
    await emettre(base, ("a", 1))
    await relais.livrer()
    horloge.avancer(days=7)
    await emettre(base, ("b", 1))
    await relais.livrer()
    assert await compter(base, "socle_evenements") == 2
    horloge.avancer(seconds=1)
    await emettre(base, ("c", 1))
    await relais.livrer()
    assert await compter(base, "socle_evenements", "objet = 'a'") == 0


async def test_la_boucle_livre_au_reveil_et_survit_a_une_panne_de_la_base(
    base: Database, horloge: HorlogeReglable, monkeypatch: pytest.MonkeyPatch
) -> None:
    recu, panne = asyncio.Event(), asyncio.Event()

    async def abonne(_: Sequence[Livraison]) -> None:
        recu.set()

    relais = Relais(base, {TYPE: abonne}, horloge=horloge, pause=3600)
    livrer = relais.livrer

    async def tomber_une_fois() -> int:
        if not panne.is_set():
            panne.set()
            raise ConnectionError
        return await livrer()

    monkeypatch.setattr(relais, "livrer", tomber_une_fois)
    boucle = asyncio.create_task(relais.tourner())
    await panne.wait()
    await emettre(base, ("a", 1))
    relais.reveiller()
    async with asyncio.timeout(10):
        await recu.wait()
    boucle.cancel()
    with pytest.raises(asyncio.CancelledError):
        await boucle
