"""Is the index equal to the directory? Compared whole, told again where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from annuaire.recherche.indexation import repository
from annuaire.recherche.indexation.fiches import operations
from annuaire.recherche.indexation.reconstruction import versions
from annuaire.recherche.port import Delete, Operation

if TYPE_CHECKING:
    from annuaire.recherche.indexation.indexeur import Indexeur

LOT: Final = 500
ECARTS_MAX: Final = 5_000
"""Differences beyond which building anew costs less than mending."""
LOTS_A_SUIVRE: Final = 50

Ecarts = dict[str, tuple[int | None, int | None]]
"""By id, the version that the directory has and that of the index; `None` where there is no record."""


@dataclass(frozen=True, slots=True)
class Constat:
    """How many records were compared, how many differed, how many no longer do."""

    fiches: int
    ecarts: int
    repares: int


async def verifier(indexeur: Indexeur) -> Constat:
    """Compare, and mend what differs; what an engine refuses is told again too, and is no difference."""
    ecarts, fiches = await comparer(indexeur)
    if not ecarts:
        return Constat(fiches, 0, 0)
    async with indexeur.tour:
        # once more with nothing on its way: a change told meanwhile is no difference
        await indexeur.envoi.vider()
        for _ in range(LOTS_A_SUIVRE):
            if not await indexeur.suivre_un_lot():
                break
        ecarts, fiches = await comparer(indexeur)
        comptes = len(ecarts.keys() - indexeur.mis_de_cote)
        if not ecarts or len(ecarts) > ECARTS_MAX:
            return Constat(fiches, comptes, 0)
        await _redire(indexeur, ecarts)
        restants, _ = await comparer(indexeur)
    return Constat(fiches, comptes, comptes - len(restants.keys() - indexeur.mis_de_cote))


async def comparer(indexeur: Indexeur) -> tuple[Ecarts, int]:
    """Return what differs, changes that are still to be told left out, and how many records the directory has."""
    position = indexeur.lue or 0
    trouvees = {id: v async for lot in indexeur.moteur.fingerprints() for id, v in lot}
    async with indexeur.base.read(instantane=True) as session:
        attendues = await versions(session)
        ecarts: Ecarts = {
            id: (v, trouvees.get(id)) for id, v in attendues.items() if v <= position and trouvees.get(id) != v
        }
        en_trop = trouvees.keys() - attendues.keys()
        if en_trop:
            # withdrawn since: their withdrawal is on its way
            retires = await repository.publies(session, [UUID(id) for id in en_trop])
            en_trop -= {str(change.id) for change in retires if change.numero > position}
            ecarts |= {id: (None, trouvees[id]) for id in en_trop}
    return ecarts, len(attendues)


async def _redire(indexeur: Indexeur, ecarts: Ecarts) -> None:
    """Tell records again as they are now. What the directory does not have is forgotten, at the version of now."""
    position = indexeur.lue or 0
    manquent = [UUID(id) for id, (v, _) in ecarts.items() if v is not None]
    for debut in range(0, len(manquent), LOT):
        async with indexeur.base.read(instantane=True) as session:
            lot = await repository.publies(session, manquent[debut : debut + LOT])
            dites = await operations(session, lot, commune=indexeur.commune)
        await indexeur.envoi.envoyer(dites)
    en_trop: list[Operation] = [Delete(id, position) for id, (v, _) in ecarts.items() if v is None]
    for debut in range(0, len(en_trop), LOT):
        await indexeur.envoi.envoyer(en_trop[debut : debut + LOT])
    await indexeur.envoi.vider()
