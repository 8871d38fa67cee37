"""Rules of a run: what becomes of each row of a list. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

CREE, MODIFIE, RENOMME, RESSUSCITE, SUPPRIME, REJETE = (
    "crees", "modifies", "renommes", "ressuscites", "supprimes", "rejetes",
)  # fmt: skip
ACTIONS = (CREE, MODIFIE, RENOMME, RESSUSCITE, SUPPRIME, REJETE)
MAJ, SUPPR = "maj", "suppr"


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
    """A row as it was read: its key, whether it is acceptable (`empreinte` is not `None`), what it asks (delta).

    `id_maillage` is the public id that an annotated file brings back; `lignes` counts the rows of the file that it
    stands for, when several were put together.
    """

    ligne: int
    cle: str | None
    empreinte: str | None
    operation: str = MAJ
    id_maillage: str | None = None
    lignes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of a row. `rang` numbers the rows of the plan; `annule` names a plan row to take back.

    `anomalie` is a code that the reading of the row alone could not give; `ancienne_cle` the key that a record leaves
    for `cle`.
    """

    action: str | None
    rang: int = 0
    cle: str | None = None
    lieu_id: UUID | None = None
    ligne: int | None = None
    annule: int | None = None
    anomalie: str | None = None
    ancienne_cle: str | None = None


@dataclass(slots=True)
class Comptes:
    """Counts of a run. Every row read is counted once (`somme`); in `complet`, `supprimes` are absent rows.

    `renommes` are among `modifies`, `ressuscites` among `crees`. `cles_remplacees` counts the new keys under which a
    row says what a record in force already says.
    """

    lues: int = 0
    crees: int = 0
    modifies: int = 0
    inchanges: int = 0
    rejetees: int = 0
    doublons_internes: int = 0
    regroupees: int = 0
    supprimes: int = 0
    ressuscites: int = 0
    renommes: int = 0
    cles_remplacees: int = 0
    lignes_de_suppression: int = 0

    def somme(self) -> int:
        """Return the rows accounted for."""
        return (
            self.crees + self.modifies + self.inchanges + self.rejetees + self.doublons_internes
            + self.regroupees + self.lignes_de_suppression
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
    _dites: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._dites = frozenset(c.empreinte for c in self.connues.values() if not c.retiree)

    def recevoir(self, ligne: Ligne) -> list[Decision]:
        """Decide of one row; an ambiguous key takes its first row back as well (a second decision)."""
        self.comptes.lues += ligne.lignes
        self.comptes.regroupees += ligne.lignes - 1
        cle, ancienne = self._cles(ligne)
        self._presentes.update(c for c in (cle, ancienne) if c is not None)
        if self.mode == "delta" and ligne.operation not in (MAJ, SUPPR):
            return [replace(self._rejeter(cle, ligne), anomalie="operation_inconnue")]
        supprime = self.mode == "delta" and ligne.operation == SUPPR
        dit = SUPPR if supprime else ligne.empreinte
        if cle is None and dit is not None:
            return [replace(self._rejeter(cle, ligne), anomalie="cle_absente")]
        if cle is None or dit is None:
            return [self._rejeter(cle, ligne)]
        vue = self._vues.get(cle)
        if vue is not None:
            return self._seconde(cle, ligne, dit, vue)
        decision = self._supprimer_une(cle, ligne) if supprime else self._premiere(cle, ligne, ancienne)
        self._vues[cle] = _Vue(decision.action, decision.rang, ligne.ligne, dit)
        if ancienne is not None:
            self._vues[ancienne] = self._vues[cle]
        return [decision]

    def absentes(self) -> list[str]:
        """Return the keys, in order, of the records in force that no row of a whole list bore."""
        if self.mode != "complet":
            return []
        return sorted(cle for cle, c in self.connues.items() if not c.retiree and cle not in self._presentes)

    def renommer(self, rang: int, cle: str, ancienne_cle: str, empreinte: str) -> Decision:
        """Turn the creation of `cle` (row `rang` of the plan) into the new key of an absent record."""
        self._presentes.add(ancienne_cle)
        self.comptes.crees -= 1
        self.comptes.cles_remplacees -= empreinte in self._dites
        self.comptes.modifies += 1
        self.comptes.renommes += 1
        self._sceau.update(f"{RENOMME} {ancienne_cle} {cle}\n".encode())
        return Decision(
            action=RENOMME, rang=rang, cle=cle, lieu_id=self.connues[ancienne_cle].lieu_id, ancienne_cle=ancienne_cle
        )

    def clore(self) -> list[Decision]:
        """Return the deletions of a whole list: records in force whose key no row bore."""
        absentes = self.absentes()
        self.comptes.supprimes += len(absentes)
        return [self._inscrire(SUPPRIME, cle, self.connues[cle].lieu_id, None, "") for cle in absentes]

    def etiquette(self) -> str:
        """Return the plan's entity tag: it changes with any row of the plan."""
        return f'"p-{self._sceau.hexdigest()[:24]}"'

    def _cles(self, ligne: Ligne) -> tuple[str | None, str | None]:
        """Return the key of a row, and the one that its record leaves for it.

        The source's own key comes first, then a public id in its place, then the id that an annotated file brings
        back: a row without a key takes that of its record, a row with a new key gives it to its record.
        """
        cle = ligne.cle
        if cle is not None and cle not in self.connues:
            cle = self.alias.get(cle, cle)
        if ligne.id_maillage is None or (cle is not None and cle in self.connues):
            return cle, None
        ramenee = self.alias.get(ligne.id_maillage)
        if cle is None or ramenee is None:
            return cle if ramenee is None else ramenee, None
        libre = cle not in self._vues and ramenee not in self._presentes and not self.connues[ramenee].retiree
        return cle, ramenee if libre else None

    def _premiere(self, cle: str, ligne: Ligne, ancienne: str | None) -> Decision:
        connue = self.connues.get(cle)
        empreinte = ligne.empreinte or ""
        if connue is None and ancienne is not None:
            self.comptes.modifies += 1
            self.comptes.renommes += 1
            lieu_id = self.connues[ancienne].lieu_id
            return replace(
                self._inscrire(RENOMME, cle, lieu_id, ligne.ligne, f"{empreinte} {ancienne}"), ancienne_cle=ancienne
            )
        if connue is None:
            self.comptes.crees += 1
            self.comptes.cles_remplacees += empreinte in self._dites
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
            self._reprendre(vue)
            premiere = replace(ligne, ligne=vue.ligne)
            decisions.append(replace(self._rejeter(cle, premiere), annule=vue.rang or None, anomalie="cle_ambigue"))
        self.comptes.rejetees += 1
        decisions.append(Decision(action=None, cle=cle, ligne=ligne.ligne, anomalie="cle_ambigue"))
        self._sceau.update(f"ambigue {cle}\n".encode())
        return decisions

    def _reprendre(self, vue: _Vue) -> None:
        """Take the first row of a key out of the counts."""
        comptes, decision = self.comptes, vue.decision
        if decision is None:
            comptes.inchanges -= 1
        elif decision == SUPPRIME:
            comptes.supprimes -= 1
            comptes.lignes_de_suppression -= 1
        elif decision in (MODIFIE, RENOMME):
            comptes.modifies -= 1
            comptes.renommes -= decision == RENOMME
        else:
            comptes.crees -= 1
            comptes.ressuscites -= decision == RESSUSCITE
            comptes.cles_remplacees -= decision == CREE and vue.dit in self._dites

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
