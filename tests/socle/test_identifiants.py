"""Canonical JSON, fingerprints and identifiers, against outside references."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socle.identifiants import empreinte, jcs, uuid7

# RFC 8785, appendix B: bits of an IEEE 754 double, and what ECMAScript writes
NOMBRES = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "attendu"), NOMBRES)
def test_un_nombre_s_ecrit_comme_en_ecmascript(bits: str, attendu: str) -> None:
    (nombre,) = struct.unpack(">d", bytes.fromhex(bits))
    assert jcs(nombre).decode() == attendu


@pytest.mark.parametrize("nombre", [math.nan, math.inf, -math.inf])
def test_un_nombre_qui_n_en_est_pas_un_est_refuse(nombre: float) -> None:
    with pytest.raises(ValueError, match="ni NaN ni infini"):
        jcs([nombre])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_tout_nombre_se_relit_egal(nombre: float) -> None:
    assert float(jcs(nombre)) == nombre


def test_l_exemple_de_la_rfc() -> None:
    # RFC 8785 §3.2.2 and §3.2.3: input and canonical bytes
    entree = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    attendu = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert jcs(entree) == attendu.encode()


def test_les_cles_se_trient_par_unites_utf_16() -> None:
    # RFC 8785 §3.2.3: a character outside the basic plane sorts before U+FB33
    cles = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    attendu = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(jcs(dict.fromkeys(cles, 0)))) == attendu


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda enfants: st.lists(enfants, max_size=4) | st.dictionaries(st.text(), enfants, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_la_forme_canonique_se_relit_et_ne_bouge_plus(valeur: Any) -> None:
    canonique = jcs(valeur)
    # beyond 2⁵³ digits without a point are a double, as every number is in ECMAScript
    relue = json.loads(canonique, parse_int=lambda chiffres: int(chiffres) if len(chiffres) < 16 else float(chiffres))
    assert relue == valeur
    assert jcs(relue) == canonique


@given(st.dictionaries(st.text(), st.integers(), min_size=2, max_size=6))
def test_l_ordre_des_membres_ne_change_pas_l_empreinte(valeur: dict[str, int]) -> None:
    retournee = dict(reversed(valeur.items()))
    assert empreinte(retournee) == empreinte(valeur) == hashlib.sha256(jcs(valeur)).hexdigest()


@pytest.mark.parametrize("valeur", [{1: "a"}, {None: "a"}, {"a": {True: 1}}])
def test_une_cle_qui_n_est_pas_un_texte_est_refusee(valeur: Any) -> None:
    with pytest.raises(ValueError, match="clés de texte"):
        jcs(valeur)


@pytest.mark.parametrize("valeur", [{1, 2}, b"octets", object(), 1j])
def test_une_valeur_qui_n_est_pas_du_json_est_refusee(valeur: Any) -> None:
    with pytest.raises(ValueError, match="JCS ne connaît pas"):
        jcs({"a": valeur})


def test_un_texte_qui_n_est_pas_de_l_unicode_est_refuse() -> None:
    with pytest.raises(ValueError):
        jcs("\ud800")


def test_l_uuid7_suit_l_exemple_de_la_rfc() -> None:
    # RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC, rand_a = 0xCC3, rand_b = 0x18C4DC0C0C07398F
    hasard = (0xCC3 << 62 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    assert (
        str(uuid7(horloge=lambda: 1645557742.0, alea=lambda n: hasard[-n:])) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    )


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_l_uuid7_porte_sa_version_sa_variante_et_son_instant(millisecondes: int, hasard: bytes) -> None:
    id = uuid7(horloge=lambda: millisecondes / 1000, alea=lambda _: hasard)
    assert (id.version, id.variant) == (7, "specified in RFC 4122")
    assert abs((id.int >> 80) - millisecondes) <= 1


def test_les_uuid7_se_rangent_dans_l_ordre_des_instants_et_ne_se_repetent_pas() -> None:
    ids = [uuid7(horloge=lambda n=n: 1_700_000_000 + n) for n in range(1000)]
    assert ids == sorted(ids)
    assert len({uuid7() for _ in range(10_000)}) == 10_000
