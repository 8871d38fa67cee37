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
from socle.web.pagination import Valeur, empreinte_requete, liens

from annuaire.lieux.lecture import documents, moments
from annuaire.lieux.lecture.colonnes import Rangs
from annuaire.lieux.lecture.criteres import Criteres
from annuaire.lieux.lecture.itinerants import Moment
from annuaire.lieux.lecture.ouvertures import ORDRE
from annuaire.lieux.lecture.plus_proches import Reels, metres
from annuaire.lieux.lecture.tableau import Tableau
from annuaire.lieux.parameters import ParametresLieux
from annuaire.territoires.errors import CoucheAbsente

if TYPE_CHECKING:
    from annuaire.dependances import Contexte

FORMATS = {"json": "application/json", "geojson": "application/geo+json"}
RAYON_DEFAUT_M = 10_000
SECONDES = 30


@dataclass(slots=True)
class Tranche:
    """A page: rows with their JSON openings and distances, where the next one starts, and what was counted.

    `jusqu_a` is the Unix time at which the page stops being true.
    """

    rangs: Sequence[int]
    ouvertures: Sequence[bytes]
    distances: Sequence[int] | None
    suite: list[Valeur] | None
    jusqu_a: float
    comptes: dict[str, int]


def repondre(contexte: Contexte, demande: Demande[ParametresLieux]) -> Reponse:
    """Answer a list of places.

    Raises `CoucheAbsente` (400), `RequeteInvalide` (400) for a cursor of another query, `FormatRefuse` (406).
    """
    parametres, modele = demande.parametres, contexte.modele
    if parametres.qpv and contexte.situeur.couche is None:
        raise CoucheAbsente("Aucune couche de quartiers n'est chargée : ce filtre ne peut pas répondre.")
    format_ = choisir(demande.accept, FORMATS, format=parametres.format)
    instant = contexte.horloge()
    t = instant.timestamp()
    condense = blake2b(demande.requete, digest_size=8, key=format_.encode()).hexdigest()
    reponse = f"{modele.numero}.{modele.fermetures}.{condense}"
    if demande.si_different is not None:
        jusqu_a = moments.encore_valable(demande.si_different, reponse, t)
        if jusqu_a is not None:
            return Reponse(b"", _entetes(reponse, t, jusqu_a), 304)
    page = _Page(contexte, demande, instant)
    tranche = page.tranche()
    entetes = _entetes(reponse, t, tranche.jusqu_a)
    suivant = contexte.curseurs.encoder(tranche.suite, page.requete) if tranche.suite else None
    entetes.append(
        (b"link", liens(contexte.socle.url_publique, demande.chemin, demande.paires, suivant=suivant).encode())
    )
    corps = page.ecrire(tranche, suivant, geojson=format_ == "geojson")
    return Reponse(corps, entetes, media=FORMATS[format_].encode())


