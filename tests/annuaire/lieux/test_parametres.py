"""What people write in an address: values read as they are written, faults named one by one with the way out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fabriques.annuaire import Annuaire
from tests.fabriques.repertoire import LISTES, Repertoire

pytestmark = pytest.mark.anyio


async def compter(annuaire: Annuaire, **question: Any) -> int:
    reponse = await annuaire.get("/lieux", **question, limite=1, compte="exact", projection="compacte")
    assert reponse.status_code == 200, reponse.text
    return int(reponse.json()["total"])


async def refuser(annuaire: Annuaire, question: Any) -> dict[str, Any]:
    """Ask what can't be answered and return the problem."""
    suite = question if isinstance(question, str) else ""
    parametres = {} if suite else question
    reponse = await annuaire.get(f"/lieux?{suite}" if suite else "/lieux", **parametres)
    assert reponse.status_code == 400, (question, reponse.text)
    assert reponse.headers["content-type"] == "application/problem+json"
    probleme: dict[str, Any] = reponse.json()
    assert probleme["type"] == "/problemes/requete-invalide"
    return probleme


async def test_chaque_valeur_se_lit_par_son_libelle_son_slug_sans_casse_ni_accents(repertoire: Repertoire) -> None:
    lues = 0
    for nom in (*LISTES, "themes"):
        for valeur, slug in repertoire.slugs[nom].items():
            attendu = await compter(repertoire.annuaire, **{nom: valeur})
            assert attendu > 0, (nom, valeur)
            sans_accents = slug.replace("-", " ")
            for ecriture in (slug, valeur.upper(), valeur.lower(), sans_accents, f"  {valeur} "):
                assert await compter(repertoire.annuaire, **{nom: ecriture}) == attendu, (nom, ecriture)
                lues += 1
    assert lues == 5 * sum(len(slugs) for slugs in repertoire.slugs.values())


@pytest.mark.parametrize("nom", [*LISTES, "themes"])
async def test_une_valeur_presque_juste_est_nommee_avec_la_plus_proche(repertoire: Repertoire, nom: str) -> None:
    refusees = 0
    for valeur in repertoire.slugs[nom]:
        # a letter too many, then one missing
        for faute in (valeur[:2] + "x" + valeur[2:], valeur[:-1]):
            question: dict[str, Any] = {nom: [valeur, faute]}
            reponse = await repertoire.annuaire.get("/lieux", **question)
            if reponse.status_code == 200:
                assert reponse.json()["elements"], "une autre valeur de la liste, ou une de ses variantes"
                continue
            [erreur] = reponse.json()["erreurs"]
            assert erreur["pointer"] == f"{nom}.1"
            if len(valeur) >= 6:
                assert "vouliez-vous « " in erreur["detail"], (valeur, faute)
            assert f"« {nom}.1 »" in reponse.json()["detail"]
            refusees += 1
    assert refusees >= len(repertoire.slugs[nom])


async def test_une_valeur_qui_ne_ressemble_a_rien_renvoie_a_la_liste(repertoire: Repertoire) -> None:
    probleme = await refuser(repertoire.annuaire, {"services": "zzzzzzzz"})
    assert probleme["erreurs"] == [
        {
            "pointer": "services.0",
            "code": "value-error",
            "detail": "valeur inconnue : voyez /annuaire/v1/referentiels/services",
        }
    ]
    assert (await repertoire.annuaire.get("/referentiels/services")).status_code == 200


@pytest.mark.parametrize(
    ("ecrit", "voulu"),
    [
        ("publics", "publics_specifiquement_adresses"), ("public", "publics_specifiquement_adresses"),
        ("service", "services"), ("theme", "themes"), ("page", "curseur"), ("offset", "curseur"),
        ("cursor", "curseur"), ("limit", "limite"), ("per_page", "limite"), ("departemnt", "departement"),
        ("Departement", "departement"), ("insee", "code_insee"), ("postal", "code_postal"),
        ("code-postal", "code_postal"), ("frais", "frais_a_charge"), ("acces", "modalites_acces"),
        ("accompagnement", "modalites_accompagnement"), ("prise_en_charge", "prise_en_charge_specifique"),
        ("formation", "formations_labels"), ("labels", "formations_labels"), ("langue", "langues"),
        ("programmes", "dispositif_programmes_nationaux"), ("ouvert", "ouvert_a"), ("box", "bbox"),
        ("rayon_m", "rayon"), ("modifie", "modifie_depuis"), ("facette", "facettes"), ("sources", "source"),
    ],
)  # fmt: skip
async def test_un_parametre_inconnu_nomme_celui_qu_on_voulait(repertoire: Repertoire, ecrit: str, voulu: str) -> None:
    probleme = await refuser(repertoire.annuaire, {ecrit: "x"})
    [erreur] = probleme["erreurs"]
    assert erreur == {
        "pointer": ecrit,
        "code": "parametre-inconnu",
        "detail": f"paramètre inconnu ; vouliez-vous « {voulu} » ?",
    }
    assert voulu in probleme["parametres_admis"]


