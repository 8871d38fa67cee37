"""Fictional lists as producers who follow no standard write them, each with the truth of its columns.

The headers are those of town halls, departments, forms, map servers, wikis; the places are fictional, on real communes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from annuaire.territoires.projections import vers_degres
from annuaire.territoires.referentiel import Commune, Referentiel

LIGNES: Final = 40
_DESCRIPTIONS: Final = Path(__file__).with_suffix(".json")
_PLACES: Final = ("Espace numérique", "Médiathèque", "Centre social", "Cyber-base", "Maison des services", "Tiers-lieu")
_GENS: Final = ("Colette", "Pasteur", "des Tilleuls", "du Lavoir", "Jean Moulin", "des Cerisiers", "du Vieux Pont")
_VOIES: Final = (
    "rue de la République",
    "place du Marché",
    "avenue des Acacias",
    "chemin des Prés",
    "impasse du Moulin",
)
_SERVICES: Final = (
    "Démarches CAF et impôts",
    "Impression de documents",
    "Prise en main d'un smartphone",
    "Recherche d'emploi, CV",
    "Accès internet",
    "Aide aux démarches en ligne",
    "Atelier bureautique",
    "Sécurité et mots de passe",
)
_PUBLICS: Final = ("Tout public", "Seniors", "Jeunes de 16 à 25 ans", "Familles", "Demandeurs d'emploi", "Étudiants")
_HEURES: Final = ("9h-12h / 14h-17h", "09:00-12:30", "14h à 18h", "fermé", "8h30-12h")
_SEMAINES: Final = (
    "Du lundi au vendredi de 9h à 12h et de 14h à 17h",
    "Mardi et jeudi 14h-18h",
    "Lundi 9h-12h, mercredi 14h-17h",
)
_DEPARTS: Final = {
    "lambert93": (700_000.0, 6_600_000.0),
    "cc46": (1_700_000.0, 5_200_000.0),
    "utm20n": (700_000.0, 1_620_000.0),
    "utm22n": (350_000.0, 540_000.0),
}
# A point of New Caledonia, whose communes have none in the reference.
_SANS_CENTRE: Final = (-21.3, 165.3)
# Phone prefixes of each territory.
_PREFIXES: Final = {"974": "0262", "972": "0596", "971": "0590", "973": "0594", "976": "0269"}


class Lieu:
    """One fictional place and all that a list may say of it."""

    def __init__(self, alea: random.Random, rang: int, commune: Commune) -> None:
        self.alea, self.rang, self.commune = alea, rang, commune
        self.nom = f"{alea.choice(_PLACES)} {alea.choice(_GENS)} {rang}"
        self.numero = str(alea.randint(1, 180))
        self.voie = alea.choice(_VOIES)
        self.cp = commune.codes_postaux[0]
        self.latitude = round((commune.latitude or _SANS_CENTRE[0]) + alea.uniform(-0.004, 0.004), 6)
        self.longitude = round((commune.longitude or _SANS_CENTRE[1]) + alea.uniform(-0.004, 0.004), 6)

    def projete(self, systeme: str) -> tuple[float, float]:
        """Position in metres of a projected system: its inverse, undone by Newton's method."""
        x, y = _DEPARTS[systeme]
        for _ in range(12):
            ici, est, nord = (vers_degres(systeme, x + dx, y + dy) for dx, dy in ((0, 0), (1, 0), (0, 1)))
            if ici is None or est is None or nord is None:
                raise ValueError(systeme)
            a, b, c, d = est[1] - ici[1], nord[1] - ici[1], est[0] - ici[0], nord[0] - ici[0]
            u, v = self.longitude - ici[1], self.latitude - ici[0]
            x, y = x + (d * u - b * v) / (a * d - b * c), y + (a * v - c * u) / (a * d - b * c)
        return round(x, 2), round(y, 2)

    def telephone(self) -> str:
        """A number that nobody has (the range kept for fiction in mainland France)."""
        if self.commune.code.startswith("988"):
            return f"{self.alea.randint(20, 29)}.{self.alea.randint(10, 99)}.{self.alea.randint(10, 99)}"
        prefixe = _PREFIXES.get(self.commune.departement, "0199")
        suite = f"00{self.rang % 100:02}{self.alea.randint(10, 99)}"
        return " ".join((prefixe + suite)[i : i + 2] for i in range(0, 10, 2))


def _siret(lieu: Lieu) -> str:
    debut = f"0000{lieu.rang:04}"
    siren = debut + _cle(debut)
    return siren + "0001" + _cle(siren + "0001")


def _cle(debut: str) -> str:
    somme = sum(c - 9 if c > 9 else c for c in (int(d) * (2 - i % 2) for i, d in enumerate(reversed(debut))))
    return str(-somme % 10)


@dataclass(frozen=True)
class Sens:
    """What a column means: how its cells are made, the fields it must feed, those it may feed besides."""

    faire: Callable[[Lieu], Any]
    champs: tuple[str, ...] = ()
    permis: tuple[str, ...] = ()


def _choix(valeurs: tuple[str, ...]) -> Callable[[Lieu], str]:
    return lambda lieu: lieu.alea.choice(valeurs)