class _Page:
    """One question, from its parameters to its bytes."""

    def __init__(self, contexte: Contexte, demande: Demande[ParametresLieux], instant: datetime) -> None:
        self.tableau: Tableau = contexte.modele.tableau
        self.parametres = demande.parametres
        self.criteres: Criteres = self.parametres.criteres
        self.requete = empreinte_requete(demande.chemin, demande.paires)
        curseur = self.parametres.curseur
        self.position = contexte.curseurs.decoder(curseur, self.requete) if curseur is not None else None
        self.maintenant = instant
        self.instant = self.parametres.instant(instant)
        if self.parametres.ouvert_a is not None and self.position is not None:
            # the pages of one list are ordered at one instant, that of the first
            self.instant = datetime.fromtimestamp(float(str(self.position[0])), UTC)
        self._tous: tuple[Rangs, Reels | None] | None = None
        self.moment = Moment(self.instant, present=self.instant is instant)

    # --- finding

    def tranche(self) -> Tranche:
        """Find the page."""
        tranche = self._ouverts_d_abord() if self.parametres.ouvert_a is not None else self._simple()
        # a place that moves may come into a page where it is not yet
        tranche.jusqu_a = min(tranche.jusqu_a, self.moment.jusqu_a)
        return tranche

    def _simple(self) -> Tranche:
        trouves, carres = self._suivants()
        rangs: list[int] = trouves.tolist()
        fragments, jusqu_a = self.tableau.ouvertures.voir(rangs, self.maintenant, self.tableau.heures, self.tableau.ids)
        suite: list[Valeur] | None = None
        if len(rangs) == self.parametres.limite:
            dernier = self.tableau.ids[rangs[-1]]
            suite = [dernier] if carres is None else [repr(float(carres[-1])), dernier]
        return Tranche(rangs, fragments, None if carres is None else metres(carres), suite, jusqu_a, self._total())

    def _suivants(self) -> tuple[Rangs, Reels | None]:
        limite, position = self.parametres.limite, self.position
        if self.parametres.proche is None:
            depuis = self.tableau.apres(str(position[0]) if position else None)
            return self.tableau.page(self.criteres, depuis, limite, self.moment), None
        if position is None:
            latitude, longitude = self.parametres.point()
            rangs, carres = self.tableau.proches(
                latitude, longitude, self.criteres, rayon_m=self._rayon(), combien=limite, moment=self.moment
            )
            return rangs[:limite], carres[:limite]
        rangs, tous = self._ensemble()
        assert tous is not None  # noqa: S101 - there is a point
        corde, apres = float(str(position[0])), self.tableau.apres(str(position[1]))
        garde = (tous > corde) | ((tous == corde) & (rangs >= apres))
        return rangs[garde][:limite], tous[garde][:limite]

    def _ouverts_d_abord(self) -> Tranche:
        """Order the whole set by state, then by distance or by id."""
        rangs, carres = self._ensemble()
        heures, ids, ouvertures = self.tableau.heures, self.tableau.ids, self.tableau.ouvertures
        jusqu_a = math.inf
        fragments: list[bytes] | None = None
        if self.instant is self.maintenant:
            jusqu_a = ouvertures.tenir(rangs, self.instant, heures, ids)
            etats = ouvertures.etats[rangs]
        else:
            etats, fragments = ouvertures.a_un_instant(rangs, self.instant, heures, ids)
        groupes = ORDRE[etats]
        ordre = np.lexsort((rangs, groupes) if carres is None else (rangs, carres, groupes))
        if self.position is not None:
            ordre = ordre[self._apres(rangs[ordre], groupes[ordre], None if carres is None else carres[ordre])]
        ordre = ordre[: self.parametres.limite]
        choisis = rangs[ordre].tolist()
        if fragments is None:
            textes, _ = ouvertures.voir(choisis, self.instant, heures, ids)
        else:
            textes = [fragments[i] for i in ordre]
        suite: list[Valeur] | None = None
        if len(choisis) == self.parametres.limite:
            dernier = int(ordre[-1])
            corde = 0.0 if carres is None else float(carres[dernier])
            suite = [repr(self.instant.timestamp()), int(groupes[dernier]), repr(corde), ids[choisis[-1]]]
        comptes = dict(zip(("ouverts", "inconnus", "fermes"), np.bincount(groupes, minlength=3).tolist(), strict=True))
        distances = None if carres is None else metres(carres[ordre])
        return Tranche(choisis, textes, distances, suite, jusqu_a, {**self._total(), **comptes})

    def _apres(self, rangs: Rangs, groupes: NDArray[np.int8], carres: Reels | None) -> Rangs:
        """Return which ordered rows come after the position of the cursor."""
        assert self.position is not None  # noqa: S101 - the caller looked
        _, groupe, texte, id = self.position
        apres, corde = self.tableau.apres(str(id)), float(str(texte))
        plus_loin = rangs >= apres
        if carres is not None:
            plus_loin = (carres > corde) | ((carres == corde) & plus_loin)
        voulu = int(str(groupe))
        suivants: Rangs = np.flatnonzero((groupes > voulu) | ((groupes == voulu) & plus_loin))
        return suivants

    def _ensemble(self) -> tuple[Rangs, Reels | None]:
        """Return every row that meets the question, with its chord where there is a point."""
        if self._tous is None:
            if self.parametres.proche is None:
                self._tous = self.tableau.selection(self.criteres, self.moment), None
            else:
                latitude, longitude = self.parametres.point()
                self._tous = self.tableau.dans_le_cercle(
                    latitude, longitude, self.criteres, rayon_m=self._rayon(), moment=self.moment
                )
        return self._tous

    def _rayon(self) -> int:
        return self.parametres.rayon or RAYON_DEFAUT_M

    def _total(self) -> dict[str, int]:
        return {"total": len(self._ensemble()[0])} if self.parametres.compte else {}

    def _facettes(self) -> dict[str, Mapping[str, int]]:
        rangs, _ = self._ensemble()
        return {
            nom: dict(sorted(self.tableau.colonnes[nom].compter(rangs).items(), key=lambda c: (-c[1], c[0])))
            for nom in dict.fromkeys(self.parametres.facettes)
        }

    # --- writing

    def ecrire(self, tranche: Tranche, suivant: str | None, *, geojson: bool) -> bytes:
        """Write the page; its elements are stored bytes, joined."""
        tableau, compacte = self.tableau, self.parametres.projection == "compacte"
        elements = documents.ecrire(
            tableau, tranche.rangs, tranche.ouvertures, tranche.distances, compacte=compacte, moment=self.moment
        )
        if geojson:
            elements = [
                documents.situer(tableau, rang, e, self.moment) for rang, e in zip(tranche.rangs, elements, strict=True)
            ]
        debut = b'{"type":"FeatureCollection","features":[' if geojson else b'{"elements":['
        fin = b'],"suivant":%s' % (b'"%s"' % suivant.encode() if suivant else b"null")
        for nom, compte in tranche.comptes.items():
            fin += b',"%s":%d' % (nom.encode(), compte)
        if self.parametres.facettes:
            fin += b',"facettes":' + json.dumps(self._facettes(), ensure_ascii=False, separators=(",", ":")).encode()
        if not math.isinf(tranche.jusqu_a):
            fin += b',"valable_jusqu_a":"%s"' % moments.rfc3339(int(tranche.jusqu_a))
        if not elements:
            return debut + fin + b"}"
        # the two ends are joined to their neighbours: the page itself is written once
        elements[0] = debut + elements[0]
        elements[-1] += fin + b"}"
        return b",".join(elements)


def _entetes(reponse: str, t: float, jusqu_a: float) -> list[tuple[bytes, bytes]]:
    etag = f'W/"{reponse}.{moments.borne(jusqu_a)}"'
    return [(b"etag", etag.encode()), (b"cache-control", moments.cache(t, jusqu_a, SECONDES))]
