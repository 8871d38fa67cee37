"""The conventions of HTTP that every address keeps, asked of the real services through the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from coordination.app import create_app as creer_coordination
from financement.app import create_app as creer_financement
from gateway.routes_table import LICENCE_OUVERTE
from socle.settings import SocleSettings
from socle.web.client import AsyncClient, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fabriques import annuaire as fabrique
from tests.fabriques.passerelle import composer
from tests.fabriques.recherche import attendre_index
from tests.fabriques.services import client_de

pytestmark = pytest.mark.anyio

EXPOSES = {
    "ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "Deprecation", "Sunset", "Change-Number",
}  # fmt: skip
SECURITE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
}
SITE = "https://exemple.fr"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SANS_COUCHE = "/annuaire/v1/territoires/qpv"
"""Answered 400 as long as no layer is loaded: an address like the others, but for its status."""

DETAIL = ("public, max-age=60", "stale-while-revalidate=300")
GARDES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The first prefix that fits says what `Cache-Control` must hold.
    (SANS_COUCHE, ("no-store",)),
    ("/annuaire/v1/territoires/", ("public, max-age=86400",)),
    ("/annuaire/v1/referentiels", ("public, max-age=86400",)),
    ("/annuaire/v1/lieux/{id}/fermetures", ("no-cache",)),
    ("/annuaire/v1/lieux/{id}/signalements", ("no-cache",)),
    ("/annuaire/v1/lieux/{id}/parole", ("private, no-store",)),
    ("/annuaire/v1/signalements/{suivi}", ("private, no-store",)),
    ("/annuaire/v1/lieux/{id}/historique", ("no-cache",)),
    ("/annuaire/v1/lieux/{id}", ("public, max-age=",)),
    ("/annuaire/v1/lieux", ("public, max-age=",)),
    ("/annuaire/v1/structures/{id}", DETAIL),
    ("/annuaire/v1/structures", ("public, max-age=30",)),
    ("/annuaire/v1/changements/", ("public, max-age=",)),
    ("/annuaire/v1/exports/", ("public, max-age=60",)),
    ("/annuaire/v1/sources/{source_id}/lieux.csv", ("public, max-age=60",)),
    ("/annuaire/v1/paquets/", ("public, max-age=", "must-revalidate")),
    ("/annuaire/v1/recherche/index", ("private", "no-store")),
    ("/annuaire/v1/recherche/", ("public, max-age=30",)),
    ("/annuaire/v1/recherche", ("public, max-age=", "must-revalidate")),
    ("/annuaire/v1/correspondances/schema", ("public, max-age=86400",)),
    ("/annuaire/v1/doublons", ("private, no-store",)),
    ("/annuaire/v1/sources", ("private, no-store",)),
    ("/annuaire/v1/webhooks", ("private, no-store",)),
    ("/annuaire/v1/synchronisations", ("private, no-store",)),
    ("/cles", ("no-store",)),
    ("/sante/", ("no-store",)),
    ("/openapi.json", ("public, max-age=60",)),
    ("/problemes/", ("public, max-age=300",)),
)
AVEC_LICENCE = (
    "/annuaire/v1/lieux", "/annuaire/v1/structures", "/annuaire/v1/changements/", "/annuaire/v1/exports/",
    "/annuaire/v1/paquets/", "/annuaire/v1/sources/{source_id}/lieux.csv", "/annuaire/v1/recherche",
)  # fmt: skip
COULENT = (
    "/annuaire/v1/exports/", "/annuaire/v1/sources/{source_id}/lieux.csv",
    "/annuaire/v1/synchronisations/{id}/fichier-annote.xlsx",
)  # fmt: skip
"""Made as they are sent: a HEAD does not make them, so it cannot tell how they are coded (RFC 9110 §9.3.2)."""
NON_COMPTEES = ("/sante/",)


class Service:
    """A service already alive, seen by the gateway: keeps the trace that it was sent last."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.trace = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": message["type"] + ".complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.trace = dict(scope["headers"]).get(b"traceparent", b"").decode()
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class Adresse:
    """One operation of the published contract: what it is called there, and an address that it answers."""

    methode: str
    gabarit: str
    chemin: str
    ouverte: bool

    @property
    def lecture(self) -> bool:
        return self.methode == "GET"


