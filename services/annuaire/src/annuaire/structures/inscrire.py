"""Organisations that are not places: registered by hand, corrected by hand, never overwritten by a list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees import audit, feed
from socle.donnees.db import WriteSession
from socle.identifiants import uuid7

from annuaire.structures import repository
from annuaire.structures.errors import StructureDeReference, StructureExistante, StructureInconnue
from annuaire.structures.rules import FicheStructure
from annuaire.structures.service import enregistrer, fiche_de, reserver


class Territoire(Protocol):
    """The territories of a commune."""

    @property
    def departement(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...
    @property
    def epci(self) -> str | None: ...


Situer = Callable[[str | None, str | None], Territoire]


async def inscrire(
    session: WriteSession,
    *,
    valeurs: dict[str, Any],
    principal: Principal,
    situer: Situer,
    plier: Callable[[str], str],
    le: datetime,
) -> UUID:
    """Register a structure and return its id.

    Raises `StructureExistante` (409, with its address) when its number is taken, `StructureInconnue` (parent).
    """
    await reserver(session)
    pivot = valeurs["pivot"]
    connue = (await repository.par_pivot(session, [pivot])).get(pivot) if pivot else None
    if connue is not None and not connue.supprimee:
        raise StructureExistante(
            f"La structure « {connue.nom} » porte déjà ce numéro.",
            entetes={"Location": f"/annuaire/v1/structures/{connue.id}"},
        )
    # a structure withdrawn with its last place comes back under its own id
    id = connue.id if connue is not None else uuid7()
    return await _ecrire(session, id, valeurs, "structure.inscrire", principal, situer, plier, le)


async def corriger(
    session: WriteSession,
    *,
    id: UUID,
    valeurs: dict[str, Any],
    principal: Principal,
    situer: Situer,
    plier: Callable[[str], str],
    le: datetime,
) -> UUID:
    """Correct a structure, which from then on no longer follows its places.

    Raises `StructureInconnue` (404), `StructureDeReference` (409), `StructureExistante` (409).
    """
    await reserver(session)
    connue = await repository.une(session, id)
    if connue is None or connue.supprimee:
        raise StructureInconnue("Aucune structure ne porte cet identifiant.")
    if connue.origine == "reference":
        raise StructureDeReference("Elle se corrige avec le code officiel géographique, une fois l'an.")
    pivot = valeurs["pivot"]
    autre = (await repository.par_pivot(session, [pivot])).get(pivot) if pivot else None
    if autre is not None and autre.id != id:
        raise StructureExistante(f"La structure « {autre.nom} » porte déjà ce numéro.")
    return await _ecrire(session, id, valeurs, "structure.corriger", principal, situer, plier, le)


async def valeurs_saisies(session: WriteSession, id: UUID) -> tuple[dict[str, Any], int]:
    """Return the members of a structure that a person may correct, and its version. Raises `StructureInconnue`."""
    connue = await repository.une(session, id)
    etat = (await feed.etats(session, repository.KIND, [id])).get(id)
    if connue is None or connue.supprimee or etat is None:
        raise StructureInconnue("Aucune structure ne porte cet identifiant.")
    fiche = fiche_de(connue)
    valeurs = {
        "nom": fiche.nom,
        "types": list(fiche.types),
        "pivot": fiche.pivot,
        "sans_siret_motif": fiche.sans_siret_motif,
        "code_insee": fiche.code_insee,
        "parent_id": str(fiche.parent_id) if fiche.parent_id else None,
        "valide_du": fiche.valide_du,
        "valide_au": fiche.valide_au,
    }
    return {nom: valeur for nom, valeur in valeurs.items() if valeur is not None}, etat[0]


async def _ecrire(
    session: WriteSession,
    id: UUID,
    valeurs: dict[str, Any],
    action: str,
    principal: Principal,
    situer: Situer,
    plier: Callable[[str], str],
    le: datetime,
) -> UUID:
    parent = valeurs["parent_id"]
    if parent is not None and (parent == id or await repository.une(session, parent) is None):
        raise StructureInconnue("La structure citée comme parente n'existe pas.")
    territoire = situer(valeurs["code_insee"], None)
    fiche = FicheStructure(
        id=id,
        origine="saisie",
        pivot=valeurs["pivot"],
        nom=valeurs["nom"],
        types=tuple(dict.fromkeys(valeurs["types"])),
        code_insee=valeurs["code_insee"],
        departement=territoire.departement,
        region=territoire.region,
        epci=territoire.epci,
        parent_id=parent,
        sans_siret_motif=valeurs["sans_siret_motif"],
        valide_du=_iso(valeurs["valide_du"]),
        valide_au=_iso(valeurs["valide_au"]),
    )
    avant = (await feed.etats(session, repository.KIND, [id])).get(id)
    await enregistrer(session, [fiche], plier=plier, le=le)
    apres = await feed.etats(session, repository.KIND, [id])
    audit.consigner(
        session,
        audit.Acte(
            acteur=principal.sujet,
            action=action,
            objet=f"structure:{id}",
            le=le,
            version_avant=avant[0] if avant else None,
            version_apres=apres[id][0],
        ),
    )
    return id


def _iso(jour: date | None) -> str | None:
    return jour.isoformat() if jour is not None else None
