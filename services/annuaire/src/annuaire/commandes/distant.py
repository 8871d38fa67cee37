"""Annuaire as seen from a command line: the calls that sending a list takes, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from socle.web.client import Client, HTTPError, Response

PREFIXE = "/annuaire/v1"
MORCEAU = 65_536
ESSAIS = 4
"""Times that a request is sent again when the network or the service fails, always with the same key."""

TERMINAUX = frozenset({"appliquee", "inchange", "essai", "rejetee", "annulee", "expiree", "echouee"})
"""States after which a run no longer moves. `retenue` waits for a person, so following stops there too."""

TYPES_MIME = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".geojson": "application/geo+json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}

Objet = dict[str, Any]


class Refus(Exception):
    """The API refused (problem document, RFC 9457) or cannot be reached; `fautes` lists what is wrong inside."""

    def __init__(self, message: str, *, statut: int | None = None, fautes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.statut = statut
        self.fautes = fautes


def type_de_fichier(fichier: Path) -> str:
    """Return the media type that a file's extension names. Raises `Refus` for an unknown one."""
    type_mime = TYPES_MIME.get(fichier.suffix.lower())
    if type_mime is None:
        connus = ", ".join(sorted(TYPES_MIME))
        raise Refus(f"L'extension de {fichier.name} n'est pas connue (attendu : {connus}).")
    return type_mime


