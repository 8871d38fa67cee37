"""One place, answered from memory; the database tells what became of those that are no longer there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from socle.donnees import feed
from socle.donnees.db import ReadSession
from socle.web.etags import etag_fort, inchange
from socle.web.lecture_rapide import Demande, Reponse
from socle.web.negociation import choisir
from starlette.responses import Response

from annuaire.lieux.consolidation.fiches import FicheLue
from annuaire.lieux.consolidation.rules import consolider, provenance
from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.lecture import documents, moments
from annuaire.lieux.lecture.itinerants import Moment
from annuaire.lieux.lecture.pages import FORMATS
from annuaire.lieux.lecture.tableau import Tableau
from annuaire.lieux.outils import Suivi
from annuaire.lieux.parameters import ParametresLieu
from annuaire.lieux.repository import KIND
from annuaire.lieux.service import lire_les_fiches

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
    """Answer one place, `None` when memory does not know. Raises `FormatRefuse` (406)."""
    tableau = contexte.modele.tableau
    if demande.parametres.provenance:
        return None
    return _de_memoire(contexte, demande, tableau)


def _de_memoire(contexte: Contexte, demande: Demande[ParametresLieu], tableau: Tableau) -> Reponse | None:
    rang = tableau.rangs.get(demande.id)
    if rang is None or tableau.documents[rang] is None:
        return None
    parametres = demande.parametres
    format_ = choisir(demande.accept, FORMATS, format=parametres.format)
    instant = contexte.horloge()
    fin, jusqu_a = tableau.ouvertures.voir_un(rang, instant, tableau.heures[rang], demande.id)
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
    (document,) = documents.lire(tableau, (rang,), compacte=compacte, moment=moment)
    corps = document + fin[:-1]
    if format_ == "geojson":
        corps = documents.situer(tableau, rang, corps, moment)
    return Reponse(corps, entetes, media=FORMATS[format_].encode())


async def chercher(contexte: Contexte, demande: Demande[ParametresLieu]) -> Response:
    """Tell where each field of a place comes from, or where it went: 301 to the one that stays.

    Raises `LieuInconnu` (404), `LieuSupprime` (410).
    """
    id = UUID(demande.id)
    async with contexte.base.read() as session:
        if demande.parametres.provenance:
            reponse = _de_memoire(contexte, replace(demande, si_different=None), contexte.modele.tableau)
            if reponse is not None:
                return await _avec_provenance(contexte, session, demande, reponse)
        publiee = (await feed.lire(session, KIND, [id])).get(id)
    if publiee is None:
        raise LieuInconnu("Aucun lieu ne porte cet identifiant.")
    if publiee.redirection is not None:
        debut = demande.chemin.rpartition("/")[0]
        return Response(status_code=301, headers={"Location": f"{debut}/{publiee.redirection}"})
    raise LieuSupprime("Ce lieu n'est plus dans la liste de sa source.", supprime_le=publiee.modifie_le.isoformat())


async def _avec_provenance(
    contexte: Contexte, session: ReadSession, demande: Demande[ParametresLieu], reponse: Reponse
) -> Response:
    """Join to the document of a place the records that its fields come from, chosen again as they were to write it."""
    id = UUID(demande.id)
    lues: dict[UUID, list[FicheLue]] = {id: []}
    await lire_les_fiches(session, lues, suivi=Suivi(contexte.outils, contexte.horloge()))
    dits = [lue.dit(contexte.outils.est_personnel) for lue in lues[id]]
    dites = provenance(consolider(dits)[1]) if dits else {}
    octets = json.dumps(dites, ensure_ascii=False, separators=(",", ":")).encode()
    corps = reponse.corps[:-1] + b',"provenance":%s}' % octets
    etag = etag_fort(hashlib.sha256(corps).hexdigest()[:32])
    gardes = {nom.decode(): valeur.decode() for nom, valeur in reponse.entetes if nom != b"etag"}
    entetes = {**gardes, "ETag": etag, "Vary": "Accept, Accept-Encoding"}
    if inchange(demande.si_different, etag):
        return Response(status_code=304, headers=entetes)
    return Response(corps, headers=entetes, media_type="application/json")
