"""`Idempotency-Key`: the same request sent again gets the same answer, and acts once.

The key's row is written in the transaction of the act itself: there is no moment at which one exists without the
other. Of two equal requests at the same time, the second waits for the first and is answered as a replay.
Source: draft-ietf-httpapi-idempotency-key-header-07 (September 2025).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import delete, insert, select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response

from socle.donnees.db import WriteSession
from socle.donnees.tables import CleIdempotence
from socle.errors import Erreur, Faute, RequeteInvalide

GARDE = timedelta(days=7)


class CleReutilisee(Erreur):
    code, statut, titre = (
        "cle-idempotence-reutilisee",
        422,
        "Cette clé d'idempotence a servi à une autre requête",
    )


@dataclass(frozen=True, slots=True)
class ReponseGardee:
    """An answer as it was given the first time."""

    statut: int
    entetes: dict[str, str]
    corps: bytes


def lire_cle(entete: str | None) -> str:
    """Read the header, bare or quoted (structured string): 16 to 64 printable ASCII characters.

    Raises `RequeteInvalide` (400) when it is missing or ill-formed.
    """
    cle = (entete or "").strip()
    if len(cle) >= 2 and cle[0] == cle[-1] == '"':
        cle = cle[1:-1]
    if not 16 <= len(cle) <= 64 or not all("!" <= c <= "~" for c in cle):
        detail = "donnez une clé de 16 à 64 caractères, nouvelle pour chaque envoi et gardée pour ses reprises"
        raise RequeteInvalide(
            "L'en-tête Idempotency-Key est requis.",
            erreurs=[Faute("Idempotency-Key", "cle_absente" if not cle else "cle_invalide", detail)],
        )
    return cle


def empreinte_requete(methode: str, chemin: str, requete: str, type_mime: str, condense_corps: str) -> str:
    """Fingerprint a request: hexadecimal SHA-256 of method, path, query, content type and body digest."""
    return hashlib.sha256("\n".join((methode, chemin, requete, type_mime, condense_corps)).encode()).hexdigest()


async def chercher(session: WriteSession, client: str, cle: str, empreinte: str) -> ReponseGardee | None:
    """Return the answer kept for this client and key, if any; the first thing that its transaction does.

    The same request at the same instant waits here for the end of the other, then finds its answer.

    Raises `CleReutilisee` (422) when the key served another request.
    """
    await session.seul(f"idempotence {client} {cle}")
    gardee = (
        await session.execute(
            select(col(CleIdempotence.empreinte), col(CleIdempotence.statut), col(CleIdempotence.entetes),
                   col(CleIdempotence.corps))
            .where(col(CleIdempotence.client) == client, col(CleIdempotence.cle) == cle)
        )
    ).first()  # fmt: skip
    if gardee is None:
        return None
    if gardee.empreinte != empreinte:
        raise CleReutilisee(
            "La même clé accompagne un contenu différent. Reprenez le contenu d'origine, ou changez de clé.",
            erreurs=[Faute("Idempotency-Key", "cle_reutilisee", "clé déjà employée")],
        )
    return ReponseGardee(gardee.statut, dict(gardee.entetes), gardee.corps)


async def garder(
    session: WriteSession, client: str, cle: str, empreinte: str, reponse: ReponseGardee, *, le: datetime
) -> None:
    """Keep the answer, in the current transaction; forget those of more than seven days."""
    ligne = insert(CleIdempotence).values(
        client=client,
        cle=cle,
        empreinte=empreinte,
        statut=reponse.statut,
        entetes=dict(reponse.entetes),
        corps=reponse.corps,
        cree_le=le,
    )
    await session.execute(ligne)
    await session.execute(delete(CleIdempotence).where(col(CleIdempotence.cree_le) < le - GARDE))


async def une_fois(
    session: WriteSession,
    requete: Request,
    *,
    client: str,
    entete: str | None,
    corps: BaseModel,
    le: datetime,
    agir: Callable[[], Awaitable[ReponseGardee]],
) -> Response:
    """Answer a POST that creates: act and keep the answer, or give again the one already given to this key.

    `entete` is the `Idempotency-Key` received, `corps` the validated body. Raises what `lire_cle` and `chercher` raise.
    """
    cle = lire_cle(entete)
    empreinte = empreinte_requete("POST", requete.url.path, "", "application/json", corps.model_dump_json())
    gardee = await chercher(session, client, cle, empreinte)
    if gardee is not None:
        return rejouer(gardee)
    reponse = await agir()
    await garder(session, client, cle, empreinte, reponse, le=le)
    return Response(reponse.corps, reponse.statut, headers=reponse.entetes)


def rejouer(gardee: ReponseGardee) -> Response:
    """Give an answer again, and say so."""
    return Response(gardee.corps, gardee.statut, headers={**gardee.entetes, "Idempotency-Replayed": "true"})


def creee(adresse: str, objet: BaseModel) -> ReponseGardee:
    """Return the answer to a creation: 201, the address of what was created, and what it is."""
    entetes = {"Location": adresse, "Content-Type": "application/json"}
    return ReponseGardee(201, entetes, objet.model_dump_json().encode())
