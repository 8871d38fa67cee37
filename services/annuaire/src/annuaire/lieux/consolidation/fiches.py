"""The records that speak of one place, as read, and the golden record that they make together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from annuaire.lieux.consolidation.rules import Consolidation, Dit, consolider
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import SourceCitee, publiable


@dataclass(frozen=True, slots=True, kw_only=True)
class FicheLue:
    """What one record of a source says of a place; `recue_le` is the day it came, `origines` as in `Dit`.

    `verifie_le` is when the place itself said it, where it did.
    """

    source: SourceCitee
    cle: str
    fiche: LieuNormalise
    recue_le: date
    verifie_le: datetime | None = None
    origines: Mapping[str, str] | None = None

    def dit(self, est_personnel: Callable[[str], bool]) -> Dit:
        """Return what of it may be published, weighed."""
        return Dit(
            source_id=self.source.id,
            cle=self.cle,
            valeurs=publiable(self.fiche, self.source, est_personnel).en_dict(),
            rang=self.source.rang,
            rangs=self.source.rangs,
            vide_fait_foi=self.source.vide_fait_foi,
            recue_le=self.recue_le,
            origines=self.origines or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FicheOr:
    """The golden record of a place: `sources` speak of it, `principale` names it.

    `jointe` tells who wins what, and is `None` when one record says everything.
    """

    fiche: LieuNormalise
    sources: tuple[str, ...]
    principale: SourceCitee
    jointe: Consolidation | None = None

    def source_de(self, champ: str) -> str:
        """Return the source of a field, that which names the place for what is deduced from it."""
        if self.jointe is not None:
            for groupe, gagnant in self.jointe.items():
                if champ in groupe:
                    return gagnant.dit.source_id
        return self.principale.id


def lire(normalise: bytes) -> LieuNormalise:
    """Read a normalised record back from its canonical JSON."""
    return LieuNormalise.de_dict(json.loads(normalise))


def dorer(lues: Sequence[FicheLue], est_personnel: Callable[[str], bool]) -> FicheOr:
    """Make the golden record of a place, of which everything may be published. Raises `ValueError` without a record."""
    if len(lues) == 1:
        seule = lues[0]
        return FicheOr(
            fiche=publiable(seule.fiche, seule.source, est_personnel),
            sources=(seule.source.id,),
            principale=seule.source,
        )
    valeurs, jointe = consolider(lue.dit(est_personnel) for lue in lues)
    citees = {lue.source.id: lue.source for lue in lues}
    return FicheOr(
        fiche=LieuNormalise.de_dict(valeurs),
        sources=tuple(sorted(citees)),
        principale=citees[jointe[("nom",)].dit.source_id],
        jointe=jointe,
    )
