"""Lists that speak of the same places: joined when it is sure, shown when it is not, given back when it was wrong."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from socle.acces.principal import ANONYME

from tests.fabriques.annuaire import (
    ADMIN,
    ECRIVAIN,
    ETRANGER,
    FORCEUR,
    Annuaire,
    lieu,
    nouvelle_cle,
    ouvrir,
)

pytestmark = pytest.mark.anyio

MEME = {"telephone": "01 99 00 00 10", "courriels": "accueil@exemple.fr"}
MAIRIE = {"nom": "Mairie de Grenoble", "telephone": "01 99 00 00 20"}


async def envoyer(annuaire: Annuaire, source: str, *lignes: dict[str, Any]) -> None:
    await annuaire.synchroniser(source, list(lignes))
    await annuaire.finir_les_taches()


async def decider(annuaire: Annuaire, id: str, verbe: str, *, qui: Any = ADMIN) -> Any:
    return await annuaire.post(f"/doublons/{id}/{verbe}", qui=qui, entetes={"Idempotency-Key": nouvelle_cle()})


async def file(annuaire: Annuaire, **parametres: Any) -> list[dict[str, Any]]:
    return await annuaire.tous("/doublons", qui=ADMIN, **parametres)


def contenu(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a document what changes with each publication."""
    return {nom: valeur for nom, valeur in document.items() if nom not in ("version", "modifie", "modifie_le")}


async def test_deux_listes_qui_disent_le_meme_lieu_n_en_font_qu_un(rapproche: Annuaire) -> None:
    hub, autre = await rapproche.creer_source(rang=80), await rapproche.creer_source(rang=50)
    await envoyer(rapproche, hub, lieu(0, nom="Médiathèque Jean-Fictif", **MEME))
    [premier] = (await rapproche.lieux(hub)).values()
    await envoyer(rapproche, autre, lieu(0, nom="MEDIATHEQUE JEAN FICTIF", site_web="https://exemple.fr/", **MEME))
    [lu] = await rapproche.tous("/lieux")
    assert (lu["id"], lu["nom"], lu["sources"]) == (premier["id"], "Médiathèque Jean-Fictif", sorted((hub, autre)))
    assert lu["site_web"] == ["https://exemple.fr/"]


async def test_l_ancien_identifiant_renvoie_a_celui_qui_reste_et_le_flux_le_retire(rapproche: Annuaire) -> None:
    hub, autre = await rapproche.creer_source(), await rapproche.creer_source()
    await envoyer(rapproche, hub, lieu(0, nom="Espace un", adresse="1 rue A"))
    await envoyer(rapproche, autre, lieu(0, nom="Espace deux", adresse="90 avenue B", courriels="autre@exemple.fr"))
    ancien, nouveau = [next(iter((await rapproche.lieux(source)).values())) for source in (hub, autre)]
    [doublon] = await file(rapproche)
    reponse = await decider(rapproche, doublon["id"], "fusion")
    assert (reponse.status_code, reponse.json()["reunis"]) == (200, True)
    perdu = await rapproche.get(f"/lieux/{nouveau['id']}")
    assert (perdu.status_code, perdu.headers["location"].rpartition("/")[2]) == (301, ancien["id"])
    etats = {item["id"]: item["state"] for item in await rapproche.flux()}
    assert (etats[nouveau["id"]], etats[ancien["id"]]) == ("deleted", "updated")


async def test_une_separation_rend_a_chacun_son_lieu_tel_qu_il_etait(rapproche: Annuaire) -> None:
    hub, autre = await rapproche.creer_source(), await rapproche.creer_source()
    await envoyer(rapproche, hub, lieu(0, nom="Espace un", adresse="1 rue A"), lieu(1))
    await envoyer(rapproche, autre, lieu(0, nom="Espace deux", adresse="9 avenue B", telephone="01 99 00 00 30"))
    avant = {lu["id"]: contenu(lu) for lu in await rapproche.tous("/lieux")}
    [doublon] = await file(rapproche)
    assert (await decider(rapproche, doublon["id"], "fusion")).status_code == 200
    assert len(await rapproche.tous("/lieux")) == 2
    separe = await decider(rapproche, doublon["id"], "separation")
    assert (separe.status_code, separe.json()["reunis"], separe.json()["decision"]) == (200, False, "distincts")
    assert {lu["id"]: contenu(lu) for lu in await rapproche.tous("/lieux")} == avant


