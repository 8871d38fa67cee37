"""Keyset pagination: opaque signed cursors, one page shape for every list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Generic, TypeVar
from urllib.parse import quote_plus

from pydantic import BaseModel, Field
from starlette.requests import Request

from socle.errors import Faute, RequeteInvalide

TAILLE_CURSEUR = 256
LIMITE_DEFAUT, LIMITE_MAXIMALE = 50, 500
_SIGNATURE = 16
_ecrire_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SIMPLE = re.compile(r"[A-Za-z0-9_.~-]*")

T = TypeVar("T")
Valeur = str | int | float | bool | None


class Page(BaseModel, Generic[T]):
    """Une page d'une liste."""

    elements: list[T]
    suivant: Annotated[str | None, Field(description="Curseur de la page suivante, null à la fin.")]


class ParametresPage(BaseModel):
    """Paramètres communs aux listes."""

    limite: Annotated[int, Field(ge=1, le=LIMITE_MAXIMALE, description="Nombre d'éléments par page.")] = LIMITE_DEFAUT
    curseur: Annotated[
        str | None, Field(max_length=TAILLE_CURSEUR, description="Valeur `suivant` de la page précédente.")
    ] = None


def empreinte_requete(chemin: str, parametres: Iterable[tuple[str, str]]) -> str:
    """Fingerprint what a cursor is bound to: path and parameters, but `curseur` and `limite`, in any order."""
    lies = sorted([paire for paire in parametres if paire[0] not in ("curseur", "limite")])
    return f"{chemin}?{lies!r}"


