"""Fictional lists as producers who follow no standard write them, each with the truth of its columns.

The headers are those of town halls, departments, forms, map servers, wikis; the places are fictional, on real communes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from annuaire.territoires.projections import vers_degres
from annuaire.territoires.referentiel import Commune, Referentiel

LIGNES: Final = 40
_PLACES: Final = ("Espace numérique", "Médiathèque", "Centre social", "Cyber-base", "Maison des services", "Tiers-lieu")
_GENS: Final = ("Colette", "Pasteur", "des Tilleuls", "du Lavoir", "Jean Moulin", "des Cerisiers", "du Vieux Pont")
_VOIES: Final = ("rue de la République", "place du Marché", "avenue des Acacias", "chemin des Prés", "impasse du Moulin")
_SERVICES: Final = (
    "Démarches CAF et impôts", "Impression de documents", "Prise en main d'un smartphone", "Recherche d'emploi, CV",
    "Accès internet", "Aide aux démarches en ligne", "Atelier bureautique", "Sécurité et mots de passe",
)  # fmt: skip
_PUBLICS: Final = ("Tout public", "Seniors", "Jeunes de 16 à 25 ans", "Familles", "Demandeurs d'emploi", "Étudiants")
_HEURES: Final = ("9h-12h / 14h-17h", "09:00-12:30", "14h à 18h", "fermé", "8h30-12h")
_SEMAINES: Final = ("Du lundi au vendredi de 9h à 12h et de 14h à 17h", "Mardi et jeudi 14h-18h", "Lundi 9h-12h, mercredi 14h-17h")
_DEPARTS: Final = {
    "lambert93": (700_000.0, 6_600_000.0), "cc46": (1_700_000.0, 5_200_000.0), "utm20n": (700_000.0, 1_620_000.0),
    "utm22n": (350_000.0, 540_000.0),
}  # fmt: skip
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
            assert ici is not None and est is not None and nord is not None
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
        ("presentation_detail",), ("presentation_resume",),
    ),  # fmt: skip
    "prose": Sens(_choix(_SEMAINES), ("horaires",)),
    "osm": Sens(_choix(("Mo-Fr 09:00-12:00,14:00-17:00", "Tu 14:00-18:00")), ("horaires",)),
    "heures": Sens(_choix(_HEURES), ("horaires",)),
    "ouvre": Sens(_choix(("09:00", "08:30")), ("horaires",)),
    "ferme": Sens(_choix(("17:00", "18:00")), ("horaires",)),
    "services": Sens(lambda p: ", ".join(p.alea.sample(_SERVICES, 2)), ("services",), _LISTES_D_OFFRE),
    "service": Sens(_choix(_SERVICES), ("services",), _LISTES_D_OFFRE),
    "publics": Sens(
        lambda p: "; ".join(p.alea.sample(_PUBLICS, 2)),
        ("publics_specifiquement_adresses",), ("prise_en_charge_specifique",),
    ),  # fmt: skip
    "tarif": Sens(_choix(("Gratuit", "Gratuit sous conditions", "Payant", "Adhésion annuelle")), ("frais_a_charge",)),
    "gratuit": Sens(_oui_non(), ("frais_a_charge",)),
    "type": Sens(_choix(("Association", "Médiathèque", "Mairie", "CCAS", "Centre social")), ("typologie",)),
    "label": Sens(
        _choix(("France Services", "Aidants Connect", "", "Conseiller numérique")),
        ("dispositif_programmes_nationaux",), ("typologie", "formations_labels"),
    ),  # fmt: skip
    "modalite": Sens(
        _choix(("Accompagnement individuel", "Ateliers collectifs", "En autonomie")),
        ("modalites_accompagnement",), ("services", "modalites_acces"),
    ),  # fmt: skip
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
}  # fmt: skip


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
    sans: frozenset[str] = field(default_factory=frozenset)

    def lieux(self) -> Iterator[Lieu]:
        """Make the places."""
        alea = random.Random(self.nom)
        communes = [
            c
            for c in Referentiel.charger().communes()
            if c.code.startswith(self.departement) and c.codes_postaux
        ]
        for rang in range(LIGNES):
            lieu = Lieu(alea, rang, alea.choice(communes))
            if self.lieux_par_nom > 1:
                lieu.nom = f"Bus numérique n° {rang // self.lieux_par_nom}"
            yield from [lieu] * self.lignes_par_lieu

    def rangees(self) -> list[dict[str, Any]]:
        """Make the rows."""
        return [{e: SENS[sens].faire(lieu) for e, sens in self.colonnes.items()} for lieu in self.lieux()]

    def verite(self) -> dict[str, set[str]]:
        """Return by field the columns that feed it."""
        verite: dict[str, set[str]] = {}
        for entete, sens in self.colonnes.items():
            for champ in set(SENS[sens].champs) - self.sans:
                verite.setdefault(champ, set()).add(entete)
        return verite

    def permis(self, champ: str, colonne: str) -> bool:
        """Tell whether a column may feed a field."""
        sens = SENS.get(self.colonnes.get(colonne) or self.colonnes.get(colonne.split(".")[0], ""), SENS["rien"])
        return champ in sens.champs or champ in sens.permis

    def octets(self) -> tuple[str, bytes]:
        """Write the file: (extension, bytes)."""
        rangees = self.rangees()
        if self.forme == "geojson":
            entites = [
                {
                    "type": "Feature", "properties": rangee,
                    "geometry": {"type": "Point", "coordinates": [lieu.longitude, lieu.latitude]},
                }
                for rangee, lieu in zip(rangees, self.lieux(), strict=True)
            ]  # fmt: skip
            return ".geojson", json.dumps({"type": "FeatureCollection", "features": entites}).encode()
        if self.forme == "json":
            return ".json", json.dumps({"data": rangees}).encode()
        lignes = [list(self.colonnes), *([str(v) for v in rangee.values()] for rangee in rangees)]
        texte = "\n".join(";".join(f'"{c}"' for c in ligne) for ligne in lignes)
        return ".csv", texte.encode("cp1252" if self.forme == "cp1252" else "utf-8")


def _jours(modele: str, *sens: tuple[str, str]) -> dict[str, str]:
    jours = ("Lun", "Mar", "Mer", "Jeu", "Ven")
    return {modele.format(jour=j, suite=suite): s for j in jours for suite, s in sens}


INCONNUES: Final = (
    ListeInconnue("mairie", {
        "Intitulé du lieu": "nom", "Adresse du site": "adresse", "Code postal": "cp", "Commune": "COMMUNE",
        "N° de téléphone": "tel", "Courriel": "mail", "Page web": "site", "Jours et horaires d'ouverture": "prose",
        "Qui peut venir ?": "publics", "Combien ça coûte ?": "tarif", "Interlocuteur": "personne",
    }),
    ListeInconnue("departement-dbf", {
        "ID_LIEU": "id", "NOM_STRUCT": "nom", "ADR_POSTAL": "adresse", "CODE_POST": "cp", "NOM_COMMUN": "COMMUNE",
        "INSEE_COMM": "insee", "TEL_ACCUEI": "tel", "COURRIEL": "mail", "SITE_INTER": "site", "X_L93": "x lambert93",
        "Y_L93": "y lambert93", "TYPE_STRUC": "type", "DATE_MAJ": "maj", "CODE_DEP": "departement",
    }, "87"),
    ListeInconnue("caf", {
        "Nom de la structure": "nom", "Numéro": "numero", "Type et nom de voie": "voie", "CP": "cp_nombre", "Ville": "commune",
        "Téléphone 1": "tel", "Téléphone 2": "tel", "Télécopie": "fax", "Mél": "mail", "SIRET": "siret",
        "Gestionnaire": "parente", "Complément": "complement",
    }, "59"),
    ListeInconnue("formulaire", {
        "Horodateur": "maj", "Comment s'appelle votre lieu ?": "nom", "Dans quelle commune est-il situé ?": "commune",
        "Quelle est son adresse ?": "adresse", "Quel est le code postal ?": "cp",
        "Numéro de téléphone à afficher": "tel", "Adresse e-mail de contact": "mail",
        "Avez-vous un site internet ? Si oui, lequel": "site", "Quels services proposez-vous ?": "services",
        "Quels publics accueillez-vous ?": "publics", "Quels sont vos tarifs ?": "tarif",
        "Acceptez-vous que ces informations soient publiées ?": "accord", "Votre nom et prénom": "personne",
    }, "35"),
    ListeInconnue("formulaire-anglais", {
        "Timestamp": "maj_iso", "Place name": "nom", "Street address": "adresse", "Postal code": "cp", "Town": "commune",
        "Phone number": "tel", "E-mail address": "mail", "Website": "site", "Opening hours": "osm",
        "Services offered": "services", "Target audience": "publics", "Cost": "tarif",
    }, "31"),
    ListeInconnue("sig-geojson", {
        "gid": "compteur", "libelle": "nom", "adr": "adresse", "insee": "insee", "commune": "commune", "tel": "tel",
        "web": "site", "nb_postes": "nombre", "photo": "photo",
    }, "33", "geojson"),
    ListeInconnue("openstreetmap", {
        "@id": "id", "name": "nom", "addr:housenumber": "numero", "addr:street": "voie", "addr:postcode": "cp",
        "addr:city": "commune", "contact:phone": "tel", "contact:email": "mail", "contact:website": "site",
        "opening_hours": "osm", "wheelchair": "fauteuil", "operator": "parente",
    }, "38", "geojson"),
    ListeInconnue("wfs-chameau", {
        "identifiantLieu": "id", "nomUsuel": "nom", "adresseLigne1": "adresse", "adresseLigne2": "complement",
        "codePostal": "cp", "nomCommune": "commune", "coordX": "x lambert93", "coordY": "y lambert93", "telephoneFixe": "tel",
        "adresseMail": "mail", "urlSite": "site", "dateDerniereModification": "maj_iso",
    }, "44", "json"),
    ListeInconnue("reunion-inversee", {
        "Structure": "nom", "Adresse": "adresse", "CP": "cp", "Commune": "commune", "Lat": "lon", "Long": "lat",
        "Tél.": "tel", "Mail": "mail", "Type de structure": "type",
    }, "974"),
    ListeInconnue("martinique-utm", {
        "REF": "id", "DENOMINATION": "nom", "VOIE": "adresse", "CODPOS": "cp", "VILLE": "COMMUNE", "X_UTM": "x utm20n",
        "Y_UTM": "y utm20n", "TELEPHONE": "tel",
    }, "972"),
    ListeInconnue("guadeloupe-une-cellule", {
        "Nom du point d'accueil": "nom", "Adresse postale": "adresse", "Code Postal": "cp", "Localité": "commune",
        "Coordonnées GPS": "lat_lon", "Contact téléphonique": "tel", "Site": "site", "Labels": "label",
    }, "971"),
    ListeInconnue("nouvelle-caledonie", {
        "ref": "id", "appellation": "nom", "localisation": "adresse", "commune": "commune", "geoloc": "objet_point",
        "tel": "tel", "email": "mail", "horaire": "prose",
    }, "988", "json"),
    ListeInconnue("bus", {
        "Nom du bus": "nom", "Date de passage": "date_passage", "Commune": "commune", "Code postal": "cp",
        "Arrêt": "adresse", "Horaires de passage": "prose", "Téléphone": "tel", "Latitude": "lat", "Longitude": "lon",
    }, "23", lieux_par_nom=8),
    ListeInconnue("une-ligne-par-service", {
        "Lieu": "nom", "Adresse": "adresse", "CP": "cp", "Ville": "commune", "Service proposé": "service", "Tel": "tel",
    }, "63", lignes_par_lieu=4),
    ListeInconnue("demi-journees", {
        "identifiant": "id", "nom_lieu": "nom", "adresse": "adresse", "cp": "cp", "ville": "commune", "lat": "lat", "lng": "lon",
        **_jours("{jour} {suite}", ("matin", "heures"), ("ap-midi", "heures")), "MAJ": "maj",
    }, "21"),
    ListeInconnue("debut-fin", {
        "Nom": "nom", "Rue": "adresse", "Code INSEE": "insee", "Commune": "commune",
        **_jours("{jour}_{suite}", ("ouverture", "ouvre"), ("fermeture", "ferme")), "Téléphone": "tel",
    }, "29"),
    ListeInconnue("opendatasoft", {
        "nom_site": "nom", "voie": "adresse", "cp": "cp", "libcom": "commune", "codgeo": "insee",
        "geo_point_2d": "objet_point", "tel": "tel", "courriel": "mail", "horaires_ouverture": "prose",
        "nom_epci": "rien", "code_epci": "epci",
    }, "76", "json"),
    ListeInconnue("gogocarto", {
        "id": "compteur", "name": "nom", "geo.latitude": "lat", "geo.longitude": "lon", "address.streetAddress": "adresse",
        "address.postalCode": "cp", "address.addressLocality": "commune", "telephone": "tel", "email": "mail",
        "website": "site", "abstract": "texte", "updatedAt": "maj_iso", "createdAt": "creation", "categories": "services",
        "image_url": "photo",
    }, "05", "json"),
    ListeInconnue("yeswiki", {
        "id_fiche": "id", "bf_titre": "nom", "bf_adresse": "adresse", "bf_code_postal": "cp", "bf_ville": "commune",
        "bf_latitude": "lat", "bf_longitude": "lon", "bf_telephone": "tel", "bf_mail": "mail", "bf_urlsite": "site",
        "bf_description": "texte", "checkboxListePublics": "publics", "date_maj_fiche": "maj_iso", "createur": "personne",
    }, "26", "json"),
    ListeInconnue("cases-a-cocher", {
        "Nom": "nom", "Adresse": "adresse", "CP": "cp", "Ville": "commune", "Accès wifi": "wifi",
        "Aide aux démarches": "demarches", "Ateliers collectifs": "collectif", "Accessible PMR": "pmr",
        "Service itinérant": "itinerant", "Langues parlées": "langues", "Responsable": "personne",
    }, "93"),
    ListeInconnue("adresse-entiere", {
        "Espace": "nom", "Adresse complète": "adresse_complete", "Contact": "tel", "Lien": "site", "Présentation": "texte",
        "Nom du référent": "personne", "Mail du référent": "mail_personne",
    }, "13"),
    ListeInconnue("etat-siret", {
        "siret": "siret", "raison_sociale": "nom", "num_voie": "numero", "nom_voie": "voie", "code_commune": "insee",
        "libelle_commune": "COMMUNE", "code_postal": "cp", "latitude": "lat", "longitude": "lon", "departement": "departement",
    }, "80"),
    ListeInconnue("metropole-cc46", {
        "OBJECTID": "compteur", "NOM": "nom", "ADRESSE": "adresse", "COMMUNE": "COMMUNE", "X": "x cc46", "Y": "y cc46",
        "CATEGORIE": "type", "TEL": "tel",
    }, "69"),
    ListeInconnue("wkt", {
        "fid": "compteur", "titre": "nom", "wkt": "wkt", "adresse1": "adresse", "cp": "cp", "ville": "commune",
        "date_modif": "maj_iso", "reservation": "rdv",
    }, "67"),
    ListeInconnue("tableur-virgules", {
        "Dénomination": "nom", "Localisation": "adresse", "CP / Ville": "cp_ville", "Latitude (WGS84)": "lat_virgule",
        "Longitude (WGS84)": "lon_virgule", "Mèl": "mail", "Tél. / portable": "tel", "Mise à jour": "maj", "Fax": "fax",
    }, "71", "cp1252"),
    ListeInconnue("valeurs-seules", {
        "Structure": "nom", "Champ 2": "adresse", "Champ 3": "cp", "Champ 4": "commune", "Champ 5": "tel", "Champ 6": "mail",
        "Champ 7": "site", "Champ 8": "etat", "Champ 9": "lat", "Champ 10": "lon",
    }, "64"),
    ListeInconnue("standard-v0", {
        "id": "id", "nom": "nom", "commune": "commune", "code_postal": "cp", "adresse": "adresse", "latitude": "lat",
        "longitude": "lon", "telephone": "tel", "courriel": "mail", "conditions_acces": "tarif",
        "labels_nationaux": "label", "publics_accueillis": "publics", "date_maj": "maj_iso", "cle_ban": "rien",
    }, "17"),
    ListeInconnue("application-anglaise", {
        "placeId": "id", "placeName": "nom", "addressLine1": "adresse", "zipCode": "cp", "cityName": "commune",
        "inseeCode": "insee", "lat": "lat", "lng": "lon", "phone": "tel", "contactEmail": "mail", "websiteUrl": "site",
        "lastUpdatedAt": "maj_iso", "servicesList": "services", "facebookPage": "reseau",
    }, "92", "json"),
    ListeInconnue("guyane-utm22", {
        "num": "compteur", "lieu": "nom", "ville": "commune", "adresse_lieu": "adresse", "est": "x utm22n", "nord": "y utm22n",
        "contact_tel": "tel", "statut": "etat", "modalites": "modalite",
    }, "973"),
    ListeInconnue("lambert-sous-latitude", {
        "Nom lieu": "nom", "Adresse lieu": "adresse", "Ville": "commune", "Code postal": "cp", "latitude": "y lambert93",
        "longitude": "x lambert93", "Téléphone du lieu": "tel", "E-mail du lieu": "mail", "Date de création": "creation",
    }, "49"),
)  # fmt: skip
