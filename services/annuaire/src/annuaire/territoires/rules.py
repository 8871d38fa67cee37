"""Pure rules of territories: folding of commune names, départements of codes, time zones, distances."""

from __future__ import annotations

import math
import re
import unicodedata

RAYON_TERRE_M = 6_371_008.8

# The accents of our alphabet; those of others are looked up one by one. U+034F, between them, is not an accent.
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "’": " ", "'": " ", "╢": "a"})
_PARENTHESES = re.compile(r"\([^()]*\)")
_CEDEX = re.compile(r"\bcedex\b.*$")
_ARRONDISSEMENT = re.compile(
    r"\b(?:\d{1,2}|[ivx]{1,5})(?:\s*+(?:ers?|e|emes?|nde?|ieme))?\s++arr(?:ondissements?|t|dt|ond)?\b|\barr(?:ondissements?|t|dt|ond)\b"
)
_CHIFFRE = re.compile(r"\d")
_ORDINAL = re.compile(r"\b\d+\s*(?:er|eme|ieme|e|nd|nde)?\b")
_NON_LETTRE = re.compile(r"[^a-z]+")
_SAINT = re.compile(r"\bst(e?)\b")
_ARTICLE = re.compile(r"^(?:l|le|la|les|los|lo|las) (?=.)")


def plier(nom: str) -> str:
    """Fold the name of a commune into words of plain letters separated by one space, for comparison only.

    Case, accents, ligatures, apostrophes and hyphens disappear; `St`/`Ste` become `saint`/`sainte`; `CEDEX` and what
    follows, arrondissement numbers, digits and what stands between parentheses are dropped.
    Two names of the COG never fold alike inside one postal code, once their parentheses are kept (see `deplier`).
    """
    texte = _sans_accents(nom)
    texte = _CEDEX.sub(" ", _PARENTHESES.sub(" ", texte))
    if "arr" in texte or _CHIFFRE.search(texte):
        texte = _ORDINAL.sub(" ", _ARRONDISSEMENT.sub(" ", texte))
    return _mots(texte)


def deplier(nom: str) -> str:
    """Fold a name like `plier`, keeping the words between parentheses (« Château-Chinon (Ville) »)."""
    return plier(nom.replace("(", " ").replace(")", " "))


def sans_article(plie: str) -> str:
    """Drop the leading article of a folded name (`le pont de claix` → `pont de claix`)."""
    return _ARTICLE.sub("", plie)


def serrer(plie: str) -> str:
    """Drop the leading article and the spaces of a folded name: what two writings of one name have in common."""
    return sans_article(plie).replace(" ", "")


def _sans_accents(texte: str) -> str:
    texte = texte.translate(_LIGATURES).lower()
    if texte.isascii():
        return texte
    texte = _ACCENTS.sub("", unicodedata.normalize("NFKD", texte))
    return texte if texte.isascii() else "".join(c for c in texte if not unicodedata.combining(c))


def _mots(texte: str) -> str:
    texte = _NON_LETTRE.sub(" ", texte).strip()
    return _SAINT.sub(r"saint\1", texte) if "st" in texte else texte


_NUMERO = re.compile(r"\b(paris|lyon|marseille)\s+(?:cedex\s+)?0?(\d{1,2})(?!\d)")
_NUMERO_ROMAIN = re.compile(r"\b(?:paris|lyon|marseille)\s+(x{0,2}(?:ix|iv|v?i{0,3}))(?:er|e|eme)?\b")
_ROMAINS = {"i": 1, "v": 5, "x": 10}
ARRONDISSEMENTS = {"75056": (75100, 20), "69123": (69380, 9), "13055": (13200, 16)}


def numero_arrondissement(nom: str) -> int | None:
    """Read the number of the arrondissement in a name: « Paris 12e », « LYON 03 », « Marseille XIVe »; or `None`."""
    texte = _NON_ALPHANUMERIQUE.sub(" ", _sans_accents(nom))
    if trouve := _NUMERO.search(texte):
        return int(trouve[2])
    if (trouve := _NUMERO_ROMAIN.search(texte)) and (romain := trouve[1]):
        valeurs = [_ROMAINS[c] for c in romain]
        return sum(-v if v < max(valeurs[i:]) else v for i, v in enumerate(valeurs))
    return None


_NON_ALPHANUMERIQUE = re.compile(r"[^a-z0-9]+")


def code_arrondissement(code_commune: str, numero: int) -> str | None:
    """INSEE code of the municipal arrondissement `numero` of Paris, Lyon or Marseille; `None` if there is none."""
    base, dernier = ARRONDISSEMENTS.get(code_commune, (0, 0))
    return str(base + numero) if 1 <= numero <= dernier else None


_CODE_INSEE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_CODE_POSTAL = re.compile(r"[0-9]{5}")


def lire_code_insee(valeur: str | None) -> str | None:
    """Read an INSEE commune code: spaces and a spreadsheet's `.0` dropped, lost leading zero restored."""
    code = _chiffres(valeur).upper()
    return code if _CODE_INSEE.fullmatch(code) else None


def lire_code_postal(valeur: str | None) -> str | None:
    """Read a postal code (same repairs as `lire_code_insee`); `None` if it is not five digits in the end."""
    code = _chiffres(valeur)
    return code if _CODE_POSTAL.fullmatch(code) and code != "00000" else None