@dataclass
class Maquette:
    """The gateway before the three services, with a list of fictional places."""

    client: AsyncClient
    annuaire: Service
    adresses: list[Adresse]
    cle: str

    @property
    def lectures(self) -> list[Adresse]:
        return [adresse for adresse in self.adresses if adresse.lecture]

    @property
    def publiques(self) -> list[Adresse]:
        return [adresse for adresse in self.lectures if adresse.ouverte]

    def identite(self, adresse: Adresse) -> dict[str, str]:
        return {} if adresse.ouverte else {"authorization": f"Bearer {self.cle}"}

    async def demander(self, adresse: Adresse, methode: str = "", **options: Any) -> Response:
        """Call an address, with a key where it wants one."""
        entetes = {**self.identite(adresse), **options.pop("headers", {})}
        return await self.client.request(methode or adresse.methode, adresse.chemin, headers=entetes, **options)


@pytest.fixture(scope="module")
async def m(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Maquette]:
    dossier: Path = tmp_path_factory.mktemp("conventions")
    async with fabrique.ouvrir(dossier, f"sqlite:{dossier / 'annuaire.db'}") as annuaire:
        await annuaire.creer_source("essai")
        tirage = {"url": "https://exemple.fr/lieux.csv"}
        ecrire = annuaire.entetes(fabrique.ADMIN, ecriture=True)
        await annuaire.client.put("/annuaire/v1/sources/essai/tirage", json=tirage, headers=ecrire)
        run = await annuaire.synchroniser("essai", fabrique.liste(60, pivot="13002526500013"))
        document = {"maillage": 1, "champs": {"nom": "nom"}}
        ecrire = annuaire.entetes(fabrique.ADMIN, ecriture=True)
        await annuaire.client.put("/annuaire/v1/sources/essai/correspondance", json=document, headers=ecrire)
        lieu = (await annuaire.get("/lieux", limite=1)).json()["elements"][0]["id"]
        signalement = (
            await annuaire.post(
                f"/lieux/{lieu}/signalements",
                corps={"motif": "doublon"},
                entetes={"Idempotency-Key": fabrique.nouvelle_cle()},
            )
        ).json()
        structure = (await annuaire.get("/structures", limite=1)).json()["elements"][0]["id"]
        await attendre_index(annuaire)
        service = Service(annuaire.app)
        socle = SocleSettings(donnees=dossier)
        amonts: dict[str, ASGIApp | str] = {
            "annuaire": service,
            "coordination": creer_coordination(socle),
            "financement": creer_financement(socle),
        }
        valeurs = {
            "/lieux/{id}": lieu,
            "/structures/{id}": structure,
            "/synchronisations/{id}": run["id"],
            "/doublons/{id}": run["id"],
            "/cles/{id}": "0000000000",
            "/changements/{objets}": "lieux",
            "/referentiels/{nom}": "services",
            "/sources/{source_id}": "essai",
            "/fermetures/{fermeture_id}": structure,
            "/signalements/{signalement_id}": signalement["id"],
            "/signalements/{suivi}": signalement["suivi"].rpartition("/")[2],
            "/problemes/{code}": "introuvable",
            "/regions/{code}": "84",
            "/departements/{code}": "38",
            "/epci/{code}": "200040715",
            "/communes/{code}": "38185",
            "/qpv/{code}": "QN03801A",
            "/paquets/{departement}": "38",
            "/livraisons/{livraison_id}": structure,
            "/facettes/{nom}": "code_insee",
        }
        async with client_de(composer(dossier, amonts, quotas_facteur=100)) as client:
            contrat = (await client.get("/openapi.json")).json()
            cle = (dossier / "cle-demonstration.txt").read_text().strip()
            inscrit = await client.post(
                "/annuaire/v1/webhooks",
                json={"url": "https://exemple.fr/maillage", "types": ["changements.disponibles"]},
                headers={"authorization": f"Bearer {cle}", "idempotency-key": fabrique.nouvelle_cle()},
            )
            valeurs["/webhooks/{webhook_id}"] = inscrit.json()["id"]
            adresses = []
            for gabarit, operations in sorted(contrat["paths"].items()):
                chemin = gabarit
                for motif, valeur in valeurs.items():
                    chemin = chemin.replace(motif, motif.partition("{")[0] + valeur)
                assert "{" not in chemin, f"valeur à donner pour {gabarit}"
                adresses += [
                    Adresse(methode.upper(), gabarit, chemin, not operation.get("security"))
                    for methode, operation in operations.items()
                ]
            yield Maquette(client, service, adresses, cle)


