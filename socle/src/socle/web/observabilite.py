"""What the operator sees: one log line, one measure, one trace per request, and no personal data in any of them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from socle.errors import Erreur
from socle.identifiants import uuid7
from socle.web.client import echeance, trace
from socle.web.errors import DelaiDepasse
from socle.web.problemes import envoyer_probleme, statut_de, traduire
from socle.web.routes import gabarit

_MOTIFS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"mnk_[A-Za-z0-9]{1,16}_[A-Za-z0-9_-]{6,}"), "[clé]"),
    (re.compile(r"eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)?"), "[jeton]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 [masqué]"),
    (re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}"), "[courriel]"),
    (re.compile(r"(?<![0-9A-Za-z-])(?:\+|00)?[0-9](?:[ .\-/()]{0,2}[0-9]){8,13}(?![0-9A-Za-z-])"), "[téléphone]"),
)


def masquer(texte: str) -> str:
    """Replace keys, tokens, e-mail addresses and phone numbers in a text by what they are."""
    for motif, remplacant in _MOTIFS:
        texte = motif.sub(remplacant, texte)
    return texte


def _masquer_valeur(valeur: Any) -> Any:
    if isinstance(valeur, str):
        return masquer(valeur)
    if isinstance(valeur, dict):
        return {cle: _masquer_valeur(v) for cle, v in valeur.items()}
    if isinstance(valeur, (list, tuple)):
        return [_masquer_valeur(v) for v in valeur]
    return valeur


# Identifiers made here, which look like phone numbers now and then.
_SURS = frozenset({"horodatage", "trace", "probleme", "route", "level"})


def masquer_evenement(_: Any, __: str, evenement: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: the last word before a line is written."""
    for cle, valeur in evenement.items():
        if cle not in _SURS:
            evenement[cle] = _masquer_valeur(valeur)
    return evenement


class _Sortie:
    """Writes lines to the standard output of the moment."""

    def msg(self, ligne: str) -> None:
        print(ligne, file=sys.stdout, flush=True)

    debug = info = warning = error = critical = msg


_COMMUNS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="horodatage"),
    structlog.processors.format_exc_info,
    masquer_evenement,
]
_RENDU = structlog.processors.JSONRenderer(ensure_ascii=False)


def journal(service: str) -> Any:
    """Logger of a service: one JSON object a line, masked whatever the process has configured."""
    return structlog.wrap_logger(
        _Sortie(),
        processors=[*_COMMUNS, _RENDU],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        service=service,
    )


def configurer_journaux(service: str, *, niveau: int = logging.WARNING) -> None:
    """Give the logs of the libraries of this process the same form and the same mask; called by the process entry."""

    def nommer(_: Any, __: str, evenement: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        evenement["service"] = service
        return evenement

    sortie = logging.StreamHandler(sys.stdout)
    sortie.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[nommer, *_COMMUNS],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, masquer_evenement, _RENDU],
        )
    )
    logging.basicConfig(handlers=[sortie], level=niveau, force=True)


_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


def suite_de_trace(recu: str | None) -> tuple[str, str]:
    """Return (trace id, `traceparent` to send on), W3C Trace Context level 1; an invalid one starts a new trace."""
    trouve = _TRACEPARENT.fullmatch(recu or "")
    hasard = secrets.token_hex(24)
    identifiant, drapeaux = (trouve[1], trouve[3]) if trouve else (hasard[:32], "00")
    return identifiant, f"00-{identifiant}-{hasard[32:]}-{drapeaux}"


def trace_de(recu: bytes | None) -> str:
    """Return the trace id of a `traceparent`, or a new one, where nothing is sent on."""
    trouve = _TRACEPARENT.fullmatch(recu.decode("latin-1")) if recu else None
    return trouve[1] if trouve else _traces()


def _traces_par_lots() -> Callable[[], str]:
    """Draw trace ids many at a time: the system is asked once for all of them."""
    tirees: list[str] = []

    def tirer() -> str:
        if not tirees:
            hasard = secrets.token_hex(16 * TRACES)
            tirees.extend(hasard[debut : debut + 32] for debut in range(0, len(hasard), 32))
        return tirees.pop()

    return tirer


