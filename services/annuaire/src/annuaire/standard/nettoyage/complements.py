"""Cells of our own columns: a yes or a no, whether a place is accessible, languages spoken, consent to publish."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from annuaire.referentiels.repository import Referentiels
from annuaire.referentiels.rules import cle_de_lecture, proche, reconnaitre

from .listes import nettoyer_plusieurs
from .nettoye import Nettoye, anomalie
from .textes import en_texte, nettoyer_texte, sans_valeur

OUI: Final = frozenset(
    {"oui", "o", "yes", "y", "true", "vrai", "1", "x", "ok", "coche", "accessible", "accessiblepmr", "totale"}
    | {"totalement", "totalementaccessible", "accessibleauxpmr", "pmr", "accord", "daccord", "jaccepte", "accepte"}
    | {"jesuisdaccord", "jautorise", "autorise", "consentement", "ouijaccepte", "public", "publier"}
)
NON: Final = frozenset(
    {"non", "n", "no", "false", "faux", "0", "inaccessible", "nonaccessible", "pasaccessible", "nonaccessiblepmr"}
    | {"refus", "refuse", "jerefuse", "desaccord", "pasdaccord", "nonpublie", "prive", "nepaspublier", "nonjerefuse"}
)
_INCONNU: Final = frozenset({"inconnu", "inconnue", "nesaitpas", "nsp", "jenesaispas", "arenseigner", "null", "none"})
_SEPARATEURS_DE_LANGUES: Final = re.compile(r"[,;/\n]")


def oui_ou_non(texte: str) -> bool | None:
    """Read a word that means yes or no; `None` for anything else."""
    cle = cle_de_lecture(texte)
    return True if cle in OUI else False if cle in NON else None


def nettoyer_accessibilite(brut: Any) -> Nettoye[Literal["oui", "non"] | None]:
    """Read whether a place is accessible. What says neither stays unknown: never `non` for want of knowing."""
    lu = _lire_oui_non(brut, "accessibilite_etat")
    if isinstance(lu.valeur, str):
        return Nettoye(None, (*lu.anomalies, anomalie("accessibilite_illisible", "accessibilite_etat", lu.valeur)))
    return Nettoye(None if lu.valeur is None else "oui" if lu.valeur else "non", lu.anomalies)


def nettoyer_publication(brut: Any) -> Nettoye[bool | None]:
    """Read whether contacts may be published. What is written and can't be read counts as a refusal."""
    lu = _lire_oui_non(brut, "publication_contact")
    if isinstance(lu.valeur, str):
        return Nettoye(False, (*lu.anomalies, anomalie("consentement_illisible", "publication_contact", lu.valeur)))
    return Nettoye(lu.valeur, lu.anomalies)


def nettoyer_langues(brut: Any) -> Nettoye[tuple[str, ...]]:
    """Read languages, by ISO 639 codes or French names: codes in order, without repetition."""

    def lire(texte: str) -> Nettoye[tuple[str, ...]]:
        propre = nettoyer_texte(texte, "langues")
        if propre.valeur is None:
            return Nettoye((), propre.anomalies)
        if sans_valeur(propre.valeur):
            return Nettoye((), (*propre.anomalies, anomalie("mention_sans_valeur", "langues", texte)))
        code = reconnaitre(_langues(), propre.valeur)
        if code is not None:
            return Nettoye((code,), propre.anomalies)
        voisine = proche(_langues(), propre.valeur)
        return Nettoye(
            (), (*propre.anomalies, anomalie("langue_inconnue", "langues", propre.valeur, suggestion=voisine))
        )

    if isinstance(brut, str):
        brut = _SEPARATEURS_DE_LANGUES.sub("|", brut)
    return nettoyer_plusieurs(brut, "langues", lire)


def _langues() -> Any:
    return Referentiels.charger()["langues"]


def _lire_oui_non(brut: Any, champ: str) -> Nettoye[bool | str | None]:
    """Read a cell of yes or no; a text that says neither comes back as it is."""
    if isinstance(brut, bool):
        return Nettoye(brut)
    lu = en_texte(brut, champ)
    if lu.valeur is None or not lu.valeur.strip():
        return Nettoye(None, lu.anomalies)
    # before the cleaning of texts, for which a bare `0` or `x` may be a word that says nothing
    dit = oui_ou_non(lu.valeur)
    if dit is not None:
        return Nettoye(dit, lu.anomalies)
    propre = nettoyer_texte(lu.valeur, champ)
    anomalies = (*lu.anomalies, *propre.anomalies)
    if propre.valeur is None:
        return Nettoye(None, anomalies)
    dit = oui_ou_non(propre.valeur)
    if dit is not None:
        return Nettoye(dit, anomalies)
    if sans_valeur(propre.valeur) or cle_de_lecture(propre.valeur) in _INCONNU:
        return Nettoye(None, (*anomalies, anomalie("mention_sans_valeur", champ, brut)))
    return Nettoye(propre.valeur, anomalies)
