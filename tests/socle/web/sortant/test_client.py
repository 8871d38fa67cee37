"""What the outgoing client brings back, and what it gives up."""

from __future__ import annotations

import gzip
import zlib

import pytest
from socle.web.client import ConnectError, Request, Response
from socle.web.sortant.client import Sortie
from socle.web.sortant.errors import MESSAGES, SortieRefusee

from tests.fabriques.sortant import AUTRE_PUBLIQUE, PUBLIQUE, Internet, Repondeur, renvoi, reponse

pytestmark = pytest.mark.anyio
URL = "https://listes.exemple.fr/liste.csv"


def net(repondre: Repondeur, *adresses: str) -> Internet:
    internet = Internet()
    internet.site("listes.exemple.fr", repondre, *adresses)
    return internet


async def lire(sortie: Sortie, url: str = URL, **options: object) -> bytes:
    async with sortie.demander("GET", url, **options) as recue:  # type: ignore[arg-type]
        return b"".join([morceau async for morceau in recue.morceaux])


async def refus(sortie: Sortie, **options: object) -> str:
    with pytest.raises(SortieRefusee) as pris:
        await lire(sortie, **options)
    assert str(pris.value) == MESSAGES[pris.value.classe]
    return pris.value.classe


async def test_un_contenu_vient_entier_et_degonfle() -> None:
    liste = b"nom;commune\n" * 1000
    assert await lire(net(lambda _: reponse(200, liste[:5000], liste[5000:])).sortie()) == liste
    gonfle = gzip.compress(liste, mtime=0)
    comprime = net(lambda _: reponse(200, gonfle[:9], gonfle[9:], entetes={"content-encoding": "gzip"}))
    assert await lire(comprime.sortie()) == liste


@pytest.mark.parametrize(
    ("morceaux", "codage", "classe"),
    [
        ([b"x" * 600, b"x" * 600], "", "trop-grand"),
        ([gzip.compress(b"x" * 1_000_000, mtime=0)], "gzip", "trop-grand"),
        ([gzip.compress(b"x" * 500, mtime=0)[:-4]], "gzip", "interrompue"),
        ([gzip.compress(b"x", mtime=0) + b"reste"], "gzip", "interrompue"),
        ([b"pas du gzip"], "gzip", "interrompue"),
        ([zlib.compress(b"x")], "deflate", "type-refuse"),
        ([b"x"], "br", "type-refuse"),
    ],
)
async def test_un_contenu_trop_grand_ou_abime_est_refuse(morceaux: list[bytes], codage: str, classe: str) -> None:
    site = net(lambda _: reponse(200, *morceaux, entetes={"content-encoding": codage} if codage else {}))
    assert await refus(site.sortie(), octets=1000) == classe


async def test_un_contenu_juste_a_la_limite_passe() -> None:
    assert len(await lire(net(lambda _: reponse(200, b"x" * 1000)).sortie(), octets=1000)) == 1000
    gonfle = gzip.compress(b"x" * 1000, mtime=0)
    entetes = {"content-encoding": "gzip"}
    assert len(await lire(net(lambda _: reponse(200, gonfle, entetes=entetes)).sortie(), octets=1000)) == 1000


async def test_un_type_inattendu_est_refuse() -> None:
    page = net(lambda _: reponse(200, b"<html>", entetes={"content-type": "text/html; charset=utf-8"}))
    assert await refus(page.sortie(), types=frozenset({"text/csv"})) == "type-refuse"
    liste = net(lambda _: reponse(200, b"a", entetes={"content-type": "Text/CSV; header=present"}))
    assert await lire(liste.sortie(), types=frozenset({"text/csv"})) == b"a"


async def test_les_identifiants_ne_suivent_pas_un_renvoi_ailleurs() -> None:
    internet = net(renvoi("/encore"))
    internet.site("ailleurs.exemple.fr", lambda _: reponse(200, b"ok"))

    def suivre(requete: Request) -> Response:
        return renvoi("/la" if requete.url.path != "/la" else "https://ailleurs.exemple.fr/")(requete)

    internet.sites["listes.exemple.fr"] = suivre
    assert await lire(internet.sortie(), secrets={"authorization": "Bearer x"}, entetes={"accept": "text/csv"}) == b"ok"
    assert [("authorization" in r.headers, r.headers["accept"]) for r in internet.requetes] == [
        (True, "text/csv"), (True, "text/csv"), (False, "text/csv"),
    ]  # fmt: skip


async def test_trois_renvois_passent_et_pas_quatre() -> None:
    def vers(dernier: int) -> Repondeur:
        def suivre(requete: Request) -> Response:
            rang = int(requete.url.path[1:]) if requete.url.path[1:].isdecimal() else 0
            return renvoi(f"/{rang + 1}")(requete) if rang < dernier else reponse(200, b"ok")

        return suivre

    assert await lire(net(vers(3)).sortie()) == b"ok"
    assert await refus(net(vers(4)).sortie()) == "redirection"


async def test_sans_renvoi_permis_un_renvoi_est_une_reponse() -> None:
    async with net(renvoi("/x")).sortie().demander("POST", URL, contenu=b"{}", redirections=0) as recue:
        assert recue.statut == 302


async def test_une_deuxieme_adresse_sert_quand_la_premiere_refuse() -> None:
    def capricieux(requete: Request) -> Response:
        if requete.url.host == PUBLIQUE:
            raise ConnectError("refusé", request=requete)
        return reponse(200, b"ok")

    assert await lire(net(capricieux, PUBLIQUE, AUTRE_PUBLIQUE).sortie()) == b"ok"
    assert await refus(net(capricieux, PUBLIQUE).sortie()) == "connexion"


async def test_un_serveur_muet_ne_retient_pas() -> None:
    import asyncio

    async def muet(hote: str, port: int) -> list[str]:
        await asyncio.sleep(30)
        return []

    internet = net(lambda _: reponse(200))
    internet.resoudre = muet  # type: ignore[method-assign]
    assert await refus(internet.sortie(), delai=0.05) in ("delai", "nom-introuvable")


async def test_un_nom_inconnu_est_dit_introuvable() -> None:
    internet = Internet(noms={"listes.exemple.fr": [()]})
    assert await refus(internet.sortie()) == "nom-introuvable"
