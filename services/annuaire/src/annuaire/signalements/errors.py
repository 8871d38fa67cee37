"""Errors of the reports."""

from __future__ import annotations

from socle.errors import Conflit, Introuvable


class SignalementInconnu(Introuvable):
    code, titre = "signalement-inconnu", "Ce signalement n'existe pas"


class TropDeSignalements(Conflit):
    code, titre = "trop-de-signalements", "Ce lieu a déjà beaucoup de signalements en attente"


class SuiteImpossible(Conflit):
    code, titre = "suite-impossible", "Ce signalement ne peut pas prendre cet état"
