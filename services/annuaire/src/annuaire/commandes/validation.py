"""`annuaire correspondance valider`: what a document makes of a file, without network nor database."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from annuaire.commandes.distant import TYPES_MIME, Refus
from annuaire.commandes.synchronisation import Sortie
from annuaire.correspondances.document import Correspondance, CorrespondanceInvalide, lire_correspondance
from annuaire.correspondances.document.lecture import analyser
from annuaire.lieux.normalise import LieuNormalise
from annuaire.standard import severites
from annuaire.synchronisation.bac_a_sable import depouiller
from annuaire.synchronisation.lecteurs import Reglages
from annuaire.synchronisation.lecteurs.errors import FichierRefuse, LectureEnPanne
from annuaire.synchronisation.traduction import TRADUIT

COLONNES_DITES = 30


@dataclass(slots=True)
class Apercu:
    """What a document makes of a file: `lieux` are the first ones, cleaned; `codes` count the faults."""

    lues: int = 0
    acceptees: int = 0
    rejetees: int = 0
    regroupees: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    lieux: list[dict[str, Any]] = field(default_factory=list)
    colonnes_non_lues: dict[str, int] = field(default_factory=dict)

    def en_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "lignes": {
                "lues": self.lues,
                "lieux": self.acceptees,
                "rejetees": self.rejetees,
                "regroupees": self.regroupees,
            },
            "rapport": dict(self.codes.most_common()),
            "colonnes_non_lues": self.colonnes_non_lues,
            "lieux": self.lieux,
        }


def charger(chemin: Path) -> dict[str, Any]:
    """Read and validate a document (YAML or JSON); return it as JSON values. Raises `Refus` with each fault."""
    try:
        valeurs: dict[str, Any] = analyser(chemin.read_bytes())
        lire_correspondance(valeurs)
    except CorrespondanceInvalide as refus:
        fautes = tuple(f"{faute.pointer or 'le document'} : {faute.detail}" for faute in refus.erreurs)
        raise Refus(f"{chemin.name} n'est pas une correspondance valide.", fautes=fautes) from refus
    except OSError as erreur:
        raise Refus(f"{chemin} ne peut pas être lu ({erreur.strerror}).") from erreur
    return valeurs


def valider(document: Path, fichier: Path | None, *, montrer: int, sortie: Sortie, ecran: Console) -> None:
    """Check a document and, with a file, tell what it makes of it; raises `Refus`."""
    valeurs = charger(document)
    if fichier is None:
        if sortie is Sortie.JSON:
            ecran.file.write(json.dumps({"valide": True}) + "\n")
        else:
            ecran.print(f"{document.name} est valide.", highlight=False, markup=False)
        return
    apercu = asyncio.run(_lire(fichier.resolve(), valeurs, montrer))
    if sortie is Sortie.JSON:
        ecran.file.write(json.dumps(apercu.en_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        _presenter(ecran, apercu, bref=sortie is Sortie.BREF)


async def _lire(fichier: Path, valeurs: dict[str, Any], montrer: int) -> Apercu:
    """Read a file as a synchronisation would, in the same child process."""
    type_mime = TYPES_MIME.get(fichier.suffix.lower())
    if type_mime is None:
        raise Refus(f"L'extension de {fichier.name} n'est pas connue (attendu : {', '.join(sorted(TYPES_MIME))}).")
    document: Correspondance = lire_correspondance(valeurs)
    apercu = Apercu()
    with tempfile.TemporaryDirectory(prefix="annuaire-") as dossier:
        objets = depouiller(
            fichier,
            type_mime,
            traitement=TRADUIT,
            dossier=Path(dossier),
            reglages=Reglages(**document.lecture.model_dump()),
            parametres={"aujourd_hui": datetime.now(UTC).date().isoformat(), "correspondance": valeurs},
        )
        try:
            async with aclosing(objets) as flux:
                async for objet in flux:
                    _compter(objet, apercu, montrer)
        except (FichierRefuse, LectureEnPanne) as refus:
            raise Refus(f"{refus.titre} : {refus.detail}") from refus
    return apercu


def _compter(objet: dict[str, Any], apercu: Apercu, montrer: int) -> None:
    if "fin" in objet:
        apercu.colonnes_non_lues = objet["devine"]["colonnes_non_lues"]
        return
    apercu.codes.update(anomalie[0] for anomalie in objet["anomalies"])
    if "groupe" in objet:
        return
    apercu.lues += objet["lignes"]
    apercu.regroupees += objet["lignes"] - 1
    if objet["normalise"] is None:
        apercu.rejetees += 1
        return
    apercu.acceptees += 1
    if len(apercu.lieux) < montrer:
        lieu = {nom: valeur for nom, valeur in json.loads(objet["normalise"]).items() if valeur not in (None, [])}
        apercu.lieux.append({"id": objet["cle"], **lieu, "origines": objet["origines"] or {}})


def _presenter(ecran: Console, apercu: Apercu, *, bref: bool) -> None:
    ecran.print(
        f"{apercu.lues} lignes lues : {apercu.acceptees} lieux, {apercu.rejetees} rejetées, "
        f"{apercu.regroupees} regroupées.",
        highlight=False,
    )
    if bref:
        return
    ordre = ("id", *LieuNormalise.__dataclass_fields__, "origines")
    for lieu in apercu.lieux:
        table = Table(show_header=False, box=None, pad_edge=False)
        for nom in sorted(lieu, key=lambda n: ordre.index(n) if n in ordre else len(ordre)):
            valeur = lieu[nom]
            if valeur:
                table.add_row(nom, " | ".join(map(str, valeur)) if isinstance(valeur, list) else str(valeur))
        ecran.print(table, markup=False)
        ecran.print()
    for code, nombre in apercu.codes.most_common():
        ecran.print(f"  {nombre} × {code} ({severites.severite(code).severite})", highlight=False, markup=False)
    if apercu.colonnes_non_lues:
        ecran.print("Colonnes ni lues ni ignorées :", highlight=False)
        for colonne, cases in sorted(apercu.colonnes_non_lues.items(), key=lambda c: -c[1])[:COLONNES_DITES]:
            ecran.print(f"  {colonne} ({cases} cases)", highlight=False, markup=False)
