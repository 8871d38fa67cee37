"""Thirty-one ways to spoil a good list, as they happen: cut, shifted, swapped, re-keyed, of somebody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fabriques.annuaire import CSV, JSON, XLSX, en_csv, en_json
from tests.fabriques.listes import classeur

Rangees = list[dict[str, Any]]


@dataclass(frozen=True)
class Gatee:
    """A spoilt list: its name, its type, and how to make it from the good one and from somebody else's."""

    nom: str
    type_mime: str
    fabriquer: Callable[[Rangees, Rangees], bytes]


def _coupee(part: float) -> Callable[[Rangees, Rangees], bytes]:
    def couper(bonne: Rangees, _: Rangees) -> bytes:
        octets = en_csv(bonne)
        return octets[: int(len(octets) * part)]

    return couper


def _changee(changer: Callable[[Rangees], Rangees]) -> Callable[[Rangees, Rangees], bytes]:
    return lambda bonne, _: en_csv(changer([dict(ligne) for ligne in bonne]))


def _decaler(*champs: str) -> Callable[[Rangees], Rangees]:
    """Give each row the values of the next one: one column was sorted without the others."""

    def decaler(lignes: Rangees) -> Rangees:
        suivantes = [*lignes[1:], lignes[0]]
        return [{**a, **{c: b.get(c, "") for c in champs}} for a, b in zip(lignes, suivantes, strict=True)]

    return decaler


def _poser(**champs: Any) -> Callable[[Rangees], Rangees]:
    """Write the same value in every row; `None` empties the column."""
    return lambda lignes: [{**ligne, **{c: "" if v is None else v for c, v in champs.items()}} for ligne in lignes]


def _glisser(lignes: Rangees) -> Rangees:
    """Shift the values one column to the right, headers unchanged."""
    colonnes = list(lignes[0])
    return [
        dict(zip(colonnes, [ligne["id"], "", *(ligne.get(c, "") for c in colonnes[1:-1])], strict=True))
        for ligne in lignes
    ]


def _recler(lignes: Rangees) -> Rangees:
    return [{**ligne, "id": f"nouveau-{rang}"} for rang, ligne in enumerate(lignes)]


def _croiser(lignes: Rangees) -> Rangees:
    """Give each row the key of another: the ids were sorted alone."""
    return [{**ligne, "id": autre["id"]} for ligne, autre in zip(lignes, reversed(lignes), strict=True)]


def _ailleurs(lignes: Rangees) -> Rangees:
    """Move every point 0.2 degrees east: another reference of coordinates."""
    return [
        {**ligne, "longitude": round(float(ligne["longitude"]) + 0.2, 6) if ligne.get("longitude") else ""}
        for ligne in lignes
    ]


def _doubler_autrement(lignes: Rangees) -> Rangees:
    return [*lignes, *({**ligne, "adresse": "autre adresse"} for ligne in lignes)]


def _doubler_sous_d_autres_cles(lignes: Rangees) -> Rangees:
    return [*lignes, *_recler(lignes)]


def _brouiller(bonne: Rangees, _: Rangees) -> bytes:
    """Read UTF-8 as something else and save it again, twice: names hold replacement characters."""
    texte = en_csv([{**ligne, "nom": f"Médiathèque é{ligne['nom']}"} for ligne in bonne])
    return texte.decode("ascii", "replace").encode()


PAGE = b"<!DOCTYPE html>\n<html><head><title>Connexion</title></head><body><form></form></body></html>\n"
CONTACTS = [{"prénom": "A", "équipe": "B", "poste": str(rang)} for rang in range(40)]


def _feuille(lignes: Sequence[dict[str, Any]]) -> bytes:
    rangs = [list(lignes[0]), *(list(ligne.values()) for ligne in lignes)]
    return classeur(
        "".join(
            f'<row r="{n}">' + "".join(f'<c t="inlineStr"><is><t>{v}</t></is></c>' for v in rang) + "</row>"
            for n, rang in enumerate(rangs, 1)
        )
    )


GATEES: tuple[Gatee, ...] = (
    *(Gatee(f"coupee-a-{dixieme}0-pour-cent", CSV, _coupee(dixieme / 10)) for dixieme in range(1, 9)),
    Gatee("coupee-a-88-pour-cent", CSV, _coupee(0.88)),
    Gatee("entetes-seuls", CSV, lambda bonne, _: en_csv(bonne[:1]).partition(b"\n")[0] + b"\n"),
    Gatee("vide", CSV, lambda *_: b""),
    Gatee("page-de-connexion", CSV, lambda *_: PAGE),
    Gatee("autre-feuille", XLSX, lambda *_: _feuille(CONTACTS)),
    Gatee("json-vide", JSON, lambda *_: b"[]"),
    Gatee("json-coupe", JSON, lambda bonne, _: en_json(bonne)[:-40]),
    Gatee("liste-d-un-autre", CSV, lambda _, autre: en_csv(autre)),
    Gatee(
        "liste-d-un-autre-aux-memes-cles",
        CSV,
        lambda bonne, autre: en_csv([{**b, "id": a["id"]} for a, b in zip(bonne, autre, strict=False)]),
    ),
    Gatee("colonnes-glissees", CSV, _changee(_glisser)),
    Gatee("cles-refaites", CSV, _changee(_recler)),
    Gatee("cles-croisees", CSV, _changee(_croiser)),
    Gatee("cles-videes", CSV, _changee(_poser(id=None))),
    Gatee("doublee-autrement", CSV, _changee(_doubler_autrement)),
    Gatee("doublee-sous-d-autres-cles", CSV, _changee(_doubler_sous_d_autres_cles)),
    Gatee("moitie", CSV, _changee(lambda lignes: lignes[::2])),
    Gatee("noms-remplaces", CSV, _changee(_poser(nom="Lieu de médiation numérique"))),
    Gatee("noms-decales", CSV, _changee(_decaler("nom"))),
    Gatee("courriels-vides", CSV, _changee(_poser(courriels=None))),
    Gatee("points-decales", CSV, _changee(_decaler("latitude", "longitude"))),
    Gatee("points-ailleurs", CSV, _changee(_ailleurs)),
    Gatee("codes-postaux-decales", CSV, _changee(_decaler("code_postal"))),
    Gatee("caracteres-brouilles", CSV, _brouiller),
)
SANS_EFFET: tuple[Gatee, ...] = (
    Gatee("doublee-a-l-identique", CSV, _changee(lambda lignes: [*lignes, *lignes])),
    Gatee(
        "points-inverses",
        CSV,
        _changee(
            lambda lignes: [
                {**ligne, "latitude": ligne.get("longitude", ""), "longitude": ligne.get("latitude", "")}
                for ligne in lignes
            ]
        ),
    ),
)
"""Spoilt too, and mended by the reading: nothing changes."""
