"""Rules of a run: what becomes of each row, what the guards say, whether a plan still holds. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

SEUIL_SUPPRESSIONS_MIN, SEUIL_SUPPRESSIONS_PART = 10, 0.10
SEUIL_CHUTE_VOLUME = 0.5
SEUIL_TAUX_ERREUR = 0.05

CREE, MODIFIE, RESSUSCITE, SUPPRIME, REJETE = "crees", "modifies", "ressuscites", "supprimes", "rejetes"
ACTIONS = (CREE, MODIFIE, RESSUSCITE, SUPPRIME, REJETE)
SUPPR = "suppr"


class Connue(Protocol):
    """What the directory holds of a record of this source."""

    @property
    def lieu_id(self) -> UUID: ...
    @property
    def empreinte(self) -> str: ...
    @property
    def retiree(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligne:
    """A row as it was read: its key, whether it is acceptable (`empreinte` is not `None`), what it asks (delta)."""

    ligne: int
    cle: str | None
    empreinte: str | None
    operation: str = "maj"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of a row. `rang` numbers the rows of the plan; `annule` names a plan row to take back.

    `anomalie` is a code that the reading of the row alone could not give.
    """

    action: str | None
    rang: int = 0
    cle: str | None = None
    lieu_id: UUID | None = None
    ligne: int | None = None
    annule: int | None = None
    anomalie: str | None = None


@dataclass(slots=True)
class Comptes:
    """Counts of a run. Every row read is counted once (`somme`); in `complet`, `supprimes` are absent rows."""

    lues: int = 0
    crees: int = 0
    modifies: int = 0
    inchanges: int = 0
    rejetees: int = 0
    doublons_internes: int = 0
    supprimes: int = 0
    ressuscites: int = 0
    lignes_de_suppression: int = 0

    def somme(self) -> int:
        """Return the rows accounted for; `ressuscites` are among `crees`."""
        return (
            self.crees + self.modifies + self.inchanges + self.rejetees + self.doublons_internes
            + self.lignes_de_suppression
        )  # fmt: skip


@dataclass(slots=True)
class _Vue:
    """The first row that bore a key: what it says and what was decided, so that a second one may take it back."""

    decision: str | None
    rang: int
    ligne: int
    dit: str
    ambigue: bool = False


@dataclass(slots=True)
class Plan:
    """The difference between a list and what the directory holds of its source, built row by row.

    `connues` are the records of the source by key; `alias` gives the source's key of a public id (a list exported
    from the directory comes back with public ids). A rejected row never deletes: its key counts as present.
    """

    mode: str
    connues: Mapping[str, Connue]
    alias: Mapping[str, str]
    nouvel_id: Callable[[], UUID]
    comptes: Comptes = field(default_factory=Comptes)
    _vues: dict[str, _Vue] = field(default_factory=dict)
    _presentes: set[str] = field(default_factory=set)
    _rang: int = 0
    _sceau: Any = field(default_factory=hashlib.sha256)

    def recevoir(self, ligne: Ligne) -> list[Decision]:
        """Decide of one row; an ambiguous key takes its first row back as well (a second decision)."""
        self.comptes.lues += 1
        cle = self._cle(ligne.cle)
        if cle is not None:
            self._presentes.add(cle)
        supprime = self.mode == "delta" and ligne.operation == SUPPR
        dit = SUPPR if supprime else ligne.empreinte
        if cle is None or dit is None:
            return [self._rejeter(cle, ligne)]
        vue = self._vues.get(cle)
        if vue is not None:
            return self._seconde(cle, ligne, dit, vue)
        decision = self._supprimer_une(cle, ligne) if supprime else self._premiere(cle, ligne)
        self._vues[cle] = _Vue(decision.action, decision.rang, ligne.ligne, dit)
        return [decision]

    def clore(self) -> list[Decision]:
        """Return the deletions of a whole list: records in force whose key no row bore."""
        if self.mode != "complet":
            return []
        absentes = [cle for cle, c in self.connues.items() if not c.retiree and cle not in self._presentes]
        self.comptes.supprimes += len(absentes)
        return [self._inscrire(SUPPRIME, cle, self.connues[cle].lieu_id, None, "") for cle in sorted(absentes)]

    def etiquette(self) -> str:
        """Return the plan's entity tag: it changes with any row of the plan."""
        return f'"p-{self._sceau.hexdigest()[:24]}"'

    def _cle(self, cle: str | None) -> str | None:
        return cle if cle is None or cle in self.connues else self.alias.get(cle, cle)

    def _premiere(self, cle: str, ligne: Ligne) -> Decision:
        connue = self.connues.get(cle)
        empreinte = ligne.empreinte or ""
        if connue is None:
            self.comptes.crees += 1
            return self._inscrire(CREE, cle, self.nouvel_id(), ligne.ligne, empreinte)
        if connue.retiree:
            self.comptes.crees += 1
            self.comptes.ressuscites += 1
            return self._inscrire(RESSUSCITE, cle, connue.lieu_id, ligne.ligne, empreinte)
        if connue.empreinte == empreinte:
            self.comptes.inchanges += 1
            return Decision(action=None, cle=cle, lieu_id=connue.lieu_id, ligne=ligne.ligne)
        self.comptes.modifies += 1
        return self._inscrire(MODIFIE, cle, connue.lieu_id, ligne.ligne, empreinte)

    def _seconde(self, cle: str, ligne: Ligne, dit: str, vue: _Vue) -> list[Decision]:
        if vue.dit == dit and not vue.ambigue:
            self.comptes.doublons_internes += 1
            return [Decision(action=None, cle=cle, ligne=ligne.ligne, anomalie="doublon_interne")]
        decisions = []
        if not vue.ambigue:
            vue.ambigue = True
            self._reprendre(vue.decision)
            premiere = replace(ligne, ligne=vue.ligne)
            decisions.append(replace(self._rejeter(cle, premiere), annule=vue.rang or None, anomalie="cle_ambigue"))
        self.comptes.rejetees += 1
        decisions.append(Decision(action=None, cle=cle, ligne=ligne.ligne, anomalie="cle_ambigue"))
        self._sceau.update(f"ambigue {cle}\n".encode())
        return decisions

    def _reprendre(self, decision: str | None) -> None:
        """Take the first row of a key out of the counts."""
        comptes = self.comptes
        if decision is None:
            comptes.inchanges -= 1
        elif decision == SUPPRIME:
            comptes.supprimes -= 1
            comptes.lignes_de_suppression -= 1
        elif decision == MODIFIE:
            comptes.modifies -= 1
        else:
            comptes.crees -= 1
            comptes.ressuscites -= decision == RESSUSCITE

    def _rejeter(self, cle: str | None, ligne: Ligne) -> Decision:
        self.comptes.rejetees += 1
        connue = self.connues.get(cle) if cle is not None else None
        if cle is None or connue is None or connue.retiree:
            return Decision(action=None, cle=cle, ligne=ligne.ligne)
        return self._inscrire(REJETE, cle, connue.lieu_id, ligne.ligne, "")

    def _supprimer_une(self, cle: str, ligne: Ligne) -> Decision:
        connue = self.connues.get(cle)
        if connue is None or connue.retiree:
            self.comptes.inchanges += 1
            return Decision(action=None, cle=cle, ligne=ligne.ligne, anomalie="cle_inconnue")
        self.comptes.supprimes += 1
        self.comptes.lignes_de_suppression += 1
        return self._inscrire(SUPPRIME, cle, connue.lieu_id, ligne.ligne, "")

    def _inscrire(self, action: str, cle: str, lieu_id: UUID, ligne: int | None, empreinte: str) -> Decision:
        self._rang += 1
        self._sceau.update(f"{action} {cle} {empreinte}\n".encode())
        return Decision(action=action, rang=self._rang, cle=cle, lieu_id=lieu_id, ligne=ligne)