async def test_ce_qu_une_personne_dit_distinct_le_reste_meme_quand_tout_se_ressemble(rapproche: Annuaire) -> None:
    hub, autre = await rapproche.creer_source(), await rapproche.creer_source()
    await envoyer(rapproche, hub, lieu(0, nom="Médiathèque fictive", **MEME))
    await envoyer(rapproche, autre, lieu(0, nom="Médiathèque fictive", **MEME))
    [doublon] = await file(rapproche)
    assert doublon["reunis"]
    assert (await decider(rapproche, doublon["id"], "separation")).status_code == 200
    await envoyer(rapproche, autre, lieu(0, nom="Médiathèque fictive", horaires="Mo 09:00-12:00", **MEME))
    assert len(await rapproche.tous("/lieux")) == 2
    assert await file(rapproche) == []
    assert [dite["id"] for dite in await file(rapproche, etat="distincts")] == [doublon["id"]]


async def test_deux_services_a_la_meme_adresse_attendent_une_personne(rapproche: Annuaire) -> None:
    un, deux = await rapproche.creer_source(), await rapproche.creer_source()
    await envoyer(rapproche, un, lieu(0, nom="Mairie de Grenoble", **MEME))
    await envoyer(rapproche, deux, lieu(0, nom="CCAS de Grenoble", **MEME))
    assert len(await rapproche.tous("/lieux")) == 2
    assert all(doublon["score"] < 0.95 for doublon in await file(rapproche))


async def test_deux_fiches_d_une_source_ne_se_reunissent_jamais_seules(rapproche: Annuaire) -> None:
    un, deux = await rapproche.creer_source(), await rapproche.creer_source()
    await envoyer(rapproche, un, lieu(0, nom="Médiathèque fictive", **MEME))
    jumeaux = [lieu(0, id=f"j-{rang}", nom="Médiathèque fictive", **MEME) for rang in range(2)]
    await envoyer(rapproche, deux, *jumeaux)
    assert sorted(len(lu["sources"]) for lu in await rapproche.tous("/lieux")) == [1, 2]


async def test_un_lieu_reuni_se_separe_quand_sa_fiche_ne_ressemble_plus(rapproche: Annuaire) -> None:
    un, deux = await rapproche.creer_source(), await rapproche.creer_source()
    autres = [lieu(rang, nom=f"Lieu voisin {rang}") for rang in range(1, 9)]
    await envoyer(rapproche, un, lieu(0, nom="Médiathèque fictive", **MEME))
    await envoyer(rapproche, deux, lieu(0, nom="Médiathèque fictive", **MEME), *autres)
    assert len(await rapproche.tous("/lieux")) == 9
    await envoyer(rapproche, deux, lieu(2, id="lieu-0", nom="Tout autre chose"), *autres)
    assert len(await rapproche.tous("/lieux")) == 10


async def test_une_paire_s_oublie_quand_l_une_de_ses_fiches_quitte_sa_liste(rapproche: Annuaire) -> None:
    un, deux = await rapproche.creer_source(), await rapproche.creer_source()
    proche = lieu(1, nom="Espace deux", adresse="9 avenue B", telephone="01 99 00 00 30")
    await envoyer(rapproche, un, lieu(1, nom="Espace un"), lieu(2))
    await envoyer(rapproche, deux, proche, lieu(3))
    assert len(await file(rapproche)) == 1
    await envoyer(rapproche, deux, lieu(3))
    assert await file(rapproche) == []
    await envoyer(rapproche, deux, proche, lieu(3))
    await envoyer(rapproche, un, lieu(2))
    assert await file(rapproche) == []