def _chiffres(valeur: str | None) -> str:
    texte = re.sub(r"\s+", "", valeur or "")[:16]
    texte = texte.removeprefix("F-").removesuffix(".0").removesuffix(",0")
    return "0" + texte if re.fullmatch(r"[1-9]\d{3}", texte, re.ASCII) else texte


def departement_du_code_insee(code: str) -> str:
    """Département or overseas territory of an INSEE commune code (COG: three characters from 97 on)."""
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def departements_du_code_postal(code_postal: str) -> tuple[str, ...]:
    """Départements that a postal code announces by its first digits; empty when it announces none.

    About twenty metropolitan communes have the postal code of a neighbour: only the reference knows them.
    Corsica: 200 and 201 are Corse-du-Sud, 202 and 206 Haute-Corse, the rest (CEDEX) either.
    """
    if code_postal == "97133":
        return ("977",)
    if code_postal == "97150":
        return ("978",)
    prefixe = code_postal[:2]
    if prefixe == "20":
        return {"0": ("2A",), "1": ("2A",), "2": ("2B",), "6": ("2B",)}.get(code_postal[2:3], ("2A", "2B"))
    if prefixe in ("97", "98"):
        territoire = code_postal[:3]
        return (territoire,) if territoire in FUSEAUX else ()
    return (prefixe,) if "01" <= prefixe <= "95" else ()


FUSEAU_METROPOLE = "Europe/Paris"
FUSEAUX = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "984": "Indian/Kerguelen",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
    # Clipperton keeps UTC-8 all the year, as Pitcairn does; the tz database has no zone of its own for it.
    "989": "Pacific/Pitcairn",
}
FUSEAUX_COMMUNES = {
    "98719": "Pacific/Gambier",
    # Marquises: Fatu-Hiva, Hiva-Oa, Nuku-Hiva, Tahuata, Ua-Huka, Ua-Pou
    **dict.fromkeys(("98718", "98723", "98731", "98746", "98756", "98757"), "Pacific/Marquesas"),
    # Terre-Adélie is at UTC+10 (Dumont-d'Urville); the Îles Éparses lie around Mayotte and Réunion.
    "98414": "Antarctica/DumontDUrville",
    "98415": "Indian/Mayotte",
}


def fuseau(code: str) -> str:
    """IANA time zone of a commune or of a département, from its code (`01004`, `2A`, `97418`, `974`)."""
    if code in FUSEAUX_COMMUNES:
        return FUSEAUX_COMMUNES[code]
    return FUSEAUX.get(departement_du_code_insee(code), FUSEAU_METROPOLE)


def fuseaux_du_departement(code: str) -> tuple[str, ...]:
    """IANA time zones of a département, its own first; French Polynesia alone has several that people live in."""
    autres = (nom for commune, nom in FUSEAUX_COMMUNES.items() if departement_du_code_insee(commune) == code)
    return tuple(dict.fromkeys((fuseau(code), *autres)))


# South, north, west, east in degrees, rounded outwards: enough to see that a point is on the wrong side of the world.
BOITES = {
    "metropole": (41.2, 51.2, -5.3, 9.7),
    "971": (15.8, 16.6, -61.9, -60.9),
    "972": (14.3, 15.0, -61.3, -60.7),
    "973": (2.0, 6.0, -54.7, -51.5),
    "974": (-21.5, -20.8, 55.1, 55.9),
    "975": (46.7, 47.2, -56.6, -56.0),
    "976": (-13.1, -12.6, 44.9, 45.4),
    "977": (17.8, 18.0, -63.0, -62.7),
    "978": (18.0, 18.2, -63.2, -62.9),
    "986": (-14.4, -13.1, -178.3, -176.0),
    "987": (-28.0, -7.7, -155.0, -134.0),
    "988": (-23.0, -17.5, 157.0, 172.2),
}


def dans_la_boite(departement: str, latitude: float, longitude: float) -> bool:
    """Whether a WGS84 point lies in the box of a département's land; `True` for lands that have no box here."""
    boite = BOITES.get(departement if departement[:2] in ("97", "98") else "metropole")
    return boite is None or (boite[0] <= latitude <= boite[1] and boite[2] <= longitude <= boite[3])


def dans_une_boite(latitude: float, longitude: float) -> bool:
    """Whether a WGS84 point lies in the box of one of the lands of France (austral lands and Clipperton left out)."""
    return any(sud <= latitude <= nord and ouest <= longitude <= est for sud, nord, ouest, est in BOITES.values())


def distance_m(latitude: float, longitude: float, autre_latitude: float, autre_longitude: float) -> float:
    """Great-circle distance in metres between two WGS84 points in degrees (haversine, mean radius; ±0.5 %)."""
    phi, phi2 = math.radians(latitude), math.radians(autre_latitude)
    a = (
        math.sin((phi2 - phi) / 2) ** 2
        + math.cos(phi) * math.cos(phi2) * math.sin(math.radians(autre_longitude - longitude) / 2) ** 2
    )
    return 2 * RAYON_TERRE_M * math.asin(min(1.0, math.sqrt(a)))
