"""French sentences for the faults that pydantic finds, without ever repeating the value received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PHRASES: dict[str, str] = {
    "missing": "valeur requise, absente",
    "extra_forbidden": "champ inconnu",
    "json_invalid": "ce n'est pas du JSON valide",
    "model_attributes_type": "un objet JSON est attendu",
    "model_type": "un objet JSON est attendu",
    "dict_type": "un objet JSON est attendu",
    "list_type": "une liste est attendue",
    "string_type": "un texte est attendu",
    "string_too_short": "au moins {min_length} caractère(s) attendu(s)",
    "string_too_long": "au plus {max_length} caractère(s)",
    "string_pattern_mismatch": "la forme attendue est {pattern}",
    "string_unicode": "texte illisible en UTF-8",
    "too_short": "au moins {min_length} élément(s) attendu(s)",
    "too_long": "au plus {max_length} élément(s)",
    "int_type": "un entier est attendu",
    "int_parsing": "un entier est attendu",
    "int_from_float": "un entier est attendu, sans décimales",
    "int_parsing_size": "cet entier est trop grand",
    "float_type": "un nombre est attendu",
    "float_parsing": "un nombre est attendu",
    "decimal_parsing": "un nombre décimal est attendu",
    "finite_number": "un nombre fini est attendu",
    "bool_type": "true ou false est attendu",
    "bool_parsing": "true ou false est attendu",
    "greater_than": "la valeur doit dépasser {gt}",
    "greater_than_equal": "la valeur doit être au moins {ge}",
    "less_than": "la valeur doit rester sous {lt}",
    "less_than_equal": "la valeur doit être au plus {le}",
    "multiple_of": "un multiple de {multiple_of} est attendu",
    "enum": "valeur hors de la liste : {expected}",
    "literal_error": "valeur hors de la liste : {expected}",
    "uuid_parsing": "un identifiant UUID est attendu",
    "uuid_type": "un identifiant UUID est attendu",
    "uuid_version": "un UUID de version {expected_version} est attendu",
    "date_parsing": "une date AAAA-MM-JJ est attendue",
    "date_from_datetime_parsing": "une date AAAA-MM-JJ est attendue",
    "date_from_datetime_inexact": "une date sans heure est attendue",
    "datetime_parsing": "une date et une heure RFC 3339 sont attendues",
    "datetime_from_date_parsing": "une date et une heure RFC 3339 sont attendues",
    "timezone_aware": "le fuseau horaire manque",
    "url_parsing": "une adresse web est attendue",
    "url_scheme": "cette adresse doit commencer par {expected_schemes}",
    "none_required": "null est attendu",
}


class ParametreFaux(ValueError):
    """A query parameter that is wrong beside the others, which only their model sees: it is named here."""

    def __init__(self, parametre: str, phrase: str) -> None:
        super().__init__(phrase)
        self.parametre = parametre


def phrase(type_pydantic: str, contexte: Mapping[str, Any]) -> str:
    """Say one validation fault in French; `contexte` is the `ctx` of pydantic's error."""
    if type_pydantic in ("value_error", "assertion_error"):
        # Our own validators raise their sentence in French.
        return str(contexte.get("error", "valeur refusée"))
    modele = _PHRASES.get(type_pydantic)
    if modele is None:
        return "valeur refusée"
    if "expected" in contexte:
        # the one word of English that its list of values holds, before the last
        contexte = {**contexte, "expected": str(contexte["expected"]).replace("' or '", "' ou '")}
    try:
        return modele.format_map(contexte)
    except (KeyError, ValueError):
        return "valeur refusée"
