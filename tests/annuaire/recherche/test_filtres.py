"""Pairs of filters and facets of search, against answers made by hand from the exported documents."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from annuaire.recherche.parameters import FiltresActeurs
from annuaire.recherche.port import FENETRE, ActorQuery

from tests.annuaire.lieux.test_filtres import FACETTES, Tireur
from tests.annuaire.recherche.conftest import Chercheur
from tests.fabriques.repertoire import LISTES, Oracle

pytestmark = pytest.mark.anyio

FILTRES = (
    "code_insee", "code_postal", "departement", "region", "epci", "qpv", "source", "bbox", *LISTES, "themes",
    "accessibilite", "langues", "modifie_depuis", "proche",
)  # fmt: skip
PAIRES = list(combinations(FILTRES, 2))


def _question(tireur: Tireur, noms: tuple[str, ...]) -> dict[str, Any]:
    question = tireur.question(noms)
    if "proche" in question:
        # a search has no default radius, and leaves nobody out
        question.setdefault("rayon", 10_000)
    return question


def _attendues(chercheur: Chercheur, question: dict[str, Any]) -> list[str]:
    oracle = Oracle(chercheur.repertoire)
    return sorted(fiche["id"] for fiche in oracle.choisir({**question, "sans_public": "true"}))


async def _trouvees(chercheur: Chercheur, question: dict[str, Any]) -> list[str]:
    lus = await chercheur.tous(**question, genre="lieu", limite=100, projection="compacte")
    return sorted(lu["id"] for lu in lus)


@pytest.mark.parametrize("combien", [30, pytest.param(len(PAIRES), marks=pytest.mark.epreuve)])
async def test_les_filtres_se_croisent_comme_a_la_main(chercheur: Chercheur, combien: int) -> None:
    tireur = Tireur(chercheur.repertoire, 29)
    pleines = 0
    for noms in random.Random(29).sample([paire for paire in PAIRES if set(paire) != {"bbox", "proche"}], combien - 1):
        question = _question(tireur, noms)
        attendues, trouvees = _attendues(chercheur, question), await _trouvees(chercheur, question)
        if len(attendues) <= FENETRE:
            assert trouvees == attendues, question
        else:
            assert len(trouvees) == FENETRE, question
            assert set(trouvees) <= set(attendues), question
        pleines += bool(attendues)
    print(f"\n{combien - 1} paires de filtres, {pleines} réponses non vides")
    assert pleines > combien / 2


async def test_un_filtre_qui_se_perd_en_chemin_est_vu(chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch) -> None:
    vraie = FiltresActeurs.requete

    def sans_departement(self: FiltresActeurs, **options: Any) -> ActorQuery:
        requete = vraie(self, **options)
        return ActorQuery(filters={n: v for n, v in requete.filters.items() if n != "departement"}, **options)

    question = {"departement": "38"}
    assert await _trouvees(chercheur, question) == _attendues(chercheur, question)
    monkeypatch.setattr(FiltresActeurs, "requete", sans_departement)
    assert await _trouvees(chercheur, question) != _attendues(chercheur, question)


async def test_les_facettes_comptent_ce_que_compte_la_lecture_de_chaque_fiche(chercheur: Chercheur) -> None:
    oracle = Oracle(chercheur.repertoire)
    gardees = oracle.choisir({"region": ["84", "75"]})
    for debut in range(0, len(FACETTES), 8):
        noms = list(FACETTES[debut : debut + 8])
        lue = await chercheur.lire(genre="lieu", region=["84", "75"], facettes=noms, limite=1)
        assert list(lue["facettes"]) == noms
        for nom, comptes in lue["facettes"].items():
            attendus: Counter[str] = Counter()
            for fiche in gardees:
                valeur = {"etat": fiche["accessibilite"]["etat"]}["etat"] if nom == "accessibilite" else fiche[nom]
                attendus.update(valeur if isinstance(valeur, list) else [valeur] if valeur else [])
            assert comptes == dict(attendus.most_common(150)) or (
                len(attendus) > 150 and sorted(comptes.values()) == sorted(n for _, n in attendus.most_common(150))
            ), nom


async def test_le_comptage_disjonctif_ignore_le_filtre_de_la_facette_seule(chercheur: Chercheur) -> None:
    oracle = Oracle(chercheur.repertoire)
    filtres: dict[str, Any] = {"region": ["84"], "typologie": ["BIB"]}
    conjonctif = await chercheur.lire(**filtres, facettes=["region", "typologie"])
    assert set(conjonctif["facettes"]["region"]) == {"84"}
    disjonctif = await chercheur.lire(**filtres, facettes=["region", "typologie"], comptage_facettes="disjonctif")
    assert disjonctif["total"] == conjonctif["total"]
    for nom, autre in (("region", "typologie"), ("typologie", "region")):
        voulus: Counter[str] = Counter()
        for fiche in oracle.choisir({autre: filtres[autre]}):
            voulus.update(fiche[nom] if isinstance(fiche[nom], list) else [fiche[nom]])
        assert disjonctif["facettes"][nom] == dict(voulus)


async def test_les_valeurs_d_une_facette_se_cherchent_par_leur_debut(chercheur: Chercheur) -> None:
    oracle = Oracle(chercheur.repertoire)
    lue = await chercheur.lire("/facettes/code_insee", prefixe="GREN", genre="lieu")
    assert lue["valeurs"][0] == {
        "valeur": "38185", "libelle": "Grenoble", "nombre": len(oracle.choisir({"code_insee": ["38185"]})),
    }  # fmt: skip
    departements = await chercheur.lire("/facettes/departement", prefixe="loire", q="fictive")
    assert {v["libelle"] for v in departements["valeurs"]} >= {"Loire", "Loire-Atlantique", "Haute-Loire"}
    services = await chercheur.lire("/facettes/services", prefixe="acces", departement="38", genre="lieu")
    assert [v["nombre"] for v in services["valeurs"]] == [
        sum("Accès internet et matériel informatique" in f["services"] for f in oracle.choisir({"departement": ["38"]}))
    ]
    assert (await chercheur.lire("/facettes/region", prefixe="zz"))["valeurs"] == []
    seul = await chercheur.lire("/facettes/departement", departement="38")
    assert [v["valeur"] for v in seul["valeurs"]] == ["38"]
    autres = await chercheur.lire("/facettes/departement", departement="38", comptage_facettes="disjonctif")
    assert len(autres["valeurs"]) > 50


async def test_une_facette_inconnue_est_un_404_qui_les_nomme(chercheur: Chercheur) -> None:
    refus = await chercheur.get("/facettes/nom")
    assert (refus.status_code, refus.json()["type"]) == (404, "/problemes/facette-inconnue")
    assert "typologie" in refus.json()["facettes"]


async def test_un_contour_garde_ce_qui_s_y_trouve(chercheur: Chercheur) -> None:
    lus = await chercheur.tous(polygone="44.9,5.3;45.5,5.3;45.5,6.1;44.9,6.1", limite=100, projection="compacte")
    voulus = [
        f["id"]
        for f in chercheur.fiches
        if f["latitude"] is not None and 44.9 <= f["latitude"] <= 45.5 and 5.3 <= f["longitude"] <= 6.1
    ]
    assert sorted(lu["id"] for lu in lus) == sorted(voulus)
    assert voulus
