"""What annuaire notifies: its types, and which events of the outbox each is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from socle.donnees import feed
from socle.donnees.db import ReadSession
from socle.donnees.outbox import Abonne
from socle.webhooks.diffuser import Diffuseur, TypeDEvenement

from annuaire.lieux import montrer as lieux
from annuaire.signalements import service as signalements
from annuaire.sources.tirage.tirer import DEGRADEE
from annuaire.structures import service as structures
from annuaire.synchronisation.access import ADMIN, FORCE, SYNC
from annuaire.synchronisation.annoncer import RETENUE, TERMINEE

CHANGEMENTS: Final = "changements.disponibles"
SIGNALEMENT: Final = "signalement.recu"
_PORTEES: Final = frozenset({SYNC, FORCE, ADMIN})
TYPES: Final = (
    TypeDEvenement(nom=CHANGEMENTS, description="Il y a du nouveau dans le fil des changements."),
    TypeDEvenement(nom=TERMINEE, description="Une synchronisation a pris fin.", portees=_PORTEES),
    TypeDEvenement(nom=RETENUE, description="Une synchronisation attend une décision.", portees=_PORTEES),
    TypeDEvenement(nom=DEGRADEE, description="Une source tirée ne répond plus.", portees=_PORTEES),
    TypeDEvenement(nom=SIGNALEMENT, description="Une personne signale un lieu d'une source.", portees=_PORTEES),
)


async def _dernier_numero(session: ReadSession) -> dict[str, Any]:
    """Say how far the feed goes: whoever is told reads it from where they are."""
    return {"dernier_numero": await feed.dernier_numero(session)}


def abonnes(diffuseur: Diffuseur) -> Mapping[str, Abonne]:
    """Return who receives each event of the outbox."""
    nouveau = diffuseur.abonne(CHANGEMENTS, resumer=_dernier_numero)
    vues = (lieux.PUBLIE, lieux.RETIRE, structures.PUBLIEE, structures.RETIREE)
    return {
        **dict.fromkeys(vues, nouveau),
        **{type: diffuseur.abonne(type) for type in (TERMINEE, RETENUE, DEGRADEE)},
        signalements.RECU: diffuseur.abonne(SIGNALEMENT),
    }
