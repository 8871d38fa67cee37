"""Codes of territories as callers write them."""

from __future__ import annotations

from typing import Annotated

from socle.web.formes import Forme

CodeCommune = Annotated[str, Forme(r"^(\d{2}|2[AB])\d{3}$", "un code INSEE de commune, comme 38185 ou 2A004,")]
CodePostal = Annotated[str, Forme(r"^\d{5}$", "un code postal de cinq chiffres")]
CodeDepartement = Annotated[str, Forme(r"^(\d{2}|2[AB]|9[78]\d)$", "un code de département, comme 38, 2A ou 974,")]
CodeRegion = Annotated[str, Forme(r"^\d{2,3}$", "un code de région, comme 84,")]
CodeEpci = Annotated[str, Forme(r"^\d{9}$", "un SIREN de neuf chiffres")]
CodeQpv = Annotated[str, Forme(r"^QN[0-9AB]{5}[A-Z]$", "un code de quartier prioritaire, comme QN07501M,")]
