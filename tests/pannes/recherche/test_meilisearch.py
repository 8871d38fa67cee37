"""A service under load whose Meilisearch fails in each way it can: nobody is refused, and nothing is missing after."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fabriques.annuaire import Annuaire, lieu, liste, ouvrir
from tests.fabriques.faux_meilisearch import FauxMeilisearch
from tests.fabriques.recherche import attendre_index

pytestmark = [pytest.mark.anyio, pytest.mark.epreuve]

CLIENTS = 8
PANNE_S = 3.0
RATTRAPAGE_S = 60
"""Within this, once the server is back, the index is equal to the directory again."""

Panne = Callable[[FauxMeilisearch], None]


def _arreter(faux: FauxMeilisearch) -> None:
    faux.arreter()


def _ralentir(faux: FauxMeilisearch) -> None:
    faux.lenteur_s = 5.0


def _vider(faux: FauxMeilisearch) -> None:
    faux.vider()


def _refuser(faux: FauxMeilisearch) -> None:
    faux.refuser_taches = "no_space_left_on_device"


def _revenir(faux: FauxMeilisearch) -> None:
    faux.lenteur_s, faux.refuser_taches = 0.0, None
    faux.arreter()
    faux.redemarrer()


@dataclass
class Charge:
    """What clients that never stop asking were answered: statuses, and engines with the instant of each answer."""

    annuaire: Annuaire
    statuts: Counter[int] = field(default_factory=Counter)
    moteurs: list[tuple[float, str, bool]] = field(default_factory=list)
    fini: asyncio.Event = field(default_factory=asyncio.Event)

    async def client(self, rang: int) -> None:
        """Search until told to stop; each question differs, so that no cache answers."""
        while not self.fini.is_set():
            reponse = await self.annuaire.get(
                "/recherche", q=f"médiathèque {rang}", limite=1 + rang, facettes="services"
            )
            self.statuts[reponse.status_code] += 1
            if reponse.status_code == 200:
                lue = reponse.json()
                self.moteurs.append((time.monotonic(), lue["moteur"], lue["degrade"]))
            await asyncio.sleep(0.01)

    def depuis(self, instant: float) -> Counter[str]:
        """Count the answers since an instant, by engine."""
        return Counter(moteur for le, moteur, _ in self.moteurs if le >= instant)

    async def revenu(self, instant: float) -> None:
        """Wait for Meilisearch to answer again."""
        while not self.depuis(instant)["meilisearch"]:  # noqa: ASYNC110 - clients say it, not an event
            await asyncio.sleep(0.05)


@asynccontextmanager
async def charger(annuaire: Annuaire) -> AsyncIterator[Charge]:
    """Run clients beside a block."""
    charge = Charge(annuaire)
    async with asyncio.TaskGroup() as groupe:
        for rang in range(CLIENTS):
            groupe.create_task(charge.client(rang))
        try:
            yield charge
        finally:
            charge.fini.set()


@pytest.mark.parametrize("panne", [_arreter, _ralentir, _vider, _refuser])
async def test_une_panne_de_meilisearch_sous_charge_ne_refuse_personne_et_se_rattrape(
    tmp_path: Path, panne: Panne
) -> None:
    with FauxMeilisearch() as faux:
        adresse = f"sqlite:{tmp_path / 'annuaire.db'}"
        async with ouvrir(tmp_path, adresse, recherche_url=faux.url, recherche_cle=faux.maitresse) as annuaire:
            assert annuaire.app is not None
            source = await annuaire.creer_source()
            await annuaire.synchroniser(source, liste(200, nom="Médiathèque fictive"))
            await attendre_index(annuaire)
            async with charger(annuaire) as charge, asyncio.timeout(240):
                await charge.revenu(time.monotonic())
                panne(faux)
                tombe = time.monotonic()
                # what is written meanwhile must not be lost: changed, withdrawn and new places
                pendant = [lieu(rang, nom="Médiathèque changée") for rang in range(50)]
                pendant += liste(135, depuis=50, nom="Médiathèque fictive") + liste(30, depuis=300)
                await annuaire.synchroniser(source, pendant)
                await asyncio.sleep(PANNE_S)
                en_panne = charge.depuis(tombe)
                secours = next((le - tombe for le, _, degrade in charge.moteurs if le >= tombe and degrade), None)
                _revenir(faux)
                revient = time.monotonic()
                await attendre_index(annuaire, secondes=RATTRAPAGE_S)
                rattrape = time.monotonic() - revient
                await charge.revenu(time.monotonic())
            for indexeur in annuaire.app.state.indexation.indexeurs:
                async with indexeur.tour:
                    pass
                await indexeur.verifier()
                assert indexeur.verification is not None
                assert indexeur.verification["ecarts"] == 0, indexeur.nom
                assert indexeur.verification["fiches"] == 215
    premier = "aucune" if secours is None else f"{secours * 1000:.0f} ms"
    print(
        f"\n{panne.__name__[1:]} : {sum(charge.statuts.values())} recherches, {dict(charge.statuts)} ; pendant : "
        f"{dict(en_panne)} ; première réponse de secours : {premier} ; à jour {rattrape:.1f} s après le retour"
    )
    assert set(charge.statuts) == {200}
    # a server that only refuses tasks still answers searches
    assert panne is _refuser or en_panne["embarque"]