def test_chaque_lecture_a_sa_regle_de_cache_dans_ce_tableau(m: Maquette) -> None:
    sans = [adresse.gabarit for adresse in m.lectures if _regle(adresse) is None]
    assert sans == []
    assert len(m.adresses) > 35


def _regle(adresse: Adresse) -> tuple[str, ...] | None:
    return next((regle for debut, regle in GARDES if adresse.gabarit.startswith(debut)), None)


Verifier = Callable[[Maquette, Adresse], Awaitable[None]]


async def repond(m: Maquette, a: Adresse) -> None:
    attendu = 400 if a.gabarit.startswith(SANS_COUCHE) else 404 if a.gabarit == "/cles/{id}" else 200
    assert (await m.demander(a)).status_code == attendu


async def dit_qui_garde(m: Maquette, a: Adresse) -> None:
    reponse = await m.demander(a)
    assert all(morceau in reponse.headers["cache-control"] for morceau in _regle(a) or ("?",))
    if not a.ouverte:
        assert "public" not in reponse.headers["cache-control"]


async def dit_de_quoi_elle_depend(m: Maquette, a: Adresse) -> None:
    varie = {nom.strip() for nom in (await m.demander(a)).headers["vary"].split(",")}
    assert {"Accept", "Accept-Encoding"} <= varie


async def compte(m: Maquette, a: Adresse) -> None:
    entetes = (await m.demander(a)).headers
    comptee = not a.gabarit.startswith(NON_COMPTEES)
    assert ("ratelimit" in entetes, "ratelimit-policy" in entetes) == (comptee, comptee)
    if comptee:
        nom = entetes["ratelimit-policy"].partition(";")[0]
        assert entetes["ratelimit"].startswith(nom + ";r=")


async def s_ouvre_a_tous_les_sites(m: Maquette, a: Adresse) -> None:
    entetes = (await m.demander(a, headers={"origin": SITE})).headers
    assert "access-control-allow-credentials" not in entetes
    if a.ouverte:
        assert entetes["access-control-allow-origin"] == "*"
        assert set(entetes["access-control-expose-headers"].split(", ")) >= EXPOSES


async def protege(m: Maquette, a: Adresse) -> None:
    entetes = (await m.demander(a)).headers
    assert {nom: entetes.get(nom) for nom in SECURITE} == SECURITE
    assert "content-security-policy" in entetes
    assert "set-cookie" not in entetes
    assert "server" not in entetes


async def head_vaut_get(m: Maquette, a: Adresse) -> None:
    get, head = await m.demander(a), await m.demander(a, "HEAD")
    changeants = {"ratelimit", "date"} | ({"content-encoding"} if a.gabarit.startswith(COULENT) else set())
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert {n: v for n, v in head.headers.items() if n not in changeants} == {
        n: v for n, v in get.headers.items() if n not in changeants
    }


async def options_dit_les_methodes(m: Maquette, a: Adresse) -> None:
    reponse = await m.demander(a, "OPTIONS")
    declarees = {autre.methode for autre in m.adresses if autre.gabarit == a.gabarit}
    assert reponse.status_code == 204
    assert set(reponse.headers["allow"].split(", ")) == declarees | {"HEAD", "OPTIONS"}


async def refuse_une_methode_inconnue(m: Maquette, a: Adresse) -> None:
    reponse = await m.demander(a, "TRACE")
    assert (reponse.status_code, reponse.headers["content-type"]) == (405, "application/problem+json")
    assert a.methode in reponse.headers["allow"].split(", ")


async def refuse_une_forme_inconnue(m: Maquette, a: Adresse) -> None:
    reponse = await m.demander(a, headers={"accept": "image/png"})
    entiere = await m.demander(a)
    # Health is told to any probe.
    assert reponse.status_code == (200 if a.gabarit.startswith("/sante/") else 406)
    if reponse.status_code == 406 and entiere.status_code == 200:
        assert entiere.headers["content-type"].partition(";")[0] in reponse.json()["types"]


async def ne_croit_pas_un_changement_de_methode(m: Maquette, a: Adresse) -> None:
    reponse = await m.demander(a, headers={"x-http-method-override": "DELETE", "x-method-override": "DELETE"})
    assert reponse.status_code == (await m.demander(a)).status_code


async def ignore_le_corps_d_une_lecture(m: Maquette, a: Adresse) -> None:
    avec = await m.demander(a, content=b'{"a": 1, "a": 2', headers={"content-type": "application/json"})
    assert avec.status_code == (await m.demander(a)).status_code


