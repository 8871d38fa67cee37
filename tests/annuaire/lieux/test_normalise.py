"""The canonical form of a record: native code writes what the definition says."""

from __future__ import annotations

import json

from annuaire.lieux.normalise import LieuNormalise
from hypothesis import example, given
from hypothesis import strategies as st
from socle.identifiants import jcs

degres = st.none() | st.floats(-180, 180) | st.floats(-180, 180).map(lambda x: round(x, 6))
textes = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(degres, degres, textes, st.lists(textes, max_size=3), st.none() | st.booleans())
@example(46.0, -0.0, "", [], True)
@example(1e-05, 0.000123, '"\\\n\x7f\u2028é😀', ["\t"], None)
@example(5e-324, 179.999999, "", [], False)
def test_une_fiche_s_ecrit_sous_sa_forme_canonique(
    latitude: float | None, longitude: float | None, nom: str, services: list[str], publication: bool | None
) -> None:
    fiche = LieuNormalise(
        nom=nom, latitude=latitude, longitude=longitude, services=tuple(services), publication_contact=publication
    )
    assert fiche.canonique() == jcs(fiche.en_dict())
    assert LieuNormalise.de_dict(json.loads(fiche.canonique())) == fiche
