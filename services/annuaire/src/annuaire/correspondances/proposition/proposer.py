"""Propose: profile the columns, give each field its column, and write the document that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from annuaire.correspondances.proposition.echantillon import Colonne, Echantillon, code
from annuaire.correspondances.proposition.groupes import Repetition, chercher_repetition
from annuaire.correspondances.proposition.listes import lire_listes
from annuaire.correspondances.proposition.notes import CHAMPS, SEUIL, noter
from annuaire.correspondances.proposition.points import Point, situer
from annuaire.correspondances.proposition.semaine import lire_semaine
from annuaire.standard.colonnes import COLONNES
from annuaire.territoires.referentiel import Referentiel

_PLUSIEURS: Final = ("telephone", "courriels", "site_web")
_COMBIEN: Final = 4
_GEOCODEUR: Final = "result"
_MALUS_GEOCODEUR: Final = 0.2
# What a geocoder found is where it looked: the commune of a place is for its producer to say.
_DITS_PAR_LE_PRODUCTEUR: Final = frozenset({"commune", "code_insee", "adresse", "cle", "nom"})
_UNIS_DES_PASSAGES: Final = ["passages"]


@dataclass(slots=True)
class Proposition:
    """A document ready to be edited and given back, a confidence (0 to 1) by field, the columns left aside."""

    document: dict[str, Any]
    confiances: dict[str, float] = field(default_factory=dict)
    colonnes_non_lues: list[str] = field(default_factory=list)
    lignes: int = 0

    def en_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "document": self.document,
            "confiances": self.confiances,
            "colonnes_non_lues": self.colonnes_non_lues,
            "lignes": self.lignes,
        }


def proposer(echantillon: Echantillon, referentiel: Referentiel) -> Proposition:
    """Propose a document for these rows."""
    colonnes = echantillon.colonnes(referentiel)
    choix = _Choix(colonnes)
    choix.attribuer()
    choix.distinguer_les_codes(referentiel)
    choix.nommer_faute_de_mieux()
    situation = situer(choix.libres(), _centres(choix, colonnes, referentiel))
    if situation is not None:
        choix.prendre(situation.colonnes)
        choix.champs |= situation.champs
        choix.noter(dict.fromkeys(situation.champs, situation.note) or {"coordonnees": situation.note})
    semaine = lire_semaine(choix.libres())
    if semaine is not None:
        choix.champs["horaires"] = semaine[0]
        choix.prendre(semaine[1])
        choix.noter({"horaires": semaine[2]})
    _completer_l_adresse(choix, colonnes)
    _lire_drapeaux(choix)
    listes = lire_listes(
        [c for c in colonnes if c.nom not in choix.prises or c.entetes.get("presentation_detail", 0) > 0]
    )
    for champ, regles in listes.regles.items():
        choix.champs[champ] = regles[0] if len(regles) == 1 and isinstance(regles[0], str) else regles
    choix.noter(listes.notes)
    choix.prendre(listes.colonnes)
    document: dict[str, Any] = {"maillage": 1}
    repetition = chercher_repetition(choix.par_champ, [c.nom for c in colonnes])
    document |= _cle(choix, repetition)
    if situation is not None and situation.coordonnees is not None:
        document["coordonnees"] = situation.coordonnees
    if repetition is not None:
        document["regrouper"] = _regrouper(repetition)
        choix.noter({"regrouper": repetition.note})
        if repetition.nature == "passages":
            _mettre_en_passages(choix, document)
    document["champs"] = {champ: choix.champs[champ] for champ in _ordre(choix.champs)}
    return Proposition(
        document,
        {champ: round(min(note, 0.99), 2) for champ, note in choix.notes.items()},
        [c.nom for c in colonnes if c.nom not in choix.prises],
        echantillon.lignes,
    )


class _Choix:
    """Which column each field takes; a column serves one field of one value."""

    def __init__(self, colonnes: Sequence[Colonne]) -> None:
        self._colonnes = colonnes
        self.champs: dict[str, Any] = {}
        self.par_champ: dict[str, Colonne] = {}
        self.notes: dict[str, float] = {}
        self.prises: set[str] = set()

    def libres(self) -> list[Colonne]:
        """Return the columns that no field has taken."""
        return [c for c in self._colonnes if c.nom not in self.prises]

    def prendre(self, noms: Sequence[str] | set[str]) -> None:
        """Mark columns as read."""
        self.prises |= set(noms)

    def noter(self, notes: Mapping[str, float]) -> None:
        """Keep the confidence of fields."""
        self.notes |= notes

    def attribuer(self) -> None:
        """Give the fields their columns, the surest first."""
        notes = sorted(
            (
                (noter(champ, colonne) - _MALUS_GEOCODEUR * colonne.nom.startswith(_GEOCODEUR), -rang, champ, colonne)
                for rang, colonne in enumerate(self._colonnes)
                for champ in CHAMPS
            ),
            key=lambda note: note[:2],
            reverse=True,
        )
        for note, _, champ, colonne in notes:
            if note < SEUIL or colonne.nom in self.prises:
                continue
            if champ in self.par_champ:
                if champ in _PLUSIEURS and note >= 0.7 and not colonne.nom.startswith(_GEOCODEUR):
                    self._ajouter(champ, colonne)
                elif note >= 0.6 and colonne.nom.startswith(_GEOCODEUR):
                    self._secourir(champ, colonne)
                continue
            if champ in _DITS_PAR_LE_PRODUCTEUR and colonne.nom.startswith(_GEOCODEUR):
                continue
            self.par_champ[champ] = colonne
            self.champs[champ] = colonne.nom
            self.notes[champ] = min(note, 0.99)
            self.prises.add(colonne.nom)

    def distinguer_les_codes(self, referentiel: Referentiel) -> None:
        """Give unnamed columns of codes to the postal code or the INSEE code, as they agree with the communes named."""
        commune = self.par_champ.get("commune")
        if commune is None:
            return
        for colonne in self.libres():
            if colonne.part("code") < 0.9 or any(note >= 0.5 for note in colonne.entetes.values()):
                continue
            codes: dict[str, int] = {"code_postal": 0, "code_insee": 0}
            total = 0
            for nom, ecrit in zip(commune.cellules, colonne.cellules, strict=True):
                nommees = referentiel.communes_nommees(nom) if nom and ecrit else ()
                total += bool(nommees)
                codes["code_postal"] += any(code(ecrit or "") in c.codes_postaux for c in nommees)
                codes["code_insee"] += any(code(ecrit or "") == c.code for c in nommees)
            champ = max(codes, key=codes.__getitem__)
            if total and codes[champ] >= 0.8 * total and champ not in self.champs:
                self.champs[champ] = colonne.nom
                self.par_champ[champ] = colonne
                self.notes[champ] = 0.75
                self.prises.add(colonne.nom)

    def nommer_faute_de_mieux(self) -> None:
        """Take for the name the first column of varied short texts: a place has one, and a document must say it."""
        if "nom" in self.champs:
            return
        for colonne in self.libres():
            textuelle = colonne.part("lettres") >= 0.8 and not any(map(colonne.part, ("url", "courriel", "html")))
            if textuelle and colonne.variete >= 0.5 and 4 <= colonne.longueur <= 100 and colonne.part_communes < 0.8:
                self.champs["nom"] = colonne.nom
                self.par_champ["nom"] = colonne
                self.notes["nom"] = 0.3
                self.prises.add(colonne.nom)
                return

    def _ajouter(self, champ: str, colonne: Colonne) -> None:
        valeur = self.champs[champ]
        unies = valeur["unir"] if isinstance(valeur, dict) else [valeur]
        if len(unies) < _COMBIEN:
            self.champs[champ] = {"unir": [*unies, colonne.nom]}
            self.prises.add(colonne.nom)

    def _secourir(self, champ: str, colonne: Colonne) -> None:
        """Let what a geocoder found fill the cells that the producer left empty."""
        premiere = self.par_champ[champ]
        if champ not in ("code_postal", "commune") or not isinstance(self.champs[champ], str):
            return
        if any(a is None and b is not None for a, b in zip(premiere.cellules, colonne.cellules, strict=True)):
            self.champs[champ] = {"premier": [premiere.nom, colonne.nom]}
            self.prises.add(colonne.nom)


def _centres(choix: _Choix, colonnes: Sequence[Colonne], referentiel: Referentiel) -> list[Point | None]:
    """Return the middle of the commune of each row, by its code or by its name when one commune bears it."""
    par_champ = choix.par_champ
    centres: list[Point | None] = []
    for rang in range(len(colonnes[0].cellules) if colonnes else 0):
        insee, postal, nom = (
            par_champ[c].cellules[rang] if c in par_champ else None for c in ("code_insee", "code_postal", "commune")
        )
        communes = [commune] if insee and (commune := referentiel.actuelle(code(insee))) else []
        if not communes and postal:
            communes = list(referentiel.communes_du_code_postal(code(postal)))
        if not communes and nom:
            nommees = referentiel.communes_nommees(nom)
            communes = list(nommees) if len(nommees) == 1 else []
        situee = next((c for c in communes if c.latitude is not None and c.longitude is not None), None)
        centres.append((situee.latitude, situee.longitude) if situee else None)  # type: ignore[arg-type]
    return centres


def _completer_l_adresse(choix: _Choix, colonnes: Sequence[Colonne]) -> None:
    """Join the parts of an address, and look in a whole one for the code and the commune that no column holds."""
    parties = {
        partie: max(colonnes, key=lambda c: noter(partie, c) if c.nom not in choix.prises else 0.0)
        for partie in ("numero_voie", "nom_voie")
        if colonnes
    }
    parties = {p: c for p, c in parties.items() if c.nom not in choix.prises and noter(p, c) >= 0.7}
    adresse = choix.par_champ.get("adresse")
    voie = parties.get("nom_voie") or adresse
    numero = parties.get("numero_voie")
    if numero is not None and voie is not None and numero.part("nombre") >= 0.5 and numero.nom != voie.nom:
        if not any(v[:1].isdigit() for v in list(voie.valeurs)[:20]):
            choix.champs["adresse"] = {"joindre": [numero.nom, voie.nom]}
            choix.par_champ["adresse"] = voie
            choix.prendre((numero.nom, voie.nom))
            choix.noter({"adresse": 0.85})
    elif adresse is None and voie is not None:
        choix.champs["adresse"] = voie.nom
        choix.par_champ["adresse"] = voie
        choix.prendre((voie.nom,))
        choix.noter({"adresse": 0.7})
    entiere = choix.par_champ.get("adresse")
    libres = choix.libres()
    porteuses = (entiere, *libres, choix.par_champ.get("commune"))
    porteuse = next((c for c in porteuses if c and _porte_un_code_postal(c)), None)
    for champ in ("code_postal", "commune"):
        if (
            porteuse is not None
            and choix.champs.get(champ) in (None, porteuse.nom)
            and ("code_insee" not in choix.champs or porteuse is not entiere)
        ):
            choix.champs[champ] = {"extraire": champ, "de": porteuse.nom}
            choix.prendre((porteuse.nom,))
            choix.noter({champ: 0.75})


def _porte_un_code_postal(colonne: Colonne) -> bool:
    """Tell whether most cells hold a known postal code followed by a name: « 12 rue X, 69001 Lyon »."""
    examinees = list(colonne.valeurs.items())[:200]
    total = sum(n for _, n in examinees)
    bons = 0
    for texte, fois in examinees:
        mots = texte.replace(",", " ").split()
        suites = [i for i, m in enumerate(mots[:-1]) if len(m) == 5 and m.isdigit() and mots[i + 1][:1].isalpha()]
        bons += fois * any(colonne.referentiel.communes_du_code_postal(mots[i]) for i in suites)
    return total > 0 and bons / total >= 0.6


def _lire_drapeaux(choix: _Choix) -> None:
    """Find the columns answered by yes or no that are fields of their own."""
    for champ in ("publication_contact", "accessibilite"):
        candidates = [
            c for c in choix.libres() if c.entetes.get(champ, 0.0) >= 0.5 and c.part("oui_non") >= 0.8 and c.remplies
        ]
        if candidates:
            colonne = max(candidates, key=lambda c: c.entetes[champ])
            choix.champs[champ] = colonne.nom
            choix.prendre((colonne.nom,))
            choix.noter({champ: 0.5 + 0.4 * colonne.entetes[champ]})
    langues = max(choix.libres(), key=lambda c: c.entetes.get("langues", 0.0), default=None)
    if langues is not None and langues.entetes.get("langues", 0.0) >= 0.85 and langues.part("lettres") >= 0.8:
        choix.champs["langues"] = langues.nom
        choix.prendre((langues.nom,))
        choix.noter({"langues": 0.8})


def _cle(choix: _Choix, repetition: Repetition | None) -> dict[str, Any]:
    """Return the key: the column of the list, unless it numbers rows that are to be gathered."""
    colonne = choix.champs.pop("cle", None)
    if colonne is not None and repetition is None:
        return {"cle": colonne}
    if colonne is not None:
        choix.prises.discard(colonne)
        choix.notes.pop("cle", None)
    if repetition is not None and repetition.nature == "passages":
        return {"cle": {"deriver": ["nom"]}}
    deriver = [c for c in ("nom", "code_postal", "commune", "adresse") if c in choix.champs]
    if "commune" in deriver and "code_postal" in deriver:
        deriver.remove("code_postal")
    choix.noter({"cle": 0.6})
    return {"cle": {"deriver": deriver or ["nom"]}}


def _regrouper(repetition: Repetition) -> dict[str, Any]:
    if repetition.nature == "passages":
        return {"par": list(repetition.par), "unir": _UNIS_DES_PASSAGES}
    return {"par": list(repetition.par)}


def _mettre_en_passages(choix: _Choix, document: dict[str, Any]) -> None:
    """Move what changes from a stop to the next under `passages`; the place keeps the commune of its first stop."""
    passage: dict[str, Any] = {
        champ: choix.champs[champ] for champ in ("adresse", "commune", "latitude", "longitude") if champ in choix.champs
    }
    if "coordonnees" in document:
        passage["coordonnees"] = document["coordonnees"]
    if "horaires" in choix.champs:
        passage["horaires"] = choix.champs.pop("horaires")
    for champ, bout in (("passage_du", "du"), ("passage_au", "au")):
        colonne = max(choix.libres(), key=lambda c: c.entetes.get(champ, 0.0), default=None)
        if (
            colonne is not None
            and colonne.entetes.get(champ, 0.0) >= 0.5
            and max(map(colonne.part, ("date", "date_iso"))) > 0.7
        ):
            passage[bout] = colonne.nom
            choix.prendre((colonne.nom,))
    choix.champs["passages"] = [passage]
    choix.champs.setdefault("itinerance", [{"constante": "Itinérant"}])
    choix.noter({"passages": 0.8})


_ORDRE: Final = (*COLONNES, "accessibilite", "langues", "passages", "publication_contact")


def _ordre(champs: Mapping[str, Any]) -> list[str]:
    return [champ for champ in _ORDRE if champ in champs]
