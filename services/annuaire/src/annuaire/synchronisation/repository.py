"""All the SQL of runs, plans, row reports and before-images."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.lots import Insertion
from sqlalchemy import Uuid, bindparam, delete, func, insert, literal, select, update
from sqlmodel import col

from annuaire.lieux.tables import Fiche
from annuaire.synchronisation.etats import ACTIFS
from annuaire.synchronisation.rules import MODIFIE, RENOMME
from annuaire.synchronisation.tables import Image, LignePlan, LigneRapport, Synchronisation


async def inscrire(session: WriteSession, run: Synchronisation) -> None:
    """Write a new run. Raises IntegrityError when the source already has an active one."""
    session.add(run)
    await session.flush()


async def lire(session: ReadSession, id: UUID) -> Synchronisation | None:
    """Return one run."""
    return (
        await session.execute(
            select(Synchronisation).where(col(Synchronisation.id) == id).execution_options(populate_existing=True)
        )
    ).scalar_one_or_none()


async def expirer(session: WriteSession, source_id: str, *, avant: datetime, le: datetime) -> None:
    """End the runs of a source, held or planned only, that have waited for a person since before an instant."""
    await session.execute(
        update(Synchronisation)
        .where(
            col(Synchronisation.source_id) == source_id,
            col(Synchronisation.etat).in_(("retenue", "essai")),
            col(Synchronisation.recue_le) < avant,
        )
        .values(etat="expiree", finie_le=le)
        .execution_options(synchronize_session=False)
    )


async def en_cours(session: ReadSession, source_id: str) -> UUID | None:
    """Return the active run of a source."""
    return await session.scalar(
        select(col(Synchronisation.id)).where(
            col(Synchronisation.source_id) == source_id, col(Synchronisation.etat).in_(ACTIFS)
        )
    )


async def recues_depuis(session: ReadSession, source_id: str, depuis: datetime) -> int:
    """Count the real runs (not dry ones) received since an instant, for the quota."""
    return (
        await session.scalar(
            select(func.count())
            .select_from(Synchronisation)
            .where(
                col(Synchronisation.source_id) == source_id,
                ~col(Synchronisation.essai),
                col(Synchronisation.recue_le) > depuis,
            )
        )
        or 0
    )


async def d_une_source(
    session: ReadSession, source_id: str, *, avant: UUID | None, limite: int
) -> Sequence[Synchronisation]:
    """Return the runs of a source, latest first."""
    requete = select(Synchronisation).where(col(Synchronisation.source_id) == source_id)
    if avant is not None:
        requete = requete.where(col(Synchronisation.id) < avant)
    return (await session.scalars(requete.order_by(col(Synchronisation.id).desc()).limit(limite))).all()


async def avancer(session: WriteSession, id: UUID, *, depuis: Sequence[str], **valeurs: Any) -> bool:
    """Move a run from one of these states; return whether it was there (two workers never both move it)."""
    resultat = await session.execute(
        update(Synchronisation)
        .where(col(Synchronisation.id) == id, col(Synchronisation.etat).in_(depuis))
        .values(**valeurs)
        .returning(col(Synchronisation.id))
        .execution_options(synchronize_session=False)
    )
    return resultat.first() is not None


async def effacer_plan(session: WriteSession, id: UUID) -> None:
    """Forget a plan and its report: planning starts again from nothing."""
    await session.execute(delete(LignePlan).where(col(LignePlan.run_id) == id))
    await session.execute(delete(LigneRapport).where(col(LigneRapport.run_id) == id))


async def ajouter_au_plan(session: WriteSession, lignes: Sequence[dict[str, Any]]) -> None:
    """Add rows to a plan."""
    await _AJOUTER_AU_PLAN.executer(session, [tuple(map(ligne.get, _COLONNES_PLAN)) for ligne in lignes])


async def renommer_au_plan(session: WriteSession, id: UUID, renommes: Sequence[dict[str, Any]]) -> None:
    """Turn rows of a plan that create a record into its new key: `{le_rang, l_ancienne, le_lieu}` each."""
    if renommes:
        await session.execute(
            update(LignePlan.__table__)  # type: ignore[attr-defined]
            .where(col(LignePlan.run_id) == id, col(LignePlan.rang) == bindparam("le_rang"))
            .values(action=RENOMME, ancienne_cle=bindparam("l_ancienne"), lieu_id=bindparam("le_lieu")),
            list(renommes),
        )


async def ajouter_au_rapport(session: WriteSession, lignes: Sequence[dict[str, Any]]) -> None:
    """Add rows to a report."""
    await _AJOUTER_AU_RAPPORT.executer(session, [tuple(map(ligne.get, _COLONNES_RAPPORT)) for ligne in lignes])


async def reprendre_du_plan(session: WriteSession, id: UUID, rangs: Sequence[int]) -> dict[int, int]:
    """Take rows back from a plan and return the physical line of each."""
    lignes: dict[int, int] = {}
    for debut in range(0, len(rangs), 500):
        retirees = await session.execute(
            delete(LignePlan)
            .where(col(LignePlan.run_id) == id, col(LignePlan.rang).in_(rangs[debut : debut + 500]))
            .returning(col(LignePlan.rang), col(LignePlan.ligne))
            .execution_options(synchronize_session=False)
        )
        lignes |= {ligne.rang: ligne.ligne or 0 for ligne in retirees}
    return lignes


async def page_du_plan(
    session: ReadSession, id: UUID, *, action: str | None, apres: int, limite: int
) -> Sequence[LignePlan]:
    """Return rows of a plan, in order."""
    requete = select(LignePlan).where(col(LignePlan.run_id) == id, col(LignePlan.rang) > apres)
    if action is not None:
        requete = requete.where(col(LignePlan.action) == action)
    return (await session.scalars(requete.order_by(col(LignePlan.rang)).limit(limite))).all()


async def lots_du_plan(
    session: ReadSession, id: UUID, actions: Sequence[str], *, lot: int
) -> AsyncIterator[Sequence[Any]]:
    """Walk a plan by batches, in order: rows of its columns, without an object made for each."""
    apres = 0
    while True:
        page = (
            await session.execute(
                select(*_COLONNES_DU_PLAN)
                .where(
                    col(LignePlan.run_id) == id, col(LignePlan.rang) > apres, col(LignePlan.action).in_(list(actions))
                )
                .order_by(col(LignePlan.rang))
                .limit(lot)
            )
        ).all()
        if not page:
            return
        apres = page[-1].rang
        yield page


async def premieres_erreurs(session: ReadSession, id: UUID, lignes: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return, for each physical line, the first error that rejected it."""
    erreurs: dict[int, dict[str, Any]] = {}
    for debut in range(0, len(lignes), 500):
        trouvees = await session.execute(
            select(col(LigneRapport.ligne), col(LigneRapport.code), col(LigneRapport.champ), col(LigneRapport.valeur))
            .where(
                col(LigneRapport.run_id) == id,
                col(LigneRapport.ligne).in_(lignes[debut : debut + 500]),
                col(LigneRapport.action) == "rejetee",
            )
            .order_by(col(LigneRapport.rang))
        )
        for trouvee in trouvees:
            erreur = {"code": trouvee.code, "champ": trouvee.champ, "valeur": trouvee.valeur}
            erreurs.setdefault(trouvee.ligne, erreur)
    return erreurs


