"""Parameters of the exports."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from annuaire.exports.formats import FORMATS, Dialecte, NomDeFormat, suggerer
from annuaire.lieux.filtres import VALEURS_MAX, IdSource
from annuaire.lieux.repository import Filtres
from annuaire.territoires.codes import CodeCommune, CodeDepartement, CodeEpci, CodeRegion
from annuaire.territoires.referentiel import Referentiel

TABLEAUX = frozenset({"csv", "excel"})


def _connu(nom: Any) -> Any:
    if nom in FORMATS:
        return nom
    proche = suggerer(str(nom))
    suite = f" ; vouliez-vous « {proche} » ?" if proche else ""
    raise ValueError(f"format inconnu, parmi {', '.join(FORMATS)}{suite}")


FormatDemande = Annotated[NomDeFormat, BeforeValidator(_connu)]


class ParametresTerritoire(BaseModel):
    """Filtres : les valeurs répétées d'un même filtre s'ajoutent, les filtres se croisent."""

    model_config = ConfigDict(extra="forbid")

    code_insee: Annotated[
        list[CodeCommune], Field(max_length=VALEURS_MAX, description="Commune ou arrondissement (code INSEE).")
    ] = []
    departement: Annotated[list[CodeDepartement], Field(max_length=VALEURS_MAX, description="Département.")] = []
    region: Annotated[list[CodeRegion], Field(max_length=VALEURS_MAX, description="Région.")] = []
    epci: Annotated[list[CodeEpci], Field(max_length=VALEURS_MAX, description="EPCI (SIREN).")] = []
    source: Annotated[
        list[IdSource],
        Field(
            max_length=VALEURS_MAX,
            description="Source de la fiche. D'une seule source, `id` est la clé que chaque lieu y porte.",
        ),
    ] = []

    def filtres(self, referentiel: Referentiel) -> Filtres:
        """Return the filters as the database knows them: a city is widened to its arrondissements."""
        communes = [c for code in self.code_insee for c in (code, *(a.code for a in referentiel.arrondissements(code)))]
        return replace(self.demandes(), code_insee=tuple(dict.fromkeys(communes)))

    def demandes(self) -> Filtres:
        """Return the filters as asked; a single source isn't one of them, it is read by its own records."""
        return Filtres(
            code_insee=tuple(self.code_insee),
            departement=tuple(self.departement),
            region=tuple(self.region),
            epci=tuple(self.epci),
            source_id=() if self.seule_source() else tuple(dict.fromkeys(self.source)),
        )

    def seule_source(self) -> str | None:
        """Return the source, when one and only one is asked."""
        sources = set(self.source)
        return self.source[0] if len(sources) == 1 else None


class ParametresExport(ParametresTerritoire):
    """Forme et étendue de l'export."""

    format: Annotated[
        FormatDemande | None,
        Field(
            description="`ndjson` : un lieu par ligne ; `json` : un tableau ; `csv` : les 32 colonnes du standard "
            "national ; `excel` : le même tableau pour un tableur en français ; `geojson` : pour une carte. Sans ce "
            "paramètre, l'en-tête `Accept` choisit, et `ndjson` répond à qui ne préfère rien."
        ),
    ] = None
    dialecte: Annotated[
        Dialecte | None,
        Field(
            description="Du CSV : `rfc4180` (virgule, UTF-8) ou `excel-fr` (point-virgule, virgule décimale, marque "
            "UTF-8, formules neutralisées) ; `format=excel` est `format=csv&dialecte=excel-fr`."
        ),
    ] = None
    strict: Annotated[
        bool,
        Field(
            description="Des tableaux : obéir aux motifs du schéma publié, qui n'admet qu'un téléphone. L'en-tête "
            "`Link` (`describedby`) mène au compte de ce qui est perdu."
        ),
    ] = False
    contacts: Annotated[
        Literal["publics", "tous"],
        Field(
            description="`tous`, avec la clé d'une source et pour elle seule : ses propres fiches, contacts masqués "
            "compris, en tableau, à corriger puis renvoyer sans rien perdre."
        ),
    ] = "publics"

    @model_validator(mode="after")
    def _verifier(self) -> ParametresExport:
        if self.dialecte is not None and self.format not in (None, *TABLEAUX):
            raise ValueError("`dialecte` ne vaut que pour `format=csv`")
        if self.dialecte == "rfc4180" and self.format == "excel":
            raise ValueError("`format=excel` est le dialecte `excel-fr` : demandez `format=csv` pour `rfc4180`")
        tableau = self.dialecte is not None or self.format in TABLEAUX
        if self.strict and not tableau:
            raise ValueError("`strict` demande `format=csv` ou `format=excel`")
        if self.contacts == "tous" and not (tableau and self.seule_source()):
            raise ValueError("`contacts=tous` demande `format=csv` ou `format=excel`, et une seule `source`")
        return self

    def nom_de_format(self) -> NomDeFormat | None:
        """Return the format asked by the parameters, `None` when `Accept` decides."""
        if self.dialecte is not None:
            return "excel" if self.dialecte == "excel-fr" or self.format == "excel" else "csv"
        return self.format


class ParametresListe(BaseModel):
    """Forme du tableau d'une source."""

    model_config = ConfigDict(extra="forbid")

    dialecte: Annotated[Dialecte, Field(description="`excel-fr` : pour un tableur en français.")] = "rfc4180"
    strict: Annotated[
        bool, Field(description="Obéir aux motifs du schéma publié : un seul téléphone, pas d'horaires illisibles.")
    ] = False
