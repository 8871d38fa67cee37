"""A directory of many fictional places, written through the service's own use case, without the way of a list."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from annuaire.demonstration.__main__ import listes_du_standard
from annuaire.demonstration.generateur import NOMBRE, engendrer
from annuaire.lieux import service
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import SourceCitee
from annuaire.lieux.service import Enregistrement
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from annuaire.synchronisation.traitement import standard
from annuaire.territoires.referentiel import Referentiel
from socle.identifiants import uuid7

from tests.fabriques.annuaire import Annuaire, ouvrir

LOT = 250
GRAINES = 5
"""Sources of 5,000 places drawn apart; beyond, the same places come again in other streets."""


async def peupler(dossier: Path, nombre: int) -> Path:
    """Make `annuaire.db` in a folder, with this many places, and return its path."""
    chemin = dossier / "annuaire.db"
    async with ouvrir(dossier, f"sqlite:{chemin}") as annuaire:
        await ecrire(annuaire, nombre)
    return chemin


async def ecrire(annuaire: Annuaire, nombre: int) -> None:
    """Write this many places, in sources of 5,000."""
    for graine in range(-(-nombre // NOMBRE)):
        combien = min(NOMBRE, nombre - graine * NOMBRE)
        source = await annuaire.creer_source()
        async with annuaire.base.write() as session:
            await service.enregistrer(
                session,
                _lots(combien, graine),
                source=SourceCitee(id=source, licence="etalab-2.0"),
                run_id=uuid7(),
                outils=annuaire.contexte.outils,
                le=datetime.now(UTC),
            )


async def _lots(nombre: int, graine: int) -> AsyncIterator[Sequence[Enregistrement]]:
    fiches, hasard = lues(nombre, graine % GRAINES), random.Random(graine)
    for debut in range(0, len(fiches), LOT):
        yield [
            Enregistrement(
                cle=objet["cle"], lieu_id=uuid7(), ligne=objet["ligne"], brut=objet["brut"],
                normalise=objet["normalise"], empreinte=objet["empreinte"],
                fiche=fiche if graine < GRAINES else _ailleurs(fiche, hasard),
            )
            for objet, fiche in fiches[debut : debut + LOT]
        ]  # fmt: skip


def _ailleurs(fiche: LieuNormalise, hasard: random.Random) -> LieuNormalise:
    """Put a place drawn before in another street."""
    if fiche.latitude is None or fiche.longitude is None:
        return fiche
    latitude, longitude = fiche.latitude + hasard.gauss(0, 0.02), fiche.longitude + hasard.gauss(0, 0.02)
    return replace(fiche, latitude=round(latitude, 6), longitude=round(longitude, 6))


@lru_cache(maxsize=GRAINES)
def lues(nombre: int, graine: int) -> list[tuple[dict[str, Any], LieuNormalise]]:
    """Draw fictional places and read them at the standard, their hours as varied as those of a country."""
    hasard = random.Random(graine)
    traiter = standard({"aujourd_hui": "2026-11-24"})
    communes = list(Referentiel.charger().communes())
    trouvees = []
    for rang, ligne in enumerate(engendrer(communes, listes_du_standard(), nombre=nombre, graine=graine)):
        if ligne.get("horaires") and hasard.random() < 0.7:
            ligne["horaires"] = _horaires(hasard)
        objet = traiter(LigneBrute(ligne=rang + 1, feuille=None, valeurs=ligne))
        trouvees.append((objet, LieuNormalise.de_dict(json.loads(objet["normalise"]))))
    return trouvees


def _horaires(hasard: random.Random) -> str:
    def quart(heures: tuple[int, int]) -> str:
        return f"{hasard.randrange(*heures):02}:{hasard.choice(('00', '15', '30', '45'))}"

    matin = f"{quart((7, 10))}-{hasard.choice(('11:45', '12:00', '12:30'))}"
    soir = f"{hasard.choice(('13:00', '13:30', '14:00'))}-{quart((16, 19))}"
    jours = hasard.choice(("Mo-Fr", "Tu-Sa", "Mo,Tu,Th,Fr", "We,Sa"))
    return f"{jours} {matin},{soir}" + hasard.choice(("", "; PH off", f"; Sa {matin}"))
