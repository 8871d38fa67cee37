"""Routes of the closed lists."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path
from pydantic import BaseModel
from socle.acces.politique import Public
from socle.web.etags import etag_fort, inchange
from socle.web.pagination import Page
from socle.web.problemes import reponses
from starlette.responses import Response

from annuaire.referentiels.errors import ReferentielInconnu
from annuaire.referentiels.repository import Referentiels
from annuaire.referentiels.rules import ListeFermee
from annuaire.referentiels.schemas import ReferentielLu, ReferentielResume, ValeurLue

routeur = APIRouter(prefix="/annuaire/v1/referentiels", tags=["référentiels"])

INCHANGE: dict[int | str, dict[str, Any]] = {304: {"description": "Inchangé depuis l'ETag cité"}}
SiDifferent = Annotated[str | None, Header(alias="If-None-Match")]


@routeur.get("", response_model=Page[ReferentielResume], summary="Les référentiels", responses=INCHANGE)
async def lister_referentiels(_: Public, si_different: SiDifferent = None) -> Response:
    """Donne les listes fermées du standard et de Maillage, avec leur version."""
    listes = list(Referentiels.charger())
    resumes = [
        ReferentielResume(nom=liste.nom, titre=liste.titre, version=liste.version, valeurs=len(liste.valeurs))
        for liste in listes
    ]
    etag = "-".join(["referentiels", *sorted({liste.version for liste in listes}), str(len(listes))])
    return _repondre(Page(elements=resumes, suivant=None), etag, si_different)


@routeur.get(
    "/{nom}",
    response_model=ReferentielLu,
    summary="Un référentiel",
    responses={**INCHANGE, **reponses(ReferentielInconnu)},
)
async def montrer_referentiel(
    nom: Annotated[str, Path(max_length=64, examples=["services"])], _: Public, si_different: SiDifferent = None
) -> Response:
    """Donne toutes les valeurs d'une liste fermée, avec leur libellé et leur forme pour les filtres."""
    liste = Referentiels.charger().trouver(nom.replace("-", "_"))
    if liste is None:
        noms = sorted(liste.nom for liste in Referentiels.charger())
        raise ReferentielInconnu(f"Les référentiels sont : {', '.join(noms)}.", referentiels=noms)
    return _repondre(_lu(liste), f"{liste.nom}-{liste.version}", si_different)


def _repondre(corps: BaseModel, etag: str, si_different: str | None) -> Response:
    entetes = {"ETag": etag_fort(etag), "Cache-Control": "public, max-age=86400"}
    if inchange(si_different, entetes["ETag"]):
        return Response(status_code=304, headers=entetes)
    return Response(corps.model_dump_json(), headers=entetes, media_type="application/json")


def _lu(liste: ListeFermee) -> ReferentielLu:
    return ReferentielLu(
        nom=liste.nom,
        titre=liste.titre,
        version=liste.version,
        source=liste.source,
        champ=liste.champ,
        note=liste.note,
        valeurs=[
            ValeurLue(
                valeur=v.valeur, slug=v.slug, libelle=v.libelle, description=v.description, services=list(v.services)
            )
            for v in liste.valeurs
        ],
    )
