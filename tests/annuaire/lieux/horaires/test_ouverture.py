"""Open or not: cases worked out by hand, on the calendars of sixteen territories.

Each line gives a place, its hours, an instant in UTC, the state, and then the end of the opening, or the next one
(local time, offset included), as anyone can check with a calendar of 2026 and a table of time zones.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import NamedTuple

import pytest
from annuaire.lieux.horaires.calendrier import Calendrier
from annuaire.lieux.horaires.ouverture import OUVERTS, Etat, Fermeture, Ouverture, fragment

LIEUX = {
    "Paris": ("Europe/Paris", "75"),
    "Metz": ("Europe/Paris", "57"),
    "Strasbourg": ("Europe/Paris", "67"),
    "Pointe-à-Pitre": ("America/Guadeloupe", "971"),
    "Fort-de-France": ("America/Martinique", "972"),
    "Cayenne": ("America/Cayenne", "973"),
    "Saint-Denis": ("Indian/Reunion", "974"),
    "Saint-Pierre": ("America/Miquelon", "975"),
    "Mamoudzou": ("Indian/Mayotte", "976"),
    "Gustavia": ("America/St_Barthelemy", "977"),
    "Marigot": ("America/Marigot", "978"),
    "Mata-Utu": ("Pacific/Wallis", "986"),
    "Papeete": ("Pacific/Tahiti", "987"),
    "Nuku Hiva": ("Pacific/Marquesas", "987"),
    "Rikitea": ("Pacific/Gambier", "987"),
    "Nouméa": ("Pacific/Noumea", "988"),
}
S = "Mo-Fr 09:00-12:00,14:00-17:00"
SF = f"{S}; PH off"
IMPAIRES, PAIRES = "week 1-53/2 We 09:00-12:00", "week 2-52/2 We 09:00-12:00"


class Cas(NamedTuple):
    pourquoi: str
    lieu: str
    horaires: str | None
    instant: str
    etat: str
    suite: str | None = None


CAS = [
    # Tuesday 24 November 2026, at the edges of the morning and of the afternoon
    Cas("9 h juste", "Paris", S, "2026-11-24T08:00:00Z", "ouvert", "2026-11-24T12:00:00+01:00"),
    Cas("une seconde avant 9 h", "Paris", S, "2026-11-24T07:59:59Z", "ferme", "2026-11-24T09:00:00+01:00"),
    Cas("une seconde avant midi", "Paris", S, "2026-11-24T10:59:59Z", "ouvert", "2026-11-24T12:00:00+01:00"),
    Cas("midi juste", "Paris", S, "2026-11-24T11:00:00Z", "ferme", "2026-11-24T14:00:00+01:00"),
    Cas("17 h juste", "Paris", S, "2026-11-24T16:00:00Z", "ferme", "2026-11-25T09:00:00+01:00"),
    Cas("le vendredi soir", "Paris", S, "2026-11-27T18:00:00Z", "ferme", "2026-11-30T09:00:00+01:00"),
    # the place's own time zone
    Cas("UTC+4, 9 h", "Saint-Denis", S, "2026-11-24T05:00:00Z", "ouvert", "2026-11-24T12:00:00+04:00"),
    Cas("UTC+4, 18 h", "Saint-Denis", S, "2026-11-24T14:00:00Z", "ferme", "2026-11-25T09:00:00+04:00"),
    Cas("UTC-4, 9 h", "Pointe-à-Pitre", S, "2026-11-24T13:00:00Z", "ouvert", "2026-11-24T12:00:00-04:00"),
    Cas("UTC-3, midi", "Cayenne", S, "2026-11-24T15:00:00Z", "ferme", "2026-11-24T14:00:00-03:00"),
    Cas("UTC+3, 9 h", "Mamoudzou", S, "2026-11-24T06:00:00Z", "ouvert", "2026-11-24T12:00:00+03:00"),
    Cas("UTC+11, mardi en UTC lundi", "Nouméa", S, "2026-11-23T22:00:00Z", "ouvert", "2026-11-24T12:00:00+11:00"),
    Cas("UTC+11, samedi en UTC vendredi", "Nouméa", S, "2026-11-27T22:00:00Z", "ferme", "2026-11-30T09:00:00+11:00"),
    Cas("UTC+12, 9 h", "Mata-Utu", S, "2026-11-23T21:00:00Z", "ouvert", "2026-11-24T12:00:00+12:00"),
    Cas("UTC-10, 9 h", "Papeete", S, "2026-11-24T19:00:00Z", "ouvert", "2026-11-24T12:00:00-10:00"),
    Cas("UTC-10, vendredi en UTC samedi", "Papeete", S, "2026-11-28T02:59:00Z", "ouvert", "2026-11-27T17:00:00-10:00"),
    Cas("UTC-9:30, 9 h", "Nuku Hiva", S, "2026-11-24T18:30:00Z", "ouvert", "2026-11-24T12:00:00-09:30"),
    Cas("UTC-9:30, avant 9 h", "Nuku Hiva", S, "2026-11-24T18:29:59Z", "ferme", "2026-11-24T09:00:00-09:30"),
    Cas("UTC-9, 9 h", "Rikitea", S, "2026-11-24T18:00:00Z", "ouvert", "2026-11-24T12:00:00-09:00"),
    # summer time begins: 29 March 2026 in Paris, 8 March in Saint-Pierre
    Cas("la nuit de printemps dure moins", "Paris", "Sa 20:00-04:00", "2026-03-29T00:30:00Z", "ouvert",
        "2026-03-29T04:00:00+02:00"),
    Cas("2 h 15 n'existe pas", "Paris", "Su 02:15-02:45", "2026-03-29T00:59:59Z", "ferme", "2026-04-05T02:15:00+02:00"),
    Cas("3 h suit 2 h", "Paris", "Su 02:15-02:45", "2026-03-29T01:00:00Z", "ferme", "2026-04-05T02:15:00+02:00"),
    Cas("vendredi 8 h 30, heure d'hiver", "Paris", S, "2026-03-27T07:30:00Z", "ferme", "2026-03-27T09:00:00+01:00"),
    Cas("samedi, la suite est à l'heure d'été", "Paris", S, "2026-03-28T12:00:00Z", "ferme",
        "2026-03-30T09:00:00+02:00"),
    Cas("lundi 9 h 30, heure d'été", "Paris", S, "2026-03-30T07:30:00Z", "ouvert", "2026-03-30T12:00:00+02:00"),
    Cas("vendredi 8 h, heure d'hiver", "Saint-Pierre", S, "2026-03-06T11:00:00Z", "ferme", "2026-03-06T09:00:00-03:00"),
    Cas("lundi 9 h, heure d'été", "Saint-Pierre", S, "2026-03-09T11:00:00Z", "ouvert", "2026-03-09T12:00:00-02:00"),
    # and ends: 25 October in Paris, 1 November in Saint-Pierre
    Cas("2 h 20 la première fois", "Paris", "Su 02:15-02:45", "2026-10-25T00:20:00Z", "ouvert",
        "2026-10-25T02:45:00+02:00"),
    Cas("2 h 50 la première fois", "Paris", "Su 02:15-02:45", "2026-10-25T00:50:00Z", "ferme",
        "2026-10-25T02:15:00+01:00"),
    Cas("2 h 20 la seconde fois", "Paris", "Su 02:15-02:45", "2026-10-25T01:20:00Z", "ouvert",
        "2026-10-25T02:45:00+01:00"),
    Cas("lundi 8 h 30, heure d'hiver", "Saint-Pierre", S, "2026-11-02T11:30:00Z", "ferme", "2026-11-02T09:00:00-03:00"),
    # national holidays
    Cas("le 1er mai, jour de repos", "Paris", S, "2026-05-01T08:00:00Z", "ferme", "2026-05-04T09:00:00+02:00"),
    Cas("le 8 mai, ces horaires n'en disent rien", "Paris", S, "2026-05-08T08:00:00Z", "inconnu",
        "2026-05-11T09:00:00+02:00"),
    Cas("le 8 mai à 13 h, fermé comme toujours", "Paris", S, "2026-05-08T11:00:00Z", "ferme",
        "2026-05-11T09:00:00+02:00"),
    Cas("le 14 juillet, `PH off`", "Paris", SF, "2026-07-14T08:00:00Z", "ferme", "2026-07-15T09:00:00+02:00"),
    Cas("l'Ascension, `PH off`", "Paris", SF, "2026-05-14T08:00:00Z", "ferme", "2026-05-15T09:00:00+02:00"),
    Cas("le lundi de Pentecôte, à ses heures", "Paris", f"{S}; PH 10:00-11:00", "2026-05-25T08:30:00Z", "ouvert",
        "2026-05-25T11:00:00+02:00"),
    Cas("Noël, sans interruption", "Paris", "24/7", "2026-12-25T08:00:00Z", "ouvert"),
    Cas("le 11 novembre est férié en Calédonie", "Nouméa", SF, "2026-11-10T23:00:00Z", "ferme",
        "2026-11-12T09:00:00+11:00"),
    # holidays of one territory
    Cas("vendredi saint, puis lundi de Pâques", "Strasbourg", SF, "2026-04-03T08:00:00Z", "ferme",
        "2026-04-07T09:00:00+02:00"),
    Cas("vendredi saint ailleurs", "Paris", SF, "2026-04-03T08:00:00Z", "ouvert", "2026-04-03T12:00:00+02:00"),
    Cas("le 26 décembre, un samedi", "Metz", "Mo-Sa 09:00-12:00; PH off", "2026-12-26T09:00:00Z", "ferme",
        "2026-12-28T09:00:00+01:00"),
    Cas("le 26 décembre ailleurs", "Paris", "Mo-Sa 09:00-12:00; PH off", "2026-12-26T09:00:00Z", "ouvert",
        "2026-12-26T12:00:00+01:00"),
    Cas("le 27 mai", "Pointe-à-Pitre", SF, "2026-05-27T14:00:00Z", "ferme", "2026-05-28T09:00:00-04:00"),
    Cas("le 22 mai, un vendredi, puis la Pentecôte", "Fort-de-France", SF, "2026-05-22T14:00:00Z", "ferme",
        "2026-05-26T09:00:00-04:00"),
    Cas("le 10 juin", "Cayenne", SF, "2026-06-10T13:00:00Z", "ferme", "2026-06-11T09:00:00-03:00"),
    Cas("le 27 avril", "Mamoudzou", SF, "2026-04-27T07:00:00Z", "ferme", "2026-04-28T09:00:00+03:00"),
    Cas("le 20 décembre, un dimanche", "Saint-Denis", "Mo-Su 09:00-12:00; PH off", "2026-12-20T06:00:00Z", "ferme",
        "2026-12-21T09:00:00+04:00"),
    Cas("le 20 décembre, ouvert les fériés", "Saint-Denis", "Mo-Sa,PH 09:00-12:00", "2026-12-20T06:00:00Z", "ouvert",
        "2026-12-20T12:00:00+04:00"),
    Cas("le 20 décembre, rien n'en est dit", "Saint-Denis", "Mo-Su 09:00-12:00", "2026-12-20T06:00:00Z", "inconnu",
        "2026-12-21T09:00:00+04:00"),
    Cas("le 9 octobre, un vendredi", "Gustavia", SF, "2026-10-09T14:00:00Z", "ferme", "2026-10-12T09:00:00-04:00"),
    Cas("le 28 mai", "Marigot", SF, "2026-05-28T14:00:00Z", "ferme", "2026-05-29T09:00:00-04:00"),
    Cas("le 28 avril", "Mata-Utu", SF, "2026-04-27T22:00:00Z", "ferme", "2026-04-29T09:00:00+12:00"),
    Cas("le 24 septembre", "Nouméa", SF, "2026-09-23T23:00:00Z", "ferme", "2026-09-25T09:00:00+11:00"),
    Cas("le 20 novembre, un vendredi", "Papeete", SF, "2026-11-20T20:00:00Z", "ferme", "2026-11-23T09:00:00-10:00"),
    Cas("le 29 juin n'est plus férié", "Papeete", SF, "2026-06-29T20:00:00Z", "ouvert", "2026-06-29T12:00:00-10:00"),
    # week parity (ISO 8601): 24 November 2026 is in week 48; 2026 has 53 weeks
    Cas("semaine 47, impaire", "Paris", IMPAIRES, "2026-11-18T09:00:00Z", "ouvert", "2026-11-18T12:00:00+01:00"),
    Cas("semaine 48, paire", "Paris", IMPAIRES, "2026-11-25T09:00:00Z", "ferme", "2026-12-02T09:00:00+01:00"),
    Cas("semaine 48, paire", "Paris", PAIRES, "2026-11-25T09:00:00Z", "ouvert", "2026-11-25T12:00:00+01:00"),
    Cas("semaine 53, impaire", "Paris", IMPAIRES, "2026-12-30T09:00:00Z", "ouvert", "2026-12-30T12:00:00+01:00"),
    Cas("semaine 1 après la 53", "Paris", IMPAIRES, "2027-01-06T09:00:00Z", "ouvert", "2027-01-06T12:00:00+01:00"),
    Cas("semaine 53, les paires attendent", "Paris", PAIRES, "2026-12-30T09:00:00Z", "ferme",
        "2027-01-13T09:00:00+01:00"),
    # past midnight
    Cas("1 h 30, la nuit du mardi", "Paris", "Mo-Fr 22:00-02:00", "2026-11-25T00:30:00Z", "ouvert",
        "2026-11-25T02:00:00+01:00"),
    Cas("1 h 30, la nuit du vendredi", "Paris", "Mo-Fr 22:00-02:00", "2026-11-28T00:30:00Z", "ouvert",
        "2026-11-28T02:00:00+01:00"),
    Cas("1 h 30, la nuit du samedi", "Paris", "Mo-Fr 22:00-02:00", "2026-11-29T00:30:00Z", "ferme",
        "2026-11-30T22:00:00+01:00"),
    Cas("la nuit qui suit le 1er mai n'a pas commencé", "Paris", "Mo-Sa 22:00-02:00; PH off", "2026-05-01T22:30:00Z",
        "ferme", "2026-05-02T22:00:00+02:00"),
    # by appointment, replaced days, closed months
    Cas("mercredi après-midi, sur rendez-vous", "Paris", 'Mo-Fr 09:00-12:00; We 14:00-17:00 "sur rendez-vous"',
        "2026-11-25T13:30:00Z", "ouvert_sur_rdv", "2026-11-25T17:00:00+01:00"),
    Cas("la règle du mercredi remplace le matin", "Paris", "Mo-Fr 09:00-12:00; We 14:00-17:00",
        "2026-11-25T09:00:00Z", "ferme", "2026-11-25T14:00:00+01:00"),
    Cas("fermé en août, rouvert le 1er septembre", "Paris", f"{S}; Aug off", "2026-08-24T08:00:00Z", "ferme",
        "2026-09-01T09:00:00+02:00"),
    Cas("fermé en août, trop loin pour être dit", "Paris", f"{S}; Aug off", "2026-08-03T08:00:00Z", "ferme"),
    # what nobody knows
    Cas("pas d'horaires", "Paris", None, "2026-11-24T09:00:00Z", "inconnu"),
    Cas("horaires illisibles", "Paris", "Lu-Ve 9h-12h", "2026-11-24T09:00:00Z", "inconnu"),
    Cas("un commentaire seul", "Paris", '"sur rendez-vous"', "2026-11-24T09:00:00Z", "inconnu"),
    Cas("du lever au coucher", "Paris", "Mo-Fr sunrise-sunset", "2026-11-24T09:00:00Z", "inconnu"),
    Cas("une fin ouverte", "Paris", "Mo-Fr 09:00+", "2026-11-24T09:00:00Z", "inconnu"),
    Cas("sauf vacances scolaires", "Paris", "Mo-Fr 09:00-12:00; SH off", "2026-11-24T09:00:00Z", "inconnu"),
    Cas("vacances ou non, ouvert", "Paris", "Mo-Fr 09:00-12:00; SH 10:00-12:00", "2026-11-24T09:30:00Z", "ouvert",
        "2026-11-24T12:00:00+01:00"),
    Cas("vacances ou non, fermé", "Paris", "Mo-Fr 09:00-12:00; SH off", "2026-11-24T13:00:00Z", "ferme"),
]  # fmt: skip


def lire(cas: Cas) -> Calendrier:
    return Calendrier.lire(cas.horaires, *LIEUX[cas.lieu])


@pytest.mark.parametrize("cas", CAS, ids=lambda cas: f"{cas.lieu} {cas.instant} {cas.pourquoi}")
def test_l_etat_est_celui_qu_on_calcule_a_la_main(cas: Cas) -> None:
    ouverture = lire(cas).etat(datetime.fromisoformat(cas.instant))
    suite = ouverture.ferme_a if ouverture.etat in OUVERTS else ouverture.prochaine
    assert (ouverture.etat, suite.isoformat() if suite else None) == (cas.etat, cas.suite)


def test_la_table_couvre_au_moins_six_fuseaux_et_quarante_cas() -> None:
    assert len(CAS) >= 40
    assert len({LIEUX[cas.lieu][0] for cas in CAS}) == len({fuseau for fuseau, _ in LIEUX.values()})


def etat(horaires: str | None, instant: str, lieu: str = "Paris", **options: object) -> Ouverture:
    return Calendrier.lire(horaires, *LIEUX[lieu], **options).etat(datetime.fromisoformat(instant))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("horaires", "avant", "change"),
    [
        (S, "2026-11-24T10:30:00Z", "2026-11-24T12:00:00+01:00"),
        ("Sa 20:00-04:00", "2026-03-29T00:59:59Z", "2026-03-29T04:00:00+02:00"),
        ("Th-Sa 00:00-24:00", "2026-04-30T20:00:00Z", "2026-05-01T00:00:00+02:00"),
    ],
)
def test_une_reponse_vaut_jusqu_au_changement_et_pas_au_dela(horaires: str, avant: str, change: str) -> None:
    calendrier = Calendrier.lire(horaires, *LIEUX["Paris"])
    debut, fin = datetime.fromisoformat(avant), datetime.fromisoformat(change)
    ouverture = calendrier.etat(debut)
    assert ouverture.valable_jusqu_a == fin
    assert calendrier.etat(fin) != ouverture


def test_ce_qui_ne_change_jamais_vaut_pour_toujours() -> None:
    assert etat("24/7", "2026-11-24T10:00:00Z").valable_jusqu_a is None
    assert etat(None, "2026-11-24T10:00:00Z").valable_jusqu_a is None


def test_deux_changements_se_comparent_meme_dans_l_heure_qui_passe_deux_fois() -> None:
    premiere = etat("Su 02:15-02:45", "2026-10-25T00:20:00Z").valable_jusqu_a
    seconde = etat("Su 02:00-02:15", "2026-10-25T01:05:00Z").valable_jusqu_a
    assert premiere is not None
    assert seconde is not None
    assert premiere < seconde  # 2 h 45 the first time, 2 h 15 the second


def test_une_ouverture_trop_lointaine_entre_en_vue_a_minuit() -> None:
    ouverture = etat("Dec 09 10:00-12:00", "2026-11-24T10:00:00Z")
    assert ouverture.prochaine is None
    assert ouverture.valable_jusqu_a == datetime.fromisoformat("2026-11-25T00:00:00+01:00")
    suite = etat("Dec 09 10:00-12:00", "2026-11-25T00:00:00+01:00")
    assert suite.prochaine == datetime.fromisoformat("2026-12-09T10:00:00+01:00")


def test_sans_fuseau_rien_n_est_connu() -> None:
    for fuseau in (None, "Europe/Atlantide", "../../etc/passwd", ""):
        assert Calendrier.lire(S, fuseau, "75").etat(datetime.fromisoformat("2026-11-24T10:00:00Z")).etat == "inconnu"


def test_un_lieu_qui_ne_recoit_personne_est_ferme_pour_toujours() -> None:
    for horaires in (S, None, "24/7"):
        ouverture = etat(horaires, "2026-11-24T10:00:00Z", recoit_du_public=False)
        assert ouverture == Ouverture(Etat.FERME)


def test_un_lieu_sur_rendez_vous_n_est_jamais_dit_ouvert() -> None:
    assert etat(S, "2026-11-24T09:00:00Z", sur_rdv=True).etat == "ouvert_sur_rdv"
    assert etat("24/7", "2026-11-24T09:00:00Z", sur_rdv=True).etat == "ouvert_sur_rdv"
    assert etat(S, "2026-11-24T20:00:00Z", sur_rdv=True).etat == "ferme"


CONGES = Fermeture(date(2026, 11, 24), date(2026, 11, 25))


@pytest.mark.parametrize("lieu", ["Paris", "Nouméa", "Nuku Hiva"])
def test_une_fermeture_exceptionnelle_couvre_ses_jours_a_l_heure_du_lieu(lieu: str) -> None:
    calendrier = Calendrier.lire("24/7", *LIEUX[lieu], fermetures=[CONGES])
    sans = Calendrier.lire("Mo-Su 00:00-24:00", *LIEUX[lieu])
    debut = sans.creneaux(date(2026, 11, 24), 1)[0].creneaux[0].debut
    fin = sans.creneaux(date(2026, 11, 25), 1)[0].creneaux[0].fin
    for instant, attendu in ((debut, "ferme"), (fin, "ouvert")):
        assert calendrier.etat(instant).etat == attendu
    assert calendrier.etat(debut).prochaine == fin
    assert calendrier.etat(datetime.fromtimestamp(debut.timestamp() - 1, debut.tzinfo)).ferme_a == debut


def test_une_fermeture_l_emporte_sur_des_horaires_inconnus() -> None:
    assert etat(None, "2026-11-24T09:00:00Z", fermetures=[CONGES]).etat == "ferme"
    apres = etat(None, "2026-11-26T09:00:00Z", fermetures=[CONGES])
    assert (apres.etat, apres.prochaine) == ("inconnu", None)


def test_des_fermetures_se_recouvrent_sans_dommage() -> None:
    longues = [
        Fermeture(date(2026, 11, 1), date(2027, 2, 1)),
        CONGES,
        Fermeture(date(2026, 11, 25), date(2026, 11, 27)),
    ]
    assert etat(S, "2026-11-26T09:00:00Z", fermetures=longues) == etat(
        S, "2026-11-26T09:00:00Z", fermetures=longues[:1]
    )
    assert etat(S, "2026-11-26T09:00:00Z", fermetures=longues).prochaine is None


def test_des_horaires_haches_a_l_exces_ne_sont_pas_lus() -> None:
    minutes = ",".join(f"{h:02d}:{m:02d}-{h:02d}:{m + 1:02d}" for h in range(6) for m in range(0, 58, 4))
    hache = minutes[:995].rpartition(",")[0]
    assert etat(hache, "2026-11-24T02:01:30Z").etat == "inconnu"


def test_des_horaires_trop_longs_ne_sont_pas_lus() -> None:
    regle = "Mo-Fr 09:00-12:00; "
    assert etat((regle * 52).removesuffix("; "), "2026-11-24T09:00:00Z").etat == "ouvert"
    assert etat((regle * 53).removesuffix("; "), "2026-11-24T09:00:00Z").etat == "inconnu"


@pytest.mark.parametrize("instant", ["0001-01-02T00:00:00Z", "1999-12-31T10:00:00Z", "9999-12-30T00:00:00Z"])
def test_hors_des_annees_connues_rien_n_est_dit(instant: str) -> None:
    assert etat(S, instant) == Ouverture(Etat.INCONNU)


def test_le_fragment_est_un_objet_json_a_l_heure_du_lieu() -> None:
    assert fragment(etat(S, "2026-11-24T18:30:00Z", "Nuku Hiva")) == (
        b'{"etat":"ouvert","ferme_a":"2026-11-24T12:00:00-09:30","prochaine":null}'
    )
    assert json.loads(fragment(etat(S, "2026-11-24T11:00:00Z"))) == {
        "etat": "ferme",
        "ferme_a": None,
        "prochaine": "2026-11-24T14:00:00+01:00",
    }
    assert fragment(etat(None, "2026-11-24T11:00:00Z")) == b'{"etat":"inconnu","ferme_a":null,"prochaine":null}'


def test_deux_lieux_qui_ont_les_memes_horaires_partagent_un_calendrier() -> None:
    assert Calendrier.lire(S, *LIEUX["Paris"]) is Calendrier.lire(S, *LIEUX["Paris"], fermetures=[])
    assert Calendrier.lire(S, *LIEUX["Paris"]) is not Calendrier.lire(S, *LIEUX["Metz"])
