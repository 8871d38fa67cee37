"""Every pair of filters, and facets, against answers made by hand from the exported documents."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from annuaire.lieux.lecture.colonnes import Masque, Rangs
from annuaire.lieux.lecture.criteres import Criteres
from annuaire.lieux.lecture.tableau import Tableau

from tests.fabriques.repertoire import ARRONDISSEMENTS, LISTES, MAINTENANT, Fiche, Oracle, Repertoire

pytestmark = pytest.mark.anyio

FILTRES = (
    "code_insee", "code_postal", "departement", "region", "epci", "qpv", "source", "bbox", *LISTES, "themes",
    "accessibilite", "langues", "modifie_depuis", "ouvert_a", "proche", "sans_public",
)  # fmt: skip
TIRAGES, ECHANTILLON = 8, 3
"""Questions a pair: in the long proof, and in the sample of each run."""

QUESTIONS_A_FACETTES, QUESTIONS_DE_L_ECHANTILLON = 500, 150

INSTANTS = (
    MAINTENANT,
    datetime(2026, 3, 10, 18, 30, tzinfo=UTC),
    datetime(2026, 5, 1, 9, tzinfo=UTC),
    datetime(2026, 3, 15, 22, tzinfo=UTC),
)
"""When openings are asked: now, an evening, a holiday, a night that is a morning elsewhere."""

FACETTES = (
    "departement", "region", "epci", "sources", "typologie", "services", "publics_specifiquement_adresses",
    "prise_en_charge_specifique", "frais_a_charge", "itinerance", "dispositif_programmes_nationaux",
    "formations_labels", "modalites_acces", "modalites_accompagnement", "accessibilite", "langues",
)  # fmt: skip


SOUVENT = (*FILTRES, *(("proche", "ouvert_a") * 4))


class Tireur:
    """Draws questions that find something, and some that don't: values come from a place, or from others."""

    def __init__(self, repertoire: Repertoire, graine: int) -> None:
        self.hasard, self._repertoire = random.Random(graine), repertoire
        self._situees = [fiche for fiche in repertoire.fiches if fiche["latitude"] is not None]
        self._trouvables: dict[tuple[str, ...], list[Fiche]] = {}

    def temoin(self, noms: Sequence[str]) -> Fiche:
        """Draw a place, among those that every filter of these names can find when there are any."""
        cle = tuple(noms)
        if cle not in self._trouvables:
            self._trouvables[cle] = [
                fiche for fiche in self._repertoire.fiches if all(self._valeurs(fiche, nom) for nom in noms)
            ]
        return self.hasard.choice(self._trouvables[cle] or self._situees)

    def question(self, noms: Sequence[str]) -> dict[str, Any]:
        """Draw a value, or several, of each filter."""
        temoin = self.temoin(noms)
        question: dict[str, Any] = {}
        for nom in noms:
            # one time in six the filters owe nothing to one another
            fiche = self.temoin([nom]) if self.hasard.random() < 1 / 6 else temoin
            self._poser(question, nom, fiche if fiche["latitude"] is not None else self.hasard.choice(self._situees))
            if nom not in ("proche", "sans_public", "bbox", "ouvert_a", "modifie_depuis"):
                question[nom] = self._plusieurs(nom, fiche)
        return question

    def _poser(self, question: dict[str, Any], nom: str, fiche: Fiche) -> None:
        hasard, latitude, longitude = self.hasard, fiche["latitude"], fiche["longitude"]
        if nom == "bbox":
            cotes = [hasard.choice((0.0, hasard.random() * 0.2, hasard.random())) for _ in range(4)]
            ouest, est = max(longitude - cotes[0], -180), min(longitude + cotes[1], 180)
            question["bbox"] = f"{ouest:.6f},{latitude - cotes[2]:.6f},{est:.6f},{latitude + cotes[3]:.6f}"
        elif nom == "modifie_depuis":
            le = datetime.fromisoformat(fiche["modifie_le"]) + timedelta(seconds=hasard.choice((-1, 0, 0, 1)))
            fuseau = hasard.choice((timedelta(), timedelta(hours=11), timedelta(hours=-9, minutes=-30)))
            question["modifie_depuis"] = (le.replace(tzinfo=None) + fuseau).isoformat() + _decalage(fuseau)
        elif nom == "ouvert_a":
            instant = hasard.choice(INSTANTS)
            question["ouvert_a"] = "maintenant" if instant == MAINTENANT else instant.isoformat()
        elif nom in ("proche", "sans_public"):
            ecart = hasard.choice((0.0, 0.01, 0.1))
            point = (latitude + hasard.gauss(0, ecart), (longitude + hasard.gauss(0, ecart) + 180) % 360 - 180)
            question.setdefault("proche", f"{point[0]:.6f},{point[1]:.6f}")
            if hasard.random() < 0.8:
                question.setdefault("rayon", hasard.choice((1, 2_000, 20_000, 100_000)))
            if nom == "sans_public":
                question["sans_public"] = "true"

    def _valeurs(self, fiche: Fiche, nom: str) -> list[str]:
        """Values by which a place is found."""
        if nom == "code_insee":
            ville = [v for v, siens in ARRONDISSEMENTS.items() if fiche["code_insee"] in siens]
            return [code for code in (fiche["code_insee"], *ville) if code]
        if nom == "qpv":
            return [fiche["qpv"]["code"]] if fiche["qpv"] and fiche["qpv"]["position"] != "dehors" else []
        if nom == "accessibilite":
            return [fiche["accessibilite"]["etat"]]
        if nom == "themes":
            return [t for t, services in self._repertoire.themes.items() if set(services) & set(fiche["services"])]
        if nom in ("bbox", "proche", "sans_public"):
            return ["ici"] if fiche["latitude"] is not None else []
        lu = fiche.get("sources" if nom == "source" else nom, "toujours")
        return lu if isinstance(lu, list) else [lu] if lu else []

    def _plusieurs(self, nom: str, fiche: Fiche) -> list[str]:
        """Draw one value of a place, sometimes others beside it, as labels or as slugs."""
        valeurs = self._valeurs(fiche, nom) or self._valeurs(self.temoin([nom]), nom)
        tirees = [self.hasard.choice(valeurs)]
        while self.hasard.random() < 0.35:
            tirees.append(self.hasard.choice(self._valeurs(self.temoin([nom]), nom)))
        slugs = self._repertoire.slugs.get(nom, {})
        return [slugs.get(valeur, valeur) if self.hasard.random() < 0.5 else valeur for valeur in tirees]


