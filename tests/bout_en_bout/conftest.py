"""One launched Maillage for all the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fabriques.maillage import Maillage, lancer


@pytest.fixture(scope="session")
def maillage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maillage]:
    """A Maillage with its demonstration, started once; stopped at the end."""
    lance = lancer(tmp_path_factory.mktemp("maillage") / "var")
    try:
        lance.attendre()
        yield lance
    finally:
        lance.arreter()


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one worker, so that the launch happens once."""
    for item in items:
        if "bout_en_bout" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("maillage"))
