"""Errors that the gateway says in place of a service."""

from __future__ import annotations

from socle.errors import Indisponible


class AmontInjoignable(Indisponible):
    code, titre = "service-injoignable", "Ce service ne répond pas pour l'instant"


class PasserelleChargee(Indisponible):
    code, titre = "passerelle-chargee", "La passerelle a trop de requêtes en cours"


class ReponseRompue(Exception):
    """The service broke its answer after its first bytes: only closing the connection can say so."""
