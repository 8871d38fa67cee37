"""Logs without personal data."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from socle.web.observabilite import configurer_journaux, journal, masquer

SECRETS = [
    "mnk_local_abcdefghij_" + "S" * 43 + "_123456",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
    "contact@exemple.fr",
    "jean.dupont+liste@mairie.exemple.fr",
    "01 99 00 12 34",
    "0199001234",
    "+33 1 99 00 12 34",
    "01.99.00.12.34",
    "+33199001234",
    "01-99-00-12-34",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("gabarit", ["{}", "avant {} après", '{{"a": "{}"}}', "x={}&y=1", "<{}>"])
def test_un_secret_est_masque_ou_qu_il_soit(secret: str, gabarit: str) -> None:
    texte = masquer(gabarit.format(secret))
    assert secret not in texte
    assert "[" in texte


@pytest.mark.parametrize("texte", ["Bearer abcdefghijkl", "basic YWxhZGRpbjpvcGVu"])
def test_une_autorisation_est_masquee(texte: str) -> None:
    assert "[masqué]" in masquer(texte)


@pytest.mark.parametrize(
    "texte",
    [
        "2026-11-24T13:30:00Z",
        "statut 200 en 12.5 ms",
        "0197f3aa-0000-7000-8000-000000000000",
        "dix lignes lues",
        "code 01004",
    ],
)
def test_un_texte_ordinaire_reste_tel_quel(texte: str) -> None:
    assert masquer(texte) == texte


def test_une_ligne_de_journal_est_un_objet_json_masque(capsys: pytest.CaptureFixture[str]) -> None:
    journal("essai").info("vu", courriel="contact@exemple.fr", liste=[{"a": "0199001234"}], trace="0" * 32)
    ligne: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert ligne["courriel"] == "[courriel]"
    assert ligne["liste"] == [{"a": "[téléphone]"}]
    assert ligne["trace"] == "0" * 32
    assert (ligne["service"], ligne["level"]) == ("essai", "info")


def test_une_exception_est_ecrite_masquee(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("contact@exemple.fr")
    except ValueError as exc:
        journal("essai").error("panne", exc_info=exc)
    sortie = capsys.readouterr().out
    assert "contact@exemple.fr" not in sortie
    assert "ValueError" in json.loads(sortie)["exception"]


def test_les_bibliotheques_ecrivent_dans_la_meme_forme(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", list(logging.root.handlers))
    monkeypatch.setattr(logging.root, "level", logging.root.level)
    configurer_journaux("essai")
    logging.getLogger("ailleurs").warning("appel de %s", "contact@exemple.fr")
    ligne = json.loads(capsys.readouterr().out)
    assert (ligne["event"], ligne["service"]) == ("appel de [courriel]", "essai")