async def page_du_rapport(
    session: ReadSession, id: UUID, *, code: str | None, severite: str | None, apres: int, limite: int
) -> Sequence[LigneRapport]:
    """Return rows of a report, in the order of the file."""
    requete = select(LigneRapport).where(col(LigneRapport.run_id) == id, col(LigneRapport.rang) > apres)
    if code is not None:
        requete = requete.where(col(LigneRapport.code) == code)
    if severite is not None:
        requete = requete.where(col(LigneRapport.severite) == severite)
    return (await session.scalars(requete.order_by(col(LigneRapport.rang)).limit(limite))).all()


async def rapport_des_lignes(session: ReadSession, id: UUID, *, premiere: int, derniere: int) -> Sequence[LigneRapport]:
    """Return what a report says of the lines of a file between these two, both included, in its order."""
    return (
        await session.scalars(
            select(LigneRapport)
            .where(col(LigneRapport.run_id) == id, col(LigneRapport.ligne).between(premiere, derniere))
            .order_by(col(LigneRapport.rang))
        )
    ).all()


async def lieux_des_cles(session: ReadSession, source_id: str, cles: Collection[str]) -> dict[str, UUID]:
    """Return the place of each of these keys of a source, withdrawn records left out."""
    return await _lieux_des_fiches(session, source_id, col(Fiche.cle), cles)


async def lieux_parmi(session: ReadSession, source_id: str, ids: Collection[UUID]) -> set[UUID]:
    """Return those of these places of which a source speaks, withdrawn records left out."""
    return set((await _lieux_des_fiches(session, source_id, col(Fiche.lieu_id), ids)).values())


async def _lieux_des_fiches(
    session: ReadSession, source_id: str, colonne: Any, valeurs: Collection[Any]
) -> dict[str, UUID]:
    trouves: dict[str, UUID] = {}
    liste = list(valeurs)
    for debut in range(0, len(liste), 500):
        lignes = await session.execute(
            select(col(Fiche.cle), col(Fiche.lieu_id)).where(
                col(Fiche.source_id) == source_id, ~col(Fiche.retiree), colonne.in_(liste[debut : debut + 500])
            )
        )
        trouves |= {ligne.cle: ligne.lieu_id for ligne in lignes}
    return trouves


async def codes_du_rapport(session: ReadSession, id: UUID) -> dict[str, int]:
    """Count the rows of a report by code."""
    lignes = await session.execute(
        select(col(LigneRapport.code), func.count())
        .where(col(LigneRapport.run_id) == id)
        .group_by(col(LigneRapport.code))
        .order_by(col(LigneRapport.code))
    )
    return {ligne[0]: ligne[1] for ligne in lignes}


