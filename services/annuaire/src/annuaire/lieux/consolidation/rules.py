"""Who wins, field by field, among the records that speak of one place. Pure, and blind to the order of arrival.

A consolidation is the join of what each record brings: `joindre` is commutative, associative and idempotent, since for
each group of fields it keeps the greater of two weights that are never equal (docs/adr/0015).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import Any, Final

RANG_PAROLE: Final = 100
"""Rank of what a place says of itself: it replaces lists of values that are otherwise united."""

ADRESSE: Final = ("adresse", "complement_adresse", "commune", "code_postal", "code_insee", "latitude", "longitude")
HORAIRES: Final = ("horaires", "horaires_brut")
ENSEMBLES: Final = (ADRESSE, HORAIRES)
"""Fields that move together: half of one address and half of another would be a third place."""

UNIS: Final = frozenset({"dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels"})
"""Lists to which each source adds what it alone knows: a programme knows its own places, and no other programme's.

Every other list describes the place whole: its winner may have taken a value out, and a union would put it back.
"""
DATE: Final = "date_maj"
DECLARE, DEDUIT, DEFAUT = "declare", "deduit", "defaut"
_ORIGINES: Final = {DECLARE: 2, DEDUIT: 1, DEFAUT: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dit:
    """What one record says of a place, and how far it is believed.

    `valeurs` are JSON values in the order of `LieuNormalise`; `rang` is that of its source, `rangs` those of single
    fields; `origines` names the fields whose value was not declared (`deduit`, `defaut`); `vide_fait_foi`: an absent
    value means that there is none; `verrou`: fields that the place itself has fixed. `recue_le` bounds `date_maj`.
    """

    source_id: str
    cle: str
    valeurs: Mapping[str, Any]
    rang: int
    recue_le: date
    rangs: Mapping[str, int] = field(default_factory=dict)
    origines: Mapping[str, str] = field(default_factory=dict)
    verrou: frozenset[str] = frozenset()
    vide_fait_foi: bool = False

    def rang_de(self, champ: str) -> int:
        """Return its rank for a field."""
        return self.rangs.get(champ, self.rang)

    def origine_de(self, champ: str) -> str:
        """Return where its value of a field comes from."""
        return self.origines.get(champ, DECLARE)

    def modifie_le(self) -> str:
        """Return its date of update (`AAAA-MM-JJ`), never later than its receipt; empty when unknown."""
        dite = self.valeurs.get(DATE) or ""
        return min(str(dite), self.recue_le.isoformat())


Poids = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Gagnant:
    """The record that wins a group of fields; `unies` are the values of all, with the records they come from."""

    poids: Poids
    dit: Dit
    unies: frozenset[tuple[str, str]] = frozenset()


Consolidation = Mapping[tuple[str, ...], Gagnant]
"""The winner of each group of fields."""


def consolider(dits: Iterable[Dit]) -> tuple[dict[str, Any], Consolidation]:
    """Return the golden values of a place, in the order of the record, and the winner of each group of fields.

    Raises `ValueError` without any record.
    """
    jointe = reduce(joindre, map(apporter, dits), None)
    if not jointe:
        raise ValueError("Un lieu n'est dit par personne.")
    return _valeurs(jointe), jointe


def provenance(jointe: Consolidation) -> dict[str, dict[str, Any]]:
    """Return, for each field that has a value, the record it comes from.

    `avec` names the other sources whose values were added to a united list.
    """
    dite: dict[str, dict[str, Any]] = {}
    for groupe, gagnant in jointe.items():
        dit = gagnant.dit
        autres = sorted({source for _, source in gagnant.unies} - {dit.source_id})
        for champ in groupe:
            if vide(dit.valeurs.get(champ)) and not autres:
                continue
            dite[champ] = {
                "source": dit.source_id,
                "cle": dit.cle,
                "modifie_le": dit.modifie_le() or None,
                "rang": dit.rang_de(groupe[0]),
                "origine": dit.origine_de(champ),
            }
            if autres:
                dite[champ]["avec"] = autres
    return dite


def sources_gagnantes(jointe: Consolidation) -> dict[str, str]:
    """Return the source that wins each field, those without a value included."""
    return {champ: gagnant.dit.source_id for groupe, gagnant in jointe.items() for champ in groupe}


def apporter(dit: Dit) -> Consolidation:
    """Return what one record brings: it wins everything, until it is joined to others."""
    apport = {}
    for groupe in _groupes(dit.valeurs):
        unies: frozenset[tuple[str, str]] = frozenset()
        if groupe[0] in UNIS:
            unies = frozenset((valeur, dit.source_id) for valeur in dit.valeurs.get(groupe[0]) or ())
        apport[groupe] = Gagnant(_poids(dit, groupe), dit, unies)
    return apport


def joindre(une: Consolidation | None, autre: Consolidation) -> Consolidation:
    """Join two consolidations; the order, the grouping and repetitions change nothing."""
    if une is None:
        return autre
    jointe = dict(une)
    for groupe, gagnant in autre.items():
        deja = jointe.get(groupe)
        jointe[groupe] = gagnant if deja is None else _le_plus_lourd(deja, gagnant, groupe)
    return jointe


def vide(valeur: Any) -> bool:
    """Tell whether a value says nothing."""
    return valeur is None or (isinstance(valeur, str | list | tuple | dict) and not valeur)


def _le_plus_lourd(un: Gagnant, autre: Gagnant, groupe: tuple[str, ...]) -> Gagnant:
    gagnant = max(un, autre, key=lambda g: g.poids)
    if groupe[0] not in UNIS:
        return gagnant
    paroles = [g for g in (un, autre) if _parole(g)]
    unies = frozenset[tuple[str, str]]().union(*(g.unies for g in paroles or (un, autre)))
    return Gagnant(gagnant.poids, gagnant.dit, unies)


def _parole(gagnant: Gagnant) -> bool:
    """Tell whether a place speaks of itself here: what others add is then left out."""
    return bool(gagnant.poids[0])


def _poids(dit: Dit, groupe: tuple[str, ...]) -> Poids:
    """Weigh a record for a group of fields; two records never weigh the same, their source and key being theirs.

    The word of the place itself, then what says more than nothing, then what was declared, then the rank of its
    source for the field, then its date, then its name. The date of update is the latest of all, whoever says it.
    """
    nombre = _parle(dit, groupe)
    champ = groupe[0]
    parole = nombre > 0 and (dit.rang_de(champ) >= RANG_PAROLE or bool(dit.verrou.intersection(groupe)))
    # an absence that counts is declared as well
    origines = [_ORIGINES[dit.origine_de(c)] for c in groupe if not vide(dit.valeurs.get(c))]
    declare = max(origines, default=_ORIGINES[DECLARE])
    le = dit.modifie_le()
    if champ == DATE:
        return (False, bool(le), le, dit.rang_de(champ), dit.source_id, dit.cle)
    return (parole, nombre, declare, dit.rang_de(champ), le, dit.source_id, dit.cle)


def _parle(dit: Dit, groupe: tuple[str, ...]) -> int:
    """Say how much a record says of a group: an address counts its commune, its street and its point."""
    if groupe == ADRESSE:
        return sum(not vide(dit.valeurs.get(champ)) for champ in ("code_insee", "adresse", "latitude"))
    return int(dit.vide_fait_foi or any(not vide(dit.valeurs.get(champ)) for champ in groupe))


def _groupes(valeurs: Mapping[str, Any]) -> list[tuple[str, ...]]:
    ensemble_de = {champ: ensemble for ensemble in ENSEMBLES for champ in ensemble}
    return list(dict.fromkeys(ensemble_de.get(champ, (champ,)) for champ in valeurs))


def _valeurs(jointe: Consolidation) -> dict[str, Any]:
    ordre = list(dict.fromkeys(champ for gagnant in jointe.values() for champ in gagnant.dit.valeurs))
    choisies: dict[str, Any] = {}
    for groupe, gagnant in jointe.items():
        for champ in groupe:
            choisies[champ] = gagnant.dit.valeurs.get(champ)
        if groupe[0] in UNIS:
            siennes = list(choisies[groupe[0]] or ())
            choisies[groupe[0]] = siennes + sorted({valeur for valeur, _ in gagnant.unies} - set(siennes))
    return {champ: choisies[champ] for champ in ordre}
