"""Following an action link, from its secret to the page that answers; whatever happens, a page in plain French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.db import Database, ReadSession
from socle.errors import Erreur

from annuaire.lieux.outils import Outils
from annuaire.paroles import page, repository, service
from annuaire.paroles.errors import ParoleIllisible
from annuaire.territoires.referentiel import Referentiel
from socle import liens_action


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown, and the status it is shown with."""

    html: str
    statut: int = 200


async def montrer(session: ReadSession, secret: str, *, le: datetime) -> Page:
    """Show a place and ask whether it is right; nothing changes, the link least of all."""
    try:
        lien = await liens_action.lire(session, secret, action=service.ACTION, le=le)
        _, document = await repository.lieu(session, UUID(lien.objet))
    except Erreur as erreur:
        return _refus(erreur)
    return Page(page.formulaire(document))


async def suivre(
    base: Database,
    secret: str,
    champs: Mapping[str, Sequence[str]],
    *,
    outils: Outils,
    referentiel: Referentiel,
    le: datetime,
) -> Page:
    """Use a link up and write what its reader says, in one transaction: both happen or neither does."""
    document: dict[str, Any] = {}
    try:
        async with base.write() as session:
            lien = await liens_action.lire(session, secret, action=service.ACTION, le=le)
            id = UUID(lien.objet)
            publiee, document = await repository.lieu(session, id)
            await liens_action.utiliser(session, secret, action=service.ACTION, version=publiee.version, le=le)
            await service.dire(
                session,
                lieu_id=id,
                changements=changements(champs, document),
                acteur=f"lieu:{id}",
                outils=outils,
                referentiel=referentiel,
                le=le,
            )
    except ParoleIllisible as erreur:
        return Page(page.formulaire(document, {f.pointer.strip("/"): f.detail for f in erreur.erreurs}), erreur.statut)
    except Erreur as erreur:
        return _refus(erreur)
    return Page(page.fait(str(document["nom"])))


def changements(champs: Mapping[str, Sequence[str]], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the form that say something else than what was shown."""
    if list(champs.get("choix", ())) != ["corriger"]:
        return {}
    changes: dict[str, Any] = {}
    for nom in page.CHAMPS:
        ecrit = champs.get(nom, [""])[0].strip()[:2000]
        if ecrit and ecrit != page.valeur(document, nom):
            plusieurs = nom in ("telephone", "courriels", "site_web")
            changes[nom] = [v.strip() for v in ecrit.split("|") if v.strip()][:50] if plusieurs else ecrit
    return changes


def _refus(erreur: Erreur) -> Page:
    return Page(page.refus(erreur.titre, erreur.detail), erreur.statut)
