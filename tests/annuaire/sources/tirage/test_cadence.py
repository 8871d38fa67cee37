"""When a list is fetched: cron on the clock of Paris, durations, and what is too often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from annuaire.sources.tirage.cadence import lire


def le(iso: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone(UTC)


@pytest.mark.parametrize(
    ("cadence", "apres", "suivante"),
    [
        ("PT6H", "2026-11-24T10:07:00Z", "2026-11-24T16:07:00Z"),
        ("P1DT30M", "2026-11-24T10:00:00Z", "2026-11-25T10:30:00Z"),
        ("0 3 * * *", "2026-11-24T10:00:00Z", "2026-11-25T03:00:00+01:00"),
        ("0 3 * * *", "2026-11-25T02:00:00Z", "2026-11-26T03:00:00+01:00"),
        ("0 3 * * *", "2026-07-01T10:00:00Z", "2026-07-02T03:00:00+02:00"),
        ("*/15 * * * *", "2026-11-24T10:07:12Z", "2026-11-24T10:15:00Z"),
        ("30 8-18/5 * * 1-5", "2026-11-27T18:00:00+01:00", "2026-11-27T18:30:00+01:00"),
        ("30 8-18/5 * * 1-5", "2026-11-27T19:00:00+01:00", "2026-11-30T08:30:00+01:00"),
        ("0 0 1 * *", "2026-12-15T00:00:00Z", "2027-01-01T00:00:00+01:00"),
        ("0 0 29 2 *", "2026-11-24T00:00:00Z", "2028-02-29T00:00:00+01:00"),
        ("0 6 1,15 * 0", "2026-11-24T00:00:00Z", "2026-11-29T06:00:00+01:00"),  # either the day or the weekday
        ("0 6 * * 7", "2026-11-24T00:00:00Z", "2026-11-29T06:00:00+01:00"),
        ("30 2 * * *", "2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z"),  # an hour that does not exist: the next one
    ],
)
def test_la_fois_suivante(cadence: str, apres: str, suivante: str) -> None:
    assert lire(cadence).suivante(le(apres)) == le(suivante)


@pytest.mark.parametrize(
    "cadence",
    [
        "*/10 * * * *", "0,5 * * * *", "* * * * *", "50,0 * * * *", "PT14M", "PT0S", "P", "PT", "P32D", "P99DT999H",
        "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 31 2 *", "0 0 * 13 *", "0 0 * * 8", "0 3 * *", "0 3 * * * *",
        "a b c d e", "1-0 * * * *", "0/0 * * * *", "-5 * * * *", "0 3 * * 1-5-6", "٣ 3 * * *", "", "0,,1 3 * * *",
        "55 23 * * *,", "55,5 23,0 * * *",
    ],
)  # fmt: skip
def test_une_cadence_trop_serree_ou_illisible_est_refusee_en_francais(cadence: str) -> None:
    with pytest.raises(ValueError, match=r"[a-zé]"):
        lire(cadence)


@pytest.mark.parametrize("cadence", ["*/15 * * * *", "0,50 3 * * *", "PT15M", "P31D", "5 0,23 * * *"])
def test_un_quart_d_heure_suffit_et_l_ecart_est_toujours_tenu(cadence: str) -> None:
    instant = le("2026-11-24T00:00:00Z")
    lue = lire(cadence)
    for _ in range(200):
        suivant = lue.suivante(instant)
        assert suivant - instant >= timedelta(minutes=15) or instant == le("2026-11-24T00:00:00Z")
        instant = suivant