async def test_une_fermeture_suit_son_lieu(rapproche: Annuaire) -> None:
    un, deux = await rapproche.creer_source(), await rapproche.creer_source()
    await envoyer(rapproche, un, lieu(0, nom="Espace un", adresse="1 rue A"))
    await envoyer(rapproche, deux, lieu(0, nom="Espace deux", adresse="9 avenue B", telephone="01 99 00 00 30"))
    garde, perdu = [next(iter((await rapproche.lieux(source)).values()))["id"] for source in (un, deux)]
    corps = {"du": "2027-08-02", "au": "2027-08-13", "motif": "Congés"}
    dite = await rapproche.post(f"/lieux/{perdu}/fermetures", corps=corps, entetes={"Idempotency-Key": nouvelle_cle()})
    assert dite.status_code == 201
    [doublon] = await file(rapproche)
    await decider(rapproche, doublon["id"], "fusion")
    assert len((await rapproche.get(f"/lieux/{garde}/fermetures")).json()["elements"]) == 1
    await decider(rapproche, doublon["id"], "separation")
    assert (await rapproche.get(f"/lieux/{garde}/fermetures")).json()["elements"] == []


async def test_les_doublons_ne_se_montrent_et_ne_se_decident_qu_a_qui_en_a_le_droit(rapproche: Annuaire) -> None:
    un, deux = await rapproche.creer_source(), await rapproche.creer_source()
    await envoyer(rapproche, un, lieu(0, nom="Espace un", adresse="1 rue A"))
    await envoyer(rapproche, deux, lieu(0, nom="Espace deux", adresse="9 avenue B", telephone="01 99 00 00 30"))
    [doublon] = await file(rapproche)
    assert {motif["champ"] for motif in doublon["motifs"]} >= {"nom", "adresse", "distance", "commune"}
    assert (await rapproche.get("/doublons", qui=ANONYME)).status_code == 401
    assert await rapproche.tous("/doublons", qui=ETRANGER) == []
    codes = {
        qui.nom: (await decider(rapproche, doublon["id"], "fusion", qui=qui)).status_code
        for qui in (ANONYME, ECRIVAIN, ETRANGER)
    }
    assert codes == {ANONYME.nom: 401, ECRIVAIN.nom: 403, ETRANGER.nom: 404}
    assert (await decider(rapproche, "01900000-0000-7000-8000-000000000000", "fusion")).status_code == 404
    assert (await rapproche.get("/doublons", qui=ADMIN, tri="score")).status_code == 400
    assert (await decider(rapproche, doublon["id"], "fusion", qui=FORCEUR)).status_code == 200


async def test_tout_recalculer_reunit_ce_qui_ne_l_etait_pas(tmp_path: Path) -> None:
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as a:
        for source in (await a.creer_source(), await a.creer_source()):
            await a.synchroniser(source, [lieu(0, nom="Médiathèque fictive", **MEME)])
        assert len(await a.tous("/lieux")) == 2
        cle = {"Idempotency-Key": nouvelle_cle()}
        codes = [
            (await a.post("/doublons/recalcul", qui=qui, entetes=cle)).status_code for qui in (ANONYME, FORCEUR, ADMIN)
        ]
        assert codes == [401, 403, 202]
        await a.finir_les_taches()
        assert len(await a.tous("/lieux")) == 1


# --- order

RANGS = {"a": 50, "b": 60, "c": 70}
GRANDS_RANGS = {"a": 80, "b": 50, "c": 50, "d": 20}
"""Two of the sources weigh the same: dates, then names of sources, settle between them."""


def listes() -> dict[str, list[dict[str, Any]]]:
    """Make three lists of fictional places that overlap."""
    noms = ("Médiathèque fictive", "Centre social fictif", "Atelier fictif", "Cyberbase fictive")
    communs = [lieu(rang, nom=f"{nom} {rang}", telephone=f"01 99 00 01 {rang:02}") for rang, nom in enumerate(noms)]
    return {
        "a": communs,
        "b": [{**li, "nom": str(li["nom"]).upper(), "horaires": "Mo 09:00-12:00"} for li in communs[:3]] + [lieu(7)],
        "c": [{**li, "site_web": "https://exemple.fr/c"} for li in communs[1:]] + [lieu(8)],
    }  # fmt: skip


