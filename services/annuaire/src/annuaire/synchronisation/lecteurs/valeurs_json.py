"""JSON values under limits (RFC 8259): fast when all is well, exact about the place when not.

A value is first read by the standard library, which is fast and does not say where a limit is crossed; on any fault
the same text is walked again token by token, and this second reading gives the line and the column.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import (
    CaractereInterdit,
    CleJsonDupliquee,
    FichierRefuse,
    FichierTronque,
    JsonInvalide,
    JsonTropGrand,
    JsonTropProfond,
    LigneTropLongue,
    Place,
)

_BLANCS: Final = re.compile(r"[ \t\n\r]*")
# Possessive: a string that is not closed is seen once, not in every way it could be cut.
_CORPS_DE_CHAINE: Final = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_NOMBRE: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CHIFFRES: Final = re.compile(r"[0-9]")
_SUBSTITUT: Final = re.compile("[\ud800-\udfff]")
_CONSTANTES: Final = {"true": True, "false": False, "null": None}


class _Faute(ValueError):
    """A limit is crossed somewhere in the value under way."""


@dataclass(frozen=True, slots=True)
class Origine:
    """Where a text starts in its file: line (from 1) and characters before it on that line."""

    ligne: int = 1
    colonne: int = 0

    def avancer(self, texte: str) -> Origine:
        """Return the place just after this text."""
        sauts = texte.count("\n")
        if not sauts:
            return Origine(self.ligne, self.colonne + len(texte))
        return Origine(self.ligne + sauts, len(texte) - texte.rindex("\n") - 1)

    def place(self, texte: str, position: int) -> Place:
        """Return the place of a character of the text that starts here."""
        la = self.avancer(texte[:position])
        return Place(ligne=la.ligne, colonne=la.colonne + 1)


def _objet(paires: list[tuple[str, Any]]) -> dict[str, Any]:
    objet = dict(paires)
    if len(objet) != len(paires) or len(objet) > limites.CLES_JSON:
        raise _Faute
    return objet


def _entier(texte: str) -> int:
    if len(texte) > limites.CHIFFRES_JSON and len(_CHIFFRES.findall(texte)) > limites.CHIFFRES_JSON:
        raise _Faute
    return int(texte)


def _reel(texte: str) -> float:
    nombre = float(texte)
    if not math.isfinite(nombre) or (
        len(texte) > limites.CHIFFRES_JSON and len(_CHIFFRES.findall(texte)) > limites.CHIFFRES_JSON
    ):
        raise _Faute
    return nombre


def _constante(_: str) -> NoReturn:
    raise _Faute


_DECODEUR: Final = json.JSONDecoder(
    object_pairs_hook=_objet, parse_int=_entier, parse_float=_reel, parse_constant=_constante
)


def lire_valeur(texte: str, debut: int, *, origine: Origine, complet: bool, profondeur: int = 1) -> tuple[Any, int]:
    """Read the JSON value that starts at `debut`: (value, position after it).

    `profondeur` is that of the value itself in the document; `complet` says that the text goes to the end of the file
    (else a value that does not end in it is too long). Raises `FichierRefuse`.
    """
    try:
        valeur, fin = _DECODEUR.raw_decode(texte, debut)
        if fin - debut > limites.OCTETS_LIGNE or (fin == len(texte) and not complet):
            raise _Faute
        _controler(valeur, profondeur)
    except (ValueError, RecursionError, StopIteration) as erreur:
        raise _localiser(texte, debut, origine=origine, complet=complet, profondeur=profondeur) from erreur
    return valeur, fin


def _controler(valeur: Any, profondeur: int) -> None:
    """Raise `_Faute` when a string, an array or the depth is beyond the limits, or a string is not storable text."""
    if isinstance(valeur, str):
        _controler_textes([valeur])
    elif isinstance(valeur, (dict, list)):
        cles, contenus = (valeur, valeur.values()) if isinstance(valeur, dict) else ((), valeur)
        if profondeur > limites.PROFONDEUR_JSON or (isinstance(valeur, list) and len(valeur) > limites.ELEMENTS_JSON):
            raise _Faute
        _controler_textes([*cles, *[c for c in contenus if c.__class__ is str]])
        for contenu in contenus:
            if contenu.__class__ in _CONTENEURS:
                _controler(contenu, profondeur + 1)


def _controler_textes(textes: list[str]) -> None:
    """Look at all the texts of a row at once: one by one, the calls would cost as much as its reading."""
    tout = "".join(textes)
    if "\0" in tout or (not tout.isascii() and _SUBSTITUT.search(tout)):
        raise _Faute
    if len(tout) > limites.CARACTERES_JSON and max(map(len, textes)) > limites.CARACTERES_JSON:
        raise _Faute


_CONTENEURS: Final = frozenset({dict, list})


@dataclass(slots=True)
class _Ouvert:
    """An array or an object being walked: its closing sign, its keys, how many elements."""

    fermeture: str
    cles: set[str]
    elements: int = 0


def _localiser(texte: str, debut: int, *, origine: Origine, complet: bool, profondeur: int) -> FichierRefuse:
    """Walk a faulty value token by token and return the refusal with its place."""
    try:
        _parcourir(texte, debut, origine, profondeur, complet)
    except FichierRefuse as refus:
        return refus
    # The whole value is sound and within the limits, save its length.
    return LigneTropLongue(f"Un élément dépasse {limites.OCTETS_LIGNE} caractères.", place=origine.place(texte, debut))


def _parcourir(texte: str, debut: int, origine: Origine, profondeur: int, complet: bool) -> None:
    pile: list[_Ouvert] = []
    position = debut

    def refuser(classe: type[FichierRefuse], detail: str, ou: int, **extra: Any) -> NoReturn:
        place = origine.place(texte, ou)
        raise classe(f"Ligne {place.ligne}, colonne {place.colonne} : {detail}", place=place, **extra)

    def attendu(quoi: str) -> NoReturn:
        if position >= len(texte):
            if complet:
                refuser(FichierTronque, f"le JSON s'arrête, il manque {quoi}.", position)
            refuser(LigneTropLongue, f"un élément dépasse {limites.OCTETS_LIGNE} caractères.", debut)
        refuser(JsonInvalide, f"{quoi} attendu, « {texte[position]} » trouvé.", position)

    def chaine() -> str:
        nonlocal position
        fin = _CORPS_DE_CHAINE.match(texte, position).end()  # type: ignore[union-attr]
        if texte[fin : fin + 1] != '"':
            position = fin
            if fin >= len(texte):
                attendu("un guillemet fermant")
            refuser(JsonInvalide, "caractère ou échappement interdit dans une chaîne.", position)
        lue: str = json.loads(texte[position : fin + 1])
        if len(lue) > limites.CARACTERES_JSON:
            refuser(
                JsonTropGrand,
                f"chaîne de {len(lue)} caractères, la limite est {limites.CARACTERES_JSON}.",
                position,
                limite="chaine",
            )
        if "\0" in lue:
            refuser(CaractereInterdit, "caractère nul (U+0000) dans une chaîne.", position)
        if _SUBSTITUT.search(lue):
            refuser(CaractereInterdit, "demi-caractère Unicode isolé (U+D800 à U+DFFF) dans une chaîne.", position)
        position = fin + 1
        return lue

    def blancs() -> None:
        nonlocal position
        position = _BLANCS.match(texte, position).end()  # type: ignore[union-attr]

    while True:
        blancs()
        signe = texte[position : position + 1]
        if pile and pile[-1].elements == 0 and signe == pile[-1].fermeture:
            position += 1
            pile.pop()
        else:
            if pile:
                ouvert = pile[-1]
                ouvert.elements += 1
                if ouvert.fermeture == "}":
                    if signe != '"':
                        attendu("une clé entre guillemets")
                    ou = position
                    cle = chaine()
                    if cle in ouvert.cles:
                        refuser(CleJsonDupliquee, f"la clé « {cle[:80]} » est déjà écrite dans cet objet.", ou)
                    ouvert.cles.add(cle)
                    if len(ouvert.cles) > limites.CLES_JSON:
                        refuser(JsonTropGrand, f"objet de plus de {limites.CLES_JSON} clés.", ou, limite="cles")
                    blancs()
                    if texte[position : position + 1] != ":":
                        attendu("« : »")
                    position += 1
                    blancs()
                    signe = texte[position : position + 1]
                elif ouvert.elements > limites.ELEMENTS_JSON:
                    refuser(
                        JsonTropGrand,
                        f"liste de plus de {limites.ELEMENTS_JSON} éléments.",
                        position,
                        limite="elements",
                    )
            if signe and signe in "[{":
                if profondeur + len(pile) > limites.PROFONDEUR_JSON:
                    refuser(JsonTropProfond, f"plus de {limites.PROFONDEUR_JSON} niveaux imbriqués.", position)
                pile.append(_Ouvert("]" if signe == "[" else "}", set()))
                position += 1
                continue
            if signe == '"':
                chaine()
            elif (nombre := _NOMBRE.match(texte, position)) is not None:
                if texte[position : position + 9] == "-Infinity":
                    refuser(JsonInvalide, "-Infinity n'est pas du JSON.", position)
                if len(_CHIFFRES.findall(nombre.group())) > limites.CHIFFRES_JSON:
                    refuser(
                        JsonTropGrand,
                        f"nombre de plus de {limites.CHIFFRES_JSON} chiffres.",
                        position,
                        limite="nombre",
                    )
                if not math.isfinite(float(nombre.group())):
                    refuser(JsonTropGrand, "nombre trop grand.", position, limite="nombre")
                position = nombre.end()
            else:
                for constante in _CONSTANTES:
                    if texte.startswith(constante, position):
                        position += len(constante)
                        break
                else:
                    for constante in ("NaN", "Infinity", "-Infinity"):
                        if texte.startswith(constante, position):
                            refuser(JsonInvalide, f"{constante} n'est pas du JSON.", position)
                    attendu("une valeur")
        # After a value: a comma, or closings.
        while pile:
            blancs()
            signe = texte[position : position + 1]
            if signe == ",":
                position += 1
                blancs()
                if texte[position : position + 1] == pile[-1].fermeture:
                    refuser(JsonInvalide, "virgule en trop.", position)
                break
            if signe != pile[-1].fermeture:
                attendu(f"« , » ou « {pile[-1].fermeture} »")
            position += 1
            pile.pop()
        if not pile:
            return


def refuser_json(detail: str, place: Place) -> NoReturn:
    """Raise `JsonInvalide` with the place said in the sentence."""
    raise JsonInvalide(f"Ligne {place.ligne}, colonne {place.colonne} : {detail}", place=place)
