"""The generator: communes in, rows of the national standard v1 out. Same seed, same rows everywhere."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, cycle
from random import Random

from annuaire.demonstration import fictions
from annuaire.demonstration.fictions import Organisme
from annuaire.territoires.referentiel import Commune

NOMBRE = 5_000
GRAINE = 2026
SANS_PUBLIC = "Ce lieu n'accueille pas de public"
MINIMUM_PAR_DEPARTEMENT = 5
"""Small territories would get nothing by population alone."""

PREMIERE_MAJ = datetime.date(2024, 1, 1)

Ligne = dict[str, str | float]


def engendrer(
    communes: Iterable[Commune],
    listes: Mapping[str, Sequence[str]],
    *,
    nombre: int = NOMBRE,
    graine: int = GRAINE,
) -> Iterator[Ligne]:
    """Yield `nombre` fictional places as rows of the standard v1.

    An absent column is unknown; `|` separates values. `listes` gives the closed lists by column name; each of
    their values is used. Communes are drawn by population, and no département has fewer than
    `MINIMUM_PAR_DEPARTEMENT` places.
    """
    hasard = Random(graine)  # noqa: S311 - the point is to be predictable
    atelier = _Atelier(hasard, listes)
    for rang, commune in enumerate(_tirer(sorted(communes, key=lambda c: c.code), nombre, hasard), start=1):
        yield atelier.lieu(rang, commune)


def _tirer(communes: Sequence[Commune], nombre: int, hasard: Random) -> list[Commune]:
    par_departement: defaultdict[str, list[Commune]] = defaultdict(list)
    for commune in communes:
        if commune.population and commune.codes_postaux:
            par_departement[commune.departement].append(commune)
    tirage: list[Commune] = []
    for membres in par_departement.values():
        tirage += hasard.choices(membres, [m.population or 0 for m in membres], k=MINIMUM_PAR_DEPARTEMENT)
    habitees = [commune for membres in par_departement.values() for commune in membres]
    cumul = list(accumulate(commune.population or 0 for commune in habitees))
    tirage += hasard.choices(habitees, cum_weights=cumul, k=max(0, nombre - len(tirage)))
    hasard.shuffle(tirage)
    return tirage[:nombre]


class _Atelier:
    """Makes places one by one; remembers the organisations that already have one in a commune."""

    def __init__(self, hasard: Random, listes: Mapping[str, Sequence[str]]) -> None:
        self._hasard = hasard
        self._listes = listes
        # In turn rather than drawn, so that no value of a long list is left out.
        self._tours = {nom: cycle(valeurs) for nom, valeurs in listes.items()}
        self._organismes: defaultdict[str, list[Organisme]] = defaultdict(list)
        self._etablissements: defaultdict[str, int] = defaultdict(int)
        self._prochain_siren = 1
        self._reseaux = [self._fonder(nom) for nom in fictions.RESEAUX]

    def lieu(self, rang: int, commune: Commune) -> Ligne:
        """Make the place number `rang` in a commune."""
        hasard = self._hasard
        itinerant = self._une_fois_sur(25)
        sans_public = not itinerant and self._une_fois_sur(30)
        debut, typologie = fictions.BUS if itinerant else hasard.choice(fictions.GENRES_DE_LIEU)
        propre = hasard.choice(fictions.NOMS_PROPRES)
        ligne: Ligne = {
            "id": f"demo-{rang:05}",
            "nom": f"{debut} {propre}",
            "source": "demonstration",
            "date_maj": (PREMIERE_MAJ + datetime.timedelta(days=hasard.randrange(1_040))).isoformat(),
            "typologie": typologie,
        }
        ligne |= self._identite(commune) | self._adresse(commune) | self._contacts(rang)
        if self._une_fois_sur(5):
            ligne["typologie"] = "|".join(dict.fromkeys((typologie, next(self._tours["typologie"]))))
        if not sans_public and not self._une_fois_sur(5):
            ligne["horaires"] = hasard.choice(fictions.HORAIRES)
        ligne |= self._offre(itinerant=itinerant, sans_public=sans_public)
        services = str(ligne.get("services", "")).split("|")[0].lower() or "appui aux médiateurs"
        ligne["presentation_resume"] = f"Lieu fictif de démonstration à {commune.nom} : {services}."
        if self._une_fois_sur(3):
            ligne["presentation_detail"] = (
                f"Ce lieu n'existe pas. Il montre ce que l'annuaire sait d'un lieu réel de {commune.nom} : "
                "services, horaires, modalités d'accès. Ne vous y rendez pas, n'y téléphonez pas."
            )
        return ligne

    def _identite(self, commune: Commune) -> Ligne:
        hasard = self._hasard
        if self._une_fois_sur(14):
            return {}
        if self._une_fois_sur(40):
            # No prefecture has the number 000: a valid shape that names no association.
            return {"pivot": f"W000{hasard.randrange(1_000_000):06}"}
        connus = self._organismes[commune.code]
        if self._une_fois_sur(12):
            organisme = hasard.choice(self._reseaux)
        elif connus and self._une_fois_sur(2):
            organisme = hasard.choice(connus)
        else:
            organisme = self._fonder(f"Organisme fictif {self._prochain_siren}")
            connus.append(organisme)
        # Half of the places of an organisation share the SIRET of its seat, as libraries of a town do.
        if self._etablissements[organisme.siren] == 0 or self._une_fois_sur(2):
            self._etablissements[organisme.siren] += 1
        ligne: Ligne = {"pivot": organisme.siret(self._etablissements[organisme.siren])}
        if self._etablissements[organisme.siren] > 1 and self._une_fois_sur(3):
            ligne["structure_parente"] = organisme.nom
        return ligne

    def _fonder(self, nom: str) -> Organisme:
        organisme = Organisme(nom, fictions.siren(self._prochain_siren))
        self._prochain_siren += 1
        return organisme

    def _adresse(self, commune: Commune) -> Ligne:
        hasard = self._hasard
        ligne: Ligne = {
            "commune": commune.nom,
            "code_postal": hasard.choice(commune.codes_postaux),
            "code_insee": commune.code,
            "adresse": f"{hasard.randint(1, 120)} {hasard.choice(fictions.VOIES)}",
        }
        if self._une_fois_sur(8):
            ligne["complement_adresse"] = hasard.choice(fictions.COMPLEMENTS)
        if commune.latitude is not None and commune.longitude is not None:
            # A disc whose area follows the population: about 5 km for Paris, 400 m for a town of 10,000.
            rayon = 0.0011 * math.sqrt((commune.population or 0) / 1_000) * math.sqrt(hasard.random())
            angle = hasard.random() * math.tau
            ligne["latitude"] = round(commune.latitude + rayon * math.sin(angle), 5)
            ligne["longitude"] = round(
                commune.longitude + rayon * math.cos(angle) / math.cos(math.radians(commune.latitude)), 5
            )
        return ligne

    def _contacts(self, rang: int) -> Ligne:
        hasard = self._hasard
        ligne: Ligne = {}
        if not self._une_fois_sur(6):
            ligne["telephone"] = f"+33{hasard.choice(fictions.TELEPHONES)[1:]}{rang:04}".replace(" ", "")
        if not self._une_fois_sur(5):
            boites = ("contact", "accueil") if self._une_fois_sur(10) else ("contact",)
            # RFC 2606 keeps .example out of the domain name system for ever.
            ligne["courriels"] = "|".join(f"{boite}@lieu-{rang}.example" for boite in boites)
        if self._une_fois_sur(2):
            ligne["site_web"] = f"https://lieu-{rang}.example/"
        return ligne

    def _offre(self, *, itinerant: bool, sans_public: bool) -> Ligne:
        if sans_public:
            return {"modalites_acces": SANS_PUBLIC}
        ligne: Ligne = {
            "services": self._plusieurs("services", 5),
            "frais_a_charge": next(self._tours["frais_a_charge"]) if self._une_fois_sur(4) else "Gratuit",
            "modalites_acces": self._plusieurs("modalites_acces", 3, sauf=SANS_PUBLIC),
            "modalites_accompagnement": self._plusieurs("modalites_accompagnement", 3),
            "itinerance": "Itinérant" if itinerant else "Fixe",
        }
        for colonne, chance in (
            ("publics_specifiquement_adresses", 3),
            ("prise_en_charge_specifique", 4),
            ("dispositif_programmes_nationaux", 3),
            ("formations_labels", 8),
        ):
            if self._une_fois_sur(chance):
                ligne[colonne] = self._plusieurs(colonne, 2)
        if itinerant and self._une_fois_sur(4):
            ligne["itinerance"] = "Itinérant|Fixe"
        if self._une_fois_sur(15):
            ligne["autres_formations_labels"] = "Label fictif des quartiers connectés"
        if "Prendre un RDV en ligne" in str(ligne["modalites_acces"]):
            ligne["prise_rdv"] = "https://rendez-vous.example/demonstration"
        return ligne

    def _plusieurs(self, colonne: str, au_plus: int, *, sauf: str | None = None) -> str:
        """Give one to `au_plus` values of a closed list, the next ones in turn first."""
        valeurs = [next(self._tours[colonne])]
        valeurs += self._hasard.sample(self._listes[colonne], self._hasard.randint(0, au_plus - 1))
        gardees = [valeur for valeur in dict.fromkeys(valeurs) if valeur != sauf]
        return "|".join(gardees or [next(v for v in self._listes[colonne] if v != sauf)])

    def _une_fois_sur(self, combien: int) -> bool:
        return self._hasard.randrange(combien) == 0
