"""The real lists: every place gets a state, those without hours are `inconnu`, nothing is open on 1 May."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from annuaire.lieux.horaires.calendrier import Calendrier
from annuaire.lieux.horaires.expression import Expression
from annuaire.lieux.horaires.ouverture import fragment
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import recoit_du_public
from annuaire.lieux.situer import Situeur
from annuaire.standard.colonnes import reconnaitre_entetes
from annuaire.standard.lecture import lire
from annuaire.territoires.referentiel import Referentiel

pytestmark = pytest.mark.donnees_reelles

MARDI_10_H = datetime.fromisoformat("2026-11-24T10:00:00+01:00")
PREMIER_MAI = datetime.fromisoformat("2026-05-01T10:00:00+02:00")
LISTES = ["cnfs-v0", "hub-du-sud-v1-partiel", "charente-v0", "hinaura-v0", "nouvelle-caledonie-v1-partiel"]


@pytest.fixture(scope="module")
def situeur() -> Situeur:
    return Situeur(Referentiel.charger())


@pytest.fixture(params=LISTES)
def fiches(request: pytest.FixtureRequest, jeux: Path, situeur: Situeur) -> list[LieuNormalise]:
    lignes = json.loads((jeux / "standard" / f"{request.param}.json").read_text("utf-8"))
    entetes = reconnaitre_entetes(list(dict.fromkeys(colonne for ligne in lignes for colonne in ligne)))
    lectures = [
        lire(ligne, entetes=entetes, referentiel=situeur.referentiel, aujourd_hui=date(2026, 11, 24))
        for ligne in lignes
    ]
    return [lecture.normalise for lecture in lectures if lecture.normalise]


def calendrier(fiche: LieuNormalise, situeur: Situeur) -> Calendrier:
    territoire = situeur.territoire(fiche.code_insee, fiche.code_postal)
    return Calendrier.lire(
        fiche.horaires, territoire.fuseau, territoire.departement, recoit_du_public=recoit_du_public(fiche)
    )


def test_chaque_lieu_a_un_etat_et_ceux_sans_horaires_sont_inconnus(
    fiches: list[LieuNormalise], situeur: Situeur, request: pytest.FixtureRequest
) -> None:
    etats = Counter[str]()
    for fiche in fiches:
        ouverture = calendrier(fiche, situeur).etat(MARDI_10_H)
        etats[ouverture.etat] += 1
        assert json.loads(fragment(ouverture))["etat"] == ouverture.etat
        if recoit_du_public(fiche) and fiche.horaires is None:
            assert ouverture.etat == "inconnu"
    assert sum(etats.values()) == len(fiches) > 0
    parts = ", ".join(f"{etat} {100 * nombre / len(fiches):.1f} %" for etat, nombre in sorted(etats.items()))
    print(f"{request.node.callspec.id} : {len(fiches)} lieux, mardi 10 h à Paris : {parts}")


def test_aucun_lieu_n_est_dit_ouvert_le_1er_mai(fiches: list[LieuNormalise], situeur: Situeur) -> None:
    ouverts = {f.horaires for f in fiches if calendrier(f, situeur).etat(PREMIER_MAI).etat.startswith("ouvert")}
    sans_fin = {h for h in ouverts if (lue := Expression.lire(h, None)) and lue.continue_}
    assert ouverts == sans_fin


def test_tout_horaire_garde_par_la_lecture_est_lu(fiches: list[LieuNormalise]) -> None:
    horaires = {fiche.horaires for fiche in fiches if fiche.horaires}
    assert [h for h in horaires if Expression.lire(h, None) is None] == []
