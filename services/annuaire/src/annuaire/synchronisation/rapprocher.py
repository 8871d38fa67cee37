"""With keys derived from the records, a place renamed is a new key and an absent one: it is found to be the same."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from socle.donnees.db import Database

from annuaire.lieux import repository as fiches
from annuaire.synchronisation import repository
from annuaire.synchronisation.rules import CREE, Decision, Plan
from annuaire.territoires.rules import distance_m

DERIVEE: Final = "d:"
"""What a derived key begins with."""
PRES_M: Final = 1_000.0
LOT = 200


@dataclass(frozen=True, slots=True)
class Portrait:
    """What tells that two records may be of one place: their marks (fingerprint, pivot, phones), where they lie."""

    marques: frozenset[str]
    latitude: float | None
    longitude: float | None
    code_insee: str | None

    @classmethod
    def de(cls, normalise: bytes, empreinte: str) -> Portrait:
        """Draw the portrait of a normalised record."""
        valeurs: dict[str, Any] = json.loads(normalise)
        marques = {f"pivot {valeurs['pivot']}"} if valeurs.get("pivot") else set()
        marques |= {f"telephone {numero}" for numero in valeurs.get("telephones") or ()}
        return cls(
            frozenset(marques | {f"empreinte {empreinte}"}),
            valeurs.get("latitude"),
            valeurs.get("longitude"),
            valeurs.get("code_insee"),
        )

    def pres_de(self, autre: Portrait) -> bool:
        """Tell whether two records lie near: a kilometre, or the same commune where a point is missing."""
        if self.latitude is None or self.longitude is None or autre.latitude is None or autre.longitude is None:
            return self.code_insee is not None and self.code_insee == autre.code_insee
        return distance_m(self.latitude, self.longitude, autre.latitude, autre.longitude) <= PRES_M


def apparier(absentes: Mapping[str, Portrait], nouvelles: Mapping[str, Portrait]) -> dict[str, str]:
    """Pair new keys with absent ones, `{new: absent}`: only where each is the other's single candidate."""
    par_marque: dict[str, list[str]] = defaultdict(list)
    for cle, portrait in absentes.items():
        for marque in portrait.marques:
            par_marque[marque].append(cle)
    candidates: dict[str, set[str]] = {}
    pour: dict[str, set[str]] = defaultdict(set)
    for cle, portrait in nouvelles.items():
        voisines = {a for m in portrait.marques for a in par_marque[m] if portrait.pres_de(absentes[a])}
        candidates[cle] = voisines
        for absente in voisines:
            pour[absente].add(cle)
    seules = {cle: next(iter(voisines)) for cle, voisines in candidates.items() if len(voisines) == 1}
    return {cle: absente for cle, absente in seules.items() if len(pour[absente]) == 1}


async def rapprocher(base: Database, run_id: UUID, source_id: str, plan: Plan) -> None:
    """Turn creations of a plan into new keys of absent records, where both are of one place."""
    absentes = [cle for cle in plan.absentes() if cle.startswith(DERIVEE)]
    if not absentes or not plan.comptes.crees:
        return
    async with base.read() as session:
        connues = {
            cle: Portrait.de(fiche.normalise, fiche.empreinte)
            for lot in _lots(absentes)
            for cle, fiche in (await fiches.fiches(session, source_id, lot)).items()
        }
        creees: dict[str, tuple[int, str]] = {}
        portraits: dict[str, Portrait] = {}
        async for page in repository.lots_du_plan(session, run_id, [CREE], lot=LOT):
            for ligne in page:
                if ligne.cle.startswith(DERIVEE) and ligne.normalise is not None:
                    empreinte = ligne.empreinte or ""
                    creees[ligne.cle] = (ligne.rang, empreinte)
                    portraits[ligne.cle] = Portrait.de(ligne.normalise, empreinte)
    renommees: list[Decision] = []
    for cle, absente in sorted(apparier(connues, portraits).items()):
        rang, empreinte = creees[cle]
        renommees.append(plan.renommer(rang, cle, absente, empreinte))
    async with base.write() as ecriture:
        await repository.renommer_au_plan(
            ecriture,
            run_id,
            [{"le_rang": d.rang, "l_ancienne": d.ancienne_cle, "le_lieu": d.lieu_id} for d in renommees],
        )


def _lots(cles: Sequence[str]) -> Iterable[Sequence[str]]:
    return (cles[debut : debut + LOT] for debut in range(0, len(cles), LOT))
