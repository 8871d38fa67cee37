"""Composition of financement."""

from __future__ import annotations

from fastapi import FastAPI
from socle.settings import SocleSettings
from socle.web.app import create_service
from socle.web.observabilite import configurer_journaux

DESCRIPTION = """Le dossier unique de financement : dispositifs, demandes conjointes, instruction, décisions.

Cette version ne sert encore que sa santé et son contrat : aucune donnée de financement n'est publiée."""


def create_app(settings: SocleSettings) -> FastAPI:
    """Compose the service: its health and its contract, for now."""
    return create_service(
        nom="financement", titre="Maillage · Financement", description=DESCRIPTION, version="1", settings=settings
    )


def create_app_depuis_environnement() -> FastAPI:
    """Compose the service of this process from its environment, for uvicorn."""
    configurer_journaux("financement")
    return create_app(SocleSettings())
