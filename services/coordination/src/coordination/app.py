"""Composition of coordination."""

from __future__ import annotations

from fastapi import FastAPI
from socle.settings import SocleSettings
from socle.web.app import create_service
from socle.web.observabilite import configurer_journaux

DESCRIPTION = """Les espaces locaux de coordination : contrats de ville, réunions, décisions, feuilles de route.

Cette version ne sert encore que sa santé et son contrat : aucune donnée de coordination n'est publiée."""


def create_app(settings: SocleSettings) -> FastAPI:
    """Compose the service: its health and its contract, for now."""
    return create_service(
        nom="coordination", titre="Maillage · Coordination", description=DESCRIPTION, version="1", settings=settings
    )


def create_app_depuis_environnement() -> FastAPI:
    """Compose the service of this process from its environment, for uvicorn."""
    configurer_journaux("coordination")
    return create_app(SocleSettings())
