"""The pure rules of orientation: reasons, reserves, what is given up and in what order."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from annuaire.lieux.horaires.ouverture import Etat, Ouverture
from annuaire.recherche.orientation.rules import (
    POIDS,
    RELACHEES,
    Besoin,
    Contrainte,
    Faits,
    dire_la_distance,
    dire_quand,
    juger,
    orienter,
)

PARIS = ZoneInfo("Europe/Paris")
HEURE = datetime(2026, 11, 24, 14, 0, tzinfo=PARIS)
"""A Tuesday."""
SERVICE = "Aide aux démarches administratives"


def faits(id: str = "a", **autres: Any) -> Faits:
    donnes: dict[str, Any] = {
        "id": id,
        "services": (SERVICE,),
        "publics": (),
        "frais": ("Gratuit",),
        "accompagnements": ("Accompagnement individuel",),
        "accessibilite": "oui",
        "langues": ("fr",),
        "recoit_du_public": True,
        "telephone": "+33199000001",
        "ouverture": Ouverture(Etat.OUVERT, ferme_a=HEURE.replace(hour=17, minute=30)),
        "heure": HEURE,
        "distance_m": 850.0,
        "merite": 1.0,
    }
    return Faits(**{**donnes, **autres})


def besoin(**autres: Any) -> Besoin:
    return Besoin(**{"distance_max_m": 5_000, "a_un_moment": True, **autres})


INCONNUS = Ouverture(Etat.INCONNU)
FERME = Ouverture(Etat.FERME, prochaine=datetime(2026, 11, 30, 9, 0, tzinfo=PARIS))


@pytest.mark.parametrize(
    ("demande", "lieu", "raisons", "reserves"),
    [
        ({}, {}, ["ouvert à 14:00, jusqu'à 17:30", "à 850 m", "gratuit"], []),
        ({"maintenant": True}, {}, ["ouvert maintenant, jusqu'à 17:30"], []),
        ({"a_un_moment": False}, {}, ["ouvert en ce moment, jusqu'à 17:30"], []),
        ({"a_un_moment": False}, {"ouverture": FERME}, ["ouvre lundi 30 novembre à 09:00"], []),
        ({}, {"ouverture": Ouverture(Etat.SUR_RDV)}, ["reçoit sur rendez-vous à 14:00"], []),
        ({}, {"ouverture": INCONNUS}, [], ["horaires inconnus : téléphonez au +33199000001"]),
        ({}, {"ouverture": INCONNUS, "telephone": None}, [], ["horaires inconnus : renseignez-vous avant d'y aller"]),
        ({}, {"ouverture": FERME}, [], ["fermé à 14:00 ; ouvre lundi 30 novembre à 09:00"]),
        ({"services": (SERVICE,)}, {}, [f"propose « {SERVICE} »"], []),
        ({}, {"frais": ("Gratuit sous condition",)}, ["gratuit sous condition"], []),
        ({"gratuit": True}, {"frais": ("Payant",)}, [], ["payant"]),
        ({"gratuit": True}, {"frais": ()}, [], ["tarif inconnu : demandez"]),
        ({"accessible": True}, {}, ["accessible"], []),
        ({"accessible": True}, {"accessibilite": "inconnu"}, [], ["accessibilité inconnue : demandez"]),
        ({"accessible": True}, {"accessibilite": "non"}, [], ["dit ne pas être accessible"]),
        ({"langue": "fr"}, {}, ["parle la langue demandée (fr)"], []),
        ({"langue": "ar"}, {}, [], ["ne dit pas parler cette langue (ar)"]),
        ({"langue": "ar"}, {"langues": ()}, [], ["langues inconnues : demandez"]),
        ({"accompagnement": "accompagne"}, {}, ["on vous y accompagne"], []),
        ({"accompagnement": "seul"}, {"accompagnements": ("En autonomie",)}, ["on peut y être en autonomie"], []),
        ({"accompagnement": "seul"}, {"accompagnements": ()}, [], ["forme d'accompagnement inconnue : demandez"]),
        ({}, {"distance_m": 12_300.0}, [], ["à 12 km, plus loin que demandé"]),
        ({"publics": ("Seniors",)}, {"publics": ("Seniors",)}, ["s'adresse à ce public : seniors"], []),
        ({"publics": ("Seniors",)}, {"publics": ("Jeunes",)}, [], ["s'adresse d'abord à d'autres : jeunes"]),
        ({"a_distance": True}, {"accompagnements": ("À distance",), "distance_m": None}, ["peut aider à distance"], []),
    ],
    ids=str,
)  # fmt: skip
def test_chaque_fait_a_sa_phrase(
    demande: dict[str, Any], lieu: dict[str, Any], raisons: list[str], reserves: list[str]
) -> None:
    choix = juger(besoin(**demande), faits(**lieu))
    assert set(raisons) <= set(choix.raisons)
    assert choix.reserves == reserves


def test_ce_qui_est_ouvert_vient_d_abord_puis_l_inconnu_puis_le_ferme() -> None:
    lieux = [
        faits("ferme", ouverture=FERME, distance_m=10.0),
        faits("inconnu", ouverture=INCONNUS, distance_m=20.0),
        faits("loin", distance_m=4_000.0),
        faits("pres", distance_m=30.0),
    ]
    assert [c.faits.id for c in orienter(besoin(), lieux, 10).choix] == ["pres", "loin", "inconnu"]
    # nothing is open, or may be: the closed ones say when they open, and the answer what was given up
    fermes = orienter(besoin(), lieux[:1], 10)
    assert ([c.faits.id for c in fermes.choix], fermes.relachees) == (["ferme"], (Contrainte.HEURE,))


def test_un_lieu_dont_on_ne_sait_pas_tout_reste_apres_ceux_dont_on_sait() -> None:
    lieux = [faits("tait", frais=(), distance_m=1.0), faits("dit"), faits("payant", frais=("Payant",))]
    orientation = orienter(besoin(gratuit=True), lieux, 10)
    assert [c.faits.id for c in orientation.choix] == ["dit", "tait"]
    assert orientation.relachees == ()


def test_ce_qui_est_lache_est_ce_qui_coute_le_moins() -> None:
    rangees = sorted(POIDS.values())
    assert all(sum(rangees[:rang]) < poids for rang, poids in enumerate(rangees))
    assert set(POIDS) == set(RELACHEES) == set(Contrainte)
    for perdue, gardee in (
        ({"ouverture": FERME}, {"frais": ("Payant",)}),
        ({"frais": ("Payant",)}, {"distance_m": 9_000.0}),
        ({"langues": ("fr",)}, {"accessibilite": "non"}),
    ):
        lieux = [faits("mieux", **{"langues": ("ar",), **perdue}), faits("moins", **{"langues": ("ar",), **gardee})]
        demande = besoin(gratuit=True, accessible=True, langue="ar")
        assert orienter(demande, lieux, 10).choix[0].faits.id == "mieux"


def test_un_lieu_qui_ne_recoit_personne_n_est_propose_que_s_il_aide_a_distance() -> None:
    lieu = faits(recoit_du_public=False, accompagnements=("À distance",), distance_m=400_000.0, ouverture=FERME)
    assert orienter(besoin(), [lieu], 10).choix == ()
    (choix,) = orienter(besoin(a_distance=True), [lieu], 10).choix
    assert (choix.manques, choix.raisons[0]) == (set(), "peut aider à distance")


def test_un_public_vise_est_prefere_et_un_autre_recule() -> None:
    lieux = [faits("jeunes", publics=("Jeunes",)), faits("tous"), faits("ages", publics=("Seniors",))]
    ids = [c.faits.id for c in orienter(besoin(publics=("Seniors",)), lieux, 10).choix]
    assert ids == ["ages", "tous", "jeunes"]


def test_l_ordre_ne_depend_pas_de_celui_des_candidats_et_la_limite_est_tenue() -> None:
    lieux = [faits(f"{rang:02}") for rang in range(20)]
    attendus = [f"{rang:02}" for rang in range(10)]
    assert [c.faits.id for c in orienter(besoin(), lieux[::-1], 10).choix] == attendus
    assert orienter(besoin(), [], 10) == dataclasses.replace(orienter(besoin(), lieux, 0), choix=())


@pytest.mark.parametrize(
    ("metres", "dite"),
    [(0, "10 m"), (854, "850 m"), (996, "1 km"), (2_449, "2,4 km"), (2_000, "2 km"), (18_400, "18 km")],
)
def test_une_distance_se_dit_comme_on_la_dit(metres: float, dite: str) -> None:
    assert dire_la_distance(metres) == dite


def test_un_moment_se_dit_a_l_heure_de_l_endroit() -> None:
    reunion = datetime(2026, 11, 30, 22, 0, tzinfo=UTC).astimezone(ZoneInfo("Indian/Reunion"))
    assert dire_quand(reunion, reunion.replace(hour=0)) == "à 02:00"
    assert dire_quand(reunion, reunion.replace(month=11, day=30)) == "le lendemain à 02:00"
    assert dire_quand(reunion, reunion.replace(month=11, day=2)) == "mardi 1er décembre à 02:00"