@dataclass(frozen=True, slots=True)
class Garde:
    """What one guard measured: it holds the run when `declenchee`. `forcable` says whether a person may let it pass."""

    regle: str
    seuil: float
    valeur: float
    declenchee: bool
    forcable: bool = True

    def en_dict(self) -> dict[str, Any]:
        """Return the guard as shown in a run."""
        return {
            "regle": self.regle, "seuil": self.seuil, "valeur": self.valeur, "declenchee": self.declenchee,
            "forcable": self.forcable,
        }  # fmt: skip


def gardes(comptes: Comptes, *, mode: str, vivantes: int, dernieres_lignes: int | None) -> list[Garde]:
    """Measure the guards of a plan.

    `vivantes` counts the records of the source in force, `dernieres_lignes` the rows of its last applied run.
    """
    valides = comptes.lues - comptes.rejetees
    seuil = max(SEUIL_SUPPRESSIONS_MIN, int(vivantes * SEUIL_SUPPRESSIONS_PART))
    taux = comptes.rejetees / comptes.lues if comptes.lues else 0.0
    trouvees = [
        Garde("suppressions", seuil, comptes.supprimes, comptes.supprimes > seuil),
        Garde("taux_erreur", SEUIL_TAUX_ERREUR, round(taux, 4), taux > SEUIL_TAUX_ERREUR),
    ]
    if mode == "complet":
        part = comptes.lues / dernieres_lignes if dernieres_lignes else 1.0
        trouvees += [
            Garde("fichier_vide", 1, valides, valides == 0 and vivantes > 0, forcable=False),
            Garde("chute_volume", SEUIL_CHUTE_VOLUME, round(part, 4), part < SEUIL_CHUTE_VOLUME),
        ]
    return trouvees


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


def differences(
    avant: Mapping[str, Any] | None, apres: Mapping[str, Any] | None, *, source: str, gagnantes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """List the fields that differ between two normalised records of a source, and who wins each of them.

    `gagnantes` names the winning source by field, where several speak of the place; elsewhere the source wins.
    """
    avant, apres = avant or {}, apres or {}
    return [
        {
            "champ": champ,
            "avant": avant.get(champ),
            "apres": apres.get(champ),
            "gagne": gagnantes.get(champ, source) == source,
            "source_gagnante": gagnantes.get(champ, source),
        }
        for champ in (apres or avant)
        if avant.get(champ) != apres.get(champ)
    ]
