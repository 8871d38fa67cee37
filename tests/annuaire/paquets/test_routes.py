"""The pack through its route: true at every instant, the same bytes until the département changes, built once."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import threading
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from annuaire.lieux import repository as lieux
from annuaire.paquets import rules, service
from annuaire.paquets.schemas import LieuEmporte, PaquetLu
from annuaire.paquets.service import Paquets
from annuaire.synchronisation import gardes
from socle.acces.principal import ANONYME
from socle.donnees import feed

from tests.fabriques.annuaire import ADMIN, Annuaire, lieu, nouvelle_cle, ouvrir
from tests.fabriques.horloge import Horloge

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def renommer_n_est_pas_retenu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whole lists be renamed and moved: that a guard holds them is another matter."""
    monkeypatch.setattr(gardes, "SEUIL_ECRASEMENT", 1.0)
    monkeypatch.setattr(gardes, "SEUIL_DEPLACEMENT", 1.0)


GRENOBLE: dict[str, Any] = {}
SAINT_DENIS = {"commune": "Saint-Denis", "code_postal": "97400", "code_insee": "97411"}
NUKU_HIVA = {"commune": "Nuku-Hiva", "code_postal": "98742", "code_insee": "98731"}
PAPEETE = {"commune": "Papeete", "code_postal": "98714", "code_insee": "98735"}
NOUMEA = {"commune": "Nouméa", "code_postal": "98800", "code_insee": "98818"}
SAINT_PIERRE = {"commune": "Saint-Pierre", "code_postal": "97500", "code_insee": "97502"}
STRASBOURG = {"commune": "Strasbourg", "code_postal": "67000", "code_insee": "67482"}
MENDE = {"commune": "Mende", "code_postal": "48000", "code_insee": "48095"}
GUERET = {"commune": "Guéret", "code_postal": "23000", "code_insee": "23096"}


def places(*champs: dict[str, Any]) -> list[dict[str, Any]]:
    """Make rows of Grenoble moved elsewhere, one after the other."""
    return [lieu(5 * rang, **({"latitude": None, "longitude": None} if c.get("commune") else {}), **c)
            for rang, c in enumerate(champs)]  # fmt: skip


async def publier(annuaire: Annuaire, *champs: dict[str, Any]) -> tuple[str, dict[str, dict[str, Any]]]:
    """Publish places and return their source, and them by name."""
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, places(*champs))
    return source, await annuaire.lieux(source)


async def lire(annuaire: Annuaire, departement: str) -> dict[str, Any]:
    reponse = await annuaire.get(f"/paquets/{departement}")
    assert reponse.status_code == 200, reponse.text
    paquet: dict[str, Any] = reponse.json()
    return paquet


async def fermer(annuaire: Annuaire, id: str, du: date, au: date) -> None:
    reponse = await annuaire.post(
        f"/lieux/{id}/fermetures",
        corps={"du": du.isoformat(), "au": au.isoformat(), "motif": "Travaux"},
        entetes={"Idempotency-Key": nouvelle_cle()},
    )
    assert reponse.status_code == 201, reponse.text


