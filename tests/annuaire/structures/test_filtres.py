"""Every pair of filters of structures, against answers made by hand from the documents of the feed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from tests.fabriques.repertoire import ARRONDISSEMENTS, Repertoire

pytestmark = pytest.mark.anyio

Fiche = dict[str, Any]
FILTRES = ("type", "pivot", "code_insee", "departement", "region", "epci", "origine", "modifie_depuis")
TIRAGES = 20
"""Questions a pair."""


def _depuis(fiche: Fiche, texte: str) -> bool:
    return datetime.fromisoformat(fiche["modifie_le"]) >= datetime.fromisoformat(texte)


GARDES: Mapping[str, Callable[[Fiche, Any], bool]] = {
    "type": lambda fiche, types: not set(types).isdisjoint(fiche["types"]),
    "code_insee": lambda fiche, codes: any(
        fiche["code_insee"] in (code, *ARRONDISSEMENTS.get(code, ())) for code in codes
    ),
    "modifie_depuis": _depuis,
}


def garde(fiche: Fiche, nom: str, valeur: Any) -> bool:
    """Tell whether a document passes one filter."""
    return GARDES[nom](fiche, valeur) if nom in GARDES else fiche[nom] in valeur


async def publiees(repertoire: Repertoire) -> list[Fiche]:
    """Read every document by the change feed, which owes nothing to the list."""
    items = await repertoire.annuaire.flux("structures")
    return sorted((item["data"] for item in items if item["state"] == "updated"), key=lambda fiche: str(fiche["id"]))


def tirer(hasard: random.Random, fiches: list[Fiche], temoin: Fiche, nom: str) -> Any:
    """Draw a filter that finds a structure, sometimes others beside it."""
    if nom == "modifie_depuis":
        le = datetime.fromisoformat(temoin["modifie_le"]) + timedelta(seconds=hasard.choice((-1, 0, 1)))
        return le.isoformat()
    lues = [fiche for fiche in fiches if fiche["types" if nom == "type" else nom]]
    tirees = []
    for fiche in (temoin, *hasard.sample(lues, hasard.choice((0, 0, 1, 3)))):
        valeur = fiche["types" if nom == "type" else nom] or hasard.choice(lues)["types" if nom == "type" else nom]
        tirees.append(hasard.choice(valeur) if nom == "type" else valeur)
    villes = [ville for ville, siens in ARRONDISSEMENTS.items() if tirees[0] in siens]
    return [*villes, *tirees[1:]] if nom == "code_insee" and villes and hasard.random() < 0.5 else tirees


async def test_chaque_paire_de_filtres_repond_comme_un_compte_fait_a_la_main(
    repertoire: Repertoire, capsys: pytest.CaptureFixture[str]
) -> None:
    hasard, fiches, comptes = random.Random(7), await publiees(repertoire), Counter[str]()
    par_origine = {nom: [f for f in fiches if f["origine"] == nom] for nom in ("reference", "deduit", "saisie")}
    for paire in combinations(FILTRES, 2):
        for _ in range(TIRAGES):
            temoins = [f for f in par_origine[hasard.choice(list(par_origine))] if "type" not in paire or f["types"]]
            temoin = hasard.choice(temoins or [f for f in fiches if f["types"]])
            question = {nom: tirer(hasard, fiches, temoin, nom) for nom in paire}
            attendues = [f["id"] for f in fiches if all(garde(f, nom, valeur) for nom, valeur in question.items())]
            limite = hasard.choice((1, 7, 500))
            lue = (await repertoire.annuaire.get("/structures", **question, limite=limite)).json()
            assert [lu["id"] for lu in lue["elements"]] == attendues[:limite], question
            if hasard.random() < 0.1 and attendues:
                toutes = await repertoire.annuaire.tous("/structures", **question, limite=len(attendues) // 3 + 1)
                assert [lu["id"] for lu in toutes] == attendues, question
                comptes["parcourues page à page"] += 1
            comptes["questions"] += 1
            comptes["avec réponse"] += bool(attendues)
            comptes["de plusieurs structures"] += 1 < len(attendues) < len(fiches)
        comptes["paires"] += 1
    with capsys.disabled():
        print(f"\n  structures ({len(fiches)}) : " + ", ".join(f"{n} {quoi}" for quoi, n in comptes.items()))
    assert comptes["paires"] == len(FILTRES) * (len(FILTRES) - 1) // 2
    assert comptes["avec réponse"] > 0.6 * comptes["questions"]
    assert comptes["de plusieurs structures"] > 0.15 * comptes["questions"]


@pytest.mark.parametrize(
    ("question", "pointer", "detail"),
    [
        ({"type": "hubb"}, "type.0", "valeur inconnue ; vouliez-vous « hub » ?"),
        ({"type": "zzzzzz"}, "type.0", "valeur inconnue : voyez /annuaire/v1/referentiels/types_de_structure"),
        ({"origine": "reference-"}, "origine.0", "valeur hors de la liste : 'reference', 'deduit' ou 'saisie'"),
        ({"modifie_depuis": "2026"}, "modifie_depuis", "une date et une heure RFC 3339 sont attendues"),
        ({"modifie_depuis": "2026-01-01"}, "modifie_depuis", "le fuseau horaire manque"),
        ({"departement": "Isère"}, "departement.0", "un code de département, comme 38, 2A ou 974, est attendu"),
        ({"pivot": "123"}, "pivot.0", "un SIRET, un SIREN, un numéro RNA ou RIDET est attendu"),
        ({"siret": "123"}, "siret", "paramètre inconnu"),
        ({"types": "hub"}, "types", "paramètre inconnu ; vouliez-vous « type » ?"),
    ],
)  # fmt: skip
async def test_une_faute_est_nommee_et_expliquee(
    repertoire: Repertoire, question: dict[str, Any], pointer: str, detail: str
) -> None:
    reponse = await repertoire.annuaire.get("/structures", **question)
    assert reponse.status_code == 400
    assert [(e["pointer"], e["detail"]) for e in reponse.json()["erreurs"]] == [(pointer, detail)]
