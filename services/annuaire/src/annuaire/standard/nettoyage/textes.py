"""Texts: encoding, control characters, HTML, spaces, words that mean « nothing », lengths."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from typing import Any, Final

from annuaire.referentiels.rules import cle_de_lecture

from ..anomalies import Anomalie
from ..tableur import MARQUE, demarquer
from .nettoye import Nettoye, anomalie

LONGUEUR_CELLULE: Final = 20_000
LONGUEUR_COURTE: Final = 255
LONGUEUR_RESUME: Final = 280
LONGUEUR_DETAIL: Final = 10_000

_ESPACES: Final = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LIGNES: Final = re.compile(r" ?\n ?")
_LIGNES_VIDES: Final = re.compile(r"\n{3,}")
_BALISE_DE_LIGNE: Final = re.compile(r"<\s{0,3}/?\s{0,3}(?:br|p|div|li|ul|ol|tr|h[1-6])\b[^<>]{0,500}>", re.IGNORECASE)
_BALISE: Final = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,500})?/?>|<!--[^<>]{0,500}-->")
_ENTITE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d?);")
_CP1252_HAUT: Final = {i: c for i in range(0x80, 0xA0) if (c := bytes([i]).decode("cp1252", "ignore"))}
# A run of what UTF-8 looks like once read as Latin-1 or Windows-1252.
_SUITE_SUSPECTE: Final = re.compile("[\u0080-\u00ff" + "".join(_CP1252_HAUT.values()) + "]{2,}")
# Decoded characters outside this set mean that the run was right as it was (`SANTÉ…` would give `SANTɅ`).
_PLAUSIBLES: Final = frozenset(map(chr, range(0xA0, 0x100))) | frozenset(_CP1252_HAUT.values()) | {"\u202f"}
_RESTE_SUSPECT: Final = re.compile("Ã[\u0080-\u00bf]|â€|\ufffd")
_FORMULE_TEXTE: Final = re.compile(r'="([^"]{0,255})"')
_FORMULE: Final = re.compile(
    r"[=@+\-][A-Z][A-Z0-9_.]{0,40}\(|=\s{0,3}[A-Za-z_.]{1,40}\s{0,3}[(|!]|=\s{0,3}\$?[A-Z]{1,3}\$?\d"
)

#: Spellings of « nothing » found in real lists, folded.
_SANS_VALEUR: Final = frozenset(
    {
        "null",
        "none",
        "nan",
        "na",
        "nd",
        "nc",
        "nil",
        "undefined",
        "neant",
        "vide",
        "nonrenseigne",
        "nonrenseignee",
    }
    | {
        "nonrenseignes",
        "nonconnu",
        "nonconnue",
        "inconnu",
        "inconnue",
        "sansobjet",
        "nonapplicable",
        "aucune",
        "aucun",
    }
    | {
        "nref",
        "ref",
        "valeur",
        "value",
        "arenseigner",
        "acompleter",
        "nonprecise",
        "nonprecisee",
        "noncommunique",
    }
    | {"noncommuniquee"}
)
# `#REF!` and `#N/A` are what a spreadsheet writes for a failed formula; `ref` alone may be a word.
_AVEC_DIESE: Final = frozenset({"nref", "ref", "valeur", "value"})
#: Control, format (zero width, bidirectional), surrogate, private and unassigned characters.
_CATEGORIES_REFUSEES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_PASSES: Final = 8
_SANS_HTML: Final = str.maketrans("<>&", "   ")


def sans_valeur(texte: str) -> bool:
    """Tell whether a text only says that there is nothing (`NEANT`, `-`, `n/a`, `#REF!`…)."""
    if len(texte) > 24 or "0" <= texte[-1:] <= "9":
        return False
    cle = cle_de_lecture(texte)
    if not cle:
        return not any(c.isalnum() for c in texte)
    return cle in _SANS_VALEUR and (cle not in _AVEC_DIESE or texte.lstrip().startswith("#"))


def en_texte(brut: Any, champ: str) -> Nettoye[str | None]:
    """Turn the value of a cell into a raw text, or `None` when it is empty.

    A whole float loses its `.0`; a list of one value gives that value; a boolean, an object or a longer list is
    refused (`type_inattendu`). A text over 20,000 characters is cut before anything else reads it.
    """
    if brut is None:
        return Nettoye(None)
    if isinstance(brut, str):
        if len(brut) > LONGUEUR_CELLULE:
            return Nettoye(brut[:LONGUEUR_CELLULE], (anomalie("texte_tronque", champ, brut),))
        return Nettoye(brut)
    if isinstance(brut, bool):
        return Nettoye(None, (anomalie("type_inattendu", champ, "vrai" if brut else "faux"),))
    if isinstance(brut, int):
        return Nettoye(str(brut)) if abs(brut) < 10**40 else _refuser(brut, champ)
    if isinstance(brut, float):
        if not math.isfinite(brut):
            return Nettoye(None, (anomalie("mention_sans_valeur", champ, brut),))
        return Nettoye(str(int(brut)) if brut.is_integer() and abs(brut) < 10**15 else repr(brut))
    if isinstance(brut, (list, tuple)):
        restants = [v for v in brut if v is not None and v != ""]
        if not restants:
            return Nettoye(None)
        if len(restants) == 1 and not isinstance(restants[0], (list, tuple, dict)):
            return en_texte(restants[0], champ)
    elif isinstance(brut, dict) and not brut:
        return Nettoye(None)
    return _refuser(brut, champ)


def _refuser(brut: Any, champ: str) -> Nettoye[str | None]:
    return Nettoye(None, (anomalie("type_inattendu", champ, brut),))


def nettoyer_texte(brut: str, champ: str, *, lignes: bool = False) -> Nettoye[str | None]:
    """Clean a text: NFC, encoding repaired, controls and HTML removed, spaces made single.

    `lignes` keeps line breaks (long texts). Gives `None` for an empty text, and for a word that means nothing
    (`mention_sans_valeur`) or a spreadsheet formula (`formule_non_lue`). Runs of spaces and Unicode forms are put
    right without a word; everything else is told. Cleaning twice changes nothing more.
    """
    if _est_simple(brut):
        return _terminer(" ".join(brut.split()), brut, champ, ())
    anomalies: dict[str, Anomalie] = {}
    texte = brut
    for passe in range(_PASSES + 1):
        avant = texte
        texte = unicodedata.normalize("NFC", texte)
        if passe == _PASSES:
            # Entities wrapped in entities wrapped in entities: no honest text needs eight passes.
            texte = texte.translate(_SANS_HTML)
        repare = reparer_encodage(texte)
        if repare != texte:
            anomalies.setdefault("encodage_repare", anomalie("encodage_repare", champ, brut, corrige=repare))
            texte = repare
        propre, retires = retirer_controles(texte)
        if retires:
            anomalies.setdefault("caracteres_retires", anomalie("caracteres_retires", champ, brut, corrige=propre))
        texte = propre
        sans_html = retirer_html(texte)
        if sans_html != texte:
            anomalies.setdefault("html_retire", anomalie("html_retire", champ, brut, corrige=sans_html.strip()))
            texte = sans_html
        texte = _espacer(texte, lignes)
        if texte == avant:
            break
    if _RESTE_SUSPECT.search(texte):
        anomalies["encodage_suspect"] = anomalie("encodage_suspect", champ, texte)
    return _terminer(texte, brut, champ, tuple(anomalies.values()))


def _est_simple(brut: str) -> bool:
    if not brut.isprintable() or "<" in brut or "&" in brut:
        return False
    return brut.isascii() or (
        unicodedata.is_normalized("NFC", brut) and not _SUITE_SUSPECTE.search(brut) and not _RESTE_SUSPECT.search(brut)
    )


def _espacer(texte: str, lignes: bool) -> str:
    if not lignes:
        return " ".join(texte.split())
    texte = _LIGNES.sub("\n", _ESPACES.sub(" ", texte))
    return _LIGNES_VIDES.sub("\n\n", texte).strip()


def _terminer(texte: str, brut: str, champ: str, anomalies: tuple[Anomalie, ...]) -> Nettoye[str | None]:
    if not texte:
        # A cell of spaces is empty; a cell of anything else says why it ended so.
        if not anomalies and not brut.isspace() and brut:
            anomalies = (anomalie("mention_sans_valeur", champ, brut),)
        return Nettoye(None, anomalies)
    if texte[0] == MARQUE:
        texte = demarquer(texte)
    if texte[0] in "=@+-":
        enveloppe = _FORMULE_TEXTE.fullmatch(texte)
        if enveloppe:
            # ="0102" is how a spreadsheet is told to keep a leading zero.
            interieur = " ".join(enveloppe[1].split())
            suite = anomalie("formule_retiree", champ, texte, corrige=interieur)
            return _terminer(interieur, texte, champ, (*anomalies, suite))
        if _FORMULE.match(texte):
            return Nettoye(None, (*anomalies, anomalie("formule_non_lue", champ, texte)))
    if sans_valeur(texte):
        return Nettoye(None, (*anomalies, anomalie("mention_sans_valeur", champ, texte)))
    return Nettoye(texte, anomalies)


def reparer_encodage(texte: str) -> str:
    """Undo UTF-8 read as Latin-1 or Windows-1252 (`Ã©` for `é`), and C1 controls that stood for typography.

    Each run is repaired on its own, and only if it gives back characters that French texts use. U+0092 is a curly
    apostrophe in lists written under Windows.
    """
    texte = _SUITE_SUSPECTE.sub(_reparer_suite, texte)
    if any("\x80" <= c <= "\x9f" for c in texte):
        texte = texte.translate(_CP1252_HAUT)
    return texte


def _reparer_suite(trouvee: re.Match[str]) -> str:
    suite = trouvee[0]
    try:
        # Windows-1252 leaves five bytes undefined, that readers pass through as C1 controls.
        octets = b"".join(c.encode("latin-1") if c <= "\xff" else c.encode("cp1252") for c in suite)
        repare = octets.decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return suite
    return repare if _PLAUSIBLES.issuperset(repare) else suite


def retirer_html(texte: str) -> str:
    """Remove HTML tags (block tags become line breaks) and decode entities; other `<` and `&` stay."""
    if "<" in texte:
        texte = _BALISE.sub("", _BALISE_DE_LIGNE.sub("\n", texte))
    if "&" in texte:
        texte = _ENTITE.sub(lambda entite: html.unescape(entite[0]), texte)
    return texte


def retirer_controles(texte: str) -> tuple[str, bool]:
    """Remove control, zero-width, bidirectional, surrogate and unassigned characters; `\\n` and tabs stay.

    Gives the text and whether something else than a soft hyphen, a BOM or a carriage return went.
    """
    texte = texte.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    texte = texte.replace("\x0b", "\n").replace("\x0c", "\n").replace("\x85", "\n")
    if texte.isprintable():
        return texte, False
    garde: list[str] = []
    retires = False
    for c in texte:
        if c in "\n\t" or unicodedata.category(c) not in _CATEGORIES_REFUSEES:
            garde.append(c)
        elif c not in "\ufeff\u00ad\u200b\u200c\u200d":
            retires = True
    return "".join(garde), retires


def nettoyer_court(brut: Any, champ: str, longueur: int = LONGUEUR_COURTE) -> Nettoye[str | None]:
    """Clean a one-line text of at most 255 characters; a longer one is cut at a word (`texte_tronque`)."""
    lu = en_texte(brut, champ)
    if lu.valeur is None:
        return lu
    propre = nettoyer_texte(lu.valeur, champ)
    return couper(Nettoye(propre.valeur, (*lu.anomalies, *propre.anomalies)), champ, longueur)


def nettoyer_long(brut: Any, champ: str, longueur: int = LONGUEUR_DETAIL) -> Nettoye[str | None]:
    """Clean a text of several lines, of at most 10,000 characters."""
    lu = en_texte(brut, champ)
    if lu.valeur is None:
        return lu
    propre = nettoyer_texte(lu.valeur, champ, lignes=True)
    return couper(Nettoye(propre.valeur, (*lu.anomalies, *propre.anomalies)), champ, longueur)


def couper(propre: Nettoye[str | None], champ: str, longueur: int) -> Nettoye[str | None]:
    """Cut a text that is too long at the last space before the limit."""
    texte = propre.valeur
    if texte is None or len(texte) <= longueur:
        return propre
    tete = texte[: longueur - 1]
    mot = tete.rfind(" ")
    coupe = (tete[:mot] if mot > longueur // 2 else tete[:-1]).rstrip() + " …"
    # a run that made no sense whole may make one once cut; each repair shortens it
    while (repare := reparer_encodage(coupe)) != coupe:
        coupe = repare
    return Nettoye(coupe, (*propre.anomalies, anomalie("texte_tronque", champ, texte, corrige=coupe)))


def nettoyer_presentations(resume: Any, detail: Any) -> tuple[Nettoye[str | None], Nettoye[str | None]]:
    """Clean the two texts that present a place; a summary over 280 characters moves to an empty detail.

    Standard v1.0: the summary went from 500 to 280 characters. Where the detail is taken, the summary is cut at a
    word instead. A summary moved leaves its beginning behind, so that short views have one.
    """
    court = nettoyer_long(resume, "presentation_resume")
    long = nettoyer_long(detail, "presentation_detail")
    texte = court.valeur
    if texte is None or len(texte) <= LONGUEUR_RESUME:
        return court, long
    if long.valeur is None:
        coupe = couper(Nettoye(texte), "presentation_resume", LONGUEUR_RESUME).valeur
        signal = anomalie("resume_deplace", "presentation_resume", texte, corrige=coupe)
        return Nettoye(coupe, (*court.anomalies, signal)), Nettoye(texte, long.anomalies)
    return couper(court, "presentation_resume", LONGUEUR_RESUME), long
