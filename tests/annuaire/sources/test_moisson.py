"""The stable address of a source: one deposit, read by everyone."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
from annuaire.lieux import repository
from annuaire.lieux.repository import EtatDeSource
from annuaire.standard.colonnes import COLONNES
from socle.acces.principal import ANONYME
from socle.donnees.db import ReadSession

from tests.fabriques.annuaire import Annuaire, lieu, liste, nouveau_nom
from tests.fabriques.formules import relire

pytestmark = pytest.mark.anyio


async def test_chacun_lit_le_tableau_d_une_source_sans_cle(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(licence="https://exemple.fr/licence")
    await annuaire.synchroniser(source, [*liste(3), lieu(9, telephone="01 99 00 12 34|01 99 00 12 35")])
    reponse = await annuaire.get(f"/sources/{source}/lieux.csv", qui=ANONYME)
    assert reponse.status_code == 200
    assert reponse.headers["content-type"] == "text/csv; charset=utf-8"
    assert reponse.headers["link"] == '<https://exemple.fr/licence>; rel="license"'
    assert reponse.headers["content-disposition"] == f'attachment; filename="lieux-{source}.csv"'
    entetes, *lignes = relire(reponse.content, delimiteur=",")
    assert tuple(entetes) == COLONNES
    assert [ligne[0] for ligne in lignes] == ["lieu-0", "lieu-1", "lieu-2", "lieu-9"]
    assert lignes[-1][COLONNES.index("telephone")] == "+33199001234|+33199001235"
    strict = await annuaire.get(f"/sources/{source}/lieux.csv", strict=1)
    assert relire(strict.content, delimiteur=",")[-1][COLONNES.index("telephone")] == "+33199001234"
    assert f'/exports/lieux/pertes?source={source}>; rel="describedby"' in strict.headers["link"]


async def test_l_adresse_ne_bouge_que_si_la_source_bouge(annuaire: Annuaire) -> None:
    source, autre = await annuaire.creer_source(), await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(12))
    adresse = f"/sources/{source}/lieux.csv"
    premiere = await annuaire.get(adresse)
    etag = premiere.headers["etag"]
    await annuaire.synchroniser(autre, liste(3))
    await annuaire.synchroniser(source, liste(12), etat="inchange")
    inchangee = await annuaire.get(adresse, entetes={"If-None-Match": etag})
    assert (inchangee.status_code, inchangee.content) == (304, b"")
    assert inchangee.headers["last-modified"] == premiere.headers["last-modified"]
    lus = (await annuaire.lieux(source)).values()
    assert (
        parsedate_to_datetime(premiere.headers["last-modified"]).isoformat()[:19]
        == max(lu["modifie_le"] for lu in lus)[:19]
    )
    for rangees in (liste(11), liste(12), liste(12, telephone="01 99 00 12 34")):
        await annuaire.synchroniser(source, rangees)
        change = await annuaire.get(adresse, entetes={"If-None-Match": etag})
        assert change.status_code == 200
        assert len(relire(change.content, delimiteur=",")) == len(rangees) + 1
        etag = change.headers["etag"]


async def test_l_etat_d_une_source_n_est_recompte_que_si_l_annuaire_a_change(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, autre = await annuaire.creer_source(), await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(2))
    comptes: list[str] = []
    compter = repository.etat_de_source

    async def noter(session: ReadSession, source_id: str) -> EtatDeSource:
        comptes.append(source_id)
        return await compter(session, source_id)

    monkeypatch.setattr(repository, "etat_de_source", noter)
    etiquettes = {(await annuaire.get(f"/sources/{source}/lieux.csv")).headers["etag"] for _ in range(3)}
    assert (len(etiquettes), comptes) == (1, [source])
    await annuaire.synchroniser(autre, liste(1))
    assert (await annuaire.get(f"/sources/{source}/lieux.csv")).headers["etag"] in etiquettes
    assert comptes == [source, source]


async def test_chaque_forme_a_son_etiquette(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(2))
    formes: tuple[dict[str, str], ...] = ({}, {"strict": "1"}, {"dialecte": "excel-fr"})
    etiquettes = {(await annuaire.get(f"/sources/{source}/lieux.csv", **f)).headers["etag"] for f in formes}
    assert len(etiquettes) == 3


async def test_une_source_sans_lieu_a_un_tableau_vide_et_une_inconnue_est_un_404(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    vide = await annuaire.get(f"/sources/{source}/lieux.csv")
    assert relire(vide.content, delimiteur=",") == [list(COLONNES)]
    assert "last-modified" not in vide.headers
    absente = await annuaire.get(f"/sources/{nouveau_nom()}/lieux.csv")
    assert (absente.status_code, absente.json()["type"]) == (404, "/problemes/source-inconnue")


async def test_un_contact_masque_ne_sort_pas_par_cette_adresse(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    contacts = {"courriels": "jean.personne@exemple.fr|accueil@exemple.fr", "telephone": "06 39 98 12 34"}
    await annuaire.synchroniser(source, [lieu(0, **contacts)])
    texte = (await annuaire.get(f"/sources/{source}/lieux.csv")).text
    assert "accueil@exemple.fr" in texte
    assert "jean.personne" not in texte
    assert "+33639981234" not in texte


async def test_un_head_suffit_a_savoir_si_la_source_a_change(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(2))
    lue = await annuaire.get(f"/sources/{source}/lieux.csv")
    tete = await annuaire.client.head(
        f"/annuaire/v1/sources/{source}/lieux.csv", headers=annuaire.entetes(ANONYME, ecriture=False)
    )
    assert (tete.status_code, tete.content) == (200, b"")
    assert tete.headers["etag"] == lue.headers["etag"]
