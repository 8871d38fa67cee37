"""Sources: who creates them, who sees them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from socle.acces.principal import ANONYME, Principal

from tests.fabriques.annuaire import ADMIN, ECRIVAIN, ETRANGER, RACINE, SANS_PORTEE, Annuaire, nouveau_nom, nouvelle_cle

pytestmark = pytest.mark.anyio


async def creer(annuaire: Annuaire, *, qui: Principal | None = ADMIN, cle: str | None = None, **champs: Any) -> Any:
    demande = {"id": nouveau_nom(), "nom": "Hub fictif", **champs}
    return await annuaire.post("/sources", qui=qui, corps=demande, entetes={"Idempotency-Key": cle or nouvelle_cle()})


def lie(*sources: str) -> Principal:
    portees = frozenset({"sync:write", "sync:admin"})
    return Principal(sujet="lie", nom="lié", portees=portees, sources=frozenset(sources))


@pytest.mark.parametrize(
    ("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ECRIVAIN, 403), (lie("une"), 403)]
)
async def test_creer_demande_une_cle_d_administration_libre(
    annuaire: Annuaire, qui: Principal | None, statut: int
) -> None:
    assert (await creer(annuaire, qui=qui)).status_code == statut


async def test_une_source_creee_se_lit_a_son_adresse(annuaire: Annuaire) -> None:
    id = nouveau_nom()
    reponse = await creer(annuaire, id=id, rang=50, cle_derivee=["nom", "code_insee"], licence="ODbL")
    assert (reponse.status_code, reponse.headers["location"]) == (201, f"{RACINE}/sources/{id}")
    lue = await annuaire.get(f"/sources/{id}", qui=ECRIVAIN)
    assert lue.json() == reponse.json()
    assert (lue.json()["rang"], lue.json()["licence"], lue.json()["version"]) == (50, "ODbL", 1)
    assert lue.json()["derniere_synchronisation"] is None


async def test_la_meme_demande_rejouee_ne_cree_qu_une_fois(annuaire: Annuaire) -> None:
    id, cle = nouveau_nom(), nouvelle_cle()
    premiere = await creer(annuaire, id=id, cle=cle)
    rejouee = await creer(annuaire, id=id, cle=cle)
    assert (rejouee.status_code, rejouee.content) == (201, premiere.content)
    assert rejouee.headers["idempotency-replayed"] == "true"
    assert (await creer(annuaire, id=nouveau_nom(), cle=cle)).status_code == 422


async def test_dix_fois_la_meme_demande_au_meme_instant_creent_une_source(annuaire: Annuaire) -> None:
    id, cle = nouveau_nom(), nouvelle_cle()
    reponses = await asyncio.gather(*(creer(annuaire, id=id, cle=cle) for _ in range(10)))
    assert {r.status_code for r in reponses} == {201}
    assert len({r.content for r in reponses}) == 1


async def test_un_identifiant_deja_pris_est_un_409(annuaire: Annuaire) -> None:
    id = await annuaire.creer_source()
    reponse = await creer(annuaire, id=id)
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (409, "source-existante")


@pytest.mark.parametrize(
    "champs",
    [
        {"id": "Majuscules"}, {"id": "-tiret"}, {"id": "x" * 64}, {"id": ""}, {"nom": ""}, {"rang": 0}, {"rang": 91},
        {"cle_derivee": []}, {"cle_derivee": ["nom"] * 6}, {"cle_derivee": ["champ_inconnu"]}, {"base_contacts": "x"},
        {"inconnu": 1},
    ],
)  # fmt: skip
async def test_une_demande_hors_limites_est_un_422_qui_nomme_le_champ(
    annuaire: Annuaire, champs: dict[str, Any]
) -> None:
    reponse = await creer(annuaire, **champs)
    assert reponse.status_code == 422
    assert next(iter(champs)) in reponse.text


async def test_sans_cle_d_idempotence_rien_n_est_cree(annuaire: Annuaire) -> None:
    id = nouveau_nom()
    reponse = await annuaire.post("/sources", corps={"id": id, "nom": "Hub fictif"})
    assert reponse.status_code == 400
    assert (await annuaire.get(f"/sources/{id}", qui=ADMIN)).status_code == 404


@pytest.mark.parametrize(("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 404)])
async def test_une_source_n_est_vue_que_de_ses_cles(annuaire: Annuaire, qui: Principal | None, statut: int) -> None:
    id = await annuaire.creer_source()
    assert (await annuaire.get(f"/sources/{id}", qui=qui)).status_code == statut


async def test_la_liste_ne_montre_que_les_sources_ouvertes_et_se_lit_par_page(annuaire: Annuaire) -> None:
    ids = sorted([await annuaire.creer_source() for _ in range(3)])
    lues = await annuaire.tous("/sources", qui=lie(*ids), limite=2)
    assert [lue["id"] for lue in lues] == ids
    assert await annuaire.tous("/sources", qui=ETRANGER) == []
    assert set(ids) <= {lue["id"] for lue in await annuaire.tous("/sources", qui=ADMIN, limite=500)}
    assert (await annuaire.get("/sources", qui=ANONYME)).status_code == 401
