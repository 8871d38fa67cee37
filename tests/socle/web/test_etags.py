"""Conditions on entity tags."""

from __future__ import annotations

import pytest
from socle.errors import PreconditionFausse, PreconditionRequise, RequeteInvalide
from socle.web.etags import etag_faible, etag_fort, exiger_if_match, inchange, lire_etags


@pytest.mark.parametrize(
    ("entete", "etag", "attendu"),
    [
        (None, '"a"', False),
        ('"a"', '"a"', True),
        ('"b", W/"a"', '"a"', True),
        ('W/"a"', 'W/"a"', True),
        ('"a"', 'W/"a"', True),
        ("*", '"a"', True),
        ('"b"', '"a"', False),
        ("a", '"a"', False),
        ('"a--gzip"', '"a"', True),
        ('"a""b"', '"b"', False),
    ],
)
def test_if_none_match_compare_faiblement(entete: str | None, etag: str, attendu: bool) -> None:
    assert inchange(entete, etag) is attendu


def test_if_match_absent_est_un_428() -> None:
    with pytest.raises(PreconditionRequise):
        exiger_if_match(None, '"a"')


def test_if_match_perime_est_un_412_avec_l_etag_actuel() -> None:
    with pytest.raises(PreconditionFausse) as refus:
        exiger_if_match('"a"', '"b"')
    assert refus.value.entetes["ETag"] == '"b"'


def test_if_match_compare_fortement() -> None:
    with pytest.raises(PreconditionFausse):
        exiger_if_match('W/"a"', '"a"')
    with pytest.raises(PreconditionFausse):
        exiger_if_match('"a"', 'W/"a"')
    exiger_if_match('"x", "a"', '"a"')


def test_l_etag_d_une_reponse_compressee_designe_la_meme_version() -> None:
    exiger_if_match('"a--gzip"', '"a"')


def test_l_etoile_est_refusee_quand_il_le_faut() -> None:
    exiger_if_match("*", '"a"')
    with pytest.raises(PreconditionRequise):
        exiger_if_match("*", '"a"', etoile=False)


def test_un_if_match_mal_forme_est_un_400() -> None:
    with pytest.raises(RequeteInvalide):
        exiger_if_match("abc", '"a"')


def test_les_etiquettes_s_ecrivent_et_se_lisent() -> None:
    assert lire_etags(f"{etag_fort('a')} , {etag_faible('b,c')}") == [(False, "a"), (True, "b,c")]
