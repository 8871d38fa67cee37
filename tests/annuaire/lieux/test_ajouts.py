"""Fields beyond the standard, from a list to its readers and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from annuaire.lieux import projection
from annuaire.lieux.normalise import LieuNormalise

from tests.fabriques.annuaire import Annuaire, en_json, lieu

pytestmark = pytest.mark.anyio

PASSAGES = [
    {"latitude": 45.19, "longitude": 5.73, "adresse": "Place Verte", "horaires": "mardi 9h-12h"},
    {"latitude": 45.2, "longitude": 5.74, "adresse": "Place Bleue", "horaires": "Th 14:00-17:00", "du": "2026-09-01"},
]
COMPLET: dict[str, Any] = {
    "accessibilite_etat": "Non", "langues": "Français, anglais", "passages": PASSAGES, "publication_contact": "oui",
    "prise_en_charge_specifique": "Langues étrangères (anglais)", "fiche_acces_libre": "https://acceslibre.beta.gouv.fr/x",
}  # fmt: skip


async def _un(annuaire: Annuaire, source: str, **champs: Any) -> dict[str, Any]:
    await annuaire.synchroniser(source, en_json([lieu(0, telephone="+33476000000", **champs)]))
    reponse = await annuaire.get("/lieux", source=source)
    (document,) = reponse.json()["elements"]
    return dict(document)


async def test_les_champs_d_une_liste_sont_dans_la_fiche_publique(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    document = await _un(annuaire, source, **COMPLET)
    lien = "https://acceslibre.beta.gouv.fr/x"
    assert document["accessibilite"] == {"etat": "non", "source": source, "lien": lien}
    assert document["langues"] == ["fr", "en"]
    assert [p["horaires"] for p in document["passages"]] == ["Tu 09:00-12:00", "Th 14:00-17:00"]
    assert document["publication_contact"] is True
    for filtre in ({"accessibilite": "non"}, {"langues": "fr"}):
        trouves = (await annuaire.get("/lieux", source=source, **filtre)).json()["elements"]
        assert len(trouves) == 1


async def test_ce_que_nulle_liste_ne_dit_est_inconnu_et_jamais_non(annuaire: Annuaire) -> None:
    document = await _un(annuaire, await annuaire.creer_source())
    assert document["accessibilite"] == {"etat": "inconnu", "source": None, "lien": None}
    assert (document["langues"], document["passages"], document["publication_contact"]) == ([], [], None)


async def test_un_refus_masque_tous_les_contacts(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await annuaire.creer_source(base_contacts="Convention signée")
    document = await _un(annuaire, source, publication_contact="non")
    assert (document["telephone"], document["telephones"], document["courriels"]) == (None, [], [])
    accorde = await _un(annuaire, source, publication_contact="oui")
    assert accorde["telephone"] == "+33476000000"


@pytest.mark.parametrize("dit", ["oui", None])
async def test_un_accord_ne_remplace_pas_l_engagement_de_la_source(annuaire: Annuaire, dit: str | None) -> None:
    champs = {"courriels": "camille.martin@exemple.fr", "publication_contact": dit}
    sans = await _un(annuaire, await annuaire.creer_source(), **champs)
    avec = await _un(annuaire, await annuaire.creer_source(base_contacts="Convention signée"), **champs)
    assert (sans["courriels"], avec["courriels"]) == ([], ["camille.martin@exemple.fr"])


async def test_une_source_renvoie_son_export_json_sans_rien_changer(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await _un(annuaire, source, **COMPLET)
    export = await annuaire.get("/exports/lieux", source=source, format="json")
    run = await annuaire.synchroniser(source, export.content)
    assert (run["plan"]["inchanges"], run["plan"]["modifies"], run["plan"]["crees"]) == (1, 0, 0)


async def test_les_tableaux_perdent_ces_champs_et_le_disent(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await _un(annuaire, source, **COMPLET)
    pertes = (await annuaire.get("/exports/lieux/pertes", source=source)).json()
    assert pertes["hors_du_standard"] == {"accessibilite": 1, "langues": 1, "passages": 1, "publication_contact": 1}
    geojson = (await annuaire.get("/exports/lieux", source=source, format="geojson")).json()
    assert len(geojson["features"][0]["properties"]["passages"]) == 2


def test_un_champ_inconnu_ne_change_pas_l_empreinte_d_une_fiche_d_avant() -> None:
    fiche = LieuNormalise(nom="Lieu")
    assert set(fiche.en_dict()).isdisjoint({"accessibilite", "langues", "passages", "publication_contact"})
    assert fiche.empreinte() == "362d3da4efdce08242c9e43c43e0a055b282ebaf59c650fb7f54aef8c365f506"
    assert LieuNormalise.de_dict(json.loads(json.dumps(fiche.en_dict()))) == fiche


def test_la_langue_que_le_standard_nomme_est_retrouvee() -> None:
    fiche = LieuNormalise(nom="Lieu", prise_en_charge_specifique=(projection.ANGLAIS,), langues=("fr",))
    assert projection.langues_de(fiche) == ["fr", "en"]
