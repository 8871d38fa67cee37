"""Everything but queries, by the official package, which nothing else imports: indexes, documents, tasks, keys.

It opens a connection a call, waits for ever unless told otherwise, and changes a header dict shared by its calls: hence
threads of our own, a client for each, and a delay.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from annuaire.recherche.meilisearch.erreurs import CLE_REFUSEE, INDEX_ABSENT, TACHE_PERDUE, code_de, indisponible
from annuaire.recherche.port import EngineUnavailable

FILS: Final = 4
FILE_MAX: Final = 64
"""Calls that wait for a thread; beyond, it says so."""
DELAIS_S: Final = (1, 10)
"""Seconds to connect, and between two bytes of an answer."""
PATIENCE_S: Final = 600.0
"""Longest wait for a task, a settings task of a large index included."""
PREMIERE_ATTENTE_S, ATTENTE_MAX_S = 0.02, 1.0

CLES: Final[Mapping[str, tuple[str, ...]]] = {
    "search": ("search",),
    "indexer": (
        "documents.add", "documents.get", "indexes.create", "indexes.get", "indexes.delete", "indexes.swap",
        "settings.update", "tasks.get",
    ),
}  # fmt: skip
"""Keys of the service, by what each may do; both on its own indexes alone."""
ESPACE: Final = uuid.UUID("6ad7ea5a-3b0c-5d2f-9a43-2f5fd0b7c1e8")

R = TypeVar("R")

if TYPE_CHECKING:
    from meilisearch import Client


@dataclass(frozen=True, slots=True)
class Tache:
    """What became of a task."""

    uid: int
    finie: bool
    erreur: str | None = None
    code: str | None = None


class TacheEchouee(Exception):
    """A task was accepted, then failed: `tache` says why."""

    def __init__(self, tache: Tache) -> None:
        super().__init__(tache.erreur)
        self.tache = tache


def cle_de(maitresse: str, base: str, role: str) -> str:
    """Return the key of a role, made of its uid and of the master key as the server does (`meilisearch-auth/store.rs`).

    Whoever searches needs no call to have it: it works from the day that whoever writes has declared it.
    """
    if not maitresse:
        return ""
    return hmac.new(maitresse.encode(), str(_uid(base, role)).encode(), hashlib.sha256).hexdigest()


def _uid(base: str, role: str) -> uuid.UUID:
    # documented as a version 4
    brut = bytearray(hashlib.sha256(f"{ESPACE}/{base}/{role}".encode()).digest()[:16])
    return uuid.UUID(bytes=bytes(brut), version=4)


class Administration:
    """Calls made with the key of the indexer, whose indexes are `base` and those whose name begins so."""

    def __init__(self, url: str, maitresse: str, base: str) -> None:
        self._url, self._maitresse, self._base = url.rstrip("/"), maitresse, base
        self._cle = cle_de(maitresse, base, "indexer")
        self._fils = ThreadPoolExecutor(FILS, thread_name_prefix="meilisearch")
        self._local = threading.local()
        self._en_file = 0

    async def preparer(self) -> None:
        """Make the keys of the service, unless they are there. Raises `EngineUnavailable`."""
        if self._maitresse:
            await self._faire(self._creer_cles)

    async def existe(self, index: str) -> bool:
        """Say whether an index is there."""
        try:
            await self._faire(lambda client: client.get_raw_index(index))
        except EngineUnavailable as erreur:
            if code_de(erreur) == INDEX_ABSENT:
                return False
            raise
        return True

    async def lister(self) -> list[str]:
        """Return the indexes of the service."""
        lus = await self._faire(lambda client: client.http.get("indexes?limit=1000"))
        return [
            lu["uid"] for lu in lus["results"] if lu["uid"] == self._base or lu["uid"].startswith(f"{self._base}__")
        ]

    async def creer(self, index: str, reglages: Mapping[str, Any]) -> None:
        """Make an index, its settings before its documents. Raises `TacheEchouee`."""
        await self.attendre(await self._tache(lambda client: client.create_index(index, {"primaryKey": "id"})))
        await self.attendre(await self._tache(lambda client: client.index(index).update_settings(dict(reglages))))

    async def supprimer(self, index: str) -> None:
        """Remove an index; one that is not there is no fault."""
        try:
            await self.attendre(await self._tache(lambda client: client.delete_index(index)))
        except TacheEchouee as echec:
            if echec.tache.code != INDEX_ABSENT:
                raise

    async def tout_supprimer(self) -> None:
        """Remove every index and every key of the service."""
        for index in await self.lister():
            await self.supprimer(index)
        if self._maitresse:
            await self._faire(self._supprimer_cles)

    async def echanger(self, un: str, autre: str) -> None:
        """Swap two indexes, documents and settings, in one step. Raises `TacheEchouee`."""
        await self.attendre(await self._tache(lambda client: client.swap_indexes([{"indexes": [un, autre]}])))

    async def ecrire(self, index: str, lignes: bytes) -> int:
        """Send documents, one a line, each in place of what bears its id; return the task."""
        return await self._tache(lambda client: client.index(index).add_documents_ndjson(lignes, "id"))

    async def lire(
        self, index: str, *, champs: Sequence[str], ids: Sequence[str] | None = None, depuis: int = 0, combien: int
    ) -> list[dict[str, Any]]:
        """Read documents, in the order of their arrival, or those of `ids` that are there."""
        corps: dict[str, Any] = {"fields": list(champs), "offset": depuis, "limit": combien}
        if ids is not None:
            corps["ids"] = list(ids)
        lus = await self._faire(lambda client: client.http.post(f"indexes/{index}/documents/fetch", body=corps))
        resultats = lus["results"]
        return [dict(lu) for lu in resultats]

    async def tache(self, uid: int) -> Tache:
        """Return what became of a task; one that the server has lost, with its disk or with time, has failed."""
        try:
            lue = await self._faire(lambda client: client.get_task(uid))
        except EngineUnavailable as erreur:
            if code_de(erreur) != TACHE_PERDUE:
                raise
            return Tache(uid, finie=True, erreur="Le serveur ne connaît plus cette tâche.", code=TACHE_PERDUE)
        dite = lue.error or {}
        if lue.status == "canceled":
            dite = {"message": "Tâche annulée.", "code": "canceled"}
        return Tache(uid, lue.status in ("succeeded", "failed", "canceled"), dite.get("message"), dite.get("code"))

    async def ouvertes(self, indexes: Sequence[str]) -> tuple[int, datetime | None]:
        """Return how many tasks of these indexes are not over, and since when the oldest one waits."""
        lues = await self._faire(
            lambda client: client.http.get(
                f"tasks?indexUids={','.join(indexes)}&statuses=enqueued,processing&limit=1&reverse=true"
            )
        )
        premiere = lues["results"][0]["enqueuedAt"] if lues["results"] else None
        return int(lues["total"]), datetime.fromisoformat(premiere) if premiere else None

    async def attendre(self, uid: int) -> Tache:
        """Wait for a task. Raises `TacheEchouee` when it fails, `EngineUnavailable` when it takes too long."""
        pause, reste = PREMIERE_ATTENTE_S, PATIENCE_S
        while True:
            tache = await self.tache(uid)
            if tache.erreur is not None:
                raise TacheEchouee(tache)
            if tache.finie:
                return tache
            if reste <= 0:
                raise indisponible(None, "tache_sans_fin", f"la tâche {uid} n'en finit pas")
            await asyncio.sleep(pause)
            reste -= pause
            pause = min(ATTENTE_MAX_S, pause * 1.5)

    async def calme(self, indexes: Sequence[str]) -> None:
        """Wait until no task of these indexes is on its way. Raises `EngineUnavailable` when that takes too long."""
        pause, reste = PREMIERE_ATTENTE_S, PATIENCE_S
        while (await self.ouvertes(indexes))[0]:
            if reste <= 0:
                raise indisponible(None, "tache_sans_fin", "des tâches n'en finissent pas")
            await asyncio.sleep(pause)
            reste -= pause
            pause = min(ATTENTE_MAX_S, pause * 1.5)

    async def fermer(self) -> None:
        """End the threads."""
        await asyncio.to_thread(self._fils.shutdown, True)

    async def _tache(self, appel: Callable[[Client], Any]) -> int:
        return int((await self._faire(appel)).task_uid)

    async def _faire(self, appel: Callable[[Client], R]) -> R:
        if self._en_file >= FILE_MAX:
            raise indisponible(None, "file_pleine", "trop d'appels attendent")
        self._en_file += 1
        try:
            return await self._dans_un_fil(appel)
        except EngineUnavailable as erreur:
            if not self._maitresse or code_de(erreur) != CLE_REFUSEE:
                raise
            # a server that lost its disk has lost its keys: with the master key, they are made again
            await self._dans_un_fil(self._creer_cles)
            return await self._dans_un_fil(appel)
        finally:
            self._en_file -= 1

    async def _dans_un_fil(self, appel: Callable[[Client], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._fils, self._appeler, appel)

    def _appeler(self, appel: Callable[[Client], R]) -> R:
        from meilisearch.errors import MeilisearchApiError, MeilisearchError

        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = self._client(self._cle)
        try:
            return appel(client)
        except MeilisearchApiError as erreur:
            raise indisponible(erreur.status_code, erreur.code, str(erreur.message)[:300]) from erreur
        except MeilisearchError as erreur:
            raise indisponible(None, None, str(erreur.message)[:300]) from erreur
        except OSError as erreur:
            # what the package lets through: an answer cut short
            raise indisponible(None, None, f"{type(erreur).__name__} {erreur}"[:300]) from erreur
        except (ValueError, KeyError, TypeError, AttributeError) as erreur:
            raise indisponible(200, None, f"réponse illisible ({type(erreur).__name__})") from erreur

    def _client(self, cle: str) -> Client:
        # read where it is used: six megabytes, in services most of which have no such server
        from meilisearch import Client

        return Client(self._url, cle or None, timeout=DELAIS_S)  # type: ignore[arg-type]

    def _creer_cles(self, _client: Client) -> None:
        from meilisearch.errors import MeilisearchApiError

        maitre = self._client(self._maitresse)
        for role, actions in CLES.items():
            uid = str(_uid(self._base, role))
            try:
                maitre.get_key(uid)
            except MeilisearchApiError as erreur:
                if erreur.code != "api_key_not_found":
                    raise
                maitre.create_key(
                    {
                        "uid": uid,
                        "name": f"{self._base} : {role}",
                        "description": "Clé de Maillage, refaite à la demande.",
                        "actions": list(actions),
                        "indexes": [self._base, f"{self._base}__*"],
                        "expiresAt": None,
                    }
                )

    def _supprimer_cles(self, _client: Client) -> None:
        from meilisearch.errors import MeilisearchApiError

        maitre = self._client(self._maitresse)
        for role in CLES:
            try:
                maitre.delete_key(str(_uid(self._base, role)))
            except MeilisearchApiError as erreur:
                if erreur.code != "api_key_not_found":
                    raise
