"""Use cases of territories: load a layer of priority quarters, and give it back ready to situate places."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import shapely
from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.jobs import promettre

from annuaire.territoires import repository
from annuaire.territoires.couche import Chargement, Origine, QpvResume
from annuaire.territoires.errors import CoucheAbsente
from annuaire.territoires.geojson import CoucheLue
from annuaire.territoires.qpv import CoucheQpv, Qpv
from annuaire.territoires.tables import Couche

RESITUER = "lieux.resituer"
"""Job promised when the layer changes: every place has to be situated again."""


async def charger_qpv(session: WriteSession, *, lue: CoucheLue, origine: Origine, le: datetime) -> Chargement:
    """Replace the layer in force by the one that was read; nothing is written when both are the same."""
    avant = await repository.couche(session)
    anciens = await repository.contenus(session)
    nouveaux = {q.code: (q.nom, q.communes, shapely.to_wkb(q.geometrie)) for q in lue.quartiers}
    communs = anciens.keys() & nouveaux.keys()
    modifies = sum(anciens[code] != nouveaux[code] for code in communs)
    chargement = Chargement(
        ajoutes=len(nouveaux) - len(communs),
        modifies=modifies,
        retires=len(anciens) - len(communs),
        inchanges=len(communs) - modifies,
        version=avant.version if avant else 0,
        avertissements=lue.avertissements,
    )
    if not chargement.change and avant is not None and _origine(avant) == origine:
        return chargement
    version = chargement.version + chargement.change
    couche = Couche(
        nom=repository.NOM, source=origine.source, licence=origine.licence, millesime=origine.millesime,
        empreinte=origine.empreinte, version=version, charge_le=le,
    )  # fmt: skip
    lignes = [
        {"code": code, "nom": nom, "communes": list(communes), "contour": contour}
        for code, (nom, communes, contour) in nouveaux.items()
    ]
    await repository.remplacer(session, couche, lignes)
    if chargement.change:
        await promettre(session, RESITUER, {"version": version}, le=le)
    return replace(chargement, version=version)


async def lister_qpv(session: ReadSession) -> tuple[str, list[QpvResume]]:
    """Return what identifies the layer in force, and every quarter without its outline, by code.

    Raises `CoucheAbsente` when no layer was loaded.
    """
    couche = await repository.couche(session)
    if couche is None:
        raise CoucheAbsente("Un administrateur la charge par `annuaire territoires charger-qpv FICHIER`.")
    return f"{couche.version}.{couche.empreinte}", await repository.resumes(session)


async def version_couche(session: ReadSession) -> int | None:
    """Return the version of the layer in force, `None` when none was loaded."""
    couche = await repository.couche(session)
    return None if couche is None else couche.version


async def lire_couche(session: ReadSession) -> CoucheQpv | None:
    """Return the layer in force, indexed, or `None` when none was loaded (0.2 s for the whole country)."""
    if await repository.couche(session) is None:
        return None
    lignes = await repository.quartiers(session)
    contours = shapely.from_wkb([q.contour for q in lignes])
    return CoucheQpv(
        Qpv(q.code, q.nom, tuple(q.communes), contour) for q, contour in zip(lignes, contours, strict=True)
    )


def _origine(couche: Couche) -> Origine:
    return Origine(source=couche.source, licence=couche.licence, millesime=couche.millesime, empreinte=couche.empreinte)
