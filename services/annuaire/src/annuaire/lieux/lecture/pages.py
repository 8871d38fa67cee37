"""A list of places: filtered, nearest first, open first, counted by facet; answered from memory."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from socle.web.lecture_rapide import Demande, Reponse
from socle.web.negociation import choisir
from socle.web.pagination import Adresse, Valeur

from annuaire.lieux.lecture import documents, moments
from annuaire.lieux.lecture.colonnes import Masque, Rangs
from annuaire.lieux.lecture.criteres import Criteres
from annuaire.lieux.lecture.itinerants import Moment, Point
from annuaire.lieux.lecture.ouvertures import ORDRE
from annuaire.lieux.lecture.plus_proches import Reels, metres, premiers
from annuaire.lieux.lecture.tableau import Tableau
from annuaire.lieux.parameters import ParametresLieux
from annuaire.territoires.errors import CoucheAbsente

if TYPE_CHECKING:
    from annuaire.dependances import Contexte

FORMATS = {"json": "application/json", "geojson": "application/geo+json"}
_MEDIAS = {nom: media.encode() for nom, media in FORMATS.items()}
COMPTES = ("ouverts", "inconnus", "fermes")
"""Counts of a page that begins with what is open, in the order of its groups."""
RAYON_DEFAUT_M = 10_000
SECONDES = 30


@dataclass(slots=True)
class Tranche:
    """A page: rows with the ends of their documents and distances, where the next one starts, and what was counted.

    `jusqu_a` is the Unix time at which the page stops being true.
    """

    rangs: Sequence[int]
    fins: Sequence[bytes]
    distances: Sequence[int] | None
    suite: list[Valeur] | None
    jusqu_a: float
    comptes: dict[str, int]


class Forme:
    """What all the pages of a question share, whatever its point; made once, kept with the question."""

    __slots__ = ("adresse", "compacte", "criteres", "facettes", "format", "limite", "ouvert_a", "rayon_m")

    def __init__(self, parametres: ParametresLieux, adresse: Adresse) -> None:
        self.adresse = adresse
        self.criteres: Criteres = parametres.criteres
        self.limite, self.ouvert_a = parametres.limite, parametres.ouvert_a
        self.rayon_m = parametres.rayon or RAYON_DEFAUT_M
        self.compacte, self.format = parametres.projection == "compacte", parametres.format
        self.facettes = tuple(dict.fromkeys(parametres.facettes))


def repondre(contexte: Contexte, demande: Demande[ParametresLieux]) -> Reponse:
    """Answer a list of places.

    Raises `CoucheAbsente` (400), `RequeteInvalide` (400) for a cursor of another query, `FormatRefuse` (406).
    """
    question, modele = demande.question, contexte.modele
    parametres = question.parametres
    if parametres.qpv and contexte.situeur.couche is None:
        raise CoucheAbsente("Aucune couche de quartiers n'est chargée : ce filtre ne peut pas répondre.")
    forme: Forme | None = question.prepare
    if forme is None:
        adresse = Adresse(contexte.socle.url_publique, demande.chemin, question.paires, variable=parametres.POINT)
        forme = question.prepare = Forme(parametres, adresse)
    format_ = choisir(demande.accept, FORMATS, format=forme.format)
    instant = contexte.horloge()
    t = instant.timestamp()
    condense = blake2b(demande.requete, digest_size=8, key=format_.encode()).hexdigest()
    reponse = f"{modele.numero}.{modele.fermetures}.{condense}"
    if demande.si_different is not None:
        jusqu_a = moments.encore_valable(demande.si_different, reponse, t)
        if jusqu_a is not None:
            return Reponse(b"", _entetes(reponse, t, jusqu_a), 304)
    requete = forme.adresse.empreinte(demande.point)
    position = None if parametres.curseur is None else contexte.curseurs.decoder(parametres.curseur, requete)
    page = _Page(modele.tableau, parametres, forme, demande.point, position, instant)
    tranche = page.tranche()
    entetes = _entetes(reponse, t, tranche.jusqu_a)
    suivant = contexte.curseurs.encoder(tranche.suite, requete) if tranche.suite else None
    entetes.append((b"link", forme.adresse.liens(demande.point, suivant=suivant).encode()))
    corps = page.ecrire(tranche, suivant, geojson=format_ == "geojson")
    return Reponse(corps, entetes, media=_MEDIAS[format_])


class _Page:
    """One question, from its parameters to its bytes."""

    __slots__ = ("_tous", "forme", "instant", "lieu", "maintenant", "moment", "parametres", "position", "tableau")

    def __init__(
        self,
        tableau: Tableau,
        parametres: ParametresLieux,
        forme: Forme,
        point: str | None,
        position: list[Valeur] | None,
        instant: datetime,
    ) -> None:
        self.tableau, self.parametres, self.forme, self.position = tableau, parametres, forme, position
        self.lieu: Point | None = None
        if point is not None:
            latitude, _, longitude = point.partition(",")
            self.lieu = float(latitude), float(longitude)
        self.maintenant = self.instant = instant
        if forme.ouvert_a is not None:
            self.instant = parametres.instant(instant)
            if position is not None:
                # the pages of one list are ordered at one instant, that of the first
                self.instant = datetime.fromtimestamp(float(str(position[0])), UTC)
        self._tous: tuple[Rangs, Reels | None] | None = None
        self.moment = Moment(self.instant, present=self.instant is instant)

    # --- finding

    def tranche(self) -> Tranche:
        """Find the page."""
        tranche = self._ouverts_d_abord() if self.forme.ouvert_a is not None else self._simple()
        # a place that moves may come into a page where it is not yet
        tranche.jusqu_a = min(tranche.jusqu_a, self.moment.jusqu_a)
        return tranche

    def _simple(self) -> Tranche:
        trouves, carres = self._suivants()
        fins, jusqu_a = self.tableau.ouvertures.voir(trouves, self.maintenant, self.tableau.heures, self.tableau.ids)
        rangs: list[int] = trouves.tolist()
        suite: list[Valeur] | None = None
        if len(rangs) == self.forme.limite:
            dernier = self.tableau.ids[rangs[-1]]
            suite = [dernier] if carres is None else [repr(float(carres[-1])), dernier]
        return Tranche(rangs, fins, None if carres is None else metres(carres), suite, jusqu_a, self._total())

    def _suivants(self) -> tuple[Rangs, Reels | None]:
        limite, position, criteres = self.forme.limite, self.position, self.forme.criteres
        if self.lieu is None:
            depuis = self.tableau.apres(str(position[0]) if position else None)
            return self.tableau.page(criteres, depuis, limite, self.moment), None
        if position is None:
            rangs, carres = self.tableau.proches(
                *self.lieu, criteres, rayon_m=self.forme.rayon_m, combien=limite, moment=self.moment
            )
            return rangs[:limite], carres[:limite]
        rangs, tous = self._ensemble()
        assert tous is not None  # noqa: S101 - there is a point
        corde, apres = float(str(position[0])), self.tableau.apres(str(position[1]))
        garde = (tous > corde) | ((tous == corde) & (rangs >= apres))
        rangs, tous = rangs[garde], tous[garde]
        ordre = premiers(rangs, tous, limite)
        return rangs[ordre], tous[ordre]

    def _ouverts_d_abord(self) -> Tranche:
        """Count the whole set by state; order what the page shows by state, then by distance or by id."""
        rangs, carres = self._ensemble()
        heures, ids, ouvertures = self.tableau.heures, self.tableau.ids, self.tableau.ouvertures
        jusqu_a, fins = math.inf, None
        if self.instant is self.maintenant:
            jusqu_a = ouvertures.tenir(rangs, self.instant, heures, ids)
            etats = ouvertures.etats[rangs]
        else:
            etats, fins = ouvertures.a_un_instant(rangs, self.instant, heures, ids)
        groupes = ORDRE[etats]
        comptes = np.bincount(groupes, minlength=len(COMPTES)).tolist()
        ordre = self._premiers(rangs, groupes, carres)
        choisis = rangs[ordre]
        if fins is None:
            textes, _ = ouvertures.voir(choisis, self.instant, heures, ids)
        else:
            textes = [fins[i] for i in ordre.tolist()]
        suite: list[Valeur] | None = None
        if len(ordre) == self.forme.limite:
            dernier = int(ordre[-1])
            corde = 0.0 if carres is None else float(carres[dernier])
            suite = [repr(self.instant.timestamp()), int(groupes[dernier]), repr(corde), ids[rangs[dernier]]]
        distances = None if carres is None else metres(carres[ordre])
        par_etat = dict(zip(COMPTES, comptes, strict=True))
        return Tranche(choisis.tolist(), textes, distances, suite, jusqu_a, {**self._total(), **par_etat})

    def _premiers(self, rangs: Rangs, groupes: NDArray[np.int8], carres: Reels | None) -> Rangs:
        """Return the places, in the set, of what the page shows: group after group, until there are enough."""
        limite, apres = self.forme.limite, None
        if self.position is not None:
            apres = self._apres(rangs, groupes, carres)
        trouves: list[Rangs] = []
        combien = 0
        for groupe in range(len(COMPTES)):
            du_groupe = groupes == groupe
            siens: Rangs = np.flatnonzero(du_groupe if apres is None else du_groupe & apres)
            ordre = premiers(rangs[siens], None if carres is None else carres[siens], limite - combien)
            trouves.append(siens[ordre])
            combien += len(ordre)
            if combien >= limite:
                break
        return trouves[0] if len(trouves) == 1 else np.concatenate(trouves)

    def _apres(self, rangs: Rangs, groupes: NDArray[np.int8], carres: Reels | None) -> Masque:
        """Return which rows come after the position of the cursor."""
        assert self.position is not None  # noqa: S101 - the caller looked
        _, groupe, texte, id = self.position
        apres, corde = self.tableau.apres(str(id)), float(str(texte))
        plus_loin = rangs >= apres
        if carres is not None:
            plus_loin = (carres > corde) | ((carres == corde) & plus_loin)
        voulu = int(str(groupe))
        suivants: Masque = (groupes > voulu) | ((groupes == voulu) & plus_loin)
        return suivants

    def _ensemble(self) -> tuple[Rangs, Reels | None]:
        """Return every row that meets the question, with its chord where there is a point; unordered there."""
        if self._tous is None:
            if self.lieu is None:
                self._tous = self.tableau.selection(self.forme.criteres, self.moment), None
            else:
                self._tous = self.tableau.dans_le_cercle(
                    *self.lieu, self.forme.criteres, rayon_m=self.forme.rayon_m, moment=self.moment
                )
        return self._tous

    def _total(self) -> dict[str, int]:
        return {"total": len(self._ensemble()[0])} if self.parametres.compte else {}

    def _facettes(self) -> dict[str, Mapping[str, int]]:
        rangs, _ = self._ensemble()
        return {
            nom: dict(sorted(self.tableau.colonnes[nom].compter(rangs).items(), key=lambda c: (-c[1], c[0])))
            for nom in self.forme.facettes
        }

    # --- writing

    def ecrire(self, tranche: Tranche, suivant: str | None, *, geojson: bool) -> bytes:
        """Write the page; its elements are stored bytes, each copied once."""
        tableau = self.tableau
        lus = documents.lire(tableau, tranche.rangs, compacte=self.forme.compacte, moment=self.moment)
        if geojson:
            morceaux = documents.entites(tableau, tranche.rangs, lus, tranche.fins, tranche.distances, self.moment)
            morceaux.insert(0, b'{"type":"FeatureCollection","features":[')
        else:
            morceaux = documents.morceaux(lus, tranche.fins, tranche.distances)
            morceaux.insert(0, b'{"elements":[')
        fin = b'],"suivant":"%s"' % suivant.encode() if suivant else b'],"suivant":null'
        for nom, compte in tranche.comptes.items():
            fin += b',"%s":%d' % (nom.encode(), compte)
        if self.forme.facettes:
            fin += b',"facettes":' + json.dumps(self._facettes(), ensure_ascii=False, separators=(",", ":")).encode()
        if tranche.jusqu_a != math.inf:
            fin += b',"valable_jusqu_a":"%s"' % moments.rfc3339(int(tranche.jusqu_a))
        morceaux.append(fin + b"}")
        return b"".join(morceaux)


def _entetes(reponse: str, t: float, jusqu_a: float) -> list[tuple[bytes, bytes]]:
    etag = f'W/"{reponse}.{moments.borne(jusqu_a)}"'
    return [(b"etag", etag.encode()), (b"cache-control", moments.cache(t, jusqu_a, SECONDES))]
