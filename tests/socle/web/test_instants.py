"""Days and instants are written out; a number is not one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import AwareDatetime, TypeAdapter, ValidationError
from socle.web.instants import Instant, Jour

JOUR, INSTANT = TypeAdapter[Any](Jour), TypeAdapter[Any](Instant)


def test_ce_qui_est_ecrit_se_lit() -> None:
    assert JOUR.validate_python("2027-08-02") == date(2027, 8, 2)
    assert INSTANT.validate_python("2027-08-02T10:00:00+02:00") == datetime(2027, 8, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("valeur", [0, 0.5, "0", "0.5", "1798761600", "20270802", True, "", None, b"2027-08-02"])
@pytest.mark.parametrize("lecteur", [JOUR, INSTANT])
def test_un_nombre_n_est_pas_un_temps_unix(lecteur: TypeAdapter[Any], valeur: Any) -> None:
    with pytest.raises(ValidationError):
        lecteur.validate_python(valeur)


@pytest.mark.parametrize("valeur", [0, 86_400, "0", "1798761600"])
@pytest.mark.parametrize(("nu", "garde"), [(date, JOUR), (AwareDatetime, INSTANT)])
def test_sans_la_garde_un_nombre_serait_un_temps_unix(nu: Any, garde: TypeAdapter[Any], valeur: Any) -> None:
    assert TypeAdapter[Any](nu).validate_python(valeur).year in (1970, 2027)
    with pytest.raises(ValidationError):
        garde.validate_python(valeur)


def test_un_instant_sans_decalage_est_refuse() -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python("2027-08-02T10:00:00")
