"""Reading places: a page by filters, the nearest to a point, one of them. Answers are made of stored bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from socle.donnees import feed
from socle.donnees.db import ReadSession
from socle.donnees.feed import Publiee
from socle.web.pagination import Valeur

from annuaire.lieux import repository
from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.modele_lecture import ModeleLecture, Proche
from annuaire.lieux.parameters import ParametresLieux
from annuaire.lieux.repository import KIND, Filtres
from annuaire.territoires.errors import CoucheAbsente
from annuaire.territoires.referentiel import Referentiel

RAYON_DEFAUT_M = 10_000


@dataclass(frozen=True, slots=True)
class Tranche:
    """A page: documents, the position of the last one when there may be more, the total if asked.

    `distances` are whole metres to the point of the question, one for each document, or empty without a point.
    """

    publiees: Sequence[Publiee]
    distances: Sequence[int]
    suite: list[Valeur] | None
    total: int | None


def preciser(filtres: Filtres, referentiel: Referentiel, *, couche: bool) -> Filtres:
    """Widen a city to its arrondissements; refuse the quarters when their layer is absent (400, not an empty list)."""
    if filtres.qpv and not couche:
        raise CoucheAbsente("Aucune couche de quartiers n'est chargée : ce filtre ne peut pas répondre.")
    codes = dict.fromkeys(filtres.code_insee)
    for code in filtres.code_insee:
        codes |= dict.fromkeys(a.code for a in referentiel.arrondissements(code))
    return replace(filtres, code_insee=tuple(codes))


async def page(
    session: ReadSession,
    modele: ModeleLecture,
    parametres: ParametresLieux,
    filtres: Filtres,
    position: Sequence[Valeur] | None,
) -> Tranche:
    """Return a page of places, in the order of ids, or by distance when a point is given."""
    total = await repository.compter(session, filtres) if parametres.compte and not parametres.proche else None
    if parametres.proche is None:
        apres = UUID(str(position[0])) if position else None
        trouves = await repository.page(session, filtres, apres=apres, limite=parametres.limite)
        suite: list[Valeur] | None = [str(trouves[-1].id)] if len(trouves) == parametres.limite else None
        return Tranche(trouves, [], suite, total)
    await modele.rafraichir(session)
    proches = _proches(modele, parametres, filtres, position)
    if parametres.compte:
        total = len(_proches(modele, parametres, filtres, None, limite=modele.taille + 1))
    publiees = await feed.lire(session, KIND, [p.id for p in proches])
    visibles = [p for p in proches if p.id in publiees and not publiees[p.id].supprime]
    suite = [repr(proches[-1].distance_m), str(proches[-1].id)] if len(proches) == parametres.limite else None
    return Tranche([publiees[p.id] for p in visibles], [round(p.distance_m) for p in visibles], suite, total)


def avec_distances(documents: Sequence[bytes], distances: Sequence[int]) -> list[bytes]:
    """Add `distance_m` to documents, where a point was given."""
    if not distances:
        return list(documents)
    return [b'%s,"distance_m":%d}' % (d[:-1], m) for d, m in zip(documents, distances, strict=True)]


def _proches(
    modele: ModeleLecture,
    parametres: ParametresLieux,
    filtres: Filtres,
    position: Sequence[Valeur] | None,
    *,
    limite: int | None = None,
) -> list[Proche]:
    latitude, longitude = parametres.point()
    return modele.proches(
        latitude,
        longitude,
        rayon_m=parametres.rayon or RAYON_DEFAUT_M,
        filtres=filtres,
        limite=limite or parametres.limite,
        apres=Proche(UUID(str(position[1])), float(str(position[0]))) if position else None,
        sans_public=parametres.sans_public,
    )


async def un(session: ReadSession, id: UUID) -> Publiee:
    """Return one place, or the publication that says where it went (`redirection`).

    Raises `LieuInconnu` (404), `LieuSupprime` (410).
    """
    publiee = (await feed.lire(session, KIND, [id])).get(id)
    if publiee is None:
        raise LieuInconnu("Aucun lieu ne porte cet identifiant.")
    if publiee.supprime and publiee.redirection is None:
        raise LieuSupprime("Ce lieu n'est plus dans la liste de sa source.", supprime_le=publiee.modifie_le.isoformat())
    return publiee
