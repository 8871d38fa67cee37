"""How engines are told: in order, not too much at once, and a record at fault does not stop the others."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.recherche.embarque import schema
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.indexation import envoi, indexeur, repository
from annuaire.recherche.port import EngineUnavailable

from tests.annuaire.recherche.indexation.conftest import Fabrique, attendues, mener, montrees
from tests.fabriques.annuaire import Annuaire, lieu, liste
from tests.fabriques.moteur_double import MoteurDouble

pytestmark = pytest.mark.anyio


async def refusees(annuaire: Annuaire, nom: str) -> dict[str, str]:
    async with annuaire.base.read() as session:
        return {str(refus.id): refus.erreur for refus in await repository.refuses(session, nom)}


async def test_chaque_fiche_est_dite_dans_l_ordre_et_une_a_la_fois(
    seul: Annuaire, fabriquer: Fabrique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexeur, "LOT", 4)
    monkeypatch.setattr(envoi, "OUVERTES_MAX", 3)
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    await mener(suiveur)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(30))
    moteur.patience = 30
    await mener(suiveur)
    await seul.synchroniser(source, liste(30, telephone="01 99 00 12 34"))
    # two changes of one record are one: the later
    await seul.synchroniser(source, liste(28, telephone="01 99 00 12 35"))
    await mener(suiveur)
    assert await montrees(moteur) == await attendues(seul)
    assert all(vues == sorted(vues) for vues in moteur.vues.values())
    assert not +moteur.deux_a_la_fois
    assert moteur.ouvertes_max == 3


async def test_la_position_n_avance_qu_une_fois_la_promesse_tenue(seul: Annuaire, fabriquer: Fabrique) -> None:
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    await mener(suiveur)
    avant = suiveur.envoi.position
    moteur.patience = 10**9
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(3))
    await suiveur.suivre()
    assert suiveur.lue > avant  # type: ignore[operator]
    assert suiveur.generation is not None
    assert suiveur.envoi.position == (await suiveur.carnet.lire(suiveur.generation)).position == avant  # type: ignore[union-attr]
    assert len(await suiveur.carnet.taches()) == 1
    assert suiveur.retard() > 0
    # the process dies here: another one begins again from what is written
    await suiveur.carnet.rendre()
    moteur.patience, moteur.taches = 1, {}
    suivant = fabriquer(seul, moteur, nom=suiveur.nom)
    await mener(suivant)
    assert await montrees(moteur) == await attendues(seul)
    assert suivant.retard() == 0


@pytest.mark.parametrize("nomme", [False, True])
async def test_une_fiche_refusee_est_mise_de_cote_et_les_autres_passent(
    seul: Annuaire, fabriquer: Fabrique, nomme: bool
) -> None:
    moteur = MoteurDouble(nomme=nomme)
    suiveur = fabriquer(seul, moteur)
    await mener(suiveur)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(40))
    poisons = {lu["id"] for nom, lu in (await seul.lieux(source)).items() if nom.endswith((" 7", " 23"))}
    assert len(poisons) == 2
    moteur.poisons = set(poisons)
    await mener(suiveur)
    assert set(await refusees(seul, suiveur.nom)) == poisons == set(suiveur.mis_de_cote)
    attendu = await attendues(seul)
    assert await montrees(moteur) == {id: v for id, v in attendu.items() if id not in poisons}
    # one is mended in the directory, the other by the engine
    un, autre = sorted(poisons)
    moteur.poisons = {autre}
    await seul.synchroniser(source, liste(40, telephone="01 99 00 12 34"))
    await mener(suiveur)
    assert set(await refusees(seul, suiveur.nom)) == {autre}
    moteur.poisons = set()
    await suiveur.verifier()
    assert await refusees(seul, suiveur.nom) == {}
    assert await montrees(moteur) == await attendues(seul)
    assert un in await montrees(moteur)


async def test_une_fiche_qui_fait_echouer_l_index_embarque_est_mise_de_cote(
    seul: Annuaire, fabriquer: Fabrique, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moteur = MoteurEmbarque(tmp_path)
    suiveur = fabriquer(seul, moteur, dossier=tmp_path)
    await mener(suiveur)
    source = await seul.creer_source()
    await seul.synchroniser(source, [*liste(20), lieu(99, nom="Lieu empoisonné")])
    poison = (await seul.lieux(source))["Lieu empoisonné"]["id"]
    vraie = schema.inscrire

    def inscrire(ecrivain: Any, num: int, stockee: dict[str, Any]) -> None:
        if stockee["id"] == poison:
            raise ValueError("fiche empoisonnée")
        vraie(ecrivain, num, stockee)

    monkeypatch.setattr(schema, "inscrire", inscrire)
    await mener(suiveur)
    assert await refusees(seul, suiveur.nom) == {poison: "ValueError : fiche empoisonnée"}
    attendu = await attendues(seul)
    assert await montrees(moteur) == {id: v for id, v in attendu.items() if id != poison}
    # the same when the index is built anew
    suiveur.motif = "demande"
    await mener(suiveur)
    assert await montrees(moteur) == {id: v for id, v in attendu.items() if id != poison}
    await moteur.close()


async def test_un_moteur_en_panne_ne_met_aucune_fiche_de_cote(seul: Annuaire, fabriquer: Fabrique) -> None:
    moteur = MoteurDouble()
    suiveur = fabriquer(seul, moteur)
    await mener(suiveur)
    source = await seul.creer_source()
    await seul.synchroniser(source, liste(5))
    for panne in ("moteur arrêté", "moteur arrêté encore"):
        moteur.panne = panne
        with pytest.raises(EngineUnavailable):
            await mener(suiveur)
    moteur.panne = None
    vrai = moteur.receipt

    async def refuser(recu: Any) -> Any:
        etat = await vrai(recu)
        return type(etat)(state="failed", error="disque plein") if etat.state == "done" else etat

    # everything is refused, even what harms nobody: the engine is at fault
    moteur.receipt = refuser  # type: ignore[method-assign]
    with pytest.raises(EngineUnavailable, match="disque plein"):
        await mener(suiveur)
    assert await refusees(seul, suiveur.nom) == {}
    moteur.receipt = vrai  # type: ignore[method-assign]
    suiveur.chef = False
    await mener(suiveur)
    assert await montrees(moteur) == await attendues(seul)
