"""The guard of outgoing calls: eighty ways to have us call ourselves, and none that works."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from socle.web.client import Request, Response
from socle.web.sortant import adresses as module_adresses
from socle.web.sortant import client as module_client
from socle.web.sortant.adresses import Cible, Reglages, examiner, publique
from socle.web.sortant.client import Sortie
from socle.web.sortant.errors import SortieRefusee

from tests.fabriques.sortant import PUBLIQUE, Canaris, Internet, canaris, renvoi, reponse

pytestmark = pytest.mark.anyio

LOCAUX = (
    # every writing of an address of this machine, of its network, or of nobody
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "localhost", "localhost.", "LOCALHOST", "127.0.0.1.", "0.0.0.0", "0",
    "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "0177.1",
    "127.0.0.01", "127.0.0.0x1", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:1::1]",
    "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]",
    "[100::1]", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "１２７.0.0.1", "127。0。0。1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "127.0.0.1%00.exemple.fr",
)  # fmt: skip
TOURS = (
    # whole URLs: tricks of writing, then names and redirects that lead home
    "https://exemple.fr@127.0.0.1:{port}/", "https://exemple.fr:x@127.0.0.1:{port}/",
    "https://exemple.fr\\@127.0.0.1:{port}/", "https://127.0.0.1:{port}\\@exemple.fr/",
    "https://127.0.0.1:{port}#@exemple.fr/", "https://exemple.fr#@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}?@exemple.fr/", "https://exemple.fr%2f@127.0.0.1:{port}/",
    "https:127.0.0.1:{port}/", "https:///127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://127.0.0.1:{port}/",
    "http://exemple.fr:{port}/", "ftp://127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_",
    "https://127.0.0.1:{port}\t/", " https://127.0.0.1:{port}/", "https://127.0.0.1\r\n:{port}/", "",
    "https://prive.exemple.fr:{port}/", "https://mixte.exemple.fr:{port}/", "https://mappe.exemple.fr:{port}/",
    "https://changeant.exemple.fr:{port}/", "https://renvoi-prive.exemple.fr:{port}/",
    "https://renvoi-nom.exemple.fr:{port}/", "https://renvoi-clair.exemple.fr:{port}/",
    "https://renvoi-long.exemple.fr:{port}/", "https://renvoi-boucle.exemple.fr:{port}/",
    "https://renvoi-relatif.exemple.fr:{port}/",
)  # fmt: skip


def internet(port: int) -> Internet:
    """Build names and sites that all end at home."""
    ici = f"https://127.0.0.1:{port}/"
    net = Internet(vrai_reseau=True)
    net.noms |= {
        "localhost": [("127.0.0.1", "::1")],
        "prive.exemple.fr": [("127.0.0.1",)],
        "mixte.exemple.fr": [(PUBLIQUE, "127.0.0.1")],
        "mappe.exemple.fr": [("::ffff:127.0.0.1",)],
        "exemple.fr": [("127.0.0.1",)],
    }
    # public at the first question, here ever after: the second one must never be asked
    net.noms["changeant.exemple.fr"] = [(PUBLIQUE,), ("127.0.0.1",)]
    net.sites["changeant.exemple.fr"] = lambda _: reponse(200)
    net.site("renvoi-prive.exemple.fr", renvoi(ici))
    net.site("renvoi-nom.exemple.fr", renvoi(f"https://prive.exemple.fr:{port}/", 307))
    net.site("renvoi-clair.exemple.fr", renvoi(f"http://127.0.0.1:{port}/", 301))
    net.site("renvoi-relatif.exemple.fr", renvoi(f"//127.0.0.1:{port}/", 308))
    net.site("renvoi-boucle.exemple.fr", renvoi("/"))

    def loin(requete: Request) -> object:
        rang = int(requete.url.path.strip("/") or 0)
        return renvoi(f"/{rang + 1}" if rang < 2 else ici)(requete)

    net.site("renvoi-long.exemple.fr", loin)  # type: ignore[arg-type]
    return net


def adresses(port: int) -> list[str]:
    return [f"https://{hote}:{port}/" for hote in LOCAUX] + [tour.format(port=port) for tour in TOURS]


async def appeler(sortie: Sortie, url: str) -> str:
    """Call, and say what became of it."""
    try:
        async with sortie.demander("GET", url, delai=5) as recue:
            [_ async for _ in recue.morceaux]
            return str(recue.statut)
    except SortieRefusee as refus:
        return refus.classe


async def visiter(garde: Canaris) -> tuple[dict[str, str], list[str]]:
    """Try every address; return what became of each, and the calls that left for somewhere."""
    net = internet(garde.port)
    sortie = net.sortie(ports=frozenset({443, garde.port}))
    return {url: await appeler(sortie, url) for url in adresses(garde.port)}, net.echappees


async def test_aucune_de_ces_adresses_ne_mene_a_la_maison() -> None:
    async with canaris() as garde:
        sorts, echappees = await visiter(garde)
    print(f"\n{len(sorts)} adresses, {garde.visites} connexion(s) aux canaris, {len(echappees)} appel(s) partis")
    assert (garde.visites, echappees) == (0, [])
    assert len(sorts) >= 80
    assert {url for url, sort in sorts.items() if sort == "200"} == {
        f"https://changeant.exemple.fr:{garde.port}/"  # its only question had a public answer
    }


def _tout_est_public(_: str) -> bool:
    return True


def _sans_relire(_: str) -> object:
    async def relire(*_: object) -> None:
        return None

    return relire


async def test_une_deuxieme_question_au_resolveur_serait_vue(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = Sortie._adresses

    async def deux_fois(self: Sortie, cible: Cible) -> Sequence[str]:
        await verifier(self, cible)
        return await self._resoudre(cible.hote, cible.port)

    monkeypatch.setattr(Sortie, "_adresses", deux_fois)
    monkeypatch.setattr(module_client, "_relire_le_pair", _sans_relire)
    async with canaris() as garde:
        _, echappees = await visiter(garde)
    assert echappees == [f"https://127.0.0.1:{garde.port}/"]
    assert garde.visites == 1


async def test_un_renvoi_suivi_sans_examen_serait_vu(monkeypatch: pytest.MonkeyPatch) -> None:
    def croire(cible: Cible, recue: Response, _: object, reste: int) -> Cible:
        if not reste:
            raise SortieRefusee("redirection")
        url = cible.url.join(recue.headers["location"])
        return Cible(url=url, hote=url.host, port=url.port or 443, locale=url.host == "127.0.0.1")

    monkeypatch.setattr(module_client, "_suivre", croire)
    monkeypatch.setattr(module_client, "_autorite", lambda cible: cible.hote)
    async with canaris() as garde:
        await visiter(garde)
    assert garde.visites >= 3


async def test_sans_la_regle_des_adresses_publiques_les_canaris_sont_vus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_adresses, "publique", _tout_est_public)
    monkeypatch.setattr(module_client, "_est_publique", _tout_est_public)
    async with canaris() as garde:
        _, echappees = await visiter(garde)
    print(f"\nsans la règle : {garde.visites} connexions aux canaris, {len(echappees)} appels partis")
    assert garde.visites >= 10


async def test_la_relecture_du_pair_arrete_une_connexion_detournee(monkeypatch: pytest.MonkeyPatch) -> None:
    # names are believed, connections are not: what is reached is not what was checked
    async def menteur(hote: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    recus: list[bytes] = []

    async def ecouter(lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        recus.append(await lecteur.read(100))
        ecrivain.close()

    serveur = await asyncio.start_server(ecouter, "127.0.0.1", 0)
    port = serveur.sockets[0].getsockname()[1]
    sortie = Sortie(Reglages(ports=frozenset({port})), resoudre=menteur)
    monkeypatch.setattr(Sortie, "_adresses", lambda self, cible: menteur(cible.hote, cible.port))
    async with serveur:
        assert await appeler(sortie, f"https://exemple.fr:{port}/") == "adresse-refusee"
        await asyncio.sleep(0.05)
        assert recus in ([], [b""])
        monkeypatch.setattr(module_client, "_relire_le_pair", _sans_relire)
        await appeler(sortie, f"https://exemple.fr:{port}/")
        await asyncio.sleep(0.05)
    assert recus[-1] != b""


async def test_la_connexion_va_a_l_adresse_verifiee_sous_le_nom_demande() -> None:
    net = Internet()
    net.site("listes.exemple.fr", lambda _: reponse(200, b"a"))
    assert await appeler(net.sortie(), "https://LISTES.exemple.fr./x?a=b#c") == "200"
    (requete,) = net.requetes
    assert str(requete.url) == f"https://{PUBLIQUE}/x?a=b"
    assert requete.headers["host"] == requete.extensions["sni_hostname"] == "listes.exemple.fr"
    assert net.questions == ["listes.exemple.fr"]


async def test_un_nom_accentue_est_demande_en_ascii() -> None:
    net = Internet()
    net.site("xn--mdiation-b1a.fr", lambda _: reponse(200))
    assert await appeler(net.sortie(), "https://médiation.fr/") == "200"


@pytest.mark.parametrize(
    ("url", "ports", "permise"),
    [
        ("https://exemple.fr:8443/", {443}, False),
        ("https://exemple.fr:8443/", {443, 8443}, True),
        ("http://exemple.fr:8443/", {443, 8443}, False),
        ("https://exemple.fr:443/", {443}, True),
        ("https://exemple/", {443}, False),
    ],
)
def test_seuls_les_ports_ouverts_par_l_administrateur_le_sont(url: str, ports: set[int], permise: bool) -> None:
    try:
        examiner(url, Reglages(ports=frozenset(ports)))
    except SortieRefusee:
        assert not permise
    else:
        assert permise


async def test_une_origine_locale_declaree_s_appelle_mais_on_n_y_est_pas_renvoye() -> None:
    locales = frozenset({"http://127.0.0.1:9000"})
    net = Internet()
    net.sites["127.0.0.1"] = lambda _: reponse(200)
    net.site("renvoi.exemple.fr", renvoi("http://127.0.0.1:9000/"))
    assert examiner("http://127.0.0.1:9000/x", Reglages(locales=locales)).locale
    for autre in ("http://127.0.0.1:9001/", "https://127.0.0.1:9000/", "http://127.0.0.2:9000/"):
        assert await appeler(net.sortie(locales=locales), autre) == "adresse-refusee"
    assert await appeler(net.sortie(locales=locales), "https://renvoi.exemple.fr/") == "adresse-refusee"


@pytest.mark.parametrize("adresse", ["8.8.8.8", "193.51.24.1", "2001:660:6101::1", "2a01:cb00::1"])
def test_une_adresse_publique_est_publique(adresse: str) -> None:
    assert publique(adresse)
