"""Pure rules of orientation: what suits a need, in what order, and the reasons, said in French."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from annuaire.lieux.horaires.ouverture import OUVERTS, Etat, Ouverture

AUTONOMIE, A_DISTANCE = "En autonomie", "À distance"
ACCOMPAGNE: Final = frozenset({"Accompagnement individuel", "Dans un atelier collectif"})
GRATUIT, SOUS_CONDITION = "Gratuit", "Gratuit sous condition"

JOURS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MOIS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


class Contrainte(StrEnum):
    """What a need asks beside its subject."""

    SERVICE = "service"
    MOTS = "mots"
    DISTANCE = "distance"
    GRATUIT = "gratuit"
    ACCESSIBLE = "accessible"
    LANGUE = "langue"
    ACCOMPAGNEMENT = "accompagnement"
    HEURE = "heure"


POIDS: Final = {
    Contrainte.SERVICE: 128,
    Contrainte.ACCESSIBLE: 64,
    Contrainte.DISTANCE: 32,
    Contrainte.MOTS: 16,
    Contrainte.GRATUIT: 8,
    Contrainte.LANGUE: 4,
    Contrainte.ACCOMPAGNEMENT: 2,
    Contrainte.HEURE: 1,
}
"""What giving a constraint up costs: one is worth more than all those after it."""

RELACHEES: Final = {
    Contrainte.SERVICE: "aucun lieu ne propose exactement ce qui est demandé : voici ce qui s'en approche",
    Contrainte.MOTS: "aucun lieu ne parle de cela à cette distance : voici les plus proches",
    Contrainte.DISTANCE: "rien ne convient à cette distance : la recherche a été élargie",
    Contrainte.GRATUIT: "aucun lieu gratuit ne convient : certains sont payants",
    Contrainte.ACCESSIBLE: "aucun lieu dont l'accessibilité est dite ne convient",
    Contrainte.LANGUE: "aucun lieu ne dit parler cette langue",
    Contrainte.ACCOMPAGNEMENT: "aucun lieu ne propose cette forme d'accompagnement",
    Contrainte.HEURE: "aucun lieu n'est ouvert à ce moment : voici quand ils ouvrent",
}
"""What is said of a constraint given up because nothing met everything."""

RANGS: Final = {Etat.OUVERT: 0, Etat.SUR_RDV: 0, Etat.INCONNU: 1, Etat.FERME: 2}
"""Order of the states at the time asked: open, unknown, closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Besoin:
    """What is asked. `a_un_moment` says that a time was, `maintenant` that it is the present one."""

    services: tuple[str, ...] = ()
    publics: tuple[str, ...] = ()
    distance_max_m: int
    gratuit: bool = False
    accessible: bool = False
    langue: str | None = None
    accompagnement: Literal["seul", "accompagne"] | None = None
    a_distance: bool = False
    a_un_moment: bool = False
    maintenant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Faits:
    """What is known of a place. `heure` is the time asked on its own clock; `merite` what its words are worth (0–1)."""

    id: str
    services: tuple[str, ...]
    publics: tuple[str, ...]
    frais: tuple[str, ...]
    accompagnements: tuple[str, ...]
    accessibilite: str
    langues: tuple[str, ...]
    recoit_du_public: bool
    telephone: str | None
    ouverture: Ouverture
    heure: datetime
    distance_m: float | None
    merite: float


@dataclass(slots=True)
class Choix:
    """A place judged: why it suits, what to beware of, what it does not meet, what nobody says of it."""

    faits: Faits
    raisons: list[str] = field(default_factory=list)
    reserves: list[str] = field(default_factory=list)
    manques: set[Contrainte] = field(default_factory=set)
    inconnues: set[Contrainte] = field(default_factory=set)

    @property
    def poids(self) -> int:
        """What is given up by going there."""
        return sum(POIDS[manque] for manque in self.manques)


@dataclass(frozen=True, slots=True)
class Orientation:
    """The few places chosen, in order, and what had to be given up for them."""

    choix: tuple[Choix, ...]
    relachees: tuple[Contrainte, ...]


