"""Hot reads: the door gives the plain answer, and leaves to the route whatever is not plain."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field
from socle.acces.politique import IDENTIFIEE
from socle.acces.principal import Principal
from socle.errors import Introuvable
from socle.web.lecture_rapide import Demande, LecturesRapides, Reponse

from tests.fabriques.services import Passe, client_de, creer

pytestmark = pytest.mark.anyio


class Parametres(BaseModel):
    """Forme de la question."""

    n: Annotated[int, Field(ge=1, le=9)] = 1
    mots: Annotated[list[str], Field(default_factory=list)]


class Memoire:
    """What the reads of these tests are given: a word, and whether it is known to be the latest."""

    def __init__(self) -> None:
        self.mot, self.a_jour, self.rattrapages, self.lectures = "un", True, 0, 0
        self.panne = False

    async def rattraper(self) -> None:
        self.rattrapages += 1
        self.a_jour = True


def composer(donnees: Path, memoire: Memoire, **options: Any) -> FastAPI:
    routeur = APIRouter(prefix="/annuaire/v1")
    lectures: LecturesRapides[Memoire] = LecturesRapides(
        contexte=lambda _: memoire, frais=lambda m: m.a_jour, rattraper=lambda m: m.rattraper()
    )

    @lectures.get(routeur, "/mots", Parametres, **options)
    def lire(contexte: Memoire, demande: Demande[Parametres]) -> Reponse:
        """Donne le mot."""
        contexte.lectures += 1
        if contexte.panne:
            raise ZeroDivisionError
        if demande.parametres.n == 9:
            raise Introuvable("Il n'y en a pas neuf.")
        corps = ",".join([contexte.mot] * demande.parametres.n + demande.parametres.mots)
        if demande.si_different == '"un"':
            return Reponse(b"", [(b"etag", b'"un"')], 304)
        return Reponse(b'{"mot":"%s"}' % corps.encode(), [(b"etag", b'"un"')])

    return creer(donnees, routeur, lectures=[lectures])


class Compte:
    """Counts what the door answers by itself."""

    def __init__(self, app: Any) -> None:
        self.porte, self._vraie = 0, app.raccourci.repondre
        app.raccourci.repondre = self

    async def __call__(self, scope: Any, send: Any) -> bool:
        faite: bool = await self._vraie(scope, send)
        self.porte += faite
        return faite


async def test_la_porte_et_la_route_repondent_pareil(tmp_path: Path) -> None:
    app = composer(tmp_path, Memoire())
    compte, passe = Compte(app), Passe(tmp_path)
    questions: list[tuple[str, dict[str, str]]] = [
        ("/annuaire/v1/mots", {}),
        ("/annuaire/v1/mots?n=3&mots=a&mots=%C3%A9", {}),
        ("/annuaire/v1/mots?mots=" + "x" * 2000, {"accept-encoding": "gzip"}),
        ("/annuaire/v1/mots", {"if-none-match": '"un"'}),
    ]
    async with client_de(app) as client:
        for chemin, entetes in questions:
            entetes = {"accept-encoding": "identity", **entetes, **passe.entetes()}
            avant = compte.porte
            porte = await client.get(chemin, headers=entetes)
            assert compte.porte == avant + 1
            raccourci, app.raccourci = app.raccourci, None  # type: ignore[attr-defined]
            route = await client.get(chemin, headers=entetes)
            app.raccourci = raccourci  # type: ignore[attr-defined]
            assert (porte.status_code, porte.content) == (route.status_code, route.content)
            assert dict(porte.headers) == dict(route.headers)


@pytest.mark.parametrize(
    ("methode", "chemin", "entetes", "statut"),
    [
        ("GET", "/annuaire/v1/mots?n=10", [], 400),
        ("GET", "/annuaire/v1/mots?inconnu=1", [], 400),
        ("GET", "/annuaire/v1/mots?n=1&n=2", [], 400),
        ("GET", "/annuaire/v1/mots?n=9", [], 404),
        ("HEAD", "/annuaire/v1/mots", [], 200),
        ("POST", "/annuaire/v1/mots", [], 405),
        ("GET", "/annuaire/v1/mots", [("x-deux", "a"), ("x-deux", "b")], 200),
        ("GET", "/annuaire/v1/mots?mots=" + "x" * 9000, [], 414),
        ("GET", "/annuaire/v1/mots", [("x-long", "y" * 17_000)], 431),
    ],
)
async def test_ce_qui_n_est_pas_simple_va_a_la_route(
    tmp_path: Path, methode: str, chemin: str, entetes: list[tuple[str, str]], statut: int
) -> None:
    app = composer(tmp_path, Memoire())
    compte = Compte(app)
    async with client_de(app) as client:
        reponse = await client.request(
            methode, chemin, headers=[*Passe(tmp_path).entetes(ecriture=methode == "POST").items(), *entetes]
        )
    assert (reponse.status_code, compte.porte) == (statut, 0)


async def test_sans_jeton_ou_avec_un_faux_la_porte_ne_repond_pas(tmp_path: Path) -> None:
    memoire = Memoire()
    app = composer(tmp_path, memoire)
    async with client_de(app) as client:
        for entetes in ({}, {"authorization": "Bearer faux"}, {"authorization": "Basic eDp5"}):
            assert (await client.get("/annuaire/v1/mots", headers=entetes)).status_code == 401
    assert memoire.lectures == 0


async def test_la_politique_de_la_route_vaut_a_la_porte(tmp_path: Path) -> None:
    memoire, passe = Memoire(), Passe(tmp_path)
    app = composer(tmp_path, memoire, politique=IDENTIFIEE)
    async with client_de(app) as client:
        assert (await client.get("/annuaire/v1/mots", headers=passe.entetes())).status_code == 401
        assert memoire.lectures == 0
        connu = passe.entetes(Principal("cle:hub"))
        assert (await client.get("/annuaire/v1/mots", headers=connu)).status_code == 200


async def test_une_memoire_en_retard_est_rattrapee_par_la_route(tmp_path: Path) -> None:
    memoire = Memoire()
    app = composer(tmp_path, memoire)
    compte, entetes = Compte(app), Passe(tmp_path).entetes()
    async with client_de(app) as client:
        memoire.a_jour = False
        assert (await client.get("/annuaire/v1/mots", headers=entetes)).status_code == 200
        assert (memoire.rattrapages, compte.porte) == (1, 0)
        await client.get("/annuaire/v1/mots", headers=entetes)
        assert (memoire.rattrapages, compte.porte) == (1, 1)


async def test_une_faute_imprevue_est_un_probleme_et_non_une_connexion_rompue(tmp_path: Path) -> None:
    memoire = Memoire()
    memoire.panne = True
    async with client_de(composer(tmp_path, memoire)) as client:
        reponse = await client.get("/annuaire/v1/mots", headers=Passe(tmp_path).entetes())
    assert (reponse.status_code, reponse.headers["content-type"]) == (500, "application/problem+json")


async def test_la_porte_compte_ce_qu_elle_sert(tmp_path: Path) -> None:
    app = composer(tmp_path, Memoire())
    async with client_de(app) as client:
        await client.get("/annuaire/v1/mots", headers=Passe(tmp_path).entetes())
        mesures = (await client.get("/metrics")).text
    assert 'maillage_requetes_total{methode="GET",route="/annuaire/v1/mots",statut="200"} 1.0' in mesures


def test_une_lecture_rapide_sans_route_de_meme_politique_empeche_le_demarrage(tmp_path: Path) -> None:
    routeur = APIRouter(prefix="/annuaire/v1")
    lectures: LecturesRapides[None] = LecturesRapides(
        contexte=lambda _: None,
        frais=lambda _: True,
        rattraper=None,  # type: ignore[arg-type]
    )

    @lectures.get(routeur, "/mots", Parametres)
    def lire(_contexte: None, _demande: Demande[Parametres]) -> Reponse:
        """Donne le mot."""
        return Reponse(b"{}", [])

    with pytest.raises(RuntimeError, match="/annuaire/v1/mots"):
        creer(tmp_path, lectures=[lectures])


async def test_ce_qui_arrive_ensemble_ne_demande_qu_une_fois_si_la_memoire_est_fraiche(tmp_path: Path) -> None:
    memoire = Memoire()
    app: Any = composer(tmp_path, memoire)
    demandes: list[int] = []
    porte = app.raccourci
    registre = next(iter(porte._exactes.values()))[0]

    def frais(contexte: Memoire) -> bool:
        demandes.append(1)
        return contexte.a_jour

    registre.frais = frais
    dits = {"host": "127.0.0.1", **Passe(tmp_path).entetes()}
    entetes = [(nom.encode(), valeur.encode()) for nom, valeur in dits.items()]

    async def demander() -> bool:
        scope = {"type": "http", "method": "GET", "path": "/annuaire/v1/mots", "query_string": b"", "headers": entetes}
        faite: bool = await porte.repondre(scope, envoyer)
        return faite

    async def envoyer(message: Any) -> None:
        """Nobody reads it."""

    assert await asyncio.gather(*(demander() for _ in range(8))) == [True] * 8
    assert len(demandes) == 1
    # what comes later asks again, and sees that memory is behind
    memoire.a_jour = False
    await asyncio.sleep(0)
    assert not await demander()
    assert len(demandes) == 2
