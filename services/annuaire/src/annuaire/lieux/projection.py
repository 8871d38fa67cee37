"""The public document of a place, written once per change and then served as bytes by everyone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from socle.horloge import rfc3339

from annuaire.lieux.normalise import AJOUTS, LieuNormalise

SANS_PUBLIC = "Ce lieu n'accueille pas de public"
PAROLE = "parole"
"""The source of what places say of themselves."""
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
    """What consolidating and citing the records of a source needs to know of it.

    `base_contacts` is the recorded basis to publish personal contacts; `rang` (1–100) how far the source is believed,
    `rangs` the same for single fields; `vide_fait_foi`: what it leaves empty is known not to be.
    """

    id: str
    licence: str
    base_contacts: str | None = None
    rang: int = 50
    rangs: Mapping[str, int] = field(default_factory=dict)
    vide_fait_foi: bool = False


def recoit_du_public(fiche: LieuNormalise) -> bool:
    """Say whether people may come; a place that says it receives nobody is left out of the nearest ones."""
    return SANS_PUBLIC not in fiche.modalites_acces


def publiable(fiche: LieuNormalise, source: SourceCitee, est_personnel: Callable[[str], bool]) -> LieuNormalise:
    """Return what may be published of a record.

    `est_personnel` tells which e-mail addresses and phone numbers belong to a person: without a recorded basis they
    stay out, since a published row can't be taken back. A list that refuses the publication of a contact has it for
    itself alone.
    """
    telephones, courriels = fiche.telephones, fiche.courriels
    if fiche.publication_contact is False:
        telephones, courriels = (), ()
    elif source.base_contacts is None:
        telephones = tuple(numero for numero in telephones if not est_personnel(numero))
        courriels = tuple(adresse for adresse in courriels if not est_personnel(adresse))
    if telephones == fiche.telephones and courriels == fiche.courriels:
        return fiche
    return replace(fiche, telephones=telephones, courriels=courriels)


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
    sources: Sequence[str],
    licence: str,
    dit_accessible: str,
    verifie_le: datetime | None = None,
) -> dict[str, Any]:
    """Make what the public document of a place says from its golden record, of which everything may be published.

    The 32 names of the standard, always present (`None` when unknown), then ours. `sources` are all those that speak
    of it, `licence` that of the one that names it, `dit_accessible` the one that says whether it is accessible.
    `verifie_le` is when the place itself last said that all this is right.
    """
    contenu: dict[str, Any] = {"id": str(id), **_au_standard(fiche)}
    contenu |= {
        "structure_id": str(structure_id) if structure_id else None,
        "departement": territoire.departement,
        "region": territoire.region,
        "epci": territoire.epci,
        "fuseau": territoire.fuseau,
        "qpv": qpv,
        **_ajoutes(fiche, dit_accessible),
        "sources": list(sources),
        "licence": licence,
        "verifie_le": rfc3339(verifie_le) if verifie_le else None,
    }
    return contenu


def propre(octets: bytes, fiche: LieuNormalise, source: SourceCitee) -> bytes:
    """Return a public document (a JSON object) with what one record says of the place instead of the golden record.

    Where the place lies (territories, quarter, structure) stays that of the place.
    """
    contenu = json.loads(octets)
    contenu |= {**_au_standard(fiche), **_ajoutes(fiche, source.id), "licence": source.licence}
    return json.dumps(contenu, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _au_standard(fiche: LieuNormalise) -> dict[str, Any]:
    valeurs = fiche.en_dict()
    for nom in AJOUTS:
        valeurs.pop(nom, None)
    telephones, courriels = valeurs.pop("telephones"), valeurs.pop("courriels")
    horaires_brut = valeurs.pop("horaires_brut")
    contenu: dict[str, Any] = {}
    for nom, valeur in valeurs.items():
        if nom == "site_web":  # the standard's order: phone and e-mails come before the site
            contenu["telephone"] = telephones[0] if telephones else None
            contenu["courriels"] = courriels
        contenu[nom] = valeur
    contenu |= {"telephones": telephones, "horaires_brut": horaires_brut}
    return contenu


def _ajoutes(fiche: LieuNormalise, dit_accessible: str) -> dict[str, Any]:
    return {
        "accessibilite": {
            "etat": fiche.accessibilite or "inconnu",
            "source": dit_accessible if fiche.accessibilite else None,
            "lien": fiche.fiche_acces_libre,
        },
        "langues": langues_de(fiche),
        "passages": [passage.en_dict() for passage in fiche.passages],
        "publication_contact": fiche.publication_contact,
    }
