"""French opening hours: sentences (« du lundi au vendredi, 9h-12h ») and cells of one day (« 9h à 12h, sur RDV »)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from .horaires_mots import FIN_DE_JOURNEE, Genre, Mot, lire_mots
from .horaires_semaine import HORS_VACANCES, Etat, Plage, Semaine, Tranche

_LIENS: Final[frozenset[Genre]] = frozenset({"a", "tiret", "barre", "et", "vide", "deux_points"})
_COMMENTAIRE: Final[frozenset[Genre]] = frozenset({"mot", "mois", "depuis", "sauf"})
_LONGUEUR_MOTS: Final = 80


def lire_phrase(texte: str) -> Semaine | None:
    """Read a sentence that names its days; `None` unless every part of it is understood.

    A sentence that opens no day (« fermé le lundi ») says nothing of the others: it isn't read. Conditions that OSM
    can't say (« une semaine sur deux ») stay as comments, with the state `unknown`.
    """
    mots = lire_mots(texte)
    if mots is None or any(m.genre == "mot" and m.fin - m.debut == 1 for m in mots):
        # A lone letter is the start of a word that a form cut.
        return None
    semaine = Semaine()
    for clause in _clauses(mots):
        lue = _Lecteur(texte).lire(clause)
        if lue is None or (not lue.jours and not lue.accessoire):
            return None
        semaine.regles.extend(lue.regles)
        for jour in lue.jours:
            for tranche in lue.tranches():
                semaine.ajouter(jour, tranche)
            if not semaine.jours.get(jour):
                return None
        for jour, rangs in lue.exclus:
            semaine.ajouter(jour, Tranche(etat="off", rangs=rangs, exception=bool(rangs)))
    return semaine if semaine.ouverte else None


def lire_cellule(texte: str, jour: int) -> Semaine | None:
    """Read the hours of one day (0 Monday to 6), that the cell may repeat; `None` when they aren't understood."""
    mots = lire_mots(texte)
    if mots is None:
        return None
    lue = _Lecteur(texte, jour).lire(mots)
    if lue is None or any(j != jour for j in lue.jours):
        return None
    tranches = lue.tranches()
    if not tranches and not lue.exclus:
        return None
    semaine = Semaine(regles=lue.regles)
    for tranche in tranches:
        semaine.ajouter(jour, tranche)
    for _, rangs in lue.exclus:
        semaine.ajouter(jour, Tranche(etat="off", rangs=rangs, exception=bool(rangs)))
    return semaine


@dataclass(slots=True)
class _Clause:
    """Days, hours and conditions that go together."""

    jours: list[int] = field(default_factory=list)
    rangs: list[int] = field(default_factory=list)
    plages: list[tuple[Plage, tuple[str, ...], bool]] = field(default_factory=list)
    attente: list[int] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    incertaine: bool = False
    avant: list[str] = field(default_factory=list)
    regles: list[str] = field(default_factory=list)
    exclus: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    ajouts: list[Tranche] = field(default_factory=list)
    ferme: bool = False
    demi: str = ""
    depuis: bool = False
    #: Whether a condition that is known was said; words alone (« itinérance ») don't say when to come.
    certaine: bool = False

    @property
    def accessoire(self) -> bool:
        """Whether the clause only holds rules for the whole week, or nothing at all."""
        return not (self.plages or self.ferme or self.certaine or self.rangs or self.ajouts)

    def tranches(self) -> list[Tranche]:
        """The hours of the clause, one a condition; a closure counts only without hours."""
        commun = {"rangs": tuple(sorted(set(self.rangs))), "avant": " ".join(dict.fromkeys(self.avant))}
        saison = bool(self.avant) and not self.avant[0].startswith("week")
        if not self.plages:
            if self.ferme:
                exception = saison or bool(self.rangs)
                return [Tranche(etat="off", exception=exception, **commun), *self.ajouts]  # type: ignore[arg-type]
            if self.conditions and self.certaine:
                demi = (self.demi,) if self.demi else ()
                textes = (*demi, *self.conditions)
                return [Tranche(etat="unknown", commentaires=textes, **commun), *self.ajouts]  # type: ignore[arg-type]
            return self.ajouts
        groupes: dict[tuple[tuple[str, ...], Etat], list[Plage]] = {}
        for plage, conditions, incertaine in self.plages:
            groupes.setdefault((conditions, "unknown" if incertaine else ""), []).append(plage)
        lues = [
            Tranche(tuple(plages), conditions, etat, exception=saison, **commun)  # type: ignore[arg-type]
            for (conditions, etat), plages in groupes.items()
        ]
        return [*lues, *self.ajouts]


