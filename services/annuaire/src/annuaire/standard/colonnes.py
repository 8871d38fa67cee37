"""The columns of the standard, their former names, and the recognition of the headers of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from annuaire.referentiels.rules import cle_de_lecture

from .errors import FichierHorsStandard

Version = Literal["v0", "v1", "mixte"]

#: Standard « lieux de médiation numérique », Table Schema 1.0.2, in its order.
COLONNES: Final = (
    "id",
    "pivot",
    "nom",
    "commune",
    "code_postal",
    "code_insee",
    "adresse",
    "complement_adresse",
    "latitude",
    "longitude",
    "typologie",
    "telephone",
    "courriels",
    "site_web",
    "horaires",
    "presentation_resume",
    "presentation_detail",
    "source",
    "itinerance",
    "structure_parente",
    "date_maj",
    "services",
    "publics_specifiquement_adresses",
    "prise_en_charge_specifique",
    "frais_a_charge",
    "dispositif_programmes_nationaux",
    "formations_labels",
    "autres_formations_labels",
    "modalites_acces",
    "modalites_accompagnement",
    "fiche_acces_libre",
    "prise_rdv",
)

#: Columns of ours that a list may have beside those of the standard; « accessibilite » alone is the v0 name of a link.
SUPPLEMENTAIRES: Final = ("accessibilite_etat", "langues", "passages", "publication_contact")

#: Fields that hold several values, joined with `|` since v1 and `;` before.
MULTIVALUEES: Final = frozenset(
    {
        "typologie",
        "courriels",
        "site_web",
        "itinerance",
        "services",
        "publics_specifiquement_adresses",
        "prise_en_charge_specifique",
        "frais_a_charge",
        "dispositif_programmes_nationaux",
        "formations_labels",
        "autres_formations_labels",
        "modalites_acces",
        "modalites_accompagnement",
    }
)

SEPARATEUR: Final = "|"
SEPARATEUR_V0: Final = ";"

#: Columns of v0 whose values spread over several fields of v1.
ECLATEES: Final = ("conditions_acces", "labels_nationaux", "publics_accueillis")

#: Former or common names of a column. The key is the name that `Entetes.reconnues` gives.
ALIAS: Final[dict[str, tuple[str, ...]]] = {
    "courriels": ("courriel",),
    "conditions_acces": ("conditions_access", "condition_acces"),
    "fiche_acces_libre": ("accessibilite",),
    "autres_formations_labels": ("labels_autres",),
    "telephone": ("telephones",),
    # Our own public documents: hours that nobody could read, as their source wrote them.
    "horaires": ("horaires_brut",),
}

_NOMS_V0: Final = frozenset(
    {"courriel", "conditions_acces", "conditions_access", "labels_nationaux", "labels_autres"}
    | {"publics_accueillis", "accessibilite", "cle_ban"}
)
_NOMS_V1: Final = frozenset(
    {
        "courriels",
        "itinerance",
        "publics_specifiquement_adresses",
        "prise_en_charge_specifique",
        "frais_a_charge",
    }
    | {"dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels", "modalites_acces"}
    | {"fiche_acces_libre"}
)

#: Columns known from v0 exports that v1 has no place for; they stay in the raw row only.
ABANDONNEES: Final = ("cle_ban", "aidants", "structureId")

MINIMUM_RECONNUES: Final = 3
_ENTETES_CITEES: Final = 20

_INDEX: Final[dict[str, str]] = {cle_de_lecture(nom): nom for nom in (*COLONNES, *ECLATEES, *SUPPLEMENTAIRES)} | {
    cle_de_lecture(alias): nom for nom, liste in ALIAS.items() for alias in liste
}
_INDEX_ABANDONNEES: Final = {cle_de_lecture(nom) for nom in ABANDONNEES}
_CLES_V0: Final = {cle_de_lecture(nom) for nom in _NOMS_V0}
_CLES_V1: Final = {cle_de_lecture(nom) for nom in _NOMS_V1}


@dataclass(frozen=True, slots=True)
class Entetes:
    """What the columns of a file are.

    `reconnues` maps a column as written to a field of the standard, to one of the v0 columns of `ECLATEES`, or to one
    of `SUPPLEMENTAIRES`;
    `inconnues` are columns outside the standard, `abandonnees` those that v1 dropped: both are kept in the raw row
    and told once in the plan. `anciennes` are the columns under a v0 name, whose free values are joined with `;`.
    `version` is `mixte` when names of both versions live in one file.
    """

    reconnues: dict[str, str]
    inconnues: tuple[str, ...] = ()
    abandonnees: tuple[str, ...] = ()
    version: Version = "v1"
    anciennes: frozenset[str] = frozenset()
    par_champ: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        par_champ: dict[str, tuple[str, ...]] = {}
        for colonne, champ in self.reconnues.items():
            par_champ[champ] = (*par_champ.get(champ, ()), colonne)
        object.__setattr__(self, "par_champ", par_champ)


def reconnaitre_entetes(colonnes: Sequence[str]) -> Entetes:
    """Recognise the columns of a file, whatever their case, accents and separators.

    Raises `FichierHorsStandard` when fewer than three columns of the standard are recognised: the file is then
    something else, and reading it would only produce rejected rows.
    """
    reconnues: dict[str, str] = {}
    inconnues: list[str] = []
    abandonnees: list[str] = []
    anciennes: set[str] = set()
    vues_v0 = vues_v1 = False
    for colonne in colonnes:
        cle = cle_de_lecture(colonne)
        champ = _INDEX.get(cle)
        if champ is not None:
            reconnues[colonne] = champ
            vues_v1 |= cle in _CLES_V1
            if cle in _CLES_V0:
                vues_v0 = True
                anciennes.add(colonne)
        elif cle in _INDEX_ABANDONNEES:
            abandonnees.append(colonne)
            vues_v0 |= cle in _CLES_V0
        elif colonne.strip():
            inconnues.append(colonne)
    if len(set(reconnues.values()).difference(SUPPLEMENTAIRES)) < MINIMUM_RECONNUES:
        vues = ", ".join(f"« {c.strip()[:40]} »" for c in colonnes[:_ENTETES_CITEES] if c.strip()) or "aucune"
        raise FichierHorsStandard(
            f"Moins de {MINIMUM_RECONNUES} colonnes du standard ont été reconnues. Colonnes lues : {vues}. "
            f"Colonnes attendues : {', '.join(COLONNES[:7])}…",
            colonnes_lues=[c[:100] for c in colonnes[:100]],
        )
    version: Version = "mixte" if vues_v0 and vues_v1 else "v0" if vues_v0 else "v1"
    return Entetes(reconnues, tuple(inconnues), tuple(abandonnees), version, frozenset(anciennes))
