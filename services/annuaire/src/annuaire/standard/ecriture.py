"""Writing of a public document as a row of the standard (v1.0.2): 32 columns of text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from annuaire.lieux.projection import ANGLAIS

from .colonnes import COLONNES, MULTIVALUEES, SEPARATEUR
from .tableur import marquer

#: Spelling that the pattern of the schema 1.0.2 demands, against its own description.
_ECRITURES_DU_SCHEMA: Final = {"Étapes numériques (La Poste)": "Étapes numériques(La Poste)"}
#: Columns that the schema 1.0.2 wants filled. What nobody knows stays empty all the same: nothing is made up.
OBLIGATOIRES: Final = ("id", "pivot", "nom", "commune", "code_postal", "adresse", "date_maj")
_NOMBRES: Final = frozenset({"latitude", "longitude"})
_TELEPHONE_DU_SCHEMA: Final = re.compile(r"\+(?:33|590|594|262|596|269|687|689|508|681)\d{6,9}")


def ligne_standard(document: Mapping[str, Any], *, strict: bool = False) -> dict[str, str]:
    """Write a place as the 32 columns of the standard, in their order, `""` where nothing is known.

    `document` is a public document, or `LieuNormalise.en_dict()` with an `id`. Several values, phones included, are
    joined with `|`. Hours that nobody could read are written as their source wrote them, so that a source finds its
    own list back. `strict` obeys the patterns of the schema instead: one phone of the admitted country codes, no
    unreadable hours, and its own spelling of labels (see `pertes_strictes`).
    """
    ligne = {colonne: _ecrire(document.get(colonne)) for colonne in COLONNES}
    telephones = _telephones(document)
    if strict:
        conformes = [numero for numero in telephones if _TELEPHONE_DU_SCHEMA.fullmatch(numero)]
        ligne["telephone"] = conformes[0] if conformes else ""
        labels = [_ECRITURES_DU_SCHEMA.get(label, label) for label in document.get("formations_labels") or ()]
        ligne["formations_labels"] = SEPARATEUR.join(labels)
    else:
        ligne["telephone"] = SEPARATEUR.join(telephones)
        ligne["horaires"] = ligne["horaires"] or _ecrire(document.get("horaires_brut"))
    return ligne


def ligne_tableur(ligne: Mapping[str, str]) -> dict[str, str]:
    """Write a row of the standard for a spreadsheet in French: decimal commas, nothing that would run as a formula.

    Each value of a list is marked, for those who cut the cell in columns afterwards. Reading takes the marks off.
    """
    return {colonne: _pour_tableur(colonne, texte) for colonne, texte in ligne.items()}


def _pour_tableur(colonne: str, texte: str) -> str:
    if colonne in _NOMBRES:
        return texte.replace(".", ",")
    if SEPARATEUR in texte and (colonne in MULTIVALUEES or colonne == "telephone"):
        return SEPARATEUR.join(map(marquer, texte.split(SEPARATEUR)))
    return marquer(texte)


def pertes_strictes(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the fields of a place that the strict writing leaves out, wholly or in part."""
    large, stricte = ligne_standard(document), ligne_standard(document, strict=True)
    return tuple(c for c in COLONNES if large[c] != stricte[c] and c != "formations_labels")


def pertes_du_standard(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the fields of a public document that the standard has no column for, and which say something."""
    en_anglais = ANGLAIS in (document.get("prise_en_charge_specifique") or ())
    dits = {
        "accessibilite": (document.get("accessibilite") or {}).get("etat", "inconnu") != "inconnu",
        "langues": any(not (en_anglais and langue == "en") for langue in document.get("langues") or ()),
        "passages": bool(document.get("passages")),
        "publication_contact": document.get("publication_contact") is not None,
    }
    return tuple(nom for nom, dit in dits.items() if dit)


def _telephones(document: Mapping[str, Any]) -> list[str]:
    telephones = document.get("telephones")
    if telephones:
        return list(telephones)
    seul = document.get("telephone")
    return [seul] if seul else []


def _ecrire(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, str):
        return valeur
    if isinstance(valeur, float):
        # Never an exponent: spreadsheets and the schema both want plain digits.
        return f"{valeur:.6f}".rstrip("0").rstrip(".")
    if isinstance(valeur, (list, tuple)):
        return SEPARATEUR.join(valeur)
    return str(valeur)
