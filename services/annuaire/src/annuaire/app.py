"""Composition root of annuaire."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from socle.acces.secrets import lire_ou_creer
from socle.courriels import ENVOYER, envoyer, facteur, renoncer
from socle.donnees.db import Database
from socle.donnees.jobs import Ouvrier
from socle.donnees.outbox import Relais
from socle.donnees.revision import a_jour
from socle.donnees.temoin import temoin as creer_temoin
from socle.horloge import maintenant
from socle.settings import SocleSettings
from socle.web.app import create_service
from socle.web.cloisons import Cloison
from socle.web.observabilite import configurer_journaux
from socle.web.pagination import Curseurs
from socle.web.sortant.adresses import Reglages
from socle.web.sortant.client import Sortie
from socle.webhooks.diffuser import Diffuseur
from socle.webhooks.livrer import Livreur
from socle.webhooks.routes import routeur_sous
from socle.webhooks.service import Atelier

from annuaire.changements.routes import routeur as changements
from annuaire.correspondances.routes import routeur as correspondances
from annuaire.dependances import Contexte
from annuaire.doublons.rapprocher import RAPPROCHER, rapprocher
from annuaire.doublons.routes import routeur as doublons
from annuaire.exports.routes import routeur as exports
from annuaire.lieux.confidentialite import contact_personnel
from annuaire.lieux.etats_des_sources import EtatsDesSources
from annuaire.lieux.fermetures.routes import routeur as fermetures
from annuaire.lieux.historique.routes import routeur as historique
from annuaire.lieux.lecture.modele import ModeleLecture
from annuaire.lieux.routes import lectures
from annuaire.lieux.routes import routeur as lieux
from annuaire.lieux.schemas import completer_contrat
from annuaire.lieux.service import Outils
from annuaire.lieux.situer import Situeur
from annuaire.migrations import DOSSIER
from annuaire.notifications import TYPES, abonnes
from annuaire.paquets.routes import routeur as paquets
from annuaire.paquets.service import Paquets
from annuaire.paroles.routes import routeur as paroles
from annuaire.recherche import schemas as schemas_de_recherche
from annuaire.recherche.dependances import Recherche
from annuaire.recherche.indexation import service as indexations
from annuaire.recherche.indexation.routes import routeur as index_de_recherche
from annuaire.recherche.monter import monter
from annuaire.recherche.orientation.routes import routeur as orientation
from annuaire.recherche.routes import routeur as recherche
from annuaire.referentiels.routes import routeur as referentiels
from annuaire.settings import AnnuaireSettings
from annuaire.signalements.routes import routeur as signalements
from annuaire.sources.bilan.routes import routeur as bilans
from annuaire.sources.correspondance.routes import routeur as correspondances_des_sources
from annuaire.sources.routes import routeur as sources
from annuaire.sources.service import citees
from annuaire.sources.tirage.planificateur import Planificateur
from annuaire.sources.tirage.routes import routeur as tirages
from annuaire.sources.tirage.service import TIRER
from annuaire.sources.tirage.tirer import Tireur, tirer
from annuaire.structures import collectivites
from annuaire.structures.routes import routeur as structures
from annuaire.synchronisation import reception
from annuaire.synchronisation.avancer import abandonner, avancer
from annuaire.synchronisation.resituer import resituer
from annuaire.synchronisation.routes import routeur as synchronisation
from annuaire.synchronisation.service import AVANCER
from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.routes import ENVOI_COUCHE, OCTETS_COUCHE
from annuaire.territoires.routes import routeur as territoires
from annuaire.territoires.rules import plier
from annuaire.territoires.service import RESITUER

VERSION = "0.1.0"
EXPORTS_A_LA_FOIS = 2
PROPOSITIONS_A_LA_FOIS = 2
TIREURS = 2
"""Lists fetched at once."""
DESCRIPTION = (Path(__file__).parent / "description.md").read_text(encoding="utf-8")


def create_app(socle: SocleSettings, settings: AnnuaireSettings, **options: Any) -> FastAPI:
    """Compose annuaire; `options` go to `create_service` (tests give a verifier of tokens)."""
    base = Database(settings.url(socle))
    depots = settings.depots(socle)
    depots.mkdir(parents=True, exist_ok=True)
    situeur = Situeur(Referentiel.charger())
    outils = Outils(
        situeur=situeur, est_personnel=contact_personnel, plier=plier, sources=citees, rapprocher=settings.rapprochement
    )
    ouvrier = Ouvrier(
        base,
        {
            AVANCER: partial(avancer, base, outils=outils, dossier=depots, horloge=maintenant),
            ENVOYER: partial(
                envoyer,
                base,
                par=facteur(socle.courriels, socle.donnees / "courriels"),
                expediteur=socle.expediteur,
                horloge=maintenant,
            ),
            RESITUER: partial(resituer, base, situeur=situeur, outils=outils, horloge=maintenant),
        },
        horloge=maintenant,
        echecs_finals={
            AVANCER: partial(abandonner, base, horloge=maintenant),
            ENVOYER: partial(renoncer, base),
        },
    )
    # apart from the runs: comparing a whole list with its neighbours must not keep the next list waiting
    rapprocheur = Ouvrier(
        base, {RAPPROCHER: partial(rapprocher, base, outils=outils, horloge=maintenant)}, horloge=maintenant
    )
    sortie = Sortie(Reglages(ports=socle.sorties_ports, locales=socle.sorties_locales))
    tireur = Tireur(
        base=base,
        sortie=sortie,
        depots=depots,
        secrets=socle.secrets,
        quota=settings.runs_par_heure,
        horloge=maintenant,
        hasard=random.random,
    )
    # apart from the runs: a slow server at the other end must not keep lists already received waiting
    tireurs = [Ouvrier(base, {TIRER: partial(tirer, tireur=tireur)}, horloge=maintenant) for _ in range(TIREURS)]
    cle_des_webhooks = lire_ou_creer(socle.secrets, "webhooks")
    livreur = Livreur(base, sortie=sortie, cle=cle_des_webhooks, horloge=maintenant)
    diffuseur = Diffuseur(base, horloge=maintenant, reveiller=livreur.reveiller)
    relais = Relais(base, abonnes(diffuseur), horloge=maintenant)

    temoin = creer_temoin(base)

    def reveiller() -> None:
        for travailleur in (ouvrier, rapprocheur, *tireurs):
            travailleur.reveiller()
        relais.reveiller()

    planificateur = Planificateur(base, horloge=maintenant, reveiller=reveiller)

    contexte = Contexte(
        base=base,
        socle=socle,
        settings=settings,
        curseurs=Curseurs(lire_ou_creer(socle.secrets, "curseurs")),
        outils=outils,
        situeur=situeur,
        modele=ModeleLecture(base, temoin),
        etats=EtatsDesSources(),
        depots=depots,
        exports=Cloison(EXPORTS_A_LA_FOIS),
        propositions=Cloison(PROPOSITIONS_A_LA_FOIS),
        sortie=sortie,
        horloge=maintenant,
        reveiller=reveiller,
    )

    @contextlib.asynccontextmanager
    async def travailler(_app: FastAPI) -> AsyncIterator[None]:
        base.prendre_propriete()
        if not await a_jour(base, DOSSIER):
            raise RuntimeError("La base d'annuaire n'est pas à jour : lancez `annuaire migrer`.")
        if base.dialecte == "sqlite":
            await ouvrier.reprendre()
            await livreur.reprendre()
        if settings.collectivites:
            await collectivites.semer(base, situeur.referentiel, plier=plier, le=maintenant())
        async with base.read() as session:
            await situeur.suivre(session)
        await contexte.modele.rattraper(le=maintenant(), entierement=True)
        # what lives as long as the process is never garbage: without it, a full collection walks a country
        gc.collect()
        gc.freeze()
        async with asyncio.TaskGroup() as groupe:
            taches = [
                groupe.create_task(t.tourner())
                for t in (ouvrier, rapprocheur, *tireurs, planificateur, relais, livreur, temoin, *indexeurs)
            ]
            taches.append(groupe.create_task(contexte.modele.entretenir(maintenant)))
            taches.append(groupe.create_task(montage.preparer()))
            try:
                yield
            finally:
                for tache in taches:
                    tache.cancel()
                temoin.fermer()
                await asyncio.gather(*taches, return_exceptions=True)
                await montage.fermer()

    async def recherche_prete() -> str:
        return await indexations.sante(montage.indexation)

    app = create_service(
        nom="annuaire",
        titre="Maillage · annuaire",
        description=DESCRIPTION,
        version=VERSION,
        settings=socle,
        routeurs=[
            lieux,
            fermetures,
            signalements,
            paroles,
            historique,
            doublons,
            structures,
            referentiels,
            territoires,
            changements,
            exports,
            paquets,
            index_de_recherche,
            recherche,
            orientation,
            correspondances,
            sources,
            bilans,
            correspondances_des_sources,
            tirages,
            routeur_sous("/annuaire/v1"),
            synchronisation,
        ],
        lectures=[lectures],
        completer_contrat=_completer_contrat,
        base=base,
        taches=[travailler],
        secondaires={"recherche": recherche_prete},
        envois={
            ("/annuaire/v1/sources/", "/synchronisations"): reception.OCTETS_MAX,
            ("/annuaire/v1/sources/", "/correspondances:proposer"): reception.OCTETS_MAX,
            ENVOI_COUCHE: OCTETS_COUCHE,
        },
        **options,
    )
    app.state.contexte = contexte
    app.state.webhooks = Atelier(
        types=TYPES,
        cle=cle_des_webhooks,
        reglages=sortie.reglages,
        curseurs=contexte.curseurs,
        horloge=maintenant,
        reveiller=livreur.reveiller,
    )
    app.state.paquets = Paquets()
    montage = monter(
        settings.recherche_url,
        settings.recherche_cle,
        settings.index(socle),
        base=base,
        modele=contexte.modele,
        commune=situeur.nom_de_commune,
        horloge=maintenant,
        registre=app.state.mesures.registre,
    )
    indexeurs = montage.indexation.indexeurs
    base.temoins.append(montage.indexation.reveiller)
    derives = app.state.mesures.compteur(
        "maillage_recherche_derives", "Résultats de recherche que l'annuaire ne montre plus"
    )
    app.state.recherche = Recherche(moteur=montage.lecture, noter_derives=derives.inc)
    app.state.indexation = montage.indexation
    return app


def _completer_contrat(contrat: dict[str, Any]) -> None:
    completer_contrat(contrat)
    schemas_de_recherche.completer_contrat(contrat)


def create_app_depuis_environnement() -> FastAPI:
    """Compose annuaire from the environment (what uvicorn calls)."""
    configurer_journaux("annuaire")
    # the threads that apply lists give the interpreter back to those who answer five times as often
    sys.setswitchinterval(0.001)
    return create_app(SocleSettings(), AnnuaireSettings())
