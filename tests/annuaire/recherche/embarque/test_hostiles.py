"""Whatever is typed, the engine answers, and nothing outside the filters comes out."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.port import ActorQuery, Upsert

from tests.annuaire.recherche.fiches import fiche

pytestmark = pytest.mark.anyio
NOMBRE = 200
_MORCEAUX = (
    '"', "'", "\\", "(", ")", "[", "]", "{", "}", "*", "~", "^", "+", "-", "--", "/", "&&", "||", " OR ", " AND ",
    " NOT ", " TO ", ":", "nom:", "texte:", "types = 'Mairie'", "visible = false", "' OR 1=1 --", "\x00", "\ud800",
    "\udfff", "\u202e", "\u200f", "\u0301\u0301\u0301", "😀", "👩‍👩‍👧‍👦", "ﷺ", "İ", "ß", "œ", "٣٤٥", "中文", "ก็",
    "médiathèque", "mairie", "saint étang", "l'île-aux-ponts", "-sur-Seine", "conseiller numérique", "mediatheqe",
    "33", "974", "97 400", "ordi", "cv", " ", "\t", "\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
)  # fmt: skip


def _questions(combien: int, graine: int) -> Iterator[str]:
    hasard = random.Random(graine)
    for rang in range(combien):
        morceaux = hasard.choices(_MORCEAUX, k=hasard.randrange(1, 9))
        q = hasard.choice(("", " ")).join(morceaux)
        if rang % 50 == 0:
            q = (q * 10_000)[:10_000]
        elif rang % 7 == 0:
            q = "".join(chr(hasard.choice((hasard.randrange(0x250), hasard.randrange(0x11_0000)))) for _ in range(30))
        yield q


async def _eprouver(dossier: Path, combien: int) -> int:
    moteur = MoteurEmbarque(dossier)
    fiches = {f.id: f for f in map(fiche, range(NOMBRE))}
    hasard = random.Random(combien)
    trouvees = 0
    try:
        await moteur.apply([Upsert(f) for f in fiches.values()])
        for rang, q in enumerate(_questions(combien, graine=combien)):
            filtre = hasard.choice((("types", "Mairie"), ("departement", "33"), ("services", "Accès internet")))
            query = ActorQuery(q=q, filters={filtre[0]: (filtre[1],)}, facets=("types",), size=50)
            lue = await moteur.search(query)
            for hit in lue.hits:
                f = fiches[hit.id]
                assert f.visible, q
                assert filtre[1] in f.facets[filtre[0]], q
            assert lue.total >= len(lue.hits)
            trouvees += bool(lue.hits)
            if rang % 5 == 0:
                assert {s.id for s in await moteur.suggest(q, near=None, limit=5)} <= set(fiches)
                assert await moteur.facet_values("types", q[:20], query) is not None
    finally:
        await moteur.close()
    return trouvees


async def test_rien_de_ce_qui_est_tape_ne_fait_tomber_ni_sortir_des_filtres(tmp_path: Path) -> None:
    assert await _eprouver(tmp_path, 300) > 30


@pytest.mark.epreuve
async def test_dix_mille_questions_hostiles(tmp_path: Path) -> None:
    depart = time.process_time()
    trouvees = await _eprouver(tmp_path, 10_000)
    print(f"\n10 000 questions hostiles, {trouvees} avec des résultats, {time.process_time() - depart:.0f} s de calcul")
    assert trouvees > 1_000