def _clauses(mots: Sequence[Mot]) -> list[list[Mot]]:
    """Cut a sentence where another group of days begins, or where hours follow days already served."""
    genres = [m.genre for m in mots]
    jours_d_abord = "heure" not in genres or ("jour" in genres and genres.index("jour") < genres.index("heure"))
    clauses: list[list[Mot]] = [[]]
    profondeur = 0
    for rang, mot in enumerate(mots):
        courante = clauses[-1]
        dits = {m.genre for m in courante}
        profondeur += {"ouvre": 1, "referme": -1}.get(mot.genre, 0)
        if profondeur <= 0 and mot.genre != "referme" and _coupe(mot, rang, mots, courante, dits, jours_d_abord):
            # Ranks and closures stand before the day that they are about.
            tete: list[Mot] = []
            while courante and courante[-1].genre in ("rang", "vide", "et", "tiret") and mot.genre == "jour":
                tete.insert(0, courante.pop())
            clauses.append(tete)
        clauses[-1].append(mot)
    return [clause for clause in clauses if clause]


def _coupe(
    mot: Mot, rang: int, mots: Sequence[Mot], courante: list[Mot], dits: set[Genre], jours_d_abord: bool
) -> bool:
    servie = "heure" in dits or ("ferme" in dits and "jour" in dits) or ("rdv" in dits and "jour" in dits)
    avant = next((m.genre for m in reversed(courante) if m.genre not in ("vide", "rang")), None)
    suivant = next((m.genre for m in mots[rang + 1 :] if m.genre != "vide"), None)
    match mot.genre:
        case "fin":
            return servie
        case "ferme":
            return "heure" in dits and suivant != "demi"
        case "jour":
            return jours_d_abord and servie and avant != "sauf" and not (avant == "ferme" and "heure" not in dits)
        case "heure":
            return not jours_d_abord and "heure" in dits and "jour" in dits
        case _:
            return False


