"""Propose a mapping for a file: it is read in the child process, like any list, and nothing is kept."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Any

from annuaire.synchronisation.apercu import PROPOSITION
from annuaire.synchronisation.bac_a_sable import depouiller
from annuaire.synchronisation.lecteurs.errors import FichierVide, LectureEnPanne


async def proposer(chemin: Path, type_mime: str, *, dossier: Path) -> dict[str, Any]:
    """Return `{document, yaml, confiances, colonnes_non_lues, lignes, devine}`.

    `dossier` is where a temporary folder may be made. Raises `FichierRefuse`, `LectureEnPanne`.
    """
    proposition: dict[str, Any] | None = None
    async with aclosing(depouiller(chemin, type_mime, traitement=PROPOSITION, dossier=dossier)) as objets:
        async for objet in objets:
            proposition = objet.get("proposition", proposition)
            if "fin" in objet and proposition is not None:
                if not proposition["lignes"]:
                    raise FichierVide("Le fichier n'a aucune ligne : il en faut pour proposer une correspondance.")
                return {**proposition, "devine": objet["devine"]}
    raise LectureEnPanne("Le processus de lecture n'a rien proposé.")
