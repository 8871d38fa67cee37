"""Public holidays: Easter, what every territory keeps, what each adds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from annuaire.lieux.horaires.calendrier import Calendrier
from annuaire.lieux.horaires.feries import est_ferie, locaux, nationaux, paques, regime
from opening_hours import OpeningHours, State

# Easter Sundays as published tables give them.
PAQUES = [
    "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05",
    "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21", "2031-04-13", "2032-03-28", "2033-04-17",
    "2034-04-09", "2035-03-25", "2036-04-13", "2037-04-05", "2038-04-25", "2039-04-10", "2040-04-01",
]  # fmt: skip


@pytest.mark.parametrize("jour", PAQUES)
def test_paques_tombe_le_jour_des_tables(jour: str) -> None:
    assert paques(int(jour[:4])) == date.fromisoformat(jour)


def test_onze_jours_sont_feries_partout() -> None:
    assert sorted(jour.isoformat()[5:] for jour in nationaux(2026)) == [
        "01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25",
    ]  # fmt: skip


def test_la_bibliotheque_connait_les_memes_jours_nationaux() -> None:
    feries = OpeningHours("PH", country="FR", auto_country=False, auto_timezone=False)
    for annee in range(2001, 2075):
        debut, fin = datetime(annee, 1, 1), datetime(annee + 1, 1, 1)  # noqa: DTZ001 - it reads the clock on the wall
        ouverts = [(d.date(), f.date()) for d, f, etat, _ in feries.intervals(debut, fin) if etat == State.OPEN]
        assert {d + timedelta(n) for d, f in ouverts for n in range((f - d).days)} == nationaux(annee)


@pytest.mark.parametrize(
    ("departement", "jours"),
    [
        ("57", ["04-03", "12-26"]),
        ("67", ["04-03", "12-26"]),
        ("68", ["04-03", "12-26"]),
        ("971", ["05-27"]),
        ("972", ["05-22"]),
        ("973", ["06-10"]),
        ("974", ["12-20"]),
        ("975", []),
        ("976", ["04-27"]),
        ("977", ["10-09"]),
        ("978", ["05-28"]),
        ("986", ["04-28", "07-29"]),
        ("987", ["03-05", "04-03", "11-20"]),
        ("988", ["09-24"]),
        ("75", []),
        (None, []),
    ],
)
def test_chaque_territoire_ajoute_ses_jours(departement: str | None, jours: list[str]) -> None:
    assert sorted(jour.isoformat()[5:] for jour in locaux(2026, departement)) == jours


def test_la_polynesie_a_remplace_le_29_juin_par_le_20_novembre() -> None:
    assert est_ferie(date(2024, 6, 29), "987")
    assert not est_ferie(date(2024, 11, 20), "987")
    assert not est_ferie(date(2026, 6, 29), "987")
    assert est_ferie(date(2026, 11, 20), "987")


def test_un_jour_deja_national_n_est_pas_local() -> None:
    assert date(2056, 5, 22) in nationaux(2056)  # Whit Monday, and the abolition in Martinique
    assert locaux(2056, "972") == frozenset()


def test_le_regime_d_un_territoire_a_les_memes_jours_que_lui() -> None:
    codes = [*(f"{n:02}" for n in range(1, 96)), "2A", "2B", *(str(n) for n in range(971, 990)), None]
    for annee in (2024, 2026):
        assert all(locaux(annee, regime(code)) == locaux(annee, code) for code in codes)
    assert len({regime(code) for code in codes}) < 20


def test_des_lieux_aux_memes_jours_feries_partagent_leur_calendrier() -> None:
    un, autre, alsacien = (Calendrier.lire("Mo-Fr 09:00-12:00", "Europe/Paris", code) for code in ("38", "59", "67"))
    assert un is autre is not alsacien
