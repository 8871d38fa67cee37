"""`annuaire recherche etat|reconstruire|verifier`: the search index of a running annuaire, seen from a command line."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from annuaire.commandes.distant import Distant, Objet, Refus

PAUSE: Final = 0.3
ETATS: Final = {"pret": "à jour", "construction": "en construction", "a_construire": "à construire"}
REFUSEES_MONTREES: Final = 5


def montrer(distant: Distant, ecran: Console) -> None:
    """Say where each engine is."""
    for moteur in distant.etat_de_l_index():
        ecran.print(f"{moteur['moteur']} : {decrire(moteur)}", highlight=False, markup=False)
        for ligne in _details(moteur):
            ecran.print(f"  {ligne}", highlight=False, markup=False)


def decrire(moteur: Objet) -> str:
    """Return one line on an engine: its state, what it holds, how late it is."""
    etat = ETATS[moteur["etat"]]
    if moteur["etat"] == "pret" and moteur["retard_s"] >= 1:
        etat = f"en retard de {moteur['retard_s']:.0f} s"
    return f"{etat}, {moteur['fiches']} fiches" + (", en veille" if moteur["role"] == "veille" else "")


def _details(moteur: Objet) -> list[str]:
    lignes = []
    if moteur["reconstruction"]:
        en_cours = moteur["reconstruction"]
        lignes.append(f"reconstruction ({en_cours['motif']}) : {en_cours['fiches']} fiches sur {en_cours['total']}")
    if moteur["derniere_reconstruction"]:
        faite = moteur["derniere_reconstruction"]
        issue = "" if faite["reussie"] else "a échoué, "
        lignes.append(f"dernière reconstruction ({faite['motif']}) : {issue}{faite['detail']}")
    if moteur["derniere_verification"]:
        lignes.append(f"dernière vérification : {_constat(moteur['derniere_verification'])}")
    for refusee in moteur["quarantaine"][:REFUSEES_MONTREES]:
        lignes.append(f"refusée : {refusee['id']}, {refusee['erreur']}")
    if len(moteur["quarantaine"]) > REFUSEES_MONTREES:
        lignes.append(f"et {len(moteur['quarantaine']) - REFUSEES_MONTREES} autres fiches refusées")
    if moteur["erreur"]:
        lignes.append(f"arrêté : {moteur['erreur']}")
    return lignes


def _constat(verification: Objet) -> str:
    if not verification["ecarts"]:
        return f"{verification['fiches']} fiches comparées, aucun écart"
    return (
        f"{verification['fiches']} fiches comparées, {verification['ecarts']} écarts, {verification['repares']} réparés"
    )


def reconstruire(distant: Distant, *, moteur: str | None, attente: float, ecran: Console, avancement: Console) -> None:
    """Ask for a new index and follow its building. Raises `Refus` when it fails or is not over in time."""
    avant = {m["moteur"]: m["derniere_reconstruction"] for m in distant.etat_de_l_index()}
    distant.demander_a_l_index("reconstruire", moteur=moteur)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} fiches"),
        TimeElapsedColumn(), console=avancement, transient=True,
    ) as barres:  # fmt: skip
        suivies: dict[str, TaskID] = {}

        def finie(lu: Objet) -> bool:
            if lu["reconstruction"]:
                nom = str(lu["moteur"])
                if nom not in suivies:
                    suivies[nom] = barres.add_task(nom, total=lu["reconstruction"]["total"])
                barres.update(suivies[nom], completed=lu["reconstruction"]["fiches"])
            return bool(lu["derniere_reconstruction"] != avant.get(lu["moteur"]))

        lus = _suivre(distant, moteur, finie, attente)
    for lu in lus:
        faite = lu["derniere_reconstruction"]
        if not faite["reussie"]:
            raise Refus(f"La reconstruction de {lu['moteur']} a échoué : {faite['detail']}")
        ecran.print(f"{lu['moteur']} : index reconstruit, {faite['detail']}.", highlight=False, markup=False)


def verifier(distant: Distant, *, moteur: str | None, attente: float, ecran: Console) -> None:
    """Ask for a check and say what it found. Raises `Refus` when it is not over in time."""
    avant = {m["moteur"]: m["derniere_verification"] for m in distant.etat_de_l_index()}
    distant.demander_a_l_index("verifier", moteur=moteur)
    for lu in _suivre(distant, moteur, lambda lu: lu["derniere_verification"] != avant.get(lu["moteur"]), attente):
        ecran.print(f"{lu['moteur']} : {_constat(lu['derniere_verification'])}.", highlight=False, markup=False)


def _suivre(distant: Distant, moteur: str | None, finie: Callable[[Objet], bool], attente: float) -> Sequence[Objet]:
    limite = time.monotonic() + attente
    while True:
        lus = [m for m in distant.etat_de_l_index() if moteur in (None, m["moteur"])]
        # every one is asked, so that each bar moves
        reponses = list(map(finie, lus))
        if all(reponses):
            return lus
        if time.monotonic() > limite:
            arrets = "; ".join(str(lu["erreur"]) for lu in lus if lu["erreur"])
            raise Refus(f"Le travail n'est pas fini après {attente:.0f} s. {arrets}".strip())
        distant.attendre(PAUSE)