def _oui_non(oui: str = "Oui", non: str = "Non") -> Callable[[Lieu], str]:
    return lambda lieu: lieu.alea.choice((oui, non))


_LISTES_D_OFFRE: Final = ("modalites_accompagnement", "modalites_acces", "services", "typologie", "frais_a_charge")
SENS: Final[Mapping[str, Sens]] = {
    "id": Sens(lambda p: f"L{p.rang:04}", ("cle",)),
    "compteur": Sens(lambda p: p.rang, ("cle",)),
    "nom": Sens(lambda p: p.nom, ("nom",)),
    "commune": Sens(lambda p: p.commune.nom, ("commune",)),
    "COMMUNE": Sens(lambda p: p.commune.nom.upper(), ("commune",)),
    "cp": Sens(lambda p: p.cp, ("code_postal",)),
    "cp_nombre": Sens(lambda p: int(p.cp), ("code_postal",)),
    "cp_ville": Sens(lambda p: f"{p.cp} {p.commune.nom}", ("code_postal", "commune")),
    "insee": Sens(lambda p: p.commune.code, ("code_insee",)),
    "adresse": Sens(lambda p: f"{p.numero} {p.voie}", ("adresse",)),
    "adresse_complete": Sens(
        lambda p: f"{p.numero} {p.voie}, {p.cp} {p.commune.nom}", ("adresse", "code_postal", "commune")
    ),
    "numero": Sens(lambda p: p.numero, ("adresse",)),
    "voie": Sens(lambda p: p.voie, ("adresse",)),
    "complement": Sens(_choix(("", "Bâtiment A", "1er étage", "Mairie annexe")), ("complement_adresse",)),
    "lat": Sens(lambda p: p.latitude, ("latitude",)),
    "lon": Sens(lambda p: p.longitude, ("longitude",)),
    "lat_virgule": Sens(lambda p: str(p.latitude).replace(".", ","), ("latitude",)),
    "lon_virgule": Sens(lambda p: str(p.longitude).replace(".", ","), ("longitude",)),
    "lat_lon": Sens(lambda p: f"{p.latitude}, {p.longitude}", ("point",)),
    "wkt": Sens(lambda p: f"POINT ({p.longitude} {p.latitude})", ("point",)),
    "objet_point": Sens(lambda p: {"lon": p.longitude, "lat": p.latitude}, ("latitude", "longitude")),
    **{
        f"{axe} {systeme}": Sens(lambda p, a=axe, s=systeme: p.projete(s)["xy".index(a)], (axe,))  # type: ignore[misc]
        for systeme in _DEPARTS
        for axe in "xy"
    },
    "tel": Sens(Lieu.telephone, ("telephone",)),
    "fax": Sens(Lieu.telephone),
    "mail": Sens(lambda p: f"accueil{p.rang}@exemple.fr", ("courriels",)),
    "mail_personne": Sens(lambda p: f"prenom.nom{p.rang}@exemple.fr"),
    "site": Sens(lambda p: f"https://www.exemple.fr/lieux/{p.rang}", ("site_web",)),
    "reseau": Sens(lambda p: f"https://www.facebook.com/lieu{p.rang}"),
    "photo": Sens(lambda p: f"https://exemple.fr/photos/{p.rang}.jpg"),
    "rdv": Sens(lambda p: f"https://rdv.exemple.fr/{p.rang}", ("prise_rdv",)),
    "maj": Sens(lambda p: f"{1 + p.rang % 28:02}/{1 + p.rang % 12:02}/2025", ("date_maj",)),
    "maj_iso": Sens(lambda p: f"2025-{1 + p.rang % 12:02}-{1 + p.rang % 28:02}T10:00:00Z", ("date_maj",)),
    "creation": Sens(lambda p: f"{1 + p.rang % 28:02}/01/2021"),
    "siret": Sens(_siret, ("pivot",)),
    "parente": Sens(_choix(("Ville", "Communauté de communes", "Association des Tilleuls")), ("structure_parente",)),
    "texte": Sens(
        lambda p: f"Lieu d'accueil ouvert à tous, animé par une équipe de {p.rang % 5 + 2} personnes.",
        ("presentation_detail",),
        ("presentation_resume",),
    ),
    "prose": Sens(_choix(_SEMAINES), ("horaires",)),
    "osm": Sens(_choix(("Mo-Fr 09:00-12:00,14:00-17:00", "Tu 14:00-18:00")), ("horaires",)),
    "heures": Sens(_choix(_HEURES), ("horaires",)),
    "ouvre": Sens(_choix(("09:00", "08:30")), ("horaires",)),
    "ferme": Sens(_choix(("17:00", "18:00")), ("horaires",)),
    "services": Sens(lambda p: ", ".join(p.alea.sample(_SERVICES, 2)), ("services",), _LISTES_D_OFFRE),
    "service": Sens(_choix(_SERVICES), ("services",), _LISTES_D_OFFRE),
    "publics": Sens(
        lambda p: "; ".join(p.alea.sample(_PUBLICS, 2)),
        ("publics_specifiquement_adresses",),
        ("prise_en_charge_specifique",),
    ),
    "tarif": Sens(_choix(("Gratuit", "Gratuit sous conditions", "Payant", "Adhésion annuelle")), ("frais_a_charge",)),
    "gratuit": Sens(_oui_non(), ("frais_a_charge",)),
    "type": Sens(_choix(("Association", "Médiathèque", "Mairie", "CCAS", "Centre social")), ("typologie",)),
    "label": Sens(
        _choix(("France Services", "Aidants Connect", "", "Conseiller numérique")),
        ("dispositif_programmes_nationaux",),
        ("typologie", "formations_labels"),
    ),
    "modalite": Sens(
        _choix(("Accompagnement individuel", "Ateliers collectifs", "En autonomie")),
        ("modalites_accompagnement",),
        ("services", "modalites_acces"),
    ),
    "itinerant": Sens(_oui_non(), ("itinerance",)),
    "pmr": Sens(_oui_non(), ("accessibilite",), ("prise_en_charge_specifique",)),
    "fauteuil": Sens(_oui_non("yes", "no"), ("accessibilite",), ("prise_en_charge_specifique",)),
    "accord": Sens(_oui_non(), ("publication_contact",)),
    "wifi": Sens(_oui_non(), ("services",)),
    "demarches": Sens(_oui_non("x", ""), ("services",)),
    "collectif": Sens(_oui_non("x", ""), ("modalites_accompagnement",), ("services",)),
    "langues": Sens(_choix(("français, anglais", "français", "arabe, français")), ("langues",)),
    "date_passage": Sens(lambda p: f"{1 + p.rang % 28:02}/12/2026", (), ("passages",)),
    "personne": Sens(_choix(("Camille Fictif", "Dominique Exemple"))),
    "departement": Sens(lambda p: p.commune.departement),
    "epci": Sens(lambda p: p.commune.epci or "200000000"),
    "nombre": Sens(lambda p: p.alea.randint(1, 12)),
    "etat": Sens(_choix(("Publié", "En attente"))),
    "rien": Sens(_choix(("a", "b", "c"))),
}


