"""Reading of a document, hostile until proven sound: bounded text, then strict form, then values of the lists."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml
from pydantic import ValidationError
from socle.errors import Faute

from annuaire.correspondances.document.errors import CorrespondanceInvalide
from annuaire.correspondances.document.modele import LIBRES, Champs, Correspondance, regles_de
from annuaire.referentiels.repository import Referentiels
from annuaire.referentiels.rules import proche, reconnaitre

OCTETS_MAX: Final = 256 * 1024
PROFONDEUR: Final = 16
NOEUDS: Final = 20_000
FAUTES_DITES: Final = 50

#: Arms of the unions, which are not part of the place of a fault.
_BRAS: Final = frozenset({"abrege", "complet", "liste"})
_MESSAGES: Final = {
    "missing": "il manque",
    "string_too_short": "le texte est vide",
    "string_type": "un texte est attendu",
    "int_type": "un nombre entier est attendu",
    "bool_type": "`true` ou `false` est attendu",
    "dict_type": "un objet est attendu",
    "model_type": "un objet est attendu",
    "model_attributes_type": "un objet est attendu",
    "tuple_type": "une liste est attendue",
    "list_type": "une liste est attendue",
    "union_tag_invalid": "un nom de colonne ou un objet est attendu",
    "union_tag_not_found": "un nom de colonne ou un objet est attendu",
}


class _SansAlias(yaml.SafeLoader):  # type: ignore[misc]
    """A loader of plain values only: no alias, that a few bytes could make huge, no tag, no key twice."""

    noeuds = 0
    profondeur = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            marque = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "les alias (`*nom`) ne sont pas admis", marque)
        evenement = self.peek_event()
        self.noeuds += 1
        if self.noeuds > NOEUDS:
            raise yaml.composer.ComposerError(None, None, f"plus de {NOEUDS} valeurs", evenement.start_mark)
        if getattr(evenement, "anchor", None) is not None:
            raise yaml.composer.ComposerError(
                None, None, "les ancres (`&nom`) ne sont pas admises", evenement.start_mark
            )
        self.profondeur += 1
        if self.profondeur > PROFONDEUR:
            raise yaml.composer.ComposerError(
                None, None, f"plus de {PROFONDEUR} niveaux d'imbrication", evenement.start_mark
            )
        noeud = super().compose_node(parent, index)
        self.profondeur -= 1
        return noeud

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        vues: set[Any] = set()
        for cle, _ in node.value:
            nom = getattr(cle, "value", None)
            if not isinstance(nom, str):
                raise yaml.constructor.ConstructorError(None, None, "une clé doit être un texte", cle.start_mark)
            if nom in vues:
                raise yaml.constructor.ConstructorError(
                    None, None, f"« {nom[:80]} » est écrit deux fois", cle.start_mark
                )
            vues.add(nom)
        return {cle.value: self.construct_object(valeur, deep=deep) for cle, valeur in node.value}


# Only what JSON has is converted: a date, a « yes », an octal number are the texts that a person meant.
_SansAlias.yaml_implicit_resolvers = {}
_SansAlias.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)$"), ["~", "n", ""])
_SansAlias.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), ["t", "f"])
_SansAlias.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9]\d{0,15})$"), list("-0123456789"))


def lire_texte(octets: bytes) -> Correspondance:
    """Read a document written in YAML or JSON (UTF-8, 256 KiB). Raises `CorrespondanceInvalide`."""
    return lire_correspondance(analyser(octets))


def analyser(octets: bytes) -> Any:
    """Parse a document written in YAML or JSON, without judging its form. Raises `CorrespondanceInvalide`."""
    if len(octets) > OCTETS_MAX:
        raise _refus("trop-grand", f"le document dépasse {OCTETS_MAX // 1024} Kio")
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError as erreur:
        raise _refus("encodage", "le document n'est pas en UTF-8") from erreur
    try:
        if texte.lstrip().startswith("{"):
            return json.loads(texte, object_pairs_hook=_sans_doublon, parse_constant=_refuser)
        return yaml.load(texte, Loader=_SansAlias)  # noqa: S506 - a loader stricter than the safe one
    except yaml.MarkedYAMLError as erreur:
        marque = erreur.problem_mark or erreur.context_mark
        place = f"ligne {marque.line + 1}, colonne {marque.column + 1}" if marque else ""
        raise CorrespondanceInvalide.de(
            [Faute(place, "syntaxe", erreur.problem or "le YAML n'est pas valide")]
        ) from erreur
    except yaml.YAMLError as erreur:
        raise _refus("syntaxe", "le document contient un caractère interdit") from erreur
    except (ValueError, RecursionError) as erreur:
        raise _refus("syntaxe", f"le JSON n'est pas valide ({str(erreur)[:200]})") from erreur


def lire_correspondance(valeurs: Any) -> Correspondance:
    """Validate a document already parsed. Raises `CorrespondanceInvalide` with each fault and its place."""
    try:
        document = Correspondance.model_validate(valeurs)
    except ValidationError as erreur:
        fautes = _fautes(erreur)
        raise CorrespondanceInvalide.de(fautes) from None
    except RecursionError as erreur:
        raise _refus("trop-profond", "le document est trop imbriqué") from erreur
    hors_liste = list(_hors_liste(document.champs))
    if hors_liste:
        raise CorrespondanceInvalide.de(hors_liste[:FAUTES_DITES])
    return document


def _hors_liste(champs: Champs) -> Iterable[Faute]:
    """Find the values that are not of the closed list of their field."""
    for champ, regles in regles_de(champs).items():
        if champ in LIBRES:
            continue
        for rang, regle in enumerate(regles):
            place = f"champs.{champ}[{rang}]"
            yield from _verifier(champ, f"{place}.valeur", regle.valeur or ())
            yield from _verifier(champ, f"{place}.constante", regle.constante or ())
            for code, valeurs in (regle.table or {}).items():
                yield from _verifier(champ, f"{place}.table.{code[:80]}", valeurs or ())


def _verifier(champ: str, place: str, valeurs: Iterable[str]) -> Iterable[Faute]:
    liste = Referentiels.charger()[champ]
    for valeur in valeurs:
        if reconnaitre(liste, valeur) is None:
            voisine = proche(liste, valeur)
            suite = f" ; vouliez-vous dire « {voisine} » ?" if voisine else ""
            yield Faute(place, "valeur-hors-liste", f"« {valeur[:100]} » n'est pas une valeur de {champ}{suite}")


def _fautes(erreur: ValidationError) -> list[Faute]:
    """Write the faults; a list left without any sound member is not also « empty »."""
    lues: list[dict[str, Any]] = [dict(e) for e in erreur.errors(include_url=False)]
    dedans = {e["loc"][:n] for e in lues for n in range(len(e["loc"]))}
    utiles = [e for e in lues if e["type"] != "too_short" or e["loc"] not in dedans]
    return [_faute(e) for e in utiles[:FAUTES_DITES]]


def _faute(erreur: Mapping[str, Any]) -> Faute:
    place = [m for m in erreur["loc"] if m not in _BRAS]
    genre = erreur["type"]
    if genre == "extra_forbidden":
        return Faute(ecrire_place(place), "membre-inconnu", _inconnu(place))
    if genre == "value_error":
        return Faute(ecrire_place(place), "incoherent", str(erreur["ctx"]["error"]))
    if genre == "literal_error":
        return Faute(
            ecrire_place(place), "valeur-inconnue", f"attendu : {erreur['ctx']['expected']}".replace(" or ", " ou ")
        )
    if genre in ("string_too_long", "too_long"):
        return Faute(ecrire_place(place), "trop-long", f"au plus {erreur['ctx']['max_length']}")
    if genre == "too_short":
        return Faute(ecrire_place(place), "vide", "la liste est vide")
    if genre in ("greater_than_equal", "less_than_equal"):
        borne = erreur["ctx"].get("ge", erreur["ctx"].get("le"))
        return Faute(ecrire_place(place), "hors-bornes", f"au {'moins' if 'ge' in erreur['ctx'] else 'plus'} {borne}")
    return Faute(ecrire_place(place), "invalide", _MESSAGES.get(genre, "cette valeur n'est pas admise ici"))


def _inconnu(place: list[Any]) -> str:
    """Say that a member is unknown, with the one that was meant when it is near."""
    nom = str(place[-1])[:100]
    noms = Champs.model_fields if place[:-1] == ["champs"] else Correspondance.model_fields
    quoi = "ce champ n'existe pas" if place[:-1] == ["champs"] else "ce membre n'existe pas ici"
    voisin = difflib.get_close_matches(nom, list(noms), n=1, cutoff=0.7)
    return f"{quoi} ; vouliez-vous dire `{voisin[0]}` ?" if voisin else quoi


def ecrire_place(place: Iterable[Any]) -> str:
    """Write where a fault is as a person reads a document: `champs.services[2].colonnes[0]`."""
    texte = ""
    for morceau in place:
        if isinstance(morceau, int):
            texte += f"[{morceau}]"
        else:
            texte += ("." if texte else "") + str(morceau)[:100]
    return texte


def _sans_doublon(paires: list[tuple[str, Any]]) -> dict[str, Any]:
    objet = dict(paires)
    if len(objet) != len(paires):
        noms = [nom for nom, _ in paires]
        raise ValueError(f"« {next(n for n in noms if noms.count(n) > 1)[:80]} » est écrit deux fois")
    return objet


def _refuser(constante: str) -> Any:
    raise ValueError(f"{constante} n'est pas du JSON")


def _refus(code: str, detail: str) -> CorrespondanceInvalide:
    return CorrespondanceInvalide.de([Faute("", code, detail)])
