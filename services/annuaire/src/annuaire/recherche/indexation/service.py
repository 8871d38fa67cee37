"""Use cases of the search index: where it is, and what people ask of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from socle.acces.principal import Principal
from socle.donnees import audit, feed
from socle.donnees.db import Database, ReadSession, WriteSession
from socle.errors import Indisponible
from socle.horloge import Horloge

from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.indexation import repository
from annuaire.recherche.indexation.carnets import Carnet, CarnetDeDossier, CarnetEnBase
from annuaire.recherche.indexation.errors import MoteurInconnu
from annuaire.recherche.indexation.fiches import NomDeCommune
from annuaire.recherche.indexation.indexeur import Demande, Indexeur
from annuaire.recherche.indexation.mesures import Mesures
from annuaire.recherche.indexation.schemas import EtatDeLIndex, EtatDuMoteur, FicheRefusee
from annuaire.recherche.port import EngineUnavailable, SearchEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexation:
    """Who feeds each engine, in this process."""

    indexeurs: Sequence[Indexeur]

    def reveiller(self) -> None:
        """Say that something was committed."""
        for indexeur in self.indexeurs:
            indexeur.reveiller()

    def retard(self, nom: str) -> float | None:
        """Return how late an engine is, in seconds; `None` when it has no index."""
        for indexeur in self.indexeurs:
            if indexeur.nom == nom and indexeur.generation is not None:
                return indexeur.retard()
        return None


def composer(
    moteurs: Mapping[str, SearchEngine],
    *,
    dossier: Path,
    base: Database,
    commune: NomDeCommune,
    horloge: Horloge,
    registre: CollectorRegistry,
) -> Indexation:
    """Make what feeds these engines, by name; the embedded one keeps its position in `dossier`, beside its index."""
    mesures = Mesures(registre)

    def carnet(nom: str, moteur: SearchEngine) -> Carnet:
        if isinstance(moteur, MoteurEmbarque):
            return CarnetDeDossier(dossier)
        return CarnetEnBase(base, nom, horloge=horloge)

    return Indexation(
        indexeurs=[
            Indexeur(
                nom, moteur, carnet(nom, moteur), base=base, commune=commune, horloge=horloge, mesures=mesures
            )
            for nom, moteur in moteurs.items()
        ]
    )  # fmt: skip


class SansIndex(Indisponible):
    code, titre = "recherche-sans-index", "La recherche n'a pas encore d'index"


async def etat(session: ReadSession, indexation: Indexation) -> EtatDeLIndex:
    """Say where each engine is."""
    dernier = await feed.dernier_numero(session)
    moteurs = []
    for indexeur in indexation.indexeurs:
        refuses = [
            FicheRefusee(id=r.id, version=r.v, erreur=r.erreur, essais=r.essais, le=r.le)
            for r in await repository.refuses(session, indexeur.nom)
        ]
        dit: Mapping[str, Any] = indexeur.resumer()
        with contextlib.suppress(EngineUnavailable):
            dit = {**dit, "fiches": (await indexeur.moteur.stats()).documents}
        if not indexeur.chef:
            ecrit = await repository.suivi(session, indexeur.nom)
            dit = {**dit, **((ecrit.etat if ecrit else None) or {}), "role": "veille"}
        moteurs.append(EtatDuMoteur.model_validate({**dit, "dernier_numero": dernier, "quarantaine": refuses}))
    return EtatDeLIndex(moteurs=moteurs)


async def demander(
    session: WriteSession,
    indexation: Indexation,
    demande: Demande,
    *,
    moteur: str | None,
    principal: Principal,
    le: datetime,
) -> None:
    """Ask the process that feeds an engine, or each of them, to build or to check. Raises `MoteurInconnu` (404)."""
    noms = [indexeur.nom for indexeur in indexation.indexeurs if moteur in (None, indexeur.nom)]
    if not noms:
        connus = ", ".join(indexeur.nom for indexeur in indexation.indexeurs)
        raise MoteurInconnu(f"Moteurs alimentés : {connus}.")
    for nom in noms:
        await repository.noter(session, nom, demande=demande)
        audit.consigner(
            session, audit.Acte(acteur=principal.sujet, action=f"recherche.{demande}", objet=f"moteur:{nom}", le=le)
        )
    session.apres_commit(indexation.reveiller)


async def sante(indexation: Indexation) -> str:
    """Say whether searches find an index. Raises `SansIndex`."""
    indexeur = indexation.indexeurs[0]
    sain = await indexeur.moteur.health()
    if not sain.up:
        raise SansIndex(sain.detail or "L'index de la recherche n'est pas encore construit.")
    return indexeur.nom
