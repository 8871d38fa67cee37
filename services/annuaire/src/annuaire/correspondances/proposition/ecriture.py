"""The document written in YAML for a person to edit: fields in order, each with how sure it is, what is left aside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from annuaire.correspondances.proposition.proposer import Proposition

_SUR, _A_VOIR = 0.85, 0.7
_LARGEUR: Final = 110


def en_yaml(proposition: Proposition) -> str:
    """Write a proposal as commented YAML, which reads back to the same document."""
    return "\n".join(_lignes(proposition)) + "\n"


def _lignes(proposition: Proposition) -> Iterator[str]:
    document, confiances = proposition.document, proposition.confiances
    yield f"# Correspondance proposée d'après {proposition.lignes} lignes : à relire avant de s'en servir."
    yield "# « sûr » : en-tête et valeurs concordent ; « à vérifier » : l'un des deux ; « douteux » : peu d'indices."
    for nom, valeur in document.items():
        if nom == "champs":
            yield "champs:"
            if "nom" not in valeur:
                yield "  # nom: aucune colonne ne s'y prête, il en faut une"
            for champ, source in valeur.items():
                yield from _champ(champ, source, confiances.get(champ))
        else:
            yield from _membre(nom, valeur, confiances.get(nom))
    if proposition.colonnes_non_lues:
        yield "# Colonnes que rien ne lit : donnez-leur un champ, ou nommez-les ici pour le dire."
        yield "# ignorees:"
        yield from (f"#   - {_scalaire(colonne)}" for colonne in proposition.colonnes_non_lues)


def _membre(nom: str, valeur: Any, confiance: float | None) -> Iterator[str]:
    yield f"{nom}: {_compact(valeur)}{_avis(confiance)}"


def _champ(champ: str, source: Any, confiance: float | None) -> Iterator[str]:
    if isinstance(source, list):
        yield f"  {champ}:{_avis(confiance)}"
        yield from (f"    - {_compact(regle)}" for regle in source)
    elif isinstance(source, Mapping) and len(_compact(source)) > _LARGEUR:
        yield f"  {champ}:{_avis(confiance)}"
        for nom, valeur in source.items():
            yield f"    {nom}: {_compact(valeur)}"
    else:
        yield f"  {champ}: {_compact(source)}{_avis(confiance)}"


def _avis(confiance: float | None) -> str:
    if confiance is None:
        return ""
    mot = "sûr" if confiance >= _SUR else "à vérifier" if confiance >= _A_VOIR else "douteux"
    return f"  # {mot} ({str(confiance).replace('.', ',')})"


def _compact(valeur: Any) -> str:
    """Write a value on one line, in the flow style of YAML."""
    if isinstance(valeur, Mapping):
        return "{" + ", ".join(f"{_scalaire(cle)}: {_compact(dedans)}" for cle, dedans in valeur.items()) + "}"
    if isinstance(valeur, list):
        return "[" + ", ".join(map(_compact, valeur)) + "]"
    return _scalaire(valeur)


def _scalaire(valeur: Any) -> str:
    if isinstance(valeur, str) and valeur.isascii() and valeur.replace("_", "a").isalnum() and valeur[0].isalpha():
        return valeur if valeur not in ("null", "true", "false") else f'"{valeur}"'
    # a JSON text is a double-quoted scalar of YAML 1.2, which wants what cannot be printed escaped
    return "".join(c if c.isprintable() else _echapper(c) for c in json.dumps(valeur, ensure_ascii=False))


def _echapper(caractere: str) -> str:
    return f"\\u{ord(caractere):04x}" if ord(caractere) < 0x10000 else f"\\U{ord(caractere):08x}"
