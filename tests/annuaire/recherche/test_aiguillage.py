"""Who answers when the main engine does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from annuaire.recherche.aiguillage import RETARD_MAX_S, Aiguillage, Repli
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.meilisearch.moteur import MoteurMeilisearch
from annuaire.recherche.port import ActorQuery, EngineUnavailable, SearchEngine, Upsert
from socle.web.disjoncteur import Etat

from tests.annuaire.recherche.fiches import fiche
from tests.annuaire.recherche.moteurs import ecrire
from tests.fabriques.faux_meilisearch import FauxMeilisearch

pytestmark = pytest.mark.anyio
LECTURES: dict[str, Callable[[SearchEngine], Awaitable[Any]]] = {
    "search": lambda m: m.search(ActorQuery(q="médiathèque", facets=("types",))),
    "suggest": lambda m: m.suggest("médiathèque til", near=None, limit=5),
    "facet_values": lambda m: m.facet_values("types", "medi", ActorQuery()),
    "count": lambda m: m.count(ActorQuery(q="mairie")),
}


class Heure:
    """A clock that is told what it is."""

    def __init__(self) -> None:
        self.instant = 0.0

    def __call__(self) -> float:
        return self.instant


class Compteur:
    """An engine that fails as it is told, and counts the questions."""

    def __init__(self, erreur: Exception | None) -> None:
        self.erreur, self.appels = erreur, 0

    def __getattr__(self, nom: str) -> Callable[..., Awaitable[Any]]:
        async def repondre(*_: Any, **__: Any) -> Any:
            self.appels += 1
            if self.erreur is not None:
                raise self.erreur
            return self.appels

        return repondre


@pytest.fixture
def faux() -> Iterator[FauxMeilisearch]:
    with FauxMeilisearch() as ouvert:
        yield ouvert


@pytest.fixture
async def embarque(tmp_path: Path) -> AsyncIterator[MoteurEmbarque]:
    engine = MoteurEmbarque(tmp_path)
    await engine.apply([Upsert(fiche(rang)) for rang in range(100)])
    yield engine
    await engine.close()


@pytest.fixture
async def meili(faux: FauxMeilisearch) -> AsyncIterator[MoteurMeilisearch]:
    engine = MoteurMeilisearch(faux.url, faux.maitresse)
    await ecrire(engine, [Upsert(fiche(rang)) for rang in range(100)])
    yield engine
    await engine.close()


def _arreter(faux: FauxMeilisearch) -> None:
    faux.arreter()


def _ralentir(faux: FauxMeilisearch) -> None:
    faux.lenteur_s = 0.5


def _vider(faux: FauxMeilisearch) -> None:
    faux.vider()


def _deborder(faux: FauxMeilisearch) -> None:
    faux.deborder = True


@pytest.mark.parametrize("panne", [_arreter, _ralentir, _vider, _deborder])
async def test_une_panne_de_meilisearch_ne_se_voit_que_dans_la_reponse(
    faux: FauxMeilisearch, meili: MoteurMeilisearch, embarque: MoteurEmbarque, panne: Callable[[FauxMeilisearch], None]
) -> None:
    heure = Heure()
    aiguillage = Aiguillage("meilisearch", meili, [Repli("embarque", embarque)], delai=0.15, horloge=heure)
    page = await LECTURES["search"](aiguillage)
    assert (page.engine, page.degraded) == ("meilisearch", False)
    panne(faux)
    for _ in range(2):
        for lire in LECTURES.values():
            assert await lire(aiguillage)
    page = await LECTURES["search"](aiguillage)
    assert (page.engine, page.degraded) == ("embedded", True)
    assert page.facets["types"]
    assert aiguillage.etats["meilisearch"] is Etat.OUVERT
    avant = faux.requetes
    pages = await asyncio.gather(*(LECTURES["search"](aiguillage) for _ in range(20)))
    assert all(page.degraded for page in pages)
    assert faux.requetes == avant
    assert (await aiguillage.health()).up


async def test_un_serveur_revenu_reprend_apres_un_seul_essai(
    faux: FauxMeilisearch, meili: MoteurMeilisearch, embarque: MoteurEmbarque
) -> None:
    heure = Heure()
    aiguillage = Aiguillage("meilisearch", meili, [Repli("embarque", embarque)], horloge=heure)
    faux.arreter()
    for _ in range(5):
        assert (await LECTURES["search"](aiguillage)).degraded
    faux.redemarrer()
    heure.instant = 9.9
    assert (await LECTURES["search"](aiguillage)).degraded
    heure.instant = 10.0
    assert not (await LECTURES["search"](aiguillage)).degraded
    assert aiguillage.etats["meilisearch"] is Etat.FERME


async def test_cinq_echecs_ouvrent_et_plus_rien_n_est_demande(embarque: MoteurEmbarque) -> None:
    mort = Compteur(EngineUnavailable("en panne"))
    aiguillage = Aiguillage("mort", mort, [Repli("embarque", embarque)], horloge=Heure())  # type: ignore[arg-type]
    for _ in range(40):
        assert (await LECTURES["search"](aiguillage)).degraded
    assert mort.appels == 5


async def test_une_faute_de_question_ne_prive_pas_les_autres(embarque: MoteurEmbarque) -> None:
    fautif = Compteur(EngineUnavailable("corps refusé", panne=False))
    aiguillage = Aiguillage("fautif", fautif, [Repli("embarque", embarque)], horloge=Heure())  # type: ignore[arg-type]
    for _ in range(40):
        assert (await LECTURES["search"](aiguillage)).degraded
    assert fautif.appels == 40


@pytest.mark.parametrize("retard", [None, RETARD_MAX_S + 1])
async def test_un_index_trop_en_retard_ou_dont_on_ne_sait_rien_ne_repond_pas(retard: float | None) -> None:
    mort, vieux, dernier = Compteur(EngineUnavailable("en panne")), Compteur(None), Compteur(None)
    replis = [Repli("vieux", vieux, lambda: retard), Repli("dernier", dernier)]  # type: ignore[arg-type]
    aiguillage = Aiguillage("mort", mort, replis, horloge=Heure())  # type: ignore[arg-type]
    assert await aiguillage.count(ActorQuery()) == 1
    assert (vieux.appels, dernier.appels) == (0, 1)


async def test_quand_personne_ne_repond_l_erreur_est_celle_du_dernier() -> None:
    morts = [Compteur(EngineUnavailable(f"panne {rang}")) for rang in range(2)]
    aiguillage = Aiguillage("a", morts[0], [Repli("b", morts[1])], horloge=Heure())  # type: ignore[arg-type]
    with pytest.raises(EngineUnavailable, match="panne 1"):
        await aiguillage.count(ActorQuery())


async def test_qui_s_en_va_ne_compte_ni_pour_ni_contre() -> None:
    pret = asyncio.Event()

    class Lent(Compteur):
        async def count(self, _query: ActorQuery) -> int:
            self.appels += 1
            pret.set()
            return int(await asyncio.Event().wait())

    lent = Lent(None)
    aiguillage = Aiguillage("lent", lent, [], delai=60, horloge=Heure())  # type: ignore[arg-type]
    for _ in range(6):
        pret.clear()
        tache = asyncio.create_task(aiguillage.count(ActorQuery()))
        await pret.wait()
        tache.cancel()
        await asyncio.wait({tache})
        assert tache.cancelled()
    assert aiguillage.etats["lent"] is Etat.FERME


async def test_les_ecritures_vont_au_seul_moteur_principal(
    faux: FauxMeilisearch, meili: MoteurMeilisearch, embarque: MoteurEmbarque
) -> None:
    aiguillage = Aiguillage("meilisearch", meili, [Repli("embarque", embarque)])
    await ecrire(aiguillage, [Upsert(fiche(500, v=1))])
    assert (await aiguillage.stats()).documents == 101
    assert (await embarque.stats()).documents == 100
    generation = await aiguillage.begin_rebuild()
    await aiguillage.load(generation, [fiche(1)])
    assert (await aiguillage.verify(generation, {"fiche-0001": 1})).ok
    await aiguillage.promote(generation)
    assert [lot async for lot in aiguillage.fingerprints()] == [[("fiche-0001", 1)]]
    faux.arreter()
    with pytest.raises(EngineUnavailable):
        await aiguillage.apply([Upsert(fiche(501))])
