"""Migrations are numbered one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import revision


def test_le_numero_suit_le_plus_grand(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    for nom in ("0001_premieres.py", "0009_neuf.py", "__init__.py", "note.py"):
        (tmp_path / "versions" / nom).touch()
    assert revision.prochain_numero(tmp_path) == "0010"


def test_la_premiere_migration_porte_le_numero_un(tmp_path: Path) -> None:
    assert revision.prochain_numero(tmp_path) == "0001"


@pytest.mark.parametrize("arguments", [[], ["annuaire"], ["annuaire", ""], ["inconnu", "message"]])
def test_un_appel_incomplet_rappelle_l_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert revision.principal(arguments) == 2
    assert "make revision SERVICE=annuaire" in capsys.readouterr().err
