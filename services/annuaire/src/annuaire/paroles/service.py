"""Use cases of what places say of themselves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from socle.donnees import audit
from socle.donnees.db import ReadSession, WriteSession
from socle.errors import Faute
from socle.identifiants import jcs, uuid7
from socle.liens_action import Lien

from annuaire.lieux.confidentialite import masquer
from annuaire.lieux.service import Enregistrement, Outils, enregistrer
from annuaire.paroles import partielle, repository
from annuaire.paroles.errors import DejaDemande, ParoleIllisible, SansCourriel
from annuaire.paroles.schemas import CampagneFaite, Parole, ParoleLue
from annuaire.sources.service import VOIX
from annuaire.standard.colonnes import reconnaitre_entetes
from annuaire.standard.lecture import lire
from annuaire.standard.severites import message
from annuaire.territoires.referentiel import Referentiel
from socle import courriels, liens_action

ACTION: Final = "lieu.verifier"
PAGES: Final = "/annuaire/v1/paroles"
ATTENTE, RELANCE = timedelta(days=1), timedelta(days=30)
CAMPAGNE_MAX: Final = 500
"""Places asked by one request: each costs a link and a message, in one transaction."""


async def lue(session: ReadSession, lieu_id: UUID) -> tuple[ParoleLue, int]:
    """Return what a place has said of itself, and the version of the place. Raises `LieuInconnu`, `LieuSupprime`."""
    publiee, document = await repository.lieu(session, lieu_id)
    fiche = await repository.parole(session, lieu_id)
    dit = json.loads(fiche.brut) if fiche else {}
    return ParoleLue(lieu_id=lieu_id, parole=Parole(**dit), verifie_le=document.get("verifie_le")), publiee.version


async def dire(
    session: WriteSession,
    *,
    lieu_id: UUID,
    changements: Mapping[str, Any],
    acteur: str,
    outils: Outils,
    referentiel: Referentiel,
    le: datetime,
) -> None:
    """Add what a place says of itself to what it has said (`None` takes a word back); it is verified at `le`.

    Nothing said is a confirmation of the whole. Raises `LieuInconnu`, `LieuSupprime`, `ParoleIllisible` (422).
    """
    _, document = await repository.lieu(session, lieu_id)
    ancienne = await repository.parole(session, lieu_id)
    dit = {**(json.loads(ancienne.brut) if ancienne else {}), **changements}
    dit = {nom: valeur for nom, valeur in dit.items() if valeur is not None}
    fiche = partielle.reduire(_lire(dit, document, referentiel, le), dit)
    normalise = jcs(fiche.en_dict())
    enregistrement = Enregistrement(
        cle=ancienne.cle if ancienne else str(lieu_id),
        lieu_id=lieu_id,
        ligne=0,
        brut=json.dumps(dit, ensure_ascii=False, separators=(",", ":")).encode(),
        normalise=normalise,
        empreinte=fiche.empreinte(),
        fiche=fiche,
    )

    async def un_lot() -> AsyncIterator[Sequence[Enregistrement]]:
        yield [enregistrement]

    await outils.situeur.suivre(session)
    await enregistrer(session, un_lot(), source=VOIX, run_id=uuid7(), outils=outils, le=le)
    action = "parole.corriger" if changements else "parole.confirmer"
    audit.consigner(session, audit.Acte(acteur=acteur, action=action, objet=f"lieu:{lieu_id}", le=le))


async def demander(session: WriteSession, *, lieu_id: UUID, racine: str, le: datetime) -> str:
    """Send a link to the published e-mail of a place, and return that e-mail, masked.

    Raises `LieuInconnu`, `LieuSupprime`, `SansCourriel` (409), `DejaDemande` (409) within a day of another.
    """
    publiee, document = await repository.lieu(session, lieu_id)
    if not document["courriels"]:
        raise SansCourriel("Demandez à la source du lieu, ou à un Hub, de dire ce qui est juste.")
    if await liens_action.compter(session, action=ACTION, objet=str(lieu_id), depuis=le - ATTENTE):
        raise DejaDemande("Il est au courriel publié du lieu. Un autre pourra partir demain.")
    await _envoyer(session, document, publiee.version, racine=racine, le=le)
    return masquer(document["courriels"][0], "courriels")


async def faire_campagne(session: WriteSession, *, source_id: str, racine: str, le: datetime) -> CampagneFaite:
    """Send a link to each place of a source that was not asked for 30 days, `CAMPAGNE_MAX` at most."""
    envoyes = sans_courriel = deja = 0
    reste = False
    for lieu_id in await repository.lieux_de(session, source_id, limite=50_000):
        if envoyes >= CAMPAGNE_MAX:
            reste = True
            break
        publiee, document = await repository.lieu(session, lieu_id)
        if not document["courriels"]:
            sans_courriel += 1
        elif await liens_action.compter(session, action=ACTION, objet=str(lieu_id), depuis=le - RELANCE):
            deja += 1
        else:
            await _envoyer(session, document, publiee.version, racine=racine, le=le)
            envoyes += 1
    return CampagneFaite(envoyes=envoyes, sans_courriel=sans_courriel, deja_demandes=deja, reste=reste)


async def _envoyer(
    session: WriteSession, document: Mapping[str, Any], version: int, *, racine: str, le: datetime
) -> None:
    adresse = document["courriels"][0]
    secret = await liens_action.creer(session, Lien(ACTION, document["id"], version, adresse), le=le)
    await courriels.ecrire(
        session,
        destinataire=adresse,
        sujet=f"Votre fiche dans l'annuaire : {document['nom']}",
        texte=(
            f"Bonjour,\n\nL'annuaire de la médiation numérique décrit « {document['nom']} ». Est-ce encore juste ?\n\n"
            f"Pour le dire, ou pour corriger : {racine}{PAGES}/{secret}\n\n"
            "Ce lien ne sert qu'une fois, pendant trente jours. Si ce message ne vous concerne pas, ignorez-le : rien "
            "ne changera.\n"
        ),
        le=le,
    )


def _lire(dit: Mapping[str, Any], document: Mapping[str, Any], referentiel: Referentiel, le: datetime) -> Any:
    """Clean what is said as a row of a list would be."""
    ligne = partielle.ligne(dit, document)
    lecture = lire(ligne, entetes=reconnaitre_entetes(list(ligne)), referentiel=referentiel, aujourd_hui=le.date())
    if lecture.normalise is None:
        raise ParoleIllisible("Ce que dit le lieu ne se lit pas.")
    perdus = partielle.illisibles(lecture.normalise, dit)
    if perdus:
        raisons = {a.champ: message(a) for a in lecture.anomalies if a.champ}
        raise ParoleIllisible(
            "Ce qui ne se lit pas n'est pas gardé : rien n'a été changé.",
            erreurs=[
                Faute(f"/{nom}", "illisible", raisons.get(partielle.COLONNES.get(nom, nom), "valeur illisible"))
                for nom in perdus
            ],
        )
    return lecture.normalise
