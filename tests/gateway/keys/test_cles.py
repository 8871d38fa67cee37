"""Keys through the gateway: created, used, revoked, expired; on both engines."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from gateway.keys import identifier, repository, rules, service
from gateway.keys.errors import CleRefusee
from gateway.keys.identifier import Identificateur
from gateway.keys.tables import Cle
from gateway.migrations import DOSSIER
from gateway.tables import GatewayTable
from socle.donnees.audit import verifier
from socle.donnees.db import Database
from socle.donnees.migrations import ecarts, migrer
from socle.horloge import maintenant
from socle.web.client import Response

from tests.fabriques.passerelle import Banc, banc

pytestmark = pytest.mark.anyio

POIVRE = b"p" * 32


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    base = Database(url_base)
    await migrer(base, DOSSIER)
    yield base
    await base.fermer()


async def faire(base: Database, **options: object) -> tuple[Cle, str]:
    async with base.write() as session:
        return await service.creer(
            session, nom="Hub", portees=["lecture"], poivre=POIVRE, environnement="local", createur="test",
            **options,  # type: ignore[arg-type]
        )  # fmt: skip


def entete(texte: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {texte}".encode())]


async def test_les_migrations_valent_les_tables_et_se_defont(base: Database) -> None:
    assert await ecarts(base, [GatewayTable.metadata]) == []
    await faire(base)
    await migrer(base, DOSSIER, vers="base")
    await migrer(base, DOSSIER)
    assert await ecarts(base, [GatewayTable.metadata]) == []


async def test_le_secret_n_est_pas_dans_la_base(base: Database) -> None:
    cle, texte = await faire(base)
    presentee = rules.lire(texte)
    assert presentee is not None
    async with base.read() as session:
        lue = await repository.lire(session, cle.id)
    assert lue is not None
    assert presentee.secret not in str(lue.model_dump())
    assert lue.empreinte == rules.empreinte(POIVRE, presentee.secret)


async def test_une_cle_identifie_son_porteur(base: Database) -> None:
    cle, texte = await faire(base, sources=["hub-a"])
    principal = await Identificateur(base, POIVRE).identifier(entete(texte), b"", adresse="192.0.2.1")
    assert (principal.sujet, principal.portees, principal.sources) == (
        f"cle:{cle.id}",
        frozenset({"lecture"}),
        frozenset({"hub-a"}),
    )


async def test_un_identifiant_inconnu_et_un_secret_faux_prennent_le_meme_chemin(
    base: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, texte = await faire(base)
    identificateur = Identificateur(base, POIVRE)
    await identificateur.identifier(entete(texte), b"", adresse="192.0.2.1")
    lectures: list[str] = []
    comparaisons: list[tuple[str, str]] = []
    vraie_lecture, vraie_comparaison = repository.lire, rules.meme_empreinte

    async def lire(session: object, ident: str) -> Cle | None:
        lectures.append(ident)
        return await vraie_lecture(session, ident)  # type: ignore[arg-type]

    def comparer(connue: str, calculee: str) -> bool:
        comparaisons.append((connue, calculee))
        return vraie_comparaison(connue, calculee)

    monkeypatch.setattr(identifier.repository, "lire", lire)
    monkeypatch.setattr(identifier.rules, "meme_empreinte", comparer)
    messages = set()
    for debut in (texte.rsplit("_", 2)[0], "mnk_local_zzzzzzzzzz"):
        faux = f"{debut}_{'S' * 43}"
        with pytest.raises(CleRefusee) as refus:
            await identificateur.identifier(entete(f"{faux}_{rules.somme(faux)}"), b"", adresse="192.0.2.1")
        messages.add(refus.value.detail)
    assert (len(lectures), len(comparaisons), len(messages)) == (2, 2, 1)


async def test_une_cle_expiree_est_refusee_meme_si_elle_est_en_memoire(base: Database) -> None:
    _, texte = await faire(base, duree=timedelta(days=1))
    decalage = timedelta(0)
    identificateur = Identificateur(base, POIVRE, horloge=lambda: maintenant() + decalage)
    await identificateur.identifier(entete(texte), b"", adresse="192.0.2.1")
    decalage = timedelta(days=1)
    with pytest.raises(CleRefusee, match="expiré"):
        await identificateur.identifier(entete(texte), b"", adresse="192.0.2.1")


async def test_une_revocation_vaut_au_bout_de_cinq_secondes(base: Database) -> None:
    cle, texte = await faire(base)
    instant = 100.0
    identificateur = Identificateur(base, POIVRE, chronometre=lambda: instant)
    await identificateur.identifier(entete(texte), b"", adresse="192.0.2.1")
    async with base.write() as session:
        await service.revoquer(session, cle.id, acteur="test")
    instant += 4.9
    await identificateur.identifier(entete(texte), b"", adresse="192.0.2.1")
    instant += 0.1
    with pytest.raises(CleRefusee, match="révoquée"):
        await identificateur.identifier(entete(texte), b"", adresse="192.0.2.1")


async def test_une_cle_hors_de_son_reseau_est_refusee(base: Database) -> None:
    _, texte = await faire(base, reseaux=["192.0.2.0/24"])
    identificateur = Identificateur(base, POIVRE)
    await identificateur.identifier(entete(texte), b"", adresse="192.0.2.9")
    with pytest.raises(CleRefusee, match="réseau"):
        await identificateur.identifier(entete(texte), b"", adresse="198.51.100.9")


async def test_la_derniere_utilisation_est_notee(base: Database) -> None:
    cle, texte = await faire(base)
    identificateur = Identificateur(base, POIVRE)
    await identificateur.identifier(entete(texte), b"", adresse="192.0.2.1")
    await identificateur.ecrire_usages()
    async with base.read() as session:
        lue = await repository.lire(session, cle.id)
    assert lue is not None
    assert lue.utilisee_le is not None


async def test_chaque_acte_sur_une_cle_est_dans_la_chaine_d_audit(base: Database) -> None:
    cle, _ = await faire(base)
    for _ in range(2):
        async with base.write() as session:
            await service.revoquer(session, cle.id, acteur="test", motif="perdue")
    async with base.read(instantane=True) as session:
        assert await verifier(session) is None
        tete = await session.get_one(__import__("socle.donnees.tables", fromlist=["Compteur"]).Compteur, "audit")
    assert tete.n == 2


async def test_la_cle_de_demonstration_est_stable_et_refaite_si_elle_meurt(base: Database, tmp_path: Path) -> None:
    async def preparer() -> str:
        chemin = await service.preparer_demonstration(base, donnees=tmp_path, poivre=POIVRE, environnement="local")
        assert stat.S_IMODE(chemin.stat().st_mode) == 0o600
        return chemin.read_text().strip()

    premiere = await preparer()
    assert await preparer() == premiere
    lue = rules.lire(premiere)
    assert lue is not None
    async with base.write() as session:
        await service.revoquer(session, lue.id, acteur="test")
    seconde = await preparer()
    assert seconde != premiere
    (tmp_path / service.FICHIER_DEMONSTRATION).unlink()
    assert await preparer() not in (premiere, seconde)


@pytest.fixture
async def b(tmp_path: Path) -> AsyncIterator[Banc]:
    async with banc(tmp_path) as ouvert:
        yield ouvert


async def creer(b: Banc, **champs: object) -> Response:
    demande = {"nom": "Hub", "portees": ["lecture"], **champs}
    return await b.client.post("/cles", headers=b.identite, json=demande)


async def test_un_administrateur_cree_une_cle_qui_sert_aussitot(b: Banc) -> None:
    creee = await creer(b, sources=["hub-a"], jours=30)
    assert (creee.status_code, creee.headers["cache-control"]) == (201, "private, no-store")
    lue = await b.client.get(creee.headers["location"], headers=b.identite)
    assert lue.json()["sources"] == ["hub-a"]
    assert "cle" not in lue.json()
    assert "empreinte" not in lue.text
    identite = {"authorization": f"Bearer {creee.json()['cle']}"}
    assert (await b.client.get("/annuaire/v1/lieux", headers=identite)).status_code == 200


async def test_une_cle_revoquee_se_relit_comme_telle(b: Banc) -> None:
    ident = (await creer(b)).json()["id"]
    revoquee = await b.client.post(f"/cles/{ident}/actions/revoquer", headers=b.identite)
    assert revoquee.json()["revoquee_le"] is not None
    encore = await b.client.post(f"/cles/{ident}/actions/revoquer", headers=b.identite)
    assert encore.json()["revoquee_le"] == revoquee.json()["revoquee_le"]


async def test_la_liste_des_cles_se_parcourt_en_entier(b: Banc) -> None:
    faites = {(await creer(b)).json()["id"] for _ in range(5)}
    vues: list[str] = []
    suite: str | None = "/cles?limite=2"
    while suite is not None:
        page = await b.client.get(suite, headers=b.identite)
        vues += [cle["id"] for cle in page.json()["elements"]]
        suivant = page.json()["suivant"]
        suite = f"/cles?limite=2&curseur={suivant}" if suivant else None
    assert faites < set(vues)
    assert len(vues) == 6


async def test_seul_un_administrateur_touche_aux_cles(b: Banc) -> None:
    simple = {"authorization": f"Bearer {(await creer(b)).json()['cle']}"}
    for methode, chemin in (
        ("GET", "/cles"),
        ("POST", "/cles"),
        ("GET", "/cles/x"),
        ("POST", "/cles/x/actions/revoquer"),
    ):
        corps = {"nom": "a", "portees": ["lecture"]} if (methode, chemin) == ("POST", "/cles") else None
        assert (await b.client.request(methode, chemin, json=corps)).status_code == 401
        assert (await b.client.request(methode, chemin, json=corps, headers=simple)).status_code == 403


@pytest.mark.parametrize(
    ("champs", "pointeur"),
    [({"jours": 367}, "/jours"), ({"jours": "30"}, "/jours"), ({"id": "abc"}, "/id"), ({"nom": ""}, "/nom")],
)
async def test_un_champ_faux_ou_reserve_est_un_422(b: Banc, champs: dict[str, object], pointeur: str) -> None:
    refus = await creer(b, **champs)
    assert (refus.status_code, refus.json()["erreurs"][0]["pointer"]) == (422, pointeur)


async def test_une_portee_inconnue_est_un_422_qui_les_enumere(b: Banc) -> None:
    refus = await creer(b, portees=["tout"])
    assert (refus.status_code, refus.json()["type"]) == (422, "/problemes/cle-mal-decrite")
    assert "sync:write" in refus.json()["detail"]


async def test_une_cle_inconnue_est_un_404(b: Banc) -> None:
    assert (await b.client.get("/cles/inconnue", headers=b.identite)).status_code == 404
    assert (await b.client.post("/cles/inconnue/actions/revoquer", headers=b.identite)).status_code == 404


async def test_le_secret_ne_sort_ni_dans_les_journaux_ni_dans_les_erreurs(
    b: Banc, capsys: pytest.CaptureFixture[str]
) -> None:
    texte = (await creer(b)).json()["cle"]
    fausse = texte[:-1] + ("a" if texte[-1] != "a" else "b")
    reponses = [
        await b.client.get("/annuaire/v1/lieux", headers={"authorization": f"Bearer {fausse}"}),
        await b.client.get(f"/annuaire/v1/lieux?q={texte}"),
        await b.client.get(f"/{texte}"),
    ]
    await asyncio.sleep(0)
    secret = texte.split("_")[3]
    assert all(secret not in reponse.text for reponse in reponses)
    assert secret not in capsys.readouterr().out
