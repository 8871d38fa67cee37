"""An applied list is undone: everything as it was, but for what changed since."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from annuaire.lieux.tables import Fiche
from annuaire.synchronisation import repository, revenir, service
from annuaire.synchronisation.tables import Image
from socle.acces.principal import ANONYME, Principal
from socle.horloge import maintenant
from sqlalchemy import func, select
from sqlmodel import col

from tests.fabriques.annuaire import (
    ADMIN,
    ECRIVAIN,
    ETRANGER,
    SANS_PORTEE,
    Annuaire,
    lieu,
    liste,
    nouvelle_cle,
    ouvrir,
)

pytestmark = pytest.mark.anyio

MOTIF = "La liste envoyée n'était pas la bonne."
CHANGEANTS = ("version", "modifie_le", "modifie")


async def defaire(annuaire: Annuaire, run: str, *, qui: Principal | None = ADMIN, **corps: Any) -> Any:
    return await annuaire.post(
        f"/synchronisations/{run}/retour",
        qui=qui,
        corps={"motif": MOTIF, **corps},
        entetes={"Idempotency-Key": nouvelle_cle()},
    )


async def revenu(annuaire: Annuaire, run: str) -> dict[str, Any]:
    """Undo a run to its end, whatever the guards hold."""
    reponse = await defaire(annuaire, run)
    assert reponse.status_code == 202, reponse.text
    retour = await annuaire.finir(reponse.json()["id"])
    return await forcer(annuaire, retour) if retour["etat"] == "retenue" else retour


async def forcer(annuaire: Annuaire, run: dict[str, Any]) -> dict[str, Any]:
    valeurs = {garde["regle"]: garde["valeur"] for garde in run["garde"] if garde["declenchee"]}
    corps = {"confirmer": valeurs, "motif": MOTIF}
    assert (await annuaire.post(f"/synchronisations/{run['id']}/application", corps=corps)).status_code == 202
    return await annuaire.finir(run["id"])


async def etat(annuaire: Annuaire, source: str) -> dict[str, Any]:
    """Take all that a list changes: records column by column, public places and structures byte by byte."""
    async with annuaire.base.read() as session:
        lues = await session.scalars(select(Fiche).where(col(Fiche.source_id) == source).order_by(col(Fiche.cle)))
        fiches = {fiche.cle: fiche.model_dump() for fiche in lues}
    lus = await annuaire.tous("/lieux", source=source, limite=500)
    pivots = {lu["structure_id"] for lu in lus if lu["structure_id"]}
    structures = [(await annuaire.get(f"/structures/{id}")).json() for id in sorted(pivots)]
    return {"fiches": fiches, "lieux": [_nu(lu) for lu in lus], "structures": [_nu(s) for s in structures]}


def _nu(document: dict[str, Any]) -> bytes:
    garde = {nom: valeur for nom, valeur in document.items() if nom not in (*CHANGEANTS, "ouverture")}
    return json.dumps(garde, ensure_ascii=False).encode()


def sans_les_nees(apres: dict[str, Any], avant: dict[str, Any]) -> dict[str, Any]:
    """Leave out the records born of what was undone, after checking that they are withdrawn."""
    nees = apres["fiches"].keys() - avant["fiches"].keys()
    assert all(apres["fiches"][cle]["retiree"] for cle in nees)
    return {**apres, "fiches": {cle: fiche for cle, fiche in apres["fiches"].items() if cle not in nees}}


async def test_une_liste_defaite_laisse_tout_comme_avant(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    premiere = [*liste(12, pivot="13002526500013"), lieu(12)]
    await annuaire.synchroniser(source, premiere)
    avant = await etat(annuaire, source)
    seconde = [lieu(0, nom="Autre nom"), *liste(8, depuis=3), lieu(30), lieu(12, commune=None, code_insee="99999")]
    run = await annuaire.synchroniser(source, seconde)
    assert (run["plan"]["crees"], run["plan"]["supprimes"]) == (1, 3)
    retour = await revenu(annuaire, run["id"])
    assert (retour["etat"], retour["mode"], retour["retour_de"]) == ("appliquee", "retour", run["id"])
    assert (retour["plan"]["ressuscites"], retour["plan"]["supprimes"]) == (3, 1)
    assert sans_les_nees(await etat(annuaire, source), avant) == avant
    # the list before is in force again: sent again, it is the one that is there
    await annuaire.synchroniser(source, premiere, etat="inchange")


async def test_ce_qui_a_change_depuis_reste_et_se_dit(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(5))
    run = await annuaire.synchroniser(source, liste(5, telephone="01 99 00 12 34"))
    await annuaire.synchroniser(
        source, [lieu(0, telephone="01 99 00 12 35"), *liste(4, depuis=1, telephone="01 99 00 12 34")]
    )
    retour = await revenu(annuaire, run["id"])
    assert (retour["plan"]["modifies"], retour["rapport"]) == (4, {"fiche_changee_depuis": 1})
    [dite] = await annuaire.tous(f"/synchronisations/{retour['id']}/lignes", qui=ADMIN)
    assert (dite["cle"], dite["code"]) == ("lieu-0", "fiche_changee_depuis")
    telephones = {lu["nom"][-1]: lu["telephone"] for lu in (await annuaire.lieux(source)).values()}
    assert telephones == {"0": "+33199001235", "1": None, "2": None, "3": None, "4": None}


async def test_un_retour_se_defait_lui_meme(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(6))
    run = await annuaire.synchroniser(source, [lieu(0, nom="Autre nom"), *liste(3, depuis=2), lieu(9)])
    apres = await etat(annuaire, source)
    retour = await revenu(annuaire, run["id"])
    await revenu(annuaire, retour["id"])
    assert (await etat(annuaire, source))["lieux"] == apres["lieux"]


async def test_un_retour_est_garde_comme_une_liste(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, liste(30))
    reponse = await defaire(annuaire, run["id"])
    retour = await annuaire.finir(reponse.json()["id"])
    assert retour["etat"] == "retenue"
    assert {g["regle"]: g["valeur"] for g in retour["garde"] if g["declenchee"]} == {"suppressions": 30}
    assert len(await annuaire.lieux(source)) == 30
    assert (await forcer(annuaire, retour))["etat"] == "appliquee"
    assert await annuaire.lieux(source) == {}
    # the same places come back under the same ids
    anciens = {c["id"] for c in await annuaire.flux() if c["state"] == "deleted"}
    await annuaire.synchroniser(source, liste(30))
    assert {lu["id"] for lu in (await annuaire.lieux(source)).values()} <= anciens


@pytest.mark.parametrize(
    ("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 404), (ECRIVAIN, 202)]
)
async def test_defaire_demande_la_cle_de_la_source(annuaire: Annuaire, qui: Principal | None, statut: int) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, liste(2))
    assert (await defaire(annuaire, run["id"], qui=qui)).status_code == statut


async def test_ce_qui_ne_se_defait_pas_est_refuse(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await annuaire.creer_source()
    essai = await annuaire.synchroniser(source, liste(2), essai=True, etat="essai")
    assert (await defaire(annuaire, essai["id"])).status_code == 409
    run = await annuaire.synchroniser(source, liste(2))
    assert (await defaire(annuaire, run["id"], motif="court")).status_code == 422
    sans_cle = await annuaire.post(f"/synchronisations/{run['id']}/retour", corps={"motif": MOTIF})
    assert sans_cle.status_code == 400
    monkeypatch.setattr(service, "GARDE_DES_IMAGES", timedelta(days=-1))
    tard = await defaire(annuaire, run["id"])
    assert (tard.status_code, "jours" in tard.json()["detail"]) == (409, True)


async def test_les_images_s_oublient_apres_trente_jours(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    run = await annuaire.synchroniser(source, liste(3, telephone="01 99 00 12 34"))

    async def gardees() -> int | None:
        async with annuaire.base.read() as session:
            return await session.scalar(select(func.count()).select_from(Image).where(col(Image.source_id) == source))

    for jours, restent in ((29, 3), (31, 0)):
        async with annuaire.base.write() as session:
            depuis = maintenant() + timedelta(days=jours) - service.GARDE_DES_IMAGES
            await repository.oublier_les_images(session, avant=depuis)
        assert await gardees() == restent, run


def test_une_image_a_toutes_les_colonnes_d_une_fiche() -> None:
    assert set(Fiche.model_fields) | {"defait"} == set(Image.model_fields)


async def test_sans_les_images_le_retour_ne_rend_pas_l_etat(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rien(*_: Any) -> None:
        pass

    monkeypatch.setattr(repository, "rendre_les_images", rien)
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    avant = await etat(annuaire, source)
    run = await annuaire.synchroniser(source, liste(3, telephone="01 99 00 12 34"))
    await revenu(annuaire, run["id"])
    assert (await etat(annuaire, source))["fiches"] != avant["fiches"]


async def test_sans_la_regle_ce_qui_a_change_depuis_serait_ecrase(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revenir, "_intacte", lambda *_: True)
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(1))
    run = await annuaire.synchroniser(source, liste(1, telephone="01 99 00 12 34"))
    await annuaire.synchroniser(source, liste(1, telephone="01 99 00 12 35"))
    await revenu(annuaire, run["id"])
    assert [lu["telephone"] for lu in (await annuaire.lieux(source)).values()] == [None]


PIVOTS = (None, "13002526500013", "21380185500015")


def au_hasard(hasard: random.Random, *, derivee: bool) -> list[dict[str, Any]]:
    """Draw a list: some places of twenty, some fields changed, some rows bad."""
    lignes = []
    for rang in hasard.sample(range(20), hasard.randint(0, 20)):
        champs: dict[str, Any] = {"pivot": hasard.choice(PIVOTS)}
        if hasard.random() < 0.3:
            champs["nom"] = f"Lieu renommé {rang}"
        if hasard.random() < 0.3:
            champs["telephone"] = f"01 99 00 12 {rang:02d}"
        if hasard.random() < 0.1:
            champs |= {"commune": "Nulle part", "code_insee": None, "code_postal": None, "latitude": None}
        if derivee:
            champs["id"] = None
        lignes.append(lieu(rang, **champs))
    return lignes


async def _histoire(annuaire: Annuaire, graine: int, *, autre: str | None = None) -> int:
    """Live through some lists, then undo the last ones one by one: each state before is found again.

    `autre` is a source that speaks of the same places, which must come back to what they were too. Returns how many
    places were shared at most.
    """

    async def tout() -> dict[str, Any]:
        await annuaire.finir_les_taches()
        lu = await etat(annuaire, source)
        if autre:
            # a record that left its list, and shows nowhere, stays by the place that it was last joined to
            for fiche in lu["fiches"].values():
                fiche["lieu_id"] = None if fiche["retiree"] else fiche["lieu_id"]
        return {
            **lu,
            "autre": autre and await etat(annuaire, autre),
            "doublons": sorted(
                (
                    *((f["source"], f["cle"], f["lieu_id"]) for f in doublon["fiches"]),
                    doublon["score"],
                    doublon["reunis"],
                )
                for doublon in await annuaire.tous("/doublons", qui=ADMIN, limite=500)
            ),
        }

    async def reunis() -> int:
        lus = await annuaire.tous("/lieux", source=source, limite=500)
        return sum(len(lu["sources"]) > 1 for lu in lus)

    partages = 0
    hasard = random.Random(graine)
    derivee = bool(graine % 2)
    source = await annuaire.creer_source(cle_derivee=["nom", "code_insee"] if derivee else None)
    etats, runs = [], []
    for _ in range(hasard.randint(2, 4)):
        etats.append(await tout())
        mode = hasard.choice(("complet", "complet", "delta"))
        lignes = au_hasard(hasard, derivee=derivee)
        if mode == "delta":
            lignes = [{**ligne, **({"_op": "suppr"} if hasard.random() < 0.2 else {})} for ligne in lignes]
        reponse = await annuaire.envoyer(source, lignes, attendre=25, mode=mode)
        if reponse.status_code != 200:  # an empty list is no list
            etats.pop()
            continue
        run = await annuaire.finir(reponse.json()["id"])
        if run["etat"] == "retenue":
            run = await forcer(annuaire, run)
        if run["etat"] != "appliquee":
            etats.pop()
            continue
        runs.append(run["id"])
        await annuaire.finir_les_taches()
        partages = max(partages, await reunis())
    for run_id, avant in reversed(list(zip(runs, etats, strict=True))):
        retour = await revenu(annuaire, run_id)
        assert (retour["etat"], retour["rapport"]) == ("appliquee", {}), graine
        assert sans_les_nees(await tout(), avant) == avant, graine
    return partages


async def test_des_histoires_au_hasard_se_remontent(annuaire: Annuaire) -> None:
    for graine in range(3):
        await _histoire(annuaire, graine)


@pytest.mark.epreuve
async def test_cent_histoires_au_hasard_se_remontent(tmp_path: Path) -> None:
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}", runs_par_heure=10_000) as annuaire:
        for graine in range(100):
            await _histoire(annuaire, graine)
    print("\n100/100 histoires remontées, chaque état retrouvé octet pour octet")


async def _partagees(dossier: Path, histoires: range) -> int:
    """Live through histories of a source whose places another source knows too, joined as it is by default."""
    url = f"sqlite:{dossier / 'annuaire.db'}"
    async with ouvrir(dossier, url, rapprochement=True, runs_par_heure=10_000) as annuaire:
        autre = await annuaire.creer_source(rang=60)
        await annuaire.synchroniser(autre, liste(16, site_web="https://exemple.fr/", telephone="01 99 00 12 99"))
        return sum([await _histoire(annuaire, graine, autre=autre) for graine in histoires])


async def test_des_lieux_partages_se_remontent(tmp_path: Path) -> None:
    assert await _partagees(tmp_path, range(2)) > 0


@pytest.mark.epreuve
async def test_cent_histoires_de_lieux_partages_se_remontent(tmp_path: Path) -> None:
    partages = await _partagees(tmp_path, range(100))
    assert partages >= 100
    print(f"\n100/100 histoires remontées, {partages} lieux y étaient partagés avec une autre source")
