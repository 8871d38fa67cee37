"""Mail: written with the change it tells of, sent afterwards by a job; as files in development, by SMTP in production.

A message sent twice by a crash is possible, a message lost is not. Its text goes once it is sent: it may hold a secret.
"""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import col

from socle.donnees import jobs
from socle.donnees.db import Database, WriteSession
from socle.donnees.tables import Courriel
from socle.identifiants import uuid7

ENVOYER: Final = "courriel.envoyer"
DELAI_SMTP = 20.0


class Facteur(Protocol):
    """What carries messages. It blocks: call it in a thread."""

    def porter(self, id: UUID, message: EmailMessage) -> None:
        """Deliver one message, or raise `OSError`."""


class EnFichiers:
    """Leaves messages in a folder, one `.eml` file each (mode 600)."""

    def __init__(self, dossier: Path) -> None:
        self._dossier = dossier

    def porter(self, id: UUID, message: EmailMessage) -> None:
        self._dossier.mkdir(parents=True, exist_ok=True, mode=0o700)
        chemin = self._dossier / f"{id}.eml"
        chemin.touch(mode=0o600)
        chemin.write_bytes(message.as_bytes())


class ParSmtp:
    """Sends messages by SMTP: `smtps://user:word@host:465`, or `smtp://…:587`, which asks for STARTTLS."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def porter(self, id: UUID, message: EmailMessage) -> None:  # noqa: ARG002 - the message bears its own
        url = self._url
        chiffre = url.scheme == "smtps"
        classe = smtplib.SMTP_SSL if chiffre else smtplib.SMTP
        with classe(url.hostname or "localhost", url.port or (465 if chiffre else 587), timeout=DELAI_SMTP) as serveur:
            if not chiffre:
                serveur.starttls()
            if url.username and url.password:
                serveur.login(unquote(url.username), unquote(url.password))
            serveur.send_message(message)


def facteur(url: str, dossier: Path) -> Facteur:
    """Choose by URL: none leaves files in a folder. Raises `ValueError` for a scheme that nobody knows."""
    if not url:
        return EnFichiers(dossier)
    if urlsplit(url).scheme not in ("smtp", "smtps"):
        raise ValueError("MAILLAGE_COURRIELS attend smtp:// ou smtps://.")
    return ParSmtp(url)


async def ecrire(session: WriteSession, *, destinataire: str, sujet: str, texte: str, le: datetime) -> UUID:
    """Write a message in the current transaction, and promise to send it."""
    id = uuid7()
    sujet = " ".join(sujet.split())[:200]
    await session.execute(
        insert(Courriel).values(id=id, destinataire=destinataire, sujet=sujet, texte=texte, cree_le=le)
    )
    await jobs.promettre(session, ENVOYER, {"courriel": str(id)}, le=le)
    return id


async def envoyer(
    base: Database, charge: dict[str, Any], *, par: Facteur, expediteur: str, horloge: Callable[[], datetime]
) -> None:
    """Send one message, unless it was sent already (the function of the job)."""
    id = UUID(charge["courriel"])
    async with base.read() as session:
        courriel = await session.get(Courriel, id)
    if courriel is None or courriel.envoye_le is not None:
        return
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = expediteur, courriel.destinataire, courriel.sujet
    message["Message-ID"] = f"<{id}@{expediteur.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(courriel.texte)
    await asyncio.to_thread(par.porter, id, message)
    await _finir(base, id, le=horloge())


async def renoncer(base: Database, charge: dict[str, Any], _erreur: str) -> None:
    """Forget the text of a message that nobody could send."""
    await _finir(base, UUID(charge["courriel"]), le=None)


async def _finir(base: Database, id: UUID, *, le: datetime | None) -> None:
    async with base.write() as session:
        await session.execute(
            update(Courriel)
            .where(col(Courriel.id) == id)
            .values(envoye_le=le, texte="")
            .execution_options(synchronize_session=False)
        )
