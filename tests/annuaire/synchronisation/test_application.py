"""From a plan to the directory: dry runs, guards held and released, what a rejected row leaves, plans and reports."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.lieux import repository as fiches
from annuaire.lieux.tables import Fiche
from socle.acces.principal import Principal
from socle.donnees.tables import Evenement, LigneAudit
from sqlalchemy import func, select

from tests.fabriques.annuaire import ADMIN, ECRIVAIN, FORCEUR, Annuaire, lieu, liste

pytestmark = pytest.mark.anyio

MOTIF = "Fermetures confirmées par la préfecture"


async def appliquer(
    annuaire: Annuaire, run: dict[str, Any], corps: dict[str, Any], *, qui: Principal = ADMIN, plan: str | None = None
) -> Any:
    return await annuaire.post(
        f"/synchronisations/{run['id']}/application", qui=qui, corps=corps, entetes={"If-Match": plan} if plan else None
    )


async def traces(annuaire: Annuaire, source: str) -> dict[str, Any]:
    """Take what a run may write: records, feed, outbox, audit."""
    async with annuaire.base.read() as session:
        lignes = await session.execute(
            select(Fiche.cle, Fiche.empreinte, Fiche.retiree, Fiche.run_id, Fiche.lue_le).where(
                Fiche.source_id == source
            )  # type: ignore[call-overload]
        )
        return {
            "fiches": sorted(map(str, lignes)),
            "flux": await annuaire.flux(),
            "evenements": await session.scalar(select(func.count()).select_from(Evenement)),
        }


async def test_la_meme_liste_n_ecrit_ni_fiche_ni_flux_ni_evenement(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(20))
    avant = await traces(annuaire, source)
    run = await annuaire.synchroniser(source, liste(20), etat="inchange")
    assert (run["lignes"]["lues"], run["plan"]["inchanges"], run["base"]) == (20, 20, run["base"])
    assert await traces(annuaire, source) == avant


async def test_la_meme_liste_en_d_autres_octets_est_relue_et_n_ecrit_rien(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(20))
    avant = await traces(annuaire, source)
    run = await annuaire.synchroniser(source, liste(20)[::-1])
    assert (run["plan"]["inchanges"], run["plan"]["crees"], run["plan"]["modifies"]) == (20, 0, 0)
    assert await traces(annuaire, source) == avant


async def test_un_telephone_change_fait_une_entree_de_flux_et_une_version(annuaire: Annuaire) -> None:
    source, lignes = await annuaire.creer_source(), liste(20)
    premier = await annuaire.synchroniser(source, lignes)
    lignes[7]["telephone"] = "01 99 00 12 34"
    run = await annuaire.synchroniser(source, lignes)
    [change] = await annuaire.flux(apres=premier["changement_numero"])
    assert change["data"]["nom"] == lignes[7]["nom"]
    assert (change["data"]["telephone"], change["data"]["version"]) == ("+33199001234", 2)
    assert change["modified"] == run["changement_numero"]


async def test_un_essai_n_ecrit_rien_puis_s_applique(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    avant = await traces(annuaire, source)
    essai = await annuaire.synchroniser(source, liste(3), essai=True, etat="essai")
    assert (essai["plan"]["crees"], essai["changement_numero"]) == (3, None)
    assert await traces(annuaire, source) == avant
    reponse = await appliquer(annuaire, essai, {}, plan=essai["plan"]["etag"])
    assert reponse.status_code == 202
    assert reponse.headers["location"].endswith(essai["id"])
    fin = await annuaire.finir(essai["id"])
    assert (fin["etat"], fin["essai"], fin["plan"]["etag"]) == ("appliquee", False, essai["plan"]["etag"])
    assert len(await annuaire.lieux(source)) == 3


async def test_le_plan_d_un_autre_moment_est_un_412(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    essai = await annuaire.synchroniser(source, liste(3), essai=True, etat="essai")
    reponse = await appliquer(annuaire, essai, {}, plan='"p-autre"')
    assert (reponse.status_code, reponse.headers["etag"]) == (412, essai["plan"]["etag"])
    assert (await annuaire.finir(essai["id"]))["etat"] == "essai"


async def test_un_plan_depasse_est_refait_et_doit_etre_relu(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    essai = await annuaire.synchroniser(source, liste(3), essai=True, etat="essai")
    autre = await annuaire.synchroniser(source, liste(2))
    reponse = await appliquer(annuaire, essai, {}, plan=essai["plan"]["etag"])
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (412, "plan-depasse")
    refait = await annuaire.finir(essai["id"])
    assert (refait["etat"], refait["base"], refait["plan"]["crees"]) == ("essai", autre["id"], 1)
    assert refait["plan"]["etag"] != essai["plan"]["etag"]
    assert len(await annuaire.lieux(source)) == 2
    assert (await appliquer(annuaire, refait, {}, plan=refait["plan"]["etag"])).status_code == 202
    assert (await annuaire.finir(essai["id"]))["etat"] == "appliquee"
    assert len(await annuaire.lieux(source)) == 3


async def test_un_essai_ne_s_applique_pas_pendant_une_autre_synchronisation(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    essai = await annuaire.synchroniser(source, liste(31), essai=True, etat="essai")
    retenue = await annuaire.synchroniser(source, liste(2), etat="retenue")
    reponse = await appliquer(annuaire, essai, {})
    assert (reponse.status_code, reponse.headers["location"].rpartition("/")[2]) == (409, retenue["id"])


async def test_une_synchronisation_finie_ne_s_applique_ni_ne_s_annule(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, liste(1))
    assert (await appliquer(annuaire, run, {})).status_code == 409
    assert (await annuaire.post(f"/synchronisations/{run['id']}/annulation")).status_code == 409


# --- guards


def sans_noms(lignes: list[dict[str, Any]], combien: int) -> list[dict[str, Any]]:
    return [{**ligne, "nom": ""} if rang < combien else ligne for rang, ligne in enumerate(lignes)]


GARDES = {
    "suppressions": (liste(29), 11.0),
    "chute_volume": (liste(19), 0.475),
    "taux_erreur": (sans_noms(liste(40), 3), 0.075),
    "fichier_vide": (sans_noms(liste(40), 40), 0.0),
}


@pytest.mark.parametrize("regle", GARDES)
async def test_une_garde_retient_sans_rien_ecrire_et_se_leve_par_sa_valeur_exacte(
    annuaire: Annuaire, regle: str
) -> None:
    lignes, valeur = GARDES[regle]
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(40))
    avant = await traces(annuaire, source)
    run = await annuaire.synchroniser(source, lignes, etat="retenue")
    declenchees = {g["regle"]: g["valeur"] for g in run["garde"] if g["declenchee"]}
    assert declenchees[regle] == valeur
    assert run["changement_numero"] is None
    assert await traces(annuaire, source) == avant

    juste = {"confirmer": declenchees, "motif": MOTIF}
    assert (await appliquer(annuaire, run, juste, qui=ECRIVAIN)).status_code == 403
    for faux in (
        {},
        {"confirmer": declenchees},
        {"confirmer": {**declenchees, regle: valeur + 1}, "motif": MOTIF},
        {"confirmer": {r: v for r, v in declenchees.items() if r != regle}, "motif": MOTIF},
    ):
        reponse = await appliquer(annuaire, run, faux)
        assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (409, "confirmation-inexacte")
    assert (await appliquer(annuaire, run, {"confirmer": declenchees, "motif": "trop"})).status_code == 422
    if regle == "fichier_vide":
        assert (await appliquer(annuaire, run, juste, qui=FORCEUR)).status_code == 409
    assert await traces(annuaire, source) == avant

    qui = ADMIN if regle == "fichier_vide" else FORCEUR
    assert (await appliquer(annuaire, run, juste, qui=qui, plan=run["plan"]["etag"])).status_code == 202
    fin = await annuaire.finir(run["id"])
    assert fin["etat"] == "appliquee"
    async with annuaire.base.read() as session:
        actes = await session.scalars(
            select(LigneAudit).where(LigneAudit.objet == f"synchronisation:{run['id']}").order_by(LigneAudit.seq)  # type: ignore[arg-type]
        )
        assert [(a.action, a.acteur, a.motif) for a in actes] == [
            ("synchronisation.confirmer", qui.sujet, MOTIF),
            ("synchronisation.appliquer", ADMIN.sujet, MOTIF),
        ]


async def test_dix_suppressions_ne_sont_pas_retenues(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(40))
    assert (await annuaire.synchroniser(source, liste(30)))["plan"]["supprimes"] == 10


async def test_une_synchronisation_retenue_s_annule_et_libere_la_source(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(40))
    run = await annuaire.synchroniser(source, liste(2), etat="retenue")
    reponse = await annuaire.post(f"/synchronisations/{run['id']}/annulation")
    assert (reponse.status_code, reponse.json()["etat"]) == (200, "annulee")
    assert (await appliquer(annuaire, run, {"confirmer": {"suppressions": 38}, "motif": MOTIF})).status_code == 409
    assert len(await annuaire.lieux(source)) == 40
    await annuaire.synchroniser(source, liste(41))


async def test_un_corps_d_application_inconnu_est_refuse(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    essai = await annuaire.synchroniser(source, liste(1), essai=True, etat="essai")
    assert (await appliquer(annuaire, essai, {"forcer": True})).status_code == 422


# --- rows


async def derniere_erreur(annuaire: Annuaire, source: str, cle: str) -> Any:
    async with annuaire.base.read() as session:
        return (await fiches.fiches(session, source, [cle]))[cle].derniere_erreur


async def test_une_ligne_rejetee_garde_la_derniere_bonne_version(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    avant = await annuaire.lieux(source)
    run = await annuaire.synchroniser(source, sans_noms(liste(30), 1))
    assert (run["lignes"]["rejetees"], run["plan"]["supprimes"], run["rapport"]) == (1, 0, {"nom_absent": 1})
    assert await annuaire.lieux(source) == avant
    assert (await derniere_erreur(annuaire, source, "lieu-0"))["code"] == "nom_absent"
    assert await derniere_erreur(annuaire, source, "lieu-1") is None


async def test_une_ligne_de_nouveau_bonne_efface_l_erreur(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    await annuaire.synchroniser(source, sans_noms(liste(30), 1))
    await annuaire.synchroniser(source, [lieu(0, nom="Espace renommé"), *liste(29, depuis=1)])
    assert await derniere_erreur(annuaire, source, "lieu-0") is None


async def test_une_ligne_de_nouveau_bonne_et_inchangee_efface_l_erreur(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    await annuaire.synchroniser(source, sans_noms(liste(30), 1))
    await annuaire.synchroniser(source, [*liste(30)[::-1]])
    assert await derniere_erreur(annuaire, source, "lieu-0") is None


async def test_une_cle_ambigue_garde_sa_fiche_et_dit_pourquoi(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(60))
    avant = await annuaire.lieux(source)
    run = await annuaire.synchroniser(source, [*liste(60), lieu(0, nom="Autre nom")])
    assert (run["lignes"]["lues"], run["lignes"]["rejetees"], run["rapport"]) == (61, 2, {"cle_ambigue": 2})
    assert await annuaire.lieux(source) == avant
    assert (await derniere_erreur(annuaire, source, "lieu-0"))["code"] == "cle_ambigue"
    lignes = await annuaire.tous(f"/synchronisations/{run['id']}/lignes", qui=ADMIN)
    assert [(li["cle"], li["action"]) for li in lignes] == [("lieu-0", "rejetee")] * 2
    assert len({li["ligne"] for li in lignes}) == 2


async def test_une_ligne_rejetee_sous_son_identifiant_public_est_notee_sur_sa_fiche(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    public = (await annuaire.lieux(source))[lieu(0)["nom"]]["id"]
    run = await annuaire.synchroniser(source, [lieu(0, id=public, nom=""), *liste(29, depuis=1)])
    assert run["plan"]["supprimes"] == 0
    assert (await derniere_erreur(annuaire, source, "lieu-0"))["code"] == "nom_absent"


async def test_une_liste_qui_porte_les_identifiants_publics_est_la_meme(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(5))
    publics = {nom: lu["id"] for nom, lu in (await annuaire.lieux(source)).items()}
    run = await annuaire.synchroniser(source, [{**ligne, "id": publics[ligne["nom"]]} for ligne in liste(5)])
    assert (run["plan"]["inchanges"], run["plan"]["crees"], run["plan"]["supprimes"]) == (5, 0, 0)


async def test_l_identifiant_public_d_une_autre_source_n_est_qu_une_cle(annuaire: Annuaire) -> None:
    une, autre = await annuaire.creer_source(), await annuaire.creer_source()
    await annuaire.synchroniser(une, liste(1))
    public = (await annuaire.lieux(une))[lieu(0)["nom"]]["id"]
    await annuaire.synchroniser(autre, [lieu(0, id=public, nom="Usurpateur")])
    assert list(await annuaire.lieux(une)) == [lieu(0)["nom"]]
    assert (await annuaire.lieux(autre))["Usurpateur"]["id"] != public


# --- plan and report


async def test_le_plan_se_lit_par_page_et_par_action(annuaire: Annuaire) -> None:
    source, lignes = await annuaire.creer_source(), liste(20)
    await annuaire.synchroniser(source, lignes)
    lignes[3]["nom"] = "Nom changé"
    essai = await annuaire.synchroniser(source, lignes[:18] + liste(3, depuis=100), essai=True, etat="essai")
    adresse = f"/synchronisations/{essai['id']}/plan"
    tout = await annuaire.tous(adresse, qui=ADMIN, limite=2)
    assert [ligne["action"] for ligne in tout] == ["modifies", "crees", "crees", "crees", "supprimes", "supprimes"]
    assert [ligne["rang"] for ligne in tout] == [1, 2, 3, 4, 5, 6]
    [modifiee] = await annuaire.tous(adresse, qui=ADMIN, action="modifies")
    assert modifiee["champs"] == [
        {
            "champ": "nom",
            "avant": lieu(3)["nom"],
            "apres": "Nom changé",
            "gagne": True,
            "source_gagnante": source,
        },
    ]
    assert (modifiee["cle"], modifiee["ligne"] is not None) == ("lieu-3", True)
    supprimees = await annuaire.tous(adresse, qui=ADMIN, action="supprimes")
    assert {ligne["cle"] for ligne in supprimees} == {"lieu-18", "lieu-19"}
    assert (await annuaire.get(adresse, qui=ADMIN, action="inchanges")).status_code == 400


async def test_le_rapport_se_lit_par_page_par_code_et_par_severite(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    lignes = [
        *[lieu(rang, telephone="12 34") for rang in range(4)],
        lieu(4, nom=""),
        *liste(30, depuis=5),
    ]
    run = await annuaire.synchroniser(source, lignes)
    adresse = f"/synchronisations/{run['id']}/lignes"
    tout = await annuaire.tous(adresse, qui=ADMIN, limite=2)
    assert run["rapport"] == {"telephone_invalide": 4, "nom_absent": 1}
    assert [ligne["cle"] for ligne in tout] == [f"lieu-{rang}" for rang in range(5)]
    assert [li["code"] for li in await annuaire.tous(adresse, qui=ADMIN, code="nom_absent")] == ["nom_absent"]
    avertis = await annuaire.tous(adresse, qui=ADMIN, severite="avertissement")
    assert [(li["champ"], li["action"]) for li in avertis] == [("telephone", "corrigee")] * 4
    assert all(li["message"] for li in tout)


async def test_le_rapport_masque_les_contacts(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, [lieu(0, courriels="jeanne.exemple@@exemple..fr"), *liste(20, depuis=1)])
    lignes = (await annuaire.get(f"/synchronisations/{run['id']}/lignes", qui=ADMIN)).text
    assert "courriel" in lignes
    assert "jeanne.exemple" not in lignes


async def test_un_curseur_d_une_autre_requete_est_refuse(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    essai = await annuaire.synchroniser(source, liste(3), essai=True, etat="essai")
    adresse = f"/synchronisations/{essai['id']}/plan"
    curseur = (await annuaire.get(adresse, qui=ADMIN, limite=1)).json()["suivant"]
    assert (await annuaire.get(adresse, qui=ADMIN, limite=1, curseur=curseur)).status_code == 200
    assert (await annuaire.get(adresse, qui=ADMIN, limite=1, curseur=curseur, action="crees")).status_code == 400


async def test_le_plan_annonce_est_le_plan_applique(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    lignes = [lieu(0, nom="Nouveau nom"), *liste(25, depuis=1), *liste(4, depuis=200)]
    avant = await annuaire.lieux(source)
    run = await annuaire.synchroniser(source, lignes)
    apres = await annuaire.lieux(source)
    assert run["plan"]["crees"] == len(apres.keys() - avant.keys()) - 1 == 4
    assert run["plan"]["supprimes"] == len(avant.keys() - apres.keys()) - 1 == 4
    assert run["plan"]["modifies"] == sum(lu["version"] == 2 for lu in apres.values()) == 1
