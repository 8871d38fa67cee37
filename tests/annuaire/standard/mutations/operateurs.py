"""The published faults: what people, forms and spreadsheets do to a list, each injected at lines that are known.

The operators were chosen from the accidents of lists, before and apart from the codes of the report. The table of the
guide « Défauts injectés » is written from this module.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from annuaire.territoires.referentiel import Commune, Referentiel

LIGNES_PAR_FICHIER: Final = 5
#: Fields that one fault of place touches: told of any of them, it is told.
PLACE: Final = frozenset({"commune", "code_postal", "code_insee", "adresse", "latitude", "longitude"})

Rangee = dict[str, str]
Refusable = Callable[["Table", Random], "bytes | None"]


@dataclass(slots=True)
class Table:
    """A list about to be damaged. `fautes` is line → fields that must be told (`None`: any of the line).

    Line 1 bears the names; the rows follow, one a physical line.
    """

    colonnes: list[str]
    rangees: list[Rangee]
    fautes: dict[int, frozenset[str | None]] = field(default_factory=dict)
    fichier: bool = False

    def ecrire(self) -> list[str]:
        """Write the lines of the CSV file, names first."""
        sortie = io.StringIO(newline="")
        redacteur = csv.DictWriter(sortie, self.colonnes, lineterminator="\n")
        redacteur.writeheader()
        redacteur.writerows(self.rangees)
        return sortie.getvalue().splitlines()

    def fauter(self, rang: int, *champs: str | None) -> None:
        """Note a fault in the row of this rank, counted from 0."""
        self.fautes[rang + 2] = self.fautes.get(rang + 2, frozenset()) | frozenset(champs)


@dataclass(frozen=True, slots=True)
class Operateur:
    """One kind of accident. `appliquer` damages the table, and gives the bytes when it damages the file itself."""

    nom: str
    quoi: str
    appliquer: Refusable


def _cellule(champ: str, changer: Callable[[str, Random], str | None], *touches: str) -> Refusable:
    """Damage a cell that isn't empty, in some rows; `changer` gives `None` where the row doesn't lend itself."""

    def appliquer(table: Table, hasard: Random) -> bytes | None:
        for rang in _tirer(table, hasard, lambda r: bool(r[champ])):
            abime = changer(table.rangees[rang][champ], hasard)
            if abime is not None and abime != table.rangees[rang][champ]:
                table.rangees[rang][champ] = abime
                table.fauter(rang, *(touches or (champ,)))
        return None

    return appliquer


def _tirer(table: Table, hasard: Random, admise: Callable[[Rangee], bool]) -> list[int]:
    rangs = [rang for rang, rangee in enumerate(table.rangees) if admise(rangee)]
    return sorted(hasard.sample(rangs, min(LIGNES_PAR_FICHIER, len(rangs))))


def _communes() -> Sequence[Commune]:
    return tuple(Referentiel.charger().communes())


def _cp_d_une_voisine(table: Table, hasard: Random) -> None:
    referentiel = Referentiel.charger()
    for rang in _tirer(table, hasard, lambda r: bool(r["code_insee"] and r["code_postal"])):
        rangee = table.rangees[rang]
        commune = referentiel.actuelle(rangee["code_insee"])
        if commune is None:
            continue
        autres = sorted(
            {
                cp
                for voisine in referentiel.communes_du_departement(commune.departement)
                for cp in voisine.codes_postaux
                if cp not in commune.codes_postaux
            }
        )
        if autres:
            rangee["code_postal"] = hasard.choice(autres)
            table.fauter(rang, *PLACE)


def _commune_d_ailleurs(table: Table, hasard: Random) -> None:
    for rang in _tirer(table, hasard, lambda r: bool(r["code_insee"] and r["commune"])):
        rangee = table.rangees[rang]
        ailleurs = hasard.choice([c for c in _communes() if c.departement != rangee["code_insee"][:2]])
        if ailleurs.nom != rangee["commune"]:
            rangee["commune"] = ailleurs.nom
            table.fauter(rang, *PLACE)


def _insee_d_ailleurs(table: Table, hasard: Random) -> None:
    for rang in _tirer(table, hasard, lambda r: bool(r["code_insee"] and r["commune"] and r["code_postal"])):
        rangee = table.rangees[rang]
        rangee["code_insee"] = hasard.choice([c for c in _communes() if c.code[:2] != rangee["code_insee"][:2]]).code
        table.fauter(rang, *PLACE)


def _point_d_ailleurs(table: Table, hasard: Random) -> None:
    loin = [c for c in _communes() if c.latitude is not None and c.longitude is not None]
    for rang in _tirer(table, hasard, lambda r: bool(r["latitude"] and r["code_insee"])):
        rangee = table.rangees[rang]
        autre = hasard.choice([c for c in loin if c.departement != rangee["code_insee"][:2]])
        rangee["latitude"], rangee["longitude"] = str(autre.latitude), str(autre.longitude)
        table.fauter(rang, *PLACE)


def _inverser_le_point(table: Table, hasard: Random) -> None:
    for rang in _tirer(table, hasard, lambda r: bool(r["latitude"] and r["longitude"])):
        rangee = table.rangees[rang]
        rangee["latitude"], rangee["longitude"] = rangee["longitude"], rangee["latitude"]
        table.fauter(rang, *PLACE)


def _point_nul(table: Table, hasard: Random) -> None:
    for rang in _tirer(table, hasard, lambda r: bool(r["latitude"])):
        table.rangees[rang] |= {"latitude": "0", "longitude": "0.0"}
        table.fauter(rang, *PLACE)


def _demi_point(table: Table, hasard: Random) -> None:
    for rang in _tirer(table, hasard, lambda r: bool(r["latitude"])):
        table.rangees[rang]["longitude"] = ""
        table.fauter(rang, *PLACE)


def _echanger(une: str, autre: str) -> Refusable:
    """Exchange the names of two columns: every row that fills one of them is wrong."""

    def appliquer(table: Table, _hasard: Random) -> bytes | None:
        for rang, rangee in enumerate(table.rangees):
            if rangee[une] or rangee[autre]:
                table.fauter(rang, une, autre, *(PLACE if une in PLACE else ()))
            rangee[une], rangee[autre] = rangee[autre], rangee[une]
        return None

    return appliquer


def _cle_en_double(table: Table, hasard: Random) -> None:
    rangs = _tirer(table, hasard, lambda r: bool(r["id"]))
    for premier, second in zip(rangs[::2], rangs[1::2], strict=False):
        table.rangees[second]["id"] = table.rangees[premier]["id"]
        table.fauter(premier, "id")
        table.fauter(second, "id")


def _ligne_repetee(table: Table, hasard: Random) -> None:
    rang = _tirer(table, hasard, lambda r: bool(r["id"]))[0]
    table.rangees.append(dict(table.rangees[rang]))
    table.fauter(len(table.rangees) - 1, "id")


def _mojibake(champ: str) -> Refusable:
    def changer(texte: str, _hasard: Random) -> str | None:
        abime = texte.encode().decode("cp1252", "ignore")
        return abime if texte.encode("cp1252", "ignore").decode("cp1252") == texte and len(abime) > len(texte) else None

    return _cellule(champ, changer)


def _un_chiffre(texte: str, hasard: Random) -> str | None:
    """Change one digit of a SIRET; La Poste's sites follow another rule."""
    if len(texte) != 14 or not texte.isdigit() or texte.startswith("356000000"):
        return None
    rang = hasard.randrange(14)
    return texte[:rang] + str((int(texte[rang]) + hasard.randrange(1, 9)) % 10) + texte[rang + 1 :]


