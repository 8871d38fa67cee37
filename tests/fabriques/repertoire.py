"""A fictional directory in which every filter finds something, read again as documents, and the answers by hand."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from annuaire.demonstration.__main__ import listes_du_standard
from annuaire.demonstration.fictions import siren
from annuaire.demonstration.generateur import engendrer
from annuaire.lieux import service
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import SourceCitee
from annuaire.lieux.service import Enregistrement
from annuaire.structures import service as structures
from annuaire.structures.rules import FicheStructure
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from annuaire.synchronisation.traitement import standard
from annuaire.territoires.referentiel import Referentiel
from socle.identifiants import uuid7

from tests.fabriques.annuaire import ADMIN, Annuaire, nouvelle_cle, ouvrir
from tests.fabriques.horloge import Horloge

RAYON_MOYEN = 6_371_008.8
SANS_PUBLIC = "Ce lieu n'accueille pas de public"
DEMONSTRATION = 1_500
PREMIER_JOUR = datetime(2026, 1, 5, 8, tzinfo=UTC)
MAINTENANT = datetime(2026, 3, 10, 10, tzinfo=UTC)
"""A Tuesday, 11:00 in Paris: much of the country is open, the Antilles are not yet, Nouméa is no more."""

ARRONDISSEMENTS = {
    "75056": [f"751{n:02}" for n in range(1, 21)],
    "13055": [f"132{n:02}" for n in range(1, 17)],
    "69123": [f"6938{n}" for n in range(1, 10)],
}
LISTES = (
    "services", "typologie", "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge",
    "modalites_acces", "modalites_accompagnement", "itinerance", "dispositif_programmes_nationaux",
    "formations_labels",
)  # fmt: skip
"""Filters on a closed list of the standard."""

Fiche = dict[str, Any]
"""A public document, as the export gives it."""


@dataclasses.dataclass
class Repertoire:
    """A running annuaire, its clock, its documents in the order of ids, and its closed lists by name: label to slug.

    `themes` gives the services of each theme.
    """

    annuaire: Annuaire
    horloge: Horloge
    fiches: list[Fiche]
    slugs: dict[str, dict[str, str]]
    themes: dict[str, list[str]]
    etats: dict[datetime, dict[str, str]] = dataclasses.field(default_factory=dict)

    async def etats_a(self, instant: datetime) -> dict[str, str]:
        """Return the state of each place at an instant, read from plain pages when the clock stands there."""
        if instant not in self.etats:
            avant, self.horloge.instant = self.horloge.instant, instant
            lus = await self.annuaire.tous("/lieux", limite=500, projection="compacte")
            self.horloge.instant = avant
            self.etats[instant] = {lu["id"]: lu["ouverture"]["etat"] for lu in lus}
        return self.etats[instant]


@asynccontextmanager
async def ouvrir_repertoire(dossier: Path, url: str) -> AsyncIterator[Repertoire]:
    """Fill a new annuaire and let it live for the time of the block."""
    async with ouvrir(dossier, url) as annuaire:
        assert annuaire.app is not None
        horloge = Horloge()
        horloge.instant = MAINTENANT
        annuaire.app.state.contexte = dataclasses.replace(annuaire.contexte, horloge=horloge)
        await _charger_les_quartiers(annuaire)
        await _peupler(annuaire)
        await _inscrire(annuaire, horloge)
        # readers are not made to wait for so many changes, tests are
        await annuaire.contexte.modele.rattraper(le=MAINTENANT, entierement=True)
        slugs: dict[str, dict[str, str]] = {}
        for nom in (*LISTES, "themes"):
            lue = (await annuaire.get(f"/referentiels/{nom}")).json()
            slugs[nom] = {valeur["valeur"]: valeur["slug"] for valeur in lue["valeurs"]}
        themes = {valeur["valeur"]: valeur["services"] for valeur in lue["valeurs"]}
        yield Repertoire(annuaire, horloge, await exportees(annuaire), slugs, themes)


async def exportees(annuaire: Annuaire) -> list[Fiche]:
    """Read every document by the export, which owes nothing to the table in memory."""
    *lignes, fin = [json.loads(ligne) for ligne in (await annuaire.get("/exports/lieux")).text.splitlines()]
    assert fin["lignes"] == len(lignes)
    return sorted(lignes, key=lambda fiche: str(fiche["id"]))


async def _charger_les_quartiers(annuaire: Annuaire) -> None:
    contenu = files("annuaire.territoires").joinpath("demonstration/qpv-fictifs.geojson").read_bytes()
    reponse = await annuaire.client.put(
        "/annuaire/v1/territoires/qpv",
        content=contenu,
        headers={**annuaire.entetes(ADMIN, ecriture=True), "Content-Type": "application/geo+json"},
    )
    assert reponse.status_code == 200, reponse.text
    async with annuaire.base.read() as session:
        await annuaire.contexte.situeur.suivre(session)


def _lignes() -> list[dict[str, Any]]:
    """Draw the demonstration, then rows for what it leaves to chance: every value, arrondissements, quarters."""
    listes = listes_du_standard()
    lignes: list[dict[str, Any]] = list(
        engendrer(list(Referentiel.charger().communes()), listes, nombre=DEMONSTRATION, graine=2026)
    )
    modele = [ligne for ligne in lignes if "latitude" in ligne]
    for champ, valeurs in listes.items():
        for rang, valeur in enumerate(valeurs):
            lignes.append({**modele[rang * 7 % len(modele)], champ: valeur, "nom": f"Médiathèque fictive « {valeur} »"})
    codes = [code for ville in ARRONDISSEMENTS.values() for code in ville]
    for rang, code in enumerate(codes):
        ville, postal = {
            "75": ("Paris", f"750{code[3:]}"), "13": ("Marseille", f"130{code[3:]}"), "69": ("Lyon", f"6900{code[4]}"),
        }[code[:2]]  # fmt: skip
        # nowhere but in its arrondissement: no point
        lignes.append({
            "id": "", "nom": f"Espace fictif de l'arrondissement {code}", "commune": ville, "code_postal": postal,
            "adresse": f"{rang + 1} rue de l'Exemple", "services": listes["services"][rang % len(listes["services"])],
        })  # fmt: skip
    offre = {champ: listes[champ] for champ in ("prise_en_charge_specifique", "formations_labels", "services")}
    quartiers = json.loads(
        files("annuaire.territoires").joinpath("demonstration/qpv-fictifs.geojson").read_text("utf-8")
    )
    for quartier in quartiers["features"]:
        sommets = quartier["geometry"]["coordinates"][0]
        while isinstance(sommets[0][0], list):
            sommets = sommets[0]
        longitude, latitude = sommets[0]
        insee = quartier["properties"]["insee_com"].split(",")[0]
        commune = Referentiel.charger().commune(insee)
        assert commune is not None
        for rang in range(12):
            lignes.append({
                **modele[rang * 31],
                **{champ: valeurs[rang % len(valeurs)] for champ, valeurs in offre.items()},
                "nom": f"Relais fictif {insee} {rang}", "commune": commune.nom,
                "code_postal": commune.codes_postaux[0], "code_insee": insee,
                # two places at the same distance on either side would have no order: of cubes, none is halfway
                # between two others (squares are, as 25 between 1 and 49)
                "latitude": round(latitude + 0.00001 * rang**3 - 0.004, 6), "longitude": round(longitude, 6),
            })  # fmt: skip
    for rang, ligne in enumerate(lignes):
        ligne["id"] = f"r-{rang}"
    return lignes


async def _peupler(annuaire: Annuaire) -> None:
    """Write five sources at as many dates, then a second version of some places, and withdraw a few."""
    traiter = standard({"aujourd_hui": "2026-03-10"})
    lues: list[tuple[dict[str, Any], LieuNormalise]] = []
    for rang, ligne in enumerate(_lignes()):
        objet = traiter(LigneBrute(ligne=rang + 1, feuille=None, valeurs=ligne))
        if objet["normalise"]:
            lues.append((objet, LieuNormalise.de_dict(json.loads(objet["normalise"]))))
    for tour in range(5):
        source = await annuaire.creer_source(f"liste-{tour}")
        siennes = [
            Enregistrement(
                cle=objet["cle"], lieu_id=uuid7(), ligne=objet["ligne"], brut=objet["brut"],
                normalise=objet["normalise"], empreinte=objet["empreinte"], fiche=fiche,
            )
            for objet, fiche in lues[tour::5]
        ]  # fmt: skip
        le = PREMIER_JOUR + timedelta(days=tour, milliseconds=250 * tour)
        await _ecrire(annuaire, source, siennes, le)
        revus = [dataclasses.replace(e, fiche=dataclasses.replace(e.fiche, nom=e.fiche.nom + " bis"))
                 for e in siennes[::9]]  # fmt: skip
        await _ecrire(annuaire, source, revus, le + timedelta(days=20))
        partis = siennes[4::50]
        async with annuaire.base.write() as session:
            await service.retirer(
                session, source, [e.cle for e in partis], [e.lieu_id for e in partis],
                outils=annuaire.contexte.outils, le=le + timedelta(days=30),
            )  # fmt: skip


async def _inscrire(annuaire: Annuaire, horloge: Horloge) -> None:
    """Add structures that are not places: some of the reference, some written by hand, at as many dates."""
    communes = [commune for commune in Referentiel.charger().communes() if commune.siren][::900]
    for rang, commune in enumerate(communes):
        async with annuaire.base.write() as session:
            fiche = FicheStructure(
                id=uuid7(), origine="reference", pivot=commune.siren, nom=f"Commune de {commune.nom}",
                types=("collectivite",), code_insee=commune.code, departement=commune.departement,
                region=commune.region, epci=commune.epci,
            )  # fmt: skip
            le = PREMIER_JOUR + timedelta(days=rang % 7)
            await structures.enregistrer(session, [fiche], plier=annuaire.contexte.outils.plier, le=le)
    types = ("hub", "bailleur", "financeur", "collectif_habitants", "association")
    for rang in range(30):
        horloge.instant = PREMIER_JOUR + timedelta(days=rang % 9, hours=3)
        demande = {
            "nom": f"Organisme fictif {rang}",
            "types": list(dict.fromkeys((types[rang % 5], types[rang % 3]))),
            "code_insee": communes[rang % len(communes)].code if rang % 4 else "75110",
            **({"pivot": siren(9_000 + rang)} if rang % 2 else {"sans_siret_motif": "fictif"}),
        }
        reponse = await annuaire.post("/structures", corps=demande, entetes={"Idempotency-Key": nouvelle_cle()})
        assert reponse.status_code == 201, reponse.text
    horloge.instant = MAINTENANT


async def _ecrire(annuaire: Annuaire, source: str, siennes: Sequence[Enregistrement], le: datetime) -> None:
    async def lots() -> AsyncIterator[Sequence[Enregistrement]]:
        for debut in range(0, len(siennes), 250):
            yield siennes[debut : debut + 250]

    async with annuaire.base.write() as session:
        await service.enregistrer(
            session,
            lots(),
            source=SourceCitee(id=source, licence="etalab-2.0"),
            run_id=uuid7(),
            outils=annuaire.contexte.outils,
            le=le,
        )


# --- the answers by hand


def metres(fiche: Fiche, latitude: float, longitude: float) -> float:
    """Measure a great circle by the haversine formula."""
    phi1, phi2 = math.radians(fiche["latitude"]), math.radians(latitude)
    demi_phi, demi_lambda = (phi2 - phi1) / 2, math.radians(longitude - fiche["longitude"]) / 2
    a = math.sin(demi_phi) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(demi_lambda) ** 2
    return 2 * RAYON_MOYEN * math.asin(min(1.0, math.sqrt(a)))


def _communes(fiche: Fiche, codes: Sequence[str]) -> bool:
    return any(fiche["code_insee"] in (code, *ARRONDISSEMENTS.get(code, ())) for code in codes)


def _quartiers(fiche: Fiche, codes: Sequence[str]) -> bool:
    qpv = fiche["qpv"]
    return bool(qpv) and qpv["position"] in ("dedans", "proche") and qpv["code"] in codes


def _dans(fiche: Fiche, rectangle: str) -> bool:
    ouest, sud, est, nord = map(float, rectangle.split(","))
    if fiche["latitude"] is None:
        return False
    return bool(ouest <= fiche["longitude"] <= est and sud <= fiche["latitude"] <= nord)


GARDES: Mapping[str, Callable[[Fiche, Any], bool]] = {
    "code_insee": _communes,
    "code_postal": lambda fiche, codes: fiche["code_postal"] in codes,
    "departement": lambda fiche, codes: fiche["departement"] in codes,
    "region": lambda fiche, codes: fiche["region"] in codes,
    "epci": lambda fiche, codes: fiche["epci"] in codes,
    "qpv": _quartiers,
    "source": lambda fiche, ids: any(id in ids for id in fiche["sources"]),
    "bbox": _dans,
    "accessibilite": lambda fiche, etats: fiche["accessibilite"]["etat"] in etats,
    "langues": lambda fiche, langues: any(langue in langues for langue in fiche["langues"]),
    "modifie_depuis": lambda fiche, texte: datetime.fromisoformat(fiche["modifie_le"]) >= datetime.fromisoformat(texte),
}
"""Whether a document passes a filter, by parameter."""

RANGS = {"ouvert": 0, "ouvert_sur_rdv": 0, "inconnu": 1, "ferme": 2}


@dataclasses.dataclass
class Reponse:
    """An answer by hand: ids in order, and the counts of states when `ouvert_a` was asked."""

    ids: list[str]
    comptes: dict[str, int]


class Oracle:
    """Answers questions from documents alone."""

    def __init__(self, repertoire: Repertoire) -> None:
        self._fiches, self._themes = repertoire.fiches, repertoire.themes
        self._libelles = {nom: {slug: nom_ for nom_, slug in liste.items()} for nom, liste in repertoire.slugs.items()}

    def garde(self, fiche: Fiche, nom: str, valeur: Any) -> bool:
        """Tell whether a document passes one filter."""
        if nom in GARDES:
            return GARDES[nom](fiche, valeur)
        voulues = {self._libelles[nom].get(une, une) for une in valeur}
        if nom == "themes":
            return any(service in fiche["services"] for theme in voulues for service in self._themes[theme])
        return not voulues.isdisjoint(fiche[nom])

    def choisir(self, question: Mapping[str, Any]) -> list[Fiche]:
        """Return the documents that a question finds, in the order of ids, or of distance."""
        filtres = [(nom, valeur) for nom, valeur in question.items() if nom in GARDES or nom in self._libelles]
        gardees = [f for f in self._fiches if all(self.garde(f, nom, valeur) for nom, valeur in filtres)]
        if "proche" not in question:
            return gardees
        latitude, longitude = map(float, question["proche"].split(","))
        rayon, sans_public = question.get("rayon", 10_000), question.get("sans_public") == "true"
        loins = [
            (metres(fiche, latitude, longitude), fiche["id"], fiche)
            for fiche in gardees
            if fiche["latitude"] is not None and (sans_public or SANS_PUBLIC not in fiche["modalites_acces"])
        ]
        return [fiche for loin, _, fiche in sorted(loins, key=lambda un: un[:2]) if loin <= rayon]

    def repondre(self, question: Mapping[str, Any], etats: Mapping[str, str] | None) -> Reponse:
        """Answer a question; `etats` are those of the instant of `ouvert_a`."""
        ids = [fiche["id"] for fiche in self.choisir(question)]
        if etats is None:
            return Reponse(ids, {})
        rangs = [RANGS[etats[id]] for id in ids]
        comptes = {nom: rangs.count(rang) for rang, nom in enumerate(("ouverts", "inconnus", "fermes"))}
        # a stable sort: the order of distance or of ids holds within a state
        return Reponse(sorted(ids, key=lambda id: RANGS[etats[id]]), comptes)