@pytest.mark.parametrize("ecrit", ["zzz", "q", "wxyz_kkk", "x" * 300, "é"])
async def test_un_parametre_qui_ne_ressemble_a_rien_n_en_suggere_aucun(repertoire: Repertoire, ecrit: str) -> None:
    [erreur] = (await refuser(repertoire.annuaire, {ecrit: "1"}))["erreurs"]
    assert (erreur["pointer"], erreur["detail"]) == (ecrit[:64], "paramètre inconnu")


RECTANGLE = "`ouest,sud,est,nord` en degrés, comme 5.6,45.1,5.8,45.3, est attendu"
ORDRE = "`bbox` attend `ouest,sud,est,nord` en degrés, l'ouest et le sud d'abord"
COTES = "`bbox` fait au plus 2° de côté, à moins d'un autre territoire"
POINT = "`latitude,longitude` en degrés, comme 48.8566,2.3522, est attendu"
GLOBE = "`proche` attend `latitude,longitude` en degrés"
MOMENT = "`maintenant`, ou une date et une heure RFC 3339 avec leur fuseau, sont attendus (le + s'écrit %2B)"
ANNEES = "un instant des années 2001 à 2074 est attendu"
INSTANT = "une date et une heure RFC 3339 sont attendues"


@pytest.mark.parametrize(
    ("question", "pointer", "detail"),
    [
        ({"bbox": "5.8,45.1,5.6,45.3"}, "bbox", ORDRE),
        ({"bbox": "5.6,45.3,5.8,45.1"}, "bbox", ORDRE),
        ({"bbox": "-181,45,-180,46"}, "bbox", ORDRE),
        ({"bbox": "179,45,181,46"}, "bbox", ORDRE),
        ({"bbox": "5,89,6,91"}, "bbox", ORDRE),
        ({"bbox": "5,45,7.001,46"}, "bbox", COTES),
        ({"bbox": "5,45,6,47.001"}, "bbox", COTES),
        ({"bbox": "5,45,9,46", "services": "aide-aux-demarches-administratives"}, "bbox", COTES),
        ({"bbox": "5,45,6"}, "bbox", RECTANGLE),
        ({"bbox": "5, 45, 6, 46"}, "bbox", RECTANGLE),
        ({"bbox": "5,45,6,46,7"}, "bbox", RECTANGLE),
        ({"bbox": "a,b,c,d"}, "bbox", RECTANGLE),
        ({"bbox": "nan,45,6,46"}, "bbox", RECTANGLE),
        ({"bbox": "٥,45,6,46"}, "bbox", RECTANGLE),
        ({"bbox": ""}, "bbox", RECTANGLE),
        ({"proche": ""}, "proche", POINT),
        ({"proche": "paris"}, "proche", POINT),
        ({"proche": "48.8566"}, "proche", POINT),
        ({"proche": "4e1,2"}, "proche", POINT),
        ({"proche": "٤٨,2"}, "proche", POINT),
        ({"proche": "90.1,2"}, "proche", GLOBE),
        ({"proche": "48,180.1"}, "proche", GLOBE),
        ({"rayon": "10"}, "rayon", "`rayon` demande `proche`"),
        ({"rayon": ""}, "rayon", "un entier est attendu"),
        ({"rayon": "0", "proche": "48,2"}, "rayon", "la valeur doit être au moins 1"),
        ({"rayon": "100001", "proche": "48,2"}, "rayon", "la valeur doit être au plus 100000"),
        ({"sans_public": "true"}, "sans_public", "`sans_public` demande `proche`"),
        ({"sans_public": "peut-être", "proche": "48,2"}, "sans_public", "true ou false est attendu"),
        ({"ouvert_a": "hier"}, "ouvert_a", MOMENT),
        ({"ouvert_a": ""}, "ouvert_a", MOMENT),
        ({"ouvert_a": "1773136800"}, "ouvert_a", MOMENT),
        ({"ouvert_a": "2026-03-10T11:00:00"}, "ouvert_a", MOMENT),
        ("ouvert_a=2026-03-10T11:00:00+01:00", "ouvert_a", MOMENT),
        ({"ouvert_a": "0001-01-01T00:00:00+14:00"}, "ouvert_a", MOMENT),
        ({"ouvert_a": "9999-12-31T23:59:59-14:00"}, "ouvert_a", MOMENT),
        ({"ouvert_a": "2075-01-01T00:00:00Z"}, "ouvert_a", ANNEES),
        ({"ouvert_a": "2000-12-31T23:59:59Z"}, "ouvert_a", ANNEES),
        ({"modifie_depuis": "2026"}, "modifie_depuis", INSTANT),
        ({"modifie_depuis": ""}, "modifie_depuis", INSTANT),
        ({"modifie_depuis": "2026-03-10"}, "modifie_depuis", "le fuseau horaire manque"),
        ({"curseur": ""}, "curseur", "curseur altéré ou lié à une autre requête"),
        ({"limite": ""}, "limite", "un entier est attendu"),
        ({"limite": "501"}, "limite", "la valeur doit être au plus 500"),
        ({"compte": ""}, "compte", "valeur hors de la liste : 'exact'"),
        ({"format": "csv"}, "format", "valeur hors de la liste : 'json' ou 'geojson'"),
        ({"projection": ""}, "projection", "valeur hors de la liste : 'complete' ou 'compacte'"),
        ({"departement": ""}, "departement.0", "un code de département, comme 38, 2A ou 974, est attendu"),
        ({"departement": "٣٨"}, "departement.0", "un code de département, comme 38, 2A ou 974, est attendu"),
        ({"code_insee": ["38185", "38 185"]}, "code_insee.1",
         "un code INSEE de commune, comme 38185 ou 2A004, est attendu"),
        ({"code_postal": "3800"}, "code_postal.0", "un code postal de cinq chiffres est attendu"),
        ({"region": "ARA"}, "region.0", "un code de région, comme 84, est attendu"),
        ({"epci": "2000407150"}, "epci.0", "un SIREN de neuf chiffres est attendu"),
        ({"qpv": "QP038001"}, "qpv.0", "un code de quartier prioritaire, comme QN07501M, est attendu"),
        ({"source": "Ma source"}, "source.0",
         "un identifiant de source (minuscules, chiffres et tirets) est attendu"),
        ({"langues": "français"}, "langues.0", "un code de langue ISO 639, comme fr, est attendu"),
        ({"services": ""}, "services.0", "valeur inconnue : voyez /annuaire/v1/referentiels/services"),
    ],
)  # fmt: skip
async def test_une_faute_est_nommee_et_expliquee(
    repertoire: Repertoire, question: Any, pointer: str, detail: str
) -> None:
    probleme = await refuser(repertoire.annuaire, question)
    assert [(erreur["pointer"], erreur["detail"]) for erreur in probleme["erreurs"]] == [(pointer, detail)]


