"""Filtered lists of territories from the reference in memory; order and pages are by code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from annuaire.territoires.couche import QpvResume
from annuaire.territoires.referentiel import Commune, Departement, Epci, Referentiel
from annuaire.territoires.rules import plier, serrer


class Territoire(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def nom(self) -> str: ...


_T = TypeVar("_T", bound=Territoire)


def page(elements: Iterable[_T], *, q: str | None, apres: str | None, limite: int) -> tuple[list[_T], str | None]:
    """Keep the elements after a code whose name begins with `q`, one page of them and the code of the next cursor."""
    debut = plier(q) if q else ""
    if q and not debut:
        return [], None
    debut_serre = debut.replace(" ", "")
    gardes = (
        e for e in elements if (apres is None or e.code > apres) and (not debut or _commence(e.nom, debut, debut_serre))
    )
    trouves = list(islice(gardes, limite + 1))
    return trouves[:limite], trouves[limite - 1].code if len(trouves) > limite else None


def _commence(nom: str, debut: str, debut_serre: str) -> bool:
    """Whether a name begins with a folded text, its article counted or not."""
    plie = plier(nom)
    return plie.startswith(debut) or serrer(plie).startswith(debut_serre)


def departements(referentiel: Referentiel, *, region: Sequence[str]) -> Iterable[Departement]:
    """Départements of these régions."""
    return (d for d in referentiel.departements() if not region or d.region in region)


def groupements(referentiel: Referentiel, *, departement: Sequence[str], region: Sequence[str]) -> Iterable[Epci]:
    """EPCI and EPT that have a member in these départements and these régions."""
    if not departement and not region:
        return referentiel.groupements()
    return (
        e
        for e in referentiel.groupements()
        if any(_dans(c, departement, region) for c in referentiel.communes_du_groupement(e.code))
    )


def communes(
    referentiel: Referentiel,
    *,
    code_postal: Sequence[str],
    epci: Sequence[str],
    departement: Sequence[str],
    region: Sequence[str],
    q: str | None = None,
) -> Iterable[Commune]:
    """Communes of these postal codes, groups, départements and régions; by the narrowest index first."""
    if code_postal:
        candidates: Iterable[Commune] = _unir(referentiel.communes_du_code_postal(cp) for cp in code_postal)
    elif epci:
        candidates = _unir(referentiel.communes_du_groupement(code) for code in epci)
    elif departement:
        candidates = _unir(referentiel.communes_du_departement(code) for code in departement)
    elif q:
        candidates = referentiel.communes_commencant(plier(q))
    else:
        candidates = referentiel.communes()
    return (c for c in candidates if _dans(c, departement, region) and (not epci or c.epci in epci or c.ept in epci))


def quartiers(
    referentiel: Referentiel,
    couche: Iterable[QpvResume],
    *,
    commune: Sequence[str],
    epci: Sequence[str],
    departement: Sequence[str],
    region: Sequence[str],
) -> Iterable[QpvResume]:
    """Quarters that touch these communes (old codes and arrondissements included), groups, départements, régions."""
    voulues = {c.code for code in commune if (c := referentiel.actuelle(code)) is not None}
    for quartier in couche:
        siennes = [c for code in quartier.communes if (c := referentiel.actuelle(code)) is not None]
        if (
            (not commune or any(c.code in voulues for c in siennes))
            and (not epci or any(c.epci in epci or c.ept in epci for c in siennes))
            and (not (departement or region) or any(_dans(c, departement, region) for c in siennes))
        ):
            yield quartier


def _dans(commune: Commune, departement: Sequence[str], region: Sequence[str]) -> bool:
    return (not departement or commune.departement in departement) and (not region or commune.region in region)


def _unir(groupes: Iterable[tuple[Commune, ...]]) -> list[Commune]:
    return [commune for _, commune in sorted({c.code: c for groupe in groupes for c in groupe}.items())]
