"""The public document of a place, written once per change and then served as bytes by everyone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from socle.donnees.documents import Document

from annuaire.lieux.normalise import AJOUTS, LieuNormalise

SANS_PUBLIC = "Ce lieu n'accueille pas de public"
ANGLAIS = "Langues étrangères (anglais)"
"""The one value of the standard that names a language."""


@dataclass(frozen=True, slots=True)
class Territoire:
    """Where a place lies, from its commune: INSEE codes, and the IANA time zone. Unknown is `None`."""

    departement: str | None = None
    region: str | None = None
    epci: str | None = None
    fuseau: str | None = None


@dataclass(frozen=True, slots=True)
class SourceCitee:
    """What a public document says of its source; `base_contacts` is the recorded basis to publish personal contacts."""

    id: str
    licence: str
    base_contacts: str | None = None


def recoit_du_public(fiche: LieuNormalise) -> bool:
    """Say whether people may come; a place that says it receives nobody is left out of the nearest ones."""
    return SANS_PUBLIC not in fiche.modalites_acces


def langues_de(fiche: LieuNormalise) -> list[str]:
    """Return the languages spoken (ISO 639): those that the list says, and the one that the standard names."""
    return list(dict.fromkeys([*fiche.langues, *(["en"] if ANGLAIS in fiche.prise_en_charge_specifique else [])]))


def projeter(
    *,
    id: UUID,
    fiche: LieuNormalise,
    territoire: Territoire,
    structure_id: UUID | None,
    qpv: dict[str, Any] | None,
    source: SourceCitee,
    est_personnel: Callable[[str], bool],
) -> Document:
    """Make the public document of a place from its normalised record.

    The 32 names of the standard, always present (`None` when unknown), then ours. `est_personnel` tells which
    e-mail addresses and phone numbers belong to a person: without a recorded basis they stay out, since a published
    row can't be taken back. A list that refuses the publication of a contact has it for itself alone.
    """
    valeurs = fiche.en_dict()
    for nom in AJOUTS:
        valeurs.pop(nom, None)
    telephones, courriels = valeurs.pop("telephones"), valeurs.pop("courriels")
    horaires_brut = valeurs.pop("horaires_brut")
    if fiche.publication_contact is False:
        telephones, courriels = [], []
    elif source.base_contacts is None:
        telephones = [numero for numero in telephones if not est_personnel(numero)]
        courriels = [adresse for adresse in courriels if not est_personnel(adresse)]
    contenu: dict[str, Any] = {"id": str(id)}
    for nom, valeur in valeurs.items():
        if nom == "site_web":  # the standard's order: phone and e-mails come before the site
            contenu["telephone"] = telephones[0] if telephones else None
            contenu["courriels"] = courriels
        contenu[nom] = valeur
    contenu |= {
        "telephones": telephones,
        "horaires_brut": horaires_brut,
        "structure_id": str(structure_id) if structure_id else None,
        "departement": territoire.departement,
        "region": territoire.region,
        "epci": territoire.epci,
        "fuseau": territoire.fuseau,
        "qpv": qpv,
        "accessibilite": {
            "etat": fiche.accessibilite or "inconnu",
            "source": source.id if fiche.accessibilite else None,
            "lien": fiche.fiche_acces_libre,
        },
        "langues": langues_de(fiche),
        "passages": [passage.en_dict() for passage in fiche.passages],
        "publication_contact": fiche.publication_contact,
        "sources": [source.id],
        "licence": source.licence,
        "verifie_le": None,
    }
    return Document.de(contenu)
