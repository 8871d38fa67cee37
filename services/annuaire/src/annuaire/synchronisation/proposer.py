"""Propose a mapping for a file: it is read in the child process, like any list, and nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from annuaire.correspondances.proposition import Proposition
from annuaire.correspondances.proposition.ecriture import en_yaml
from annuaire.synchronisation.apercu import PROPOSITION
from annuaire.synchronisation.bac_a_sable import depouiller
from annuaire.synchronisation.lecteurs.errors import FichierVide, LectureEnPanne


async def proposer(chemin: Path, type_mime: str, *, dossier: Path) -> dict[str, Any]:
    """Return `{document, yaml, confiances, colonnes_non_lues, lignes, devine}`.

    `dossier` is where a temporary folder may be made. Raises `FichierRefuse`, `LectureEnPanne`.
    """
    dite: dict[str, Any] | None = None
    async with aclosing(depouiller(chemin, type_mime, traitement=PROPOSITION, dossier=dossier)) as objets:
        async for objet in objets:
            dite = objet.get("proposition", dite)
            if "fin" in objet and dite is not None:
                return _completer(Proposition(**dite), objet["devine"])
    raise LectureEnPanne("Le processus de lecture n'a rien proposé.")


def _completer(proposition: Proposition, devine: Mapping[str, Any]) -> dict[str, Any]:
    if not proposition.lignes:
        raise FichierVide("Le fichier n'a aucune ligne : il en faut pour proposer une correspondance.")
    if lecture := a_retenir(devine):
        proposition.document = {"maillage": 1, "lecture": lecture} | proposition.document
    return {**proposition.en_dict(), "yaml": en_yaml(proposition), "devine": dict(devine)}


def a_retenir(devine: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was guessed of the file and another file of the same list might make guessed otherwise."""
    retenu: dict[str, Any] = {}
    if len(devine["feuilles"]) > 1:
        retenu["feuille"] = devine["feuille"]
    if (devine["ligne_entetes"] or 1) > 1:
        retenu["ligne_entetes"] = devine["ligne_entetes"]
    if devine["cle_json"]:
        retenu["cle_json"] = devine["cle_json"]
    return retenu
