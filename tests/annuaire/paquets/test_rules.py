"""What a phone reads in a pack is what the service would have said, to the minute."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from annuaire.lieux.horaires.calendrier import Calendrier
from annuaire.lieux.horaires.fuseaux import tranches
from annuaire.lieux.horaires.ouverture import Creneau, Etat, Fermeture, fragment
from annuaire.paquets import rules

PARIS = ZoneInfo("Europe/Paris")
HORAIRES = (
    "Mo-Fr 09:00-12:00,14:00-18:00",
    "Mo-Su 01:00-04:00",
    "Mo-Su 02:15-02:45",
    "Mo-Su 02:30-03:30",
    "Mo-Su 00:00-24:00; PH off",
    "Fr,Sa 18:00-26:00",
    'We 14:00-17:00 "sur rendez-vous"; Mo-Sa 09:00-12:00',
    "Mo-Fr 08:00-12:00; SH 10:00-12:00",
    "24/7",
    None,
)
TERRITOIRES = (
    ("Europe/Paris", "38"),
    ("Europe/Paris", "67"),
    ("Indian/Reunion", "974"),
    ("America/Miquelon", "975"),
    ("Pacific/Marquesas", "987"),
    ("Pacific/Noumea", "988"),
)


def empaqueter(
    du: date, horaires: str | None, fuseau: str, departement: str, **options: Any
) -> tuple[dict[str, Any], dict[str, Any], Calendrier]:
    """Make a pack of one place, as a phone gets it, and the calendar that the service would read."""
    calendrier = Calendrier.lire(horaires, fuseau, departement, **options)
    compact = rules.lieu_compact(
        dict.fromkeys(rules.MEMBRES), fuseau=fuseau, sans_public=False,
        journees=calendrier.creneaux(du, rules.JOURS),
    )  # fmt: skip
    zones = {fuseau: rules.decalages(tranches(ZoneInfo(fuseau), du, rules.JOURS))}
    paquet = json.loads(json.dumps({"du": du.isoformat(), "fuseaux": zones, "lieux": [compact]}))
    return paquet, paquet["lieux"][0], calendrier


def compter_les_ecarts(paquet: dict[str, Any], lieu: dict[str, Any], calendrier: Calendrier, pas: timedelta) -> int:
    """Count the instants of the pack at which a phone would not say what the service says."""
    lieu_zone = ZoneInfo(lieu["fuseau"])
    du = date.fromisoformat(paquet["du"])
    instant = datetime(du.year, du.month, du.day, tzinfo=lieu_zone).astimezone(UTC)
    apres = du + timedelta(rules.JOURS)
    fin = datetime(apres.year, apres.month, apres.day, tzinfo=lieu_zone)
    ecarts = 0
    while instant < fin:
        lu = rules.ouverture(paquet, lieu, instant)
        dit = json.loads(fragment(calendrier.etat(instant)))
        # beyond the last day of the pack, a phone knows nothing and the service still does
        for nom in ("ferme_a", "prochaine"):
            if dit[nom] is not None and datetime.fromisoformat(dit[nom]) >= fin:
                dit[nom] = None
        ecarts += lu != dit
        instant += pas
    return ecarts


@pytest.mark.parametrize("horaires", HORAIRES)
@pytest.mark.parametrize("du", [date(2026, 3, 23), date(2026, 4, 25), date(2026, 10, 19), date(2026, 10, 25)])
def test_a_tout_instant_le_paquet_dit_ce_que_dit_le_service(du: date, horaires: str | None) -> None:
    fermetures = (Fermeture(du + timedelta(5), du + timedelta(6)),)
    for fuseau, departement in TERRITOIRES:
        for options in ({}, {"fermetures": fermetures}, {"sur_rdv": True}):
            lot = empaqueter(du, horaires, fuseau, departement, **options)
            assert compter_les_ecarts(*lot, pas=timedelta(minutes=97)) == 0, (fuseau, options)


@pytest.mark.parametrize("horaires", HORAIRES)
@pytest.mark.parametrize("nuit", [date(2026, 3, 29), date(2026, 10, 25)])
def test_la_nuit_du_changement_d_heure_est_juste_a_la_minute(nuit: date, horaires: str | None) -> None:
    paquet, lieu, calendrier = empaqueter(nuit - timedelta(1), horaires, "Europe/Paris", "38")
    debut = datetime(nuit.year, nuit.month, nuit.day, tzinfo=PARIS).timestamp() - 3600
    for minute in range(7 * 60):
        instant = datetime.fromtimestamp(debut + minute * 60, UTC)
        assert rules.ouverture(paquet, lieu, instant)["etat"] == calendrier.etat(instant).etat, instant


def test_sans_le_decalage_de_chaque_moment_le_changement_d_heure_se_verrait() -> None:
    paquet, lieu, calendrier = empaqueter(date(2026, 3, 23), HORAIRES[0], "Europe/Paris", "38")
    (zone,) = paquet["fuseaux"].values()
    assert [z["minutes"] for z in zone] == [60, 120]
    assert zone[1]["depuis"] == "2026-03-29T01:00:00Z"
    del zone[1]
    assert compter_les_ecarts(paquet, lieu, calendrier, timedelta(minutes=30)) > 0


def creneau(debut: datetime, fin: datetime, etat: Etat = Etat.OUVERT) -> Creneau:
    return Creneau(debut, fin, etat)


@pytest.mark.parametrize(
    ("jour", "horaires", "ecrit"),
    [
        (date(2026, 3, 28), "Mo-Su 09:00-12:00", [("09:00", "12:00")]),
        (date(2026, 3, 28), "Mo-Su 20:00-24:00", [("20:00", "24:00")]),
        # the hour that the wall does not show
        (date(2026, 3, 29), "Mo-Su 02:15-02:45", []),
        (date(2026, 3, 29), "Mo-Su 01:00-02:30", [("01:00", "02:00")]),
        (date(2026, 3, 29), "Mo-Su 01:00-04:00", [("01:00", "04:00")]),
        # the hour that it shows twice
        (date(2026, 10, 25), "Mo-Su 02:15-02:45", [("02:15", "02:45")]),
        (date(2026, 10, 25), "Mo-Su 01:00-02:30", [("01:00", "02:30")]),
        (date(2026, 10, 25), "Mo-Su 02:30-04:00", [("02:30", "04:00")]),
        (date(2026, 10, 25), "Mo-Su 02:30-03:00", [("02:30", "03:00")]),
    ],
)
def test_les_plages_sont_celles_de_l_horloge_du_lieu(jour: date, horaires: str, ecrit: list[tuple[str, str]]) -> None:
    (journee,) = Calendrier.lire(horaires, "Europe/Paris", "38").creneaux(jour, 1)
    lus = rules.creneaux_du_mur(journee.creneaux)
    assert [(c["de"], c["a"]) for c in lus] == ecrit


def test_deux_etats_qui_se_touchent_restent_deux_plages() -> None:
    midi = datetime(2026, 3, 10, 12, tzinfo=PARIS)
    heure = timedelta(hours=1)
    lus = rules.creneaux_du_mur([Creneau(midi, midi + heure, Etat.SUR_RDV), Creneau(midi - heure, midi, Etat.OUVERT)])
    assert lus == [
        {"de": "11:00", "a": "12:00", "etat": "ouvert"},
        {"de": "12:00", "a": "13:00", "etat": "ouvert_sur_rdv"},
    ]


def test_hors_de_ses_jours_le_paquet_ne_dit_rien() -> None:
    paquet, lieu, _ = empaqueter(date(2026, 3, 10), "24/7", "Europe/Paris", "38")
    dit: Callable[[str], str | None] = lambda iso: rules.ouverture(paquet, lieu, datetime.fromisoformat(iso))["etat"]  # noqa: E731
    assert dit("2026-03-09T23:59:59+01:00") == "inconnu"
    assert dit("2026-03-10T00:00:00+01:00") == "ouvert"
    assert dit("2026-03-23T23:59:59+01:00") == "ouvert"
    assert dit("2026-03-24T00:00:00+01:00") == "inconnu"


def test_une_ouverture_qui_atteint_le_dernier_soir_n_a_pas_de_fin_connue() -> None:
    paquet, lieu, _ = empaqueter(date(2026, 3, 10), "Mo-Su 20:00-24:00", "Europe/Paris", "38")
    veille = datetime(2026, 3, 22, 21, tzinfo=PARIS)
    assert rules.ouverture(paquet, lieu, veille)["ferme_a"] == "2026-03-23T00:00:00+01:00"
    assert rules.ouverture(paquet, lieu, veille + timedelta(1))["ferme_a"] is None


def test_une_licence_est_nommee_une_fois_avec_ses_sources() -> None:
    documents = [
        {"licence": "https://b.example", "sources": ["est"]},
        {"licence": "https://a.example", "sources": ["sud", "nord"]},
        {"licence": "https://a.example", "sources": ["nord"]},
    ]
    assert rules.licences(documents) == [
        {"licence": "https://a.example", "sources": ["nord", "sud"]},
        {"licence": "https://b.example", "sources": ["est"]},
    ]
