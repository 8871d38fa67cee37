"""Contacts that look personal: which e-mail addresses name a person, which phone numbers are carried in a pocket."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

_SEPARATEURS: Final = re.compile(r"[._\-+]+")
_SIGLE: Final = re.compile(r"[^aeiouy]{3,}")
_CHIFFRES: Final = re.compile(r"\d+")
_MOBILES: Final = (
    "+336", "+337", "+262639", "+262692", "+262693", "+590690", "+590691", "+594694", "+596696", "+596697",
)  # fmt: skip
_LISTES: Final = ("fonctions", "racines", "articles", "liaisons", "prenoms", "messageries")
_COURRIEL: Final = re.compile(r"([^\s@<>()|;,]{1,64})@+([^\s@<>()|;,]{0,190})")
_NUMERO: Final = re.compile(r"(?<!\d)(?:(?:\+|00)\d{2,3}[ .]?(?:\(0\))?|0)[1-9](?:[ .\-/]?\d\d){3,4}(?!\d)")


@lru_cache(maxsize=16_384)
def courriel_nominatif(adresse: str) -> bool:
    """Tell whether an e-mail address seems to name a person (`prenom.nom@`, `p.nom@`, a common first name).

    An address that holds a word of a function, a service, a place or its own domain (`ccas.ville@`,
    `mediatheque-centre@`) doesn't: more than half of what the shape alone would catch is of that kind.
    """
    locale, arobase, domaine = _plier(adresse).rpartition("@")
    if not arobase:
        return False
    mots = [mot for mot in _SEPARATEURS.split(_CHIFFRES.sub("", locale)) if mot]
    if not mots or any(_fonctionnel(mot) for mot in mots) or _fonctionnel("".join(mots)):
        return False
    if _dit_le_domaine(mots, domaine):
        return False
    listes = _mots()
    if mots[0] in listes["articles"] or any(mot in listes["liaisons"] for mot in mots):
        return False
    if any(mot in listes["prenoms"] for mot in mots):
        return True
    if len(mots) == 1:
        return False
    # `p.nom@`, or words that nobody knows: it may be a person, and a published row can't be taken back.
    return len(mots) <= 4 and any(len(mot) > 2 for mot in mots)


def _fonctionnel(mot: str) -> bool:
    mots = _mots()
    if mot in mots["fonctions"]:
        return True
    # Three consonants and more are an acronym; two may be the initials of a compound first name.
    return _SIGLE.fullmatch(mot) is not None or any(racine in mot for racine in mots["racines"])


def _dit_le_domaine(mots: list[str], domaine: str) -> bool:
    """`ville-exemple@exemple.fr`, `exemple@mairie-exemple.fr`: the address repeats the name of its own domain."""
    if domaine in _mots()["messageries"]:
        return False
    nom = domaine.rpartition(".")[0].replace("-", "").replace(".", "")
    return any(len(mot) >= 4 and mot in nom for mot in mots) or "".join(mots) in nom


@lru_cache(maxsize=16_384)
def telephone_personnel(numero: str) -> bool:
    """Tell whether a number is a mobile one, by the numbering plan of its country code (overseas ranges included).

    A number that may be mobile or not counts as mobile, as does one of a mobile range not allotted yet; a short
    number and an unreadable one don't.
    """
    if numero.startswith(_MOBILES):
        return True
    # read where it is used: who only answers questions writes no contact
    import phonenumbers

    try:
        lu = phonenumbers.parse(numero, "FR")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(lu) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
    )


def contact_personnel(contact: str) -> bool:
    """Tell whether an e-mail address or a phone number looks personal."""
    return courriel_nominatif(contact) if "@" in contact else telephone_personnel(contact)


def masquer(texte: str, champ: str | None = None) -> str:
    """Mask the e-mail addresses and phone numbers of a text: `c…@exemple.fr`, `01 99 •• •• ••`.

    The shape stays readable, so that a report still shows what was wrong. In the fields `courriels` and `telephone`
    the whole text is meant as a contact, however broken it is.
    """
    if champ == "courriels":
        locale, arobase, domaine = texte.rpartition("@")
        return f"{(locale or texte).strip()[:1]}…{arobase}{domaine if arobase else ''}"
    if champ == "telephone":
        return _masquer_chiffres(texte)
    texte = _COURRIEL.sub(lambda c: f"{c[1][0]}…@{c[2]}", texte)
    return _NUMERO.sub(lambda numero: _masquer_chiffres(numero[0]), texte)


def _masquer_chiffres(numero: str) -> str:
    """Hide the last six digits of a number of eight digits and more: a short number is nobody's."""
    chiffres = sum(c.isdigit() for c in numero)
    vus = 0
    masque: list[str] = []
    for c in numero:
        vus += c.isdigit()
        masque.append("•" if c.isdigit() and chiffres >= 8 and vus > chiffres - 6 else c)
    return "".join(masque)


def _plier(texte: str) -> str:
    decompose = unicodedata.normalize("NFKD", texte.lower())
    return "".join(c for c in decompose if not unicodedata.combining(c))


@cache
def _mots() -> dict[str, frozenset[str]]:
    donnees = json.loads(files(__package__).joinpath("confidentialite.json").read_text("utf-8"))
    return {nom: frozenset(donnees[nom]) for nom in _LISTES}
