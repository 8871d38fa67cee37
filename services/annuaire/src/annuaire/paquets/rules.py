"""What a pack holds of a place and of a time zone, and how a phone without a network reads an opening in it.

Slots are those of the clock on the wall of the place, as `HH:MM` of each of its days; the offsets of each time zone
are given once, from which instant to which. So a reader needs neither the syntax of opening hours, nor the list of
public holidays, nor a table of time zones. `ouverture` is the reference of readers written in other languages
(docs/guides/hors-ligne.md says it step by step).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from annuaire.lieux.horaires.ouverture import Creneau, Journee
from annuaire.lieux.passages import MONTRES

JOURS: Final = 14
MINUTE, JOUR = 60, 86_400
OUVERTS: Final = frozenset({"ouvert", "ouvert_sur_rdv"})
MEMBRES: Final = (
    "id", "nom", "adresse", "code_postal", "commune", "latitude", "longitude", "telephone", "modalites_acces",
    "frais_a_charge", "services", "verifie_le", "licence",
)  # fmt: skip
"""Members of the public document that a pack keeps as they are."""

Decalage = dict[str, Any]
INCONNUE: Final[dict[str, str | None]] = {"etat": "inconnu", "ferme_a": None, "prochaine": None}


def lieu_compact(
    document: Mapping[str, Any], *, fuseau: str, sans_public: bool, journees: Iterable[Journee]
) -> dict[str, Any]:
    """Reduce a public document to what a pack keeps, with the openings of the days of the pack.

    `fuseau` is the IANA time zone whose clock the openings follow, `sans_public` marks a place that receives nobody.
    """
    return {
        **{nom: document[nom] for nom in MEMBRES},
        "sans_public": sans_public,
        "fuseau": fuseau,
        "passages": [{nom: passage[nom] for nom in MONTRES} for passage in document.get("passages") or ()],
        "creneaux": [creneaux_du_mur(journee.creneaux) for journee in journees],
    }


def creneaux_du_mur(creneaux: Iterable[Creneau]) -> list[dict[str, Any]]:
    """Write the openings of one local day as hours of the clock on the wall, in order; `a` is excluded.

    The hour that an autumn night shows twice is one on the wall: its two readings, which are equal, become one.
    A slot of a stop bears its place in `passages`.
    """
    joints: list[tuple[int, int, tuple[str, int]]] = []
    for debut, fin, dit in sorted(
        (_minute(c.debut), _derniere_minute(c.fin), (c.etat.value, c.arret.rang if c.arret else -1)) for c in creneaux
    ):
        if joints and joints[-1][2] == dit and debut <= joints[-1][1]:
            joints[-1] = (joints[-1][0], max(fin, joints[-1][1]), dit)
        else:
            joints.append((debut, fin, dit))
    return [
        {"de": _heure(debut), "a": _heure(fin), "etat": etat, **({"passage": rang} if rang >= 0 else {})}
        for debut, fin, (etat, rang) in joints
    ]


def decalages(tranches: Iterable[tuple[int, int, int]]) -> list[Decalage]:
    """Write the offsets from UTC of a time zone, in minutes, each with the instant from which it holds."""
    return [{"depuis": _utc(debut), "minutes": decalage // MINUTE} for debut, _, decalage in tranches]


def licences(documents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Name each licence of these documents once, with the sources that bear it, in order."""
    sources: dict[str, set[str]] = {}
    for document in documents:
        sources.setdefault(document["licence"], set()).update(document["sources"])
    return [{"licence": licence, "sources": sorted(noms)} for licence, noms in sorted(sources.items())]


def ouverture(paquet: Mapping[str, Any], lieu: Mapping[str, Any], instant: datetime) -> dict[str, Any]:
    """Return `{etat, ferme_a, prochaine}` of a place of a pack at an instant (aware), as the service would say it.

    A place that moves has `passage` too: the stop of all this, by its place in `passages`, where there is one. Before
    and after the days of the pack, `inconnu`. `ferme_a` and `prochaine` are local, in RFC 3339, and `None` when they
    lie beyond the last day of the pack.
    """
    debut, fin, plages = _plages(paquet, lieu)
    t = instant.timestamp()
    if not debut <= t < fin:
        return INCONNUE
    etat, ferme_a, prochaine, passage = "ferme", None, None, None
    for d, f, celui_ci, arret in plages:
        if d <= t < f:
            etat, passage = celui_ci, arret
            ferme_a = f if etat in OUVERTS and f < fin else None
        elif d > t and celui_ci in OUVERTS and prochaine is None and (etat != "inconnu" or arret == passage):
            prochaine = d
            passage = arret if etat == "ferme" else passage
    zone = paquet["fuseaux"][lieu["fuseau"]]
    return {
        "etat": etat,
        "ferme_a": None if ferme_a is None else _local(ferme_a, zone),
        "prochaine": None if prochaine is None or etat in OUVERTS else _local(prochaine, zone),
        **({"passage": passage} if passage is not None else {}),
    }


Plage = tuple[int, int, str, int | None]


def _plages(paquet: Mapping[str, Any], lieu: Mapping[str, Any]) -> tuple[int, int, list[Plage]]:
    """Return the first and last second of the pack at this place, and its spans between them (Unix time), joined."""
    du = _unix(f"{paquet['du']}T00:00:00Z")
    zone = paquet["fuseaux"][lieu["fuseau"]]
    fin_mur = du + JOUR * len(lieu["creneaux"])
    debuts = [_unix(z["depuis"]) for z in zone]
    fin = fin_mur - zone[-1]["minutes"] * MINUTE
    plages: list[Plage] = []
    # An offset shifts the slots of its own stretch of time and no other: what the wall shows then decides.
    for z, debut, borne in zip(zone, debuts, [*debuts[1:], fin], strict=True):
        for d, f, etat, arret in _au_mur(du, lieu["creneaux"]):
            d, f = max(d - z["minutes"] * MINUTE, debut), min(f - z["minutes"] * MINUTE, borne)
            if d < f and plages and plages[-1][1:] == (d, etat, arret):
                plages[-1] = (plages[-1][0], f, etat, arret)
            elif d < f:
                plages.append((d, f, etat, arret))
    return debuts[0], fin, plages


def _au_mur(du: int, creneaux: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[Plage]:
    """Yield `(start, end, state, stop)` of every slot, in seconds of the clock on the wall as if it stood in UTC."""
    for rang, jour in enumerate(creneaux):
        for c in jour:
            minuit = du + rang * JOUR
            yield minuit + _secondes(c["de"]), minuit + _secondes(c["a"]), c["etat"], c.get("passage")


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _derniere_minute(fin: datetime) -> int:
    """Return what the wall shows at the end of a span, as it ends: `24:00` at midnight, and the old offset's hour."""
    avant = datetime.fromtimestamp(fin.timestamp() - MINUTE, fin.tzinfo)
    return _minute(avant) + 1


def _heure(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _secondes(heure: str) -> int:
    return int(heure[:2]) * 3600 + int(heure[3:]) * 60


def _utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unix(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())


def _local(instant: int, zone: Sequence[Mapping[str, Any]]) -> str:
    minutes = next(z["minutes"] for z in reversed(zone) if _unix(z["depuis"]) <= instant)
    return datetime.fromtimestamp(instant, timezone(timedelta(minutes=minutes))).isoformat(timespec="seconds")
