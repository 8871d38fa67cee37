"""The report of a source, each of its counts done again record by record."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from annuaire.doublons.rules import paire
from annuaire.doublons.tables import Doublon
from annuaire.lieux.tables import Fiche, Lieu
from annuaire.sources.bilan import service
from annuaire.sources.bilan.rules import Decompte, Perdu, attentes, perdus, tranche
from annuaire.standard.severites import severite
from annuaire.synchronisation.tables import LigneRapport
from socle.acces.principal import ANONYME, Principal
from socle.horloge import maintenant
from socle.identifiants import uuid7
from socle.web.cloisons import Cloison
from sqlalchemy import select, update
from sqlmodel import col

from tests.fabriques.annuaire import (
    ADMIN,
    ECRIVAIN,
    ETRANGER,
    FORCEUR,
    SANS_PORTEE,
    Annuaire,
    lieu,
    liste,
    nouvelle_cle,
)

pytestmark = pytest.mark.anyio

LE = date(2026, 11, 24)
ENSEMBLES = (
    ("adresse", "complement_adresse", "commune", "code_postal", "code_insee", "latitude", "longitude"),
    ("horaires", "horaires_brut"),
)
LISTES_UNIES = ("dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels")


async def bilan(annuaire: Annuaire, source: str, *, qui: Principal | None = ADMIN) -> dict[str, Any]:
    reponse = await annuaire.get(f"/sources/{source}/bilan", qui=qui)
    assert reponse.status_code == 200, reponse.text
    lu: dict[str, Any] = reponse.json()
    return lu


def varier(hasard: random.Random, nombre: int) -> list[dict[str, Any]]:
    """Make rows that lack this or that, some of which are wrong."""
    lignes = []
    for rang in range(nombre):
        champs: dict[str, Any] = {
            "horaires": hasard.choice(["Mo-Fr 09:00-12:00", None, "sonner deux fois et patienter"]),
            "telephone": hasard.choice(["01 99 00 00 10", "01 99 00 00 10 23 45", "0199000010", None]),
            "date_maj": hasard.choice([None, (LE - timedelta(days=hasard.randrange(1_200))).isoformat()]),
            "site_web": hasard.choice([None, "www.exemple.fr", "https://exemple.fr/"]),
            "formations_labels": hasard.choice([None, "Aidants Connect", "Fabriques de Territoire"]),
        }
        if hasard.random() < 0.3:
            champs |= {"latitude": None, "longitude": None}
        lignes.append(lieu(rang, **champs))
    lignes[3]["nom"] = ""
    lignes[7] |= {"id": "", "nom": ""}
    lignes[11] |= {"id": "lieu-12", "telephone": "01 99 00 00 99"}
    # an arrondissement lies in its city
    lignes[20] |= {"commune": "Lyon 3e Arrondissement", "code_insee": "69383", "code_postal": "69003"}
    lignes[21] |= {"commune": "Lyon", "code_insee": "69123", "code_postal": "69003"}
    return lignes


async def peupler(annuaire: Annuaire) -> tuple[str, str, str]:
    """Make three sources: places joined, pairs to see, pairs decided, pairs that others hide; a second list applied."""
    hasard = random.Random(38)
    une, autre, tierce = [await annuaire.creer_source(rang=rang) for rang in (50, 80, 40)]
    await annuaire.synchroniser(une, liste(90, latitude=None, longitude=None))
    run = await annuaire.synchroniser(une, varier(hasard, 90)[:-1])
    assert (run["plan"]["supprimes"], run["lignes"]["rejetees"]) == (3, 4)
    await annuaire.synchroniser(
        autre, [lieu(rang, nom=f"Autre nom {rang}", horaires="Tu 10:00-12:00") for rang in range(30)]
    )
    await annuaire.synchroniser(tierce, [lieu(rang, nom=f"Troisième nom {rang}") for rang in range(20)])
    async with annuaire.base.write() as session:
        for rang in range(20):
            autres = [autre, tierce] if rang < 12 else [autre]
            for compagne in autres:
                if rang in (7, 11):
                    continue
                (source_a, cle_a), (source_b, cle_b) = paire((une, f"lieu-{rang}"), (compagne, f"lieu-{rang}"))
                session.add(
                    Doublon(
                        id=uuid7(), source_a=source_a, cle_a=cle_a, source_b=source_b, cle_b=cle_b, score=0.8,
                        motifs=[], meilleure=rang != 19, trouve_le=maintenant(),
                    )
                )  # fmt: skip
    for doublon in await annuaire.tous("/doublons", qui=ADMIN, source=une, limite=500):
        rang = int(doublon["fiches"][0]["cle"].partition("-")[2])
        if rang < 10:
            verbe = "separation" if rang == 9 else "fusion"
            decide = await annuaire.post(
                f"/doublons/{doublon['id']}/{verbe}", entetes={"Idempotency-Key": nouvelle_cle()}
            )
            assert decide.status_code == 200, decide.text
    return une, autre, tierce


_PEUPLEES: dict[Annuaire, tuple[str, str, str]] = {}


async def peuplees(annuaire: Annuaire) -> tuple[str, str, str]:
    """The three sources of this annuaire, made once: those who ask only read them."""
    if annuaire not in _PEUPLEES:
        _PEUPLEES[annuaire] = await peupler(annuaire)
    return _PEUPLEES[annuaire]


async def fiches_de(annuaire: Annuaire, source: str) -> list[Fiche]:
    async with annuaire.base.read() as session:
        requete = select(Fiche).where(col(Fiche.source_id) == source, ~col(Fiche.retiree))
        return list((await session.scalars(requete)).all())


async def test_les_manques_et_les_ages_se_recomptent_fiche_par_fiche(annuaire: Annuaire) -> None:
    une, _, _ = await peuplees(annuaire)
    lu, fiches = await bilan(annuaire, une), await fiches_de(annuaire, une)
    dites = [json.loads(fiche.normalise) for fiche in fiches]
    assert lu["fiches"] == len(fiches) == 87 == sum(lu["ages"].values())
    assert lu["manques"] == {
        "sans_horaires": sum(dite["horaires"] is None for dite in dites),
        "horaires_non_compris": sum(dite["horaires"] is None and dite["horaires_brut"] is not None for dite in dites),
        "sans_telephone": sum(not dite["telephones"] for dite in dites),
        "sans_point": sum(dite["latitude"] is None for dite in dites),
    }
    assert min(lu["manques"].values()) > 0
    jours = [(maintenant().date() - date.fromisoformat(d["date_maj"])).days for d in dites if d["date_maj"]]
    assert lu["ages"] == {
        "moins_de_6_mois": sum(j <= 183 for j in jours),
        "de_6_a_12_mois": sum(183 < j <= 365 for j in jours),
        "de_1_a_2_ans": sum(365 < j <= 730 for j in jours),
        "plus_de_2_ans": sum(j > 730 for j in jours),
        "inconnue": sum(d["date_maj"] is None for d in dites),
    }


async def test_les_defauts_sont_ceux_de_la_derniere_liste_appliquee(annuaire: Annuaire) -> None:
    une, _, _ = await peuplees(annuaire)
    await annuaire.synchroniser(une, [lieu(0, nom="")], essai=True, etat="essai")
    lu = await bilan(annuaire, une)
    source = (await annuaire.get(f"/sources/{une}", qui=ADMIN)).json()
    run = (await annuaire.get(f"/synchronisations/{source['derniere_synchronisation']}", qui=ADMIN)).json()
    assert lu["fraicheur"] == source["fraicheur"]
    assert lu["synchronisation"] == {
        "id": run["id"], "mode": "complet", "recue_le": run["recue_le"], "appliquee_le": run["finie_le"],
        "lignes": run["lignes"], "plan": run["plan"],
    }  # fmt: skip
    async with annuaire.base.read() as session:
        requete = select(LigneRapport).where(col(LigneRapport.run_id) == UUID(run["id"]))
        entrees = list((await session.scalars(requete)).all())
    for effet, nom in (("ligne_rejetee", "rejets"), ("cellule_videe", "cellules_videes"), ("corrigee", "corrections")):
        comptes: Counter[tuple[str, str | None]] = Counter()
        for code, champ, _ in {
            (e.code, e.champ, e.ligne if effet == "ligne_rejetee" else e.rang)
            for e in entrees
            if severite(e.code).effet == effet
        }:
            comptes[code, champ] += 1
        assert {(d["code"], d["champ"]): d["nombre"] for d in lu[nom]} == comptes
        assert comptes, nom
        assert [d["nombre"] for d in lu[nom]] == sorted(comptes.values(), reverse=True)
    assert {e.ligne for e in entrees if e.action == "rejetee"} == {4, 8, 12, 13}


async def test_un_defaut_est_cite_en_francais_et_ses_contacts_sont_masques(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, [lieu(0, telephone="01 99 00 00 10 23 45")])
    lu = await bilan(annuaire, source)
    [defaut] = [d for nom in ("cellules_videes", "corrections") for d in lu[nom] if d["champ"] == "telephone"]
    [ligne] = await annuaire.tous(
        f"/synchronisations/{lu['synchronisation']['id']}/lignes", qui=ADMIN, code=defaut["code"]
    )
    assert defaut["exemple"] == ligne["message"]
    assert "••" in defaut["exemple"]
    assert "10 23 45" not in defaut["exemple"]


async def test_les_champs_perdus_sont_ceux_que_la_fiche_publique_dit_autrement(annuaire: Annuaire) -> None:
    une, autre, tierce = await peuplees(annuaire)
    for source in (une, autre, tierce):
        attendus: Counter[tuple[str, str]] = Counter()
        for fiche in await fiches_de(annuaire, source):
            public = (await annuaire.get(f"/lieux/{fiche.lieu_id}", provenance="true")).json()
            for champ, dite in json.loads(fiche.normalise).items():
                # what moves together is won together, the fields that the winner leaves empty included
                ensemble = next((e for e in ENSEMBLES if champ in e), (champ,))
                gagnante = next(
                    (public["provenance"][c]["source"] for c in ensemble if c in public["provenance"]), None
                )
                ecartee = (
                    not set(dite) <= set(public[champ]) if champ in LISTES_UNIES and dite else dite != public[champ]
                )
                if dite and champ != "date_maj" and gagnante not in (None, source) and ecartee:
                    attendus[champ, gagnante] += 1
        lu = (await bilan(annuaire, source))["champs_perdus"]
        assert {(p["champ"], p["source_gagnante"]): p["nombre"] for p in lu} == attendus
        if source != autre:
            assert attendus["nom", autre] > 0


async def test_les_doublons_sont_ceux_de_la_file(annuaire: Annuaire) -> None:
    une, autre, tierce = await peuplees(annuaire)
    for source in (une, autre, tierce):
        avec: Counter[str] = Counter()
        for doublon in await annuaire.tous("/doublons", qui=ADMIN, source=source, limite=500):
            avec.update(f["source"] for f in doublon["fiches"] if f["source"] != source)
        async with annuaire.base.read() as session:
            paires = (await session.scalars(select(Doublon))).all()
        attendent = [p for p in paires if source in (p.source_a, p.source_b) and p.decision is None and p.meilleure]
        lu = (await bilan(annuaire, source))["doublons"]
        assert lu["a_voir"] == len(attendent)
        assert lu["a_voir"] == avec.total() > 0
        assert {a["source"]: a["nombre"] for a in lu["avec"]} == avec


async def test_la_couverture_se_recompte_lieu_par_lieu(annuaire: Annuaire) -> None:
    une, _, _ = await peuplees(annuaire)
    lu = await bilan(annuaire, une)
    portes = {fiche.lieu_id for fiche in await fiches_de(annuaire, une)}
    async with annuaire.base.read() as session:
        tous = list((await session.scalars(select(Lieu).where(~col(Lieu.supprime)))).all())
    siens = [place for place in tous if place.id in portes]

    def compter(lieux: list[Lieu], departement: str | None) -> tuple[int, int]:
        la = [place for place in lieux if place.departement == departement]
        return len(la), len({place.code_insee for place in la if place.code_insee})

    assert [c["departement"] for c in lu["couverture"]] == sorted({str(place.departement) for place in siens})
    for c in lu["couverture"]:
        assert (c["lieux"], c["communes"]) == compter(siens, c["departement"])
        assert (c["lieux_de_toutes"], c["communes_de_toutes"]) == compter(tous, c["departement"])
    rhone = next(c for c in lu["couverture"] if c["departement"] == "69")
    assert (rhone["nom"], rhone["lieux"], rhone["communes"]) == ("Rhône", 2, 1)


async def test_la_taille_des_lots_ne_change_rien(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    une, _, _ = await peuplees(annuaire)
    entier = await bilan(annuaire, une)
    monkeypatch.setattr(service, "LOT", 5)
    par_lots = await bilan(annuaire, une)
    assert par_lots == entier


async def test_deux_fiches_d_une_source_sur_un_lieu_comptent_une_fois_chacune(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    une, autre = await annuaire.creer_source(rang=50), await annuaire.creer_source(rang=80)
    await annuaire.synchroniser(une, [lieu(0, nom="Un"), lieu(5, nom="Deux")])
    await annuaire.synchroniser(autre, [lieu(0, nom="Le bon nom")])
    async with annuaire.base.write() as session:
        for sienne, compagne in (((une, "lieu-0"), (autre, "lieu-0")), ((une, "lieu-5"), (autre, "lieu-0"))):
            (source_a, cle_a), (source_b, cle_b) = paire(sienne, compagne)
            session.add(
                Doublon(
                    id=uuid7(), source_a=source_a, cle_a=cle_a, source_b=source_b, cle_b=cle_b, score=0.8, motifs=[],
                    trouve_le=maintenant(),
                )
            )  # fmt: skip
    for doublon in await annuaire.tous("/doublons", qui=ADMIN, source=une):
        await annuaire.post(f"/doublons/{doublon['id']}/fusion", entetes={"Idempotency-Key": nouvelle_cle()})
    for lot in (125, 1):
        monkeypatch.setattr(service, "LOT", lot)
        lu = await bilan(annuaire, une)
        noms = [p for p in lu["champs_perdus"] if p["champ"] == "nom"]
        assert noms == [{"champ": "nom", "source_gagnante": autre, "nombre": 2}]
        assert [(c["lieux"], lu["fiches"]) for c in lu["couverture"]] == [(1, 2)]


async def test_une_source_sans_liste_a_un_bilan_vide(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    lu = await bilan(annuaire, source)
    assert (lu["synchronisation"], lu["fiches"], lu["couverture"], lu["champs_perdus"]) == (None, 0, [], [])
    assert (lu["rejets"], lu["cellules_videes"], lu["corrections"]) == ([], [], [])
    assert (lu["doublons"], sum(lu["ages"].values())) == ({"a_voir": 0, "avec": []}, 0)


@pytest.mark.parametrize(
    ("qui", "statut"),
    [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 404), (ECRIVAIN, 200), (FORCEUR, 200), (ADMIN, 200)],
)
async def test_le_bilan_n_est_qu_a_qui_lit_la_source(annuaire: Annuaire, qui: Principal | None, statut: int) -> None:
    source = await annuaire.creer_source()
    reponse = await annuaire.get(f"/sources/{source}/bilan", qui=qui)
    assert reponse.status_code == statut
    assert "no-store" in reponse.headers["cache-control"]


async def test_une_source_inconnue_et_un_parametre_inconnu_sont_dits(annuaire: Annuaire) -> None:
    inconnue = await annuaire.get("/sources/nulle-part/bilan", qui=ADMIN)
    assert (inconnue.status_code, inconnue.json()["type"]) == (404, "/problemes/source-inconnue")
    source = await annuaire.creer_source()
    assert (await annuaire.get(f"/sources/{source}/bilan", qui=ADMIN, annee="2026")).status_code == 400


async def test_les_bilans_ont_leurs_places_comptees(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    assert annuaire.app is not None
    vrai, cloison = annuaire.contexte, Cloison(1, attente=0.01)
    annuaire.app.state.contexte = dataclasses.replace(vrai, exports=cloison)
    try:
        async with cloison.place():
            refus = await annuaire.get(f"/sources/{source}/bilan", qui=ADMIN)
        assert (refus.status_code, refus.json()["type"]) == (503, "/problemes/cloison-pleine")
        assert (await annuaire.get(f"/sources/{source}/bilan", qui=ADMIN)).status_code == 200
    finally:
        annuaire.app.state.contexte = vrai


@pytest.mark.parametrize(
    ("jours", "attendue"),
    [
        (-400, "moins_de_6_mois"), (0, "moins_de_6_mois"), (183, "moins_de_6_mois"), (184, "de_6_a_12_mois"),
        (365, "de_6_a_12_mois"), (366, "de_1_a_2_ans"), (730, "de_1_a_2_ans"), (731, "plus_de_2_ans"),
    ],
)  # fmt: skip
def test_une_date_tombe_dans_sa_tranche(jours: int, attendue: str) -> None:
    assert tranche((LE - timedelta(days=jours)).isoformat(), recue_le=LE, le=LE) == attendue


def test_une_date_a_venir_est_celle_de_la_reception() -> None:
    assert tranche("2031-01-01", recue_le=LE - timedelta(days=800), le=LE) == "plus_de_2_ans"
    assert tranche(None, recue_le=LE, le=LE) == "inconnue"


def test_une_liste_unie_ne_perd_que_ce_qui_n_y_est_pas() -> None:
    gagnantes = dict.fromkeys(("formations_labels", "services", "date_maj", "nom", "telephones"), "autre")
    siennes = {"formations_labels": ["A"], "services": ["A"], "date_maj": "2020-01-01", "nom": "N", "telephones": []}
    dorees = {"formations_labels": ["B", "A"], "services": ["B", "A"], "date_maj": "2026-01-01", "nom": "N"}
    dorees |= {"telephones": ["+33199000001"]}
    assert perdus(siennes, dorees, gagnantes, source="une") == [Perdu("services", "autre")]
    assert perdus(siennes, dorees, gagnantes, source="autre") == []
    dorees["formations_labels"] = ["B"]
    assert Perdu("formations_labels", "autre") in perdus(siennes, dorees, gagnantes, source="une")


def test_ce_qu_un_vide_efface_est_perdu() -> None:
    assert perdus({"nom": "N"}, {"nom": None}, {"nom": "autre"}, source="une") == [Perdu("nom", "autre")]


def test_une_paire_d_une_meme_source_compte_une_fois() -> None:
    assert attentes([("a", "a", 2), ("a", "b", 3), ("0", "a", 1)], source="a") == {"a": 2, "b": 3, "0": 1}


async def test_un_lieu_non_situe_reste_compte(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    async with annuaire.base.write() as session:
        siens = [fiche.lieu_id for fiche in await fiches_de(annuaire, source)][:2]
        await session.execute(update(Lieu).where(col(Lieu.id).in_(siens)).values(departement=None, code_insee=None))
    *situes, nulle_part = (await bilan(annuaire, source))["couverture"]
    assert sum(c["lieux"] for c in situes) == 1
    assert (nulle_part["departement"], nulle_part["nom"], nulle_part["lieux"]) == (None, None, 2)
    assert (nulle_part["communes"], nulle_part["lieux_de_toutes"] >= 2) == (0, True)


async def test_une_ligne_rejetee_deux_fois_pour_un_motif_compte_une_fois(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, liste(3))
    async with annuaire.base.write() as session:
        for rang, ligne in ((901, 2), (902, 2), (903, 3)):
            session.add(
                LigneRapport(
                    run_id=UUID(run["id"]), rang=rang, ligne=ligne, champ="nom", code="nom_absent", severite="erreur",
                    action="rejetee",
                )
            )  # fmt: skip
    [rejet] = (await bilan(annuaire, source))["rejets"]
    assert (rejet["code"], rejet["nombre"], rejet["exemple"]) == ("nom_absent", 2, "Le lieu n'a pas de nom.")


def test_une_fiche_qui_ne_dit_rien_manque_de_tout() -> None:
    decompte = Decompte()
    decompte.compter({"horaires_brut": "ouvert"}, recue_le=LE, le=LE)
    assert (decompte.sans_horaires, decompte.horaires_non_compris, decompte.sans_telephone) == (1, 1, 1)
    assert (decompte.sans_point, decompte.ages) == (1, {"inconnue": 1})


async def test_un_bilan_ne_melange_pas_deux_etats(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(6))
    compter = service._compter

    async def pendant(*arguments: Any) -> Decompte:
        await annuaire.synchroniser(source, liste(8))
        return await compter(*arguments)

    monkeypatch.setattr(service, "_compter", pendant)
    async with asyncio.timeout(30):
        lu = await bilan(annuaire, source)
    assert lu["fiches"] == lu["synchronisation"]["lignes"]["valides"] == sum(c["lieux"] for c in lu["couverture"]) == 6
