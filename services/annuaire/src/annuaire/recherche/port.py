"""What a search engine promises, whichever it is: the questions, the answers, the writes. No engine is named here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

ATTRIBUTS: Final = (
    "nom", "sigle", "noms_alternatifs", "commune", "type", "services", "labels", "structure_parente",
    "presentation", "adresse", "code_postal",
)  # fmt: skip
"""Searched attributes, the weightiest first: their order is a ranking rule."""

FACETTES: Final = (
    "genre", "types", "services", "publics", "labels", "dispositifs", "departement", "region", "commune_insee",
    "epci", "qpv", "code_postal", "frais", "acces", "accompagnement", "prise_en_charge", "itinerance",
    "accessibilite", "langues", "source",
)  # fmt: skip
"""What a search may be filtered by, and counted by."""

FENETRE: Final = 1_000
"""Results that may be reached, page after page; totals are exact up to this number."""
LONGUEUR_Q: Final = 200
MOTS_MAX: Final = 10
TAILLE_MAX: Final = 100
FACETTES_MAX: Final = 8
VALEURS_MAX: Final = 150

Engine = Literal["meilisearch", "embedded", "database"]
Sort = Literal["relevance", "distance", "name", "maj_desc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """All that lies within `radius_m` metres of a point in WGS84 degrees."""

    lat: float
    lng: float
    radius_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """All that lies between these WGS84 degrees."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Polygon:
    """All that lies in a ring of (latitude, longitude) points in WGS84 degrees, 500 at most, closed or not."""

    points: tuple[tuple[float, float], ...]


Geo = Circle | Box | Polygon


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorQuery:
    """A search, already validated: values of one filter are alternatives, filters are cumulative.

    `maj_after` is a POSIX time. `visibility` false shows hidden records too; it is set by the server, never by a
    caller. `sort="distance"` needs a circle, whose radius may be `None`.
    """

    q: str = ""
    page: int = 1
    size: int = 20
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    maj_after: int | None = None
    geo: Geo | None = None
    sort: Sort = "relevance"
    facets: tuple[str, ...] = ()
    facet_mode: Literal["conjunctive", "disjunctive"] = "conjunctive"
    highlight: bool = False
    relax: bool = True
    visibility: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One result: a score from 0 to 1, a distance when the query has a circle, the words of the record that matched."""

    id: str
    score: float
    distance_m: float | None = None
    matched_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value and the number of records that bear it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorPage:
    """A page of results, and how it was found.

    `total` is exact up to `FENETRE`, then `total_is_floor`. `relaxed` says that nothing had every word: words were
    then dropped (`dropped_words`). `facets` is `None` when the engine that answered can't count.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_floor: bool
    page: int
    size: int
    pages: int
    facets: Mapping[str, tuple[FacetValue, ...]] | None
    engine: Engine
    generation: str
    took_ms: float
    relaxed: bool = False
    dropped_words: tuple[str, ...] = ()
    degraded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A record whose name completes what is being typed."""

    id: str
    score: float
    distance_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorDocument:
    """A record as engines hold it: no e-mail, no phone, no name of a person.

    `texts` by attribute of `ATTRIBUTS`, `facets` by name of `FACETTES`; `v` grows with each version of the record;
    `lat` and `lng` are WGS84 degrees, both or neither; `maj` is a POSIX time; `completude` goes from 0 to 100.
    """

    id: str
    v: int
    texts: Mapping[str, tuple[str, ...]]
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lat: float | None = None
    lng: float | None = None
    completude: int = 0
    maj: int = 0
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Upsert:
    """Write a record, unless a later version of it is already there."""

    doc: ActorDocument


@dataclass(frozen=True, slots=True)
class Delete:
    """Forget a record, unless a later version of it is already there; an earlier one never brings it back."""

    id: str
    v: int


Operation = Upsert | Delete


@dataclass(frozen=True, slots=True)
class Receipt:
    """The promise of an engine about a batch; `None` when it is already kept."""

    task: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptState:
    """What became of a batch: `failed` names the ids at fault when they are known."""

    state: Literal["pending", "done", "failed"]
    failed: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHealth:
    """Whether an engine answers, and in French why it does not."""

    up: bool
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStats:
    """What an engine holds; `settings_hash` names the settings that it was built with.

    `settings_wanted` names those that this service would build with, where they may differ: it is then rebuilt.
    """

    documents: int
    generation: str
    settings_hash: str
    settings_wanted: str = ""
    oldest_pending_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the check of a new generation found; it may be promoted when `ok`."""

    ok: bool
    expected: int
    found: int
    faults: tuple[str, ...] = ()


class SearchEngine(Protocol):
    """An engine. Every method may raise `EngineUnavailable`; none raises because of what a query says."""

    async def search(self, query: ActorQuery) -> ActorPage: ...
    async def suggest(self, prefix: str, *, near: Circle | None, limit: int) -> tuple[Suggestion, ...]: ...
    async def facet_values(self, facet: str, prefix: str, query: ActorQuery) -> tuple[FacetValue, ...]: ...
    async def count(self, query: ActorQuery) -> int: ...
    async def health(self) -> EngineHealth: ...
    async def apply(self, batch: Sequence[Operation]) -> Receipt: ...
    async def receipt(self, receipt: Receipt, /) -> ReceiptState: ...
    async def begin_rebuild(self) -> str: ...
    async def load(self, generation: str, docs: Sequence[ActorDocument]) -> None: ...
    async def verify(self, generation: str, expected: Mapping[str, int]) -> Report: ...
    async def promote(self, generation: str) -> None: ...
    async def abandon(self, generation: str) -> None: ...
    def fingerprints(self) -> AsyncIterator[Sequence[tuple[str, int]]]: ...
    async def stats(self) -> EngineStats: ...
    async def close(self) -> None: ...


class EngineUnavailable(Exception):
    """The engine can't answer now: another one may. `detail` is for the journal."""

    def __init__(self, detail: str, **contexte: Any) -> None:
        super().__init__(detail)
        self.detail, self.contexte = detail, contexte