def _decalage(fuseau: timedelta) -> str:
    minutes = int(fuseau.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


async def etats_de(repertoire: Repertoire, question: dict[str, Any]) -> dict[str, str] | None:
    """Return the states at the instant that a question asks, `None` when it asks none."""
    if "ouvert_a" not in question:
        return None
    dit = question["ouvert_a"]
    return await repertoire.etats_a(MAINTENANT if dit == "maintenant" else datetime.fromisoformat(dit))


async def marcher(repertoire: Repertoire, question: dict[str, Any], limite: int) -> list[str]:
    """Read every page of an answer and return its ids."""
    lus = await repertoire.annuaire.tous("/lieux", **question, limite=limite, projection="compacte")
    return [lu["id"] for lu in lus]


ESSAIS = 8
"""A pair whose questions found nothing is asked so many times more, until one does."""


async def eprouver(repertoire: Repertoire, graine: int, tirages: int) -> Counter[str]:
    """Ask questions of every pair of filters; count them, and what makes them a trial."""
    oracle, tireur, comptes = Oracle(repertoire), Tireur(repertoire, graine), Counter[str]()
    hasard, tous = tireur.hasard, len(repertoire.fiches)
    for paire in combinations(FILTRES, 2):
        trouves = 0
        for tirage in range(ESSAIS * tirages):
            if tirage >= tirages and trouves:
                break
            question = tireur.question(paire)
            attendue = oracle.repondre(question, await etats_de(repertoire, question))
            limite = hasard.choice((1, 7, 50, 500))
            reponse = await repertoire.annuaire.get(
                "/lieux", **question, limite=limite, compte="exact", projection="compacte"
            )
            assert reponse.status_code == 200, (question, reponse.text)
            lue = reponse.json()
            assert [lu["id"] for lu in lue["elements"]] == attendue.ids[:limite], question
            assert lue["total"] == len(attendue.ids), question
            assert {n: lue[n] for n in ("ouverts", "inconnus", "fermes") if n in lue} == attendue.comptes, question
            assert (lue["suivant"] is not None) == (len(lue["elements"]) == limite), question
            comptes["questions"] += 1
            comptes["avec réponse"] += bool(attendue.ids)
            comptes["partielles"] += 0 < len(attendue.ids) < tous
            trouves += bool(attendue.ids)
            if hasard.random() < 0.1 and attendue.ids:
                pas = max(3, len(attendue.ids) // 6)
                assert await marcher(repertoire, question, pas) == attendue.ids, question
                comptes["parcourues page à page"] += 1
        comptes["paires"] += 1
        comptes["paires sans réponse"] += not trouves
    return comptes


def juger(comptes: Counter[str], capsys: pytest.CaptureFixture[str], titre: str) -> None:
    """Say what was asked, and refuse a trial that asks nothing."""
    with capsys.disabled():
        print(f"\n  {titre} : " + ", ".join(f"{combien} {quoi}" for quoi, combien in comptes.items()))
    assert comptes["paires"] == len(FILTRES) * (len(FILTRES) - 1) // 2
    assert comptes["paires sans réponse"] == 0
    assert comptes["avec réponse"] > 0.6 * comptes["questions"]
    assert comptes["partielles"] > 0.55 * comptes["questions"]
    assert comptes["parcourues page à page"] > comptes["questions"] / 30


async def test_chaque_paire_de_filtres_repond_comme_un_compte_fait_a_la_main(
    repertoire: Repertoire, capsys: pytest.CaptureFixture[str]
) -> None:
    juger(await eprouver(repertoire, 20_260_310, ECHANTILLON), capsys, "paires de filtres")


@pytest.mark.epreuve
async def test_chaque_paire_de_filtres_longuement(repertoire: Repertoire, capsys: pytest.CaptureFixture[str]) -> None:
    juger(await eprouver(repertoire, 20_260_310, TIRAGES), capsys, "paires de filtres, longuement")


def _sans(nom: str) -> Callable[[Criteres, Tableau, Rangs], Masque]:
    """Make a reading that forgets one of the filters."""

    def masque(criteres: Criteres, tableau: Tableau, rangs: Rangs) -> Masque:
        vide = getattr(Criteres(), nom)
        if nom == "champs":
            vide = tuple(champ for champ in criteres.champs if champ[0] != "services")
        return vrai(dataclasses.replace(criteres, **{nom: vide}), tableau, rangs)

    vrai = Criteres.masque
    return masque


@pytest.mark.parametrize("nom", ["champs", "rectangle", "modifie_depuis", "recoit_du_public"])
async def test_le_compte_fait_a_la_main_voit_un_filtre_oublie(
    repertoire: Repertoire, monkeypatch: pytest.MonkeyPatch, nom: str
) -> None:
    selections = repertoire.annuaire.contexte.modele.tableau._selections
    selections.clear()
    monkeypatch.setattr(Criteres, "masque", _sans(nom))
    with pytest.raises(AssertionError, match=r"^\{"):
        await eprouver(repertoire, 1, 5)
    selections.clear()


@pytest.mark.epreuve
@pytest.mark.postgresql
async def test_chaque_paire_de_filtres_sur_postgresql(
    repertoire_postgresql: Repertoire, capsys: pytest.CaptureFixture[str]
) -> None:
    repertoire_postgresql.horloge.instant = MAINTENANT
    juger(await eprouver(repertoire_postgresql, 7, 2 * TIRAGES), capsys, "paires de filtres, PostgreSQL")


@pytest.mark.parametrize(
    "combien", [QUESTIONS_DE_L_ECHANTILLON, pytest.param(QUESTIONS_A_FACETTES, marks=pytest.mark.epreuve)]
)
async def test_les_facettes_comptent_ce_que_compte_la_main(
    repertoire: Repertoire, capsys: pytest.CaptureFixture[str], combien: int
) -> None:
    oracle, tireur, comptes = Oracle(repertoire), Tireur(repertoire, 500), Counter[str]()
    hasard, par_id = tireur.hasard, {fiche["id"]: fiche for fiche in repertoire.fiches}
    for _ in range(combien):
        question = tireur.question(list(dict.fromkeys(hasard.sample(SOUVENT, hasard.randint(0, 3)))))
        demandees = hasard.sample(FACETTES, hasard.randint(1, 4))
        attendue = oracle.repondre(question, await etats_de(repertoire, question))
        reponse = await repertoire.annuaire.get("/lieux", **question, facettes=demandees, limite=1)
        assert reponse.status_code == 200, reponse.text
        a_la_main = {nom: Counter(v for id in attendue.ids for v in _portees(par_id[id], nom)) for nom in demandees}
        lues = reponse.json()["facettes"]
        assert lues == a_la_main, question
        assert all(list(f.values()) == sorted(f.values(), reverse=True) for f in lues.values())
        comptes["questions"] += 1
        comptes["près d'un point"] += "proche" in question
        comptes["avec ouvert_a"] += "ouvert_a" in question
        comptes["facettes"] += len(demandees)
        comptes["facettes de plusieurs valeurs"] += sum(len(facette) > 1 for facette in lues.values())
    with capsys.disabled():
        print("\n  facettes : " + ", ".join(f"{combien} {quoi}" for quoi, combien in comptes.items()))
    assert comptes["facettes de plusieurs valeurs"] > comptes["facettes"] / 4
    assert min(comptes["près d'un point"], comptes["avec ouvert_a"]) > 20


def _portees(fiche: Fiche, nom: str) -> list[str]:
    if nom == "accessibilite":
        return [fiche["accessibilite"]["etat"]]
    lu = fiche[nom]
    return list(lu) if isinstance(lu, list) else [lu] if lu is not None else []
