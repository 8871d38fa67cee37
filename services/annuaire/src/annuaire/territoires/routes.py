"""Routes of territories: the committed reference, and the layer of priority quarters in force."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel
from socle.acces.politique import Public
from socle.donnees.db import Database
from socle.errors import Interdit
from socle.identifiants import empreinte
from socle.settings import SocleSettings
from socle.web.etags import etag_faible, inchange
from socle.web.pagination import Curseurs, Page, empreinte_requete, liens
from socle.web.problemes import reponses
from socle.web.sessions import Lecture

from annuaire.territoires import geojson, listes, service
from annuaire.territoires.access import Administrateur, exiger_libre
from annuaire.territoires.couche import Origine
from annuaire.territoires.errors import CoucheAbsente, CoucheInvalide, CoucheTropGrande, TerritoireInconnu
from annuaire.territoires.parameters import (
    MOTIF_COMMUNE,
    MOTIF_DEPARTEMENT,
    MOTIF_EPCI,
    MOTIF_QPV,
    MOTIF_REGION,
    ParametresCommunes,
    ParametresDepartements,
    ParametresEpci,
    ParametresQpv,
    ParametresRegions,
)
from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.schemas import ChargementLu, CommuneLue, DepartementLu, EpciLu, QpvLu, RegionLue

routeur = APIRouter(prefix="/annuaire/v1/territoires", tags=["territoires"])

ENVOI_COUCHE = (f"{routeur.prefix}/", "qpv")
"""Key of the table of larger bodies for the loading of a layer."""
OCTETS_COUCHE = 25 * 2**20

# The reference changes with a version of the software; a layer, when an administrator loads another.
CACHE = {"Cache-Control": "public, max-age=86400"}
CACHE_COUCHE = {"Cache-Control": "public, max-age=60"}
EXEMPLE_COUCHE: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code_qp": "QN07501X", "lib_qp": "Quartier fictif des Tilleuls", "insee_com": "75056"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[2.31, 48.85], [2.33, 48.85], [2.33, 48.865], [2.31, 48.865], [2.31, 48.85]]],
            },
        }
    ],
}
INCHANGE: dict[int | str, dict[str, Any]] = {304: {"description": "Inchangé depuis l'ETag cité"}}
DEPLACEE: dict[int | str, dict[str, Any]] = {
    301: {"description": "Ancien code ou arrondissement : l'adresse de la commune actuelle est dans `Location`"}
}


class Contexte(Protocol):
    """What these routes ask of the composition root, in `app.state.contexte`."""

    @property
    def base(self) -> Database: ...
    @property
    def curseurs(self) -> Curseurs: ...
    @property
    def socle(self) -> SocleSettings: ...
    @property
    def horloge(self) -> Callable[[], datetime]: ...
    @property
    def reveiller(self) -> Callable[[], None]: ...


def _contexte(request: Request) -> Contexte:
    contexte: Contexte = request.app.state.contexte
    return contexte


LeContexte = Annotated[Contexte, Depends(_contexte)]
SiDifferent = Annotated[str | None, Header(alias="If-None-Match")]
_T = TypeVar("_T", bound=listes.Territoire)


class _Demande:
    """A GET on territories: its parameters, the tag of its answer."""

    def __init__(self, request: Request, version: str, si_different: str | None, cache: dict[str, str]) -> None:
        self.chemin = request.url.path
        self.paires = request.query_params.multi_items()
        self.si_different = si_different
        self.etag = etag_faible(empreinte([version, self.chemin, sorted(self.paires)])[:24])
        self.entetes = {"ETag": self.etag, **cache}

    def page(
        self, contexte: Contexte, parametres: ParametresRegions, elements: Iterable[_T], lu: Callable[[_T], BaseModel]
    ) -> Response:
        """Answer one page of `elements`, each presented by `lu`; or 304."""
        requete = empreinte_requete(self.chemin, self.paires)
        apres = str(contexte.curseurs.decoder(parametres.curseur, requete)[0]) if parametres.curseur else None
        if inchange(self.si_different, self.etag):
            return Response(status_code=304, headers=self.entetes)
        trouves, dernier = listes.page(elements, q=parametres.q, apres=apres, limite=parametres.limite)
        suivant = contexte.curseurs.encoder([dernier], requete) if dernier else None
        corps = Page[BaseModel].model_construct(elements=[lu(e) for e in trouves], suivant=suivant)
        entetes = {
            **self.entetes,
            "Link": liens(contexte.socle.url_publique, self.chemin, self.paires, suivant=suivant),
        }
        return Response(corps.model_dump_json(serialize_as_any=True), headers=entetes, media_type="application/json")

    def detail(self, lu: BaseModel) -> Response:
        """Answer one territory, or 304."""
        if inchange(self.si_different, self.etag):
            return Response(status_code=304, headers=self.entetes)
        return Response(lu.model_dump_json(), headers=self.entetes, media_type="application/json")


def _demande(request: Request, if_none_match: SiDifferent = None) -> _Demande:
    source = Referentiel.charger().source
    return _Demande(request, empreinte(source["fichiers"]), if_none_match, CACHE)


Demande = Annotated[_Demande, Depends(_demande)]


@routeur.get("/regions", response_model=Page[RegionLue], summary="Les régions", responses=INCHANGE)
async def lister_regions(
    demande: Demande, _: Public, contexte: LeContexte, parametres: Annotated[ParametresRegions, Query()]
) -> Response:
    """Liste les régions et les collectivités d'outre-mer, par code."""
    return demande.page(contexte, parametres, Referentiel.charger().regions(), RegionLue.de)