TRACES = 64
"""Trace ids drawn at once."""

_traces = _traces_par_lots()


LOT = 256
"""Requests that wait to be counted, at most."""

GROUPAGE = 0.05
"""Seconds that the line of a request may wait for others before it is written."""

_METHODES = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def methode_connue(methode: str) -> str:
    """A method of the closed list, or `AUTRE`: a caller does not make up labels."""
    return methode if methode in _METHODES else "AUTRE"


class Mesures:
    """Metrics of one application, in a registry of its own so that several live in one process."""

    def __init__(self) -> None:
        self.registre = CollectorRegistry()
        self.requetes = Counter(
            "maillage_requetes",
            "Requêtes servies, par route et statut",
            ("methode", "route", "statut"),
            registry=self.registre,
        )
        self.durees = Histogram(
            "maillage_duree_secondes",
            "Durée des requêtes",
            ("route",),
            registry=self.registre,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.03, 0.06, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
        )
        self.en_cours = Gauge("maillage_requetes_en_cours", "Requêtes en cours", registry=self.registre)
        # Looking labels up costs as much as all the rest.
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._attente: list[tuple[str, str, int, float]] = []

    def compteur(self, nom: str, texte: str) -> Counter:
        """Make a counter of its own for a service."""
        return Counter(nom, texte, registry=self.registre)

    def noter(self, methode: str, route: str, statut: int, duree: float) -> None:
        """Count one request; `methode` is one of the known ones or `AUTRE`, `duree` is in seconds."""
        self._attente.append((methode, route, statut, duree))
        if len(self._attente) >= LOT:
            self._compter()

    def _compter(self) -> None:
        """Count what waits: many at a time cost each less than one by one between two requests."""
        attente, self._attente = self._attente, []
        ensemble: dict[tuple[str, str, int], list[float]] = {}
        for methode, route, statut, duree in attente:
            durees = ensemble.get((methode, route, statut))
            if durees is None:
                durees = ensemble[(methode, route, statut)] = []
            durees.append(duree)
        for cle, durees in ensemble.items():
            series = self._series.get(cle)
            if series is None:
                methode, route, statut = cle
                series = self._series[cle] = (
                    self.requetes.labels(methode, route, str(statut)),
                    self.durees.labels(route),
                )
            series[0].inc(len(durees))
            for duree in durees:
                series[1].observe(duree)

    def exposer(self) -> bytes:
        """Text of the Prometheus exposition format."""
        self._compter()
        return generate_latest(self.registre)


class LignesDeRequete:
    """Writes the line of each request, many at a time: the one line written at every call is not worth a system call.

    Nothing in it comes from the caller, so nothing is masked: methods are of a closed list, routes are templates.
    """

    def __init__(self, service: str) -> None:
        self._debut = f'{{"service": {json.dumps(service)}, "event": "requête", "level": "info", '
        self._attente: list[tuple[str, str, int, float, str, int]] = []

    def ecrire(self, methode: str, route: str, statut: int, duree: float, identifiant: str) -> None:
        """Add a line; `duree` in seconds."""
        self._attente.append((methode, route, statut, duree, identifiant, time.time_ns()))
        if len(self._attente) == 1:
            asyncio.get_running_loop().call_later(GROUPAGE, self.vider)

    def vider(self) -> None:
        """Write what waits."""
        if self._attente:
            attente, self._attente = self._attente, []
            sys.stdout.write("".join([self._ligne(*requete) for requete in attente]))
            sys.stdout.flush()

    def _ligne(self, methode: str, route: str, statut: int, duree: float, identifiant: str, ns: int) -> str:
        return (
            f'{self._debut}"methode": "{methode}", "route": {_chaine(route)}, "statut": {statut}, '
            f'"duree_ms": {duree * 1000:.1f}, "trace": "{identifiant}", '
            f'"horodatage": "{_seconde(ns // 1_000_000_000)}.{ns // 1_000_000 % 1000:03}Z"}}\n'
        )


@lru_cache(maxsize=512)
def _chaine(route: str) -> str:
    """Write a route as JSON: they are few."""
    return json.dumps(route, ensure_ascii=False)