_COLONNES_DU_PLAN = (
    col(LignePlan.rang), col(LignePlan.cle), col(LignePlan.ancienne_cle), col(LignePlan.lieu_id), col(LignePlan.ligne),
    col(LignePlan.brut), col(LignePlan.normalise), col(LignePlan.origines), col(LignePlan.empreinte),
)  # fmt: skip

_COLONNES_PLAN = tuple(colonne.name for colonne in LignePlan.__table__.columns)  # type: ignore[attr-defined]
_COLONNES_RAPPORT = tuple(colonne.name for colonne in LigneRapport.__table__.columns)  # type: ignore[attr-defined]
_AJOUTER_AU_PLAN = Insertion(LignePlan.__table__, _COLONNES_PLAN)  # type: ignore[attr-defined]
_AJOUTER_AU_RAPPORT = Insertion(LigneRapport.__table__, _COLONNES_RAPPORT)  # type: ignore[attr-defined]

_COPIEES = tuple(colonne.name for colonne in Fiche.__table__.columns)  # type: ignore[attr-defined]
_RENDUES = tuple(nom for nom in _COPIEES if nom not in ("source_id", "cle", "lieu_id", "lieu_propre"))
"""What an image gives back: a place merged since keeps its place."""


async def garder_les_images(session: WriteSession, id: UUID, source_id: str) -> None:
    """Keep, before a plan is applied, each record that it may touch: those of its rows, and those in error."""
    touchees = select(func.coalesce(col(LignePlan.ancienne_cle), col(LignePlan.cle))).where(col(LignePlan.run_id) == id)
    await session.execute(
        insert(Image).from_select(
            ["defait", *_COPIEES],
            select(literal(id, Uuid), *(getattr(Fiche, nom) for nom in _COPIEES)).where(
                col(Fiche.source_id) == source_id,
                col(Fiche.cle).in_(touchees) | (col(Fiche.derniere_erreur).is_not(None) & ~col(Fiche.retiree)),
            ),
        )
    )


async def images(session: ReadSession, id: UUID, cles: Sequence[str]) -> dict[str, Image]:
    """Return the before-images of a run for these keys."""
    trouvees: dict[str, Image] = {}
    for debut in range(0, len(cles), 500):
        lignes = await session.scalars(
            select(Image).where(col(Image.defait) == id, col(Image.cle).in_(cles[debut : debut + 500]))
        )
        trouvees |= {image.cle: image for image in lignes}
    return trouvees


async def rendre_les_images(session: WriteSession, retour: UUID, defait: UUID, source_id: str) -> None:
    """Put back in every column what the images of `defait` hold, for the records that the plan of `retour` restores."""
    rendus = select(col(LignePlan.cle)).where(col(LignePlan.run_id) == retour)
    await session.execute(
        update(Fiche)
        .where(
            col(Fiche.source_id) == source_id,
            col(Image.defait) == defait,
            col(Image.cle) == col(Fiche.cle),
            col(Fiche.cle).in_(rendus),
        )
        .values({nom: getattr(Image, nom) for nom in _RENDUES})
        .execution_options(synchronize_session=False)
    )


async def rendre_les_erreurs(session: WriteSession, defait: UUID, source_id: str) -> None:
    """Put back the errors noted on the records that a run left otherwise as they were."""
    await session.execute(
        update(Fiche)
        .where(
            col(Fiche.source_id) == source_id,
            col(Image.defait) == defait,
            col(Image.cle) == col(Fiche.cle),
            col(Image.empreinte) == col(Fiche.empreinte),
            col(Image.retiree) == col(Fiche.retiree),
        )
        .values(derniere_erreur=col(Image.derniere_erreur))
        .execution_options(synchronize_session=False)
    )


async def oublier_les_images(session: WriteSession, *, avant: datetime) -> None:
    """Forget the before-images of the runs ended before an instant."""
    vieux = select(col(Synchronisation.id)).where(col(Synchronisation.finie_le) < avant)
    await session.execute(
        delete(Image).where(col(Image.defait).in_(vieux)).execution_options(synchronize_session=False)
    )


async def modifies_du_plan(
    session: ReadSession, id: UUID, source_id: str, *, apres: int, limite: int
) -> Sequence[tuple[int, bytes, bytes]]:
    """Return, for the next records that a plan modifies, `(rank, normalised record in force, planned one)`."""
    lignes = await session.execute(
        select(col(LignePlan.rang), col(Fiche.normalise), col(LignePlan.normalise))
        .join(
            Fiche,
            (col(Fiche.source_id) == source_id)
            & (col(Fiche.cle) == func.coalesce(col(LignePlan.ancienne_cle), col(LignePlan.cle))),
        )
        .where(col(LignePlan.run_id) == id, col(LignePlan.rang) > apres, col(LignePlan.action).in_((MODIFIE, RENOMME)))
        .order_by(col(LignePlan.rang))
        .limit(limite)
    )
    return [(ligne[0], ligne[1], ligne[2] or b"") for ligne in lignes]
