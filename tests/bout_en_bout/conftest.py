"""One launched Maillage for all the tests of this folder."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.fabriques.maillage import Departs, Maillage


@pytest.fixture(scope="session")
def maillage(departs: Departs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maillage]:
    """A Maillage with its demonstration, started once; it must stop in good order at the end."""
    lance = departs.lancer(tmp_path_factory.mktemp("maillage") / "var")
    try:
        yield lance
    finally:
        code = lance.arreter(signal.SIGTERM)
    assert code == 0, "\n".join(lance.journal)
    lance.rendre_les_ports()
