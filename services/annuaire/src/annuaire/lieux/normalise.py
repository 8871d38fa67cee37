"""The normalised record of a place: what one source says of it, cleaned, in the national standard's own terms."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from socle.identifiants import jcs

from annuaire.lieux.passages import Passage

AJOUTS: Final = ("accessibilite", "langues", "passages", "publication_contact")
"""Fields that the standard does not have. Unknown, they are left out of the canonical form: a record which says
nothing of them keeps the fingerprint that it had before they existed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LieuNormalise:
    """One row of a list, readable by everyone.

    Names and order are those of the standard (v1.0.2, 32 fields) without `id`, which is the key of the row, plus
    `telephones` (every number, the first being `telephone`) and `horaires_brut` (as written by the source).
    Unknown is `None` or an empty tuple. `latitude` and `longitude` are WGS84 degrees, at most 6 decimals, both or
    neither. `date_maj` is `AAAA-MM-JJ`. Phones are E.164, or a short number of four digits and more.

    Then come fields of ours: whether the place is accessible, the languages spoken (ISO 639), the stops of a place
    that moves, and whether the list lets its contacts be published.
    """

    pivot: str | None = None
    nom: str
    commune: str | None = None
    code_postal: str | None = None
    code_insee: str | None = None
    adresse: str | None = None
    complement_adresse: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    typologie: tuple[str, ...] = ()
    telephones: tuple[str, ...] = ()
    courriels: tuple[str, ...] = ()
    site_web: tuple[str, ...] = ()
    horaires: str | None = None
    horaires_brut: str | None = None
    presentation_resume: str | None = None
    presentation_detail: str | None = None
    source: str | None = None
    itinerance: tuple[str, ...] = ()
    structure_parente: str | None = None
    date_maj: str | None = None
    services: tuple[str, ...] = ()
    publics_specifiquement_adresses: tuple[str, ...] = ()
    prise_en_charge_specifique: tuple[str, ...] = ()
    frais_a_charge: tuple[str, ...] = ()
    dispositif_programmes_nationaux: tuple[str, ...] = ()
    formations_labels: tuple[str, ...] = ()
    autres_formations_labels: tuple[str, ...] = ()
    modalites_acces: tuple[str, ...] = ()
    modalites_accompagnement: tuple[str, ...] = ()
    fiche_acces_libre: str | None = None
    prise_rdv: str | None = None
    accessibilite: Literal["oui", "non"] | None = None
    langues: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    publication_contact: bool | None = None

    def en_dict(self) -> dict[str, Any]:
        """Return the record as JSON values (tuples become lists), without the `AJOUTS` of which nothing is known."""
        valeurs: dict[str, Any] = {}
        for nom in _STANDARD:
            valeur = getattr(self, nom)
            valeurs[nom] = list(valeur) if isinstance(valeur, tuple) else valeur
        if self.accessibilite is not None:
            valeurs["accessibilite"] = self.accessibilite
        if self.langues:
            valeurs["langues"] = list(self.langues)
        if self.passages:
            valeurs["passages"] = [passage.en_dict() for passage in self.passages]
        if self.publication_contact is not None:
            valeurs["publication_contact"] = self.publication_contact
        return valeurs

    @classmethod
    def de_dict(cls, valeurs: dict[str, Any]) -> LieuNormalise:
        """Rebuild a record stored by `en_dict`."""
        lues: dict[str, Any] = {c: tuple(v) if isinstance(v, list) else v for c, v in valeurs.items() if c in _NOMS}
        if lues.get("passages"):
            lues["passages"] = tuple(Passage.de_dict(passage) for passage in lues["passages"])
        return cls(**lues)

    def canonique(self) -> bytes:
        """Return the record as canonical JSON (RFC 8785, UTF-8)."""
        valeurs = self.en_dict()
        if not self.passages and _ecrit_pareil(self.latitude) and _ecrit_pareil(self.longitude):
            return _CANONIQUE.encode(valeurs).encode()
        return jcs(valeurs)

    def empreinte(self) -> str:
        """Fingerprint of what the source says: hexadecimal SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.canonique()).hexdigest()


def _ecrit_pareil(nombre: float | None) -> bool:
    """Tell whether Python writes a number as ECMAScript does: coordinates are the only ones here."""
    return nombre is None or (0.001 <= abs(nombre) < 1_000 and nombre != int(nombre))


# native, and the same as `jcs`: names of fields are ASCII
_CANONIQUE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
_NOMS = {champ.name: None for champ in fields(LieuNormalise)}
"""Names of the fields, in order: `asdict` would copy every value in depth, and they are all immutable."""
_STANDARD = tuple(nom for nom in _NOMS if nom not in AJOUTS)