@routeur.get(
    "/regions/{code}",
    response_model=RegionLue,
    summary="Une région",
    responses={**INCHANGE, **reponses(TerritoireInconnu)},
)
async def montrer_region(demande: Demande, _: Public, code: Annotated[str, Path(pattern=MOTIF_REGION)]) -> Response:
    """Donne une région."""
    region = Referentiel.charger().region(code)
    if region is None:
        raise TerritoireInconnu(f"Aucune région ne porte le code {code}.")
    return demande.detail(RegionLue.de(region))


@routeur.get("/departements", response_model=Page[DepartementLu], summary="Les départements", responses=INCHANGE)
async def lister_departements(
    demande: Demande, _: Public, contexte: LeContexte, parametres: Annotated[ParametresDepartements, Query()]
) -> Response:
    """Liste les départements et les collectivités d'outre-mer, par code."""
    trouves = listes.departements(Referentiel.charger(), region=parametres.region)
    return demande.page(contexte, parametres, trouves, DepartementLu.de)


@routeur.get(
    "/departements/{code}",
    response_model=DepartementLu,
    summary="Un département",
    responses={**INCHANGE, **reponses(TerritoireInconnu)},
)
async def montrer_departement(
    demande: Demande, _: Public, code: Annotated[str, Path(pattern=MOTIF_DEPARTEMENT)]
) -> Response:
    """Donne un département."""
    departement = Referentiel.charger().departement(code)
    if departement is None:
        raise TerritoireInconnu(f"Aucun département ne porte le code {code}.")
    return demande.detail(DepartementLu.de(departement))


@routeur.get("/epci", response_model=Page[EpciLu], summary="Les EPCI", responses=INCHANGE)
async def lister_epci(
    demande: Demande, _: Public, contexte: LeContexte, parametres: Annotated[ParametresEpci, Query()]
) -> Response:
    """Liste les EPCI à fiscalité propre et les établissements publics territoriaux, par SIREN."""
    trouves = listes.groupements(Referentiel.charger(), departement=parametres.departement, region=parametres.region)
    return demande.page(contexte, parametres, trouves, EpciLu.de)


@routeur.get(
    "/epci/{code}", response_model=EpciLu, summary="Un EPCI", responses={**INCHANGE, **reponses(TerritoireInconnu)}
)
async def montrer_epci(demande: Demande, _: Public, code: Annotated[str, Path(pattern=MOTIF_EPCI)]) -> Response:
    """Donne un EPCI ; ses communes se lisent par `/communes?epci=`."""
    epci = Referentiel.charger().epci(code)
    if epci is None:
        raise TerritoireInconnu(f"Aucun EPCI ne porte le SIREN {code}.")
    return demande.detail(EpciLu.de(epci))


@routeur.get("/communes", response_model=Page[CommuneLue], summary="Les communes", responses=INCHANGE)
async def lister_communes(
    demande: Demande, _: Public, contexte: LeContexte, parametres: Annotated[ParametresCommunes, Query()]
) -> Response:
    """Liste les communes actuelles, par code INSEE."""
    referentiel = Referentiel.charger()
    trouvees = listes.communes(
        referentiel,
        code_postal=parametres.code_postal,
        epci=parametres.epci,
        departement=parametres.departement,
        region=parametres.region,
        q=parametres.q,
    )
    return demande.page(contexte, parametres, trouvees, lambda commune: CommuneLue.de(commune, referentiel))


