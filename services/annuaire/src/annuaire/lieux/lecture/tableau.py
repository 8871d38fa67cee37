"""Every place in memory: documents as bytes, positions and filter columns, numbered alike in the order of ids."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from annuaire.lieux.horaires.document import Heures
from annuaire.lieux.lecture.colonnes import CHAMPS, Colonne, Masque, Rangs, valeurs_de
from annuaire.lieux.lecture.criteres import Criteres
from annuaire.lieux.lecture.itinerants import Itinerants, Moment, Point, point_propre
from annuaire.lieux.lecture.ouvertures import Ouvertures
from annuaire.lieux.lecture.plus_proches import (
    IndexSpatial,
    Reels,
    corde_de,
    cordes,
    ordonner,
    rayon_de,
    vecteur,
    vecteurs,
)
from annuaire.lieux.repository import Publie

RETOUCHES_MAX = 2_000
"""Places moved since the index was made, beyond which it is made again."""

SELECTIONS, OCTETS_SELECTIONS = 256, 16 * 1024 * 1024
TRANCHE = 2_048


class Tableau:
    """Places in force, one row each; a withdrawn place keeps its row, empty.

    Rows are in the order of ids, which is that of creation. `documents` and `compacts` lack their closing brace, so
    that what changes with the clock is joined without reading them again. Readers and `appliquer` take turns in one
    thread: nobody sees half a change. `latitudes` and `longitudes` are those of places that don't move; where the
    others stand is asked at the moment of the question (`itinerants`).
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.rangs: dict[str, int] = {}
        self.documents: list[bytes | None] = []
        self.compacts: list[bytes | None] = []
        self.versions: list[int] = []
        self.heures: list[Heures | None] = []
        self.colonnes = {nom: Colonne() for nom in CHAMPS}
        self.latitudes: Reels = np.empty(0)
        self.longitudes: Reels = np.empty(0)
        self.modifies_le: Reels = np.empty(0)
        self.vivants: Masque = np.empty(0, dtype=np.bool_)
        self.recoit_du_public: Masque = np.empty(0, dtype=np.bool_)
        self._index: IndexSpatial | None = None
        self._hors_index: set[int] = set()
        self._perimes: Masque = np.empty(0, dtype=np.bool_)
        self._selections: OrderedDict[Criteres, Rangs] = OrderedDict()
        self.ouvertures = Ouvertures()
        self.itinerants = Itinerants()

    @property
    def taille(self) -> int:
        """Rows, withdrawn places included."""
        return len(self.ids)

    def copier(self) -> Tableau:
        """Return a table that changes apart from this one."""
        copie = Tableau()
        copie.ids, copie.rangs = list(self.ids), dict(self.rangs)
        copie.documents, copie.compacts = list(self.documents), list(self.compacts)
        copie.versions, copie.heures = list(self.versions), list(self.heures)
        copie.colonnes = {nom: colonne.copier() for nom, colonne in self.colonnes.items()}
        for nom in _TABLEAUX:
            setattr(copie, nom, getattr(self, nom).copy())
        copie._index, copie._hors_index = self._index, set(self._hors_index)
        copie.ouvertures = self.ouvertures.copier()
        copie.itinerants = self.itinerants.copier()
        return copie

    # --- writing

    def admet(self, publies: Iterable[Publie]) -> bool:
        """Tell whether these changes keep rows in the order of ids; a younger row never comes before an older one."""
        dernier = self.ids[-1] if self.ids else ""
        for publie in publies:
            if publie.id not in self.rangs:
                if publie.id < dernier:
                    return False
                dernier = publie.id
        return True

    def appliquer(self, publies: Sequence[Publie]) -> list[int]:
        """Take changes, places new to the table in the order of ids; return their rows."""
        nouveaux = [publie for publie in publies if publie.id not in self.rangs]
        self._agrandir(len(self.ids) + len(nouveaux))
        for publie in nouveaux:
            self.rangs[publie.id] = len(self.ids)
            self.ids.append(publie.id)
            self.documents.append(None)
            self.compacts.append(None)
            self.versions.append(0)
            self.heures.append(None)
        touches = [self._ecrire(publie) for publie in publies]
        self._selections.clear()
        return touches

    def indexer(self) -> None:
        """Make the spatial index of the places as they now are."""
        places = np.flatnonzero(self.vivants[: self.taille] & ~np.isnan(self.latitudes[: self.taille]))
        self._index = IndexSpatial.de(self.latitudes[places], self.longitudes[places], places)
        self._hors_index = set()
        self._perimes[:] = False

    def _ecrire(self, publie: Publie) -> int:
        rang = self.rangs[publie.id]
        self.compacts[rang] = None
        self.versions[rang] = publie.version
        self.modifies_le[rang] = publie.modifie_le.timestamp()
        latitude = longitude = None
        if publie.document is None:
            self.ouvertures.oublier(rang)
            self.documents[rang], self.heures[rang] = None, None
            self.itinerants.oter(rang)
            self.vivants[rang] = self.recoit_du_public[rang] = False
        else:
            lu = json.loads(publie.document + b"}")
            self.documents[rang], self.vivants[rang] = publie.document, True
            heures = Heures.de(lu)
            if heures != self.heures[rang]:
                self.ouvertures.oublier(rang)
                self.heures[rang] = heures
            self.recoit_du_public[rang] = heures.recoit_du_public
            for nom, valeurs in valeurs_de(lu).items():
                self.colonnes[nom].poser(rang, valeurs)
            if heures.arrets:
                points = [(a.latitude, a.longitude) for a in heures.arrets if a.latitude is not None]
                self.itinerants.poser(rang, points, point_propre(lu))  # type: ignore[arg-type]
            else:
                self.itinerants.oter(rang)
                latitude, longitude = lu["latitude"], lu["longitude"]
        avant = (self.latitudes[rang], self.longitudes[rang])
        apres = (np.nan if latitude is None else latitude, np.nan if longitude is None else longitude)
        if avant != apres and not (np.isnan(avant[0]) and np.isnan(apres[0])):
            self.latitudes[rang], self.longitudes[rang] = apres
            self._perimes[rang] = True
            self._hors_index.add(rang)
        return rang

    def _agrandir(self, taille: int) -> None:
        capacite = len(self.vivants)
        if taille <= capacite:
            return
        capacite = max(taille, capacite * 5 // 4 + 1_024)
        for nom, (vide, type_) in _TABLEAUX.items():
            ancien = getattr(self, nom)
            setattr(self, nom, np.concatenate([ancien, np.full(capacite - len(ancien), vide, dtype=type_)]))
        for colonne in self.colonnes.values():
            colonne.agrandir(capacite)
        self.ouvertures.agrandir(capacite)

    # --- reading

    def apres(self, id: str | None) -> int:
        """Return the first row after an id, whether it is still there or not."""
        return 0 if id is None else bisect_right(self.ids, id)

    def position(self, rang: int, moment: Moment) -> Point | None:
        """Return where a place that moves stands at a moment: at its stop, else at its own address if it has one."""
        ouverture = self.ouvertures.dire(rang, moment.instant, self.heures[rang], self.ids[rang])
        moment.borner(ouverture.valable_jusqu_a)
        arret = ouverture.arret
        if arret is None or arret.latitude is None or arret.longitude is None:
            return self.itinerants.propres[rang]
        return arret.latitude, arret.longitude

    def page(self, criteres: Criteres, depuis: int, limite: int, moment: Moment) -> Rangs:
        """Return the first rows from `depuis` on that meet the filters."""
        connue = self._selections.get(criteres) if not (criteres.rectangle and self.itinerants) else None
        if connue is not None:
            debut = int(np.searchsorted(connue, depuis))
            return connue[debut : debut + limite]
        if criteres.champs or criteres.rectangle:
            # few places meet these: looked for once in the whole table, then kept
            choisis = self.selection(criteres, moment)
            debut = int(np.searchsorted(choisis, depuis))
            return choisis[debut : debut + limite]
        trouves: list[Rangs] = []
        combien = 0
        while depuis < self.taille and combien < limite:
            rangs = np.arange(depuis, min(depuis + max(TRANCHE, limite), self.taille))
            retenus = rangs[criteres.masque(self, rangs)]
            trouves.append(retenus)
            combien += len(retenus)
            depuis += len(rangs)
        return np.concatenate(trouves)[:limite] if trouves else np.empty(0, dtype=np.int64)

    def selection(self, criteres: Criteres, moment: Moment) -> Rangs:
        """Return every row that meets the filters, in order."""
        immobiles = self._selection(criteres)
        if criteres.rectangle is None or not self.itinerants:
            return immobiles
        mobiles, _, _ = self._mobiles(self.itinerants.dans(criteres.rectangle), criteres, moment)
        return np.sort(np.concatenate([immobiles, mobiles]))

    def _selection(self, criteres: Criteres) -> Rangs:
        """Return the rows that meet the filters whatever the hour; kept until the next change."""
        connue = self._selections.get(criteres)
        if connue is None:
            rangs = np.arange(self.taille)
            connue = self._selections[criteres] = rangs[criteres.masque(self, rangs)]
            while len(self._selections) > 1 and (
                len(self._selections) > SELECTIONS
                or sum(s.nbytes for s in self._selections.values()) > OCTETS_SELECTIONS
            ):
                self._selections.popitem(last=False)
        else:
            self._selections.move_to_end(criteres)
        return connue

    def proches(
        self, latitude: float, longitude: float, criteres: Criteres, *, rayon_m: float, combien: int, moment: Moment
    ) -> tuple[Rangs, Reels]:
        """Return the rows nearest to a point within a radius and their squared chords, by (distance, id).

        At least `combien` when there are as many, and all those at the distance of the last one.
        """
        trouves = self._a_jour().plus_proches(
            latitude, longitude, rayon_m=rayon_m, combien=combien, garde=lambda r: self._garde(criteres, r)
        )
        rangs, carres = self._ajouter(latitude, longitude, criteres, rayon_m, *trouves)
        if self.itinerants and len(rangs) >= combien:
            rayon_m = min(rayon_m, rayon_de(float(np.partition(carres, combien - 1)[combien - 1])))
        rangs, carres = self._joindre(latitude, longitude, criteres, rayon_m, moment, rangs, carres)
        ordre = ordonner(rangs, carres)
        return rangs[ordre], carres[ordre]

    def dans_le_cercle(
        self, latitude: float, longitude: float, criteres: Criteres, *, rayon_m: float, moment: Moment
    ) -> tuple[Rangs, Reels]:
        """Return every row within a radius and its squared chord, unordered."""
        rangs, carres = self._a_jour().dans_le_cercle(latitude, longitude, rayon_m)
        gardes = self._garde(criteres, rangs)
        rangs, carres = self._ajouter(latitude, longitude, criteres, rayon_m, rangs[gardes], carres[gardes])
        return self._joindre(latitude, longitude, criteres, rayon_m, moment, rangs, carres)

    def _joindre(
        self, latitude: float, longitude: float, criteres: Criteres, rayon_m: float, moment: Moment,
        rangs: Rangs, carres: Reels,
    ) -> tuple[Rangs, Reels]:  # fmt: skip
        """Add the places that stand within a radius at this moment."""
        if not self.itinerants:
            return rangs, carres
        mobiles, latitudes, longitudes = self._mobiles(
            self.itinerants.autour(latitude, longitude, rayon_m), criteres, moment
        )
        if not len(mobiles):
            return rangs, carres
        loins = cordes(vecteurs(latitudes, longitudes), vecteur(latitude, longitude))
        dedans = loins <= corde_de(rayon_m)
        return np.concatenate([rangs, mobiles[dedans]]), np.concatenate([carres, loins[dedans]])

    def _mobiles(self, rangs: Rangs, criteres: Criteres, moment: Moment) -> tuple[Rangs, Reels, Reels]:
        """Return those of these places that meet the filters where they stand at a moment, and their points."""
        rangs = rangs[replace(criteres, rectangle=None).masque(self, rangs)]
        trouves = [(rang, point) for rang in rangs.tolist() if (point := self.position(rang, moment)) is not None]
        places = np.array([rang for rang, _ in trouves], dtype=np.int64)
        latitudes, longitudes = (np.array([point[n] for _, point in trouves], dtype=np.float64) for n in (0, 1))
        if criteres.rectangle is not None:
            r = criteres.rectangle
            dedans = (latitudes >= r.sud) & (latitudes <= r.nord) & (longitudes >= r.ouest) & (longitudes <= r.est)
            places, latitudes, longitudes = places[dedans], latitudes[dedans], longitudes[dedans]
        return places, latitudes, longitudes

    def _a_jour(self) -> IndexSpatial:
        if self._index is None or len(self._hors_index) > RETOUCHES_MAX:
            self.indexer()
        assert self._index is not None  # noqa: S101 - just made
        return self._index

    def _garde(self, criteres: Criteres, rangs: Rangs) -> Masque:
        tient = criteres.masque(self, rangs)
        return tient & ~self._perimes[rangs] if self._hors_index else tient

    def _ajouter(
        self, latitude: float, longitude: float, criteres: Criteres, rayon_m: float, rangs: Rangs, carres: Reels
    ) -> tuple[Rangs, Reels]:
        """Add the places moved since the index was made."""
        if self._hors_index:
            autres = np.fromiter(self._hors_index, dtype=np.int64)
            autres = autres[criteres.masque(self, autres) & ~np.isnan(self.latitudes[autres])]
            loins = cordes(vecteurs(self.latitudes[autres], self.longitudes[autres]), vecteur(latitude, longitude))
            dedans = loins <= corde_de(rayon_m)
            rangs = np.concatenate([rangs, autres[dedans]])
            carres = np.concatenate([carres, loins[dedans]])
        return rangs, carres


_TABLEAUX: dict[str, tuple[float | bool, type]] = {
    "latitudes": (np.nan, np.float64),
    "longitudes": (np.nan, np.float64),
    "modifies_le": (0.0, np.float64),
    "vivants": (False, np.bool_),
    "recoit_du_public": (False, np.bool_),
    "_perimes": (False, np.bool_),
}
"""Array by row, with the value of a row not written yet."""
