"""Reader of NDJSON: one object a line, blank lines skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import FichierVide, Place, TropDeLignes
from annuaire.synchronisation.lecteurs.json import encodage_json
from annuaire.synchronisation.lecteurs.lignes import Devine, Lecture, LigneBrute, Reglages
from annuaire.synchronisation.lecteurs.texte import LignesPhysiques, refuser_autre_chose
from annuaire.synchronisation.lecteurs.valeurs_json import Origine, lire_valeur, refuser_json


def lire(chemin: Path, _reglages: Reglages | None = None) -> Lecture:
    """Read an NDJSON file; `LigneBrute.ligne` is the physical line. Raises `FichierRefuse`, at once or later."""
    refuser_autre_chose(chemin, attendu="NDJSON")
    devine = Devine(format="ndjson")
    return Lecture(_ouvrir(chemin, devine), devine)


def _ouvrir(chemin: Path, devine: Devine) -> Iterator[LigneBrute]:
    devine.encodage = encodage_json(chemin)
    with LignesPhysiques(chemin, encodage=devine.encodage) as physiques:
        yield from _lignes(physiques, devine)


def _lignes(physiques: LignesPhysiques, devine: Devine) -> Iterator[LigneBrute]:
    lues = 0
    for texte in physiques:
        contenu = texte.strip(" \t\r\n")
        if not contenu:
            devine.lignes_vides += 1
            continue
        numero = physiques.numero
        debut = texte.index(contenu[0])
        if contenu[0] != "{":
            refuser_json(f"un objet attendu, « {contenu[0]} » trouvé.", Place(ligne=numero, colonne=debut + 1))
        lues += 1
        if lues > limites.LIGNES:
            raise TropDeLignes(f"Ligne {numero} : plus de {limites.LIGNES} objets.", place=Place(ligne=numero))
        valeur, fin = lire_valeur(texte, debut, origine=Origine(numero), complet=True)
        if fin != debut + len(contenu):
            refuser_json("un seul objet par ligne.", Place(ligne=numero, colonne=fin + 1))
        yield LigneBrute(numero, None, valeur)
    if not lues and not devine.lignes_vides:
        raise FichierVide("Le fichier ne contient rien.")