def orienter(
    besoin: Besoin, candidats: Sequence[Faits], limite: int, *, abandonnees: frozenset[Contrainte] = frozenset()
) -> Orientation:
    """Choose a few places. What meets everything, even if not all of it is known, leaves the rest out.

    `abandonnees` were given up to find these candidates.
    """
    juges = [juger(besoin, faits) for faits in candidats if faits.recoit_du_public or _aide_de_loin(besoin, faits)]
    if not juges:
        return Orientation((), ())
    for choix in juges:
        choix.manques |= abandonnees
    meilleur = min(juges, key=lambda choix: choix.poids)
    gardes = [choix for choix in juges if choix.manques <= meilleur.manques]
    gardes.sort(key=lambda choix: _ordre(besoin, choix))
    relachees = sorted(meilleur.manques, key=lambda contrainte: -POIDS[contrainte])
    return Orientation(tuple(gardes[:limite]), tuple(relachees))


def _ordre(besoin: Besoin, choix: Choix) -> tuple[int, int, float, str]:
    etat = RANGS[choix.faits.ouverture.etat] if besoin.a_un_moment else 0
    return etat, len(choix.inconnues), -_note(besoin, choix.faits), choix.faits.id


def _note(besoin: Besoin, faits: Faits) -> float:
    """What its words, its distance and its public are worth: half, a third and the rest of a point."""
    loin = 0.0 if faits.distance_m is None else max(0.0, 1.0 - faits.distance_m / besoin.distance_max_m)
    public = 0.0
    if besoin.publics and faits.publics:
        public = 1.0 if set(besoin.publics) & set(faits.publics) else -1.0
    return 0.5 * faits.merite + 0.33 * loin + 0.17 * public


def juger(besoin: Besoin, faits: Faits) -> Choix:
    """Judge one place."""
    choix = Choix(faits)
    _juger_l_heure(besoin, choix)
    _juger_la_distance(besoin, choix)
    _juger_l_offre(besoin, choix)
    _juger_les_frais(besoin, choix)
    _juger_l_accueil(besoin, choix)
    return choix


def _juger_l_heure(besoin: Besoin, choix: Choix) -> None:
    ouverture, heure = choix.faits.ouverture, choix.faits.heure
    quand = "maintenant" if besoin.maintenant else f"{'' if besoin.a_un_moment else 'en ce moment '}à {heure:%H:%M}"
    if not besoin.a_un_moment:
        if ouverture.etat in OUVERTS:
            choix.raisons.append(f"ouvert en ce moment{_jusqu_a(ouverture, heure)}")
        elif ouverture.prochaine is not None:
            choix.raisons.append(f"ouvre {dire_quand(ouverture.prochaine, heure)}")
        elif ouverture.etat is Etat.INCONNU:
            choix.reserves.append(_telephoner("horaires inconnus", choix.faits))
    elif ouverture.etat is Etat.OUVERT:
        choix.raisons.append(f"ouvert {quand}{_jusqu_a(ouverture, heure)}")
    elif ouverture.etat is Etat.SUR_RDV:
        choix.raisons.append(f"reçoit sur rendez-vous {quand}{_jusqu_a(ouverture, heure)}")
    elif ouverture.etat is Etat.INCONNU:
        choix.inconnues.add(Contrainte.HEURE)
        choix.reserves.append(_telephoner("horaires inconnus", choix.faits))
    elif not _aide_de_loin(besoin, choix.faits):
        choix.manques.add(Contrainte.HEURE)
        suite = f" ; ouvre {dire_quand(ouverture.prochaine, heure)}" if ouverture.prochaine else ""
        choix.reserves.append(f"fermé {quand}{suite}")


def _jusqu_a(ouverture: Ouverture, heure: datetime) -> str:
    fin = ouverture.ferme_a
    if fin is None:
        return ""
    if fin.date() == heure.date():
        return f", jusqu'à {fin:%H:%M}"
    return f", jusqu'à {fin:%H:%M} le {fin.day} {MOIS[fin.month - 1]}"


def dire_quand(instant: datetime, heure: datetime) -> str:
    """Say when, on the clock of the place: « à 14:00 », « demain à 09:00 », « lundi 24 novembre à 09:00 »."""
    if instant.date() == heure.date():
        return f"à {instant:%H:%M}"
    if instant.date() == heure.date() + timedelta(days=1):
        return f"le lendemain à {instant:%H:%M}"
    premier = "1er" if instant.day == 1 else str(instant.day)
    return f"{JOURS[instant.weekday()]} {premier} {MOIS[instant.month - 1]} à {instant:%H:%M}"


