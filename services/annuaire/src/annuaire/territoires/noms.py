"""Comparison of a name read in a list with the names of communes, among candidates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from annuaire.territoires.referentiel import Commune, Referentiel
from annuaire.territoires.rules import deplier, plier, sans_article, serrer

Accord = Literal["exact", "ancien", "partie", "orthographe"]

# Two spellings: among the few communes of one postal code, and among the hundreds of a département, where a lower
# threshold meets other communes (Andres and Ardres are at 0.83).
SEUIL_CODE_POSTAL = 0.80
SEUIL_DEPARTEMENT = 0.92
# The first candidate has to be clearly better than the second.
MARGE = 0.08
NOTE_DEBUT, NOTE_FIN = 0.90, 0.85
# A part of a name shorter than this says nothing (« Les », « Val »).
PARTIE_LUE, PARTIE_OFFICIELLE = 4, 3
LONGUEUR_LUE = 200


class NomLu(NamedTuple):
    """A name as read, folded without and with what its parentheses hold; `cedex` when it announces one."""

    brut: str
    plie: str
    deplie: str
    cedex: bool


def lire_nom(nom: str | None) -> NomLu:
    """Prepare a name for comparison; only its first 200 characters count."""
    brut = " ".join((nom or "")[:LONGUEUR_LUE].split())
    plie = plier(brut)
    deplie = deplier(brut) if "(" in brut or ")" in brut else plie
    return NomLu(brut, plie, deplie, "cedex" in brut.casefold())


def exacts(
    referentiel: Referentiel, nom: NomLu, candidates: Iterable[Commune]
) -> tuple[tuple[Commune, ...], Accord | None]:
    """Candidates that bear the name: official with its parentheses, official, without article or spaces, former."""
    candidates = tuple(candidates)
    compares = [(c, referentiel.noms_compares(c)) for c in candidates]
    for voulu in (nom.deplie, nom.plie):
        if trouvees := tuple(c for c, noms in compares if noms.officiels[0] == voulu):
            return trouvees, "exact"
    if trouvees := tuple(c for c, noms in compares if nom.plie in noms.officiels):
        return trouvees, "exact"
    serre = serrer(nom.plie)
    if trouvees := tuple(c for c, noms in compares if any(serre == serrer(n) for n in noms.officiels)):
        return trouvees, "exact"
    if trouvees := tuple(c for c, noms in compares if any(serre == serrer(n) for n in noms.autres)):
        return trouvees, "ancien"
    return (), None


def accord(referentiel: Referentiel, nom: NomLu, commune: Commune) -> Accord | None:
    """How the name read agrees with a commune already designated by other means, `None` when it does not."""
    if nom.brut == commune.nom:
        return "exact"
    trouvees, exact = exacts(referentiel, nom, (commune,))
    if trouvees:
        return exact
    note, maniere = _noter(referentiel, nom, commune)
    return maniere if note >= SEUIL_CODE_POSTAL else None


def approcher(
    referentiel: Referentiel, nom: NomLu, candidates: Iterable[Commune], seuil: float
) -> tuple[Commune, Accord] | None:
    """The candidate whose name is close enough to the one read, and clearly closer than any other's."""
    if len(nom.plie) < PARTIE_OFFICIELLE:
        return None
    notes = sorted(((*_noter(referentiel, nom, c), c) for c in candidates), key=lambda note: (-note[0], note[2].code))
    if not notes or notes[0][0] < seuil or (len(notes) > 1 and notes[0][0] - notes[1][0] < MARGE):
        return None
    return notes[0][2], notes[0][1]


def _noter(referentiel: Referentiel, nom: NomLu, commune: Commune) -> tuple[float, Accord]:
    noms = referentiel.noms_compares(commune)
    return max(_ressemblance(nom.plie, officiel) for officiel in (*noms.officiels, *noms.autres))


def _ressemblance(lu: str, officiel: str) -> tuple[float, Accord]:
    """Likeness of two folded names (0 to 1): by spelling, or because one is made of words of the other."""
    lu, officiel = sans_article(lu), sans_article(officiel)
    orthographe = float(Indel.normalized_similarity(lu.replace(" ", ""), officiel.replace(" ", "")))
    court, long, minimum = (lu, officiel, PARTIE_LUE) if len(lu) < len(officiel) else (officiel, lu, PARTIE_OFFICIELLE)
    partie = 0.0
    if len(court) >= minimum:
        if long.startswith(court + " "):
            partie = NOTE_DEBUT  # « Saint-Donat » for « Saint-Donat-sur-l'Herbasse »
        elif long.endswith(" " + court):
            partie = NOTE_FIN  # « Saint-Auban » for « Château-Arnoux-Saint-Auban »
    return (partie, "partie") if partie >= orthographe else (orthographe, "orthographe")
