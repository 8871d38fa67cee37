"""How much is asked of the database for a list: so many orders a lot, and no row written for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from annuaire.lieux import service
from socle.donnees.db import WriteSession
from socle.donnees.lots import Insertion
from sqlalchemy import event

from tests.fabriques.annuaire import Annuaire, liste

pytestmark = pytest.mark.anyio

LOT = 20
ORDRES_D_UN_LOT = 12
"""Read the plan, the places, their rows, their documents, the structures; write records, places, documents, history,
events; and the structures that follow, a lot of them at a time."""

PIVOT = "00009877200015"


@contextmanager
def ordres(annuaire: Annuaire) -> Iterator[list[str]]:
    """Note the orders that writing a list sends, one for many rows counting once."""
    notes: list[str] = []
    moteur = annuaire.base.moteur.sync_engine

    def noter(_connexion: Any, _curseur: Any, texte: str, *_autres: Any) -> None:
        # jobs and the delivery of events write when they please
        if not re.match(
            r"BEGIN|(SELECT|INSERT|UPDATE).* socle_taches|(UPDATE|DELETE FROM) socle_evenements", texte, re.S
        ):
            notes.append(texte)

    event.listen(moteur, "before_cursor_execute", noter)
    try:
        yield notes
    finally:
        event.remove(moteur, "before_cursor_execute", noter)


async def ordres_d_une_liste(annuaire: Annuaire, nombre: int) -> int:
    """Change every row of a list and count the orders that it took."""
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(nombre))
    with ordres(annuaire) as notes:
        await annuaire.synchroniser(source, liste(nombre, presentation_resume="Tout a changé."))
    return len(notes)


async def ordres_par_lot(annuaire: Annuaire) -> float:
    """Count the orders that a lot of changed rows adds to a list."""
    un, cinq = await ordres_d_une_liste(annuaire, LOT), await ordres_d_une_liste(annuaire, 5 * LOT)
    return (cinq - un) / 4


async def test_une_liste_changee_s_ecrit_par_lots(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOT", LOT)
    monkeypatch.setattr("annuaire.synchronisation.appliquer.LOT", LOT)
    assert await ordres_par_lot(annuaire) <= ORDRES_D_UN_LOT


async def test_sans_les_lots_cela_se_voit(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    executer = Insertion.executer

    async def une_a_une(self: Insertion, session: WriteSession, lignes: Sequence[tuple[Any, ...]]) -> None:
        for ligne in lignes:
            await executer(self, session, [ligne])

    monkeypatch.setattr(service, "LOT", LOT)
    monkeypatch.setattr("annuaire.synchronisation.appliquer.LOT", LOT)
    monkeypatch.setattr(Insertion, "executer", une_a_une)
    assert await ordres_par_lot(annuaire) > ORDRES_D_UN_LOT


async def test_un_lieu_dont_la_ligne_ne_change_pas_n_est_pas_recrit(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    changee = liste(30, pivot=PIVOT, presentation_resume="Tout a changé.")
    await annuaire.synchroniser(source, liste(30, pivot=PIVOT))
    with ordres(annuaire) as notes:
        await annuaire.synchroniser(source, changee)
    assert [texte for texte in notes if texte.startswith("INSERT INTO fiches ")]
    assert not [texte for texte in notes if texte.startswith(("INSERT INTO lieux ", "INSERT INTO structures "))]
    with ordres(annuaire) as notes:
        await annuaire.synchroniser(source, [{**changee[0], "nom": "Ici"}, *changee[1:]])
    assert [texte for texte in notes if texte.startswith("INSERT INTO lieux ")]
    assert [texte for texte in notes if texte.startswith("INSERT INTO structures ")]
