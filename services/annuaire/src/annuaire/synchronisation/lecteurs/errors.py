"""Refusals of a file: it cannot be read as a list. A fault in one row is an `Anomalie`, not a refusal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from socle.errors import Erreur


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the fault is.

    `ligne` and `colonne` count from 1, `octet` from 0; `feuille` and `cellule` (`C12`) are those of a workbook,
    `partie` a file inside it.
    """

    ligne: int | None = None
    colonne: int | None = None
    octet: int | None = None
    feuille: str | None = None
    cellule: str | None = None
    partie: str | None = None

    def en_dict(self) -> dict[str, Any]:
        """Return only what is known."""
        return {cle: valeur for cle, valeur in asdict(self).items() if valeur is not None}


class FichierRefuse(Erreur):
    """Base of the refusals. `place` is also a member of the problem; further members name the limit crossed."""

    code: ClassVar[str] = "fichier-refuse"
    statut: ClassVar[int] = 422
    titre: ClassVar[str] = "Le fichier ne peut pas être lu"

    def __init__(self, detail: str, *, place: Place | None = None, **extra: Any) -> None:
        self.place = place or Place()
        super().__init__(detail, place=self.place.en_dict(), **extra)

    def en_dict(self) -> dict[str, Any]:
        """Return the refusal as JSON values; `depuis_dict` reads it back."""
        extra = {cle: valeur for cle, valeur in self.extra.items() if cle != "place"}
        return {"code": self.code, "detail": self.detail, "place": self.place.en_dict(), "extra": extra}


class FichierVide(FichierRefuse):
    code, titre = "fichier-vide", "Le fichier est vide"


class FichierIllisible(FichierRefuse):
    code, titre = "fichier-illisible", "Le fichier ne peut pas être lu"


class FichierTronque(FichierRefuse):
    code, titre = "fichier-tronque", "Le fichier s'arrête avant la fin"


class FormatNonReconnu(FichierRefuse):
    code, titre = "format-non-reconnu", "Le contenu n'est pas du format annoncé"


class HtmlAuLieuDeDonnees(FichierRefuse):
    code, titre = "html-au-lieu-de-donnees", "Le fichier est une page web, pas une liste"


class EncodageInvalide(FichierRefuse):
    code, titre = "encodage-invalide", "Le texte n'est pas dans un encodage accepté"


class CaractereInterdit(FichierRefuse):
    code, titre = "caractere-interdit", "Le fichier contient un caractère interdit"


class GuillemetsIncoherents(FichierRefuse):
    code, titre = "guillemets-incoherents", "Les guillemets du fichier ne se correspondent pas"


class TropDeLignes(FichierRefuse):
    code, titre = "trop-de-lignes", "Le fichier a trop de lignes"


class TropDeColonnes(FichierRefuse):
    code, titre = "trop-de-colonnes", "Le fichier a trop de colonnes"


class LigneTropLongue(FichierRefuse):
    code, titre = "ligne-trop-longue", "Une ligne du fichier est trop longue"


class CelluleTropLongue(FichierRefuse):
    code, titre = "cellule-trop-longue", "Une cellule du fichier est trop longue"


class JsonInvalide(FichierRefuse):
    code, titre = "json-invalide", "Le JSON n'est pas valide"


class JsonTropProfond(FichierRefuse):
    code, titre = "json-trop-profond", "Le JSON est trop imbriqué"


class JsonTropGrand(FichierRefuse):
    code, titre = "json-trop-grand", "Une valeur du JSON dépasse la limite"


class CleJsonDupliquee(FichierRefuse):
    code, titre = "cle-json-dupliquee", "Une clé est écrite deux fois dans un objet JSON"


class ListeJsonAmbigue(FichierRefuse):
    code, titre = "liste-json-ambigue", "Le JSON contient plusieurs listes"


class ClasseurRefuse(FichierRefuse):
    code, titre = "classeur-refuse", "Le classeur ne peut pas être accepté"


class TypeDeClasseurRefuse(FichierRefuse):
    code, statut, titre = "type-de-classeur-refuse", 415, "Ce type de classeur n'est pas accepté"


class TypeDeFichierRefuse(FichierRefuse):
    code, statut, titre = "type-de-fichier-refuse", 415, "Ce type de fichier n'est pas accepté"


class FichierTropGrand(FichierRefuse):
    code, statut, titre = "fichier-trop-grand", 413, "Le fichier décompressé dépasse la limite"


class FichierTropCouteux(FichierRefuse):
    code, titre = "fichier-trop-couteux", "Le fichier demande trop de mémoire ou de temps pour être lu"


class LectureEnPanne(Erreur):
    """The reading process stopped by a fault of ours; `journal` is its error output, for the logs only."""

    code, statut, titre = "lecture-en-panne", 500, "La lecture du fichier s'est arrêtée sur une panne"

    def __init__(self, detail: str, *, journal: str = "") -> None:
        super().__init__(detail)
        self.journal = journal


def depuis_dict(valeurs: dict[str, Any]) -> FichierRefuse:
    """Rebuild a refusal from `FichierRefuse.en_dict`, whichever module its class comes from (else the base class)."""
    classes = {classe.code: classe for classe in FichierRefuse.__subclasses__()}
    classe = classes.get(valeurs["code"], FichierRefuse)
    return classe(valeurs["detail"], place=Place(**valeurs["place"]), **valeurs["extra"])
