"""What a Maillage must hold for each of its addresses to have something to answer: written through the gateway."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from socle.web.client import Client, creer_client_synchrone

from tests.fabriques.annuaire import JSON, en_json, liste, nouvelle_cle

RACINE = "/annuaire/v1"
ESSAIS, RETENUES, FERMETURES, CLES, TIREES, WEBHOOKS = 4, 3, 30, 12, 4, 8
"""How many of what a call uses up: a plan is applied once, a held run given up once, a closing cancelled once."""


@dataclass(frozen=True)
class Semences:
    """Values that exist, by what they name; each field is a dictionary of `schemathesis.toml`."""

    lieux: tuple[str, ...]
    lieu_ferme: tuple[str, ...]
    fermetures: tuple[str, ...]
    source_signalee: tuple[str, ...]
    signalements: tuple[str, ...]
    suivis: tuple[str, ...]
    structures: tuple[str, ...]
    structure_saisie: tuple[str, ...]
    etag_saisie: tuple[str, ...]
    etag_source: tuple[str, ...]
    sources: tuple[str, ...]
    sources_tirees: tuple[str, ...]
    synchronisations: tuple[str, ...]
    essais: tuple[str, ...]
    retenues: tuple[str, ...]
    cles: tuple[str, ...]
    doublons: tuple[str, ...]
    webhooks: tuple[str, ...]
    webhook_livre: tuple[str, ...]
    livraisons: tuple[str, ...]

    def ecrire(self, dossier: Path) -> None:
        """Write one file of values a field, in the form that fuzzers share (`"…"` a line)."""
        for champ in fields(self):
            valeurs: tuple[str, ...] = getattr(self, champ.name)
            lignes = ('"' + valeur.replace("\\", "\\\\").replace('"', '\\"') + '"\n' for valeur in valeurs)
            (dossier / f"{champ.name}.dict").write_text("".join(lignes), encoding="utf-8")


def semer(adresse: str, cle: str, receveur: str) -> Semences:
    """Write what is missing from the demonstration, and return values that exist; `receveur` takes notifications."""
    with creer_client_synchrone(adresse, entetes={"Authorization": f"Bearer {cle}"}) as client:
        semeur = _Semeur(client)
        lieux = [lieu["id"] for lieu in semeur.lire("/lieux", limite=20)["elements"]]
        structures = [structure["id"] for structure in semeur.lire("/structures", limite=20)["elements"]]
        saisie = semeur.creer("/structures", {"nom": "Hub fictif", "types": ["hub"], "sans_siret_motif": "fictif"})
        etag = semeur.client.get(f"{RACINE}/structures/{saisie['id']}").headers["etag"]
        fermetures = [
            semeur.creer(f"/lieux/{lieux[0]}/fermetures", {"du": jour, "au": jour, "motif": "Essai"})["id"]
            for jour in _jours(FERMETURES)
        ]
        signales = [semeur.creer(f"/lieux/{lieux[0]}/signalements", {"motif": "horaires_faux"}) for _ in range(10)]
        prevenu = semeur.creer("/webhooks", {"url": receveur, "types": ["synchronisation.terminee"]})["id"]
        appliquee = semeur.envoyer(semeur.source("appliquee"), 30)
        essais = [semeur.envoyer(semeur.source(f"essai-{rang}"), 3, essai="true") for rang in range(ESSAIS)]
        retenues = [semeur.retenir(f"retenue-{rang}") for rang in range(RETENUES)]
        tirees = ["demonstration", *(semeur.source(f"tiree-{rang}") for rang in range(TIREES))]
        for source in tirees:
            document = {"maillage": 1, "champs": {"nom": "nom"}}
            assert client.put(f"{RACINE}/sources/{source}/correspondance", json=document).status_code == 200
            tirage = {"url": "https://exemple.fr/lieux.csv"}
            assert client.put(f"{RACINE}/sources/{source}/tirage", json=tirage).status_code in (200, 201)
        webhooks = [
            semeur.creer("/webhooks", {"url": receveur, "types": ["changements.disponibles"]})["id"]
            for _ in range(WEBHOOKS)
        ]
        livraisons = semeur.livrees(prevenu)
        cles = [
            _lu(client.post("/cles", json={"nom": "À révoquer", "portees": ["lecture"]}), 201)["id"]
            for _ in range(CLES)
        ]
        doublons = semeur.doublons()
    return Semences(
        lieux=tuple(lieux),
        lieu_ferme=(lieux[0],),
        fermetures=tuple(fermetures),
        source_signalee=("demonstration",),
        signalements=tuple(signale["id"] for signale in signales),
        suivis=tuple(signale["suivi"].rpartition("/")[2] for signale in signales),
        structures=(*structures, saisie["id"]),
        structure_saisie=(saisie["id"],),
        etag_saisie=("*", etag),
        etag_source=("*",),
        sources=tuple(run["source"] for run in (appliquee, *essais)),
        sources_tirees=tuple(tirees),
        synchronisations=(appliquee["id"],),
        essais=tuple(run["id"] for run in essais),
        retenues=tuple(run["id"] for run in retenues),
        cles=tuple(cles),
        doublons=doublons,
        webhooks=tuple(webhooks),
        webhook_livre=(prevenu,),
        livraisons=tuple(livraisons),
    )


class _Semeur:
    def __init__(self, client: Client) -> None:
        self.client = client

    def lire(self, chemin: str, **parametres: Any) -> dict[str, Any]:
        return _lu(self.client.get(RACINE + chemin, params=parametres), 200)

    def creer(self, chemin: str, corps: Mapping[str, Any]) -> dict[str, Any]:
        reponse = self.client.post(RACINE + chemin, json=dict(corps), headers={"Idempotency-Key": nouvelle_cle()})
        return _lu(reponse, 201)

    def source(self, id: str) -> str:
        return str(self.creer("/sources", {"id": id, "nom": f"Source fictive {id}"})["id"])

    def envoyer(self, source: str, nombre: int, **parametres: str) -> dict[str, Any]:
        """Send the first `nombre` places of a list and wait for the end of the run."""
        reponse = self.client.post(
            f"{RACINE}/sources/{source}/synchronisations",
            content=en_json(liste(nombre)),
            params=parametres,
            headers={"Idempotency-Key": nouvelle_cle(), "Prefer": "wait=25", "Content-Type": JSON},
        )
        return _lu(reponse, 200)

    def doublons(self) -> tuple[str, ...]:
        """Wait until the lists sent, which are the same, have been compared."""
        fin = time.monotonic() + 60
        while time.monotonic() < fin:
            trouves = self.lire("/doublons", limite=50)["elements"]
            if trouves:
                return tuple(doublon["id"] for doublon in trouves)
            time.sleep(0.2)
        raise AssertionError("les listes envoyées n'ont pas été rapprochées")

    def livrees(self, webhook: str) -> list[str]:
        """Wait for a notification to be delivered, and return those that are."""
        for _ in range(300):
            lues = self.lire(f"/webhooks/{webhook}/livraisons")["elements"]
            if livrees := [lue["id"] for lue in lues if lue["etat"] == "livree"]:
                return livrees
            time.sleep(0.1)
        raise AssertionError("rien n'est livré")

    def retenir(self, nom: str) -> dict[str, Any]:
        """Send a list that loses most of its places: the guards hold it."""
        source = self.source(nom)
        self.envoyer(source, 30)
        retenue = self.envoyer(source, 2)
        assert retenue["etat"] == "retenue", retenue
        return retenue


def _lu(reponse: Any, statut: int) -> dict[str, Any]:
    assert reponse.status_code == statut, reponse.text
    lu: dict[str, Any] = reponse.json()
    return lu


def _jours(nombre: int) -> Iterable[str]:
    return (f"2031-{1 + rang // 28:02d}-{1 + rang % 28:02d}" for rang in range(nombre))
