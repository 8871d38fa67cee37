"""Use cases of the access keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from socle.acces.secrets import ecrire_prive
from socle.donnees.audit import Acte, consigner
from socle.donnees.db import Database, WriteSession
from socle.horloge import Horloge, maintenant

from gateway.keys import repository, rules
from gateway.keys.errors import CleIntrouvable
from gateway.keys.tables import Cle

FICHIER_DEMONSTRATION = "cle-demonstration.txt"


async def creer(
    session: WriteSession,
    *,
    nom: str,
    portees: Sequence[str],
    poivre: bytes,
    environnement: str,
    createur: str,
    sources: Sequence[str] | None = None,
    reseaux: Sequence[str] | None = None,
    duree: timedelta = rules.DUREE_DEFAUT,
    publiable: bool = False,
    horloge: Horloge = maintenant,
) -> tuple[Cle, str]:
    """Make a key and keep its fingerprint; returns the row and the text of the key, which is never shown again.

    Raises `CleMalDecrite`.
    """
    rules.valider(nom=nom, portees=portees, sources=sources, reseaux=reseaux, duree=duree, publiable=publiable)
    parties, texte = rules.fabriquer(environnement, secrets.choice, publiable=publiable)
    instant = horloge()
    cle = Cle(
        id=parties.id,
        nom=nom.strip(),
        empreinte=rules.empreinte(poivre, parties.secret),
        portees=sorted(set(portees)),
        sources=None if sources is None else sorted(set(sources)),
        reseaux=None if reseaux is None else sorted(set(reseaux)),
        publiable=publiable,
        creee_par=createur,
        creee_le=instant,
        expire_le=instant + duree,
    )
    repository.ajouter(session, cle)
    consigner(session, Acte(acteur=createur, action="cle.creer", objet=f"cle:{cle.id}", le=instant))
    return cle, texte


async def revoquer(
    session: WriteSession, ident: str, *, acteur: str, motif: str | None = None, horloge: Horloge = maintenant
) -> Cle:
    """Revoke a key, for good; a second time changes nothing. Raises `CleIntrouvable`."""
    instant = horloge()
    if await repository.revoquer(session, ident, instant):
        consigner(session, Acte(acteur=acteur, action="cle.revoquer", objet=f"cle:{ident}", le=instant, motif=motif))
    cle = await repository.lire(session, ident)
    if cle is None:
        raise CleIntrouvable("Aucune clé n'a cet identifiant.")
    return cle


async def preparer_demonstration(
    base: Database, *, donnees: Path, poivre: bytes, environnement: str, horloge: Horloge = maintenant
) -> Path:
    """Make sure that an administrator's key lies in `cle-demonstration.txt` (mode 600), and return where.

    A file whose key still lives is left alone; a lost or dead one is replaced.
    """
    chemin = donnees / FICHIER_DEMONSTRATION
    if chemin.is_file() and await _vit(base, chemin.read_text().strip(), poivre, horloge):
        return chemin
    async with base.write() as session:
        _, texte = await creer(
            session,
            nom="Démonstration (administration)",
            portees=sorted(rules.PORTEES),
            poivre=poivre,
            environnement=environnement,
            createur="demarrage",
            horloge=horloge,
        )
    ecrire_prive(chemin, texte.encode() + b"\n", remplacer=True)
    return chemin


async def _vit(base: Database, texte: str, poivre: bytes, horloge: Horloge) -> bool:
    presentee = rules.lire(texte)
    if presentee is None:
        return False
    async with base.read() as session:
        cle = await repository.lire(session, presentee.id)
    return (
        cle is not None
        and rules.meme_empreinte(cle.empreinte, rules.empreinte(poivre, presentee.secret))
        and rules.vivante(cle.expire_le, cle.revoquee_le, horloge())
    )
