"""Search as a service runs it: who answers, and who keeps each engine equal to the directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from socle.donnees.db import Database
from socle.horloge import Horloge

from annuaire.lieux.lecture.modele import ModeleLecture
from annuaire.recherche import ouvrir
from annuaire.recherche.indexation.carnets import Carnet, CarnetDeDossier, CarnetEnBase
from annuaire.recherche.indexation.fiches import NomDeCommune
from annuaire.recherche.indexation.indexeur import Indexeur
from annuaire.recherche.indexation.mesures import Mesures
from annuaire.recherche.indexation.service import Indexation
from annuaire.recherche.port import SearchEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Montage:
    """The engine that answers, whoever stands behind it, and those who feed the engines."""

    lecture: SearchEngine
    indexation: Indexation

    async def fermer(self) -> None:
        """Close the engines, then let others feed them: who stands by finds an index that nobody writes to."""
        await self.lecture.close()
        for indexeur in self.indexation.indexeurs:
            await indexeur.carnet.rendre()


def monter(
    url: str,
    cle: str,
    dossier: Path,
    *,
    base: Database,
    modele: ModeleLecture,
    commune: NomDeCommune,
    horloge: Horloge,
    registre: CollectorRegistry,
) -> Montage:
    """Open the engines of an address and those who feed them. Raises `ValueError` for an address that is none."""
    indexeurs: dict[str, Indexeur] = {}
    moteurs = ouvrir.composer(
        url, cle, dossier, modele=modele, horloge=horloge, retard=lambda: indexeurs[ouvrir.EMBARQUE].retard()
    )
    mesures = Mesures(registre)
    for nom, moteur in moteurs.nourris.items():
        carnet: Carnet = CarnetDeDossier(dossier)
        if nom != ouvrir.EMBARQUE:
            carnet = CarnetEnBase(base, nom, horloge=horloge)
        indexeurs[nom] = Indexeur(nom, moteur, carnet, base=base, commune=commune, horloge=horloge, mesures=mesures)
    return Montage(lecture=moteurs.lecture, indexation=Indexation(indexeurs=list(indexeurs.values())))