class _Lecteur:
    """Reading of one clause of a text; `jour` is that of the column, `None` in a sentence."""

    def __init__(self, texte: str, jour: int | None = None) -> None:
        self.texte = texte
        self.jour = jour
        self.clause = _Clause()

    def lire(self, mots: Sequence[Mot]) -> _Clause | None:
        rang = 0
        liens: list[Genre] = []
        while rang < len(mots):
            mot = mots[rang]
            if mot.genre == "heure":
                if not self._heure(int(mot.valeur or 0), liens):  # type: ignore[arg-type]
                    return None
                liens, rang = [], rang + 1
                continue
            pas = self._mot(mots, rang)
            if pas is None:
                return None
            liens.extend(m.genre for m in mots[rang : rang + pas])
            rang += pas
        return self._finir()

    def _heure(self, minutes: int, liens: list[Genre]) -> bool:
        clause = self.clause
        if not clause.attente:
            clause.attente.append(minutes)
            return True
        if not all(lien in _LIENS for lien in liens):
            return False
        debut = clause.attente.pop()
        fin = minutes or FIN_DE_JOURNEE
        # Hours may overlap (`9h-15h / 14h-19h`) but go forward; under a condition of their own they stand apart.
        avant = clause.plages[-1][0] if clause.plages and not clause.plages[-1][1] else (-1, 0)
        if debut >= fin or avant[1] is None or debut <= avant[0] or fin <= avant[1]:
            return False
        clause.plages.append(((debut, fin), (), False))
        clause.depuis = False
        return True

    def _mot(self, mots: Sequence[Mot], rang: int) -> int | None:
        """Take one word that isn't an hour; give how many words it took, `None` when it can't be there."""
        clause, mot = self.clause, mots[rang]
        match mot.genre:
            case "jour":
                return self._jours(mots, rang)
            case "rang":
                clause.rangs.append(int(mot.valeur or 0))  # type: ignore[arg-type]
            case "parite":
                clause.avant.append(str(mot.valeur))
            case "rdv":
                clause.certaine = True
                return self._rendez_vous(mots, rang)
            case "incertain" | "vacances":
                clause.certaine = clause.certaine or mot.genre == "incertain"
                self._conditionner(self._extrait(mot, mot), incertaine=True)
            case "hors_vacances":
                self._conditionner(HORS_VACANCES)
            case "feries":
                clause.regles.append("PH off")
            case "ferme":
                if clause.plages and (pas := self._sauf(mots, rang)) is not None:
                    return pas
                clause.ferme = True
                if rang + 1 < len(mots) and mots[rang + 1].genre == "demi":
                    clause.ferme = bool(clause.ferme and not clause.plages)
                    return 2
            case "demi":
                clause.demi = self._extrait(mot, mot)
            case "depuis" if self._une_heure_seule(mots, rang):
                clause.depuis = True
            case "sauf" if (pas := self._sauf(mots, rang)) is not None:
                return pas
            case "mois" if (pas := self._saison(mots, rang)) is not None:
                return pas
            case "mot" | "mois" | "depuis" | "sauf":
                return self._mots(mots, rang)
            case "ouvre":
                return self._parenthese(mots, rang)
            case _:
                pass
        return 1

    def _jours(self, mots: Sequence[Mot], rang: int) -> int:
        clause = self.clause
        debut = int(mots[rang].valeur or 0)  # type: ignore[arg-type]
        suite = rang + 1
        if suite < len(mots) and mots[suite].genre in ("a", "tiret"):
            suite += 1
            while suite < len(mots) and mots[suite].genre == "vide":
                suite += 1
            if suite < len(mots) and mots[suite].genre == "jour":
                fin = int(mots[suite].valeur or 0)  # type: ignore[arg-type]
                jours = range(debut, fin + 1) if debut <= fin else (*range(debut, 7), *range(fin + 1))
                clause.jours.extend(jours)
                return suite + 1 - rang
        clause.jours.append(debut)
        return 1

    def _rendez_vous(self, mots: Sequence[Mot], rang: int) -> int:
        """« Sur RDV l'après-midi » beside hours is about the afternoon, not about those hours."""
        suite = mots[rang + 1] if rang + 1 < len(mots) else None
        apres = mots[rang + 2] if rang + 2 < len(mots) else None
        texte = str(mots[rang].valeur)
        if suite and suite.genre == "demi" and (apres is None or apres.genre != "heure"):
            self._conditionner(f"{texte} {self._extrait(suite, suite)}")
            return 2
        if rang and mots[rang - 1].genre == "demi" and self.clause.plages:
            texte = f"{self.clause.demi} {texte}"
            self.clause.demi = ""
        self._conditionner(texte)
        return 1

    def _sauf(self, mots: Sequence[Mot], rang: int) -> int | None:
        """« Sauf le 1er lundi du mois »: those days are taken out."""
        rangs: list[int] = []
        jours: list[int] = []
        suite = rang + 1
        while suite < len(mots) and mots[suite].genre in ("rang", "jour", "vide", "et"):
            valeur = mots[suite].valeur
            if isinstance(valeur, int):
                (rangs if mots[suite].genre == "rang" else jours).append(valeur)
            suite += 1
        if not jours and rangs and self.jour is not None:
            jours = [self.jour]
        if not jours:
            return None
        self.clause.exclus.extend((jour, tuple(sorted(rangs))) for jour in jours)
        return suite - rang

    def _saison(self, mots: Sequence[Mot], rang: int) -> int | None:
        """« Juillet-août : 10h-12h », « fermé en août »: months that have hours of their own."""
        suite = rang + 1
        fin = mots[rang]
        if (
            suite + 1 < len(mots)
            and mots[suite].genre in ("tiret", "a", "et", "barre")
            and mots[suite + 1].genre == "mois"
        ):
            fin = mots[suite + 1]
            suite += 2
        deux_points = suite < len(mots) and mots[suite].genre == "deux_points"
        if self.clause.plages or not (deux_points or (self.clause.ferme and suite >= len(mots))):
            return None
        premier = str(mots[rang].valeur)
        self.clause.avant.insert(0, premier if fin is mots[rang] else f"{premier}-{fin.valeur}")
        return suite - rang

    def _mots(self, mots: Sequence[Mot], rang: int) -> int:
        """A run of words that say something else: kept as a comment."""
        suite, dernier = rang, rang
        while suite < len(mots) and mots[suite].genre in (*_COMMENTAIRE, "vide", "a", "et", "demi"):
            if mots[suite].genre in (*_COMMENTAIRE, "demi"):
                dernier = suite
            suite += 1
        premier = rang
        while premier and mots[premier - 1].genre in ("vide", "a"):
            premier -= 1
        self._conditionner(self._extrait(mots[premier], mots[dernier])[:_LONGUEUR_MOTS])
        return dernier + 1 - rang

    def _parenthese(self, mots: Sequence[Mot], rang: int) -> int | None:
        fin = next((i for i in range(rang + 1, len(mots)) if mots[i].genre == "referme"), len(mots))
        dedans = [m for m in mots[rang + 1 : fin] if m.genre != "ouvre"]
        pas = min(fin, len(mots) - 1) + 1 - rang
        if not any(m.genre == "heure" for m in dedans) and not _ferme_en_saison(dedans):
            sous_rang = 0
            while sous_rang < len(dedans):
                avance = self._mot(dedans, sous_rang)
                if avance is None:
                    return None
                sous_rang += avance
            return pas
        lue = _Lecteur(self.texte, self.jour).lire(dedans)
        if lue is None or (lue.jours and lue.jours != self.clause.jours and self.jour not in lue.jours):
            return None
        self.clause.ajouts.extend(lue.tranches())
        return pas

    def _une_heure_seule(self, mots: Sequence[Mot], rang: int) -> bool:
        return sum(m.genre == "heure" for m in mots[rang:]) == 1

    def _conditionner(self, texte: str, *, incertaine: bool = False) -> None:
        """Attach a condition to the hours already read that have none, else to those to come."""
        clause = self.clause
        texte = " ".join(texte.replace('"', " ").split()).strip(" ,;:-/")
        if not texte:
            return
        libres = [n for n, (_, conditions, _) in enumerate(clause.plages) if not conditions]
        if clause.plages and not clause.attente:
            for n in libres or range(len(clause.plages)):
                plage, conditions, deja = clause.plages[n]
                clause.plages[n] = (plage, (*conditions, texte), deja or incertaine)
        else:
            clause.conditions.append(texte)
            clause.incertaine = clause.incertaine or incertaine

    def _extrait(self, premier: Mot, dernier: Mot) -> str:
        return self.texte[premier.debut : dernier.fin]

    def _finir(self) -> _Clause | None:
        clause = self.clause
        if clause.attente:
            if not clause.depuis:
                return None
            clause.plages.append(((clause.attente.pop(), None), (), False))
        if clause.conditions and clause.plages:
            avant = tuple(clause.conditions)
            clause.plages = [
                (plage, conditions or avant, incertaine or (clause.incertaine and not conditions))
                for plage, conditions, incertaine in clause.plages
            ]
        clause.jours = list(dict.fromkeys(clause.jours))
        return clause


def _ferme_en_saison(mots: Sequence[Mot]) -> bool:
    genres = {m.genre for m in mots}
    return "ferme" in genres and "mois" in genres