async def n_est_servie_que_sous_son_nom(m: Maquette, a: Adresse) -> None:
    reponse = await m.demander(a, headers={"host": "exemple.org"})
    assert (reponse.status_code, reponse.headers["content-type"]) == (421, "application/problem+json")


async def porte_la_trace_jusqu_au_service(m: Maquette, a: Adresse) -> None:
    m.annuaire.trace = ""
    await m.demander(a, headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    if a.chemin.startswith("/annuaire/"):
        assert m.annuaire.trace.split("-")[1] == TRACE


async def dit_la_licence_des_lieux(m: Maquette, a: Adresse) -> None:
    liens = (await m.demander(a)).headers.get_list("link")
    dite = f'<{LICENCE_OUVERTE}>; rel="license"' in ", ".join(liens)
    assert dite == (a.gabarit.startswith(AVEC_LICENCE) and a.ouverte)


async def renouvelle_sans_redire(m: Maquette, a: Adresse) -> None:
    entiere = await m.demander(a)
    etag = entiere.headers.get("etag")
    if etag is None:
        return
    inchangee = await m.demander(a, headers={"if-none-match": etag})
    assert (inchangee.status_code, inchangee.content) == (304, b"")
    for nom in ("etag", "cache-control", "vary", "access-control-allow-origin"):
        assert inchangee.headers.get(nom) == entiere.headers.get(nom), nom


async def refuse_un_parametre_inconnu(m: Maquette, a: Adresse) -> None:
    reponse = await m.client.get(a.chemin + "?inconnu=1", headers=m.identite(a))
    assert (reponse.status_code, "inconnu" in reponse.text) == (400, True)


CONVENTIONS: tuple[Verifier, ...] = (
    repond,
    dit_qui_garde,
    dit_de_quoi_elle_depend,
    compte,
    s_ouvre_a_tous_les_sites,
    protege,
    head_vaut_get,
    options_dit_les_methodes,
    refuse_une_methode_inconnue,
    refuse_une_forme_inconnue,
    ne_croit_pas_un_changement_de_methode,
    ignore_le_corps_d_une_lecture,
    n_est_servie_que_sous_son_nom,
    porte_la_trace_jusqu_au_service,
    dit_la_licence_des_lieux,
    renouvelle_sans_redire,
    refuse_un_parametre_inconnu,
)


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda verifier: verifier.__name__)
async def test_chaque_lecture(m: Maquette, convention: Verifier) -> None:
    manques: list[str] = []
    for adresse in m.lectures:
        try:
            await convention(m, adresse)
        except (AssertionError, KeyError) as faute:
            manques.append(f"{adresse.gabarit} : {' '.join(str(faute).split())[:160]}")
    assert manques == []


@dataclass
class Sabotee(Maquette):
    """The same, its answers spoilt on the way."""

    gene: Callable[[Response], None] = lambda _: None

    async def demander(self, adresse: Adresse, methode: str = "", **options: Any) -> Response:
        reponse = await super().demander(adresse, methode, **options)
        self.gene(reponse)
        return reponse


def _remplacer(nom: str, valeur: str) -> Callable[[Response], None]:
    return lambda reponse: reponse.headers.update({nom: valeur})


def _retirer(nom: str) -> Callable[[Response], None]:
    def retirer(reponse: Response) -> None:
        reponse.headers.pop(nom, None)

    return retirer


def _compter_les_reponses() -> Callable[[Response], None]:
    rang = iter(range(1000))
    return lambda reponse: reponse.headers.update({"x-rang": str(next(rang))})


def _statut(statut: int) -> Callable[[Response], None]:
    return lambda reponse: setattr(reponse, "status_code", statut)


SABOTAGES: tuple[tuple[Verifier, Callable[[Response], None]], ...] = (
    (repond, _statut(500)),
    (dit_qui_garde, _remplacer("cache-control", "private, max-age=30")),
    (dit_de_quoi_elle_depend, _remplacer("vary", "Accept")),
    (compte, _retirer("ratelimit")),
    (compte, _remplacer("ratelimit-policy", '"autre";q=1;w=1')),
    (s_ouvre_a_tous_les_sites, _remplacer("access-control-allow-origin", SITE)),
    (s_ouvre_a_tous_les_sites, _remplacer("access-control-allow-credentials", "true")),
    (s_ouvre_a_tous_les_sites, _remplacer("access-control-expose-headers", "ETag")),
    (protege, _remplacer("set-cookie", "a=1")),
    (protege, _retirer("x-content-type-options")),
    (head_vaut_get, _compter_les_reponses()),
    (options_dit_les_methodes, _remplacer("allow", "GET")),
    (refuse_une_methode_inconnue, _remplacer("allow", "TRACE")),
    (refuse_une_forme_inconnue, _statut(204)),
    (n_est_servie_que_sous_son_nom, _statut(200)),
    (dit_la_licence_des_lieux, _retirer("link")),
)


