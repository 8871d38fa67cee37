"""Values of closed lists as callers write them."""

from __future__ import annotations

from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function

from annuaire.referentiels.repository import Referentiels
from annuaire.referentiels.rules import proche, reconnaitre


class ValeurDe:
    """A value of a closed list: its label or its slug, read as people write them, to put in an `Annotated[str, …]`."""

    def __init__(self, nom: str) -> None:
        self._nom, self._liste = nom, Referentiels.charger()[nom]

    def lire(self, texte: str) -> str:
        valeur = reconnaitre(self._liste, texte)
        if valeur is None:
            voisine = proche(self._liste, texte)
            suite = f" ; vouliez-vous « {voisine} » ?" if voisine else f" : voyez /annuaire/v1/referentiels/{self._nom}"
            raise ValueError(f"valeur inconnue{suite}")
        return valeur

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self.lire, handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        admises = dict.fromkeys(ecriture for une in self._liste for ecriture in (une.valeur, une.slug))
        return {"type": "string", "enum": list(admises)}
