"""The search of duplicates takes communes by lots: much fewer transactions than communes, and no long one."""

from __future__ import annotations

from annuaire.doublons.rapprocher import LOT, par_lots


def test_les_petites_communes_vont_ensemble_et_les_grandes_seules() -> None:
    communes = [(f"{code:05d}", 1 + code % 3) for code in range(1_000)] + [("75056", 5 * LOT), ("97411", 2)]
    nombres = dict(communes)
    lots = list(par_lots(communes))
    assert [commune for lot in lots for commune in lot] == list(nombres)
    assert all(sum(nombres[commune] for commune in lot) <= LOT or len(lot) == 1 for lot in lots)
    assert ["75056"] in lots
    assert len(lots) <= 2 + sum(nombres.values()) // (LOT // 2)


def test_sans_commune_il_n_y_a_pas_de_lot() -> None:
    assert list(par_lots([])) == []