def grandes_listes() -> dict[str, list[dict[str, Any]]]:
    """Make four lists of fictional places that overlap, contradict one another, and hold twins and neighbours."""
    hasard = random.Random(7)
    toutes: dict[str, list[dict[str, Any]]] = {source: [] for source in GRANDS_RANGS}
    for rang in range(40):
        propre = {"nom": f"Médiathèque Jean-Fictif {rang}", "telephone": f"01 99 00 02 {rang:02}"}
        sources = hasard.sample(sorted(toutes), hasard.randint(1, 4))
        for source in sources:
            dit = lieu(rang, date_maj=f"2026-0{hasard.randint(1, 3)}-01", **propre)
            if hasard.random() < 0.4:
                dit |= {"nom": str(dit["nom"]).upper(), "site_web": f"https://exemple.fr/{source}/{rang}"}
            if hasard.random() < 0.4:
                dit |= {"horaires": f"Mo 0{hasard.randint(8, 9)}:00-12:00", "telephone": "01 99 00 03 00"}
            if hasard.random() < 0.3:
                dit |= {"adresse": f"{rang + 1} bis rue de l'Exemple", "latitude": dit["latitude"] + 1e-4}
            toutes[source].append(dit)
        if rang % 8 == 0:
            # the same place twice in one list, and another service at its door
            toutes[sources[0]].append(lieu(rang, id=f"jumeau-{rang}", **propre))
            toutes[sources[-1]].append(lieu(rang, id=f"voisin-{rang}", **{**propre, "nom": f"Mairie annexe {rang}"}))
    return toutes


async def dorees(
    dossier: Path, ordre: list[str], siennes: dict[str, list[dict[str, Any]]], rangs: dict[str, int]
) -> list[str]:
    """Synchronise lists in an order and return the golden documents, and the pairs that wait, ids aside.

    A source that comes again sends something else before its list.
    """
    async with ouvrir(dossier, f"sqlite:{dossier / 'annuaire.db'}", rapprochement=True, runs_par_heure=10_000) as a:
        for source, rang in rangs.items():
            await a.creer_source(source, rang=rang)
        for rang, source in enumerate(ordre):
            if source in ordre[:rang]:
                autre = [{**ligne, "adresse": "1 rue de Passage"} for ligne in siennes[source][3:5]]
                await envoyer(a, source, *siennes[source][1:3], *autre, *siennes[source][5:], lieu(9, id="de-passage"))
            await envoyer(a, source, *siennes[source])
        documents = [contenu(lu) for lu in await a.tous("/lieux", limite=500)]
        for document in documents:
            for nom in ("id", "structure_id", "ouverture"):
                document.pop(nom)
        paires = [
            {**{nom: doublon[nom] for nom in ("score", "motifs", "reunis")},
             "fiches": [(fiche["source"], fiche["cle"]) for fiche in doublon["fiches"]]}
            for doublon in await file(a, limite=500)
        ]  # fmt: skip
        return sorted(json.dumps(document, sort_keys=True) for document in [*documents, *paires])


async def test_les_memes_listes_dans_un_autre_ordre_donnent_les_memes_fiches(tmp_path: Path) -> None:
    attendu = await dorees(tmp_path / "abc", ["a", "b", "c"], listes(), RANGS)
    assert len([document for document in attendu if '"motifs"' not in document]) == 6
    assert await dorees(tmp_path / "cba", ["c", "b", "a"], listes(), RANGS) == attendu
    assert await dorees(tmp_path / "bacab", ["b", "a", "c", "a", "b"], listes(), RANGS) == attendu


@pytest.mark.epreuve
async def test_trente_ordres_au_hasard_donnent_les_memes_fiches(tmp_path: Path) -> None:
    hasard = random.Random(1)
    siennes = grandes_listes()
    attendu = await dorees(tmp_path / "abcd", list("abcd"), siennes, GRANDS_RANGS)
    documents = [json.loads(document) for document in attendu]
    reunis = [document for document in documents if len(document.get("sources", ())) > 1]
    for rang in range(30):
        ordre = list("abcd") + hasard.choices("abcd", k=2)
        hasard.shuffle(ordre)
        assert await dorees(tmp_path / str(rang), ordre, siennes, GRANDS_RANGS) == attendu, ordre
    assert len(reunis) >= 20
    lignes = sum(map(len, siennes.values()))
    print(f"\nordres comparés : 30, {lignes} lignes de 4 listes, {len(reunis)} lieux réunis, écarts : 0")