@routeur.get(
    "/communes/{code}",
    response_model=CommuneLue,
    summary="Une commune",
    responses={**INCHANGE, **DEPLACEE, **reponses(TerritoireInconnu)},
)
async def montrer_commune(demande: Demande, _: Public, code: Annotated[str, Path(pattern=MOTIF_COMMUNE)]) -> Response:
    """Donne une commune ; un ancien code ou un arrondissement renvoie vers la commune actuelle."""
    referentiel = Referentiel.charger()
    commune = referentiel.actuelle(code)
    if commune is None:
        raise TerritoireInconnu(f"Aucune commune ne porte ou n'a porté le code {code}.")
    if commune.code != code:
        return Response(status_code=301, headers={"Location": f"{routeur.prefix}/communes/{commune.code}"})
    return demande.detail(CommuneLue.de(commune, referentiel))


@routeur.get(
    "/qpv",
    response_model=Page[QpvLu],
    summary="Les quartiers prioritaires",
    responses={**INCHANGE, **reponses(CoucheAbsente)},
)
async def lister_qpv(
    request: Request,
    session: Lecture,
    _: Public,
    contexte: LeContexte,
    parametres: Annotated[ParametresQpv, Query()],
    if_none_match: SiDifferent = None,
) -> Response:
    """Liste les quartiers prioritaires de la couche en vigueur, par code."""
    version, quartiers = await service.lister_qpv(session)
    trouves = listes.quartiers(
        Referentiel.charger(),
        quartiers,
        commune=parametres.commune,
        epci=parametres.epci,
        departement=parametres.departement,
        region=parametres.region,
    )
    return _Demande(request, version, if_none_match, CACHE_COUCHE).page(contexte, parametres, trouves, QpvLu.de)


@routeur.get(
    "/qpv/{code}",
    response_model=QpvLu,
    summary="Un quartier prioritaire",
    responses={**INCHANGE, **reponses(CoucheAbsente, TerritoireInconnu)},
)
async def montrer_qpv(
    request: Request,
    session: Lecture,
    _: Public,
    code: Annotated[str, Path(pattern=MOTIF_QPV)],
    if_none_match: SiDifferent = None,
) -> Response:
    """Donne un quartier prioritaire."""
    version, quartiers = await service.lister_qpv(session)
    quartier = next((q for q in quartiers if q.code == code), None)
    if quartier is None:
        raise TerritoireInconnu(f"Aucun quartier de la couche en vigueur ne porte le code {code}.")
    return _Demande(request, version, if_none_match, CACHE_COUCHE).detail(QpvLu.de(quartier))


@routeur.put(
    "/qpv",
    summary="Charger la couche des quartiers",
    responses=reponses(CoucheInvalide, CoucheTropGrande, Interdit),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/geo+json": {
                    "schema": {
                        "type": "object",
                        "required": ["type", "features"],
                        "properties": {
                            "type": {"const": "FeatureCollection"},
                            "features": {"type": "array", "minItems": 1, "items": {"type": "object"}},
                        },
                    },
                    "examples": {"quartier": {"summary": "Un quartier fictif", "value": EXEMPLE_COUCHE}},
                },
                "application/gzip": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
async def charger_qpv(
    request: Request,
    principal: Administrateur,
    contexte: LeContexte,
    licence: Annotated[str, Query(min_length=1, max_length=200, description="Licence de la couche.")] = "non précisée",
    source: Annotated[str, Query(min_length=1, max_length=200, description="Éditeur de la couche.")] = "ANCT",
    millesime: Annotated[int, Query(ge=2024, le=2100, description="Année du zonage.")] = 2024,
) -> ChargementLu:
    """Remplace toute la couche par un GeoJSON (compressé ou non) en WGS84 ; les lieux sont ensuite resitués."""
    exiger_libre(principal)
    octets = await request.body()
    # Half a second of parsing for the whole country: readers must not wait for it.
    lue = await asyncio.to_thread(geojson.lire_octets, octets)
    origine = Origine(source=source, licence=licence, millesime=millesime, empreinte=hashlib.sha256(octets).hexdigest())
    # Opened only now: the turn to write does not wait for a slow sender.
    async with contexte.base.write() as session:
        chargement = await service.charger_qpv(session, lue=lue, origine=origine, le=contexte.horloge())
        session.apres_commit(contexte.reveiller)
    return ChargementLu.de(chargement)
