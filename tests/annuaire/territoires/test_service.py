"""Loading a layer of quarters into the database, and giving it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from annuaire.migrations import DOSSIER
from annuaire.territoires import repository, service
from annuaire.territoires.couche import Chargement, Origine
from annuaire.territoires.errors import CoucheAbsente
from annuaire.territoires.geojson import CoucheLue
from annuaire.territoires.qpv import Qpv
from socle.donnees.db import Database
from socle.donnees.migrations import migrer
from socle.donnees.tables import Tache
from sqlalchemy import select

LE = datetime(2026, 11, 24, 12, tzinfo=UTC)
ORIGINE = Origine(source="Éditeur fictif", licence="Licence Ouverte 2.0", millesime=2024, empreinte="0" * 64)


def quartier(code: str, nom: str = "Quartier fictif", lon: float = 4.03) -> Qpv:
    return Qpv(code, nom, ("51454",), shapely.box(lon, 49.25, lon + 0.01, 49.26))


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    base = Database(url_base)
    await migrer(base, DOSSIER)
    yield base
    await base.fermer()


async def charger(base: Database, *quartiers: Qpv, **origine: Any) -> Chargement:
    async with base.write() as session:
        lue = CoucheLue(quartiers, ("attention",))
        return await service.charger_qpv(session, lue=lue, origine=Origine(**(_champs() | origine)), le=LE)


def _champs() -> dict[str, Any]:
    return {nom: getattr(ORIGINE, nom) for nom in ("source", "licence", "millesime", "empreinte")}


async def taches(base: Database) -> int:
    async with base.read() as session:
        return len((await session.execute(select(Tache))).all())


@pytest.mark.anyio
async def test_sans_couche_rien_n_est_situe_ni_liste(base: Database) -> None:
    async with base.read() as session:
        assert await service.lire_couche(session) is None
        with pytest.raises(CoucheAbsente) as attrape:
            await service.lister_qpv(session)
    assert (attrape.value.statut, attrape.value.code) == (400, "couche-absente")


@pytest.mark.anyio
async def test_une_couche_chargee_situe_comme_celle_qui_a_ete_lue(base: Database) -> None:
    bilan = await charger(base, quartier("QN05101M"), quartier("QN05102M", lon=4.06))
    assert (bilan.ajoutes, bilan.version, bilan.avertissements) == (2, 1, ("attention",))
    async with base.read() as session:
        couche = await service.lire_couche(session)
        version, resumes = await service.lister_qpv(session)
    assert couche is not None
    assert couche.situer(4.035, 49.255).en_dict() == {
        "code": "QN05101M", "nom": "Quartier fictif", "position": "dedans", "distance_m": 0, "bordure": False,
    }  # fmt: skip
    assert version.startswith("1.")
    assert [(q.code, q.communes) for q in resumes] == [("QN05101M", ("51454",)), ("QN05102M", ("51454",))]


@pytest.mark.anyio
async def test_une_nouvelle_couche_remplace_toute_l_ancienne_et_compte_ce_qui_change(base: Database) -> None:
    await charger(base, quartier("QN05101M"), quartier("QN05102M"), quartier("QN05103M"))
    bilan = await charger(
        base, quartier("QN05101M"), quartier("QN05102M", nom="Autre nom"), quartier("QN05104N"), empreinte="1" * 64
    )
    comptes = (bilan.ajoutes, bilan.modifies, bilan.retires, bilan.inchanges, bilan.version)
    assert comptes == (1, 1, 1, 1, 2)
    async with base.read() as session:
        _, resumes = await service.lister_qpv(session)
    assert [(q.code, q.nom) for q in resumes] == [
        ("QN05101M", "Quartier fictif"), ("QN05102M", "Autre nom"), ("QN05104N", "Quartier fictif"),
    ]  # fmt: skip


@pytest.mark.anyio
async def test_un_changement_promet_de_resituer_les_lieux_et_une_couche_identique_non(base: Database) -> None:
    await charger(base, quartier("QN05101M"))
    assert await taches(base) == 1
    bilan = await charger(base, quartier("QN05101M"))
    assert not bilan.change
    assert (bilan.inchanges, bilan.version) == (1, 1)
    assert await taches(base) == 1


@pytest.mark.anyio
async def test_une_couche_identique_n_ecrit_rien(base: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await charger(base, quartier("QN05101M"))

    async def refuser(*_: Any) -> None:
        pytest.fail("la couche a été récrite")

    monkeypatch.setattr(repository, "remplacer", refuser)
    assert (await charger(base, quartier("QN05101M"))).inchanges == 1


@pytest.mark.anyio
async def test_une_autre_origine_pour_les_memes_quartiers_s_ecrit_sans_rien_resituer(base: Database) -> None:
    await charger(base, quartier("QN05101M"))
    bilan = await charger(base, quartier("QN05101M"), licence="ODbL 1.0")
    assert (bilan.change, bilan.version, await taches(base)) == (False, 1, 1)


@pytest.mark.anyio
async def test_un_contour_deplace_est_un_changement(base: Database) -> None:
    await charger(base, quartier("QN05101M"))
    bilan = await charger(base, quartier("QN05101M", lon=4.0301))
    assert (bilan.modifies, bilan.version) == (1, 2)
