"""« What is open » : open, then unknown, then closed; counted; true until the first change of any place of the set."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.fabriques.annuaire import Annuaire, lieu
from tests.fabriques.horloge import Horloge
from tests.fabriques.repertoire import MAINTENANT, Repertoire

pytestmark = pytest.mark.anyio

AVANT_MIDI = "2026-03-10T11:59:00+01:00"
"""A Tuesday, one minute before noon in Grenoble, 14:59 in Saint-Denis."""

PLACES: tuple[tuple[str, dict[str, Any], str, str | None, str | None], ...] = (
    ("Matin seul", {"horaires": "We 09:00-12:00"}, "ferme", None, "2026-03-11T09:00:00+01:00"),
    ("Sans horaires", {}, "inconnu", None, None),
    ("Coupure", {"horaires": "Mo-Fr 09:00-12:00,14:00-18:00"}, "ouvert", "2026-03-10T12:00:00+01:00", None),
    ("Journée", {"horaires": "Mo-Fr 09:00-18:00"}, "ouvert", "2026-03-10T18:00:00+01:00", None),
    ("Après-midi", {"horaires": "Tu 14:00-18:00"}, "ferme", None, "2026-03-10T14:00:00+01:00"),
    ("Sur rendez-vous", {"horaires": "Mo-Fr 09:00-12:00", "modalites_acces": "Téléphoner"}, "ouvert_sur_rdv",
     "2026-03-10T12:00:00+01:00", None),
    ("Sans horaires non plus", {}, "inconnu", None, None),
    ("La Réunion", {"horaires": "Mo-Fr 09:00-16:00", "commune": "Saint-Denis", "code_postal": "97400",
                    "code_insee": "97411", "latitude": -20.93, "longitude": 55.447}, "ouvert",
     "2026-03-10T16:00:00+04:00", None),
)  # fmt: skip
"""Name, fields, then state, end and next opening at that minute, worked out by hand."""

PAR_ETAT = (
    {"Coupure", "Journée", "Sur rendez-vous", "La Réunion"},
    {"Sans horaires", "Sans horaires non plus"},
    {"Matin seul", "Après-midi"},
)
NOEUD: dict[str, Any] = {"proche": "45.182,5.722", "rayon": 20_000}
PAR_DISTANCE = [
    "Sur rendez-vous", "Journée", "Coupure",
    "Sans horaires non plus", "Sans horaires",
    "Après-midi", "Matin seul",
]  # fmt: skip
"""The last of the list is the nearest; Saint-Denis is far away."""


@pytest.fixture
def horloge(horloge: Horloge) -> Horloge:
    """The clock of this annuaire, stopped one minute before noon."""
    horloge.a(AVANT_MIDI)
    return horloge


async def publier(annuaire: Annuaire) -> str:
    """Publish the places, each a little nearer than the one before, and return their source."""
    source, lignes = await annuaire.creer_source(), []
    for rang, (nom, champs, *_) in enumerate(PLACES):
        point = {"latitude": round(45.182 + (len(PLACES) - rang) * 0.003, 6), "longitude": 5.722}
        lignes.append(lieu(0, **{"id": f"p-{rang}", "nom": nom, **point, **champs}))
    await annuaire.synchroniser(source, lignes)
    return source


def noms(page: dict[str, Any]) -> list[str]:
    return [lu["nom"] for lu in page["elements"]]


async def lire(annuaire: Annuaire, source: str, **question: Any) -> dict[str, Any]:
    reponse = await annuaire.get("/lieux", **{"source": source, "ouvert_a": "maintenant", **question})
    assert reponse.status_code == 200, reponse.text
    page: dict[str, Any] = reponse.json()
    return page


@pytest.mark.parametrize("ouvert_a", ["maintenant", AVANT_MIDI, "2026-03-10T10:59:00Z", "2026-03-10T14:59:00+04:00"])
async def test_ce_qui_est_ouvert_vient_d_abord_puis_l_inconnu_puis_le_ferme(
    annuaire: Annuaire, horloge: Horloge, ouvert_a: str
) -> None:
    source = await publier(annuaire)
    if ouvert_a != "maintenant":
        horloge.instant = datetime(2026, 8, 15, 3, tzinfo=UTC)
    page = await lire(annuaire, source, ouvert_a=ouvert_a)
    ids = {lu["nom"]: lu["id"] for lu in page["elements"]}
    assert noms(page) == [nom for groupe in PAR_ETAT for nom in sorted(groupe, key=ids.__getitem__)]
    assert (page["ouverts"], page["inconnus"], page["fermes"]) == (4, 2, 2)
    lues = {lu["nom"]: lu["ouverture"] for lu in page["elements"]}
    assert lues == {
        nom: {"etat": etat, "ferme_a": ferme_a, "prochaine": prochaine}
        for nom, _, etat, ferme_a, prochaine in PLACES
    }  # fmt: skip


async def test_dans_un_meme_etat_le_plus_proche_vient_d_abord(annuaire: Annuaire, horloge: Horloge) -> None:
    source = await publier(annuaire)
    page = await lire(annuaire, source, **NOEUD)
    assert noms(page) == PAR_DISTANCE
    assert (page["ouverts"], page["inconnus"], page["fermes"]) == (3, 2, 2)
    assert noms(await lire(annuaire, source, **NOEUD, limite=2)) == PAR_DISTANCE[:2]


async def test_la_page_vaut_jusqu_au_premier_changement_d_un_lieu_de_l_ensemble(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    source = await publier(annuaire)
    # the only place shown closes at 18:00, but others would come before it from noon on
    page = await lire(annuaire, source, **NOEUD, limite=1, services="aide-aux-demarches-administratives")
    assert page["valable_jusqu_a"] == "2026-03-10T11:00:00Z"
    horloge.instant = datetime.fromisoformat("2026-03-10T12:00:00+01:00")
    apres = await lire(annuaire, source, **NOEUD)
    assert apres["valable_jusqu_a"] == "2026-03-10T13:00:00Z"
    assert (apres["ouverts"], apres["inconnus"], apres["fermes"]) == (1, 2, 4)
    assert noms(apres)[0] == "Journée"


async def test_le_304_est_refuse_des_le_premier_changement_de_l_ensemble(annuaire: Annuaire, horloge: Horloge) -> None:
    source = await publier(annuaire)
    question: dict[str, Any] = {"source": source, "ouvert_a": "maintenant", "limite": 1, **NOEUD}
    avant = await annuaire.get("/lieux", **question)
    assert avant.headers["cache-control"] == "public, max-age=30, must-revalidate"
    si_different = {"If-None-Match": avant.headers["etag"]}
    horloge.instant = datetime.fromisoformat("2026-03-10T11:59:59+01:00")
    encore = await annuaire.get("/lieux", entetes=si_different, **question)
    assert (encore.status_code, encore.headers["etag"]) == (304, avant.headers["etag"])
    assert encore.headers["cache-control"] == "public, max-age=1, must-revalidate"
    horloge.instant = datetime.fromisoformat("2026-03-10T12:00:00+01:00")
    apres = await annuaire.get("/lieux", entetes=si_different, **question)
    assert (apres.status_code, noms(apres.json())) == (200, ["Journée"])


async def test_quand_rien_n_est_ouvert_la_prochaine_ouverture_est_dite(annuaire: Annuaire, horloge: Horloge) -> None:
    source = await publier(annuaire)
    horloge.instant = datetime.fromisoformat("2026-03-15T03:00:00+01:00")
    page = await lire(annuaire, source)
    assert (page["ouverts"], page["inconnus"], page["fermes"]) == (0, 2, 6)
    assert {lu["nom"]: lu["ouverture"]["prochaine"] for lu in page["elements"][2:]} == {
        "Coupure": "2026-03-16T09:00:00+01:00", "Journée": "2026-03-16T09:00:00+01:00",
        "Sur rendez-vous": "2026-03-16T09:00:00+01:00", "La Réunion": "2026-03-16T09:00:00+04:00",
        "Matin seul": "2026-03-18T09:00:00+01:00", "Après-midi": "2026-03-17T14:00:00+01:00",
    }  # fmt: skip
    assert [lu["ouverture"]["etat"] for lu in page["elements"][:2]] == ["inconnu"] * 2


@pytest.mark.parametrize("question", [{}, NOEUD])
@pytest.mark.parametrize("limite", [1, 2, 3])
async def test_les_pages_montrent_chaque_lieu_une_fois_meme_quand_midi_sonne_entre_deux(
    annuaire: Annuaire, horloge: Horloge, question: dict[str, Any], limite: int
) -> None:
    source = await publier(annuaire)
    entiere = await lire(annuaire, source, **question)
    lus: list[str] = []
    curseur: dict[str, str] = {}
    while True:
        page = await lire(annuaire, source, **question, limite=limite, **curseur)
        comptes = [page[nom] for nom in ("ouverts", "inconnus", "fermes")]
        assert comptes == [entiere[nom] for nom in ("ouverts", "inconnus", "fermes")]
        lus += noms(page)
        # 11:59, then noon, 14:00, 18:00…
        horloge.instant += timedelta(hours=2, minutes=1)
        if page["suivant"] is None:
            break
        curseur = {"curseur": page["suivant"]}
    assert lus == noms(entiere)


async def test_chaque_valable_jusqu_a_est_le_premier_changement(
    repertoire: Repertoire, capsys: pytest.CaptureFixture[str]
) -> None:
    # one second before it nothing has changed, at that very second something has
    hasard, annuaire, eprouvees, exactes = random.Random(12), repertoire.annuaire, 0, 0
    departements = sorted({fiche["departement"] for fiche in repertoire.fiches if fiche["departement"]})
    for _ in range(60):
        question: dict[str, Any] = {"departement": hasard.choice(departements), "ouvert_a": "maintenant", "limite": 500}
        repertoire.horloge.instant = MAINTENANT + timedelta(minutes=hasard.randrange(60 * 24 * 60))
        page = (await annuaire.get("/lieux", **question)).json()
        if "valable_jusqu_a" not in page:
            assert page["inconnus"] == len(page["elements"]) - page["fermes"]
            continue
        fin = datetime.fromisoformat(page["valable_jusqu_a"])
        assert fin > repertoire.horloge.instant
        repertoire.horloge.instant = fin - timedelta(seconds=1)
        assert (await annuaire.get("/lieux", **question)).json()["elements"] == page["elements"], question
        repertoire.horloge.instant = fin
        change = (await annuaire.get("/lieux", **question)).json()["elements"] != page["elements"]
        # what lies beyond fourteen days comes into sight at midnight, and may bring nothing
        minuits = {fin.astimezone(ZoneInfo(lu["fuseau"])).strftime("%H:%M") for lu in page["elements"]}
        assert change or "00:00" in minuits, (question, fin)
        eprouvees, exactes = eprouvees + 1, exactes + change
    with capsys.disabled():
        print(f"\n  valable_jusqu_a : {eprouvees} ensembles, {exactes} changent à cette seconde, les autres à minuit")
    assert exactes > 40
