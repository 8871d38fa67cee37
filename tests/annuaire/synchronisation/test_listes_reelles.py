"""Real lists, read in a child process and applied as they come: every row is accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from annuaire.lieux.tables import Fiche
from socle.donnees.tables import Evenement
from sqlalchemy import func, select

from tests.fabriques.annuaire import Annuaire, en_json, ouvrir

pytestmark = [pytest.mark.anyio, pytest.mark.donnees_reelles]


def somme(run: dict[str, Any]) -> int:
    plan, lignes = run["plan"], run["lignes"]
    return sum(
        (plan["crees"], plan["modifies"], plan["inchanges"], lignes["rejetees"], lignes["doublons_internes"])
    )  # fmt: skip


async def ecritures(annuaire: Annuaire) -> dict[str, Any]:
    """Take what an identical list must leave alone."""
    async with annuaire.base.read() as session:
        lues = await session.execute(select(func.count(), func.max(Fiche.lue_le)).select_from(Fiche))  # type: ignore[call-overload]
        return {
            "fiches": tuple(lues.one()),
            "evenements": await session.scalar(select(func.count()).select_from(Evenement)),
            "lieux": [(c["id"], c["modified"]) for c in await annuaire.flux()],
            "structures": [(c["id"], c["modified"]) for c in await annuaire.flux("structures")],
        }


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.epreuve])])
def url_vide(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a new database; the second kind only in the long proofs."""
    return request.getfixturevalue("url_postgresql") if request.param == "postgresql" else f"sqlite:{tmp_path / 'a.db'}"


@pytest.mark.parametrize("nombre", [800, pytest.param(4_930, marks=pytest.mark.epreuve)])
async def test_la_liste_des_conseillers_numeriques_s_applique_entiere_puis_ne_change_plus(
    url_vide: str, tmp_path: Path, jeux: Path, capsys: pytest.CaptureFixture[str], nombre: int
) -> None:
    lignes = json.loads((jeux / "standard" / "cnfs-v0.json").read_bytes())
    assert len(lignes) == 4_930
    lignes = lignes[:nombre]
    octets = en_json(lignes)
    async with ouvrir(tmp_path / "donnees", url_vide, enfant=True) as annuaire:
        source = await annuaire.creer_source()
        premier = await annuaire.synchroniser(source, octets)
        assert premier["lignes"]["lues"] == len(lignes) == nombre
        assert somme(premier) == premier["lignes"]["lues"]
        assert not any(garde["declenchee"] for garde in premier["garde"])
        avant = await ecritures(annuaire)
        assert len(avant["lieux"]) == premier["plan"]["crees"] == avant["fiches"][0]

        identique = await annuaire.synchroniser(source, octets, etat="inchange")
        assert await ecritures(annuaire) == avant
        relue = await annuaire.synchroniser(source, octets + b"\n")
        assert relue["plan"]["inchanges"] == premier["plan"]["crees"]
        assert somme(relue) == somme(identique) == nombre
        assert await ecritures(annuaire) == avant

        lignes[234]["telephone"] = "01 99 00 12 34"
        change = await annuaire.synchroniser(source, en_json(lignes))
        assert change["plan"]["modifies"] == 1
        [entree] = await annuaire.flux(apres=premier["changement_numero"])
        assert entree["data"]["telephone"] == "+33199001234"
        assert await annuaire.flux("structures", apres=premier["changement_numero"]) == []
        apres = await ecritures(annuaire)
        # the place that changed, and the end of the run
        assert apres["evenements"] == avant["evenements"] + 2
    with capsys.disabled():
        print(
            f"\n  cnfs-v0, {nombre} lignes ({annuaire.base.dialecte}) : {premier['lignes']} {premier['plan']}"
            f"\n  rapport : {premier['rapport']}\n  durées (ms) : {premier['duree_ms']}, relue {relue['duree_ms']}"
            f"\n  même liste : 0 écriture ; un téléphone changé : 1 entrée de flux, 1 événement"
        )


@pytest.mark.epreuve
@pytest.mark.parametrize(
    "nom", ["charente-v0", "hinaura-v0", "hub-du-sud-v0", "charente-v1-partiel", "hub-du-sud-v1-partiel",
            "nouvelle-caledonie-v1-partiel"],
)  # fmt: skip
async def test_chaque_liste_reelle_fait_son_compte_puis_ne_change_plus(
    tmp_path: Path, jeux: Path, nom: str, capsys: pytest.CaptureFixture[str]
) -> None:
    octets = (jeux / "standard" / f"{nom}.json").read_bytes()
    url = f"sqlite:{tmp_path / 'annuaire.db'}"
    async with ouvrir(tmp_path, url, enfant=True) as annuaire:
        source = await annuaire.creer_source(cle_derivee=["nom", "adresse", "code_insee"])
        reponse = await annuaire.envoyer(source, octets)
        run = await annuaire.finir(reponse.json()["id"])
        assert run["etat"] in ("appliquee", "retenue")
        assert somme(run) == run["lignes"]["lues"]
        retenues = [garde["regle"] for garde in run["garde"] if garde["declenchee"]]
        if run["etat"] == "appliquee":
            avant = await ecritures(annuaire)
            relue = await annuaire.synchroniser(source, octets + b"\n")
            assert relue["plan"]["inchanges"] == run["plan"]["crees"]
            assert await ecritures(annuaire) == avant
    with capsys.disabled():
        print(f"\n  {nom} : {run['etat']} {retenues} {run['lignes']} {run['rapport']}")
