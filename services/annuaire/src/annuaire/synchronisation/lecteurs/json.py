"""Reader of JSON: a list of objects, or an object that holds one under a key, or whose members are the objects.

The file is read through a window: one element is parsed at a time, the document is never whole in memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, NoReturn

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import (
    CleJsonDupliquee,
    EncodageInvalide,
    FichierRefuse,
    FichierTronque,
    FichierVide,
    FormatNonReconnu,
    JsonTropGrand,
    ListeJsonAmbigue,
    Place,
    TropDeLignes,
)
from annuaire.synchronisation.lecteurs.lignes import Devine, Lecture, LigneBrute, Reglages
from annuaire.synchronisation.lecteurs.objets import deplier
from annuaire.synchronisation.lecteurs.texte import refuser_autre_chose
from annuaire.synchronisation.lecteurs.valeurs_json import Origine, lire_valeur, refuser_json

_BLANCS: Final = re.compile(r"[ \t\n\r]*")
_BLOC: Final = limites.MIO
# The keys under which a list is usually found; another one is accepted when it is alone.
CLES_USUELLES: Final = (
    "data",
    "results",
    "records",
    "values",
    "features",
    "items",
    "elements",
    "lieux",
    "result",
    "@graph",
)
# The key that stands for « every member of the object at the top is a record », as YesWiki exports its forms.
CHAQUE_MEMBRE: Final = "*"
_MEMBRES_REGARDES: Final = 3
_CLES_D_UNE_FICHE: Final = 3
_EMBOITEMENTS: Final = 4


class _Fenetre:
    """A sliding view of the text: `texte[position:]` holds one whole element, or goes to the end of the file."""

    def __init__(self, chemin: Path, encodage: str) -> None:
        self._flux: TextIOWrapper = chemin.open(encoding=encodage, newline="")
        self.texte = ""
        self.position = 0
        self.complet = False
        self.membres = 0
        self._origine = Origine()

    def __enter__(self) -> _Fenetre:
        return self

    def __exit__(self, *_: object) -> None:
        self._flux.close()

    @property
    def origine(self) -> Origine:
        """Where `texte` starts in the file."""
        return self._origine

    def remplir(self) -> None:
        """Read on until one element of the largest size fits after `position`."""
        if self.complet or len(self.texte) - self.position > limites.OCTETS_LIGNE + 1:
            return
        self._origine = self._origine.avancer(self.texte[: self.position])
        morceaux = [self.texte[self.position :]]
        longueur = len(morceaux[0])
        self.position = 0
        while longueur <= limites.OCTETS_LIGNE + _BLOC and not self.complet:
            try:
                morceau = self._flux.read(_BLOC)
            except UnicodeDecodeError as erreur:
                ici = self._origine.avancer("".join(morceaux))
                raise EncodageInvalide(
                    f"Après la ligne {ici.ligne} : le texte n'est pas de l'UTF-8 valide. Le JSON s'écrit en UTF-8.",
                    place=Place(ligne=ici.ligne),
                ) from erreur
            self.complet = not morceau
            morceaux.append(morceau)
            longueur += len(morceau)
        self.texte = "".join(morceaux)

    def signe(self) -> str:
        """Skip blanks and return the next character without taking it, `""` at the end of the file."""
        while True:
            self.remplir()
            debut = self.position
            self.position = _BLANCS.match(self.texte, debut).end()  # type: ignore[union-attr]
            if self.position == debut:
                return self.texte[debut : debut + 1]

    def prendre(self, signe: str) -> bool:
        """Take this character if it comes next."""
        if self.signe() != signe:
            return False
        self.position += 1
        return True

    def place(self) -> Place:
        """Return the place of the next character."""
        return self._origine.place(self.texte, self.position)

    def repere(self) -> Callable[[], Place]:
        """Return what will give the place of the next character: working it out costs a count of lines."""
        return partial(self._origine.place, self.texte, self.position)

    def valeur(self, profondeur: int) -> Any:
        """Read the value that comes next."""
        self.signe()
        valeur, self.position = lire_valeur(
            self.texte, self.position, origine=self._origine, complet=self.complet, profondeur=profondeur
        )
        return valeur

    def refuser(self, attendu: str) -> NoReturn:
        """Refuse what comes next."""
        trouve, place = self.signe(), self.place()
        if not trouve:
            raise FichierTronque(f"Ligne {place.ligne} : le JSON s'arrête, il manque {attendu}.", place=place)
        refuser_json(f"{attendu} attendu, « {trouve} » trouvé.", place)


def encodage_json(chemin: Path) -> str:
    """Return utf-8, utf-8-sig or utf-16 by the first bytes; raise `EncodageInvalide` on the first stray byte."""
    with chemin.open("rb") as flux:
        tete = flux.read(4)
        if tete.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        flux.seek(0)
        decodeur = codecs.getincrementaldecoder("utf-8")()
        octets, lignes = 0, 1
        while bloc := flux.read(_BLOC):
            attente = len(decodeur.getstate()[0])
            try:
                decodeur.decode(bloc)
            except UnicodeDecodeError as erreur:
                _refuser_octet(bloc, max(0, erreur.start - attente), octets, lignes)
            octets += len(bloc)
            lignes += bloc.count(b"\n")
        if decodeur.getstate()[0]:
            raise FichierTronque(
                f"Ligne {lignes} : le fichier s'arrête au milieu d'un caractère.",
                place=Place(ligne=lignes, octet=octets - len(decodeur.getstate()[0])),
            )
    return "utf-8-sig" if tete.startswith(codecs.BOM_UTF8) else "utf-8"


def _refuser_octet(bloc: bytes, faute: int, octets: int, lignes: int) -> NoReturn:
    ligne = lignes + bloc.count(b"\n", 0, faute)
    raise EncodageInvalide(
        f"Ligne {ligne}, octet {octets + faute} : ce n'est pas de l'UTF-8, l'encodage du JSON (RFC 8259, § 8.1).",
        place=Place(ligne=ligne, octet=octets + faute),
    )


def lire(chemin: Path, reglages: Reglages | None = None) -> Lecture:
    """Read a JSON file. `LigneBrute.ligne` is the rank of the element in the list, from 1.

    Records are taken out of their envelopes (`objets.deplier`). Raises `FichierRefuse`, at once or while iterating: a
    file is sound only once its rows are exhausted.
    """
    refuser_autre_chose(chemin, attendu="JSON")
    devine = Devine(format="json")
    return Lecture(_ouvrir(chemin, devine, (reglages or Reglages()).cle_json), devine)


def _ouvrir(chemin: Path, devine: Devine, cle_voulue: str | None) -> Iterator[LigneBrute]:
    devine.encodage = encodage_json(chemin)
    with _Fenetre(chemin, devine.encodage) as fenetre:
        signe = fenetre.signe()
    if signe == "{" and cle_voulue is None:
        cle_voulue = CHAQUE_MEMBRE if _porte_des_fiches(chemin, devine) else _choisir_liste(chemin, devine)
    with _Fenetre(chemin, devine.encodage) as fenetre:
        yield from _lignes(fenetre, devine, cle_voulue or "")


def _lignes(fenetre: _Fenetre, devine: Devine, cle_voulue: str) -> Iterator[LigneBrute]:
    signe = fenetre.signe()
    if not signe:
        raise FichierVide("Le fichier ne contient rien.")
    if signe not in "[{":
        fenetre.refuser("une liste ou un objet")
    if signe == "[":
        if cle_voulue:
            raise FormatNonReconnu(
                f"La liste est au premier niveau, pas sous la clé « {cle_voulue[:80]} ».",
                place=fenetre.place(),
            )
        devine.cle_json = ""
        yield from _elements(fenetre, profondeur=1)
    elif cle_voulue == CHAQUE_MEMBRE:
        devine.cle_json = CHAQUE_MEMBRE
        yield from _fiches(fenetre)
    else:
        yield from _dans_objet(fenetre, devine, cle_voulue, parents=())
        if devine.cle_json is None:
            raise FormatNonReconnu(
                f"Aucune liste d'objets sous la clé « {cle_voulue[:80]} » dans ce JSON.",
                place=Place(ligne=1, colonne=1),
            )
    if fenetre.signe():
        place = fenetre.place()
        refuser_json("du texte suit la fin du JSON. Un objet par ligne s'envoie en application/x-ndjson.", place)


def _porte_des_fiches(chemin: Path, devine: Devine) -> bool:
    """Tell whether the members of the object at the top are records: all objects, the first ones of the same keys."""
    with _Fenetre(chemin, devine.encodage or "utf-8") as fenetre:
        fenetre.prendre("{")
        premieres: list[dict[str, Any]] = []
        try:
            while fenetre.signe() == '"':
                fenetre.valeur(2)
                if not fenetre.prendre(":") or fenetre.signe() != "{":
                    return False
                premieres = [*premieres, fenetre.valeur(2)][:_MEMBRES_REGARDES]
                if not fenetre.prendre(",") or (
                    len(premieres) == _MEMBRES_REGARDES and not _sont_des_fiches(premieres)
                ):
                    break
        except FichierRefuse:
            # what is wrong is told by the reading itself
            pass
    return _sont_des_fiches(premieres)


def _sont_des_fiches(objets: list[dict[str, Any]]) -> bool:
    if len(objets) < 2 or any(_est_une_liste_d_objets(valeur) for objet in objets for valeur in objet.values()):
        return False
    communes = set(objets[0]).intersection(*objets[1:])
    return len(communes) >= max(_CLES_D_UNE_FICHE, len(objets[0]) / 2)


def _est_une_liste_d_objets(valeur: Any) -> bool:
    return isinstance(valeur, list) and bool(valeur) and isinstance(valeur[0], dict)


def _fiches(fenetre: _Fenetre) -> Iterator[LigneBrute]:
    """Give each member of the object at the top as a record, its name under `id` when the record has no such text."""
    fenetre.prendre("{")
    if fenetre.prendre("}"):
        return
    vues: set[str] = set()
    while True:
        if fenetre.signe() != '"':
            fenetre.refuser("une clé entre guillemets")
        repere = fenetre.repere()
        cle = fenetre.valeur(2)
        if cle in vues:
            place = repere()
            raise CleJsonDupliquee(
                f"Ligne {place.ligne}, colonne {place.colonne} : la clé « {cle[:80]} » est déjà écrite.", place=place
            )
        vues.add(cle)
        if len(vues) > limites.LIGNES:
            raise TropDeLignes(f"Plus de {limites.LIGNES} fiches.", place=repere())
        if not fenetre.prendre(":"):
            fenetre.refuser("« : »")
        if fenetre.signe() != "{":
            fenetre.refuser(f"un objet (fiche {len(vues)})")
        objet = deplier(fenetre.valeur(2))
        yield LigneBrute(len(vues), None, objet if cle in objet.values() else {"id": cle, **objet})
        if fenetre.prendre("}"):
            return
        if not fenetre.prendre(","):
            fenetre.refuser("« , » ou « } »")


def _choisir_liste(chemin: Path, devine: Devine) -> str:
    """Walk the whole document and name the key of its only list of objects (one under a usual key wins)."""
    listes: list[tuple[str, ...]] = []
    with _Fenetre(chemin, devine.encodage or "utf-8") as fenetre:
        for _ in _dans_objet(fenetre, devine, None, parents=(), listes=listes):
            pass
    usuelles = [parents for parents in listes if parents[-1].lower() in CLES_USUELLES]
    candidates = usuelles or listes
    if not candidates:
        raise FormatNonReconnu(
            f"Aucune liste d'objets, ni au premier niveau, ni sous une clé ({', '.join(CLES_USUELLES)}…).",
            place=Place(ligne=1, colonne=1),
        )
    if len(candidates) > 1:
        noms = ", ".join(f"« {'.'.join(parents)[:80]} »" for parents in candidates[:5])
        raise ListeJsonAmbigue(f"Plusieurs listes d'objets : {noms}. Précisez laquelle lire.")
    return ".".join(candidates[0])


def _dans_objet(
    fenetre: _Fenetre,
    devine: Devine,
    cle_voulue: str | None,
    *,
    parents: tuple[str, ...],
    listes: list[tuple[str, ...]] | None = None,
) -> Iterator[LigneBrute]:
    """Walk an object that wraps the list: its members are parsed and left, but the list, whose elements are given.

    Without `cle_voulue` every list of objects is given and its key added to `listes`.
    """
    fenetre.prendre("{")
    vues: set[str] = set()
    if fenetre.prendre("}"):
        return
    while True:
        if fenetre.signe() != '"':
            fenetre.refuser("une clé entre guillemets")
        repere = fenetre.repere()
        cle = fenetre.valeur(len(parents) + 1)
        if cle in vues:
            place = repere()
            raise CleJsonDupliquee(
                f"Ligne {place.ligne}, colonne {place.colonne} : la clé « {cle[:80]} » est déjà écrite.",
                place=place,
            )
        vues.add(cle)
        fenetre.membres += 1
        if fenetre.membres > limites.MEMBRES_JSON:
            raise JsonTropGrand(
                f"Plus de {limites.MEMBRES_JSON} clés autour de la liste.", place=repere(), limite="enveloppe"
            )
        if len(vues) > limites.CLES_JSON:
            raise JsonTropGrand(f"Objet de plus de {limites.CLES_JSON} clés.", place=repere(), limite="cles")
        if not fenetre.prendre(":"):
            fenetre.refuser("« : »")
        yield from _membre(fenetre, devine, cle_voulue, (*parents, cle), listes)
        if fenetre.prendre("}"):
            return
        if not fenetre.prendre(","):
            fenetre.refuser("« , » ou « } »")


def _membre(
    fenetre: _Fenetre,
    devine: Devine,
    cle_voulue: str | None,
    parents: tuple[str, ...],
    listes: list[tuple[str, ...]] | None,
) -> Iterator[LigneBrute]:
    signe, nom = fenetre.signe(), ".".join(parents)
    emboite = cle_voulue is None or cle_voulue.startswith(f"{nom}.")
    if signe == "{" and emboite and len(parents) < _EMBOITEMENTS:
        yield from _dans_objet(fenetre, devine, cle_voulue, parents=parents, listes=listes)
    elif signe == "[" and listes is not None and _est_liste_dobjets(fenetre, parents[-1]):
        listes.append(parents)
        if len(listes) > limites.LISTES_JSON:
            raise ListeJsonAmbigue(f"Plus de {limites.LISTES_JSON} listes d'objets.", place=fenetre.place())
        yield from _elements(fenetre, profondeur=len(parents) + 1)
    elif signe == "[" and cle_voulue == nom:
        devine.cle_json = nom
        yield from _elements(fenetre, profondeur=len(parents) + 1)
    else:
        fenetre.valeur(len(parents) + 1)


def _est_liste_dobjets(fenetre: _Fenetre, cle: str) -> bool:
    suite = _BLANCS.match(fenetre.texte, fenetre.position + 1).end()  # type: ignore[union-attr]
    premier = fenetre.texte[suite : suite + 1]
    return premier == "{" or (premier == "]" and cle.lower() in CLES_USUELLES)


def _elements(fenetre: _Fenetre, *, profondeur: int) -> Iterator[LigneBrute]:
    fenetre.prendre("[")
    if fenetre.prendre("]"):
        return
    rang = 0
    while True:
        rang += 1
        if fenetre.signe() != "{":
            fenetre.refuser(f"un objet (élément {rang} de la liste)")
        if rang > limites.LIGNES:
            raise TropDeLignes(f"Plus de {limites.LIGNES} éléments dans la liste.", place=fenetre.place())
        yield LigneBrute(rang, None, deplier(fenetre.valeur(profondeur + 1)))
        if fenetre.prendre("]"):
            return
        if not fenetre.prendre(","):
            fenetre.refuser("« , » ou « ] »")
