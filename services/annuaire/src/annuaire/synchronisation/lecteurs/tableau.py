"""A sheet of a workbook, whatever wrote it: its header row is found, its rows become records."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from annuaire.standard.anomalies import Anomalie
from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.entetes import LIGNES_EXAMINEES, nommer_colonnes, reperer_entetes
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, FormatNonReconnu, Place
from annuaire.synchronisation.lecteurs.lignes import Devine, LigneBrute
from annuaire.synchronisation.lecteurs.visite import nom_de_cellule

_ENTIER_EXACT: Final = 2**53
# By row, the cells to speak of: (column from 0 in the box, code), the first of each code in the row.
Signalees = Mapping[int, Sequence[tuple[int, str]]]


def lire_feuille(
    rangees: Iterable[tuple[int, Sequence[Any]]],
    devine: Devine,
    *,
    ligne_entetes: int | None,
    gauche: int = 0,
    signalees: Signalees,
) -> Iterator[LigneBrute]:
    """Give the records of the sheet `devine.feuille`: `rangees` are its rows that hold something, with their numbers.

    `gauche` is the number of columns on the left of the first cell of each row. Raises `FichierRefuse`.
    """
    nom = devine.feuille or ""
    pleines = iter(rangees)
    premieres = list(itertools.islice(pleines, LIGNES_EXAMINEES))
    if not premieres:
        raise FormatNonReconnu(f"La feuille « {nom} » ne contient rien.", place=Place(feuille=nom))
    rang = _rang_des_entetes(premieres, ligne_entetes, nom)
    devine.ligne_entetes, entetes = premieres[rang]
    devine.colonnes, devine.entetes_doubles = nommer_colonnes(
        [_valeur(cellule) for cellule in entetes], ligne=devine.ligne_entetes, feuille=nom
    )
    precedente = devine.ligne_entetes
    for lues, (numero, cellules) in enumerate(itertools.chain(premieres[rang + 1 :], pleines), 1):
        if lues > limites.LIGNES:
            raise ClasseurRefuse(
                f"La feuille « {nom} » a plus de {limites.LIGNES} lignes.",
                place=Place(ligne=numero, feuille=nom),
                limite="lignes",
            )
        devine.lignes_vides += numero - precedente - 1
        precedente = numero
        yield _ligne(numero, nom, cellules, gauche, devine.colonnes, signalees.get(numero, ()))


def _rang_des_entetes(premieres: Sequence[tuple[int, Sequence[Any]]], voulue: int | None, feuille: str) -> int:
    if voulue is None:
        return reperer_entetes([cellules for _, cellules in premieres])
    for rang, (numero, _) in enumerate(premieres):
        if numero == voulue:
            return rang
    raise FormatNonReconnu(
        f"La ligne d'en-têtes {voulue} de la feuille « {feuille} » est vide ou trop loin.",
        place=Place(ligne=voulue, feuille=feuille),
    )


def _ligne(
    numero: int,
    feuille: str,
    cellules: Sequence[Any],
    gauche: int,
    colonnes: list[str],
    signalees: Sequence[tuple[int, str]],
) -> LigneBrute:
    valeurs: dict[str, Any] = {}
    anomalies: list[Anomalie] = []
    en_trop = longueur = 0
    for rang, cellule in enumerate(cellules):
        valeur = _valeur(cellule)
        if isinstance(valeur, str) and len(valeur) > limites.CARACTERES_CELLULE_CLASSEUR:
            ou = nom_de_cellule(numero, gauche + rang + 1)
            raise ClasseurRefuse(
                f"Feuille « {feuille} », cellule {ou} : {len(valeur)} caractères, "
                f"la limite est {limites.CARACTERES_CELLULE_CLASSEUR}.",
                place=Place(ligne=numero, colonne=gauche + rang + 1, feuille=feuille, cellule=ou),
                limite="cellule",
            )
        if isinstance(valeur, str):
            longueur += len(valeur)
        if rang < len(colonnes):
            valeurs[colonnes[rang]] = valeur
        elif valeur is not None:
            valeurs.setdefault(f"colonne {rang + 1}", valeur)
            en_trop += 1
    if longueur > limites.OCTETS_LIGNE:
        raise ClasseurRefuse(
            f"Feuille « {feuille} », ligne {numero} : {longueur} caractères, la limite est {limites.OCTETS_LIGNE}.",
            place=Place(ligne=numero, feuille=feuille),
            limite="ligne",
        )
    if en_trop:
        anomalies.append(
            Anomalie("colonnes_decalees", valeur=f"{len(colonnes) + en_trop} cellules pour {len(colonnes)} colonnes")
        )
    for rang, code in signalees:
        champ = colonnes[rang] if rang < len(colonnes) else None
        anomalies.append(Anomalie(code, champ=champ, valeur=nom_de_cellule(numero, gauche + rang + 1)))
    return LigneBrute(numero, feuille, valeurs, tuple(anomalies))


def _valeur(cellule: Any) -> Any:
    if isinstance(cellule, str):
        return cellule or None
    if isinstance(cellule, float):
        return int(cellule) if cellule.is_integer() and abs(cellule) < _ENTIER_EXACT else cellule
    if isinstance(cellule, datetime):
        return cellule.isoformat(timespec="seconds")
    if isinstance(cellule, date | time):
        return cellule.isoformat()
    if isinstance(cellule, timedelta):
        minutes, secondes = divmod(round(cellule.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{secondes:02d}"
    return cellule