def _siret(ecriture: Callable[[str], str]) -> Refusable:
    return _cellule("pivot", lambda t, _: ecriture(t) if len(t) == 14 and t.isdigit() else None)


def _sans_un_chiffre(texte: str, hasard: Random) -> str:
    premier = texte.split("|")[0]
    return premier[: len(premier) - hasard.choice((1, 2, 3))]


def _lignes(changer: Callable[[str, Random], str], *, minimum: int = 1) -> Refusable:
    """Damage whole lines once written."""

    def appliquer(table: Table, hasard: Random) -> bytes | None:
        ecrites = table.ecrire()
        for rang in _tirer(table, hasard, lambda r: True):
            abimee = changer(ecrites[rang + 1], hasard)
            if abimee != ecrites[rang + 1] and ecrites[rang + 1].count(",") >= minimum:
                ecrites[rang + 1] = abimee
                table.fauter(rang, None)
        return "\n".join((*ecrites, "")).encode()

    return appliquer


def _sans_la_premiere_case(ligne: str, _hasard: Random) -> str:
    return ligne.partition(",")[2] if not ligne.startswith('"') else ligne


def _ligne_en_cp1252(table: Table, hasard: Random) -> bytes:
    octets = [ligne.encode() for ligne in table.ecrire()]
    for rang in _tirer(table, hasard, lambda r: any("é" in v for v in r.values())):
        octets[rang + 1] = octets[rang + 1].decode().encode("cp1252", "replace")
        table.fauter(rang, None)
    return b"\n".join((*octets, b""))


