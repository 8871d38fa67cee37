"""Several records on one place: what is shown, what is kept when one leaves, what each source gets back."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from annuaire.lieux.service import Suivi, montrer_de_nouveau
from annuaire.lieux.tables import Fiche
from annuaire.structures import service as structures
from sqlalchemy import update

from tests.fabriques.annuaire import ADMIN, Annuaire, lieu
from tests.fabriques.bases import MIDI

pytestmark = pytest.mark.anyio


async def reunir(annuaire: Annuaire, garde: str, perdu: str) -> None:
    """Make the records of one place bear on another."""
    async with annuaire.base.write() as session:
        await structures.reserver(session)
        await session.execute(
            update(Fiche).where(Fiche.lieu_id == UUID(perdu)).values(lieu_id=UUID(garde))  # type: ignore[arg-type]
        )
        suivi = Suivi(annuaire.contexte.outils, MIDI)
        await montrer_de_nouveau(session, [UUID(garde), UUID(perdu)], suivi=suivi)


async def deux_sources(annuaire: Annuaire, **de_l_autre: Any) -> tuple[str, str, str]:
    """Make a Hub (80) and an aggregator (50) that speak of one place; return the sources and the place."""
    hub, autre = await annuaire.creer_source(rang=80), await annuaire.creer_source(rang=50)
    await annuaire.synchroniser(hub, [lieu(0, nom="Nom du Hub")])
    await annuaire.synchroniser(autre, [lieu(0, nom="Nom de l'agrégateur", telephone="01 99 00 00 01", **de_l_autre)])
    [garde], [perdu] = [[lu["id"] for lu in (await annuaire.lieux(source)).values()] for source in (hub, autre)]
    await reunir(annuaire, garde, perdu)
    return hub, autre, garde


async def test_un_lieu_de_deux_sources_montre_le_meilleur_de_chacune(annuaire: Annuaire) -> None:
    hub, autre, id = await deux_sources(annuaire)
    lu = (await annuaire.get(f"/lieux/{id}")).json()
    assert (lu["nom"], lu["telephone"]) == ("Nom du Hub", "+33199000001")
    assert lu["sources"] == sorted((hub, autre))
    assert [set(await annuaire.lieux(source)) for source in (hub, autre)] == [{"Nom du Hub"}] * 2


async def test_un_lieu_reste_quand_l_une_de_ses_sources_le_quitte(annuaire: Annuaire) -> None:
    hub, autre, id = await deux_sources(annuaire)
    await annuaire.synchroniser(hub, [lieu(1)])
    lu = (await annuaire.get(f"/lieux/{id}")).json()
    assert (lu["nom"], lu["sources"]) == ("Nom de l'agrégateur", [autre])
    await annuaire.synchroniser(autre, [lieu(2)])
    assert (await annuaire.get(f"/lieux/{id}")).status_code == 410


async def test_une_liste_qui_revient_s_ecrit_dans_le_lieu_partage(annuaire: Annuaire) -> None:
    hub, autre, id = await deux_sources(annuaire)
    await annuaire.synchroniser(autre, [lieu(0, nom="Nom de l'agrégateur", telephone="01 99 00 00 02")])
    lu = (await annuaire.get(f"/lieux/{id}")).json()
    assert (lu["nom"], lu["telephone"], lu["sources"]) == ("Nom du Hub", "+33199000002", sorted((hub, autre)))


async def test_l_export_d_une_source_rend_ce_qu_elle_a_dit(annuaire: Annuaire) -> None:
    _, autre, id = await deux_sources(annuaire)
    reponse = await annuaire.get("/exports/lieux", source=autre, format="json")
    [exporte] = reponse.json()
    assert (exporte["nom"], exporte["id"], exporte["id_maillage"]) == ("Nom de l'agrégateur", "lieu-0", id)
    run = await annuaire.synchroniser(autre, reponse.content)
    assert (run["plan"]["inchanges"], run["plan"]["modifies"], run["plan"]["crees"]) == (1, 0, 0)


async def test_un_contact_nominatif_n_est_publie_que_par_qui_en_a_la_base(annuaire: Annuaire) -> None:
    _, autre, id = await deux_sources(annuaire, courriels="jean.personne@exemple.fr")
    lu = (await annuaire.get(f"/lieux/{id}")).json()
    assert lu["courriels"] == ["accueil.lieu0@exemple.fr"]
    for sortie in ("/exports/lieux", "/changements/lieux"):
        parametres = {"source": autre} if "exports" in sortie else {"afterChangeNumber": lu["modifie"] - 1}
        assert "jean.personne" not in (await annuaire.get(sortie, **parametres)).text


async def test_le_plan_dit_la_source_qui_l_emporte(annuaire: Annuaire) -> None:
    hub, autre, _ = await deux_sources(annuaire)
    ligne = lieu(0, nom="Perdant", telephone="01 99 00 00 03")
    run = await annuaire.synchroniser(autre, [ligne], essai=True, etat="essai")
    [modifie] = await annuaire.tous(f"/synchronisations/{run['id']}/plan", qui=ADMIN)
    champs = {champ["champ"]: (champ["gagne"], champ["source_gagnante"]) for champ in modifie["champs"]}
    assert champs == {"nom": (False, hub), "telephones": (True, autre)}


async def test_la_provenance_se_demande(annuaire: Annuaire) -> None:
    hub, autre, id = await deux_sources(annuaire)
    sans, avec = await annuaire.get(f"/lieux/{id}"), await annuaire.get(f"/lieux/{id}", provenance="true")
    assert "provenance" not in sans.json()
    dites = avec.json().pop("provenance")
    assert {champ: avec.json()[champ] for champ in sans.json()} == sans.json()
    assert (dites["nom"]["source"], dites["nom"]["rang"], dites["telephones"]["source"]) == (hub, 80, autre)
    assert dites["nom"]["cle"] == "lieu-0"
    inchange = await annuaire.get(f"/lieux/{id}", provenance="true", entetes={"If-None-Match": avec.headers["etag"]})
    assert (inchange.status_code, inchange.content) == (304, b"")


async def test_l_historique_dit_ce_qui_a_change_et_qui_l_a_dit(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, [lieu(0, nom="Avant"), lieu(1)])
    id = (await annuaire.lieux(source))["Avant"]["id"]
    await annuaire.synchroniser(source, [lieu(0, nom="Après", telephone="01 99 00 00 01"), lieu(1)])
    await annuaire.synchroniser(source, [lieu(1)])
    assert (await annuaire.get(f"/lieux/{id}/historique")).status_code == 410
    await annuaire.synchroniser(source, [lieu(0, nom="Après"), lieu(1)])
    traces = await annuaire.tous(f"/lieux/{id}/historique", limite=1)
    assert [trace["evenement"] for trace in traces] == ["retour", "retrait", "modification"]
    assert traces[-1]["champs"] == {
        "nom": {"avant": "Avant", "apres": "Après", "source": source},
        "telephones": {"avant": None, "apres": None, "source": source},
    }
    assert "99000001" not in json.dumps(traces)


async def test_l_historique_d_un_inconnu_est_un_404_et_un_parametre_inconnu_un_400(annuaire: Annuaire) -> None:
    inconnu = "01900000-0000-7000-8000-000000000000"
    assert (await annuaire.get(f"/lieux/{inconnu}/historique")).status_code == 404
    assert (await annuaire.get(f"/lieux/{inconnu}/historique", tri="nom")).status_code == 400
