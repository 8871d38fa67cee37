"""The breaker: opens, rests, tries, closes."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from socle.web.disjoncteur import Disjoncteur, Etat


class Horloge:
    def __init__(self) -> None:
        self.instant = 0.0

    def __call__(self) -> float:
        return self.instant


def echouer(disjoncteur: Disjoncteur, fois: int) -> None:
    for _ in range(fois):
        assert disjoncteur.laisser_passer()
        disjoncteur.echouer()


def test_cinq_echecs_de_suite_ouvrent() -> None:
    disjoncteur = Disjoncteur(horloge=Horloge())
    echouer(disjoncteur, 4)
    assert disjoncteur.etat is Etat.FERME
    echouer(disjoncteur, 1)
    assert disjoncteur.etat is Etat.OUVERT
    assert not disjoncteur.laisser_passer()


def test_la_moitie_d_echecs_sur_vingt_appels_ouvre() -> None:
    disjoncteur = Disjoncteur(horloge=Horloge())
    for rang in range(19):
        (disjoncteur.echouer if rang % 2 else disjoncteur.reussir)()
    assert disjoncteur.etat is Etat.FERME
    disjoncteur.echouer()
    assert disjoncteur.etat is Etat.OUVERT


def test_les_vieux_echecs_ne_comptent_plus() -> None:
    horloge = Horloge()
    disjoncteur = Disjoncteur(horloge=horloge)
    for rang in range(18):
        (disjoncteur.echouer if rang % 2 else disjoncteur.reussir)()
    horloge.instant = 10.1
    disjoncteur.echouer()
    disjoncteur.echouer()
    assert disjoncteur.etat is Etat.FERME


def test_trois_essais_reussis_referment() -> None:
    horloge = Horloge()
    disjoncteur = Disjoncteur(horloge=horloge)
    echouer(disjoncteur, 5)
    horloge.instant = 4.9
    assert not disjoncteur.laisser_passer()
    horloge.instant = 5.0
    assert [disjoncteur.laisser_passer() for _ in range(4)] == [True, True, True, False]
    for _ in range(3):
        disjoncteur.reussir()
    assert disjoncteur.etat is Etat.FERME


def test_un_essai_rate_rouvre_pour_cinq_secondes() -> None:
    horloge = Horloge()
    disjoncteur = Disjoncteur(horloge=horloge)
    echouer(disjoncteur, 5)
    horloge.instant = 5.0
    echouer(disjoncteur, 1)
    horloge.instant = 9.9
    assert not disjoncteur.laisser_passer()
    horloge.instant = 10.0
    assert disjoncteur.laisser_passer()


def test_un_essai_abandonne_rend_sa_place() -> None:
    horloge = Horloge()
    disjoncteur = Disjoncteur(horloge=horloge)
    echouer(disjoncteur, 5)
    horloge.instant = 5.0
    for _ in range(10):
        assert disjoncteur.laisser_passer()
        disjoncteur.abandonner()


class Histoires(RuleBasedStateMachine):
    """Any history: open refuses, closed accepts, and rest always ends."""

    def __init__(self) -> None:
        super().__init__()
        self.horloge = Horloge()
        self.disjoncteur = Disjoncteur(horloge=self.horloge)
        self.en_cours = 0

    @rule(secondes=st.floats(0, 12))
    def attendre(self, secondes: float) -> None:
        self.horloge.instant += secondes

    @rule()
    def appeler(self) -> None:
        avant = self.disjoncteur.etat
        passe = self.disjoncteur.laisser_passer()
        self.en_cours += passe
        assert passe or avant is not Etat.FERME
        assert not (passe and avant is Etat.OUVERT)

    @precondition(lambda self: self.en_cours > 0)
    @rule(fin=st.sampled_from(["reussir", "echouer", "abandonner"]))
    def finir(self, fin: str) -> None:
        getattr(self.disjoncteur, fin)()
        self.en_cours -= 1

    @invariant()
    def les_compteurs_se_tiennent(self) -> None:
        assert 0 <= self.disjoncteur._echecs <= len(self.disjoncteur._appels)
        assert 0 <= self.disjoncteur._reussis <= 3

    def teardown(self) -> None:
        self.horloge.instant += 5
        if self.en_cours == 0 and self.disjoncteur.etat is not Etat.FERME:
            assert self.disjoncteur.laisser_passer()


Histoires.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestHistoires = Histoires.TestCase
