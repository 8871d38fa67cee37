"""What a place says of itself: by its own link or by a key, above every list, verified."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from annuaire.paroles import page, service
from socle.acces.principal import ANONYME, Principal
from socle.donnees.tables import Courriel, LienAction
from socle.web.client import Response
from sqlalchemy import select
from sqlmodel import col

from socle import courriels, liens_action
from tests.fabriques.annuaire import ADMIN, ECRIVAIN, ETRANGER, SANS_PORTEE, Annuaire, lieu, nouvelle_cle
from tests.fabriques.horloge import Horloge

pytestmark = pytest.mark.anyio


async def _lieu(annuaire: Annuaire, **champs: Any) -> tuple[str, str]:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, [lieu(0, **champs)])
    return source, (await annuaire.get("/lieux", source=source)).json()["elements"][0]["id"]


async def _fiche(annuaire: Annuaire, id: str, **options: Any) -> dict[str, Any]:
    return dict((await annuaire.get(f"/lieux/{id}", **options)).json())


async def _demander(annuaire: Annuaire, id: str) -> Response:
    entetes = {"Idempotency-Key": nouvelle_cle()}
    return await annuaire.post(f"/lieux/{id}/revendications", qui=ANONYME, entetes=entetes)


async def _lien(annuaire: Annuaire, id: str) -> str:
    """Ask for a link, and read it in the message that leaves."""
    assert (await _demander(annuaire, id)).status_code == 202
    async with annuaire.base.read() as session:
        courriel = (await session.scalars(select(Courriel).order_by(col(Courriel.id).desc()).limit(1))).one()
    recus: list[Any] = []

    class Boite:
        def porter(self, _id: Any, message: Any) -> None:
            recus.append(message)

    dossier = annuaire.contexte.socle.donnees / "courriels" / f"{courriel.id}.eml"
    if dossier.exists():
        recus.append(message_from_bytes(dossier.read_bytes(), policy=policy.default))
    else:
        charge = {"courriel": str(courriel.id)}
        await courriels.envoyer(
            annuaire.base, charge, par=Boite(), expediteur="a@maillage.invalid", horloge=annuaire.contexte.horloge
        )
        if not recus:
            recus.append(message_from_bytes(dossier.read_bytes(), policy=policy.default))
    trouve = re.search(r"/annuaire/v1/paroles/(\S+)", recus[0].get_content())
    assert trouve is not None
    return trouve[1]


async def _poster(annuaire: Annuaire, secret: str, **champs: str) -> Response:
    return await annuaire.client.post(
        f"/annuaire/v1/paroles/{secret}", data=champs, headers=annuaire.entetes(ANONYME, ecriture=True)
    )


async def _patch(annuaire: Annuaire, id: str, etag: str | None, qui: Principal = ADMIN, **corps: Any) -> Response:
    entetes = {"Content-Type": "application/merge-patch+json", **({"If-Match": etag} if etag else {})}
    return await annuaire.client.patch(
        f"/annuaire/v1/lieux/{id}/parole", json=corps, headers={**annuaire.entetes(qui, ecriture=True), **entetes}
    )


async def test_tout_est_exact_date_la_verification_et_le_lien_ne_sert_qu_une_fois(annuaire: Annuaire) -> None:
    _, id = await _lieu(annuaire)
    secret = await _lien(annuaire, id)
    vue = await annuaire.get(f"/paroles/{secret}")
    assert (vue.status_code, vue.headers["content-security-policy"]) == (200, page.CSP)
    assert (await _fiche(annuaire, id))["verifie_le"] is None
    assert (await _poster(annuaire, secret, choix="exact")).status_code == 200
    assert (await _fiche(annuaire, id))["verifie_le"] is not None
    assert (await _poster(annuaire, secret, choix="exact")).status_code == 410
    assert (await annuaire.get(f"/paroles/{secret}")).status_code == 410


async def test_une_correction_l_emporte_sur_la_liste_meme_renvoyee(annuaire: Annuaire) -> None:
    source, id = await _lieu(annuaire, horaires="Mo 09:00-12:00")
    secret = await _lien(annuaire, id)
    reponse = await _poster(annuaire, secret, choix="corriger", horaires="mardi 14h-17h", telephone="04 76 00 00 00")
    assert reponse.status_code == 200, reponse.text
    await annuaire.synchroniser(source, [lieu(0, horaires="We 09:00-12:00", presentation_resume="Autre")])
    fiche = await _fiche(annuaire, id, provenance="true")
    assert (fiche["horaires"], fiche["telephone"], fiche["presentation_resume"]) == (
        "Tu 14:00-17:00",
        "+33476000000",
        "Autre",
    )
    assert (fiche["provenance"]["horaires"]["source"], fiche["provenance"]["horaires"]["rang"]) == ("parole", 100)
    assert fiche["provenance"]["nom"]["source"] == source


async def test_une_valeur_illisible_ne_change_rien_et_laisse_le_lien(annuaire: Annuaire) -> None:
    _, id = await _lieu(annuaire)
    secret = await _lien(annuaire, id)
    refusee = await _poster(annuaire, secret, choix="corriger", telephone="abc")
    assert (refusee.status_code, 'role="alert"' in refusee.text) == (422, True)
    assert (await _fiche(annuaire, id))["verifie_le"] is None
    assert (await _poster(annuaire, secret, choix="exact")).status_code == 200


async def test_un_lieu_change_depuis_l_envoi_est_un_409(annuaire: Annuaire) -> None:
    source, id = await _lieu(annuaire)
    secret = await _lien(annuaire, id)
    await annuaire.synchroniser(source, [lieu(0, presentation_resume="Changé")])
    assert (await _poster(annuaire, secret, choix="exact")).status_code == 409
    assert (await annuaire.get(f"/paroles/{secret}")).status_code == 200


async def test_un_lien_expire_et_son_secret_n_est_pas_garde(annuaire: Annuaire, horloge: Horloge) -> None:
    _, id = await _lieu(annuaire)
    secret = await _lien(annuaire, id)
    async with annuaire.base.read() as session:
        lignes = [
            *await session.scalars(select(col(LienAction.condense))),
            *await session.scalars(select(Courriel.texte)),
        ]
    assert not any(secret in ligne for ligne in lignes)
    horloge.instant += timedelta(days=31)
    assert (await _poster(annuaire, secret, choix="exact")).status_code == 410
    assert (await annuaire.get("/paroles/" + "a" * 43)).status_code == 404


async def test_sans_la_garde_d_usage_unique_un_lien_servirait_deux_fois(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, id = await _lieu(annuaire)
    secret = await _lien(annuaire, id)

    async def sans_garde(session: Any, secret: str, **_: Any) -> Any:
        return None

    monkeypatch.setattr(liens_action, "utiliser", sans_garde)
    assert [(await _poster(annuaire, secret, choix="exact")).status_code for _ in range(2)] == [200, 200]


async def test_la_page_echappe_ce_que_dit_une_liste(annuaire: Annuaire) -> None:
    _, id = await _lieu(annuaire, nom="Lieu \"l'<b>&amp;", presentation_resume='"><img src=x>')
    texte = page.formulaire({**await _fiche(annuaire, id), "nom": "<script>1</script>"})
    assert "<script>" not in texte
    assert "<img" not in texte


async def test_un_lieu_sans_courriel_publie_ou_deja_prevenu_ne_recoit_rien(annuaire: Annuaire) -> None:
    _, sans = await _lieu(annuaire, courriels=None)
    assert (await _demander(annuaire, sans)).status_code == 409
    _, id = await _lieu(annuaire)
    premiere = await _demander(annuaire, id)
    assert (premiere.status_code, premiere.json()["envoye_a"]) == (202, "a…@exemple.fr")
    assert (await _demander(annuaire, id)).status_code == 409


async def test_une_cle_liee_parle_pour_le_lieu_et_aucune_autre(annuaire: Annuaire) -> None:
    _, id = await _lieu(annuaire)
    for qui, statut in ((ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 403)):
        assert (await annuaire.get(f"/lieux/{id}/parole", qui=qui)).status_code == statut
        assert (await _patch(annuaire, id, "*", qui=qui, nom="X")).status_code == statut
    etag = (await annuaire.get(f"/lieux/{id}/parole", qui=ECRIVAIN)).headers["etag"]
    assert (await _patch(annuaire, id, None, nom="X")).status_code == 428
    assert (await _patch(annuaire, id, etag, qui=ECRIVAIN, nom="Le vrai nom", langues=["LSF"])).status_code == 204
    assert (await _patch(annuaire, id, etag, nom="X")).status_code == 412
    fiche = await _fiche(annuaire, id)
    assert (fiche["nom"], fiche["langues"]) == ("Le vrai nom", ["fsl"])
    assert (await _patch(annuaire, id, "*", nom=None)).status_code == 204
    assert (await _fiche(annuaire, id))["nom"].startswith("Espace numérique fictif")
    for faux in ({"adresse": "x"}, {"telephone": "texte"}, {"horaires": "quand il fait beau"}, {"langues": []}):
        assert (await _patch(annuaire, id, "*", **faux)).status_code == 422


async def test_un_lieu_retire_de_sa_liste_ne_reste_pas_par_sa_seule_parole(annuaire: Annuaire) -> None:
    source, id = await _lieu(annuaire)
    assert (await _patch(annuaire, id, "*", nom="Le vrai nom")).status_code == 204
    await annuaire.synchroniser(source, [lieu(0, _op="suppr")], mode="delta")
    assert (await annuaire.get(f"/lieux/{id}")).status_code == 410


async def test_une_campagne_ecrit_une_fois_a_chaque_lieu(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    lieux = [lieu(n, courriels=f"accueil{n}@exemple.fr") for n in range(3)] + [lieu(3, courriels=None)]
    await annuaire.synchroniser(source, lieux)
    comptes = []
    for _ in range(2):
        entetes = {"Idempotency-Key": nouvelle_cle()}
        reponse = await annuaire.post(f"/sources/{source}/campagnes", qui=ADMIN, entetes=entetes)
        assert reponse.status_code == 202, reponse.text
        comptes.append(tuple(reponse.json().values()))
    assert comptes == [(3, 1, 0, False), (0, 1, 3, False)]
    ailleurs = await annuaire.post(
        f"/sources/{source}/campagnes", qui=ETRANGER, entetes={"Idempotency-Key": nouvelle_cle()}
    )
    assert ailleurs.status_code == 404


async def test_nul_ne_cree_la_source_des_paroles(annuaire: Annuaire) -> None:
    corps = {"id": "parole", "nom": "Usurpée"}
    reponse = await annuaire.post("/sources", corps=corps, entetes={"Idempotency-Key": nouvelle_cle()})
    assert reponse.status_code == 409
    assert service.VOIX.rang == 100
