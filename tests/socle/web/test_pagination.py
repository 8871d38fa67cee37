"""Cursors: opaque, short, bound to their query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socle.errors import RequeteInvalide
from socle.web.pagination import TAILLE_CURSEUR, Curseurs, Valeur, empreinte_requete, liens

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
