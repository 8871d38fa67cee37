"""The guards: what a plan would do on a large scale, measured, that a person must have wanted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annuaire.synchronisation.rules import Comptes
from annuaire.territoires.rules import distance_m

SEUIL_SUPPRESSIONS_MIN, SEUIL_SUPPRESSIONS_PART = 10, 0.10
SEUIL_CHUTE_VOLUME = 0.5
SEUIL_TAUX_ERREUR = 0.05
SEUIL_DEPLACEMENT, DEPLACEMENT_M = 0.20, 1_000.0
SEUIL_ECRASEMENT = 0.50
IDENTITE = ("nom", "code_postal", "code_insee", "pivot")
"""Fields that most records of a list never change at once: a column sorted without the others changes them all."""
SEUIL_CLES_REMPLACEES = 0.30
PEU = 2
"""Records that a person may well have moved, renamed or given another key, whatever their share of a short list."""


@dataclass(frozen=True, slots=True)
class Garde:
    """What one guard measured: it holds the run when `declenchee`. `forcable` says whether a person may let it pass.

    `champ` is the field that it speaks of, where it speaks of one.
    """

    regle: str
    seuil: float
    valeur: float
    declenchee: bool
    forcable: bool = True
    champ: str | None = None

    def en_dict(self) -> dict[str, Any]:
        """Return the guard as shown in a run."""
        return {
            "regle": self.regle, "seuil": self.seuil, "valeur": self.valeur, "declenchee": self.declenchee,
            "forcable": self.forcable, "champ": self.champ,
        }  # fmt: skip


@dataclass(slots=True)
class Ecarts:
    """What a plan does to the records that it matches: how many move, take another name or code, lose a field."""

    deplaces: int = 0
    ecrases: Counter[str] = field(default_factory=Counter)
    effaces: Counter[str] = field(default_factory=Counter)

    def compter(self, avant: Mapping[str, Any], apres: Mapping[str, Any]) -> None:
        """Count one modified record, from what it was and what it would be."""
        for champ in IDENTITE:
            ancien = avant.get(champ)
            if _rempli(ancien) and ancien != (apres.get(champ) or ancien):
                self.ecrases[champ] += 1
        self.deplaces += _metres(avant, apres) > DEPLACEMENT_M
        for champ, valeur in avant.items():
            # most fields of most records are as they were
            if valeur != (nouvelle := apres.get(champ)) and _rempli(valeur) and not _rempli(nouvelle):
                self.effaces[champ] += 1


def _rempli(valeur: Any) -> bool:
    return valeur is not None and valeur != []


def _metres(avant: Mapping[str, Any], apres: Mapping[str, Any]) -> float:
    if avant.get("latitude") is None or apres.get("latitude") is None:
        return 0.0
    return distance_m(avant["latitude"], avant["longitude"], apres["latitude"], apres["longitude"])


def gardes(
    comptes: Comptes, *, mode: str, vivantes: int, dernieres_lignes: int | None, ecarts: Ecarts | None = None
) -> list[Garde]:
    """Measure the guards of a plan.

    `vivantes` counts the records of the source in force, `dernieres_lignes` the rows of its last applied run.
    """
    ecarts = ecarts or Ecarts()
    valides = comptes.lues - comptes.rejetees
    trouvees = [
        _en_nombre("suppressions", comptes.supprimes, sur=vivantes),
        _en_part("taux_erreur", SEUIL_TAUX_ERREUR, comptes.rejetees, sur=comptes.lues),
    ]
    if mode == "complet":
        part = comptes.lues / dernieres_lignes if dernieres_lignes else 1.0
        trouvees += [
            Garde("fichier_vide", 1, valides, valides == 0 and vivantes > 0, forcable=False),
            Garde("chute_volume", SEUIL_CHUTE_VOLUME, round(part, 4), part < SEUIL_CHUTE_VOLUME),
        ]
    # a delta says nothing of the records that it leaves alone, which are in force all the same
    apparies = comptes.modifies + comptes.inchanges if mode == "complet" else max(vivantes, comptes.modifies)
    ecrase, ecrases = _le_plus(ecarts.ecrases)
    efface, effaces = _le_plus(ecarts.effaces)
    return [
        *trouvees,
        _en_part("deplacement_masse", SEUIL_DEPLACEMENT, ecarts.deplaces, sur=apparies, peu=PEU),
        _en_part("ecrasement_masse", SEUIL_ECRASEMENT, ecrases, sur=apparies, champ=ecrase, peu=PEU),
        _en_part("cles_remplacees", SEUIL_CLES_REMPLACEES, comptes.cles_remplacees, sur=valides, peu=PEU),
        _en_nombre("effacement_masse", effaces, sur=apparies, champ=efface),
    ]


def _en_nombre(regle: str, nombre: int, *, sur: int, champ: str | None = None) -> Garde:
    """Hold more than ten, and more than one in ten."""
    seuil = max(SEUIL_SUPPRESSIONS_MIN, int(sur * SEUIL_SUPPRESSIONS_PART))
    return Garde(regle, seuil, nombre, nombre > seuil, champ=champ)


def _en_part(regle: str, seuil: float, nombre: int, *, sur: int, champ: str | None = None, peu: int = 0) -> Garde:
    """Hold more than a share, and more than `peu` records."""
    part = nombre / sur if sur else 0.0
    return Garde(regle, seuil, round(part, 4), part > seuil and nombre > peu, champ=champ)


def _le_plus(comptes: Counter[str]) -> tuple[str | None, int]:
    return max(comptes.items(), key=lambda paire: (paire[1], paire[0])) if comptes else (None, 0)


def manque_a_confirmer(
    gardes: list[dict[str, Any]], confirmer: Mapping[str, float], *, administrateur: bool
) -> list[str]:
    """List what keeps a held run from being released, in French; an empty list releases it.

    A guard is released by giving its exact value; `fichier_vide` by an administrator only.
    """
    manques = []
    for garde in gardes:
        if not garde["declenchee"]:
            continue
        if not garde.get("forcable", True) and not administrateur:
            manques.append(f"la garde {garde['regle']} ne se lève qu'avec la portée sync:admin")
        elif confirmer.get(garde["regle"]) != garde["valeur"]:
            manques.append(f"confirmez {garde['regle']} par sa valeur exacte : {garde['valeur']}")
    return manques
