"""What people type finds what they mean, on fictional records; the long sets are in tests/perf/recherche.py."""

from __future__ import annotations

import gzip
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from annuaire.recherche import evaluation
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.francais.surlignage import surligner
from annuaire.recherche.port import ActorDocument, ActorQuery, Upsert

from tests.annuaire.recherche.autres_questions import BUT, BUT_PRINCIPAL, BUTS, tirer

pytestmark = pytest.mark.anyio
RACINE = Path(__file__).parents[3]
JEUX = Path(os.environ.get("MAILLAGE_JEUX") or RACINE.parent / "shared" / "donnees")
CORPUS = JEUX / "recherche" / "acteurs-25k.jsonl.gz"

FICHES = {
    "mairie": ("Mairie de Montclair", "Montclair", "42110", "Mairie", "Aide aux démarches administratives", ()),
    "fablab": ("La Ruche", "Saint-Étang", "33000", "Tiers-lieu / Fablab", "Loisirs et créations numériques", ()),
    "epn": ("Cyber-base du Lavoir", "Saint-Étang", "33000", "EPN", "Utilisation sécurisée du numérique", ("Surdité",)),
    "samp": ("Mairie de Samp", "Samp", "29400", "Mairie", "Accès internet et matériel informatique", ()),
    "voisine": ("Mairie de Montclair-le-Haut", "Montclair-le-Haut", "42120", "Mairie", "Loisirs et créations", ()),
    "numero": ("Mairie des Prés", "Les Prés", "69100", "Mairie", "Loisirs et créations", ()),
}


@pytest.fixture
async def moteur(tmp_path: Path) -> AsyncIterator[MoteurEmbarque]:
    engine = MoteurEmbarque(tmp_path)
    docs = [
        ActorDocument(
            id=id, v=1, facets={"publics": publics},
            texts={"nom": (nom,), "commune": (commune,), "code_postal": (code,), "type": (genre,),
                   "services": (service,), "adresse": ("42 rue du Lavoir",) if id == "numero" else ()},
        )
        for id, (nom, commune, code, genre, service, publics) in FICHES.items()
    ]  # fmt: skip
    await engine.apply([Upsert(doc) for doc in docs])
    yield engine
    await engine.close()


@pytest.mark.parametrize(
    ("q", "premiere"),
    [
        ("payer la cantine en ligne", "mairie"),
        ("spam", "epn"),
        ("arnake sms", "epn"),
        ("apprendre à coder", "fablab"),
        ("malentendante", "epn"),
        ("mairie 42", "mairie"),
        ("mairie Loire", "mairie"),
        ("cyberbase gironde", "epn"),
        ("mairie bretagne", "samp"),
        ("montclair", "mairie"),
        ("fablab 33 000", "fablab"),
        ("mairie Rhône-Alpes", "mairie"),
        ("mairie de Samp numéro de téléphone", "samp"),
        ("mairie deMontclair", "mairie"),
        ("numéribus vélo apprendre à coder", "fablab"),
    ],
)
async def test_ce_que_l_on_tape_trouve_ce_que_l_on_veut_dire(moteur: MoteurEmbarque, q: str, premiere: str) -> None:
    lue = await moteur.search(ActorQuery(q=q))
    assert [hit.id for hit in lue.hits][:1] == [premiere]


async def test_les_mots_trouves_se_montrent_dans_le_texte(moteur: MoteurEmbarque) -> None:
    (hit,) = (await moteur.search(ActorQuery(q="cyber base lavoir"))).hits[:1]
    texte = FICHES[hit.id][0]
    assert [texte[debut:fin] for debut, fin in surligner(texte, hit.matched_words)] == ["Cyber", "base", "Lavoir"]


def test_un_sigle_et_un_accent_se_surlignent_entiers() -> None:
    texte = "L’accueil de la C.A.F., à l'Île-aux-Élans"
    assert [texte[a:b] for a, b in surligner(texte, ("caf", "ile", "elans"))] == ["C.A.F.", "Île", "Élans"]


@pytest.mark.donnees_reelles
@pytest.mark.skipif(not CORPUS.exists(), reason="le corpus de recherche est absent (MAILLAGE_JEUX)")
@pytest.mark.epreuve
async def test_l_autre_jeu_de_questions_atteint_ses_seuils(tmp_path: Path) -> None:
    with gzip.open(CORPUS, "rt", encoding="utf-8") as flux:
        documents = {lu["id"]: lu for lu in map(json.loads, flux)}
    engine = MoteurEmbarque(tmp_path)
    ids = await evaluation.indexer(engine, evaluation.lire_corpus(CORPUS))
    notes: dict[str, list[bool]] = defaultdict(list)
    for essai in tirer(list(documents.values()), 1):
        page = await engine.search(ActorQuery(q=essai.q))
        notes[essai.categorie].append(essai.reussie([documents[ids[hit.id]] for hit in page.hits]))
    await engine.close()
    for categorie, lues in notes.items():
        print(f"{categorie:<20} {sum(lues)} / {len(lues)}")
        assert 100 * sum(lues) >= BUTS.get(categorie, BUT) * len(lues), categorie
    principales = [note for categorie, lues in notes.items() if categorie != "difficile" for note in lues]
    assert 100 * sum(principales) >= BUT_PRINCIPAL * len(principales)
