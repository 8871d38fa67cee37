"""Cursors: opaque, short, bound to their query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socle.errors import RequeteInvalide
from socle.web.pagination import TAILLE_CURSEUR, Adresse, Curseurs, Valeur, empreinte_requete, liens

CURSEURS = Curseurs(b"s" * 32)


@given(st.lists(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8), max_size=3))
def test_une_position_se_relit_telle_quelle(position: list[Valeur]) -> None:
    curseur = CURSEURS.encoder(position, "/a?b=1")
    assert CURSEURS.decoder(curseur, "/a?b=1") == position
    assert len(curseur) <= TAILLE_CURSEUR


@given(st.text(max_size=300))
def test_un_curseur_invente_est_un_400(texte: str) -> None:
    with pytest.raises(RequeteInvalide):
        CURSEURS.decoder(texte, "/a")


def test_un_curseur_d_une_autre_requete_est_refuse() -> None:
    with pytest.raises(RequeteInvalide):
        CURSEURS.decoder(CURSEURS.encoder(["x"], "/a?b=1"), "/a?b=2")


def test_un_curseur_d_un_autre_secret_est_refuse() -> None:
    with pytest.raises(RequeteInvalide):
        Curseurs(b"t" * 32).decoder(CURSEURS.encoder(["x"], "/a"), "/a")


def test_un_curseur_altere_d_un_caractere_est_refuse() -> None:
    curseur = CURSEURS.encoder(["abc", 12], "/a")
    for rang in range(len(curseur)):
        autre = curseur[:rang] + ("A" if curseur[rang] != "A" else "B") + curseur[rang + 1 :]
        with pytest.raises(RequeteInvalide):
            CURSEURS.decoder(autre, "/a")


def test_une_position_trop_longue_est_une_faute_du_service() -> None:
    with pytest.raises(ValueError, match="clés de tri"):
        CURSEURS.encoder(["x" * 300], "/a")


def test_un_secret_trop_court_est_refuse() -> None:
    with pytest.raises(ValueError, match="32"):
        Curseurs(b"court")


def test_la_requete_liee_ignore_l_ordre_la_page_et_la_limite() -> None:
    une = empreinte_requete("/a", [("b", "1"), ("a", "2"), ("limite", "10"), ("curseur", "x")])
    assert une == empreinte_requete("/a", [("a", "2"), ("b", "1"), ("limite", "20")])
    assert une != empreinte_requete("/b", [("a", "2"), ("b", "1")])
    assert une != empreinte_requete("/a", [("a", "2"), ("b", "2")])


def test_les_liens_sont_absolus_et_gardent_les_parametres() -> None:
    dits = liens("https://exemple.fr/", "/a", [("q", "é&"), ("curseur", "vieux")], suivant="neuf")
    assert dits == (
        '<https://exemple.fr/a?q=%C3%A9%26>; rel="first", <https://exemple.fr/a?q=%C3%A9%26&curseur=neuf>; rel="next"'
    )


def test_la_derniere_page_n_a_pas_de_lien_suivant() -> None:
    assert "next" not in liens("https://exemple.fr", "/a", [], suivant=None)


def test_une_adresse_ecrit_ce_qu_on_ecrirait_sans_elle() -> None:
    pieges = ["", "a b", "'\\x00'", "%00", "é", "1,5", "('ou', '\\x00')", '"\\x00"']
    listes = [[], [("limite", "20")], *([("q", p), ("q", p[::-1]), ("curseur", "zz"), ("a", p)] for p in pieges)]
    for autres in listes:
        for valeur in (None, "48.8566,2.3522", "-0,-1.5", "x y,é"):
            paires = autres if valeur is None else [*autres[:1], ("ou", valeur), *autres[1:]]
            adresse = Adresse("https://exemple.test/", "/liste", paires, variable="ou")
            ailleurs = [(nom, "9,9" if nom == "ou" else dit) for nom, dit in paires]
            for point, dites in ((valeur, paires), (None if valeur is None else "9,9", ailleurs)):
                assert adresse.empreinte(point) == empreinte_requete("/liste", dites)
                for suivant in (None, "abc-_1"):
                    attendu = liens("https://exemple.test/", "/liste", dites, suivant=suivant)
                    assert adresse.liens(point, suivant=suivant) == attendu
