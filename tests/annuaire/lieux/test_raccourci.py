"""The short cut answers, byte for byte, what the route answers; and leaves it whatever is not a plain GET."""

from __future__ import annotations

import gzip
import random
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from annuaire.lieux.lecture.modele import ModeleLecture
from socle.acces.principal import ANONYME
from socle.web.entetes import TOUJOURS
from socle.web.lecture_rapide import Raccourci, Service

from tests.annuaire.lieux.test_filtres import FILTRES, Tireur
from tests.fabriques.annuaire import RACINE
from tests.fabriques.repertoire import Repertoire

pytestmark = pytest.mark.anyio

LIEUX = f"{RACINE}/lieux"
Entetes = list[tuple[bytes, bytes]]


@dataclass
class Brute:
    """An answer as it is sent: nothing decoded, nothing sorted."""

    statut: int
    entetes: Entetes
    corps: bytes

    def entete(self, nom: bytes) -> bytes | None:
        """Return a header, `None` when it is absent."""
        return dict(self.entetes).get(nom)


@dataclass
class Porte:
    """The application at its door, and what the short cut took or left (`prises`, `laissees`)."""

    app: Service
    jeton: bytes
    prises: int = 0
    laissees: int = 0

    async def demander(
        self,
        requete: str = "",
        *entetes: tuple[bytes, bytes],
        chemin: str = LIEUX,
        methode: str = "GET",
        jeton: bytes | None = None,
    ) -> Brute:
        """Send one request, bare."""
        jeton = self.jeton if jeton is None else jeton
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": methode, "scheme": "http", "path": chemin, "raw_path": chemin.encode(), "root_path": "",
            "query_string": requete.encode(), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
            "headers": [(b"host", b"127.0.0.1"), *([(b"authorization", jeton)] if jeton else []), *entetes],
        }  # fmt: skip
        recus: list[dict[str, Any]] = []

        async def recevoir() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def envoyer(message: Any) -> None:
            recus.append(message)

        await self.app(scope, recevoir, envoyer)
        debut, *corps = recus
        assert debut["type"] == "http.response.start"
        return Brute(debut["status"], list(debut["headers"]), b"".join(message.get("body", b"") for message in corps))

    async def comparer(self, *arguments: Any, **options: Any) -> tuple[Brute, Brute, bool]:
        """Send a request with the short cut, then without it; tell whether it took the first."""
        avant = self.prises
        avec = await self.demander(*arguments, **options)
        prise = self.prises > avant
        garde, self.app.raccourci = self.app.raccourci, None
        try:
            sans = await self.demander(*arguments, **options)
        finally:
            self.app.raccourci = garde
        return avec, sans, prise


@pytest.fixture
def porte(repertoire: Repertoire, monkeypatch: pytest.MonkeyPatch) -> Porte:
    """The door of the directory, watched."""
    app = repertoire.annuaire.app
    assert isinstance(app, Service)
    jeton = repertoire.annuaire.entetes(ANONYME, ecriture=False)["Authorization"].encode()
    porte, vrai = Porte(app, jeton), Raccourci.repondre

    async def repondre(soi: Raccourci, scope: Any, send: Any) -> bool:
        prise = await vrai(soi, scope, send)
        porte.prises, porte.laissees = porte.prises + prise, porte.laissees + (not prise)
        return prise

    monkeypatch.setattr(Raccourci, "repondre", repondre)
    return porte


GZIP = (b"accept-encoding", b"gzip, deflate, br")
GEOJSON = (b"accept", b"application/geo+json")


def questions(repertoire: Repertoire, nombre: int) -> Iterator[str]:
    """Draw query strings of lists, plain or not, near a point or not."""
    tireur = Tireur(repertoire, 26)
    hasard = tireur.hasard
    for _ in range(nombre):
        question = tireur.question(list(dict.fromkeys(hasard.sample(FILTRES, hasard.randint(0, 3)))))
        for nom, valeur in (
            ("limite", str(hasard.choice((1, 5, 50)))), ("compte", "exact"), ("projection", "compacte"),
            ("format", "geojson"), ("facettes", ["services", "region"]),
        ):  # fmt: skip
            if hasard.random() < 0.4:
                question[nom] = valeur
        yield urlencode(question, doseq=True)


