"""The reference of French territories in memory: communes (COG 2026), EPCI, départements, régions.

Read once per process from the committed files, which `infra/reference/construire.py` builds.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from annuaire.territoires.rules import deplier, distance_m, plier, serrer

MILLESIME = 2026
# Communes of Guadeloupe until 2007; the COG file of old codes does not go that far.
ANCIENS_CODES_COM = {"97123": "97701", "97127": "97801"}
_PAS_DEGRES = 0.5
_C = TypeVar("_C")


class Commune(NamedTuple):
    """A current commune of the COG.

    `epci` is the EPCI with own taxation, `ept` the établissement public territorial inside Grand Paris. The point
    (WGS84 degrees) lies inside the contour and `rayon_m` reaches its farthest vertex; all three are `None` together.
    """

    code: str
    nom: str
    departement: str
    region: str
    epci: str | None
    ept: str | None
    siren: str | None
    codes_postaux: tuple[str, ...]
    population: int | None
    latitude: float | None
    longitude: float | None
    rayon_m: int | None


class Arrondissement(NamedTuple):
    """A municipal arrondissement of Paris, Lyon or Marseille; `commune` is the code of the city."""

    code: str
    nom: str
    commune: str
    codes_postaux: tuple[str, ...]
    population: int | None
    latitude: float | None
    longitude: float | None
    rayon_m: int | None


class Epci(NamedTuple):
    """A group of communes; `code` is its SIREN, `type` one of CC, CA, CU, METRO, METRO69 or EPT."""

    code: str
    nom: str
    type: str
    population: int | None


class Departement(NamedTuple):
    """A département or an overseas territory; `zone` is metro, drom or com."""

    code: str
    nom: str
    region: str
    chef_lieu: str
    zone: str


class Region(NamedTuple):
    """A région, or an overseas territory under its own code; `zone` is metro, drom or com."""

    code: str
    nom: str
    chef_lieu: str
    zone: str


class NomsCompares(NamedTuple):
    """Folded names of a commune: official, with and without its parentheses, and the others (former, delegate)."""

    officiels: tuple[str, ...]
    autres: tuple[str, ...]


class Referentiel:
    """All territories by code, by postal code and by folded name. Immutable once loaded."""

    def __init__(
        self,
        *,
        communes: Iterable[Mapping[str, str]],
        epci: Iterable[Mapping[str, str]],
        departements: Iterable[Mapping[str, str]],
        regions: Iterable[Mapping[str, str]],
        source: Mapping[str, Any],
    ) -> None:
        """Take rows as the committed files hold them (`construire.py` lists the columns)."""
        self.source = MappingProxyType(dict(source))
        self._epci = {e["code"]: Epci(e["code"], e["nom"], e["type"], _entier(e["population"])) for e in epci}
        self._departements = {
            d["code"]: Departement(d["code"], d["nom"], d["region"], d["chef_lieu"], d["zone"]) for d in departements
        }
        self._regions = {r["code"]: Region(r["code"], r["nom"], r["chef_lieu"], r["zone"]) for r in regions}
        self._communes: dict[str, Commune] = {}
        self._arrondissements: dict[str, Arrondissement] = {}
        self._anciens = dict(ANCIENS_CODES_COM)
        self._autres_noms: dict[str, tuple[str, ...]] = {}
        self._noms_compares: dict[str, NomsCompares] = {}
        communs: dict[str, str] = {}  # one object per repeated code: the reference stays small in every process
        for c in communes:
            self._ajouter(c, communs)
        self._par_code_postal = _grouper((cp, c) for c in self._communes.values() for cp in c.codes_postaux)

    @classmethod
    def charger(cls) -> Referentiel:
        """Return the committed reference, read at the first call and shared by the whole process."""
        return _charger()

    def _ajouter(self, ligne: Mapping[str, str], communs: dict[str, str]) -> None:
        code, genre = ligne["code"], ligne["type"]
        postaux = tuple(communs.setdefault(cp, cp) for cp in ligne["codes_postaux"].split())
        lieu = (
            float(ligne["latitude"]) if ligne["latitude"] else None,
            float(ligne["longitude"]) if ligne["longitude"] else None,
            _entier(ligne["rayon_m"]),
        )
        population = _entier(ligne["population"])
        if not genre:
            departement, region, epci, ept = (
                communs.setdefault(v, v) for v in (ligne["departement"], ligne["region"], ligne["epci"], ligne["ept"])
            )
            siren = ligne["siren"] or None
            self._communes[code] = Commune(
                code,
                ligne["nom"],
                departement,
                region,
                epci or None,
                ept or None,
                siren,
                postaux,
                population,
                *lieu,
            )
            for ancien in ligne["anciens_codes"].split():
                self._anciens[ancien] = code
            self._ajouter_noms(code, ligne["anciens_noms"].split("|") if ligne["anciens_noms"] else ())
        elif genre == "arrondissement":
            self._arrondissements[code] = Arrondissement(
                code, ligne["nom"], ligne["parent"], postaux, population, *lieu
            )
        else:
            self._ajouter_noms(ligne["parent"], (ligne["nom"],))

    def _ajouter_noms(self, code: str, noms: Iterable[str]) -> None:
        if ajoutes := tuple(noms):
            self._autres_noms[code] = (*self._autres_noms.get(code, ()), *ajoutes)

    def commune(self, code: str) -> Commune | None:
        """Return the current commune that bears this INSEE code."""
        return self._communes.get(code)

    def actuelle(self, code: str) -> Commune | None:
        """Return the current commune of a code: its own, one of an arrondissement, or one that a merger abolished."""
        arrondissement = self._arrondissements.get(code)
        if arrondissement:
            code = arrondissement.commune
        return self._communes.get(self._anciens.get(code, code))

    def arrondissement(self, code: str) -> Arrondissement | None:
        """Return the municipal arrondissement that bears this INSEE code."""
        return self._arrondissements.get(code)

    def arrondissements(self, code_commune: str) -> tuple[Arrondissement, ...]:
        """Return the arrondissements of a city, in order; empty outside Paris, Lyon and Marseille."""
        return tuple(a for a in self._arrondissements.values() if a.commune == code_commune)

    def epci(self, code: str) -> Epci | None:
        """Return the group of communes that has this SIREN."""
        return self._epci.get(code)

    def departement(self, code: str) -> Departement | None:
        """Return the département of this code (`01`, `2A`, `974`, `988`)."""
        return self._departements.get(code)

    def region(self, code: str) -> Region | None:
        """Return the région of this code."""
        return self._regions.get(code)

    def communes(self) -> Iterator[Commune]:
        """Iterate over the current communes, by code."""
        return iter(self._communes.values())

    def groupements(self) -> Iterator[Epci]:
        """Iterate over EPCI and établissements publics territoriaux, by SIREN."""
        return iter(self._epci.values())

    def departements(self) -> Iterator[Departement]:
        """Iterate over départements and overseas territories, by code."""
        return iter(self._departements.values())

    def regions(self) -> Iterator[Region]:
        """Iterate over régions, by code."""
        return iter(self._regions.values())

    def communes_du_code_postal(self, code_postal: str) -> tuple[Commune, ...]:
        """Return the communes that share a postal code, by INSEE code."""
        return self._par_code_postal.get(code_postal, ())

    def communes_du_departement(self, code: str) -> tuple[Commune, ...]:
        """Return the communes of a département, by INSEE code."""
        return self._par_departement.get(code, ())

    def communes_du_groupement(self, code: str) -> tuple[Commune, ...]:
        """Return the member communes of an EPCI or of an établissement public territorial, by INSEE code."""
        return self._par_groupement.get(code, ())

    def communes_nommees(self, nom: str) -> tuple[Commune, ...]:
        """Return the current communes of this name, by INSEE code; the name is compared without its article."""
        return self._par_nom.get(serrer(plier(nom)), ())

    def communes_commencant(self, debut_plie: str) -> list[Commune]:
        """Return the communes whose folded name begins with this folded text, article counted or not, by INSEE code."""
        codes: set[str] = set()
        for debut in {debut_plie, debut_plie.replace(" ", "")} - {""}:
            premier = bisect_left(self._debuts, (debut, ""))
            for nom, code in islice(self._debuts, premier, None):
                if not nom.startswith(debut):
                    break
                codes.add(code)
        return [self._communes[code] for code in sorted(codes)]

    def communes_absorbant(self, nom: str) -> tuple[Commune, ...]:
        """Return the current communes that bore this name, or hold or absorbed a commune that bears or bore it."""
        return self._par_autre_nom.get(serrer(plier(nom)), ())

    def autres_noms(self, code: str) -> tuple[str, ...]:
        """Return the former names of a current commune and those of the communes that it absorbed or holds."""
        return self._autres_noms.get(code, ())

    def noms_compares(self, commune: Commune) -> NomsCompares:
        """Return the folded names of a commune, made once."""
        noms = self._noms_compares.get(commune.code)
        if noms is None:
            officiels = tuple(dict.fromkeys((deplier(commune.nom), plier(commune.nom))))
            autres = dict.fromkeys(plier(nom) for nom in self.autres_noms(commune.code))
            noms = NomsCompares(officiels, tuple(nom for nom in autres if nom not in officiels))
            self._noms_compares[commune.code] = noms
        return noms

    def commune_proche(self, latitude: float, longitude: float, *, departement: str | None = None) -> Commune | None:
        """Return the commune whose point is the nearest, inside `departement` if given; `None` beyond about 50 km."""
        x, y = int(longitude // _PAS_DEGRES), int(latitude // _PAS_DEGRES)
        candidates = [
            (distance_m(latitude, longitude, c.latitude, c.longitude), c.code)
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for c in self._grille.get((x + dx, y + dy), ())
            if c.latitude is not None
            and c.longitude is not None
            and (departement is None or c.departement == departement)
        ]
        return self._communes[min(candidates)[1]] if candidates else None

    @cached_property
    def _par_nom(self) -> dict[str, tuple[Commune, ...]]:
        return _grouper((serrer(plier(c.nom)), c) for c in self._communes.values())

    @cached_property
    def _debuts(self) -> list[tuple[str, str]]:
        plies = ((plier(c.nom), c.code) for c in self._communes.values())
        return sorted({(nom, code) for plie, code in plies for nom in (plie, serrer(plie))})

    @cached_property
    def _par_autre_nom(self) -> dict[str, tuple[Commune, ...]]:
        return _grouper(
            (serre, self._communes[code])
            for code in sorted(self._autres_noms)
            for serre in {serrer(plier(nom)) for nom in self._autres_noms[code]}
        )

    @cached_property
    def _par_departement(self) -> dict[str, tuple[Commune, ...]]:
        return _grouper((c.departement, c) for c in self._communes.values())

    @cached_property
    def _par_groupement(self) -> dict[str, tuple[Commune, ...]]:
        return _grouper((g, c) for c in self._communes.values() for g in (c.epci, c.ept) if g)

    @cached_property
    def _grille(self) -> dict[tuple[int, int], tuple[Commune, ...]]:
        return _grouper(
            ((int(c.longitude // _PAS_DEGRES), int(c.latitude // _PAS_DEGRES)), c)
            for c in self._communes.values()
            if c.latitude is not None and c.longitude is not None
        )


def _grouper(paires: Iterable[tuple[_C, Commune]]) -> dict[_C, tuple[Commune, ...]]:
    groupes: dict[_C, list[Commune]] = {}
    for cle, commune in paires:
        groupes.setdefault(cle, []).append(commune)
    return {cle: tuple(membres) for cle, membres in groupes.items()}


def _entier(texte: str) -> int | None:
    return int(texte) if texte else None


@cache
def _charger() -> Referentiel:
    dossier = files("annuaire.territoires") / "reference"

    def lire(nom: str) -> csv.DictReader[str]:
        octets = (dossier / nom).read_bytes()
        texte = (lzma.decompress(octets) if nom.endswith(".xz") else octets).decode("utf-8")
        return csv.DictReader(io.StringIO(texte))

    return Referentiel(
        communes=lire(f"communes-{MILLESIME}.csv.xz"),
        epci=lire(f"epci-{MILLESIME}.csv"),
        departements=lire(f"departements-{MILLESIME}.csv"),
        regions=lire(f"regions-{MILLESIME}.csv"),
        source=json.loads((dossier / "SOURCE.json").read_text(encoding="utf-8")),
    )
