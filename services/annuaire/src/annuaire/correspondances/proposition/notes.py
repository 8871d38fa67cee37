"""How likely a column is to be a field: its header and its values, weighed together. Pure.

A header alone proves little, values alone less: a column is only taken when nothing in it says the contrary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from annuaire.correspondances.proposition.echantillon import Colonne
from annuaire.correspondances.proposition.entetes import AUTRE

SEUIL: Final = 0.55
"""Least mark of a column that is proposed."""
_SANS_ENTETE: Final = 0.6


def noter(champ: str, colonne: Colonne) -> float:
    """Return the mark, from 0 to 1, of a column for a field of one value."""
    if not colonne.remplies:
        return 0.0
    entete = colonne.entetes.get(champ, 0.0)
    autre = colonne.entetes.get(AUTRE, 0.0)
    if entete < 0 or (autre >= 0.9 and autre > entete) or autre > max(entete, 0.5):
        return 0.0
    return _REGLES[champ](colonne, entete)


def _valeurs_surtout(nature: str, *, avec: float, sans: float) -> Callable[[Colonne, float], float]:
    """Fields whose values are known by their shape: `avec` is the share asked of a named column, `sans` of another."""

    def note(colonne: Colonne, entete: float) -> float:
        part = colonne.part(nature)
        if entete >= 0.5 and part >= avec:
            return 0.55 + 0.25 * entete + 0.2 * part
        return _SANS_ENTETE if part >= sans else 0.0

    return note


def _telephone(colonne: Colonne, entete: float) -> float:
    part = colonne.part("telephone")
    if colonne.part("point") > 0.5:
        return 0.0
    if entete >= 0.5:
        # short numbers of overseas, zeros eaten by a spreadsheet
        longs = sum(n for t, n in colonne.valeurs.items() if 6 <= sum(c.isdigit() for c in t) <= 60) / colonne.remplies
        return 0.5 + 0.25 * entete + 0.25 * max(part, longs * 0.8) if max(part, longs) >= 0.5 else 0.0
    return _SANS_ENTETE if part >= 0.85 else 0.0


def _nom(colonne: Colonne, entete: float) -> float:
    if entete < 0.5 or colonne.part("lettres") < 0.8 or colonne.part("url") > 0.2 or colonne.part("courriel") > 0.2:
        return 0.0
    note = 0.4 + 0.5 * entete + 0.1 * min(1.0, colonne.variete * 1.5)
    if colonne.part_communes > 0.8 or colonne.variete < 0.1 or colonne.remplissage < 0.6:
        note -= 0.25
    return note


def _commune(colonne: Colonne, entete: float) -> float:
    part = colonne.part_communes
    if entete >= 0.5 and part >= 0.5:
        return 0.5 + 0.3 * entete + 0.2 * part
    return _SANS_ENTETE if part >= 0.85 and len(colonne.valeurs) >= 3 else 0.0


def _code_postal(colonne: Colonne, entete: float) -> float:
    part = colonne.part_codes_postaux
    if entete >= 0.5 and part >= 0.5:
        return 0.5 + 0.3 * entete + 0.2 * part
    return _SANS_ENTETE if part >= 0.95 and part > colonne.part_codes_insee + 0.05 else 0.0


def _code_insee(colonne: Colonne, entete: float) -> float:
    part = colonne.part_codes_insee
    if entete >= 0.5 and part >= 0.5:
        return 0.5 + 0.3 * entete + 0.2 * part
    return _SANS_ENTETE if part >= 0.95 and part > colonne.part_codes_postaux + 0.05 else 0.0


def _adresse(colonne: Colonne, entete: float) -> float:
    part = colonne.part("voie")
    if colonne.part("courriel") > 0.2 or colonne.part("url") > 0.2 or colonne.part("lettres") < 0.5:
        return 0.0
    if entete >= 0.5 and (part >= 0.25 or entete >= 0.85):
        return 0.45 + 0.4 * entete + 0.1 * part
    return SEUIL if part >= 0.7 and colonne.variete > 0.3 and colonne.longueur < 90 else 0.0


def _texte(minimum: float) -> Callable[[Colonne, float], float]:
    """Fields of free text: the header decides, the values only have to be words."""

    def note(colonne: Colonne, entete: float) -> float:
        if entete < minimum or colonne.part("lettres") < 0.7 or colonne.part("oui_non") > 0.5:
            return 0.0
        if colonne.part("courriel") > 0.5 or colonne.part("telephone") > 0.3:
            return 0.0
        return 0.4 + 0.5 * entete

    return note


def _presentation(colonne: Colonne, entete: float) -> float:
    note = _texte(0.5)(colonne, entete)
    return note if colonne.longueur >= 15 or colonne.part("mots") >= 0.6 else 0.0


def _parente(colonne: Colonne, entete: float) -> float:
    return _texte(0.65)(colonne, entete) if len(colonne.valeurs) >= 2 and colonne.longueur >= 3 else 0.0


def _date(colonne: Colonne, entete: float) -> float:
    part = sum(colonne.part(nature) for nature in ("date_iso", "date", "date_dite", "epoque"))
    return 0.5 + 0.3 * entete + 0.2 * min(part, 1.0) if entete >= 0.5 and part >= 0.7 else 0.0


def _pivot(colonne: Colonne, entete: float) -> float:
    part = max(colonne.part("siret"), colonne.part("rna"), colonne.part("siret_abime"))
    if entete >= 0.5 and (part >= 0.3 or (entete >= 0.95 and colonne.longueur >= 9)):
        return 0.55 + 0.3 * entete + 0.15 * part
    return _SANS_ENTETE if part >= 0.9 and len(colonne.valeurs) >= 3 else 0.0


def _acces_libre(colonne: Colonne, _: float) -> float:
    return 0.95 if colonne.part("acceslibre") >= 0.5 else 0.0


def _rdv(colonne: Colonne, entete: float) -> float:
    return 0.5 + 0.4 * entete if entete >= 0.5 and colonne.part("url") >= 0.5 else 0.0


def _site(colonne: Colonne, entete: float) -> float:
    if max(colonne.entetes.get("prise_rdv", 0.0), colonne.entetes.get("fiche_acces_libre", 0.0)) > entete:
        return 0.0
    return _valeurs_surtout("url", avec=0.4, sans=0.8)(colonne, entete) if colonne.part("acceslibre") < 0.5 else 0.0


def _cle(colonne: Colonne, entete: float) -> float:
    if entete < 0.5 or colonne.remplissage < 0.98 or colonne.longueur > 100:
        return 0.0
    if colonne.part("courriel") > 0.1 or (colonne.part("mots") > 0.5 and entete < 1.0):
        return 0.0
    if colonne.variete < 0.98:
        return 0.0
    return 0.5 + 0.5 * entete


def _source(colonne: Colonne, entete: float) -> float:
    return _texte(0.9)(colonne, entete) if colonne.part("url") < 0.5 else 0.0


def _partie_d_adresse(_: Colonne, entete: float) -> float:
    return entete if entete >= 0.7 else 0.0


_REGLES: Final[Mapping[str, Callable[[Colonne, float], float]]] = MappingProxyType(
    {
        "cle": _cle,
        "nom": _nom,
        "commune": _commune,
        "code_postal": _code_postal,
        "code_insee": _code_insee,
        "adresse": _adresse,
        "numero_voie": _partie_d_adresse,
        "nom_voie": _partie_d_adresse,
        "complement_adresse": _texte(0.5),
        "telephone": _telephone,
        "courriels": _valeurs_surtout("courriel", avec=0.4, sans=0.8),
        "site_web": _site,
        "presentation_resume": _presentation,
        "presentation_detail": _presentation,
        "date_maj": _date,
        "pivot": _pivot,
        "structure_parente": _parente,
        "source": _source,
        "prise_rdv": _rdv,
        "fiche_acces_libre": _acces_libre,
    }
)
CHAMPS: Final = tuple(champ for champ in _REGLES if champ not in ("numero_voie", "nom_voie"))