def _telephoner(quoi: str, faits: Faits) -> str:
    return (
        f"{quoi} : téléphonez au {faits.telephone}" if faits.telephone else f"{quoi} : renseignez-vous avant d'y aller"
    )


def _juger_la_distance(besoin: Besoin, choix: Choix) -> None:
    loin = choix.faits.distance_m
    if _aide_de_loin(besoin, choix.faits):
        choix.raisons.append("peut aider à distance")
    if loin is None:
        if not _aide_de_loin(besoin, choix.faits):
            choix.inconnues.add(Contrainte.DISTANCE)
            choix.reserves.append("distance inconnue")
    elif loin <= besoin.distance_max_m:
        choix.raisons.append(f"à {dire_la_distance(loin)}")
    elif not _aide_de_loin(besoin, choix.faits):
        choix.manques.add(Contrainte.DISTANCE)
        choix.reserves.append(f"à {dire_la_distance(loin)}, plus loin que demandé")


def dire_la_distance(metres: float) -> str:
    """Say a distance as one does: « 850 m », « 2,4 km », « 18 km »."""
    arrondie = round(metres / 10) * 10
    if arrondie < 1_000:
        return f"{max(arrondie, 10)} m"
    if metres < 10_000:
        return f"{metres / 1_000:.1f} km".replace(".", ",").replace(",0 km", " km")
    return f"{round(metres / 1_000)} km"


def _aide_de_loin(besoin: Besoin, faits: Faits) -> bool:
    return besoin.a_distance and A_DISTANCE in faits.accompagnements


def _juger_l_offre(besoin: Besoin, choix: Choix) -> None:
    proposes = [service for service in besoin.services if service in choix.faits.services]
    choix.raisons += [f"propose « {service} »" for service in proposes]
    if besoin.services and not proposes:
        choix.manques.add(Contrainte.SERVICE)
    accueillis = [public for public in besoin.publics if public in choix.faits.publics]
    choix.raisons += [f"s'adresse à ce public : {public.lower()}" for public in accueillis]
    if besoin.publics and choix.faits.publics and not accueillis:
        choix.reserves.append(f"s'adresse d'abord à d'autres : {', '.join(choix.faits.publics).lower()}")


def _juger_les_frais(besoin: Besoin, choix: Choix) -> None:
    frais = choix.faits.frais
    if GRATUIT in frais:
        choix.raisons.append("gratuit")
    elif SOUS_CONDITION in frais:
        choix.raisons.append("gratuit sous condition")
    elif besoin.gratuit and frais:
        choix.manques.add(Contrainte.GRATUIT)
        choix.reserves.append("payant")
    elif besoin.gratuit:
        choix.inconnues.add(Contrainte.GRATUIT)
        choix.reserves.append("tarif inconnu : demandez")


def _juger_l_accueil(besoin: Besoin, choix: Choix) -> None:
    faits = choix.faits
    if besoin.accessible:
        if faits.accessibilite == "oui":
            choix.raisons.append("accessible")
        elif faits.accessibilite == "non":
            choix.manques.add(Contrainte.ACCESSIBLE)
            choix.reserves.append("dit ne pas être accessible")
        else:
            choix.inconnues.add(Contrainte.ACCESSIBLE)
            choix.reserves.append("accessibilité inconnue : demandez")
    if besoin.langue is not None:
        if besoin.langue in faits.langues:
            choix.raisons.append(f"parle la langue demandée ({besoin.langue})")
        elif faits.langues:
            choix.manques.add(Contrainte.LANGUE)
            choix.reserves.append(f"ne dit pas parler cette langue ({besoin.langue})")
        else:
            choix.inconnues.add(Contrainte.LANGUE)
            choix.reserves.append("langues inconnues : demandez")
    if besoin.accompagnement is not None:
        voulus = {AUTONOMIE} if besoin.accompagnement == "seul" else ACCOMPAGNE
        if voulus & set(faits.accompagnements):
            seul = besoin.accompagnement == "seul"
            choix.raisons.append("on peut y être en autonomie" if seul else "on vous y accompagne")
        elif faits.accompagnements:
            choix.manques.add(Contrainte.ACCOMPAGNEMENT)
        else:
            choix.inconnues.add(Contrainte.ACCOMPAGNEMENT)
            choix.reserves.append("forme d'accompagnement inconnue : demandez")
