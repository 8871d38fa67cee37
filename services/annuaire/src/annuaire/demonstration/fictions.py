"""What the demonstration is made of: names, streets and identifiers that belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass

GENRES_DE_LIEU: tuple[tuple[str, str], ...] = (
    ("Espace numérique fictif", "EPN"),
    ("Médiathèque fictive", "BIB"),
    ("Maison de quartier fictive", "CS"),
    ("Tiers-lieu fictif", "TIERS_LIEUX"),
    ("Maison de services fictive", "RFS"),
    ("Centre d'action sociale fictif", "CCAS"),
    ("Mairie annexe fictive", "MUNI"),
    ("Mission locale fictive", "ML"),
    ("Association fictive", "ASSO"),
    ("Atelier fictif", "FABLAB"),
    ("Relais fictif", "PIMMS"),
    ("Ressourcerie fictive", "RESSOURCERIE"),
    ("Point d'information fictif", "PIJ_BIJ"),
    ("Foyer fictif", "MJC"),
)
"""Kinds of place: how the name starts, and its code in the list `typologie`."""

BUS = ("Bus numérique fictif", "Autre")

NOMS_PROPRES = (
    "des Tilleuls", "des Marronniers", "du Grand Chêne", "de la Luciole", "des Hirondelles",
    "du Rouge-Gorge", "de la Grenouille bleue", "du Petit Nuage", "de la Lanterne", "des Trois Fontaines",
    "du Moulin à paroles", "de la Boussole", "des Quatre Vents", "du Vieux Phare", "de l'Arc-en-ciel",
    "de la Passerelle", "du Bout du monde", "des Mille Pages", "de la Clé des champs", "du Fil d'Ariane",
    "de la Belle Étoile", "des Coquelicots", "du Sentier perdu", "de la Ruche", "des Bottes de sept lieues",
    "du Colibri", "de la Tortue", "de l'Oiseau-lyre", "des Équinoxes", "de la Marelle", "du Cerf-volant",
    "des Papillons", "de la Source claire", "du Vent d'est", "de la Girouette", "des Primevères",
    "du Hérisson", "de la Pomme d'api", "des Amandiers", "du Manège",
)  # fmt: skip

VOIES = (
    "rue des Fables", "rue de l'Invention", "place des Contes", "avenue de la Chimère", "rue du Dragon bleu",
    "impasse du Conditionnel", "boulevard de l'Imaginaire", "rue de la Parenthèse", "allée des Licornes",
    "chemin du Songe", "place du Point-Virgule", "rue de l'Exemple", "cours de la Fiction", "quai des Brumes",
)  # fmt: skip

COMPLEMENTS = ("1er étage", "Bâtiment B", "Rez-de-jardin", "Derrière la halle", "Salle polyvalente")

RESEAUX = ("Réseau fictif Pixel et compagnie", "Réseau fictif La Main tendue", "Réseau fictif Cap Clavier",
           "Réseau fictif Les Écrans partagés", "Réseau fictif Trait d'union")  # fmt: skip

HORAIRES = (
    "Mo-Fr 09:00-12:00,14:00-17:30",
    "Mo-Fr 09:00-17:00; Sa 09:00-12:00",
    "Tu-Sa 10:00-18:00",
    "Tu,Th 14:00-18:00; We 09:00-12:00,14:00-18:00; Sa 09:30-12:30",
    "Mo-Fr 08:30-12:30; PH off",
    "Mo-Fr 09:00-12:30,13:30-17:00; PH off",
    "Mo-Th 09:00-12:00,13:30-17:30; Fr 09:00-12:00",
    "We 14:00-17:00; Fr 17:00-20:00",
    "Mo-Su 08:00-20:00",
    "Mo-Fr 13:00-19:00; Sa,Su 10:00-13:00",
    'Mo-Fr 09:00-12:00 "sur rendez-vous"',
    "week 1-53/2 Mo 09:00-12:00",
    "Apr-Sep Mo-Sa 09:00-19:00; Oct-Mar Mo-Sa 10:00-17:00",
    "Fr 18:00-22:00; Sa 14:00-22:00",
    "24/7",
)
"""Opening hours in the OpenStreetMap syntax, from the plain week to the exceptions that readers get wrong."""

TELEPHONES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49")
"""Prefixes that ARCEP keeps for works of fiction (numbering plan, decision 2018-0881). Its mobile range,
06 39 98, is left out: common validators refuse it."""


@dataclass(frozen=True, slots=True)
class Organisme:
    """A fictional organisation: its SIREN and how many places it already carries."""

    nom: str
    siren: str

    def siret(self, etablissement: int) -> str:
        """SIRET of its n-th establishment (n ≥ 1): SIREN, four digits, check digit."""
        return avec_cle(f"{self.siren}{etablissement:04}")


def siren(rang: int) -> str:
    """Fictional SIREN number `rang` (1 to 9999).

    All start with 0000: their check digit is right, yet the Sirene register uses no number so low.
    """
    if not 1 <= rang <= 9_999:
        raise ValueError(f"rang hors de 1-9999 : {rang}")
    return avec_cle(f"{rang:08}")


def avec_cle(chiffres: str) -> str:
    """Append the Luhn check digit (ISO/IEC 7812-1, annex B)."""
    somme = 0
    for rang, chiffre in enumerate(reversed(chiffres)):
        valeur = int(chiffre) * (2 if rang % 2 == 0 else 1)
        somme += valeur - 9 if valeur > 9 else valeur
    return f"{chiffres}{-somme % 10}"
