"""The read model follows every commit: few changes are waited for, many never make a reader wait."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from annuaire.lieux.lecture import modele
from annuaire.lieux.lecture.tableau import Tableau
from annuaire.lieux.repository import Publie
from socle.donnees import feed

from tests.fabriques.annuaire import Annuaire, lieu, liste, ouvrir

pytestmark = pytest.mark.anyio


@pytest.fixture
async def seul(tmp_path: Path) -> AsyncIterator[Annuaire]:
    """An annuaire that nobody else writes to."""
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as annuaire:
        yield annuaire


async def nombre(annuaire: Annuaire) -> int:
    total = (await annuaire.get("/lieux", limite=1, compte="exact")).json()["total"]
    assert isinstance(total, int)
    return total


async def test_ce_qui_vient_d_etre_applique_se_lit_a_la_requete_suivante(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    for tour in range(5):
        await annuaire.synchroniser(source, liste(20, presentation_resume=f"Tour {tour}"))
        assert {lu["presentation_resume"] for lu in (await annuaire.lieux(source)).values()} == {f"Tour {tour}"}


async def test_le_modele_egale_la_base_apres_des_changements_tires(seul: Annuaire) -> None:
    hasard, source = random.Random(8), await seul.creer_source()
    lignes = liste(80)
    for tour in range(6):
        gardees = hasard.sample(lignes, 76)
        changees = [{**ligne, "presentation_resume": f"Tour {hasard.randrange(3)}"} for ligne in gardees]
        await seul.synchroniser(source, changees + liste(4, depuis=1000 + tour * 10))
        async with seul.base.read() as session:
            publiees = {p.id: p for p in await feed.lire_page(session, "lieu", apres=0, limite=1000)}
        tableau: Tableau = seul.contexte.modele.tableau
        assert await nombre(seul) == 80
        for id, publiee in publiees.items():
            rang = tableau.rangs[str(id)]
            document = tableau.documents[rang]
            assert (document is None) == publiee.supprime
            assert (None if document is None else document + b"}") == publiee.octets
        assert tableau.ids == sorted(tableau.ids)


async def test_beaucoup_de_changements_ne_font_pas_attendre(seul: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(30))
    assert await nombre(seul) == 30
    monkeypatch.setattr(modele, "GESTE", 10)
    libre = asyncio.Event()
    vraie = modele._appliquer_a_part

    async def tenir(fonction: Any, *arguments: Any, **options: Any) -> Any:
        if fonction is vraie:
            await libre.wait()
        return fonction(*arguments, **options)

    monkeypatch.setattr(modele.asyncio, "to_thread", tenir)
    envoi = asyncio.create_task(
        seul.synchroniser(source, liste(30, presentation_resume="Changé") + liste(20, depuis=500))
    )
    while seul.contexte.modele.frais() and not envoi.done():  # noqa: ASYNC110 - what is awaited is a commit, which signals nothing
        await asyncio.sleep(0.01)
    # the list is committed, its table is not ready: the state before, whole, under its own number
    avant = await seul.get("/lieux", limite=500, compte="exact")
    assert avant.json()["total"] == 30
    assert "Changé" not in {lu["nom"] for lu in avant.json()["elements"]}
    assert not envoi.done()
    libre.set()
    await envoi
    apres = await seul.get("/lieux", limite=500, compte="exact", entetes={"If-None-Match": avant.headers["ETag"]})
    assert (apres.status_code, apres.json()["total"]) == (200, 50)


async def test_un_identifiant_plus_ancien_que_les_derniers_reste_a_sa_place() -> None:
    tableau = Tableau()
    assert tableau.admet([publie("b"), publie("c")])
    tableau.appliquer([publie("b"), publie("c")])
    assert tableau.admet([publie("b")])
    assert tableau.admet([publie("d")])
    assert not tableau.admet([publie("a")])


def publie(id: str) -> Any:
    document = b'{"modalites_acces":[],"horaires":null,"fuseau":null,"departement":null,"latitude":45.0,"longitude":5.0'
    return Publie(id, 1, 1, datetime(2026, 1, 1, tzinfo=UTC), document)


async def test_une_base_en_panne_se_dit_et_ne_bloque_personne(seul: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await seul.creer_source()
    await seul.synchroniser(source, [lieu(1)])
    assert await nombre(seul) == 1

    async def casser(*_: Any, **__: Any) -> Any:
        raise OSError("le disque ne répond pas")

    with monkeypatch.context() as panne:
        panne.setattr(modele, "lire_compteurs", casser)
        panne.setattr(seul.contexte.modele._temoin, "lire", lambda: None)
        reponse = await seul.get("/lieux", limite=1)
        assert reponse.status_code == 500
        assert reponse.headers["Content-Type"] == "application/problem+json"
    assert await nombre(seul) == 1
