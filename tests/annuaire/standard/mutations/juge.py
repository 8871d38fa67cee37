"""The judge: what the report of a damaged list says, against the faults that were put in it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from annuaire.standard.severites import severite
from annuaire.synchronisation.lecteurs import CSV, FichierRefuse, lire
from annuaire.synchronisation.rules import Ligne, Plan
from annuaire.synchronisation.traitement import standard
from socle.identifiants import uuid7

from tests.annuaire.standard.mutations.operateurs import PLACE, Operateur, Table

AUJOURD_HUI: Final = "2026-11-24"
#: (line, field, code, value) of a report; the field is `None` for the whole line.
Dit = tuple[int, str | None, str, str | None]


@dataclass(slots=True)
class Bilan:
    """Counts over files: faults injected and told at their line, clean cells and those that were warned about."""

    fichiers: int = 0
    injectees: int = 0
    dites: int = 0
    cases: int = 0
    fausses: int = 0
    manquees: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        part = self.fausses / self.cases if self.cases else 0.0
        return (
            f"{self.fichiers} fichiers, {self.injectees} défauts injectés, {self.dites} dits à leur ligne ; "
            f"fausses alertes : {self.fausses} sur {self.cases} cases saines ({part:.3%})"
        )


def rapporter(chemin: Path) -> tuple[list[Dit], FichierRefuse | None]:
    """Read a list as a synchronisation does, and plan it: its report, and the refusal when there is one."""
    dits: list[Dit] = []
    traiter = standard({"aujourd_hui": AUJOURD_HUI})
    plan = Plan(mode="complet", connues={}, alias={}, nouvel_id=uuid7)
    try:
        for brute in lire(chemin, CSV).lignes:
            lue = traiter(brute)
            dits += [(lue["ligne"], champ, code, valeur) for code, champ, valeur, *_ in lue["anomalies"]]
            ligne = Ligne(ligne=lue["ligne"], cle=lue["cle"], empreinte=lue["empreinte"], operation=lue["operation"])
            dits += [(d.ligne or 0, "id", d.anomalie, d.cle) for d in plan.recevoir(ligne) if d.anomalie]
    except FichierRefuse as refus:
        return dits, refus
    return dits, None


def juger(
    saine: Table, operateur: Operateur, hasard: Random, dossier: Path, bilan: Bilan, *, deja: frozenset[Dit]
) -> None:
    """Damage a copy of a clean list, read it, and add to the counts.

    A fault is told when its line has something new to say (`deja` is what the clean list already said) of one of its
    fields. A false alarm is a warning or an error about a cell that nobody touched, new or not.
    """
    table = copy.deepcopy(saine)
    octets = operateur.appliquer(table, hasard)
    if not table.fautes and not table.fichier:
        return
    chemin = dossier / "liste.csv"
    chemin.write_bytes(octets if octets is not None else "\n".join((*table.ecrire(), "")).encode())
    dits, refus = rapporter(chemin)
    bilan.fichiers += 1
    if table.fichier:
        bilan.injectees += 1
        bilan.dites += refus is not None
        if refus is None:
            bilan.manquees.append(operateur.nom)
        return
    place = refus.place.ligne if refus is not None and refus.place is not None else None
    nouveaux: dict[int, set[str | None]] = {}
    for dit in dits:
        if dit not in deja:
            nouveaux.setdefault(dit[0], set()).add(dit[1])
    for ligne, champs in table.fautes.items():
        bilan.injectees += 1
        vus = nouveaux.get(ligne, set())
        dite = place == ligne or (bool(vus) if None in champs else bool(vus & champs))
        bilan.dites += dite
        if not dite:
            bilan.manquees.append(
                f"{operateur.nom} ligne {ligne} : {sorted(map(str, champs))}, dits {sorted(map(str, vus))}"
            )
    if refus is None:
        _compter_les_fausses(table, dits, bilan)


def _compter_les_fausses(table: Table, dits: Sequence[Dit], bilan: Bilan) -> None:
    alertes: dict[int, set[str | None]] = {}
    for ligne, champ, code, _ in dits:
        if severite(code).severite != "info":
            alertes.setdefault(ligne, set()).add(champ)
    for rang, rangee in enumerate(table.rangees):
        fautes = table.fautes.get(rang + 2, frozenset())
        if None in fautes:
            continue
        touches = fautes | (PLACE if fautes & PLACE else frozenset())
        saines = {champ for champ, valeur in rangee.items() if valeur and champ not in touches}
        bilan.cases += len(saines)
        bilan.fausses += len(alertes.get(rang + 2, set()) & saines)
