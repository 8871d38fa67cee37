"""Searches that nobody honest sends: each is answered or refused, and none gets out of its filters."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from annuaire.recherche.champs import FACETTES
from annuaire.recherche.parameters import FiltresActeurs, ParametresRecherche
from annuaire.recherche.port import ActorQuery
from socle.acces.principal import ANONYME

from tests.annuaire.recherche.conftest import Chercheur
from tests.fabriques.requetes_hostiles import POURCENTS, UNICODE, VALEURS

pytestmark = pytest.mark.anyio

SYNTAXES = (
    '" OR genre = "structure', "' OR 1=1 --", 'departement = "75"', "-fictif", "+fictif", "fic*", "*", "fictif~2", "^9",
    "nom:fictif", "[a TO b]", "(((", '"', '""', '"fictif', "_geoRadius(0,0,9)", "NOT departement EXISTS", "\\", "\\\\",
    "departement IN [75]", "AND", "OR", "NOT", "a AND NOT b", "{!lucene}a", "$where", "%", "_", "fictif\\", "a" * 200,
    " ".join("abcdefghijklmnop"), "é" * 200, "e\u0301" * 100, "\u202efictif", "😀" * 100, "中文 字", "٣٤٥", "st " * 60,
    "l'" * 90, "c.a.f." * 30, '"a b" ' * 30, "-" * 200, "'" * 200,
)  # fmt: skip
FILTRE = {"departement": "38", "genre": "lieu"}
"""What every answer must keep to."""


@dataclass
class Tir:
    """One request: an address under `/recherche`, and whether it bears the filter."""

    cible: str
    filtree: bool


class Tireur:
    """Draws searches; the same seed draws the same ones."""

    def __init__(self, graine: int) -> None:
        self.hasard = random.Random(graine)
        self.noms = [*ParametresRecherche.model_fields, "prefixe", "inconnu", "visibility", "q[]"]

    def texte(self) -> bytes:
        hasard = self.hasard
        sorte = hasard.random()
        if sorte < 0.12:
            return hasard.choice(POURCENTS)
        if sorte < 0.7:
            morceaux = [hasard.choice((*SYNTAXES, *VALEURS, *UNICODE)) for _ in range(hasard.randrange(1, 4))]
            texte = hasard.choice(("", " ", '"')).join(morceaux)[: hasard.choice((20, 200, 200, 300))]
        else:
            texte = "".join(chr(hasard.randrange(1, 0x2FFF)) for _ in range(hasard.randrange(40)))
        return quote(texte.encode("utf-8", "replace")).encode()

    def tirer(self) -> Tir:
        hasard = self.hasard
        chemin = hasard.choice(("", "", "", "/suggestions", f"/facettes/{hasard.choice(FACETTES)}", "/facettes/%22"))
        paires = [b"q=" + self.texte()]
        filtree = chemin == "" and hasard.random() < 0.7
        if filtree:
            paires += [f"{nom}={valeur}".encode() for nom, valeur in FILTRE.items()]
        for _ in range(hasard.choice((0, 0, 0, 1, 1, 2))):
            nom = hasard.choice(self.noms)
            if nom not in FILTRE and nom not in ("q", "format", "projection"):
                paires.append(quote(nom).encode() + b"=" + self.texte())
        hasard.shuffle(paires)
        return Tir(f"/recherche{chemin}?{b'&'.join(paires).decode('latin-1')}", filtree)


async def _tirer(chercheur: Chercheur, combien: int, graine: int) -> Counter[int]:
    """Send searches; return how many got each status. Fails on any fault, and on any answer out of its filter."""
    tireur, statuts = Tireur(graine), Counter[int]()
    annuaire = chercheur.annuaire
    for _ in range(combien):
        tir = tireur.tirer()
        reponse = await annuaire.client.get(
            "/annuaire/v1" + tir.cible, headers=annuaire.entetes(ANONYME, ecriture=False)
        )
        statuts[reponse.status_code] += 1
        assert reponse.status_code in (200, 400, 404), (tir.cible, reponse.text)
        if reponse.status_code != 200:
            assert reponse.json()["title"], tir.cible
        elif tir.filtree:
            for element in reponse.json()["elements"]:
                assert (element["genre"], element["departement"]) == ("lieu", "38"), tir.cible
    return statuts


@pytest.mark.parametrize("combien", [300, pytest.param(10_000, marks=pytest.mark.epreuve)])
async def test_une_recherche_hostile_est_servie_ou_refusee(chercheur: Chercheur, combien: int) -> None:
    statuts = await _tirer(chercheur, combien, 2026)
    print(f"\n{combien} recherches hostiles : {dict(statuts)}")
    assert statuts[200] > combien / 4
    assert statuts[400] > combien / 10


async def test_une_recherche_qui_sort_de_ses_filtres_est_vue(
    chercheur: Chercheur, monkeypatch: pytest.MonkeyPatch
) -> None:
    vraie = FiltresActeurs.requete
    monkeypatch.setattr(FiltresActeurs, "requete", lambda self, **o: _sans_filtre(vraie(self, **o)))
    with pytest.raises(AssertionError):
        await _tirer(chercheur, 300, 2026)


def _sans_filtre(requete: ActorQuery) -> ActorQuery:
    return ActorQuery(q=requete.q, page=requete.page, size=requete.size)


async def test_une_orientation_hostile_est_servie_ou_refusee(chercheur: Chercheur) -> None:
    hasard = random.Random(7)
    statuts = Counter[int]()
    valeurs: tuple[Any, ...] = (
        *SYNTAXES,
        *VALEURS,
        None,
        True,
        -1,
        2**70,
        1e308,
        [],
        {},
        [[]],
        {"latitude": 1},
        [None] * 30,
    )
    champs = (
        "services",
        "themes",
        "publics",
        "quand",
        "langue",
        "accompagnement",
        "limite",
        "distance_max_m",
        "gratuit",
    )
    for _ in range(100):
        demande: dict[str, Any] = {"besoin": hasard.choice(SYNTAXES), "point": {"latitude": 45.18, "longitude": 5.72}}
        if hasard.random() < 0.6:
            demande[hasard.choice((*champs, "besoin", "point", "inconnu"))] = hasard.choice(valeurs)
        reponse = await chercheur.orienter(**demande)
        statuts[reponse.status_code] += 1
        assert reponse.status_code in (200, 422), (demande, reponse.text)
        if reponse.status_code == 200:
            assert all(proposition["lieu"]["id"] for proposition in reponse.json()["propositions"])
    assert statuts[200] > 20
    assert statuts[422] > 20
