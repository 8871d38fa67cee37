"""Annuaire in one process, spoken to through its own routes, and small lists of fictional places at the standard."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from annuaire.app import create_app
from annuaire.migrations import DOSSIER
from annuaire.settings import AnnuaireSettings
from annuaire.synchronisation import planifier
from annuaire.synchronisation.atelier import en_octets
from annuaire.synchronisation.bac_a_sable import depouiller, depuis_octets
from annuaire.synchronisation.lecteurs import Reglages, lire
from annuaire.synchronisation.traitements import bilan, cloturer, fabriquer
from fastapi import FastAPI
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.acces.principal import ANONYME, Principal
from socle.donnees.db import Database
from socle.donnees.migrations import migrer
from socle.donnees.tables import Tache
from socle.settings import SocleSettings
from socle.web.client import AsyncClient, Response, creer_client
from sqlalchemy import func, select
from sqlmodel import col

RACINE = "/annuaire/v1"
CSV = "text/csv"
JSON = "application/json"
NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FINIES = frozenset({"appliquee", "inchange", "essai", "rejetee", "annulee", "expiree", "echouee", "retenue"})

ADMIN = Principal(sujet="cle-admin", nom="admin", portees=frozenset({"sync:admin", "sync:force", "sync:write"}))
ECRIVAIN = Principal(sujet="cle-ecrivain", nom="écrivain", portees=frozenset({"sync:write"}))
FORCEUR = Principal(sujet="cle-forceur", nom="forceur", portees=frozenset({"sync:write", "sync:force"}))
ETRANGER = Principal(
    sujet="cle-etranger",
    nom="étranger",
    portees=frozenset({"sync:write", "sync:force"}),
    sources=frozenset({"ailleurs"}),
)
SANS_PORTEE = Principal(sujet="cle-vide", nom="vide", portees=frozenset({"autre:lire"}))

COMMUNES: tuple[tuple[str, str, str, float, float], ...] = (
    ("Grenoble", "38000", "38185", 45.182, 5.722),
    ("Dijon", "21000", "21231", 47.323, 5.037),
    ("Rennes", "35000", "35238", 48.112, -1.682),
    ("Saint-Denis", "97400", "97411", -20.930, 55.447),
    ("Cayenne", "97300", "97302", 4.937, -52.326),
)
"""Real communes of fictional places: name, postal code, INSEE code, and a point near the middle."""

_numeros = itertools.count(1)


def nouvelle_cle() -> str:
    """Make an idempotency key."""
    return uuid4().hex


def nouveau_nom(debut: str = "source") -> str:
    """Make the id of a source that no other test uses."""
    return f"{debut}-{uuid4().hex[:12]}"


def lieu(rang: int, **champs: Any) -> dict[str, Any]:
    """Make one row of the standard; a field given replaces the one made up, `None` leaves it out."""
    commune, code_postal, code_insee, latitude, longitude = COMMUNES[rang % len(COMMUNES)]
    fiche: dict[str, Any] = {
        "id": f"lieu-{rang}",
        "nom": f"Espace numérique fictif {rang}",
        "commune": commune,
        "code_postal": code_postal,
        "code_insee": code_insee,
        "adresse": f"{rang + 1} rue de l'Exemple",
        "latitude": round(latitude + (rang % 97) * 1e-4, 6),
        "longitude": round(longitude + (rang % 89) * 1e-4, 6),
        "courriels": f"accueil.lieu{rang}@exemple.fr",
        "services": "Aide aux démarches administratives",
    }
    return {nom: valeur for nom, valeur in {**fiche, **champs}.items() if valeur is not None}


def liste(nombre: int, *, depuis: int = 0, **champs: Any) -> list[dict[str, Any]]:
    """Make rows `depuis`, `depuis + 1`…"""
    return [lieu(rang, **champs) for rang in range(depuis, depuis + nombre)]


def en_json(lignes: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as a JSON list."""
    return json.dumps(list(lignes), ensure_ascii=False).encode()


