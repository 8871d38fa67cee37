"""What is said of territories."""

from __future__ import annotations

from pydantic import BaseModel

from annuaire.territoires.couche import Chargement, QpvResume
from annuaire.territoires.referentiel import Arrondissement, Commune, Departement, Epci, Referentiel, Region
from annuaire.territoires.rules import fuseau


class RegionLue(BaseModel):
    """Une région, ou une collectivité d'outre-mer sous son propre code."""

    code: str
    nom: str
    chef_lieu: str
    zone: str

    @classmethod
    def de(cls, region: Region) -> RegionLue:
        """Present a région."""
        return cls.model_construct(**region._asdict())


class DepartementLu(BaseModel):
    """Un département ou une collectivité d'outre-mer ; `fuseau` est un nom IANA."""

    code: str
    nom: str
    region: str
    chef_lieu: str
    zone: str
    fuseau: str

    @classmethod
    def de(cls, departement: Departement) -> DepartementLu:
        """Present a département."""
        return cls.model_construct(**departement._asdict(), fuseau=fuseau(departement.code))


class EpciLu(BaseModel):
    """Un EPCI à fiscalité propre, ou un établissement public territorial (`type` EPT). Le code est son SIREN."""

    code: str
    nom: str
    type: str
    population: int | None

    @classmethod
    def de(cls, epci: Epci) -> EpciLu:
        """Present a group of communes."""
        return cls.model_construct(**epci._asdict())


class ArrondissementLu(BaseModel):
    """Un arrondissement de Paris, Lyon ou Marseille."""

    code: str
    nom: str
    codes_postaux: list[str]
    population: int | None
    latitude: float | None
    longitude: float | None

    @classmethod
    def de(cls, a: Arrondissement) -> ArrondissementLu:
        """Present a municipal arrondissement."""
        return cls.model_construct(
            code=a.code, nom=a.nom, codes_postaux=list(a.codes_postaux), population=a.population,
            latitude=a.latitude, longitude=a.longitude,
        )  # fmt: skip


class CommuneLue(BaseModel):
    """Une commune actuelle du code officiel géographique ; son point est à l'intérieur de son contour (WGS84)."""

    code: str
    nom: str
    departement: str
    region: str
    epci: str | None
    ept: str | None
    siren: str | None
    codes_postaux: list[str]
    population: int | None
    latitude: float | None
    longitude: float | None
    fuseau: str
    autres_noms: list[str]
    arrondissements: list[ArrondissementLu]

    @classmethod
    def de(cls, c: Commune, referentiel: Referentiel) -> CommuneLue:
        """Present a commune, with its former names and its arrondissements."""
        return cls.model_construct(
            code=c.code, nom=c.nom, departement=c.departement, region=c.region, epci=c.epci, ept=c.ept,
            siren=c.siren, codes_postaux=list(c.codes_postaux), population=c.population, latitude=c.latitude,
            longitude=c.longitude, fuseau=fuseau(c.code), autres_noms=list(referentiel.autres_noms(c.code)),
            arrondissements=[ArrondissementLu.de(a) for a in referentiel.arrondissements(c.code)],
        )  # fmt: skip


class QpvLu(BaseModel):
    """Un quartier prioritaire de la politique de la ville."""

    code: str
    nom: str
    communes: list[str]

    @classmethod
    def de(cls, quartier: QpvResume) -> QpvLu:
        """Present a quarter."""
        return cls.model_construct(code=quartier.code, nom=quartier.nom, communes=list(quartier.communes))


class ChargementLu(BaseModel):
    """Ce que le chargement d'une couche a changé, en nombre de quartiers."""

    ajoutes: int
    modifies: int
    retires: int
    inchanges: int
    version: int
    avertissements: list[str]

    @classmethod
    def de(cls, c: Chargement) -> ChargementLu:
        """Present what a loading changed."""
        return cls(
            ajoutes=c.ajoutes, modifies=c.modifies, retires=c.retires, inchanges=c.inchanges, version=c.version,
            avertissements=list(c.avertissements),
        )  # fmt: skip
