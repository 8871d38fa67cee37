"""Fictional lists in words of their own: exports of data portals, of maps, of office suites, of contact software.

What each column means was written down before any proposal was made for it. The places are fictional, on real communes.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import xlsxwriter
from annuaire.territoires.referentiel import Referentiel

from tests.fabriques.listes_inconnues import Lieu

LIGNES: Final = 30
Rangees = list[dict[str, Any]]


@dataclass(frozen=True)
class ListeAutrement:
    """A list and its truth: `verite` are the columns of each field, `permis` those that may feed it besides."""

    nom: str
    departement: str
    faire: Callable[[list[Lieu]], tuple[str, bytes]]
    verite: Mapping[str, set[str]]
    permis: Mapping[str, set[str]] = field(default_factory=dict)
    lignes: int = LIGNES
    homonymes: int = 0
    """Rows that nothing can place: the name of two communes, and no code."""

    def octets(self) -> tuple[str, bytes]:
        """Write the file: (extension, bytes)."""
        alea = random.Random(self.nom)
        communes = [
            c for c in Referentiel.charger().communes() if c.code.startswith(self.departement) and c.codes_postaux
        ]
        return self.faire([Lieu(alea, rang, alea.choice(communes)) for rang in range(self.lignes)])


def _csv(rangees: Rangees, *, separateur: str = ",", encodage: str = "utf-8", avant: str = "") -> tuple[str, bytes]:
    texte = io.StringIO()
    ecrivain = csv.DictWriter(texte, list(rangees[0]), delimiter=separateur, lineterminator="\r\n")
    ecrivain.writeheader()
    ecrivain.writerows(rangees)
    return ".csv", (avant + texte.getvalue()).encode(encodage)


def _tour(valeurs: Sequence[Any], lieu: Lieu, pas: int = 1) -> Any:
    return valeurs[(lieu.rang * pas) % len(valeurs)]


def _portail(lieux: list[Lieu]) -> tuple[str, bytes]:
    return _csv(
        [
            {
                "Geo Point": f"{li.latitude}, {li.longitude}",
                "Geo Shape": json.dumps({"type": "Point", "coordinates": [li.longitude, li.latitude]}),
                "Identifiant du site": f"PTN-{li.rang + 100}",
                "Nom officiel du lieu": li.nom,
                "Adresse géographique": f"{li.numero} {li.voie}",
                "Code officiel commune": li.commune.code,
                "Nom officiel commune": li.commune.nom,
                "Nom officiel EPCI": _tour(("CC des Prés", "CA du Moulin"), li),
                "Téléphone du secrétariat": li.telephone(),
                "Adresse de messagerie": f"contact-{li.rang}@exemple.fr",
                "Site officiel": f"https://lieu{li.rang}.exemple.fr",
                "Plages d'ouverture": _tour(("Mo-Fr 09:00-12:00", "We 14:00-18:00; Sa 09:00-12:00"), li),
                "Public reçu": _tour(("Tout public", "Séniors", "Jeunes", "Familles"), li),
                "Prestations numériques": _tour(
                    ("Aide aux démarches en ligne", "Accès à internet et imprimante", "Initiation à l'ordinateur"), li
                ),
                "Date de dernière actualisation": f"2026-0{1 + li.rang % 9}-12",
            }
            for li in lieux
        ],
        separateur=";",
        avant="\ufeff",
    )


def _gogocarto(lieux: list[Lieu]) -> tuple[str, bytes]:
    fiches = [
        {
            "id": f"{li.rang:03}Xy",
            "name": li.nom,
            "geo": {"latitude": li.latitude, "longitude": li.longitude},
            "sourceKey": "Formulaire",
            "address": {
                "streetNumber": li.numero, "streetAddress": li.voie, "addressLocality": li.commune.nom,
                "postalCode": li.cp, "addressCountry": "FR",
            },
            "createdAt": "2021-03-02T10:00:00+01:00",
            "updatedAt": f"2026-0{1 + li.rang % 9}-02T10:00:00+01:00",
            "status": 1,
            "categories": [_tour(("Bibliothèque", "Association", "Espace public numérique"), li)],
            "telephone": li.telephone(),
            "email": f"lieu{li.rang}@exemple.fr",
            "openHours": {"Mo": "09h00 - 12h00", "Tu": "14h00 - 18h00", "Th": _tour(("09h30 - 12h00", ""), li)},
            "description": f"Un lieu ouvert à toutes et tous, avec {li.rang % 6 + 1} ordinateurs en libre accès.",
            "website": f"https://exemple.fr/gogo/{li.rang}",
        }
        for li in lieux
    ]  # fmt: skip
    return ".json", json.dumps({"licence": "ODbL", "ontology": "gogofull", "data": fiches}).encode()


def _mairie(lieux: list[Lieu]) -> tuple[str, bytes]:
    rangees: list[list[Any]] = [
        ["RECENSEMENT DES POINTS D'ACCUEIL NUMÉRIQUES — mise à jour du service"],
        [],
        ["N°", "Équipement municipal", "Où ?", "Quartier", "Accueil téléphonique", "Boîte courriel",
         "Jours et heures d'accueil du public", "Ce qu'on y fait", "Combien ça coûte", "Référent"],
    ]  # fmt: skip
    for li in lieux:
        rangees.append(
            [li.rang + 1, li.nom, f"{li.numero} {li.voie} {li.cp} {li.commune.nom}", _tour(("Nord", "Sud"), li),
             li.telephone(), f"mairie.{li.rang}@exemple.fr",
             _tour(("lundi et mardi de 9h à 12h", "du mardi au samedi de 14h à 18h", "mercredi 10h-17h"), li),
             _tour(("Impressions, photocopies", "Ateliers smartphone", "Aide à la déclaration d'impôts"), li),
             _tour(("gratuit", "gratuit", "payant : 5 € l'année"), li), _tour(("Alix F.", "Sacha E."), li)]
        )  # fmt: skip
    sortie = io.BytesIO()
    with xlsxwriter.Workbook(sortie, {"in_memory": True}) as classeur:
        feuille = classeur.add_worksheet("Lieux 2026")
        for rang, rangee in enumerate(rangees):
            feuille.write_row(rang, 0, rangee)
    return ".xlsx", sortie.getvalue()


def _reunion(lieux: list[Lieu]) -> tuple[str, bytes]:
    rangees = []
    for li in lieux:
        rangees.append(
            {
                "Kaz": li.nom,
                "Rue": f"{li.numero}, {li.voie}",
                "Kartié": _tour(("Les Hauts", "Centre", "Les Bas"), li),
                "Komine": li.commune.nom.upper(),
                "C.P.": int(li.cp),
                "Fixe": int(li.telephone().replace(" ", "")),
                "GSM": f"0692 00 {li.rang:02} {li.rang + 11:02}",
                "Mél": f"kaz{li.rang}@exemple.re",
                # a spreadsheet where both headers were swapped
                "Latitude": str(li.longitude).replace(".", ","),
                "Longitude": str(li.latitude).replace(".", ","),
                "Ouvert le": _tour(("Lundi, mardi, jeudi : 8h30-12h00", "Du lundi au vendredi 8h-16h"), li),
                "Porté par": _tour(("Ville", "Association Les Tilleuls", "CCAS"), li),
            }
        )
    return _csv(rangees, separateur=";", encodage="cp1252")


def _bus(lieux: list[Lieu]) -> tuple[str, bytes]:
    return _csv(
        [
            {
                "Véhicule": f"Le Fourgon connecté {li.rang // 6 + 1}",
                "Halte": f"{_tour(('Parking de la mairie', 'Place du Marché', 'Salle des fêtes'), li)}",
                "Commune desservie": li.commune.nom,
                "Code commune": li.commune.code,
                "Lat. halte": li.latitude,
                "Long. halte": li.longitude,
                "Première date": f"{1 + li.rang % 28:02}/09/2026",
                "Dernière date": f"{1 + li.rang % 28:02}/12/2026",
                "Jour et heure de passage": _tour(("mardi 9h-12h", "jeudi 14h-17h", "vendredi 9h30-12h30"), li),
                "Numéro à appeler": f"01 99 00 55 {li.rang // 6:02}",
            }
            for li in lieux
        ]
    )


def _geojson(lieux: list[Lieu]) -> tuple[str, bytes]:
    entites = [
        {
            "type": "Feature",
            "id": f"node/{7000 + li.rang}",
            "geometry": {"type": "Point", "coordinates": [li.longitude, li.latitude]},
            "properties": {
                "fiche": {"designation_usuelle": li.nom, "famille": _tour(("CCAS", "Médiathèque", "Asso"), li)},
                "situation": {
                    "ligne_adresse": f"{li.numero} {li.voie}", "cp": li.cp, "localite": li.commune.nom,
                },
                "joindre": {
                    "tel": li.telephone(), "courrier_electronique": f"n{li.rang}@exemple.fr",
                    "web": f"exemple.fr/n/{li.rang}",
                },
                "accueil": {
                    "horaires_texte": _tour(("lundi 9h-12h ; mardi 14h-17h", "Du lundi au jeudi de 9h à 17h"), li),
                    "acces_pmr": _tour(("oui", "non"), li),
                    "sans_rendez_vous": _tour(("oui", "non"), li, 3),
                },
                "technique": {"couche": "inclusion", "epsg": 4326},
            },
        }
        for li in lieux
    ]  # fmt: skip
    return ".geojson", json.dumps({"type": "FeatureCollection", "features": entites}).encode()


def _demi_journees(lieux: list[Lieu]) -> tuple[str, bytes]:
    jours = {
        f"OUV_{jour}_{moment}": plages
        for jour in ("LUN", "MAR", "MER", "JEU", "VEN", "SAM")
        for moment, plages in (("AM", ("9h-12h", "", "8h30-12h15")), ("PM", ("14h-17h", "13h30-18h", "")))
    }
    return _csv(
        [
            {
                "REF_EQUIP": f"EQ{li.rang:05}",
                "LIB_EQUIP": li.nom.upper(),
                "NUM_VOIE": li.numero,
                "LIB_VOIE": li.voie.upper(),
                "CPOST": li.cp,
                "LIB_COMM": li.commune.nom.upper(),
                "TELEPH": li.telephone().replace(" ", "."),
                **{colonne: _tour(plages, li, 1 + rang) for rang, (colonne, plages) in enumerate(jours.items())},
                "TARIFIC": _tour(("GRATUIT", "ADHESION 10 EUR", "GRATUIT"), li),
                "SUR_RDV": _tour(("O", "N"), li),
            }
            for li in lieux
        ],
        separateur="|",
    )


def _logiciel(lieux: list[Lieu]) -> tuple[str, bytes]:
    return _csv(
        [
            {
                "Account ID": f"0015g00000{li.rang:05}AAC",
                "Account Name": li.nom,
                "Parent Account": _tour(("Fondation des Prés", "Union des Cerisiers"), li),
                "Billing Street": f"{li.numero} {li.voie}",
                "Billing City": li.commune.nom,
                "Billing Zip/Postal Code": li.cp,
                "Billing Country": "France",
                "Geolocation (Latitude)": li.latitude,
                "Geolocation (Longitude)": li.longitude,
                "Main Phone": "+33 " + li.telephone()[1:],
                "Fax": "+33 1 99 00 99 99",
                "Public Email": f"desk{li.rang}@exemple.fr",
                "Website": f"www.exemple.fr/desk-{li.rang}",
                "Opening Times": _tour(("Mon-Fri 9:00-17:00", "Tue, Thu 14:00-18:00"), li),
                "Target Groups": _tour(("Seniors", "Young people", "Families"), li),
                "Account Owner": _tour(("Alix Fictif", "Sacha Exemple"), li),
                "Last Modified Date": f"{1 + li.rang % 28:02}/0{1 + li.rang % 9}/2026",
            }
            for li in lieux
        ],
        avant="\ufeff",
    )


def _unites(lieux: list[Lieu]) -> tuple[str, bytes]:
    return _csv(
        [
            {
                "ID_EQPT (TEXTE)": f"{li.commune.departement}-{li.rang:04}",
                "DESIGNATION EQPT": li.nom,
                "SIRET EXPLOITANT (14 CHIFFRES)": "",
                "ADRESSE EQPT": f"{li.numero} {li.voie}",
                "CODE POSTAL (5 CHIFFRES)": li.cp,
                "COMMUNE D'IMPLANTATION": li.commune.nom,
                "CODE COMMUNE (INSEE)": li.commune.code,
                "COORD X (M)": li.projete("lambert93")[0],
                "COORD Y (M)": li.projete("lambert93")[1],
                "SURFACE (M2)": 20 + li.rang * 3,
                "NB POSTES (UNITE)": li.rang % 9,
                "CONTACT TEL (10 CHIFFRES)": li.telephone().replace(" ", ""),
                "CONTACT MEL": f"eqpt{li.rang}@exemple.fr",
                "HEURES OUVERTURE (TEXTE)": _tour(("LUNDI 9H-12H", "MARDI ET JEUDI 14H-18H"), li),
                "DATE MAJ (JJ/MM/AAAA)": f"{1 + li.rang % 28:02}/05/2026",
                "GRATUITE (O/N)": _tour(("O", "N"), li),
            }
            for li in lieux
        ],
        separateur="\t",
    )


def _formulaire(lieux: list[Lieu]) -> tuple[str, bytes]:
    return _csv(
        [
            {
                "Horodateur": f"{1 + li.rang % 28:02}/04/2026 10:12:00",
                "Comment s'appelle votre lieu ?": li.nom,
                "Quelle est l'adresse exacte du lieu ?": f"{li.numero} {li.voie}",
                "Dans quelle commune êtes-vous installés ?": li.commune.nom,
                "Quel est votre code postal ?": li.cp,
                "Numéro de téléphone pour vous joindre": li.telephone(),
                "Adresse e-mail qui sera affichée sur la carte": f"f{li.rang}@exemple.fr",
                "Avez-vous un site ou une page ?": _tour((f"https://exemple.fr/f{li.rang}", ""), li),
                "À quels moments êtes-vous ouverts ?": _tour(
                    ("Le lundi de 9h à 12h", "Tous les jours de 10h à 18h sauf le dimanche", "Mardi matin, 9h-12h"), li
                ),
                "Qui accueillez-vous ?": _tour(("Tout le monde", "Les seniors", "Les jeunes", "Les familles"), li),
                "Quels types d'accompagnement proposez-vous ?": _tour(
                    ("Individuel", "En groupe, sous forme d'ateliers", "Individuel, En groupe"), li
                ),
                "Est-ce payant ?": _tour(("Non, c'est gratuit", "Oui, payant"), li),
                "Quel est votre prénom ?": _tour(("Alix", "Sacha"), li),
            }
            for li in lieux
        ]
    )


def _serveur(lieux: list[Lieu]) -> tuple[str, bytes]:
    entites = [
        {
            "attributes": {
                "OBJECTID": li.rang + 1,
                "LIBELLE_SITE": li.nom,
                "VOIE_SITE": f"{li.numero} {li.voie}",
                "CODE_POST": li.cp,
                "VILLE_SITE": li.commune.nom.upper(),
                "TEL_SITE": li.telephone(),
                "MAIL_SITE": f"s{li.rang}@exemple.fr",
                "TYPE_SITE": _tour(("CENTRE SOCIAL", "BIBLIOTHEQUE", "MAIRIE"), li),
                "HORAIRES_SITE": _tour(("LUN-VEN 9H-12H", "MARDI 14H-17H"), li),
                "SHAPE_LENGTH": 0.0,
                "LAST_EDITED_DATE": 1_770_000_000_000 + li.rang * 86_400_000,
            },
            "geometry": {"x": li.longitude, "y": li.latitude},
        }
        for li in lieux
    ]
    return ".json", json.dumps({"spatialReference": {"wkid": 4326}, "features": entites}).encode()


def _guyane(lieux: list[Lieu]) -> tuple[str, bytes]:
    return _csv(
        [
            {
                "Établissement d'accueil": li.nom,
                "Voie ou lieu-dit": f"{li.numero} {li.voie}",
                "Bourg": li.commune.nom,
                "CP": li.cp,
                "Coord. E": li.projete("utm22n")[0],
                "Coord. N": li.projete("utm22n")[1],
                "Tél. 1": li.telephone(),
                "Tél. 2": f"0694 00 {li.rang:02} 10",
                "Courriel de la structure": f"g{li.rang}@exemple.fr",
                "Jours d'accueil": _tour(("Lundi et jeudi 8h-13h", "Du lundi au vendredi 7h30-13h30"), li),
                "Langues d'accueil": _tour(("français, créole", "français, anglais", "portugais"), li),
                "Tutelle": _tour(("Commune", "Association Les Tilleuls"), li),
            }
            for li in lieux
        ],
        separateur=";",
    )


def _croix(lieux: list[Lieu]) -> tuple[str, bytes]:
    oui = ("x", "", "x", "")
    return _csv(
        [
            {
                "Qui": li.nom,
                "Où": f"{li.numero} {li.voie}",
                "Ville": li.commune.nom,
                "Tél": li.telephone(),
                "Quand": _tour(("lundi 9h-12h", "mardi et vendredi 14h-17h"), li),
                "Démarches impôts": _tour(oui, li),
                "Recherche d'emploi": _tour(oui, li, 3),
                "Scanner / imprimante": _tour(oui, li, 5),
                "Smartphone, tablette": _tour(oui, li, 7),
                "Atelier collectif": _tour(oui, li, 9),
                "Seniors": _tour(oui, li, 11),
                "Gratuit": _tour(("x", "x", ""), li),
                "Vu le": f"{1 + li.rang % 28:02}/03/2026",
            }
            for li in lieux
        ],
        separateur=";",
        encodage="cp1252",
    )


def _ouvertures(lieux: list[Lieu]) -> tuple[str, bytes]:
    jours = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
    return ".json", json.dumps(
        [
            {
                "uuid": f"8f0e-{li.rang:04}",
                "intitule_point": li.nom,
                "adresse_point": {"numero": li.numero, "voie": li.voie, "codePostal": li.cp, "ville": li.commune.nom},
                "coordonnees_point": [li.longitude, li.latitude],
                "horaires_point": {
                    jour: {"ouverture": _tour(("09:00", "08:30"), li), "fermeture": _tour(("17:00", "12:30"), li)}
                    for jour in jours
                },
                "contact_point": {"telephone": li.telephone(), "mail": f"o{li.rang}@exemple.fr"},
                "prise_rendez_vous": f"https://rdv.exemple.fr/o/{li.rang}",
                "gestionnaire_point": _tour(("Ville", "Agglomération"), li),
                "mis_a_jour": f"2026-02-{1 + li.rang % 28:02}",
            }
            for li in lieux
        ]
    ).encode()


AUTREMENT: Final = (
    ListeAutrement(
        "portail", "35", _portail,
        {
            "cle": {"Identifiant du site"}, "nom": {"Nom officiel du lieu"}, "adresse": {"Adresse géographique"},
            "commune": {"Nom officiel commune"}, "code_insee": {"Code officiel commune"}, "point": {"Geo Point"},
            "telephone": {"Téléphone du secrétariat"}, "courriels": {"Adresse de messagerie"},
            "site_web": {"Site officiel"}, "horaires": {"Plages d'ouverture"},
            "publics_specifiquement_adresses": {"Public reçu"}, "services": {"Prestations numériques"},
            "date_maj": {"Date de dernière actualisation"},
        },
    ),
    ListeAutrement(
        "gogocarto", "34", _gogocarto,
        {
            "cle": {"id"}, "nom": {"name"}, "adresse": {"address.streetNumber", "address.streetAddress"},
            "commune": {"address.addressLocality"}, "code_postal": {"address.postalCode"},
            "latitude": {"geo.latitude"}, "longitude": {"geo.longitude"}, "telephone": {"telephone"},
            "courriels": {"email"}, "site_web": {"website"}, "presentation_detail": {"description"},
            "horaires": {"openHours.Mo", "openHours.Tu", "openHours.Th"}, "date_maj": {"updatedAt"},
            "typologie": {"categories"},
        },
        {"presentation_resume": {"description"}},
    ),
    ListeAutrement(
        "mairie", "63", _mairie,
        {
            "cle": {"N°"}, "nom": {"Équipement municipal"}, "adresse": {"Où ?"}, "code_postal": {"Où ?"},
            "commune": {"Où ?"}, "telephone": {"Accueil téléphonique"}, "courriels": {"Boîte courriel"},
            "horaires": {"Jours et heures d'accueil du public"}, "services": {"Ce qu'on y fait"},
            "frais_a_charge": {"Combien ça coûte"},
        },
        {"modalites_accompagnement": {"Ce qu'on y fait"}},
    ),
    ListeAutrement(
        "reunion", "974", _reunion,
        {
            "nom": {"Kaz"}, "adresse": {"Rue"}, "commune": {"Komine"}, "code_postal": {"C.P."},
            "telephone": {"Fixe", "GSM"}, "courriels": {"Mél"}, "latitude": {"Longitude"}, "longitude": {"Latitude"},
            "horaires": {"Ouvert le"}, "structure_parente": {"Porté par"},
        },
        {"typologie": {"Porté par"}, "complement_adresse": {"Kartié"}},
    ),
    ListeAutrement(
        "bus", "48", _bus,
        {
            "nom": {"Véhicule"}, "adresse": {"Halte"}, "commune": {"Commune desservie"}, "code_insee": {"Code commune"},
            "latitude": {"Lat. halte"}, "longitude": {"Long. halte"}, "horaires": {"Jour et heure de passage"},
            "telephone": {"Numéro à appeler"}, "du": {"Première date"}, "au": {"Dernière date"},
        },
    ),
    ListeAutrement(
        "geojson", "76", _geojson,
        {
            "nom": {"fiche.designation_usuelle"}, "typologie": {"fiche.famille"},
            "adresse": {"situation.ligne_adresse"}, "code_postal": {"situation.cp"}, "commune": {"situation.localite"},
            "telephone": {"joindre.tel"}, "courriels": {"joindre.courrier_electronique"}, "site_web": {"joindre.web"},
            "horaires": {"accueil.horaires_texte"}, "accessibilite": {"accueil.acces_pmr"},
            "latitude": {"latitude"}, "longitude": {"longitude"}, "cle": {"id"},
        },
        {"modalites_acces": {"accueil.sans_rendez_vous"}},
    ),
    ListeAutrement(
        "demi-journees", "59", _demi_journees,
        {
            "cle": {"REF_EQUIP"}, "nom": {"LIB_EQUIP"}, "adresse": {"NUM_VOIE", "LIB_VOIE"}, "code_postal": {"CPOST"},
            "commune": {"LIB_COMM"}, "telephone": {"TELEPH"}, "frais_a_charge": {"TARIFIC"},
            "horaires": {f"OUV_{j}_{m}" for j in ("LUN", "MAR", "MER", "JEU", "VEN", "SAM") for m in ("AM", "PM")},
        },
        {"modalites_acces": {"SUR_RDV"}},
    ),
    ListeAutrement(
        "logiciel", "75", _logiciel,
        {
            "cle": {"Account ID"}, "nom": {"Account Name"}, "structure_parente": {"Parent Account"},
            "adresse": {"Billing Street"}, "commune": {"Billing City"}, "code_postal": {"Billing Zip/Postal Code"},
            "latitude": {"Geolocation (Latitude)"}, "longitude": {"Geolocation (Longitude)"},
            "telephone": {"Main Phone"}, "courriels": {"Public Email"}, "site_web": {"Website"},
            "horaires": {"Opening Times"}, "publics_specifiquement_adresses": {"Target Groups"},
            "date_maj": {"Last Modified Date"},
        },
    ),
    ListeAutrement(
        "unites", "21", _unites,
        {
            "cle": {"ID_EQPT (TEXTE)"}, "nom": {"DESIGNATION EQPT"}, "adresse": {"ADRESSE EQPT"},
            "code_postal": {"CODE POSTAL (5 CHIFFRES)"}, "commune": {"COMMUNE D'IMPLANTATION"},
            "code_insee": {"CODE COMMUNE (INSEE)"}, "x": {"COORD X (M)"}, "y": {"COORD Y (M)"},
            "telephone": {"CONTACT TEL (10 CHIFFRES)"}, "courriels": {"CONTACT MEL"},
            "horaires": {"HEURES OUVERTURE (TEXTE)"}, "date_maj": {"DATE MAJ (JJ/MM/AAAA)"},
            "frais_a_charge": {"GRATUITE (O/N)"},
        },
        {"pivot": {"SIRET EXPLOITANT (14 CHIFFRES)"}},
    ),
    ListeAutrement(
        "formulaire", "29", _formulaire,
        {
            "nom": {"Comment s'appelle votre lieu ?"}, "adresse": {"Quelle est l'adresse exacte du lieu ?"},
            "commune": {"Dans quelle commune êtes-vous installés ?"}, "code_postal": {"Quel est votre code postal ?"},
            "telephone": {"Numéro de téléphone pour vous joindre"},
            "courriels": {"Adresse e-mail qui sera affichée sur la carte"},
            "site_web": {"Avez-vous un site ou une page ?"}, "horaires": {"À quels moments êtes-vous ouverts ?"},
            "publics_specifiquement_adresses": {"Qui accueillez-vous ?"}, "frais_a_charge": {"Est-ce payant ?"},
            "modalites_accompagnement": {"Quels types d'accompagnement proposez-vous ?"}, "date_maj": {"Horodateur"},
        },
        {"services": {"Quels types d'accompagnement proposez-vous ?"}},
    ),
    ListeAutrement(
        "serveur", "33", _serveur,
        {
            "cle": {"OBJECTID"}, "nom": {"LIBELLE_SITE"}, "adresse": {"VOIE_SITE"}, "code_postal": {"CODE_POST"},
            "commune": {"VILLE_SITE"}, "telephone": {"TEL_SITE"}, "courriels": {"MAIL_SITE"},
            "typologie": {"TYPE_SITE"}, "horaires": {"HORAIRES_SITE"}, "date_maj": {"LAST_EDITED_DATE"},
            "latitude": {"latitude"}, "longitude": {"longitude"},
        },
    ),
    ListeAutrement(
        "guyane", "973", _guyane,
        {
            "nom": {"Établissement d'accueil"}, "adresse": {"Voie ou lieu-dit"}, "commune": {"Bourg"},
            "code_postal": {"CP"}, "x": {"Coord. E"}, "y": {"Coord. N"}, "telephone": {"Tél. 1", "Tél. 2"},
            "courriels": {"Courriel de la structure"}, "horaires": {"Jours d'accueil"},
            "langues": {"Langues d'accueil"}, "structure_parente": {"Tutelle"},
        },
        {"prise_en_charge_specifique": {"Langues d'accueil"}, "typologie": {"Tutelle"}},
    ),
    ListeAutrement(
        "croix", "87", _croix,
        {
            "nom": {"Qui"}, "adresse": {"Où"}, "commune": {"Ville"}, "telephone": {"Tél"}, "horaires": {"Quand"},
            "services": {"Démarches impôts", "Recherche d'emploi", "Scanner / imprimante", "Smartphone, tablette"},
            "modalites_accompagnement": {"Atelier collectif"}, "publics_specifiquement_adresses": {"Seniors"},
            "frais_a_charge": {"Gratuit"}, "date_maj": {"Vu le"},
        },
        homonymes=1,
    ),
    ListeAutrement(
        "ouvertures", "2A", _ouvertures,
        {
            "cle": {"uuid"}, "nom": {"intitule_point"}, "adresse": {"adresse_point.numero", "adresse_point.voie"},
            "code_postal": {"adresse_point.codePostal"}, "commune": {"adresse_point.ville"},
            "latitude": {"coordonnees_point[1]"}, "longitude": {"coordonnees_point[0]"},
            "telephone": {"contact_point.telephone"}, "courriels": {"contact_point.mail"},
            "prise_rdv": {"prise_rendez_vous"}, "structure_parente": {"gestionnaire_point"},
            "date_maj": {"mis_a_jour"},
            "horaires": {
                f"horaires_point.{j}.{bout}" for j in ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
                for bout in ("ouverture", "fermeture")
            },
        },
        {"typologie": {"gestionnaire_point"}},
    ),
)  # fmt: skip