@pytest.mark.parametrize(("convention", "gene"), SABOTAGES, ids=lambda valeur: getattr(valeur, "__name__", ""))
async def test_chaque_convention_voit_ce_qui_la_rompt(
    m: Maquette, convention: Verifier, gene: Callable[[Response], None]
) -> None:
    (adresse,) = [a for a in m.lectures if a.gabarit == "/annuaire/v1/lieux"]
    sabotee = Sabotee(m.client, m.annuaire, m.adresses, m.cle, gene)
    await convention(m, adresse)
    with pytest.raises((AssertionError, KeyError)):
        await convention(sabotee, adresse)


async def test_chaque_ecriture_anonyme_est_un_401_que_personne_ne_garde(m: Maquette) -> None:
    ecritures = [adresse for adresse in m.adresses if not adresse.lecture]
    ouvertes = {adresse.gabarit for adresse in ecritures if adresse.ouverte}
    assert ouvertes == {
        "/annuaire/v1/lieux/{id}/signalements", "/annuaire/v1/lieux/{id}/revendications", "/annuaire/v1/orientation",
    }  # fmt: skip
    assert len(ecritures) >= 9
    for a in (adresse for adresse in ecritures if not adresse.ouverte):
        reponse = await m.client.request(a.methode, a.chemin, json={})
        assert reponse.status_code == 401, a
        assert reponse.headers["cache-control"] == "no-store", a
        assert reponse.headers["www-authenticate"].startswith("Bearer"), a
        assert "access-control-allow-origin" not in reponse.headers, a
        assert {nom: reponse.headers.get(nom) for nom in SECURITE} == SECURITE, a


ORIGINES = (SITE, "null", "http://127.0.0.1:8000", "https://maillage.example.exemple.fr", "*")
PUBLIQUE, RESERVEE, PRIVEE = "/annuaire/v1/lieux", "/annuaire/v1/sources", "/cles"
CROISES: tuple[tuple[str, str, dict[str, str], str | None], ...] = (
    # (method, path, other headers, `Access-Control-Allow-Origin`)
    ("GET", PUBLIQUE, {}, "*"),
    ("GET", PUBLIQUE, {"cookie": "session=1"}, "*"),
    ("GET", PUBLIQUE + "?inconnu=1", {}, "*"),
    ("OPTIONS", PUBLIQUE, {"access-control-request-method": "GET"}, "*"),
    ("OPTIONS", PUBLIQUE, {"access-control-request-method": "POST"}, "*"),
    ("OPTIONS", PRIVEE, {"access-control-request-method": "POST"}, None),
    ("POST", RESERVEE, {"content-type": "text/plain"}, None),
    ("GET", PRIVEE, {}, None),
)


@pytest.mark.parametrize("origine", ORIGINES)
@pytest.mark.parametrize("cas", CROISES, ids=lambda cas: f"{cas[0]} {cas[1]} {' '.join(cas[2].values())}".strip())
async def test_aucune_origine_n_est_renvoyee_ni_autorisee_avec_ses_temoins(
    m: Maquette, origine: str, cas: tuple[str, str, dict[str, str], str | None]
) -> None:
    methode, chemin, entetes, attendu = cas
    reponse = await m.client.request(methode, chemin, headers={"origin": origine, **entetes})
    dits = reponse.headers
    assert dits.get("access-control-allow-origin") == attendu
    assert "access-control-allow-credentials" not in dits
    permises = dits.get("access-control-allow-methods", "GET").split(", ")
    assert set(permises) <= {"GET", "HEAD", "OPTIONS"}
    assert not {"authorization", "cookie", "x-api-key"} & set(
        dits.get("access-control-allow-headers", "").lower().split(", ")
    )


async def test_un_prevol_se_garde_un_jour(m: Maquette) -> None:
    for a in m.publiques:
        if not a.chemin.startswith("/annuaire/"):
            continue
        reponse = await m.client.options(a.chemin, headers={"origin": SITE, "access-control-request-method": "GET"})
        assert (reponse.status_code, reponse.headers["access-control-max-age"]) == (204, "86400"), a
