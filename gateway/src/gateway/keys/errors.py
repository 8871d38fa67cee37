"""Errors of the access keys."""

from __future__ import annotations

from socle.errors import ContenuInvalide, Introuvable, NonAuthentifie, RequeteInvalide


class CleRefusee(NonAuthentifie):
    code, titre = "cle-refusee", "Cette clé d'accès n'est pas valable"


class CleDansAdresse(RequeteInvalide):
    code, titre = "cle-dans-adresse", "Une clé d'accès ne se met pas dans l'adresse"


class CleIntrouvable(Introuvable):
    code, titre = "cle-introuvable", "Cette clé n'existe pas"


class CleMalDecrite(ContenuInvalide):
    code, titre = "cle-mal-decrite", "Cette clé ne peut pas être créée ainsi"
