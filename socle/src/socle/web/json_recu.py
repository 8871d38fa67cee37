"""JSON from outside: read within limits, before any model sees it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from socle.errors import Faute, RequeteInvalide
from socle.web.limits import Limites
from socle.web.problemes import envoyer_probleme

_TYPE_JSON = re.compile(rb"application/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
_INTERDITS = re.compile("[\ud800-\udfff\0]")


@dataclass(frozen=True, slots=True)
class LimitesJson:
    """Shape of an acceptable JSON document."""

    profondeur: int = 32
    cles: int = 500
    elements: int = 10_000
    texte: int = 20_000
    chiffres: int = 64


LIMITES = LimitesJson()


def lire_json(corps: bytes, limites: LimitesJson = LIMITES) -> Any:
    """Read a JSON document from outside.

    Raises `RequeteInvalide` for bytes that are not UTF-8 JSON, a key given twice, lone surrogates, NUL, NaN, and a
    document deeper, wider or longer than the limits.
    """
    try:
        texte = corps.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise _faute("", "json-utf8", f"l'octet {exc.start} n'est pas de l'UTF-8") from exc

    def objet(paires: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(paires) > limites.cles:
            raise _faute("", "json-cles", f"un objet a plus de {limites.cles} clés")
        resultat = dict(paires)
        if len(resultat) < len(paires):
            cles = [cle for cle, _ in paires]
            double = next(cle for cle in cles if cles.count(cle) > 1)
            raise _faute("", "json-cle-double", f"la clé « {double[:64]} » est donnée deux fois")
        return resultat

    def nombre(ecrit: str) -> str:
        if len(ecrit) > limites.chiffres:
            raise _faute("", "json-nombre", f"un nombre a plus de {limites.chiffres} chiffres")
        return ecrit

    def refuser(constante: str) -> Any:
        raise _faute("", "json-invalide", f"{constante} n'est pas du JSON")

    try:
        valeur = json.loads(
            texte,
            object_pairs_hook=objet,
            parse_int=lambda ecrit: int(nombre(ecrit)),
            parse_float=lambda ecrit: float(nombre(ecrit)),
            parse_constant=refuser,
        )
    except json.JSONDecodeError as exc:
        raise _faute("", "json-invalide", f"ligne {exc.lineno}, colonne {exc.colno}") from exc
    except RecursionError as exc:
        raise _trop_profond(limites) from exc
    _mesurer(valeur, limites)
    return valeur


def _mesurer(valeur: Any, limites: LimitesJson) -> None:
    a_voir: list[tuple[str, int, Any]] = [("", 0, valeur)]
    while a_voir:
        ou, niveau, element = a_voir.pop()
        if isinstance(element, str):
            if len(element) > limites.texte:
                raise _faute(ou, "json-texte", f"un texte dépasse {limites.texte} caractères")
            if _INTERDITS.search(element):
                raise _faute(ou, "json-unicode", "un caractère nul ou un demi-caractère Unicode est interdit")
        elif isinstance(element, (list, dict)):
            if niveau >= limites.profondeur:
                raise _trop_profond(limites)
            if isinstance(element, list):
                if len(element) > limites.elements:
                    raise _faute(ou, "json-elements", f"une liste a plus de {limites.elements} éléments")
                a_voir.extend((f"{ou}/{rang}", niveau + 1, e) for rang, e in enumerate(element))
            else:
                for cle, e in element.items():
                    echappee = cle.replace("~", "~0").replace("/", "~1")
                    a_voir.append((f"{ou}/{echappee}", niveau + 1, e))
                    a_voir.append((ou, niveau, cle))


def _trop_profond(limites: LimitesJson) -> RequeteInvalide:
    return _faute("", "json-profondeur", f"plus de {limites.profondeur} niveaux imbriqués")


def _faute(ou: str, code: str, detail: str) -> RequeteInvalide:
    return RequeteInvalide(f"Le corps JSON est refusé : {detail}.", erreurs=[Faute(ou, code, detail)])


class GardeJson:
    """Middleware: a JSON body is read within limits before the framework reads it, which has none.

    Addresses with a larger body of their own (`Limites.envois`) receive files, and read them in their own way.
    """

    def __init__(self, app: ASGIApp, *, limites: Limites) -> None:
        self._app, self._limites = app, limites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._concerne(scope):
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []
        while not messages or messages[-1].get("more_body", False):
            messages.append(await receive())
        corps = b"".join(message.get("body", b"") for message in messages)
        if corps:
            try:
                lire_json(corps)
            except RequeteInvalide as erreur:
                await envoyer_probleme(send, erreur, methode=scope["method"])
                return
        a_rendre = iter(messages)

        async def rendre() -> Message:
            message = next(a_rendre, None)
            return await receive() if message is None else message

        await self._app(scope, rendre, send)

    def _concerne(self, scope: Scope) -> bool:
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return False
        if self._limites.corps_de(scope["path"]) != self._limites.corps:
            return False
        return any(nom == b"content-type" and _TYPE_JSON.match(valeur) for nom, valeur in scope["headers"])