@lru_cache(maxsize=8)
def _seconde(t: int) -> str:
    """Write a Unix second: many lines have the same."""
    return datetime.fromtimestamp(t, UTC).isoformat().removesuffix("+00:00")


class Observation:
    """Outermost middleware of a service: trace, deadline, measure, log line, and the 500 of what nobody caught.

    The deadline comes from `X-Deadline-Ms` (capped by `delai`, seconds, which also applies without it) and covers the
    time to the first byte of the answer; a longer stream is not cut.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        mesures: Mesures,
        delai: float,
        silencieuses: frozenset[str],
        lignes: LignesDeRequete | None = None,
    ) -> None:
        self._app, self._mesures, self._delai, self._silencieuses = app, mesures, delai, silencieuses
        self._journal, self.lignes = journal(service), lignes or LignesDeRequete(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            try:
                await self._app(scope, receive, send)
            finally:
                # The end of the lifespan: no later moment will come.
                self.lignes.vider()
            return
        debut = time.monotonic()
        recus = {nom: valeur for nom, valeur in scope["headers"] if nom in (b"traceparent", b"x-deadline-ms")}
        identifiant, parent = suite_de_trace(recus.get(b"traceparent", b"").decode("latin-1"))
        delai = _delai(recus.get(b"x-deadline-ms"), self._delai)
        methode: str = scope["method"]
        statut = 0
        jeton_trace, jeton_echeance = trace.set(parent), echeance.set(debut + delai)
        scope.setdefault("state", {})["trace"] = identifiant

        async def noter(message: Message) -> None:
            nonlocal statut
            if message["type"] == "http.response.start":
                statut = message["status"]
                minuteur.reschedule(None)
            await send(message)

        self._mesures.en_cours.inc()
        try:
            async with asyncio.timeout(delai) as minuteur:
                await self._app(scope, receive, noter)
        except Exception as exc:
            if statut:
                # Half an answer is gone: only closing the connection tells the truth.
                self._journal.error("réponse rompue", trace=identifiant, route=gabarit(scope), exc_info=exc)
                raise
            erreur = (
                DelaiDepasse("Le délai accordé à cette requête est écoulé.")
                if isinstance(exc, TimeoutError) and minuteur.expired()
                else traduire(exc, methode=methode)
            )
            scope["method"] = methode
            statut = await dire(self._journal, exc, erreur, scope, send)
        finally:
            self._mesures.en_cours.dec()
            trace.reset(jeton_trace)
            echeance.reset(jeton_echeance)
            duree, route = time.monotonic() - debut, gabarit(scope)
            # 499: the caller left before the answer.
            dite, finale = methode_connue(methode), statut or 499
            self._mesures.noter(dite, route, finale, duree)
            if scope["path"] not in self._silencieuses:
                self.lignes.ecrire(dite, route, finale, duree, identifiant)


class Imprevus:
    """Innermost middleware of an application that another observes: the 500 of what nobody caught, and its log line."""

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self._app, self._journal = app, journal(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        commence = False

        async def noter(message: Message) -> None:
            nonlocal commence
            commence = True
            await send(message)

        try:
            await self._app(scope, receive, noter)
        except Exception as exc:
            if commence or scope["type"] != "http":
                raise
            await dire(self._journal, exc, traduire(exc, methode=scope["method"]), scope, send)


async def dire(journal_: Any, exc: Exception, erreur: Erreur, scope: Scope, send: Send) -> int:
    """Answer an exception, and write it down when it is ours; returns the status."""
    instance, statut = uuid7(), statut_de(erreur)
    if statut >= 500:
        identifiant = scope.get("state", {}).get("trace")
        journal_.error("erreur", trace=identifiant, route=gabarit(scope), probleme=str(instance), exc_info=exc)
    await envoyer_probleme(send, erreur, methode=scope["method"], instance=instance)
    return statut


def _delai(recu: bytes | None, maximum: float) -> float:
    if recu is None or not recu.isdigit() or len(recu) > 9:
        return maximum
    return min(int(recu) / 1000, maximum)
