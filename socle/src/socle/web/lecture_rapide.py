"""Hot reads: answered at the door, from memory, by the same function as the route that documents them.

One registration makes the FastAPI route (contract, policy, refusals, catching up with the database) and its short cut,
in front of everything. The short cut only ever gives the plain answer of a plain GET: whatever else
comes (a fault, a method, a header given twice, a model that is behind) it leaves to the route, untouched.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Header, Query, Request
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from socle.acces.jeton import Verificateur
from socle.acces.politique import PUBLIQUE, Politique, autoriser, exiger, politiques_des_routes
from socle.acces.principal import Principal
from socle.web.compression import NIVEAU, SEUIL, accepte_gzip, entetes_gzip, etag_connu
from socle.web.entetes import TOUJOURS
from socle.web.limits import Limites, controler_tete
from socle.web.observabilite import LignesDeRequete, Mesures, trace_de

C = TypeVar("C")
P = TypeVar("P", bound=BaseModel)

Entetes = list[tuple[bytes, bytes]]
Paires = list[tuple[str, str]]
JSON = b"application/json"
_VARY = (b"vary", b"Accept, Accept-Encoding")


@dataclass(slots=True)
class Question(Generic[P]):
    """A query, read and checked; kept for whoever asks it again.

    `parametres` are validated, `paires` are the decoded names and values, `prepare` is what the hot read has made of
    them. Parameters that are asked at many points (`Deplacable`) stand here at any one of them.
    """

    parametres: P
    paires: Paires
    prepare: Any = None


@dataclass(slots=True)
class Demande(Generic[P]):
    """What a hot read is asked: path, question, and the conditions of the caller.

    `requete` is the query as received; `point` is where the question is asked (`latitude,longitude`), where it moves.
    """

    chemin: str
    question: Question[P]
    requete: bytes
    id: str = ""
    si_different: str | None = None
    accept: str | None = None
    point: str | None = None

    @property
    def parametres(self) -> P:
        """Return the parameters, at any point where they move."""
        return self.question.parametres


@dataclass(slots=True)
class Reponse:
    """A whole answer; `entetes` are those of its own, without length nor security."""

    corps: bytes
    entetes: Entetes
    statut: int = 200
    media: bytes = JSON

    def complete(self) -> Entetes:
        """Return every header but those that each answer of the service bears."""
        if self.statut == 304:
            return [*self.entetes, _VARY]
        return [
            (b"content-type", self.media),
            (b"content-length", b"%d" % len(self.corps)),
            _VARY,
            *self.entetes,
        ]


Lire = Callable[[C, Demande[Any]], Reponse | None]
"""Answers from memory; `None` when memory does not know. Raises the refusals of the route (`Erreur`)."""

Repli = Callable[[C, Demande[Any]], Awaitable[Response]]
"""Answers what memory does not know."""


@dataclass(frozen=True, slots=True)
class LectureRapide(Generic[C]):
    """One hot read."""

    gabarit: str
    parametres: type[BaseModel]
    politique: Politique
    lire: Lire[C]
    lire_requete: Callable[[bytes], tuple[Question[Any], str | None]]


class LecturesRapides(Generic[C]):
    """The hot reads of a service.

    `contexte` finds, in the application, what they are given; `frais` tells whether memory shows the latest commit;
    `rattraper` brings it there.
    """

    def __init__(
        self,
        *,
        contexte: Callable[[FastAPI], C],
        frais: Callable[[C], bool],
        rattraper: Callable[[C], Awaitable[None]],
    ) -> None:
        self.contexte, self.frais, self._rattraper = contexte, frais, rattraper
        self.lectures: list[LectureRapide[C]] = []

    def get(
        self,
        routeur: APIRouter,
        chemin: str,
        parametres: type[P],
        *,
        repli: Repli[C] | None = None,
        politique: Politique = PUBLIQUE,
        type_id: type = str,
        **options: Any,
    ) -> Callable[[Lire[C]], Lire[C]]:
        """Register a hot read on a router; `options` are those of a FastAPI route."""

        def inscrire(lire: Lire[C]) -> Lire[C]:
            gabarit = routeur.prefix + chemin
            self.lectures.append(LectureRapide(gabarit, parametres, politique, lire, lecteur_de(parametres)))
            routeur.get(chemin, **options)(self._route(chemin, parametres, lire, repli, politique, type_id))
            return lire

        return inscrire

    def _route(
        self,
        chemin: str,
        parametres: type[P],
        lire: Lire[C],
        repli: Repli[C] | None,
        politique: Politique,
        type_id: type,
    ) -> Callable[..., Awaitable[Response]]:
        async def route(**recus: Any) -> Response:
            request: Request = recus["request"]
            contexte = self.contexte(request.app)
            question = Question(recus["parametres"], request.query_params.multi_items())
            demande = Demande(
                request.url.path,
                question,
                request.scope["query_string"],
                str(recus.get("id", "")),
                recus["if_none_match"],
                recus["accept"],
                point_de(question.parametres),
            )
            await self._rattraper(contexte)
            reponse = lire(contexte, demande)
            if reponse is None:
                if repli is None:
                    raise RuntimeError(f"{chemin} : la mémoire ne sait pas, et rien ne la remplace")
                return await repli(contexte, demande)
            rendue = Response(reponse.corps, reponse.statut)
            rendue.raw_headers = reponse.complete()
            return rendue

        route.__name__, route.__doc__ = lire.__name__, lire.__doc__
        champs: list[tuple[str, Any, Any]] = [
            ("request", Request, inspect.Parameter.empty),
            ("_principal", Annotated[Principal, exiger(politique)], inspect.Parameter.empty),
            ("parametres", Annotated[parametres, Query()], inspect.Parameter.empty),
            ("if_none_match", Annotated[str | None, Header()], None),
            ("accept", Annotated[str | None, Header(include_in_schema=False)], None),
        ]
        if "{id}" in chemin:
            champs.append(("id", type_id, inspect.Parameter.empty))
        route.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(nom, inspect.Parameter.KEYWORD_ONLY, annotation=genre, default=defaut)
                for nom, genre, defaut in champs
            ]
        )
        return route


QUESTIONS_GARDEES = 2048
"""Queries remembered by each hot read, points left aside."""


def lecteur_de(parametres: type[P]) -> Callable[[bytes], tuple[Question[P], str | None]]:
    """Make the reader of a query string, by the same model as the route; it gives the point apart.

    It raises (`ValueError`) on whatever the route must judge: an unknown name, a single value given twice, a fault.
    """
    multiples = {nom for nom, champ in parametres.model_fields.items() if _est_liste(champ.annotation)}
    connus = frozenset(parametres.model_fields)

    @lru_cache(maxsize=QUESTIONS_GARDEES)
    def lire(requete: bytes) -> Question[P]:
        lus: dict[str, Any] = {}
        paires = parse_qsl(requete.decode("latin-1"), keep_blank_values=True)
        for nom, valeur in paires:
            if nom in multiples:
                lus.setdefault(nom, []).append(valeur)
            elif nom in lus or nom not in connus:
                raise ValueError(nom)
            else:
                lus[nom] = valeur
        return Question(parametres.model_validate(lus), paires)

    def lire_ici(requete: bytes) -> tuple[Question[P], str | None]:
        question = lire(requete)
        return question, point_de(question.parametres)

    if not issubclass(parametres, Deplacable):
        return lire_ici
    nom_du_point = parametres.POINT.encode()
    cherche = re.compile(rb"(?:^|(?<=&))%s=%s(?=&|$)" % (nom_du_point, _POINT)).search

    def lire_ailleurs(requete: bytes) -> tuple[Question[P], str | None]:
        trouve = cherche(requete)
        if trouve is None:
            return lire_ici(requete)
        latitude, longitude = trouve.groups()
        if not (-90 <= float(latitude) <= 90 and -180 <= float(longitude) <= 180):
            raise ValueError(requete)
        # the same question at another point: all but the point has been read and checked before
        ici = b"%s%s=0,0%s" % (requete[: trouve.start()], nom_du_point, requete[trouve.end() :])
        return lire(ici), (b"%s,%s" % (latitude, longitude)).decode()

    return lire_ailleurs


class Deplacable(BaseModel):
    """Parameters that are asked again and again at other points; `POINT` names the one that changes.

    Whatever its value, `latitude,longitude` in WGS84 degrees, the others are judged alike.
    """

    POINT: ClassVar[str]


_POINT = rb"(-?\d{1,2}(?:\.\d{1,10})?)(?:,|%2[Cc])(-?\d{1,3}(?:\.\d{1,10})?)"


def point_de(parametres: BaseModel) -> str | None:
    """Return the point of parameters that move, `None` where there is none."""
    return getattr(parametres, parametres.POINT) if isinstance(parametres, Deplacable) else None


def _est_liste(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is list


class Raccourci:
    """What stands at the door of a service: answers plain hot reads by itself, and leaves everything else.

    It does what the layers below do for such a request: limits of the head, caller, policy, compression, headers,
    measure and log line.
    """

    def __init__(
        self,
        service: FastAPI,
        lectures: Sequence[LecturesRapides[Any]],
        *,
        limites: Limites,
        verificateur: Verificateur,
        mesures: Mesures,
        lignes: LignesDeRequete,
    ) -> None:
        self._service, self._limites = service, limites
        self._verificateur, self._mesures, self._lignes = verificateur, mesures, lignes
        self._frais: LecturesRapides[Any] | None = None
        self._exactes: dict[str, tuple[LecturesRapides[Any], LectureRapide[Any]]] = {}
        self._par_id: dict[str, tuple[LecturesRapides[Any], LectureRapide[Any]]] = {}
        for registre in lectures:
            for lecture in registre.lectures:
                debut, _, fin = lecture.gabarit.rpartition("/")
                if fin == "{id}":
                    self._par_id[debut] = (registre, lecture)
                else:
                    self._exactes[lecture.gabarit] = (registre, lecture)

    async def repondre(self, scope: Scope, send: Send) -> bool:
        """Answer a request, or say that it is left to the routes."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        debut = time.monotonic()
        chemin: str = scope["path"]
        trouvee, id = self._exactes.get(chemin), ""
        if trouvee is None:
            racine, _, id = chemin.rpartition("/")
            trouvee = self._par_id.get(racine)
            if trouvee is None:
                return False
        registre, lecture = trouvee
        dits: Mapping[bytes, bytes] = dict(scope["headers"])
        try:
            reponse = self._lire(scope, registre, lecture, id, dits)
        except Exception:
            # the route meets the same fault, and says it with its place and its reason
            return False
        if reponse is None:
            return False
        statut, corps, entetes = reponse.statut, reponse.corps, reponse.complete()
        voulu = b"accept-encoding" in dits and accepte_gzip(dits[b"accept-encoding"])
        if voulu and statut == 304:
            entetes = etag_connu(entetes, dits.get(b"if-none-match", b""))
        elif voulu and len(corps) >= SEUIL:
            presseur = zlib.compressobj(NIVEAU, zlib.DEFLATED, 31)
            corps = presseur.compress(corps) + presseur.flush()
            entetes = entetes_gzip(entetes, len(corps))
        entetes += TOUJOURS
        await send({"type": "http.response.start", "status": statut, "headers": entetes})
        await send({"type": "http.response.body", "body": corps})
        duree = time.monotonic() - debut
        self._mesures.noter("GET", lecture.gabarit, statut, duree)
        self._lignes.ecrire("GET", lecture.gabarit, statut, duree, trace_de(dits.get(b"traceparent")))
        return True

    def _lire(
        self,
        scope: Scope,
        registre: LecturesRapides[Any],
        lecture: LectureRapide[Any],
        id: str,
        dits: Mapping[bytes, bytes],
    ) -> Reponse | None:
        """Answer from memory, `None` where the route must; raises whatever it will say."""
        jeton = dits.get(b"authorization", b"")
        if len(dits) != len(scope["headers"]) or not jeton.startswith(b"Bearer "):
            return None
        controler_tete(scope, self._limites)
        principal = self._verificateur.verifier(jeton[7:].decode("latin-1"))
        autoriser(principal, lecture.politique)
        contexte = registre.contexte(self._service)
        if self._frais is not registre:
            if not registre.frais(contexte):
                return None
            # requests read from their sockets together are told together: none of them was sent after this look
            self._frais = registre
            asyncio.get_running_loop().call_soon(self._douter)
        requete: bytes = scope["query_string"]
        question, point = lecture.lire_requete(requete)
        si_different, accept = dits.get(b"if-none-match"), dits.get(b"accept")
        return lecture.lire(
            contexte,
            Demande(
                scope["path"],
                question,
                requete,
                id,
                None if si_different is None else si_different.decode("latin-1"),
                None if accept is None else accept.decode("latin-1"),
                point,
            ),
        )

    def _douter(self) -> None:
        """Forget, at the next turn of the loop, that memory was fresh: new requests may have come."""
        self._frais = None


class Service(FastAPI):
    """An application with hot reads at its door."""

    raccourci: Raccourci | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.raccourci is None or not await self.raccourci.repondre(scope, send):
            await super().__call__(scope, receive, send)


def verifier_lectures(app: FastAPI, lectures: Sequence[LecturesRapides[Any]]) -> None:
    """Refuse to start when a short cut has no route of the same path and policy: raises `RuntimeError`."""
    politiques = politiques_des_routes(app)
    for registre in lectures:
        for lecture in registre.lectures:
            if politiques.get(("GET", lecture.gabarit)) != lecture.politique:
                raise RuntimeError(f"La lecture rapide {lecture.gabarit} n'a pas de route de même politique.")