def variantes(premiere: Brute) -> list[list[tuple[bytes, bytes]]]:
    """Ways of asking the same thing: compressed, as GeoJSON, with the tag already held or another."""
    etag = premiere.entete(b"etag") or b""
    return [
        [], [GZIP], [GEOJSON], [GEOJSON, GZIP], [(b"if-none-match", etag)], [(b"if-none-match", etag), GZIP],
        [(b"if-none-match", b'W/"autre"')], [(b"if-none-match", b"*")], [(b"if-none-match", b"mal form\xe9")],
        [(b"accept", b"*/*;q=0.1, application/geo+json")], [(b"accept-encoding", b"identity")],
        [(b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")],
    ]  # fmt: skip


async def eprouver(porte: Porte, demandes: Sequence[tuple[str, str]]) -> Counter[str]:
    """Compare both answers of every way to ask; the short cut must have taken each."""
    comptes: Counter[str] = Counter()
    for chemin, requete in demandes:
        premiere = await porte.demander(requete, chemin=chemin)
        presse = await porte.demander(requete, GZIP, chemin=chemin)
        tags = [(b"if-none-match", presse.entete(b"etag") or b"")]
        for entetes in [*variantes(premiere), tags, [*tags, GZIP]]:
            avec, sans, prise = await porte.comparer(requete, *entetes, chemin=chemin)
            assert avec == sans, (requete, entetes)
            assert prise, (requete, entetes)
            comptes["réponses"] += 1
            comptes[f"de statut {avec.statut}"] += 1
            comptes["compressées"] += avec.entete(b"content-encoding") == b"gzip"
            comptes["GeoJSON"] += avec.entete(b"content-type") == b"application/geo+json"
    return comptes


async def test_le_raccourci_repond_comme_la_route_octet_pour_octet(
    repertoire: Repertoire, porte: Porte, capsys: pytest.CaptureFixture[str]
) -> None:
    listes = [(LIEUX, requete) for requete in ("", "limite=500", *questions(repertoire, 120))]
    fiches = [
        (f"{LIEUX}/{fiche['id']}", requete)
        for fiche in random.Random(6).sample(repertoire.fiches, 20)
        for requete in ("", "projection=compacte", "format=geojson", "format=json&projection=complete")
    ]
    comptes = await eprouver(porte, [*listes, *fiches])
    # and the pages that follow
    suite: list[tuple[str, str]] = []
    for requete in ("limite=7", "limite=7&proche=48.85,2.35&rayon=50000", "limite=7&ouvert_a=maintenant&region=84"):
        reponse = await repertoire.annuaire.get(f"{LIEUX}?{requete}")
        suite.append((LIEUX, f"{requete}&curseur={reponse.json()['suivant']}"))
    comptes += await eprouver(porte, suite)
    with capsys.disabled():
        print("\n  raccourci = route : " + ", ".join(f"{n} {quoi}" for quoi, n in comptes.items()))
    assert comptes["de statut 304"] > comptes["réponses"] / 5
    assert comptes["compressées"] > comptes["réponses"] / 10
    assert comptes["GeoJSON"] > comptes["réponses"] / 10


async def test_ce_qui_est_compresse_se_decompresse(porte: Porte) -> None:
    nue, presse = await porte.demander("limite=50"), await porte.demander("limite=50", GZIP)
    assert gzip.decompress(presse.corps) == nue.corps
    assert presse.entete(b"content-length") == b"%d" % len(presse.corps)
    assert zlib.crc32(nue.corps) != zlib.crc32(presse.corps)


async def test_la_comparaison_voit_un_en_tete_de_trop(porte: Porte, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socle.web.lecture_rapide.TOUJOURS", (*TOUJOURS, (b"x-autre", b"1")))
    with pytest.raises(AssertionError, match="limite=1"):
        await eprouver(porte, [(LIEUX, "limite=1")])


def sans_numero(corps: bytes) -> bytes:
    """Leave out of a problem the number of its occurrence."""
    debut, marque, fin = corps.partition(b'"instance":"urn:uuid:')
    return debut + marque + fin[36:]


ID_INCONNU = "01970000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("requete", "entetes", "options", "statut"),
    [
        ("limite=1", [], {"methode": "HEAD"}, 200),
        ("limite=1", [], {"methode": "POST"}, 401),
        ("limite=1", [], {"methode": "OPTIONS"}, 204),
        ("limite=1", [(b"accept", b"*/*"), (b"accept", b"application/json")], {}, 200),
        ("limite=1", [(b"if-none-match", b'"a"'), (b"if-none-match", b'"b"')], {}, 200),
        ("limite=1", [(b"x-quoi", b"1"), (b"x-quoi", b"1")], {}, 200),
        ("limit=1", [], {}, 400),
        ("limite=1&limite=1", [], {}, 400),
        ("proche=48,2&proche=48,3", [], {}, 400),
        ("limite=0", [], {}, 400),
        ("services=zzzzz", [], {}, 400),
        ("rayon=10", [], {}, 400),
        ("bbox=5,45,9,49", [], {}, 400),
        ("curseur=abc", [], {}, 400),
        ("curseur=", [], {}, 400),
        ("ouvert_a=0001-01-01T00:00:00%2B14:00", [], {}, 400),
        ("departement=%C3", [], {}, 400),
        ("services=%00", [], {}, 400),
        ("&".join(f"a{n}=1" for n in range(51)), [], {}, 400),
        ("departement=" + "3" * 9_000, [], {}, 414),
        ("limite=1", [(b"accept", b"text/csv")], {}, 406),
        ("limite=1", [(f"x-{n}".encode(), b"1") for n in range(70)], {}, 431),
        ("limite=1", [], {"jeton": b"Bearer faux"}, 401),
        ("limite=1", [], {"jeton": b"Basic YTpi"}, 401),
        ("limite=1", [], {"jeton": b""}, 401),
        ("", [], {"chemin": f"{LIEUX}/{ID_INCONNU}"}, 404),
        ("", [], {"chemin": f"{LIEUX}/pas-un-uuid"}, 400),
        ("", [], {"chemin": f"{LIEUX}/"}, 404),
        ("projection=longue", [], {"chemin": f"{LIEUX}/{ID_INCONNU}"}, 400),
        ("", [], {"chemin": f"{RACINE}/structures"}, 200),
        ("", [], {"chemin": "/sante/vivant"}, 200),
    ],
)  # fmt: skip
async def test_ce_qui_sort_de_l_ordinaire_est_laisse_a_la_route(
    porte: Porte, requete: str, entetes: list[tuple[bytes, bytes]], options: dict[str, Any], statut: int
) -> None:
    avec, sans, prise = await porte.comparer(requete, *entetes, **options)
    assert (porte.prises, porte.laissees, prise) == (0, 1, False)
    assert avec.statut == statut
    assert (avec.statut, avec.entetes, sans_numero(avec.corps)) == (sans.statut, sans.entetes, sans_numero(sans.corps))


async def test_un_identifiant_en_majuscules_est_laisse_a_la_route_qui_le_trouve(
    repertoire: Repertoire, porte: Porte
) -> None:
    id = repertoire.fiches[0]["id"]
    avec, _, prise = await porte.comparer(chemin=f"{LIEUX}/{id.upper()}")
    ordinaire = await porte.demander(chemin=f"{LIEUX}/{id}")
    assert (prise, avec.statut, avec.corps) == (False, 200, ordinaire.corps)
    assert porte.prises == 1


async def test_tant_que_la_memoire_retarde_tout_est_laisse_a_la_route(
    porte: Porte, monkeypatch: pytest.MonkeyPatch
) -> None:
    vrai, dits = ModeleLecture.frais, [False]

    def frais(soi: ModeleLecture) -> bool:
        return vrai(soi) and (dits.pop() if dits else True)

    monkeypatch.setattr(ModeleLecture, "frais", frais)
    retard = await porte.demander("limite=3")
    assert (porte.prises, porte.laissees) == (0, 1)
    assert await porte.demander("limite=3") == retard
    assert (porte.prises, porte.laissees) == (1, 1)


async def test_une_demande_ordinaire_ne_va_pas_a_la_route(porte: Porte) -> None:
    for requete in ("", "departement=38", "proche=45.18,5.72", "ouvert_a=maintenant"):
        assert (await porte.demander(requete)).statut == 200
    assert (porte.prises, porte.laissees) == (4, 0)