@pytest.fixture
def constructions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads in which packs were written, one entry for each pack built."""
    fils: list[int] = []
    ecrire = service._ecrire

    def noter(*arguments: Any) -> tuple[bytes, str]:
        fils.append(threading.get_ident())
        return ecrire(*arguments)

    monkeypatch.setattr(service, "_ecrire", noter)
    return fils


HORAIRES = ("Mo-Fr 09:00-12:00,14:00-18:00", "Mo-Su 01:00-04:00", "Fr,Sa 18:00-26:00", "Mo-Su 08:00-20:00; PH off")
LIEUX = [
    *({**ou, "horaires": horaires, "nom": f"Lieu fictif {rang}-{n}"}
      for rang, ou in enumerate((GRENOBLE, STRASBOURG, SAINT_DENIS, SAINT_PIERRE, PAPEETE, NUKU_HIVA, NOUMEA))
      for n, horaires in enumerate(HORAIRES)),
    {"nom": "Sans horaires fictif", "horaires": None},
    {"nom": "Illisible fictif", "horaires": "un mardi sur deux"},
    {"nom": "Sans public fictif", "horaires": "24/7", "modalites_acces": "Ce lieu n'accueille pas de public"},
    {"nom": "Sur rendez-vous fictif", "horaires": "Mo-Su 08:00-20:00", "modalites_acces": "Téléphoner"},
    {"nom": "En travaux fictif", "horaires": "Mo-Su 08:00-20:00"},
    {"nom": "Sans horaires et fermé fictif", "horaires": None},
]  # fmt: skip


# Spring: the clock moves on 29 March. April and May: Easter, and 1 May. Autumn: the clock moves on 25 October.
# What a pack says owes nothing to the database: each season on SQLite, one on PostgreSQL.
@pytest.mark.parametrize(
    ("annuaire", "debut"),
    [
        ("sqlite", "2026-03-23"),
        ("sqlite", "2026-04-25"),
        ("sqlite", "2026-10-19"),
        pytest.param("postgresql", "2026-10-19", marks=pytest.mark.postgresql),
    ],
    indirect=["annuaire"],
)
async def test_a_deux_cents_instants_le_paquet_dit_ce_que_dit_la_fiche(
    annuaire: Annuaire, horloge: Horloge, debut: str
) -> None:
    horloge.a(f"{debut}T21:30:00+00:00")
    source, publies = await publier(annuaire, *LIEUX)
    for nom in ("En travaux fictif", "Sans horaires et fermé fictif"):
        jour = date.fromisoformat(debut) + timedelta(4)
        await fermer(annuaire, publies[nom]["id"], jour, jour + timedelta(2))
    departements = sorted({lu["departement"] for lu in publies.values()})
    paquets = {code: await lire(annuaire, code) for code in departements}
    compacts = {lu["id"]: lu for paquet in paquets.values() for lu in paquet["lieux"]}
    fins = {code: datetime.fromisoformat(p["valable_jusqu_a"]) for code, p in paquets.items()}
    hasard = Random(debut)
    secondes = int((min(fins.values()) - horloge.instant).total_seconds())
    vus: set[str | None] = set()
    for tirage in range(200):
        horloge.instant = datetime.fromisoformat(f"{debut}T21:30:00+00:00") + timedelta(
            seconds=hasard.randrange(secondes)
        )
        dits = await annuaire.lieux(source)
        un = list(dits.values())[tirage % len(dits)]
        assert (await annuaire.get(f"/lieux/{un['id']}")).json()["ouverture"] == un["ouverture"]
        for dit in dits.values():
            lu = rules.ouverture(paquets[dit["departement"]], compacts[dit["id"]], horloge.instant)
            assert lu["etat"] == dit["ouverture"]["etat"], (dit["nom"], horloge.instant)
            for nom in ("ferme_a", "prochaine"):
                # the service sees further than the last day of the pack
                assert lu[nom] == dit["ouverture"][nom] or (
                    lu[nom] is None and datetime.fromisoformat(dit["ouverture"][nom]) >= fins[dit["departement"]]
                ), (nom, dit["nom"], horloge.instant)
            vus.add(lu["etat"])
    assert vus == {"ouvert", "ouvert_sur_rdv", "ferme", "inconnu"}


async def test_la_tete_du_paquet_dit_d_ou_il_vient_et_jusqu_ou_il_vaut(annuaire: Annuaire, horloge: Horloge) -> None:
    source, _ = await publier(annuaire, MENDE)
    reponse = await annuaire.get("/paquets/48")
    paquet = reponse.json()
    assert {nom: paquet[nom] for nom in ("departement", "du", "au", "valable_jusqu_a")} == {
        "departement": "48", "du": "2026-03-10", "au": "2026-03-23", "valable_jusqu_a": "2026-03-23T23:00:00Z",
    }  # fmt: skip
    assert paquet["fuseaux"] == {"Europe/Paris": [{"depuis": "2026-03-09T23:00:00Z", "minutes": 60}]}
    assert [source in licence["sources"] for licence in paquet["licences"]] == [True]
    numero = paquet["changement_numero"]
    assert reponse.headers["Change-Number"] == str(numero)
    adresse = annuaire.contexte.socle.url_publique.rstrip("/")
    assert paquet["suivre"] == f"{adresse}/annuaire/v1/changements/lieux?afterChangeNumber={numero}"


async def test_le_paquet_est_celui_du_contrat(annuaire: Annuaire, horloge: Horloge) -> None:
    await publier(annuaire, {**MENDE, "horaires": "Mo-Fr 09:00-12:00"}, {**MENDE, "horaires": None})
    paquet = await lire(annuaire, "48")
    lu = PaquetLu.model_validate(paquet)
    assert set(paquet) == set(PaquetLu.model_fields)
    assert len(lu.lieux) == len(paquet["lieux"]) >= 2
    for compact in paquet["lieux"]:
        assert set(compact) == set(LieuEmporte.model_fields)


async def test_un_lieu_garde_l_essentiel_et_quatorze_journees(annuaire: Annuaire, horloge: Horloge) -> None:
    _, publies = await publier(annuaire, {**MENDE, "horaires": "Mo-Fr 09:00-12:00", "telephone": "01 99 00 12 34"})
    (publie,) = publies.values()
    (lu,) = [lu for lu in (await lire(annuaire, "48"))["lieux"] if lu["id"] == publie["id"]]
    matin = [{"de": "09:00", "a": "12:00", "etat": "ouvert"}]
    semaine = [matin] * 5 + [[], []]
    assert lu.pop("creneaux") == [*semaine[1:], *semaine, semaine[0]]
    assert lu == {nom: publie[nom] for nom in rules.MEMBRES} | {
        "sans_public": False, "fuseau": "Europe/Paris", "passages": [],
    }  # fmt: skip


async def test_un_lieu_qui_ne_recoit_personne_est_marque_et_ferme(annuaire: Annuaire, horloge: Horloge) -> None:
    _, publies = await publier(
        annuaire, {**MENDE, "horaires": "24/7", "modalites_acces": "Ce lieu n'accueille pas de public"}
    )
    (publie,) = publies.values()
    (lu,) = [lu for lu in (await lire(annuaire, "48"))["lieux"] if lu["id"] == publie["id"]]
    assert lu["sans_public"] is True
    assert lu["creneaux"] == [[]] * 14


async def test_un_departement_sans_lieu_a_un_paquet_vide(annuaire: Annuaire, horloge: Horloge) -> None:
    paquet = await lire(annuaire, "989")
    assert paquet["lieux"] == []
    assert list(paquet["fuseaux"]) == ["Pacific/Pitcairn"]


async def test_le_paquet_de_polynesie_commence_le_jour_le_plus_en_retard(annuaire: Annuaire, horloge: Horloge) -> None:
    # 10 March in the Gambier (UTC-9) and the Marquises (UTC-9:30), 9 March still in Tahiti (UTC-10)
    horloge.a("2026-03-10T09:45:00+00:00")
    avant = await annuaire.get("/paquets/987")
    assert avant.json()["du"] == "2026-03-09"
    assert set(avant.json()["fuseaux"]) == {"Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier"}
    assert avant.json()["valable_jusqu_a"] == "2026-03-23T09:00:00Z"
    horloge.a("2026-03-10T10:00:00+00:00")
    assert (await lire(annuaire, "987"))["du"] == "2026-03-10"


async def test_le_paquet_se_redemande_par_son_etiquette(annuaire: Annuaire, horloge: Horloge) -> None:
    await publier(annuaire, MENDE)
    premier = await annuaire.get("/paquets/48")
    assert premier.headers["ETag"].startswith('W/"48-')
    assert premier.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    second = await annuaire.get("/paquets/48", entetes={"If-None-Match": premier.headers["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    for nom in ("ETag", "Cache-Control", "Vary"):
        assert second.headers[nom] == premier.headers[nom]


async def test_a_minuit_le_paquet_change_de_jour_et_aucun_cache_ne_passe_minuit(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    horloge.a("2026-03-10T23:59:48+01:00")
    veille = await annuaire.get("/paquets/48")
    assert veille.headers["Cache-Control"] == "public, max-age=12, must-revalidate"
    horloge.a("2026-03-11T00:00:00+01:00")
    jour = await annuaire.get("/paquets/48", entetes={"If-None-Match": veille.headers["ETag"]})
    assert (jour.status_code, jour.json()["du"], jour.json()["au"]) == (200, "2026-03-11", "2026-03-24")


async def test_ce_qui_change_ailleurs_ne_change_pas_le_paquet(
    annuaire: Annuaire, horloge: Horloge, constructions: list[int]
) -> None:
    await publier(annuaire, MENDE)
    avant = await annuaire.get("/paquets/48")
    await publier(annuaire, GUERET)
    apres = await annuaire.get("/paquets/48", entetes={"If-None-Match": avant.headers["ETag"]})
    assert apres.status_code == 304
    assert len(constructions) == 1
    _, publies = await publier(annuaire, GUERET)
    (ailleurs,) = publies.values()
    await fermer(annuaire, ailleurs["id"], horloge.instant.date(), horloge.instant.date())
    encore = await annuaire.get("/paquets/48", entetes={"If-None-Match": avant.headers["ETag"]})
    assert encore.status_code == 304


async def test_un_lieu_venu_change_parti_ou_ferme_change_le_paquet(annuaire: Annuaire, horloge: Horloge) -> None:
    etags: list[str] = []

    async def noter() -> dict[str, dict[str, Any]]:
        reponse = await annuaire.get("/paquets/48")
        etags.append(reponse.headers["ETag"])
        return {lu["nom"]: lu for lu in reponse.json()["lieux"]}

    await noter()
    un, deux = {**MENDE, "nom": "Premier fictif"}, {**MENDE, "nom": "Second fictif"}
    source, publies = await publier(annuaire, un, deux)
    assert {"Premier fictif", "Second fictif"} <= set(await noter())
    await annuaire.synchroniser(source, places({**un, "horaires": "Mo-Su 09:00-12:00"}, deux))
    assert [len(jour) for jour in (await noter())["Premier fictif"]["creneaux"]] == [1] * 14
    await fermer(annuaire, publies["Premier fictif"]["id"], date(2026, 3, 11), date(2026, 3, 12))
    assert [len(jour) for jour in (await noter())["Premier fictif"]["creneaux"]] == [1, 0, 0, *[1] * 11]
    await annuaire.synchroniser(source, places({**un, "horaires": "Mo-Su 09:00-12:00"}))
    assert "Second fictif" not in await noter()
    await annuaire.synchroniser(source, places({**un, **GUERET}))
    assert "Premier fictif" not in await noter()
    # back to what it was at first, and to the same tag: the number of the change is no part of it
    assert etags[-1] == etags[0]
    assert len(set(etags)) == len(etags) - 1 == 5


async def test_suivre_le_flux_depuis_un_paquet_ancien_donne_le_paquet_d_apres(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    source, _ = await publier(annuaire, *[{**MENDE, "nom": f"Fictif {n}"} for n in range(4)])
    copie = await lire(annuaire, "48")
    noms = {lu["id"]: lu["nom"] for lu in copie["lieux"]}
    await publier(annuaire, GUERET)
    await lire(annuaire, "48")
    await annuaire.synchroniser(source, places(*[{**MENDE, "nom": f"Fictif nouveau {n}"} for n in range(1, 4)], GUERET))
    for change in await annuaire.flux(apres=copie["changement_numero"]):
        if change["state"] == "deleted" or change["data"]["departement"] != "48":
            noms.pop(change["id"], None)
        else:
            noms[change["id"]] = change["data"]["nom"]
    assert {lu["id"]: lu["nom"] for lu in (await lire(annuaire, "48"))["lieux"]} == noms


async def test_une_restauration_refait_le_paquet_dont_le_numero_serait_perdu(tmp_path: Path) -> None:
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as annuaire:
        await publier(annuaire, MENDE)
        avant = await lire(annuaire, "48")
        async with annuaire.base.write() as session:
            await feed.ouvrir_epoque(session, le=datetime.now(UTC))
        apres = await lire(annuaire, "48")
        assert apres["changement_numero"] // feed.EPOQUE == avant["changement_numero"] // feed.EPOQUE + 1


async def test_le_paquet_part_compresse_a_qui_le_veut_et_clair_aux_autres(annuaire: Annuaire, horloge: Horloge) -> None:
    await publier(annuaire, *[MENDE] * 20)
    presse = await annuaire.get("/paquets/48", entetes={"Accept-Encoding": "gzip"})
    clair = await annuaire.get("/paquets/48", entetes={"Accept-Encoding": "identity"})
    assert presse.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in clair.headers
    assert presse.json() == clair.json()
    assert 4 * int(presse.headers["Content-Length"]) < int(clair.headers["Content-Length"])
    assert presse.headers["ETag"] == clair.headers["ETag"]
    assert presse.headers["Vary"] == clair.headers["Vary"] == "Accept, Accept-Encoding"


async def test_head_donne_les_entetes_de_get(annuaire: Annuaire, horloge: Horloge) -> None:
    await publier(annuaire, MENDE)
    entetes = {**annuaire.entetes(ANONYME, ecriture=False), "Accept-Encoding": "gzip"}
    tete = await annuaire.client.head("/annuaire/v1/paquets/48", headers=entetes)
    corps = await annuaire.get("/paquets/48", entetes={"Accept-Encoding": "gzip"})
    assert (tete.status_code, tete.content) == (corps.status_code, b"")
    for nom in ("ETag", "Cache-Control", "Content-Length", "Content-Encoding", "Content-Type", "Vary"):
        assert tete.headers[nom] == corps.headers[nom]


@pytest.mark.parametrize(("ecrit", "codes"), [("1", ["01"]), ("2a", ["2A"]), ("isere", ["38"]), ("96", [])])
async def test_un_departement_inconnu_est_un_404_qui_propose(annuaire: Annuaire, ecrit: str, codes: list[str]) -> None:
    reponse = await annuaire.get(f"/paquets/{ecrit}")
    probleme = reponse.json()
    assert (reponse.status_code, probleme["type"]) == (404, "/problemes/territoire-inconnu")
    assert probleme["suggestions"] == codes
    assert all(code in probleme["detail"] for code in codes)
    assert ecrit in probleme["detail"]


async def test_un_parametre_inconnu_est_refuse(annuaire: Annuaire) -> None:
    assert (await annuaire.get("/paquets/48", jours=30)).status_code == 400


async def test_un_paquet_demande_par_tous_a_la_fois_est_construit_une_fois_hors_de_la_boucle(
    annuaire: Annuaire, horloge: Horloge, constructions: list[int]
) -> None:
    await publier(annuaire, *[MENDE] * 10)
    async with asyncio.timeout(60):
        reponses = await asyncio.gather(*[annuaire.get("/paquets/48") for _ in range(30)])
    assert {r.status_code for r in reponses} == {200}
    assert len({r.content for r in reponses}) == 1
    assert len(constructions) == 1
    assert constructions[0] != threading.get_ident()


async def test_sans_tour_chacun_construirait_le_sien(
    annuaire: Annuaire, horloge: Horloge, constructions: list[int], paquets: Paquets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paquets.reserve, "tour", lambda departement: contextlib.nullcontext())
    await publier(annuaire, MENDE)
    await asyncio.gather(*[annuaire.get("/paquets/48") for _ in range(5)])
    assert len(constructions) > 1


async def test_cent_paquets_a_la_fois_se_font_l_un_apres_l_autre_sans_attendre_pour_toujours(
    annuaire: Annuaire, horloge: Horloge, paquets: Paquets, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble = plus = 0
    construire = paquets._construire

    async def compter(*arguments: Any) -> Any:
        nonlocal ensemble, plus
        ensemble += 1
        plus = max(plus, ensemble)
        try:
            return await construire(*arguments)
        finally:
            ensemble -= 1

    monkeypatch.setattr(paquets, "_construire", compter)
    codes = [d.code for d in annuaire.contexte.situeur.referentiel.departements()]
    async with asyncio.timeout(120):
        reponses = await asyncio.gather(*[annuaire.get(f"/paquets/{code}") for code in codes])
    assert {r.status_code for r in reponses} == {200}
    assert [r.json()["departement"] for r in reponses] == codes
    assert plus == 1
    assert paquets.reserve.taille[0] == len(codes)


@pytest.mark.parametrize("instantane", [True, False])
async def test_un_paquet_est_un_seul_etat_de_l_annuaire(
    annuaire: Annuaire, horloge: Horloge, monkeypatch: pytest.MonkeyPatch, instantane: bool
) -> None:
    source, publies = await publier(annuaire, *[MENDE] * 12)
    page, lu_une, continuer = lieux.page, asyncio.Event(), asyncio.Event()

    async def lentement(*arguments: Any, **options: Any) -> Any:
        trouves = await page(*arguments, **options)
        lu_une.set()
        await continuer.wait()
        return trouves

    monkeypatch.setattr(service, "LOT", 5)
    monkeypatch.setattr(lieux, "page", lentement)
    if not instantane:  # as it would be without the snapshot
        read = annuaire.base.read

        @contextlib.asynccontextmanager
        async def sans_instantane(**_: Any) -> AsyncIterator[Any]:
            async with read() as session:
                yield session

        monkeypatch.setattr(annuaire.base, "read", sans_instantane)
    demande = asyncio.create_task(lire(annuaire, "48"))
    await lu_une.wait()
    run = await annuaire.synchroniser(source, places(*[{**MENDE, "nom": "Renommé fictif"}] * 12))
    continuer.set()
    paquet = await demande
    noms = {lu["nom"] for lu in paquet["lieux"] if lu["id"] in {p["id"] for p in publies.values()}}
    assert paquet["changement_numero"] < run["changement_numero"]
    assert ("Renommé fictif" not in noms) is instantane
    # and the next one asked for is up to date
    monkeypatch.undo()
    assert "Renommé fictif" in {lu["nom"] for lu in (await lire(annuaire, "48"))["lieux"]}


async def test_chacun_lit_le_paquet_sans_cle_et_une_cle_n_y_change_rien(annuaire: Annuaire, horloge: Horloge) -> None:
    await publier(annuaire, MENDE)
    anonyme, administrateur = await annuaire.get("/paquets/48"), await annuaire.get("/paquets/48", qui=ADMIN)
    assert anonyme.status_code == administrateur.status_code == 200
    assert anonyme.content == administrateur.content


async def test_un_departement_ordinaire_tient_en_quatre_vingts_kilo_octets(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    # 250 places with long names and addresses, phones, and as many different hours as a real département has
    hasard = Random(2026)
    lignes = [lieu(rang, **GUERET) for rang in range(250)]
    for ligne in lignes:
        ouvre, ferme = hasard.sample(range(7 * 4, 13 * 4), 2), hasard.sample(range(13 * 4, 20 * 4), 2)
        matin, soir = sorted(ouvre), sorted(ferme)
        heures = [f"{q // 4:02}:{q % 4 * 15:02}" for q in (*matin, *soir)]
        ligne["horaires"] = f"Mo-Fr {heures[0]}-{heures[1]},{heures[2]}-{heures[3]}; Sa {heures[0]}-{heures[1]}"
        ligne["nom"] = f"Espace numérique fictif {hasard.getrandbits(80):x}"
        ligne["adresse"] = f"{hasard.randrange(200)} rue fictive {hasard.getrandbits(64):x}"
        ligne["telephone"] = f"+331990{hasard.randrange(100_000):05}"
        ligne["services"] = "Aide aux démarches administratives|Utilisation sécurisée du numérique"
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, lignes)
    presse = await annuaire.get("/paquets/23", entetes={"Accept-Encoding": "gzip"})
    assert sum(len(lu["creneaux"]) == 14 for lu in presse.json()["lieux"]) >= 250
    assert int(presse.headers["Content-Length"]) <= 80_000
    # a place more costs what it says, not its fourteen days again
    assert len(gzip.compress(json.dumps([lu["creneaux"] for lu in presse.json()["lieux"]]).encode())) <= 30_000
