"""One place, answered from memory; the database tells what became of those that are no longer there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from socle.donnees import feed
from socle.web.etags import inchange
from socle.web.lecture_rapide import Demande, Reponse
from socle.web.negociation import choisir
from starlette.responses import Response

from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.lecture import documents, moments
from annuaire.lieux.lecture.itinerants import Moment
from annuaire.lieux.lecture.pages import FORMATS
from annuaire.lieux.parameters import ParametresLieu
from annuaire.lieux.repository import KIND

if TYPE_CHECKING:
    from annuaire.dependances import Contexte

SECONDES = 60
_SUFFIXES = {
    ("json", "complete"): "",
    ("json", "compacte"): "-c",
    ("geojson", "complete"): "-g",
    ("geojson", "compacte"): "-gc",
}


def repondre(contexte: Contexte, demande: Demande[ParametresLieu]) -> Reponse | None:
    """Answer one place, `None` when it is not in force. Raises `FormatRefuse` (406)."""
    tableau = contexte.modele.tableau
    rang = tableau.rangs.get(demande.id)
    if rang is None or tableau.documents[rang] is None:
        return None
    parametres = demande.parametres
    format_ = choisir(demande.accept, FORMATS, format=parametres.format)
    instant = contexte.horloge()
    (ouverture,), jusqu_a = tableau.ouvertures.voir((rang,), instant, tableau.heures, tableau.ids)
    suffixe = _SUFFIXES[(format_, parametres.projection)]
    etag = f'"{demande.id[:8]}-{tableau.versions[rang]}-{moments.borne(jusqu_a)}{suffixe}"'
    entetes = [
        (b"etag", etag.encode()),
        (b"cache-control", moments.cache(instant.timestamp(), jusqu_a, SECONDES)),
        (b"last-modified", moments.date_http(int(tableau.modifies_le[rang]))),
    ]
    if inchange(demande.si_different, etag):
        return Reponse(b"", entetes, 304)
    moment, compacte = Moment(instant), parametres.projection == "compacte"
    (corps,) = documents.ecrire(tableau, (rang,), (ouverture,), None, compacte=compacte, moment=moment)
    if format_ == "geojson":
        corps = documents.situer(tableau, rang, corps, moment)
    return Reponse(corps, entetes, media=FORMATS[format_].encode())


async def chercher(contexte: Contexte, demande: Demande[ParametresLieu]) -> Response:
    """Tell where a place went: 301 to the one that stays.

    Raises `LieuInconnu` (404), `LieuSupprime` (410).
    """
    id = UUID(demande.id)
    async with contexte.base.read() as session:
        publiee = (await feed.lire(session, KIND, [id])).get(id)
    if publiee is None:
        raise LieuInconnu("Aucun lieu ne porte cet identifiant.")
    if publiee.redirection is not None:
        debut = demande.chemin.rpartition("/")[0]
        return Response(status_code=301, headers={"Location": f"{debut}/{publiee.redirection}"})
    raise LieuSupprime("Ce lieu n'est plus dans la liste de sa source.", supprime_le=publiee.modifie_le.isoformat())
