"""The list given back as an annotated workbook: what is in it, what it becomes when sent back, who may have it."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from annuaire.synchronisation import repository
from annuaire.synchronisation.annotation import relecture
from annuaire.synchronisation.annotation.classeur import Classeur, Teinte, nom_de_colonne
from annuaire.synchronisation.lecteurs import ODS
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from httpx import Response
from python_calamine import CalamineWorkbook
from socle.acces.principal import ANONYME, Principal

from tests.fabriques.annuaire import (
    ADMIN,
    CSV,
    ECRIVAIN,
    ETRANGER,
    JSON,
    NDJSON,
    SANS_PORTEE,
    XLSX,
    Annuaire,
    en_csv,
    en_json,
    en_ndjson,
    lieu,
    liste,
)
from tests.fabriques.opendocument import ods, tableau

pytestmark = pytest.mark.anyio

FORMULES = ("=1+1", "+33199001234", "-2", "@SOMME(A1)", '=HYPERLINK("https://exemple.fr","x")', "\t=1")
_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


async def demander(annuaire: Annuaire, run: dict[str, Any], *, qui: Principal | None = ECRIVAIN) -> Response:
    reponse: Response = await annuaire.get(f"/synchronisations/{run['id']}/fichier-annote.xlsx", qui=qui)
    return reponse


async def rendre(annuaire: Annuaire, run: dict[str, Any]) -> bytes:
    reponse = await demander(annuaire, run)
    assert (reponse.status_code, reponse.headers["content-type"]) == (200, XLSX), reponse.text
    assert reponse.headers["content-disposition"] == f'attachment; filename="{run["source"]}-annote.xlsx"'
    return reponse.content


def cellules(contenu: bytes, feuille: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(contenu)).get_sheet_by_index(feuille).to_python()


def lignes(contenu: bytes) -> list[dict[str, Any]]:
    entetes, *suite = [rangee for rangee in cellules(contenu) if any(cellule != "" for cellule in rangee)]
    return [dict(zip(entetes, rangee, strict=True)) for rangee in suite]


def xml(contenu: bytes, partie: str) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(contenu)).read(partie))


def couleurs(contenu: bytes) -> dict[str, str]:
    """Give the fill of each coloured cell of the list, through the styles."""
    styles = xml(contenu, "xl/styles.xml")
    fonds = [fond.find(".//m:fgColor", _NS) for fond in styles.findall(".//m:fills/m:fill", _NS)]
    formats = [int(f.get("fillId", "0")) for f in styles.findall(".//m:cellXfs/m:xf", _NS)]
    feuille = xml(contenu, "xl/worksheets/sheet1.xml")
    teintes = {c.get("r", ""): fonds[formats[int(c.get("s", "0"))]] for c in feuille.findall(".//m:c", _NS)}
    return {ou: fond.get("rgb", "") for ou, fond in teintes.items() if fond is not None}


def en_xlsx(rangees: list[list[Any]], *, debut: int = 1) -> bytes:
    """Write a list as a workbook of one sheet, its headers on a given row."""
    classeur = Classeur(["Lieux"])
    classeur.ouvrir([10.0] * len(rangees[0]))
    for numero, rangee in enumerate(rangees, debut):
        classeur.ligne(numero, [(valeur, Teinte.AUCUNE) for valeur in rangee])
    classeur.fermer()
    classeur.clore()
    return classeur.prendre()


def en_tableau(fiches: list[dict[str, Any]]) -> list[list[Any]]:
    colonnes = list(dict.fromkeys(nom for fiche in fiches for nom in fiche))
    return [colonnes, *([fiche.get(nom, "") for nom in colonnes] for fiche in fiches)]


def fautive(nombre: int = 25) -> list[dict[str, Any]]:
    """A list with a telephone that is none (row 2) and a place without a name (row 4)."""
    fiches = liste(nombre, telephone="01 99 00 12 34", notes="à nous")
    fiches[1]["telephone"] = "zéro un"
    fiches[3]["nom"] = ""
    return fiches


ENVOIS = [
    pytest.param(CSV, en_csv, id="csv"),
    pytest.param(XLSX, lambda fiches: en_xlsx(en_tableau(fiches)), id="xlsx"),
    pytest.param(ODS, lambda fiches: ods(tableau(en_tableau(fiches))), id="ods"),
    pytest.param(JSON, en_json, id="json"),
    pytest.param(NDJSON, en_ndjson, id="ndjson"),
]
# The form of a list matters to no database: each on SQLite, one on PostgreSQL.
PARTOUT = pytest.mark.parametrize(
    ("annuaire", "type_mime", "ecrire"),
    [
        *(pytest.param("sqlite", *envoi.values, id=f"sqlite-{envoi.id}") for envoi in ENVOIS),
        pytest.param("postgresql", CSV, en_csv, id="postgresql-csv", marks=pytest.mark.postgresql),
    ],
    indirect=["annuaire"],
)


@PARTOUT
async def test_la_liste_revient_dans_son_ordre_avec_ids_et_problemes(
    annuaire: Annuaire, type_mime: str, ecrire: Any
) -> None:
    source, fiches = await annuaire.creer_source(), fautive()
    run = await annuaire.synchroniser(source, ecrire(fiches), type_mime=type_mime)
    contenu = await rendre(annuaire, run)
    rendues = lignes(contenu)
    colonnes = list(dict.fromkeys(nom for fiche in fiches for nom in fiche))
    assert list(rendues[0]) == [*colonnes, "id_maillage", "probleme"]
    assert [{nom: str(rendue[nom]) for nom in ("id", "nom", "telephone")} for rendue in rendues] == [
        {nom: fiche[nom] for nom in ("id", "nom", "telephone")} for fiche in fiches
    ]
    par_nom = {nom: vu["id"] for nom, vu in (await annuaire.lieux(source)).items()}
    assert [rendue["id_maillage"] for rendue in rendues] == [par_nom.get(fiche["nom"], "") for fiche in fiches]
    assert rendues[3]["id_maillage"] == ""
    assert "nom" in rendues[3]["probleme"]
    assert "téléphone" in rendues[1]["probleme"]
    telephone, nom, dit = (nom_de_colonne([*rendues[0]].index(c)) for c in ("telephone", "nom", "probleme"))
    vues = couleurs(contenu)
    assert (vues[f"{nom}5"], vues[f"{dit}5"]) == ("FFF4C7C3", "FFF4C7C3")
    assert vues[f"{telephone}3"] == "FFFFF2CC"
    assert f"{nom}3" not in vues
    assert "id_maillage" in str(cellules(contenu, 1))


@PARTOUT
async def test_la_liste_annotee_renvoyee_ne_change_rien(annuaire: Annuaire, type_mime: str, ecrire: Any) -> None:
    source = await annuaire.creer_source()
    premier = await annuaire.synchroniser(source, ecrire(fautive()), type_mime=type_mime)
    contenu = await rendre(annuaire, premier)
    retour = await annuaire.synchroniser(source, contenu, type_mime=XLSX)
    comptes = {nom: retour["plan"][nom] for nom in ("crees", "modifies", "inchanges", "supprimes", "ressuscites")}
    assert comptes == {"crees": 0, "modifies": 0, "inchanges": 24, "supprimes": 0, "ressuscites": 0}
    # its own two columns are not doubled, and the ids are still there
    encore = lignes(await rendre(annuaire, retour))
    assert [ligne["id_maillage"] for ligne in encore] == [ligne["id_maillage"] for ligne in lignes(contenu)]
    assert list(encore[0])[-2:] == ["id_maillage", "probleme"]


async def test_une_cle_corrigee_dans_la_liste_annotee_renomme_le_lieu(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    premier = await annuaire.synchroniser(source, en_csv(liste(5)), type_mime=CSV)
    avant = await annuaire.lieux(source)
    rendues = lignes(await rendre(annuaire, premier))
    rendues[2]["id"] = "cle-neuve"
    retour = await annuaire.synchroniser(source, en_xlsx(en_tableau(rendues)), type_mime=XLSX)
    assert {nom: retour["plan"][nom] for nom in ("crees", "renommes", "supprimes")} == {
        "crees": 0, "renommes": 1, "supprimes": 0,
    }  # fmt: skip
    assert {nom: vu["id"] for nom, vu in (await annuaire.lieux(source)).items()} == {
        nom: vu["id"] for nom, vu in avant.items()
    }


async def test_une_cle_derivee_rend_aussi_ses_ids(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(cle_derivee=["nom", "commune"])
    run = await annuaire.synchroniser(source, en_csv(liste(3, id=None)), type_mime=CSV)
    par_nom = {nom: vu["id"] for nom, vu in (await annuaire.lieux(source)).items()}
    contenu = await rendre(annuaire, run)
    assert {ligne["nom"]: ligne["id_maillage"] for ligne in lignes(contenu)} == par_nom
    retour = await annuaire.synchroniser(source, contenu, type_mime=XLSX)
    assert (retour["plan"]["crees"], retour["plan"]["supprimes"], retour["plan"]["inchanges"]) == (0, 0, 3)


async def test_une_formule_reste_un_texte(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    fiches = [lieu(rang, notes=formule) for rang, formule in enumerate(FORMULES)]
    run = await annuaire.synchroniser(source, en_csv(fiches), type_mime=CSV)
    contenu = await rendre(annuaire, run)
    assert [ligne["notes"] for ligne in lignes(contenu)] == list(FORMULES)
    for partie in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        feuille = xml(contenu, partie)
        assert feuille.findall(".//m:f", _NS) == []
        assert {c.get("t") for c in feuille.findall(".//m:c", _NS) if c.find("m:is", _NS) is not None} == {"inlineStr"}


async def test_les_lignes_gardent_leur_numero_et_leur_feuille(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(reglages={"feuille": "Lieux", "ligne_entetes": 3})
    rangees = en_tableau(fautive())
    run = await annuaire.synchroniser(source, en_xlsx(rangees, debut=3), type_mime=XLSX)
    contenu = await rendre(annuaire, run)
    assert CalamineWorkbook.from_filelike(io.BytesIO(contenu)).sheet_names == ["Lieux", "Légende"]
    feuille = xml(contenu, "xl/worksheets/sheet1.xml")
    assert [rangee.get("r") for rangee in feuille.findall(".//m:row", _NS)] == [str(n) for n in range(3, 29)]
    retour = await annuaire.synchroniser(source, contenu, type_mime=XLSX)
    assert (retour["plan"]["inchanges"], retour["plan"]["crees"], retour["plan"]["supprimes"]) == (24, 0, 0)


async def test_la_meme_liste_inchangee_garde_ses_problemes(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    premier = await annuaire.synchroniser(source, fautive())
    second = await annuaire.synchroniser(source, fautive(), etat="inchange")
    assert lignes(await rendre(annuaire, second)) == lignes(await rendre(annuaire, premier))


async def test_une_cle_ambigue_n_a_pas_d_id(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(50))
    run = await annuaire.synchroniser(source, [*liste(50), lieu(0, nom="Autre lieu fictif")])
    rendues = lignes(await rendre(annuaire, run))
    assert [bool(ligne["id_maillage"]) for ligne in rendues] == [False, *[True] * 49, False]


async def test_une_liste_courte_lue_par_une_correspondance_revient_et_se_renvoie(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    document = {
        "maillage": 1,
        "cle": "Code",
        "champs": {"nom": "Dénomination", "commune": "Ville", "telephone": "Tél."},
    }
    ecrire = annuaire.entetes(ADMIN, ecriture=True)
    mise = await annuaire.client.put(f"/annuaire/v1/sources/{source}/correspondance", json=document, headers=ecrire)
    assert mise.status_code in (200, 201), mise.text
    texte = "Code;Dénomination;Ville;Tél.\n1;Cyber-base fictive;Grenoble;zéro un\n"
    run = await annuaire.synchroniser(source, texte.encode(), type_mime=CSV)
    contenu = await rendre(annuaire, run)
    [lieu_rendu] = (await annuaire.lieux(source)).values()
    [ligne] = lignes(contenu)
    assert (ligne["Dénomination"], ligne["id_maillage"]) == ("Cyber-base fictive", lieu_rendu["id"])
    assert {ou: couleurs(contenu)[ou] for ou in ("D2", "F2")} == {"D2": "FFFFF2CC", "F2": "FFFFF2CC"}
    retour = await annuaire.synchroniser(source, contenu, type_mime=XLSX)
    assert (retour["plan"]["crees"], retour["plan"]["supprimes"], retour["plan"]["inchanges"]) == (0, 0, 1)


async def test_les_listes_d_un_json_reviennent_lisibles(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    services = ["Aide aux démarches administratives", "Maîtrise des outils numériques du quotidien"]
    run = await annuaire.synchroniser(source, [lieu(0, services=services), lieu(1, notes={"a": [1]})])
    contenu = await rendre(annuaire, run)
    assert [ligne["services"] for ligne in lignes(contenu)] == ["|".join(services), services[0]]
    assert [ligne["notes"] for ligne in lignes(contenu)] == ["", '{"a": [1]}']
    retour = await annuaire.synchroniser(source, contenu, type_mime=XLSX)
    assert (retour["plan"]["inchanges"], retour["plan"]["crees"], retour["plan"]["supprimes"]) == (2, 0, 0)


async def test_un_essai_se_rend_sans_rien_appliquer_et_attend_d_etre_lu(annuaire: Annuaire) -> None:
    run = await annuaire.synchroniser(await annuaire.creer_source(), fautive(), essai=True, etat="essai")
    rendues = lignes(await rendre(annuaire, run))
    assert {ligne["id_maillage"] for ligne in rendues} == {""}
    assert rendues[3]["probleme"]

    async def passer(depuis: str, etat: str) -> None:
        async with annuaire.base.write() as session:
            assert await repository.avancer(session, UUID(run["id"]), depuis=(depuis,), etat=etat)

    await passer("essai", "recue")
    reponse = await demander(annuaire, run)
    await passer("recue", "essai")
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (409, "rapport-en-preparation")


@pytest.mark.parametrize(
    ("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 404), (ECRIVAIN, 200)]
)
async def test_seul_qui_synchronise_cette_source_la_recoit(
    annuaire: Annuaire, qui: Principal | None, statut: int
) -> None:
    run = await annuaire.synchroniser(await annuaire.creer_source(), liste(2))
    assert (await demander(annuaire, run, qui=qui)).status_code == statut


async def test_un_fichier_purge_est_un_410_et_une_synchronisation_inconnue_un_404(annuaire: Annuaire) -> None:
    run = await annuaire.synchroniser(await annuaire.creer_source(), liste(2))
    (annuaire.contexte.depots / run["id"]).unlink()
    reponse = await demander(annuaire, run)
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (410, "fichier-purge")
    inconnue = await demander(annuaire, {"id": "0198c0de-0000-7000-8000-000000000000"}, qui=ADMIN)
    assert inconnue.status_code == 404


async def test_un_retour_n_a_pas_de_fichier(annuaire: Annuaire) -> None:
    run = await annuaire.synchroniser(await annuaire.creer_source(), liste(2))
    retour = await annuaire.post(
        f"/synchronisations/{run['id']}/retour",
        corps={"motif": "Liste envoyée par erreur"},
        entetes={"Idempotency-Key": "annotation-retour-0001"},
    )
    assert retour.status_code == 202, retour.text
    reponse = await demander(annuaire, retour.json())
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (404, "fichier-absent")


async def test_une_liste_illisible_est_dite_pas_rendue(annuaire: Annuaire) -> None:
    envoi = await annuaire.envoyer(await annuaire.creer_source(), b"[[", attendre=25)
    reponse = await demander(annuaire, {"id": envoi.json()["synchronisation"]})
    assert (reponse.status_code, reponse.headers["content-type"]) == (422, "application/problem+json")


def test_le_classeur_se_prend_a_mesure_et_ne_garde_rien() -> None:
    classeur = Classeur(["Lieux"])
    classeur.ouvrir([10.0] * 3)
    pris, plus_gros = len(classeur.prendre()), 0
    for numero in range(1, 20_001):
        classeur.ligne(numero, [(f"lieu {numero * 7919 % 10007}", Teinte.AUCUNE), (numero, Teinte.INFO), (None, 0)])  # type: ignore[list-item]
        if numero % 500 == 0:
            morceau = classeur.prendre()
            plus_gros, pris = max(plus_gros, len(morceau)), pris + len(morceau)
    classeur.fermer()
    classeur.clore()
    fin = classeur.prendre()
    assert plus_gros < (pris + len(fin)) / 10


def test_le_meme_classeur_fait_les_memes_octets_et_un_caractere_interdit_disparait() -> None:
    rangees = [["nom"], ["a\x00b\x0b<&>\ud800 _"]]
    assert en_xlsx(rangees) == en_xlsx(rangees)
    assert cellules(en_xlsx(rangees)) == [["nom"], ["ab<&> _"]]
    assert re.fullmatch("A,Z,AA,XFD", ",".join(map(nom_de_colonne, (0, 25, 26, 16_383))))


def test_les_colonnes_se_lisent_une_fois_toutes_les_lignes_vues() -> None:
    traiter = relecture.colonnes({})
    traiter(LigneBrute(1, None, {"id": 1, "probleme": "x"}))
    traiter(LigneBrute(2, None, {"nom": "a", "id_maillage": "y"}))
    assert [objet["colonne"] for objet in traiter.clore()] == ["id", "nom"]
