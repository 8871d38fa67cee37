"""A run told to a person: counts, guards, first changes with before and after, row report grouped by code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

Objet = Mapping[str, Any]

ETATS = {
    "recue": "reçue",
    "analysee": "lecture et nettoyage de la liste",
    "planifiee": "plan calculé",
    "retenue": "RETENUE par une garde, rien n'a été écrit",
    "application": "application",
    "appliquee": "appliquée",
    "inchange": "inchangée, rien à écrire",
    "essai": "essai, rien n'a été écrit",
    "rejetee": "REJETÉE, rien n'a été écrit",
    "annulee": "annulée",
    "expiree": "expirée",
    "echouee": "ÉCHOUÉE, le même envoi peut être repris",
}

ACTIONS = {
    "crees": ("+", "green", "à créer", "créés"),
    "modifies": ("~", "yellow", "à modifier", "modifiés"),
    "supprimes": ("-", "red", "à supprimer", "supprimés"),
    "ressuscites": ("*", "cyan", "à rétablir", "rétablis"),
}
"""By action: sign, colour, what is said before and after it is done."""

GARDES = {
    "suppressions": "trop de suppressions",
    "fichier_vide": "aucune ligne valide",
    "chute_volume": "beaucoup moins de lignes que la dernière fois",
    "taux_erreur": "trop de lignes rejetées",
    "deplacement_masse": "trop de lieux déplacés de plus d'un kilomètre",
    "ecrasement_masse": "trop de noms changés",
    "cles_remplacees": "les identifiants de la liste ont changé",
}

GRAVITES = {"erreur": "red", "avertissement": "yellow", "info": "dim"}
LIGNES_CITEES = 5


@dataclass(slots=True)
class Groupe:
    """The entries of a row report that share a code and a field."""

    code: str
    champ: str | None
    severite: str
    exemple: str
    nombre: int = 0
    lignes: list[int] = field(default_factory=list)


def grouper(rapport: Iterable[Objet]) -> list[Groupe]:
    """Group a row report by code and field, the gravest and the commonest first, with its first lines."""
    groupes: dict[tuple[str, str | None], Groupe] = {}
    for entree in rapport:
        cle = (entree["code"], entree.get("champ"))
        if cle not in groupes:
            groupes[cle] = Groupe(*cle, entree.get("severite", "info"), entree.get("message") or "")
        groupe = groupes[cle]
        groupe.nombre += 1
        if len(groupe.lignes) < LIGNES_CITEES:
            groupe.lignes.append(entree["ligne"])
    rangs = list(GRAVITES)
    return sorted(
        groupes.values(), key=lambda g: (rangs.index(g.severite) if g.severite in rangs else 9, -g.nombre, g.code)
    )


def presenter(
    console: Console, run: Objet, changements: Mapping[str, Sequence[Objet]], groupes: Sequence[Groupe]
) -> None:
    """Print a run: what was read, what changes, what holds it back, what is wrong in the file."""
    parties: list[RenderableType] = [resume(run)]
    if run.get("erreur"):
        parties.append(Text(f"  {run['erreur'].get('detail') or run['erreur']}", style="red"))
    parties += _lignes(run) + _gardes(run)
    for action, entrees in changements.items():
        faits = run["etat"] == "appliquee"
        parties += _changements(action, entrees, total=compter(run)[action], faits=faits)
    if groupes:
        parties += [Text(""), _tableau(groupes)]
    console.print(Group(*parties))


def compter(run: Objet) -> dict[str, int]:
    """Count what a run does, by action: in its plan, `crees` includes `ressuscites`, here they are apart."""
    plan = run.get("plan") or {}
    nombres = {action: int(plan.get(action) or 0) for action in ACTIONS}
    return {**nombres, "crees": nombres["crees"] - nombres["ressuscites"]}


def resume(run: Objet) -> Text:
    """Tell a run in one line."""
    nombres = compter(run)
    compte = ", ".join(f"{ACTIONS[action][0]}{nombre}" for action, nombre in nombres.items() if nombre)
    if run.get("plan"):
        compte = f" ({compte or 'aucun changement'}, {run['plan'].get('inchanges', 0)} inchangés)"
    etat = ETATS.get(run["etat"], run["etat"])
    grave = run["etat"] in ("retenue", "rejetee", "echouee")
    return Text(f"{run['source']} : {etat}{compte}", style="bold red" if grave else "bold")


def _lignes(run: Objet) -> list[RenderableType]:
    lignes = run.get("lignes") or {}
    if not lignes:
        return []
    lues, rejetees, doublons = (lignes.get(c, 0) for c in ("lues", "rejetees", "doublons_internes"))
    return [Text(f"  {lues} lignes lues, {rejetees} rejetées, {doublons} doublons internes")]


def _gardes(run: Objet) -> list[RenderableType]:
    return [
        Text(
            f"  garde {garde['regle']} : {GARDES.get(garde['regle'], garde['regle'])} "
            f"({garde['valeur']}, seuil {garde['seuil']})",
            style="red",
        )
        for garde in run.get("garde") or ()
        if garde.get("declenchee")
    ]


def _changements(action: str, entrees: Sequence[Objet], *, total: int, faits: bool) -> list[RenderableType]:
    if not entrees:
        return []
    signe, couleur, a_faire, fait = ACTIONS[action]
    titre = fait if faits else a_faire
    reste = f" ({len(entrees)} premiers)" if total > len(entrees) else ""
    parties: list[RenderableType] = [Text(f"\n{total} {titre}{reste}", style="bold")]
    for entree in entrees:
        champs = entree.get("champs") or ()
        nom = next((c.get("apres") or c.get("avant") for c in champs if c["champ"] == "nom"), None)
        parties.append(Text(f"  {signe} {entree['cle']}{f'  {nom}' if nom else ''}", style=couleur))
        if action == "modifies":
            parties += [_champ(champ) for champ in champs]
    return parties


def _champ(champ: Objet) -> Text:
    ligne = Text(f"      {champ['champ']} : ")
    ligne.append(_valeur(champ.get("avant")), style="red")
    ligne.append(" → ")
    ligne.append(_valeur(champ.get("apres")), style="green")
    if champ.get("gagne") is False:
        ligne.append(f"  (la valeur de {champ.get('source_gagnante') or 'une autre source'} reste)", style="dim")
    return ligne


def _valeur(valeur: object) -> str:
    if valeur is None or valeur in ([], ""):
        return "(vide)"
    texte = " | ".join(map(str, valeur)) if isinstance(valeur, list) else str(valeur)
    return texte if len(texte) <= 60 else texte[:59] + "…"


def _tableau(groupes: Sequence[Groupe]) -> Table:
    table = Table("nombre", "gravité", "code", "champ", "lignes", "exemple", box=None, padding=(0, 2, 0, 0))
    for groupe in groupes:
        suite = ", …" if groupe.nombre > len(groupe.lignes) else ""
        table.add_row(
            str(groupe.nombre),
            Text(groupe.severite, style=GRAVITES.get(groupe.severite, "")),
            Text(groupe.code),
            Text(groupe.champ or ""),
            ", ".join(map(str, groupe.lignes)) + suite,
            Text(groupe.exemple),
        )
    return table