def en_ndjson(lignes: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as one JSON object a line."""
    return "".join(json.dumps(ligne, ensure_ascii=False) + "\n" for ligne in lignes).encode()


def en_csv(lignes: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as CSV, with the columns of all of them."""
    colonnes = list(dict.fromkeys(nom for ligne in lignes for nom in ligne))
    texte = io.StringIO()
    ecrivain = csv.DictWriter(texte, colonnes, restval="", lineterminator="\r\n")
    ecrivain.writeheader()
    ecrivain.writerows(lignes)
    return texte.getvalue().encode()


class Annuaire:
    """A running annuaire: `get` and `post` speak to it as one caller, `synchroniser` waits for the end of a run."""

    def __init__(self, client: AsyncClient, signataire: Signataire, base: Database, app: FastAPI | None) -> None:
        self.client, self.signataire, self.base = client, signataire, base
        self.app = app

    @property
    def contexte(self) -> Any:
        """What the composition root gives to the routes."""
        assert self.app is not None
        return self.app.state.contexte

    def entetes(self, qui: Principal | None, *, ecriture: bool) -> dict[str, str]:
        """Bear the token of a caller; nobody bears none."""
        if qui is None:
            return {}
        return {"Authorization": f"Bearer {self.signataire.signer(qui, 'annuaire', ecriture=ecriture)}"}

    async def get(
        self,
        chemin: str,
        *,
        qui: Principal | None = ANONYME,
        entetes: Mapping[str, str] | None = None,
        **parametres: Any,
    ) -> Response:
        """Read a path under `/annuaire/v1`, or an absolute one."""
        # an answer from memory waits for nothing: without a socket between them, a reader would keep the others out
        await asyncio.sleep(0)
        return await self.client.get(
            chemin if chemin.startswith(RACINE) else RACINE + chemin,
            params=parametres or None,
            headers={**self.entetes(qui, ecriture=False), **(entetes or {})},
        )

    async def post(
        self,
        chemin: str,
        *,
        qui: Principal | None = ADMIN,
        corps: Any = None,
        entetes: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a JSON body, or nothing."""
        return await self.client.post(
            chemin if chemin.startswith(RACINE) else RACINE + chemin,
            json=corps,
            headers={**self.entetes(qui, ecriture=True), **(entetes or {})},
        )

    async def patch(
        self,
        chemin: str,
        corps: Any,
        *,
        qui: Principal | None = ADMIN,
        entetes: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a merge patch."""
        return await self.client.patch(
            RACINE + chemin,
            content=json.dumps(corps),
            headers={
                "Content-Type": "application/merge-patch+json",
                **self.entetes(qui, ecriture=True),
                **(entetes or {}),
            },
        )

    async def creer_source(self, id: str | None = None, **champs: Any) -> str:
        """Create a source and return its id."""
        id = id or nouveau_nom()
        demande = {"id": id, "nom": f"Source fictive {id}", **champs}
        reponse = await self.post("/sources", corps=demande, entetes={"Idempotency-Key": nouvelle_cle()})
        assert reponse.status_code == 201, reponse.text
        return id

    async def envoyer(
        self,
        source: str,
        contenu: bytes | Sequence[Mapping[str, Any]],
        *,
        type_mime: str = JSON,
        qui: Principal | None = ADMIN,
        cle: str | None = None,
        attendre: int = 0,
        entetes: Mapping[str, str] | None = None,
        **parametres: Any,
    ) -> Response:
        """Send a list: bytes as they are, or rows written as JSON. `attendre` (seconds) asks for the end."""
        envoi = {
            **self.entetes(qui, ecriture=True),
            "Content-Type": type_mime,
            "Idempotency-Key": cle or nouvelle_cle(),
            **({"Prefer": f"wait={attendre}"} if attendre else {}),
            **(entetes or {}),
        }
        return await self.client.post(
            f"{RACINE}/sources/{source}/synchronisations",
            content=contenu if isinstance(contenu, bytes) else en_json(contenu),
            params={nom: str(valeur).lower() for nom, valeur in parametres.items()} or None,
            headers={nom: valeur for nom, valeur in envoi.items() if valeur},
        )

    async def synchroniser(
        self, source: str, contenu: bytes | Sequence[Mapping[str, Any]], *, etat: str = "appliquee", **options: Any
    ) -> dict[str, Any]:
        """Send a list, wait for the end of its run, and return the run; its state must be `etat`."""
        reponse = await self.envoyer(source, contenu, attendre=25, **options)
        assert reponse.status_code in (200, 202), reponse.text
        run = await self.finir(reponse.json()["id"])
        assert run["etat"] == etat, run
        return run

    async def finir(self, id: str, *, qui: Principal = ADMIN, secondes: float = 40) -> dict[str, Any]:
        """Wait until a run ends or is held, and return it."""
        async with asyncio.timeout(secondes):
            while True:
                reponse = await self.get(f"/synchronisations/{id}", qui=qui)
                assert reponse.status_code == 200, reponse.text
                run: dict[str, Any] = reponse.json()
                if run["etat"] in FINIES:
                    return run
                await asyncio.sleep(0.02)

    async def finir_les_taches(self, *, secondes: float = 60) -> None:
        """Wait until nothing is left to do behind: every list received has been compared with the others."""
        if self.app is not None:
            self.contexte.reveiller()  # in service, workers look once a second
        async with asyncio.timeout(secondes):
            while True:
                async with self.base.read() as session:
                    attente = await session.scalar(
                        select(func.count()).select_from(Tache).where(col(Tache.etat).in_(("a_faire", "en_cours")))
                    )
                if not attente:
                    return
                await asyncio.sleep(0.02)

    async def tous(self, chemin: str, *, qui: Principal = ANONYME, **parametres: Any) -> list[dict[str, Any]]:
        """Read every page of a list."""
        elements: list[dict[str, Any]] = []
        curseur: str | None = None
        while True:
            suite = {"curseur": curseur} if curseur else {}
            reponse = await self.get(chemin, qui=qui, **parametres, **suite)
            assert reponse.status_code == 200, reponse.text
            page = reponse.json()
            elements += page["elements"]
            curseur = page["suivant"]
            if curseur is None:
                return elements

    async def lieux(self, source: str) -> dict[str, dict[str, Any]]:
        """Read the places of a source by name."""
        return {lu["nom"]: lu for lu in await self.tous("/lieux", source=source, limite=500)}

    async def flux(self, objets: str = "lieux", *, apres: int = 0) -> list[dict[str, Any]]:
        """Read a feed to its end."""
        changes: list[dict[str, Any]] = []
        while True:
            reponse = await self.get(f"/changements/{objets}", afterChangeNumber=apres, limit=2000)
            assert reponse.status_code == 200, reponse.text
            items = reponse.json()["items"]
            if not items:
                return changes
            changes += items
            apres = items[-1]["modified"]


_SANS_ENFANT: set[Path] = set()


async def _depouiller(
    chemin: Path,
    type_mime: str,
    *,
    traitement: str,
    dossier: Path,
    parametres: Mapping[str, Any],
    reglages: Reglages | None = None,
    **options: Any,
) -> AsyncGenerator[dict[str, Any], None]:
    """Read a list as the child process does, but here: a test of what follows does not pay for a process."""
    if dossier not in _SANS_ENFANT:
        async with aclosing(
            depouiller(
                chemin, type_mime, traitement=traitement, dossier=dossier, parametres=parametres, reglages=reglages,
                **options,
            )
        ) as objets:  # fmt: skip
            async for objet in objets:
                yield objet
        return
    traiter = fabriquer(traitement, json.loads(json.dumps(parametres)))
    lecture = lire(chemin, type_mime, reglages)
    for rang, ligne in enumerate(lecture):
        if rang % 50 == 0:
            await asyncio.sleep(0)
        # through bytes, as through the pipe
        yield depuis_octets(en_octets(traiter(ligne)))
    for objet in cloturer(traiter):
        yield depuis_octets(en_octets(objet))
    yield {"fin": True, "devine": {**lecture.devine.en_dict(), **bilan(traiter)}}


planifier.depouiller = _depouiller  # type: ignore[assignment]


@asynccontextmanager
async def ouvrir(dossier: Path, url: str, *, enfant: bool = False, **reglages: Any) -> AsyncIterator[Annuaire]:
    """Migrate a database, compose annuaire upon it and let it live for the time of the block.

    `enfant` reads lists in a child process, as in service; without it they are read here, by the same code.
    """
    socle = SocleSettings(donnees=dossier)
    settings = AnnuaireSettings(**{"base_url": url, "collectivites": False, "rapprochement": False, **reglages})
    base = Database(url)
    await migrer(base, DOSSIER)
    await base.fermer()
    signataire = Signataire.depuis(dossier_des_jetons(socle.secrets))
    if not enfant:
        _SANS_ENFANT.add(settings.depots(socle))
    app = create_app(socle, settings)
    async with app.router.lifespan_context(app), creer_client(app=app, delai=120.0) as client:
        yield Annuaire(client, signataire, app.state.base, app)
