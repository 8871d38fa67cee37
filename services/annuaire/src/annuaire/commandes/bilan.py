"""`annuaire bilan`: the report of a source on one page, for whoever keeps its list."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

Objet = Mapping[str, Any]

DEFAUTS_MONTRES, PERDUS_MONTRES, DEPARTEMENTS_MONTRES = 4, 6, 12
"""Rows of each table: the page stays one page, and says how many are left out."""

AGES = {
    "moins_de_6_mois": "moins de 6 mois",
    "de_6_a_12_mois": "6 à 12 mois",
    "de_1_a_2_ans": "1 à 2 ans",
    "plus_de_2_ans": "plus de 2 ans",
    "inconnue": "sans date",
}


class Forme(StrEnum):
    """How the report is told."""

    TEXTE = "texte"
    JSON = "json"


def montrer(bilan: Objet, *, forme: Forme, ecran: Console) -> None:
    """Print the report of a source."""
    if forme is Forme.JSON:
        # Straight to the stream: a console would wrap and colour what a program reads.
        ecran.file.write(json.dumps(bilan, ensure_ascii=False, indent=2) + "\n")
        return
    ecran.print(
        Group(
            *_entete(bilan),
            *_liste(bilan),
            *_defauts("Lignes rejetées, par motif", bilan["rejets"], "red"),
            *_defauts("Cellules lues comme vides", bilan["cellules_videes"], "yellow"),
            *_defauts("Cellules corrigées", bilan["corrections"], "green"),
            *_fiches(bilan),
            *_perdus(bilan["champs_perdus"]),
            *_couverture(bilan["couverture"]),
        )
    )


def _entete(bilan: Objet) -> list[RenderableType]:
    fraicheur = bilan["fraicheur"]
    verifiee = f"vérifiée le {_jour(fraicheur['verifiee_le'])}" if fraicheur["verifiee_le"] else "jamais reçue"
    parties: list[RenderableType] = [
        Text(f"Bilan de {bilan['nom']} ({bilan['source']}), le {_jour(bilan['etabli_le'])}", style="bold"),
        Text(f"  Liste {verifiee}."),
    ]
    if fraicheur["degradee"]:
        parties.append(Text("  La liste est tirée, et son adresse ne répond plus.", style="red"))
    return parties


def _liste(bilan: Objet) -> list[RenderableType]:
    run = bilan["synchronisation"]
    if run is None:
        return [Text("  Aucune liste n'a encore été appliquée.")]
    parties: list[RenderableType] = [Text(f"  Dernière application le {_jour(run['appliquee_le'])} ({run['mode']}).")]
    lignes, plan = run["lignes"], run["plan"]
    if lignes:
        lues = (
            f"  {_nombre(lignes['lues'])} lignes lues, {_nombre(lignes['rejetees'])} rejetées, "
            f"{_nombre(lignes['doublons_internes'])} répétées"
        )
        parties.append(Text(lues))
    if plan:
        change = (
            f"  {_nombre(plan['crees'])} lieux créés, {_nombre(plan['modifies'])} modifiés, "
            f"{_nombre(plan['supprimes'])} retirés, {_nombre(plan['inchanges'])} inchangés"
        )
        parties.append(Text(change))
    return parties


def _defauts(titre: str, defauts: Sequence[Objet], couleur: str) -> list[RenderableType]:
    return _tableau(
        titre,
        ("nombre", "champ", "premier exemple"),
        defauts,
        lambda d: (_nombre(d["nombre"]), d["champ"] or "", d["exemple"]),
        montres=DEFAUTS_MONTRES,
        couleur=couleur,
    )


def _fiches(bilan: Objet) -> list[RenderableType]:
    total, manques, doublons = bilan["fiches"], bilan["manques"], bilan["doublons"]
    ages = ", ".join(f"{nom} {_part(bilan['ages'][age], total)}" for age, nom in AGES.items() if bilan["ages"][age])
    avec = ", ".join(
        f"{'entre ses fiches' if d['source'] == bilan['source'] else d['source']} {_nombre(d['nombre'])}"
        for d in doublons["avec"][:3]
    )
    reste = ", …" if len(doublons["avec"]) > 3 else ""
    return [
        Text(f"\n{_nombre(total)} fiches en vigueur", style="bold"),
        Text(f"  Mise à jour : {ages or 'aucune fiche'}"),
        Text(
            f"  Sans horaires : {_part(manques['sans_horaires'], total)}, "
            f"dont écrits et non compris : {_nombre(manques['horaires_non_compris'])}"
        ),
        Text(
            f"  Sans téléphone : {_part(manques['sans_telephone'], total)} ; "
            f"sans position : {_part(manques['sans_point'], total)}"
        ),
        Text(f"  Doublons à voir : {_nombre(doublons['a_voir'])}{f' ({avec}{reste})' if avec else ''}"),
    ]


def _perdus(perdus: Sequence[Objet]) -> list[RenderableType]:
    return _tableau(
        "Champs montrés tels qu'une autre source les dit",
        ("nombre", "champ", "source retenue"),
        perdus,
        lambda p: (_nombre(p["nombre"]), p["champ"], p["source_gagnante"]),
        montres=PERDUS_MONTRES,
        couleur="yellow",
    )


def _couverture(couverture: Sequence[Objet]) -> list[RenderableType]:
    return _tableau(
        "Couverture : ses lieux parmi tous ceux de l'annuaire",
        ("lieux", "communes", "département"),
        sorted(couverture, key=lambda c: -c["lieux"]),
        lambda c: (
            f"{_nombre(c['lieux'])} / {_nombre(c['lieux_de_toutes'])}",
            f"{_nombre(c['communes'])} / {_nombre(c['communes_de_toutes'])}",
            f"{c['departement']} {c['nom'] or ''}" if c["departement"] else "non situé",
        ),
        montres=DEPARTEMENTS_MONTRES,
        couleur="cyan",
    )


def _tableau(
    titre: str,
    colonnes: tuple[str, str, str],
    lignes: Sequence[Objet],
    dire: Callable[[Objet], tuple[str, str, str]],
    *,
    montres: int,
    couleur: str,
) -> list[RenderableType]:
    """Tell the first rows under a title, one line each; nothing when there are none."""
    if not lignes:
        return []
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(colonnes[0], justify="right", no_wrap=True, style=couleur)
    table.add_column(colonnes[1], no_wrap=True)
    table.add_column(colonnes[2], no_wrap=True, overflow="ellipsis")
    for ligne in lignes[:montres]:
        # a fault may quote a cell of several lines
        table.add_row(*(Text(" ".join(texte.split())) for texte in dire(ligne)))
    parties: list[RenderableType] = [Text(f"\n{titre}", style="bold"), table]
    if len(lignes) > montres:
        parties.append(Text(f"  et {len(lignes) - montres} autres (tout : --format json)", style="dim"))
    return parties


def _jour(instant: str | None) -> str:
    return datetime.fromisoformat(instant).strftime("%d/%m/%Y") if instant else "(inconnu)"


def _nombre(nombre: int) -> str:
    return f"{nombre:,}".replace(",", " ")


def _part(nombre: int, total: int) -> str:
    """Say a number and its part of a total, never rounded to none or to all of it."""
    if not total:
        return _nombre(nombre)
    pour_cent = 100 * nombre / total
    if 0 < nombre < total:
        dit = "< 1" if pour_cent < 1 else "> 99" if pour_cent > 99 else str(round(pour_cent))
    else:
        dit = str(round(pour_cent))
    return f"{_nombre(nombre)} ({dit} %)"