def _tronque(table: Table, hasard: Random) -> bytes:
    ecrites = table.ecrire()
    rang = hasard.randrange(len(ecrites) // 2, len(ecrites) - 1)
    ligne = ecrites[rang]
    coupee = ligne[: max(1, len(ligne) // 3)]
    table.fautes = {rang + 1: frozenset({None})}
    return "\n".join((*ecrites[:rang], coupee)).encode()


def _guillemet_ouvert(table: Table, hasard: Random) -> bytes:
    ecrites = table.ecrire()
    rang = hasard.randrange(1, len(ecrites) - 1)
    ecrites[rang] = ecrites[rang].replace(",", ',"', 1)
    table.fautes = {rang + 1: frozenset({None})}
    return "\n".join((*ecrites, "")).encode()


def _page_html(table: Table, _hasard: Random) -> bytes:
    table.fichier = True
    return b"<!DOCTYPE html>\n<html><body><form>Connexion</form></body></html>\n"


def _octet_nul(table: Table, hasard: Random) -> bytes:
    ecrites = table.ecrire()
    rang = hasard.randrange(1, len(ecrites))
    ecrites[rang] = ecrites[rang].replace(",", ",\x00", 1)
    table.fautes = {rang + 1: frozenset({None})}
    return "\n".join((*ecrites, "")).encode()


def _sans_retour(appliquer: Callable[[Table, Random], None]) -> Refusable:
    def complet(table: Table, hasard: Random) -> bytes | None:
        appliquer(table, hasard)
        return None

    return complet


OPERATEURS: Final = (
    Operateur("cle-vide", "l'identifiant a été effacé", _cellule("id", lambda _t, _h: "")),
    Operateur("cle-en-double", "deux lieux portent le même identifiant", _sans_retour(_cle_en_double)),
    Operateur("ligne-repetee", "une ligne est copiée à la fin du fichier", _sans_retour(_ligne_repetee)),
    Operateur("nom-vide", "le nom a été effacé", _cellule("nom", lambda _t, _h: " ")),
    Operateur("cp-d-une-voisine", "le code postal d'une autre commune du département", _sans_retour(_cp_d_une_voisine)),
    Operateur(
        "cp-ampute",
        "le code postal a perdu ses deux derniers chiffres",
        _cellule("code_postal", lambda t, _: t[:3], *PLACE),
    ),
    Operateur("commune-d-ailleurs", "le nom d'une commune d'un autre département", _sans_retour(_commune_d_ailleurs)),
    Operateur("insee-d-ailleurs", "le code Insee d'une autre commune", _sans_retour(_insee_d_ailleurs)),
    Operateur(
        "insee-qui-n-existe-pas",
        "un code Insee que personne ne porte",
        _cellule("code_insee", lambda t, _: t[:2] + "999", *PLACE),
    ),
    Operateur("point-d-ailleurs", "le point d'un autre département", _sans_retour(_point_d_ailleurs)),
    Operateur("point-inverse", "latitude et longitude échangées", _sans_retour(_inverser_le_point)),
    Operateur("point-nul", "coordonnées 0, 0", _sans_retour(_point_nul)),
    Operateur("demi-point", "la longitude a été effacée", _sans_retour(_demi_point)),
    Operateur(
        "virgule-deplacee",
        "la latitude a perdu sa virgule",
        _cellule("latitude", lambda t, _: t.replace(".", ""), *PLACE),
    ),
    Operateur(
        "latitude-dix-fois",
        "la virgule de la latitude avance d'un rang",
        _cellule("latitude", lambda t, _: str(float(t) * 10), *PLACE),
    ),
    Operateur("siret-un-chiffre", "un chiffre du SIRET est faux", _cellule("pivot", _un_chiffre)),
    Operateur("siret-scientifique", "le tableur écrit le SIRET 2,1760E+13", _siret(lambda t: f"{t[0]},{t[1:5]}E+13")),
    Operateur(
        "siret-arrondi", "le tableur remplace la fin du SIRET par des zéros", _siret(lambda t: t[:6] + "00000000")
    ),
    Operateur("siret-nul", "quatorze zéros", _siret(lambda _t: "0" * 14)),
    Operateur("telephone-ampute", "le téléphone a perdu un à trois chiffres", _cellule("telephone", _sans_un_chiffre)),
    Operateur(
        "telephone-brouille",
        "des lettres dans le téléphone",
        _cellule("telephone", lambda t, _: t[:5] + "XX" + t[7:12]),
    ),
    Operateur(
        "courriel-sans-arobase",
        "l'arobase manque",
        _cellule("courriels", lambda t, _: t.split("|")[0].replace("@", ".")),
    ),
    Operateur(
        "site-en-mots",
        "une phrase à la place d'une adresse web",
        _cellule("site_web", lambda _t, _h: "en construction"),
    ),
    Operateur(
        "rdv-en-mots",
        "une phrase à la place du lien de rendez-vous",
        _cellule("prise_rdv", lambda _t, _h: "à l'accueil"),
    ),
    Operateur("horaires-en-mots", "des horaires vagues", _cellule("horaires", lambda _t, _h: "se renseigner")),
    Operateur(
        "horaires-impossibles", "une heure qui n'existe pas", _cellule("horaires", lambda _t, _h: "Mo-Fr 09:00-25:75")
    ),
    Operateur(
        "horaires-a-l-envers",
        "une plage finit avant de commencer",
        _cellule("horaires", lambda _t, _h: "Mo-Fr 17:00-09:00"),
    ),
    Operateur("date-impossible", "le 31 février", _cellule("date_maj", lambda t, _: f"{t[:4]}-02-31")),
    Operateur(
        "date-future",
        "une date dans plus d'un an",
        _cellule("date_maj", lambda t, _: f"2{int(t[1:4]) + 30:03d}{t[4:]}"),
    ),
    Operateur("date-d-ordinateur", "le 1er janvier 1970", _cellule("date_maj", lambda _t, _h: "1970-01-01")),
    Operateur(
        "service-inconnu",
        "une valeur qui n'est pas de la liste",
        _cellule("services", lambda t, _: t + "|Cours de cuisine"),
    ),
    Operateur(
        "frais-inconnus",
        "une valeur qui n'est pas de la liste",
        _cellule("frais_a_charge", lambda _t, _h: "Cinq euros"),
    ),
    Operateur("accents-abimes", "de l'UTF-8 lu comme du Windows-1252", _mojibake("nom")),
    Operateur("html", "des balises dans le nom", _cellule("nom", lambda t, _: f"<b>{t}</b>&nbsp;!")),
    Operateur(
        "formule", "une formule de tableur à la place du nom", _cellule("nom", lambda _t, _h: "=CONCATENER(A2;B2)")
    ),
    Operateur("erreur-de-tableur", "#REF! à la place de l'adresse", _cellule("adresse", lambda _t, _h: "#REF!")),
    Operateur("neant", "NEANT à la place du téléphone", _cellule("telephone", lambda _t, _h: "NEANT")),
    Operateur(
        "colonnes-cp-commune",
        "les colonnes du code postal et de la commune sont échangées",
        _echanger("code_postal", "commune"),
    ),
    Operateur(
        "colonnes-point",
        "les colonnes de la latitude et de la longitude sont échangées",
        _echanger("latitude", "longitude"),
    ),
    Operateur(
        "colonnes-contacts",
        "les colonnes du téléphone et des courriels sont échangées",
        _echanger("telephone", "courriels"),
    ),
    Operateur("case-en-moins", "une case manque au début de la ligne", _lignes(_sans_la_premiere_case)),
    Operateur("case-en-plus", "une case de trop à la fin de la ligne", _lignes(lambda ligne, _: ligne + ",en trop")),
    Operateur("ligne-d-un-autre-encodage", "une ligne collée d'un fichier Windows", _ligne_en_cp1252),
    Operateur("fichier-coupe", "le fichier s'arrête au milieu d'une ligne", _tronque),
    Operateur("guillemet-ouvert", "un guillemet n'est jamais fermé", _guillemet_ouvert),
    Operateur("octet-nul", "un octet nul au milieu d'une ligne", _octet_nul),
    Operateur("page-html", "une page de connexion à la place de la liste", _page_html),
)
