"""Use cases of the sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from socle.acces.principal import Principal
from socle.donnees import audit
from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.jobs import promettre
from socle.errors import Interdit
from socle.web.etags import etag_fort, exiger_if_match
from socle.web.patch import fusionner, valider_patch

from annuaire.lieux.consolidation.rules import RANG_PAROLE
from annuaire.lieux.projection import PAROLE, SourceCitee
from annuaire.referentiels.licences import LICENCE_OUVERTE
from annuaire.sources import repository
from annuaire.sources.access import ADMIN
from annuaire.sources.errors import SourceExistante, SourceInconnue
from annuaire.sources.schemas import Engagement, Fraicheur, Reglages, SourceACreer, SourceLue, SourceModifiable
from annuaire.sources.tables import Source
from annuaire.territoires.service import RESITUER

DE_QUI_ENVOIE: Final = frozenset({"reglages"})
"""What who sends the lists settles alone: it says how to read them, and commits nobody."""
DIT_PAR_LES_LIEUX: Final = (
    "nom", "licence", "base_contacts", "rang", "rangs", "vide_fait_foi", "programme",
)  # fmt: skip
"""What the public document of a place depends on."""
DU_PROGRAMME: Final = ("dispositif_programmes_nationaux", "formations_labels")
RANG_DU_PROGRAMME: Final = 90
"""A national programme is believed on the labels that it gives."""
DIT_COMMENT_LIRE: Final = ("reglages", "cle_derivee")
"""What makes another list of the same bytes."""


VOIX = SourceCitee(PAROLE, LICENCE_OUVERTE, "publié par le lieu lui-même", rang=RANG_PAROLE)
"""What places say of themselves is cited as a source, which nobody may create."""


async def creer(session: WriteSession, *, demande: SourceACreer, principal: Principal, le: datetime) -> SourceLue:
    """Create a source. Raises `SourceExistante` (409)."""
    if demande.id == PAROLE:
        raise SourceExistante("« parole » est la voix des lieux eux-mêmes.")
    source = await repository.inscrire(session, {**demande.model_dump(mode="json"), "version": 1, "cree_le": le})
    if source is None:
        raise SourceExistante(f"La source « {demande.id} » existe déjà.")
    audit.consigner(
        session,
        audit.Acte(acteur=principal.sujet, action="source.creer", objet=f"source:{source.id}", le=le, version_apres=1),
    )
    return lue(source)


async def modifier(
    session: WriteSession,
    *,
    id: str,
    changements: dict[str, Any],
    si_version: str | None,
    principal: Principal,
    le: datetime,
) -> SourceLue:
    """Change a source by a merge patch; its places are shown again when what they say of it changes.

    A key that only sends lists may settle how they are read, nothing else. Raises `SourceInconnue` (404), `Interdit`,
    `PreconditionRequise` (428), `PreconditionFausse` (412).
    """
    source = await repository.lire(session, id, verrou=True) if principal.peut(id) else None
    if source is None:
        raise SourceInconnue(f"Aucune source « {id} ».")
    exiger_if_match(si_version, etag(lue(source)))
    reserves = sorted(changements.keys() - DE_QUI_ENVOIE)
    if reserves and ADMIN not in principal.portees:
        raise Interdit(f"Changer {', '.join(reserves)[:200]} demande la portée {ADMIN}.", portees=[ADMIN])
    avant = {nom: getattr(source, nom) for nom in SourceModifiable.model_fields}
    connues = {nom: valeur for nom, valeur in avant.items() if valeur is not None}
    apres = valider_patch(SourceModifiable, fusionner(connues, changements)).model_dump(mode="json")
    if apres != avant:
        relire = any(apres[nom] != avant[nom] for nom in DIT_COMMENT_LIRE)
        condense = {"dernier_condense": None} if relire else {}
        await repository.modifier(session, id, {**apres, **condense, "version": source.version + 1})
        if any(apres[nom] != avant[nom] for nom in DIT_PAR_LES_LIEUX):
            await promettre(session, RESITUER, {"source": id}, le=le)
        audit.consigner(
            session,
            audit.Acte(
                acteur=principal.sujet, action="source.modifier", objet=f"source:{id}", le=le,
                version_avant=source.version, version_apres=source.version + 1,
            ),
        )  # fmt: skip
    return lue(await connaitre(session, id=id))


async def connaitre(session: ReadSession, *, id: str) -> Source:
    """Return a source whoever asks, for what is public of it. Raises `SourceInconnue` (404)."""
    source = await repository.lire(session, id)
    if source is None:
        raise SourceInconnue(f"Aucune source « {id} ».")
    return source


async def trouver(session: ReadSession, *, id: str, principal: Principal) -> SourceLue:
    """Return a source that this caller may see; to a key bound elsewhere it does not exist. Raises `SourceInconnue`."""
    source = await repository.lire(session, id) if principal.peut(id) else None
    if source is None:
        raise SourceInconnue(f"Aucune source « {id} ».")
    return lue(source)


async def lister(session: ReadSession, *, principal: Principal, apres: str | None, limite: int) -> Sequence[SourceLue]:
    """Return the sources that this caller may see, in the order of their ids."""
    return [
        lue(source) for source in await repository.page(session, apres=apres, limite=limite, parmi=principal.sources)
    ]


def citer(source: Source) -> SourceCitee:
    """Return what consolidating and citing the records of a source needs to know of it."""
    siens = dict.fromkeys(DU_PROGRAMME, RANG_DU_PROGRAMME) if source.programme else {}
    return SourceCitee(
        id=source.id,
        licence=source.licence,
        base_contacts=source.base_contacts,
        rang=source.rang,
        rangs={**siens, **(source.rangs or {})},
        vide_fait_foi=source.vide_fait_foi,
    )


async def citees(session: ReadSession) -> dict[str, SourceCitee]:
    """Return every source as it is cited, by id, the voice of the places themselves included."""
    return {**{source.id: citer(source) for source in await repository.toutes(session)}, PAROLE: VOIX}


def etag(source: SourceLue) -> str:
    """Return the strong tag of a source, as it is shown."""
    fraiche = source.fraicheur
    vue = f"{int(fraiche.verifiee_le.timestamp()) if fraiche.verifiee_le else 0}{'d' if fraiche.degradee else ''}"
    return etag_fort(f"{source.id}-{source.version}-{source.derniere_synchronisation or 0}-{vue}")


def lue(source: Source) -> SourceLue:
    """Show a source."""
    return SourceLue(
        id=source.id,
        nom=source.nom,
        licence=source.licence,
        rang=source.rang,
        cle_derivee=source.cle_derivee,
        base_contacts=source.base_contacts,
        programme=source.programme,
        rangs=source.rangs,
        vide_fait_foi=source.vide_fait_foi,
        engagement=Engagement(**source.engagement) if source.engagement else None,
        reglages=Reglages(**source.reglages) if source.reglages else None,
        version=source.version,
        derniere_synchronisation=source.dernier_run,
        fraicheur=Fraicheur(verifiee_le=source.fraiche_le, degradee=source.degradee),
        cree_le=source.cree_le,
    )