class Curseurs:
    """Writes and reads cursors with the secret of the service."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("Le secret des curseurs fait moins de 32 octets")
        self._secret = secret

    def _signer(self, corps: bytes, requete: str) -> bytes:
        message = len(corps).to_bytes(4, "big") + corps + requete.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(message, key=self._secret[:64], digest_size=_SIGNATURE).digest()

    def encoder(self, position: Sequence[Valeur], requete: str) -> str:
        """Write the position of the last element (its sort keys) as a cursor bound to this query.

        Raises `ValueError` beyond 256 characters: sort keys are meant to be short.
        """
        corps = _ecrire_json(list(position)).encode()
        texte = base64.urlsafe_b64encode(self._signer(corps, requete) + corps).rstrip(b"=").decode()
        if len(texte) > TAILLE_CURSEUR:
            raise ValueError(f"Un curseur de {len(texte)} caractères : les clés de tri sont trop longues")
        return texte

    def decoder(self, curseur: str, requete: str) -> list[Valeur]:
        """Read a position back.

        Raises `RequeteInvalide` for a cursor altered, made elsewhere, or given with another query.
        """
        try:
            octets = base64.b64decode(
                curseur.encode("ascii") + b"=" * (-len(curseur) % 4), altchars=b"-_", validate=True
            )
        except (UnicodeEncodeError, binascii.Error):
            octets = b""
        signature, corps = octets[:_SIGNATURE], octets[_SIGNATURE:]
        if len(curseur) > TAILLE_CURSEUR or not hmac.compare_digest(signature, self._signer(corps, requete)):
            raise RequeteInvalide(
                "Ce curseur n'est pas celui de cette requête : reprenez la valeur `suivant` de la page précédente, "
                "avec les mêmes paramètres.",
                erreurs=[Faute("curseur", "curseur-invalide", "curseur altéré ou lié à une autre requête")],
            )
        position: list[Valeur] = json.loads(corps)
        return position


class Feuille:
    """The page that a request asks for: where it starts, and the cursor of the one after it."""

    def __init__(self, curseurs: Curseurs, requete: Request, parametres: ParametresPage) -> None:
        """Read the position. Raises `RequeteInvalide` for a cursor of another query."""
        self._curseurs = curseurs
        self.requete = empreinte_requete(requete.url.path, requete.query_params.multi_items())
        self.limite = parametres.limite
        self.position = curseurs.decoder(parametres.curseur, self.requete) if parametres.curseur is not None else None

    def depart(self) -> Valeur:
        """Return the sort key of the last element already given, `None` at the start."""
        return self.position[0] if self.position else None

    def suivant(self, trouves: Sequence[T], cle: Callable[[T], Valeur]) -> str | None:
        """Return the cursor after these elements, whose sort key is `cle`; `None` when the page is not full."""
        if len(trouves) < self.limite:
            return None
        return self._curseurs.encoder([cle(trouves[-1])], self.requete)


@lru_cache(maxsize=4096)
def _ecrire(texte: str) -> str:
    """Escape a name or a value of a query; most are asked again and again."""
    return texte if _SIMPLE.fullmatch(texte) else quote_plus(texte)


def liens(url_publique: str, chemin: str, parametres: Iterable[tuple[str, str]], *, suivant: str | None) -> str:
    """Value of the `Link` header of a page (RFC 8288): `first`, and `next` when there is one, absolute.

    `url_publique` comes from the settings, never from the request's `Host`.
    """
    base = url_publique.rstrip("/") + chemin
    autres = "&".join([f"{_ecrire(nom)}={_ecrire(valeur)}" for nom, valeur in parametres if nom != "curseur"])
    premier = f'<{base}{"?" if autres else ""}{autres}>; rel="first"'
    if suivant is None:
        return premier
    # a cursor is made of letters that need no escape
    return f'{premier}, <{base}?{autres}{"&" if autres else ""}curseur={suivant}>; rel="next"'


def liens_de_pages(
    url_publique: str, chemin: str, parametres: Iterable[tuple[str, str]], *, page: int, pages: int
) -> str:
    """Value of the `Link` header of a numbered page (RFC 8288): `first`, `prev`, `next` and `last`, absolute.

    `url_publique` comes from the settings, never from the request's `Host`.
    """
    base = url_publique.rstrip("/") + chemin
    autres = "".join([f"{_ecrire(nom)}={_ecrire(valeur)}&" for nom, valeur in parametres if nom != "page"])
    voulues = {"first": 1, "prev": min(page - 1, pages), "next": page + 1 if page < pages else 0, "last": pages}
    return ", ".join(f'<{base}?{autres}page={numero}>; rel="{nom}"' for nom, numero in voulues.items() if numero > 0)


_MARQUE = "\0"
"""Stands for the value that changes: no query holds it, limits refuse it."""


class Adresse:
    """What `empreinte_requete` and `liens` write of a list that is asked with many values of one parameter.

    `variable` names that parameter, given once at most; all but its value is written once.
    """

    __slots__ = ("_empreinte", "_fin", "_premier", "_second")

    def __init__(
        self, url_publique: str, chemin: str, parametres: Iterable[tuple[str, str]], *, variable: str | None = None
    ) -> None:
        marques = [(nom, _MARQUE if nom == variable else valeur) for nom, valeur in parametres]
        # the quote comes with the mark: a backslash that someone wrote is doubled, and never alone after it
        self._empreinte = empreinte_requete(chemin, marques).partition("'\\x00'")
        complet = liens(url_publique, chemin, marques, suivant=_MARQUE)
        self._premier = liens(url_publique, chemin, marques, suivant=None).partition("%00")
        debut, _, self._fin = complet[len("".join(self._premier)) :].rpartition(_MARQUE)
        self._second = debut.partition("%00")

    def empreinte(self, valeur: str | None) -> str:
        """Return the fingerprint of the query where the parameter has this value."""
        debut, marque, fin = self._empreinte
        return f"{debut}{valeur!r}{fin}" if marque else debut

    def liens(self, valeur: str | None, *, suivant: str | None) -> str:
        """Return the value of `Link` where the parameter has this value."""
        ecrit = "" if valeur is None else _ecrire_valeur(valeur)
        debut, marque, fin = self._premier
        premier = f"{debut}{ecrit}{fin}" if marque else debut
        if suivant is None:
            return premier
        debut, marque, fin = self._second
        return f"{premier}{debut}{ecrit if marque else ''}{fin}{suivant}{self._fin}"


def _ecrire_valeur(valeur: str) -> str:
    """Escape a value that is not asked again."""
    simple = valeur.replace(",", "")
    return valeur.replace(",", "%2C") if simple.isascii() and _SIMPLE.fullmatch(simple) else quote_plus(valeur)
