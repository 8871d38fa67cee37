"""The guards that compare what a list changes: places moved, renamed, emptied, under other keys."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.synchronisation import gardes, planifier
from annuaire.synchronisation.gardes import Ecarts

from tests.fabriques.annuaire import ADMIN, Annuaire, lieu, liste

pytestmark = pytest.mark.anyio

CLES = [{"id": f"autre-{rang}"} for rang in range(20)]


def ailleurs(rang: int) -> dict[str, Any]:
    """Move a place two kilometres north, its commune unchanged."""
    return {"latitude": round(lieu(rang)["latitude"] + 0.018, 6)}


def changees(nombre: int, champs: Any) -> list[dict[str, Any]]:
    """Make twenty places, the first ones changed."""
    return [lieu(rang, **(champs(rang) if rang < nombre else {})) for rang in range(20)]


CAS: tuple[tuple[str, Any, int, float], ...] = (
    # (guard, what changes, how many of twenty just pass, what the guard then says of one more)
    ("deplacement_masse", ailleurs, 4, 0.25),
    ("ecrasement_masse", lambda rang: {"nom": f"Tout autre nom {rang}"}, 10, 0.55),
    ("effacement_masse", lambda _: {"courriels": None}, 10, 11),
    ("cles_remplacees", lambda rang: CLES[rang], 6, 0.35),
)


@pytest.mark.parametrize(("regle", "champs", "passent", "valeur"), CAS, ids=[cas[0] for cas in CAS])
async def test_une_garde_laisse_passer_jusqu_a_son_seuil_et_retient_au_dela(
    annuaire: Annuaire, regle: str, champs: Any, passent: int, valeur: float
) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(20))
    essai = await annuaire.synchroniser(source, changees(passent, champs), essai=True, etat="essai")
    assert [g["regle"] for g in essai["garde"] if g["declenchee"]] == []
    retenue = await annuaire.synchroniser(source, changees(passent + 1, champs), etat="retenue")
    assert {g["regle"]: g["valeur"] for g in retenue["garde"] if g["declenchee"]} == {regle: valeur}
    assert await annuaire.lieux(source) == {lu["nom"]: lu for lu in (await annuaire.lieux(source)).values()}
    inexacte = {"confirmer": {regle: valeur - 0.01}, "motif": "Nous déménageons tous."}
    adresse = f"/synchronisations/{retenue['id']}/application"
    assert (await annuaire.post(adresse, corps=inexacte)).status_code == 409
    exacte = {**inexacte, "confirmer": {regle: valeur}}
    assert (await annuaire.post(adresse, corps=exacte)).status_code == 202
    assert (await annuaire.finir(retenue["id"]))["etat"] == "appliquee"


@pytest.mark.parametrize(
    ("attribut", "valeur", "champs", "combien"),
    [
        ("SEUIL_DEPLACEMENT", 2.0, ailleurs, 20),
        ("SEUIL_ECRASEMENT", 2.0, CAS[1][1], 20),
        ("SEUIL_CLES_REMPLACEES", 2.0, CAS[3][1], 10),
    ],
)
async def test_sans_la_garde_la_liste_passerait(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch, attribut: str, valeur: float, champs: Any, combien: int
) -> None:
    monkeypatch.setattr(gardes, attribut, valeur)
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(20))
    await annuaire.synchroniser(source, changees(combien, champs))


async def test_sans_la_mesure_rien_n_est_retenu(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    async def rien(*_: Any) -> Ecarts:
        return Ecarts()

    monkeypatch.setattr(planifier, "mesurer", rien)
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(20))
    await annuaire.synchroniser(source, changees(20, lambda _: {"courriels": None}))


async def test_une_operation_inconnue_rejette_sa_ligne_et_elle_seule(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(20))
    delta = [
        {**lieu(0, nom="Nouveau nom"), "_op": "remplacer"},
        {**lieu(1, nom="Nom nouveau"), "_op": " MAJ "},
        *({**ligne, "_op": ""} for ligne in liste(18, depuis=2)),
    ]
    run = await annuaire.synchroniser(source, delta, mode="delta")
    assert (run["lignes"]["rejetees"], run["plan"]["modifies"], run["rapport"]) == (1, 1, {"operation_inconnue": 1})
    [dite] = await annuaire.tous(f"/synchronisations/{run['id']}/lignes", qui=ADMIN)
    assert (dite["ligne"], dite["champ"], dite["action"], dite["valeur"]) == (1, "_op", "rejetee", "remplacer")
    assert "Nouveau nom" not in await annuaire.lieux(source)


DERIVEE = {"cle_derivee": ["nom", "code_insee"]}


def sans_cle(nombre: int, **champs: Any) -> list[dict[str, Any]]:
    """Make places without a key, each with its own phone."""
    return [lieu(rang, id=None, telephone=f"01 99 00 12 {rang:02d}", **champs) for rang in range(nombre)]


async def test_un_lieu_renomme_sous_cle_deduite_garde_son_identifiant(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(**DERIVEE)
    lignes = sans_cle(8)
    await annuaire.synchroniser(source, lignes)
    avant = await annuaire.lieux(source)
    renommees = [{**lignes[0], "nom": "La Fabrique fictive"}, *lignes[1:]]
    essai = await annuaire.synchroniser(source, renommees, essai=True, etat="essai")
    assert {nom: n for nom, n in essai["plan"].items() if n and nom != "etag"} == {
        "modifies": 1, "renommes": 1, "inchanges": 7,
    }  # fmt: skip
    [dite] = await annuaire.tous(f"/synchronisations/{essai['id']}/plan", qui=ADMIN)
    assert (dite["action"], [c["champ"] for c in dite["champs"]]) == ("renommes", ["nom"])
    assert dite["ancienne_cle"] not in (None, dite["cle"])
    await annuaire.synchroniser(source, renommees)
    apres = await annuaire.lieux(source)
    assert apres["La Fabrique fictive"]["id"] == avant["Espace numérique fictif 0"]["id"]
    assert len(apres) == 8
    # said once, then it is the place's key: the same list in other bytes changes nothing
    relue = await annuaire.synchroniser(source, list(reversed(renommees)))
    assert {nom: n for nom, n in relue["plan"].items() if n and nom != "etag"} == {"inchanges": 8}


async def test_deux_candidats_ne_sont_pas_departages(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(**DERIVEE)
    jumeaux = [lieu(0, id=None, nom=f"Salle {s}", telephone="01 99 00 12 34") for s in "AB"]
    await annuaire.synchroniser(source, [*jumeaux, *sans_cle(8)[1:]])
    nouveaux = [lieu(0, id=None, nom=f"Salle {s}", telephone="01 99 00 12 34") for s in "CD"]
    run = await annuaire.synchroniser(source, [*nouveaux, *sans_cle(8)[1:]])
    assert (run["plan"]["renommes"], run["plan"]["crees"], run["plan"]["supprimes"]) == (0, 2, 2)


async def test_un_meme_telephone_loin_n_est_pas_le_meme_lieu(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(**DERIVEE)
    await annuaire.synchroniser(source, sans_cle(8))
    loin = lieu(1, id=None, nom="Autre lieu", telephone="01 99 00 12 00")
    run = await annuaire.synchroniser(source, [loin, *sans_cle(8)[1:]])
    assert (run["plan"]["renommes"], run["plan"]["crees"], run["plan"]["supprimes"]) == (0, 1, 1)


async def test_un_fichier_rendu_avec_ses_identifiants_ne_change_rien(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(6))
    ids = {nom: lu["id"] for nom, lu in (await annuaire.lieux(source)).items()}
    rendue = [{**ligne, "id_maillage": ids[ligne["nom"]], "probleme": "Le téléphone manque."} for ligne in liste(6)]
    run = await annuaire.synchroniser(source, rendue)
    assert (run["plan"]["inchanges"], run["rapport"]) == (6, {})
    # without its own key, a row is known by the id that it brings back; a key of its own becomes that of its place
    sans = [{**rendue[0], "id": ""}, {**rendue[1], "id": "ma-cle"}, *rendue[2:]]
    run = await annuaire.synchroniser(source, sans)
    assert {nom: n for nom, n in run["plan"].items() if n and nom != "etag"} == {
        "inchanges": 5, "modifies": 1, "renommes": 1,
    }  # fmt: skip
    assert {nom: lu["id"] for nom, lu in (await annuaire.lieux(source)).items()} == ids


async def test_un_identifiant_rendu_que_personne_ne_connait_n_est_pas_une_cle(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(30))
    inconnue = {**lieu(40), "id": "", "id_maillage": "00000000-0000-7000-8000-000000000000"}
    run = await annuaire.synchroniser(source, [*liste(30), inconnue])
    assert (run["lignes"]["rejetees"], run["rapport"]) == (1, {"cle_absente": 1})
