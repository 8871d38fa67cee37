"""What the server holds: indexes, keys, and tasks that run later, one after the other, in the order they came."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fabriques.faux_meilisearch.corps import Refus
from tests.fabriques.faux_meilisearch.indice import Indice, TacheRefusee


@dataclass(slots=True)
class Tache:
    """A task as `GET /tasks/{uid}` shows it."""

    uid: int
    genre: str
    index: str | None
    travail: Callable[[], None]
    indexes: tuple[str, ...] = ()
    """The indexes that a key must be allowed to see this task."""
    metadonnees: str | None = None
    statut: str = "enqueued"
    erreur: dict[str, str] | None = None
    recue_le: datetime = field(default_factory=lambda: datetime.now(UTC))
    finie_le: datetime | None = None

    def resume(self) -> dict[str, Any]:
        """Return what a 202 says."""
        return {
            "taskUid": self.uid, "indexUid": self.index, "status": "enqueued", "type": self.genre,
            "enqueuedAt": _ecrire(self.recue_le),
        }  # fmt: skip

    def vue(self) -> dict[str, Any]:
        """Return the whole task."""
        return {
            "uid": self.uid, "batchUid": None if self.statut == "enqueued" else self.uid, "indexUid": self.index,
            "status": self.statut, "type": self.genre, "canceledBy": None, "details": None, "error": self.erreur,
            "duration": None if self.finie_le is None else "PT0.001S", "enqueuedAt": _ecrire(self.recue_le),
            "startedAt": _ecrire(self.finie_le), "finishedAt": _ecrire(self.finie_le),
            "customMetadata": self.metadonnees,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cle:
    """A key: what it may do, on which indexes."""

    uid: str
    actions: tuple[str, ...]
    indexes: tuple[str, ...]
    corps: Mapping[str, Any]

    def permet(self, action: str) -> bool:
        """Say whether an action is allowed."""
        return any(a in ("*", action) or (a.endswith(".*") and action.startswith(a[:-1])) for a in self.actions)

    def voit(self, index: str) -> bool:
        """Say whether an index is allowed."""
        return any(m in ("*", index) or (m.endswith("*") and index.startswith(m[:-1])) for m in self.indexes)


class Instance:
    """State of the server; `verrou` is held for each answer and for each task."""

    def __init__(self, maitresse: str | None) -> None:
        self.maitresse = maitresse
        self.verrou = threading.RLock()
        self.indices: dict[str, Indice] = {}
        self.cles: dict[str, Cle] = {}
        self.taches: list[Tache] = []
        self.retenues = threading.Event()
        """Cleared, tasks stay in the queue."""
        self.retenues.set()
        self._reveil = threading.Event()
        self._fini = False
        self._fil = threading.Thread(target=self._travailler, daemon=True)
        self._fil.start()

    def fermer(self) -> None:
        """End the thread of tasks."""
        self._fini = True
        self.retenues.set()
        self._reveil.set()
        self._fil.join(timeout=5)

    def vider(self) -> None:
        """Lose everything, as a volume that was not kept."""
        with self.verrou:
            self.indices.clear()
            self.cles.clear()
            self.taches.clear()

    def cle_de(self, uid: str) -> str:
        """Return a key from its uid (`meilisearch-auth/src/store.rs`)."""
        return hmac.new((self.maitresse or "").encode(), uid.encode(), hashlib.sha256).hexdigest()

    def authentifier(self, entete: str | None, action: str, index: str | None) -> Cle | None:
        """Return the key that was sent, `None` for the master key or when there is none to send."""
        if self.maitresse is None:
            if action.startswith("keys."):
                raise Refus(401, "missing_master_key", "Meilisearch is running without a master key.")
            return None
        if entete is None or not entete.startswith("Bearer "):
            raise Refus(401, "missing_authorization_header", "The Authorization header is missing.")
        jeton = entete.removeprefix("Bearer ")
        if jeton == self.maitresse:
            return None
        cle = next((c for c in self.cles.values() if jeton == self.cle_de(c.uid)), None)
        if cle is None or not cle.permet(action) or (index is not None and not cle.voit(index)):
            raise Refus(403, "invalid_api_key", "The provided API key is invalid.")
        return cle

    def indice(self, uid: str) -> Indice:
        """Return an index. Raises `Refus` when there is none."""
        if uid not in self.indices:
            raise Refus(404, "index_not_found", f"Index `{uid}` not found.")
        return self.indices[uid]

    def inscrire(
        self, genre: str, index: str | None, travail: Callable[[], None], *, indexes: tuple[str, ...] = (),
        metadonnees: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Queue a task; return what its 202 says."""
        tache = Tache(
            len(self.taches), genre, index, travail, indexes or ((index,) if index else ()), metadonnees=metadonnees
        )
        self.taches.append(tache)
        self._reveil.set()
        return tache.resume()

    def creer(self, uid: str, cle_primaire: str | None) -> None:
        """Make an index."""
        if uid in self.indices:
            raise TacheRefusee("index_already_exists", f"Index `{uid}` already exists.")
        self.indices[uid] = Indice(cle_primaire=cle_primaire)

    def ou_creer(self, uid: str) -> Indice:
        """Return an index, made when it is not there: adding documents or settings does it."""
        return self.indices.setdefault(uid, Indice())

    def effacer(self, uid: str) -> None:
        """Remove an index."""
        if uid not in self.indices:
            raise TacheRefusee("index_not_found", f"Index `{uid}` not found.")
        del self.indices[uid]

    def echanger(self, paires: list[tuple[str, str]]) -> None:
        """Swap indexes and the history of their tasks, all pairs or none; tasks still in the queue are left alone."""
        for un, autre in paires:
            for uid in (un, autre):
                if uid not in self.indices:
                    raise TacheRefusee("index_not_found", f"Index `{uid}` not found.")
        for un, autre in paires:
            self.indices[un], self.indices[autre] = self.indices[autre], self.indices[un]
            noms = {un: autre, autre: un}
            for tache in self.taches:
                if tache.statut not in ("enqueued", "processing") and tache.index in noms:
                    tache.index = noms[tache.index]

    def _travailler(self) -> None:
        while not self._fini:
            self._reveil.wait(timeout=0.2)
            self._reveil.clear()
            while (tache := self._prochaine()) is not None:
                self.retenues.wait()
                if self._fini:
                    return
                self._executer(tache)

    def _prochaine(self) -> Tache | None:
        with self.verrou:
            return next((t for t in self.taches if t.statut == "enqueued"), None)

    def _executer(self, tache: Tache) -> None:
        with self.verrou:
            if tache not in self.taches:
                return
            tache.statut = "processing"
            try:
                tache.travail()
                tache.statut = "succeeded"
            except TacheRefusee as erreur:
                tache.statut, tache.erreur = "failed", Refus(400, erreur.code, erreur.message).corps()
            tache.finie_le = datetime.now(UTC)


def _ecrire(instant: datetime | None) -> str | None:
    return None if instant is None else instant.strftime("%Y-%m-%dT%H:%M:%S.%f987Z")