@dataclass(frozen=True)
class ListeInconnue:
    """A list: its columns as (header, meaning), its département, how the file is wrapped.

    `lieux_par_nom` rows bear each name (a bus and its stops); `lignes_par_lieu` rows say each place.
    """

    nom: str
    colonnes: Mapping[str, str]
    departement: str = "69"
    forme: str = "csv"
    lieux_par_nom: int = 1
    lignes_par_lieu: int = 1

    def lieux(self) -> Iterator[Lieu]:
        """Make the places."""
        alea = random.Random(self.nom)
        communes = [
            c for c in Referentiel.charger().communes() if c.code.startswith(self.departement) and c.codes_postaux
        ]
        for rang in range(LIGNES):
            lieu = Lieu(alea, rang, alea.choice(communes))
            if self.lieux_par_nom > 1:
                lieu.nom = f"Bus numérique n° {rang // self.lieux_par_nom}"
            yield from [lieu] * self.lignes_par_lieu

    def rangees(self) -> list[dict[str, Any]]:
        """Make the rows."""
        return [self.rangee(lieu) for lieu in self.lieux()]

    def rangee(self, lieu: Lieu) -> dict[str, Any]:
        """Make the row of a place."""
        return {entete: SENS[sens].faire(lieu) for entete, sens in self.colonnes.items()}

    def verite(self) -> dict[str, set[str]]:
        """Return by field the columns that feed it."""
        verite: dict[str, set[str]] = {}
        for entete, sens in self.colonnes.items():
            for champ in SENS[sens].champs:
                verite.setdefault(champ, set()).add(entete)
        return verite

    def permis(self, champ: str, colonne: str) -> bool:
        """Tell whether a column may feed a field."""
        sens = SENS.get(self.colonnes.get(colonne) or self.colonnes.get(colonne.split(".")[0], ""), SENS["rien"])
        return champ in sens.champs or champ in sens.permis

    def octets(self) -> tuple[str, bytes]:
        """Write the file: (extension, bytes)."""
        if self.forme == "geojson":
            entites = [
                {
                    "type": "Feature",
                    "properties": self.rangee(lieu),
                    "geometry": {"type": "Point", "coordinates": [lieu.longitude, lieu.latitude]},
                }
                for lieu in self.lieux()
            ]
            return ".geojson", json.dumps({"type": "FeatureCollection", "features": entites}).encode()
        rangees = self.rangees()
        if self.forme == "json":
            return ".json", json.dumps({"data": rangees}).encode()
        lignes = [list(self.colonnes), *([str(v) for v in rangee.values()] for rangee in rangees)]
        texte = "\n".join(";".join(f'"{c}"' for c in ligne) for ligne in lignes)
        return ".csv", texte.encode("cp1252" if self.forme == "cp1252" else "utf-8")


def _charger() -> tuple[ListeInconnue, ...]:
    return tuple(ListeInconnue(**liste) for liste in json.loads(_DESCRIPTIONS.read_text("utf-8")))


INCONNUES: Final = _charger()
