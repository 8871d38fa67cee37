"""Reports: anyone may make one, only the source reads what was written, everyone reads its answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from annuaire.signalements import repository, rules, service
from socle.acces.principal import ANONYME, Principal
from socle.donnees.tables import Evenement
from socle.web.client import Response
from sqlalchemy import select
from sqlmodel import col

from tests.fabriques.annuaire import ADMIN, ECRIVAIN, ETRANGER, SANS_PORTEE, Annuaire, lieu, liste, nouvelle_cle
from tests.fabriques.horloge import Horloge

pytestmark = pytest.mark.anyio

ECRIT = {"motif": "horaires_faux", "texte": "Fermé le mardi, en vrai.", "courriel": "camille@exemple.fr"}


async def _lieu(annuaire: Annuaire) -> tuple[str, str]:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(1))
    return source, (await annuaire.get("/lieux", source=source)).json()["elements"][0]["id"]


async def _signaler(annuaire: Annuaire, lieu_id: str, cle: str | None = None, **corps: Any) -> Response:
    return await annuaire.post(
        f"/lieux/{lieu_id}/signalements", corps={**ECRIT, **corps}, qui=ANONYME,
        entetes={"Idempotency-Key": cle or nouvelle_cle()},
    )  # fmt: skip


async def _repondre(
    annuaire: Annuaire, source: str, id: str, etag: str | None, qui: Principal = ADMIN, **corps: Any
) -> Response:
    entetes = {"Content-Type": "application/merge-patch+json", **({"If-Match": etag} if etag else {})}
    return await annuaire.client.patch(
        f"/annuaire/v1/sources/{source}/signalements/{id}", json=corps,
        headers={**annuaire.entetes(qui, ecriture=True), **entetes},
    )  # fmt: skip


async def test_un_signalement_anonyme_va_de_la_personne_a_la_source_et_revient(annuaire: Annuaire) -> None:
    source, lieu_id = await _lieu(annuaire)
    reponse = await _signaler(annuaire, lieu_id)
    assert reponse.status_code == 201, reponse.text
    fait = reponse.json()
    assert (fait["etat"], fait["motif"]) == ("recu", "horaires_faux")
    recu = (await annuaire.get(f"/sources/{source}/signalements", qui=ECRIVAIN)).json()["elements"]
    assert [(s["texte"], s["courriel"]) for s in recu] == [(ECRIT["texte"], ECRIT["courriel"])]
    etag = (await annuaire.get(f"/sources/{source}/signalements/{fait['id']}", qui=ECRIVAIN)).headers["etag"]
    repondu = await _repondre(annuaire, source, fait["id"], etag, qui=ECRIVAIN, etat="repondu", reponse="Corrigé.")
    assert repondu.status_code == 200, repondu.text
    suivi = await annuaire.get(fait["suivi"].partition("8000")[2])
    assert (suivi.json()["etat"], suivi.json()["reponse"]) == ("repondu", "Corrigé.")
    assert suivi.headers["cache-control"] == "private, no-store"


async def test_le_public_ne_lit_ni_le_texte_ni_l_adresse(annuaire: Annuaire) -> None:
    source, lieu_id = await _lieu(annuaire)
    await _signaler(annuaire, lieu_id)
    page = await annuaire.get(f"/lieux/{lieu_id}/signalements")
    (vu,) = page.json()["elements"]
    assert vu.keys() == {"id", "motif", "etat", "reponse", "cree_le", "modifie_le"}
    for secret in (ECRIT["texte"], ECRIT["courriel"]):
        assert secret not in page.text
    async with annuaire.base.read() as session:
        charges = list(await session.scalars(select(col(Evenement.charge)).where(col(Evenement.type) == service.RECU)))
    assert [c for c in charges if c["lieu_id"] == lieu_id] == [
        {"signalement": vu["id"], "lieu_id": lieu_id, "motif": "horaires_faux", "sources": [source]}
    ]


@pytest.mark.parametrize(
    "corps",
    [{"motif": "ennui"}, {"texte": "x" * 1001}, {"texte": "a\x01b"}, {"courriel": "pas une adresse"}, {"autre": 1},
     {"motif": "autre", "texte": None}, {"texte": " "}, {"motif": None}],
)  # fmt: skip
async def test_un_signalement_mal_fait_est_refuse(annuaire: Annuaire, corps: dict[str, Any]) -> None:
    _, lieu_id = await _lieu(annuaire)
    assert (await _signaler(annuaire, lieu_id, **corps)).status_code == 422


async def test_un_lieu_inconnu_ou_retire_ne_se_signale_pas(annuaire: Annuaire) -> None:
    source, lieu_id = await _lieu(annuaire)
    assert (await _signaler(annuaire, str(uuid4()))).status_code == 404
    await annuaire.synchroniser(source, [lieu(0, _op="suppr")], mode="delta")
    assert (await _signaler(annuaire, lieu_id)).status_code == 410


async def test_le_meme_envoi_ne_fait_qu_un_signalement(annuaire: Annuaire) -> None:
    _, lieu_id = await _lieu(annuaire)
    cle = nouvelle_cle()
    premier, second = [await _signaler(annuaire, lieu_id, cle) for _ in range(2)]
    assert premier.json() == second.json()
    assert len((await annuaire.get(f"/lieux/{lieu_id}/signalements")).json()["elements"]) == 1


async def test_seule_la_source_du_lieu_lit_et_repond(annuaire: Annuaire) -> None:
    source, lieu_id = await _lieu(annuaire)
    autre, _ = await _lieu(annuaire)
    id = (await _signaler(annuaire, lieu_id)).json()["id"]
    for qui, statut in ((ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 404)):
        for chemin in (f"/sources/{source}/signalements", f"/sources/{source}/signalements/{id}"):
            assert (await annuaire.get(chemin, qui=qui)).status_code == statut
        assert (await _repondre(annuaire, source, id, "*", qui=qui, etat="clos")).status_code == statut
    assert (await annuaire.get(f"/sources/{autre}/signalements/{id}", qui=ADMIN)).status_code == 404
    assert (await _repondre(annuaire, autre, id, "*", etat="clos")).status_code == 404


async def test_une_reponse_demande_la_version_lue_et_un_etat_qui_suit(annuaire: Annuaire) -> None:
    source, lieu_id = await _lieu(annuaire)
    id = (await _signaler(annuaire, lieu_id)).json()["id"]
    assert (await _repondre(annuaire, source, id, None, etat="clos")).status_code == 428
    assert (await _repondre(annuaire, source, id, '"vieux"', etat="clos")).status_code == 412
    assert (await _repondre(annuaire, source, id, "*", etat="repondu")).status_code == 422
    assert (await _repondre(annuaire, source, id, "*", etat="clos")).status_code == 200
    assert (await _repondre(annuaire, source, id, "*", etat="transmis")).status_code == 409


async def test_un_lieu_qui_en_attend_trop_n_en_prend_plus(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    _, lieu_id = await _lieu(annuaire)
    monkeypatch.setattr(service, "OUVERTS_MAX", 2)
    statuts = [(await _signaler(annuaire, lieu_id)).status_code for _ in range(3)]
    assert statuts == [201, 201, 409]


async def test_ce_qu_une_personne_a_ecrit_s_efface(annuaire: Annuaire, horloge: Horloge) -> None:
    source, lieu_id = await _lieu(annuaire)
    fait = (await _signaler(annuaire, lieu_id)).json()
    chemin = f"/sources/{source}/signalements/{fait['id']}"
    horloge.instant += rules.GARDE
    lu = (await annuaire.get(chemin, qui=ADMIN)).json()
    assert (lu["texte"], lu["courriel"], lu["motif"]) == (None, None, "horaires_faux")
    await _signaler(annuaire, lieu_id)
    async with annuaire.base.read() as session:
        signalement = await repository.suivi(session, service.condense(fait["suivi"].rpartition("/")[2]))
    assert signalement is not None
    assert (signalement.texte, signalement.courriel) == (None, None)


async def test_un_signalement_clos_s_efface_plus_tot(annuaire: Annuaire, horloge: Horloge) -> None:
    source, lieu_id = await _lieu(annuaire)
    id = (await _signaler(annuaire, lieu_id)).json()["id"]
    clos = (await _repondre(annuaire, source, id, "*", etat="clos")).json()
    assert clos["efface_apres"] == (horloge.instant + timedelta(days=30)).isoformat().replace("+00:00", "Z")


async def test_les_signalements_se_lisent_page_par_page(annuaire: Annuaire) -> None:
    source, lieu_id = await _lieu(annuaire)
    faits = [(await _signaler(annuaire, lieu_id)).json()["id"] for _ in range(3)]
    for chemin, qui in ((f"/lieux/{lieu_id}/signalements", ANONYME), (f"/sources/{source}/signalements", ADMIN)):
        premiere = (await annuaire.get(chemin, qui=qui, limite=2)).json()
        seconde = (await annuaire.get(chemin, qui=qui, limite=2, curseur=premiere["suivant"])).json()
        assert [s["id"] for s in premiere["elements"] + seconde["elements"]] == faits[::-1]
    clos = await annuaire.get(f"/sources/{source}/signalements", qui=ADMIN, etat="clos")
    assert clos.json()["elements"] == []


async def test_une_adresse_de_suivi_inconnue_est_un_404(annuaire: Annuaire) -> None:
    assert (await annuaire.get("/signalements/" + "a" * 32)).status_code == 404