@pytest.mark.parametrize(
    "nom",
    ["bbox", "modifie_depuis", "ouvert_a", "proche", "rayon", "sans_public", "compte", "projection", "format",
     "limite", "curseur"],
)  # fmt: skip
async def test_un_parametre_d_une_seule_valeur_donne_deux_fois_est_refuse(repertoire: Repertoire, nom: str) -> None:
    valeur = {
        "bbox": "5,45,6,46", "modifie_depuis": "2026-01-01T00:00:00Z", "ouvert_a": "maintenant", "proche": "48,2",
        "rayon": "10", "sans_public": "true", "compte": "exact", "projection": "compacte", "format": "json",
        "limite": "10", "curseur": "x",
    }[nom]  # fmt: skip
    probleme = await refuser(repertoire.annuaire, f"{nom}={valeur}&departement=38&departement=21&{nom}={valeur}")
    assert probleme["erreurs"] == [
        {"pointer": nom, "code": "parametre-repete", "detail": "ce paramètre n'admet qu'une valeur"}
    ]


@pytest.mark.parametrize(
    ("nom", "valeur"),
    [("departement", "38"), ("services", "aide-aux-demarches-administratives"), ("langues", "en"), ("source", "x"),
     ("accessibilite", "oui"), ("facettes", "services")],
)  # fmt: skip
async def test_cent_valeurs_se_lisent_et_cent_une_sont_refusees(repertoire: Repertoire, nom: str, valeur: str) -> None:
    question: dict[str, Any] = {nom: [valeur] * 100, "limite": 1}
    assert (await repertoire.annuaire.get("/lieux", **question)).status_code == 200
    [erreur] = (await refuser(repertoire.annuaire, {nom: [valeur] * 101}))["erreurs"]
    assert (erreur["pointer"], erreur["detail"]) == (nom, "au plus 100 élément(s)")


async def test_un_grand_rectangle_se_lit_avec_un_territoire_ou_un_point(repertoire: Repertoire) -> None:
    grand = "-10,40,12,52"
    for autre in ({"departement": "38"}, {"region": "84"}, {"code_insee": "75056"}, {"proche": "45.18,5.72"}):
        assert await compter(repertoire.annuaire, bbox=grand, **autre) > 0, autre
