"""A damaged list, sent as people send it: a problem in French at the place of the fault, and a directory untouched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from annuaire.synchronisation.reception import OCTETS_MAX

from tests.fabriques.annuaire import ADMIN, CSV, JSON, RACINE, Annuaire, en_json, lieu, liste, nouvelle_cle, ouvrir
from tests.fabriques.listes_abimees import ABIMEES, Abimee

pytestmark = pytest.mark.anyio

ENVOYEES = (
    "csv-coupe",
    "csv-html",
    "csv-caractere-nul",
    "csv-ni-utf-8-ni-cp1252",
    "csv-million-de-colonnes",
    "json-coupe",
    "json-html",
    "json-profond",
    "json-caractere-nul",
    "xlsx-bombe",
    "xlsx-bombe-a-taille-fausse",
    "xlsx-entites",
    "xlsm",
)
SANS_PLACE = frozenset({"xlsm"})
"""Refused for what the whole file is."""


@pytest.fixture(scope="module")
async def annuaire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Annuaire]:
    """An annuaire that reads lists in its child process, as in service."""
    dossier: Path = tmp_path_factory.mktemp("abimees")
    async with ouvrir(dossier, f"sqlite:{dossier / 'annuaire.db'}", enfant=True, runs_par_heure=1000) as annuaire:
        yield annuaire


@pytest.mark.parametrize("abimee", [a for a in ABIMEES if a.nom in ENVOYEES], ids=lambda abimee: abimee.nom)
async def test_une_liste_abimee_est_un_probleme_clair_et_ne_change_rien(annuaire: Annuaire, abimee: Abimee) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(12))
    avant, flux = await annuaire.lieux(source), len(await annuaire.flux())
    reponse = await annuaire.envoyer(source, abimee.fabriquer(), type_mime=abimee.type_mime, attendre=25)
    probleme = reponse.json()
    assert reponse.headers["content-type"] == "application/problem+json", reponse.text
    assert (400 <= reponse.status_code < 500, probleme["status"]) == (True, reponse.status_code)
    assert probleme["type"] == f"/problemes/{abimee.code}"
    assert probleme["detail"].endswith(".")
    assert bool(probleme["place"]) or abimee.nom in SANS_PLACE
    assert (await annuaire.lieux(source), len(await annuaire.flux())) == (avant, flux)


async def test_une_cle_en_double_est_refusee_a_sa_ligne_et_a_sa_colonne(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    saine = en_json([lieu(0)])
    double = b"[\n" + saine.strip(b"[]") + b",\n" + saine.strip(b"[]")[:-1] + b', "nom": "Un autre"}]'
    reponse = await annuaire.envoyer(source, double, type_mime=JSON, attendre=25)
    probleme = reponse.json()
    assert (reponse.status_code, probleme["type"]) == (422, "/problemes/cle-json-dupliquee")
    assert probleme["place"]["ligne"] == 3
    assert await annuaire.lieux(source) == {}


def test_toutes_les_listes_choisies_existent() -> None:
    assert set(ENVOYEES) <= {abimee.nom for abimee in ABIMEES}


async def test_soixante_megaoctets_sont_refuses_sans_etre_lus_ni_gardes(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    lus = 0

    async def soixante_megaoctets() -> AsyncIterator[bytes]:
        nonlocal lus
        for _ in range(60):
            lus += 1
            yield b"x" * 1_000_000

    reponse = await annuaire.client.post(
        f"{RACINE}/sources/{source}/synchronisations",
        content=soixante_megaoctets(),
        headers={**annuaire.entetes(ADMIN, ecriture=True), "Content-Type": CSV, "Idempotency-Key": nouvelle_cle()},
    )
    assert (reponse.status_code, reponse.headers["content-type"]) == (413, "application/problem+json")
    assert lus <= OCTETS_MAX // 1_000_000 + 2
    assert list(annuaire.contexte.depots.glob("*")) == [
        depot for depot in annuaire.contexte.depots.glob("*") if depot.stat().st_size < OCTETS_MAX
    ]


async def test_des_coordonnees_inversees_sont_remises_et_dites(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    droit = lieu(0)
    envers = {**droit, "latitude": droit["longitude"], "longitude": droit["latitude"]}
    run = await annuaire.synchroniser(source, [envers], type_mime=JSON)
    assert run["rapport"]["coord_inversees"] >= 1
    (lu,) = (await annuaire.lieux(source)).values()
    assert (lu["latitude"], lu["longitude"]) == (droit["latitude"], droit["longitude"])
