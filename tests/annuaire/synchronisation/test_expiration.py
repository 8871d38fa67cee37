"""What nobody came back for ends by itself: held runs, plans, files received."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from annuaire.synchronisation import reception
from annuaire.synchronisation.tables import Synchronisation
from sqlalchemy import update
from sqlmodel import col

from tests.fabriques.annuaire import Annuaire, liste

pytestmark = pytest.mark.anyio


async def vieillir(annuaire: Annuaire, id: str, jours: int) -> None:
    """Make a run older than it is."""
    async with annuaire.base.write() as session:
        recue_le: datetime = annuaire.contexte.horloge() - timedelta(days=jours)
        await session.execute(
            update(Synchronisation).where(col(Synchronisation.id) == UUID(id)).values(recue_le=recue_le)
        )


@pytest.mark.parametrize(("jours", "statut"), [(6, 409), (8, 200)])
async def test_une_liste_retenue_depuis_plus_de_sept_jours_ne_barre_plus_sa_source(
    annuaire: Annuaire, jours: int, statut: int
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(40))
    retenue = await annuaire.synchroniser(source, liste(10), etat="retenue")
    await vieillir(annuaire, retenue["id"], jours)
    assert (await annuaire.envoyer(source, liste(41), attendre=25)).status_code == statut
    etat = (await annuaire.finir(retenue["id"]))["etat"]
    assert etat == ("expiree" if statut == 200 else "retenue")


@pytest.mark.parametrize(("jours", "statut"), [(6, 202), (8, 409)])
async def test_un_plan_de_plus_de_sept_jours_ne_s_applique_plus(annuaire: Annuaire, jours: int, statut: int) -> None:
    source = await annuaire.creer_source()
    essai = await annuaire.synchroniser(source, liste(3), etat="essai", essai=True)
    await vieillir(annuaire, essai["id"], jours)
    reponse = await annuaire.post(f"/synchronisations/{essai['id']}/application", corps={})
    assert reponse.status_code == statut, reponse.text
    await annuaire.finir(essai["id"])


def test_seuls_les_fichiers_de_plus_de_trente_jours_sont_effaces(tmp_path: Path) -> None:
    maintenant = 1_800_000_000.0
    for nom, jours in (("vieux", 31), ("recent", 29)):
        (tmp_path / nom).write_bytes(b"liste")
        os.utime(tmp_path / nom, (maintenant - jours * 86_400,) * 2)
    assert reception.purger(tmp_path, maintenant=maintenant) == 1
    assert [f.name for f in tmp_path.iterdir()] == ["recent"]
