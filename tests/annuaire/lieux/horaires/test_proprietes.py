"""What holds of any hours, anywhere, at any instant."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from annuaire.lieux.horaires import calendrier as module
from annuaire.lieux.horaires.calendrier import HORIZON_J, Calendrier
from annuaire.lieux.horaires.ouverture import OUVERTS, Etat, Fermeture
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

LIEUX = [
    ("Europe/Paris", "75"),
    ("Europe/Paris", "67"),
    ("America/Guadeloupe", "971"),
    ("America/Cayenne", "973"),
    ("America/Miquelon", "975"),
    ("Indian/Reunion", "974"),
    ("Indian/Mayotte", "976"),
    ("Pacific/Tahiti", "987"),
    ("Pacific/Marquesas", "987"),
    ("Pacific/Noumea", "988"),
]
JOURS = [
    "Mo-Fr",
    "Mo-Su",
    "Tu,Th",
    "Sa",
    "Su",
    "We[1]",
    "Mo-Fr,PH",
    "PH",
    "SH",
    "PH,SH",
    "week 1-53/2 We",
    "Jan-Mar Fr",
    "Dec 20",
]
HEURES = [
    "09:00-12:00",
    "09:00-12:00,14:00-18:00",
    "22:00-02:00",
    "00:00-24:00",
    "02:15-02:45",
    "off",
    '10:00-11:00 "RDV"',
]
EXPRESSIONS = st.lists(
    st.builds("{} {}".format, st.sampled_from(JOURS), st.sampled_from(HEURES)), min_size=1, max_size=4
).flatmap(lambda regles: st.sampled_from(["; ", ", "]).map(lambda lien: lien.join(regles)))
INSTANTS = st.integers(
    int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2031, 1, 1, tzinfo=UTC).timestamp())
).map(lambda t: datetime.fromtimestamp(t, UTC))
FERMETURES = st.lists(
    st.builds(
        lambda jour, duree: Fermeture(jour, jour + timedelta(duree)),
        st.dates(date(2025, 1, 1), date(2031, 1, 1)),
        st.integers(0, 60),
    ),
    max_size=3,
)


def neuf(osm: str, lieu: tuple[str, str], fermetures: list[Fermeture]) -> Calendrier:
    """A calendar that remembers nothing."""
    module._lire.cache_clear()
    return Calendrier.lire(osm, *lieu, fermetures=fermetures)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, st.sampled_from(LIEUX), INSTANTS, FERMETURES, st.floats(0, 1, exclude_max=True))
def test_la_reponse_ne_change_pas_avant_la_fin_de_sa_validite(
    osm: str, lieu: tuple[str, str], instant: datetime, fermetures: list[Fermeture], part: float
) -> None:
    ouverture = neuf(osm, lieu, fermetures).etat(instant)
    fin = ouverture.valable_jusqu_a or instant + timedelta(days=400)
    assert instant < fin
    pendant = instant + timedelta(seconds=int((fin - instant).total_seconds() * part))
    assert neuf(osm, lieu, fermetures).etat(pendant) == ouverture
    assert neuf(osm, lieu, fermetures).etat(fin - timedelta(seconds=1)) == ouverture


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, st.sampled_from(LIEUX), INSTANTS, FERMETURES)
def test_ferme_a_et_prochaine_disent_vrai(
    osm: str, lieu: tuple[str, str], instant: datetime, fermetures: list[Fermeture]
) -> None:
    calendrier = neuf(osm, lieu, fermetures)
    ouverture = calendrier.etat(instant)
    if ouverture.etat in OUVERTS:
        assert ouverture.prochaine is None
        if ouverture.ferme_a is not None:
            fin = ouverture.ferme_a.astimezone(UTC)
            assert calendrier.etat(fin).etat is not ouverture.etat
            assert calendrier.etat(fin - timedelta(seconds=1)).etat is ouverture.etat
    else:
        assert ouverture.ferme_a is None
        if ouverture.prochaine is not None:
            assert instant < ouverture.prochaine < instant + timedelta(days=HORIZON_J + 1, hours=1)
            debut = ouverture.prochaine.astimezone(UTC)
            assert calendrier.etat(debut).etat in OUVERTS
            assert calendrier.etat(debut - timedelta(seconds=1)).etat not in OUVERTS


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, st.sampled_from(LIEUX), INSTANTS, st.integers(-20, 20), FERMETURES)
def test_la_reponse_ne_depend_pas_de_ce_qu_on_a_deja_calcule(
    osm: str, lieu: tuple[str, str], instant: datetime, jours: int, fermetures: list[Fermeture]
) -> None:
    calendrier = neuf(osm, lieu, fermetures)
    calendrier.etat(instant - timedelta(days=jours))
    assert calendrier.etat(instant) == neuf(osm, lieu, fermetures).etat(instant)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.sampled_from(LIEUX), st.dates(date(2025, 1, 1), date(2030, 12, 1)), FERMETURES, st.integers())
def test_les_creneaux_disent_la_meme_chose_que_l_etat(
    osm: str, lieu: tuple[str, str], du: date, fermetures: list[Fermeture], graine: int
) -> None:
    calendrier, zone = neuf(osm, lieu, fermetures), ZoneInfo(lieu[0])
    journees = calendrier.creneaux(du)
    assert [j.jour for j in journees] == [du + timedelta(n) for n in range(14)]
    debut = datetime(du.year, du.month, du.day, tzinfo=zone).timestamp()
    hasard = random.Random(graine)
    for _ in range(200):
        instant = datetime.fromtimestamp(debut + hasard.randrange(13 * 86_400), zone)
        journee = next(j for j in journees if j.jour == instant.date())
        dits = [c.etat for c in journee.creneaux if c.debut.timestamp() <= instant.timestamp() < c.fin.timestamp()]
        assert (dits or [Etat.FERME]) == [calendrier.etat(instant).etat]


SIMPLES = st.lists(
    st.builds(
        "{} {}".format,
        st.sampled_from([j for j in JOURS if "SH" not in j]),
        st.sampled_from([h for h in HEURES if h != "22:00-02:00"]),
    ),
    min_size=1,
    max_size=4,
).map(lambda regles: "; ".join([*regles, "PH off"]))


@settings(max_examples=300, deadline=None)
@given(SIMPLES, INSTANTS)
def test_en_metropole_l_etat_est_celui_de_la_bibliotheque_a_l_heure_du_mur(osm: str, instant: datetime) -> None:
    paris = ZoneInfo("Europe/Paris")
    horaires = OpeningHours(osm, country="FR", auto_country=False, auto_timezone=False)
    mur = instant.astimezone(paris).replace(tzinfo=None)
    ouvert = neuf(osm, ("Europe/Paris", "75"), []).etat(instant).etat in OUVERTS
    assert ouvert == horaires.is_open(mur)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text('MoTuWeFrPSH0123456789:-;,/|+[]" ', max_size=60), INSTANTS)
def test_un_texte_quelconque_ne_leve_rien(osm: str, instant: datetime) -> None:
    assert Calendrier.lire(osm, "Europe/Paris", "67").etat(instant).etat in set(Etat)


def test_l_heure_qui_n_existe_pas_n_a_pas_de_creneau() -> None:
    jours = Calendrier.lire("Su 01:00-04:00", "Europe/Paris", "75").creneaux(date(2026, 3, 29), 1)
    (creneau,) = jours[0].creneaux
    assert creneau.fin.timestamp() - creneau.debut.timestamp() == 2 * 3600


@pytest.mark.parametrize(("horaires", "heures"), [("Su 02:00-03:00", [2]), ("Su 02:30-03:00", [0.5, 0.5])])
def test_l_heure_qui_passe_deux_fois_compte_deux_fois(horaires: str, heures: list[float]) -> None:
    jours = Calendrier.lire(horaires, "Europe/Paris", "75").creneaux(date(2026, 10, 25), 1)
    assert [(c.fin.timestamp() - c.debut.timestamp()) / 3600 for c in jours[0].creneaux] == heures