class Distant:
    """A session with one annuaire. `client` carries the address and the key; `pause` sleeps, in seconds."""

    def __init__(self, client: Client, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._pause = pause

    def creer_source(self, corps: Objet) -> Objet:
        """Create a source; raises `Refus` (status 409 when the id is taken)."""
        entetes = {"Idempotency-Key": uuid4().hex}
        return self._objet(self._appeler("POST", f"{PREFIXE}/sources", json=corps, headers=entetes))

    def lire_source(self, ident: str) -> Objet | None:
        """Read a source, `None` when it does not exist."""
        reponse = self._appeler("GET", f"{PREFIXE}/sources/{ident}", toleres=(404,))
        return None if reponse.status_code == 404 else self._objet(reponse)

    def bilan(self, ident: str) -> Objet:
        """Read the report of a source; raises `Refus`."""
        return self._objet(self._appeler("GET", f"{PREFIXE}/sources/{ident}/bilan"))

    def envoyer(
        self,
        source: str,
        fichier: Path,
        *,
        mode: str = "complet",
        essai: bool = False,
        correspondance: int | None = None,
        sur_envoi: Callable[[int], None] = lambda _octets: None,
    ) -> Objet:
        """Send a list and return the run that it starts; `sur_envoi` hears of the bytes sent so far.

        Raises `Refus`, without calling the API when the file's extension names no known format.
        """
        type_mime = type_de_fichier(fichier)
        taille = fichier.stat().st_size

        def morceaux() -> Iterator[bytes]:
            envoyes = 0
            with fichier.open("rb") as flux:
                while morceau := flux.read(MORCEAU):
                    yield morceau
                    envoyes += len(morceau)
                    sur_envoi(envoyes)

        reponse = self._appeler(
            "POST",
            f"{PREFIXE}/sources/{source}/synchronisations",
            params={
                "mode": mode,
                "essai": str(essai).lower(),
                **({"correspondance": str(correspondance)} if correspondance is not None else {}),
            },
            corps=morceaux,
            headers={
                "Content-Type": type_mime,
                "Content-Length": str(taille),
                "Idempotency-Key": uuid4().hex,
                "Prefer": "respond-async, wait=10",
            },
        )
        return self._objet(reponse)

    def recalculer_doublons(self) -> None:
        """Ask that every record be compared again; raises `Refus`."""
        self._appeler("POST", f"{PREFIXE}/doublons/recalcul", headers={"Idempotency-Key": uuid4().hex})

    def etat_de_l_index(self) -> list[Objet]:
        """Read where each search engine is; raises `Refus`."""
        moteurs: list[Objet] = self._objet(self._appeler("GET", f"{PREFIXE}/recherche/index"))["moteurs"]
        return moteurs

    def demander_a_l_index(self, action: str, *, moteur: str | None = None) -> None:
        """Ask that the search index be built anew (`reconstruire`) or checked (`verifier`); raises `Refus`."""
        self._appeler(
            "POST",
            f"{PREFIXE}/recherche/index/actions/{action}",
            params={"moteur": moteur} if moteur else {},
            headers={"Idempotency-Key": uuid4().hex},
        )

    def attendre(self, secondes: float) -> None:
        """Rest between two questions."""
        self._pause(secondes)

    def garder_correspondance(self, source: str, document: Any) -> int:
        """Send a correspondence without putting it in force and return its version; raises `Refus`."""
        reponse = self._appeler(
            "POST",
            f"{PREFIXE}/sources/{source}/correspondances",
            json=document,
            headers={"Idempotency-Key": uuid4().hex},
        )
        return int(self._objet(reponse)["version"])

    def charger_qpv(self, fichier: Path, *, source: str, licence: str, millesime: int) -> Objet:
        """Send a layer of priority quarters (GeoJSON, gzipped or not) and return what it changed; raises `Refus`."""
        compresse = fichier.suffix.lower() == ".gz"
        reponse = self._appeler(
            "PUT",
            f"{PREFIXE}/territoires/qpv",
            params={"source": source, "licence": licence, "millesime": str(millesime)},
            corps=lambda: iter([fichier.read_bytes()]),
            headers={
                "Content-Type": "application/gzip" if compresse else "application/geo+json",
                "Content-Length": str(fichier.stat().st_size),
            },
        )
        return self._objet(reponse)

    def suivre(self, run: Objet, *, attente: float, sur_etat: Callable[[str], None] = lambda _etat: None) -> Objet:
        """Poll a run until it no longer moves by itself; raises `Refus` after `attente` seconds."""
        limite = time.monotonic() + attente
        delai = 0.5
        while run["etat"] not in TERMINAUX and run["etat"] != "retenue":
            sur_etat(run["etat"])
            if time.monotonic() > limite:
                raise Refus(f"La synchronisation {run['id']} est encore « {run['etat']} » après {attente:.0f} s.")
            self._pause(delai)
            reponse = self._appeler("GET", f"{PREFIXE}/synchronisations/{run['id']}")
            delai = _secondes(reponse.headers.get("Retry-After"), defaut=0.5)
            run = self._objet(reponse)
        sur_etat(run["etat"])
        return run

    def plan(self, run: Objet, action: str, *, combien: int) -> list[Objet]:
        """Read the first entries of a plan for one action (`crees`, `modifies`, `supprimes`, `ressuscites`)."""
        return list(islice(self._pages(f"{PREFIXE}/synchronisations/{run['id']}/plan", action=action), combien))

    def rapport(self, run: Objet) -> Iterator[Objet]:
        """Read the whole row report, in the order of the file."""
        return self._pages(f"{PREFIXE}/synchronisations/{run['id']}/lignes")

    def _pages(self, chemin: str, **filtres: str) -> Iterator[Objet]:
        curseur: str | None = None
        while True:
            parametres = {**filtres, "limite": "500", **({"curseur": curseur} if curseur else {})}
            page = self._objet(self._appeler("GET", chemin, params=parametres))
            yield from page["elements"]
            curseur = page["suivant"]
            if curseur is None:
                return

    def _appeler(
        self,
        methode: str,
        chemin: str,
        *,
        corps: Callable[[], Iterator[bytes]] | None = None,
        toleres: tuple[int, ...] = (),
        **options: Any,
    ) -> Response:
        for essai in range(1, ESSAIS + 1):
            try:
                reponse = self._client.request(
                    methode, chemin, content=corps() if corps is not None else None, **options
                )
            except HTTPError as erreur:
                if essai == ESSAIS:
                    raise Refus(f"{self._client.base_url} ne répond pas ({erreur}).") from erreur
                self._pause(2.0 ** (essai - 1))
                continue
            if reponse.status_code in (429, 503) and essai < ESSAIS:
                self._pause(_secondes(reponse.headers.get("Retry-After"), defaut=2.0 ** (essai - 1)))
                continue
            break
        if reponse.status_code >= 400 and reponse.status_code not in toleres:
            raise _refus(reponse)
        return reponse

    @staticmethod
    def _objet(reponse: Response) -> Objet:
        try:
            valeur = reponse.json()
        except ValueError:
            valeur = None
        if not isinstance(valeur, dict):
            raise Refus(f"{reponse.url} n'a pas répondu par du JSON : est-ce bien l'adresse d'un Maillage ?")
        return valeur


def _refus(reponse: Response) -> Refus:
    try:
        probleme = reponse.json()
    except ValueError:
        probleme = {}
    if not isinstance(probleme, dict):
        probleme = {}
    titre = str(probleme.get("title") or f"Réponse {reponse.status_code}")
    detail = str(probleme.get("detail") or "")
    fautes = tuple(
        f"{faute.get('pointer') or ''} : {faute.get('detail') or faute.get('code') or ''}"
        for faute in probleme.get("erreurs") or ()
        if isinstance(faute, dict)
    )
    message = f"{titre} : {detail}" if detail else titre
    return Refus(message, statut=reponse.status_code, fautes=fautes)


def _secondes(entete: str | None, *, defaut: float) -> float:
    """Read `Retry-After` in seconds, within a minute; its date form is not used by our API."""
    if entete is None or not entete.isdecimal():
        return defaut
    return min(float(entete), 60.0)
