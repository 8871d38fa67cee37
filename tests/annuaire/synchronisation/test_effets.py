"""What a list does to the directory: places go and come back, structures follow, formats all say the same."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any
from xml.sax.saxutils import escape

import pytest
from annuaire.lieux.tables import Fiche
from annuaire.synchronisation.lecteurs import GEOJSON, ODS, TSV
from socle.donnees.tables import Evenement
from sqlalchemy import select

from tests.fabriques.annuaire import CSV, JSON, NDJSON, XLSX, Annuaire, en_csv, en_json, en_ndjson, lieu, liste
from tests.fabriques.listes import classeur
from tests.fabriques.opendocument import ods, tableau

pytestmark = pytest.mark.anyio

_chiffres = iter(range(10, 9_000))


def nouveau_siret() -> str:
    """Make a fictional SIRET that no other test uses (Luhn)."""
    debut = f"0000{next(_chiffres):04}"
    siren = debut + _cle(debut)
    return siren + "0001" + _cle(siren + "0001")


def _cle(chiffres: str) -> str:
    doubles = [int(c) * (2 if rang % 2 == 0 else 1) for rang, c in enumerate(reversed(chiffres))]
    return str(-sum(d - 9 if d > 9 else d for d in doubles) % 10)


async def structure(annuaire: Annuaire, pivot: str) -> dict[str, Any] | None:
    elements = await annuaire.tous("/structures", pivot=pivot)
    return elements[0] if elements else None


# --- places


async def test_un_lieu_retire_repond_410_et_revient_sous_le_meme_identifiant(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    premier = await annuaire.synchroniser(source, liste(3))
    avant = (await annuaire.lieux(source))[lieu(2)["nom"]]
    assert avant["version"] == 1

    retrait = await annuaire.synchroniser(source, liste(2))
    reponse = await annuaire.get(f"/lieux/{avant['id']}")
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (410, "lieu-supprime")
    assert reponse.json()["supprime_le"]
    [tombe] = await annuaire.flux(apres=premier["changement_numero"])
    assert tombe == {"state": "deleted", "kind": "lieu", "id": avant["id"], "modified": retrait["changement_numero"]}

    retour = await annuaire.synchroniser(source, liste(3, telephone=None))
    assert retour["plan"]["ressuscites"] == retour["plan"]["crees"] == 1
    apres = (await annuaire.get(f"/lieux/{avant['id']}")).json()
    assert apres["version"] == 3
    assert {c: v for c, v in apres.items() if not c.startswith(("modifie", "version"))} == {
        c: v for c, v in avant.items() if not c.startswith(("modifie", "version"))
    }


async def test_chaque_changement_emet_son_evenement_une_fois(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(3))
    ids = {nom: lu["id"] for nom, lu in (await annuaire.lieux(source)).items()}
    await annuaire.synchroniser(source, [lieu(0, telephone="01 99 00 00 01"), lieu(1)])
    async with annuaire.base.read() as session:
        evenements = await session.execute(
            select(Evenement.objet, Evenement.type)  # type: ignore[call-overload]
            .where(Evenement.objet.in_(ids.values()))  # type: ignore[attr-defined]
            .order_by(Evenement.id)
        )
        trouves: dict[str, list[str]] = {}
        for objet, type_ in evenements:
            trouves.setdefault(objet, []).append(type_.rpartition(".")[2])
    assert [trouves[ids[lieu(rang)["nom"]]] for rang in range(3)] == [
        ["publie", "publie"],
        ["publie"],
        ["publie", "retire"],
    ]


async def test_un_delta_ne_touche_que_ses_lignes(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(5))
    delta = [lieu(0, nom="Nouveau nom"), {"id": "lieu-1", "nom": "", "commune": "", "_op": "suppr"}, lieu(9), lieu(2)]
    run = await annuaire.synchroniser(source, delta, mode="delta")
    plan = {nom: run["plan"][nom] for nom in ("crees", "modifies", "inchanges", "supprimes")}
    assert plan == {"crees": 1, "modifies": 1, "inchanges": 1, "supprimes": 1}
    assert run["lignes"] == {"lues": 4, "valides": 4, "rejetees": 0, "doublons_internes": 0, "regroupees": 0}
    noms = await annuaire.lieux(source)
    assert set(noms) == {"Nouveau nom", *(lieu(rang)["nom"] for rang in (2, 3, 4, 9))}


async def test_apres_un_delta_la_liste_complete_d_avant_est_relue(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(5))
    await annuaire.synchroniser(source, [lieu(0, nom="Nouveau nom")], mode="delta")
    run = await annuaire.synchroniser(source, liste(5))
    assert run["plan"]["modifies"] == 1
    assert lieu(0)["nom"] in await annuaire.lieux(source)


async def test_une_suppression_inconnue_en_delta_est_signalee(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(1))
    ligne = {"id": "jamais-vue", "nom": "", "commune": "", "_op": "suppr"}
    run = await annuaire.synchroniser(source, [ligne], mode="delta")
    assert run["rapport"].get("cle_inconnue") == 1


async def test_une_cle_derivee_retrouve_le_lieu_sans_identifiant(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(cle_derivee=["nom", "adresse", "code_insee"])
    sans_id = liste(3, id=None)
    await annuaire.synchroniser(source, sans_id)
    ids = {nom: lu["id"] for nom, lu in (await annuaire.lieux(source)).items()}
    sans_id[0]["telephone"] = "01 99 00 12 34"
    run = await annuaire.synchroniser(source, sans_id[::-1])
    assert (run["plan"]["modifies"], run["plan"]["inchanges"], run["plan"]["crees"]) == (1, 2, 0)
    assert {nom: lu["id"] for nom, lu in (await annuaire.lieux(source)).items()} == ids
    async with annuaire.base.read() as session:
        cles = list(await session.scalars(select(Fiche.cle).where(Fiche.source_id == source)))  # type: ignore[call-overload]
    assert all(cle.startswith("d:") and len(cle) == 34 for cle in cles)


async def test_deux_lignes_d_une_meme_cle_derivee_sont_ambigues(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source(cle_derivee=["nom", "code_insee"])
    lignes = [*liste(60, id=None), lieu(0, id=None, adresse="99 rue de l'Exemple")]
    run = await annuaire.synchroniser(source, lignes)
    assert (run["rapport"], run["plan"]["crees"]) == ({"cle_ambigue": 2}, 59)


async def test_sans_cle_ni_cle_derivee_la_ligne_est_rejetee(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, [lieu(0, id=""), *liste(30, depuis=1)])
    assert run["rapport"] == {"cle_absente": 1}


def en_classeur(lignes: list[dict[str, Any]]) -> bytes:
    def rangee(valeurs: list[Any]) -> str:
        cases = "".join(
            f"<c><v>{v}</v></c>" if isinstance(v, float) else f'<c t="inlineStr"><is><t>{escape(str(v))}</t></is></c>'
            for v in valeurs
        )
        return f"<row>{cases}</row>"

    return classeur(rangee(list(lignes[0])) + "".join(rangee(list(ligne.values())) for ligne in lignes))


def en_geojson(lignes: list[dict[str, Any]]) -> bytes:
    entites = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [ligne["longitude"], ligne["latitude"]]},
            "properties": {cle: valeur for cle, valeur in ligne.items() if cle not in ("latitude", "longitude")},
        }
        for ligne in lignes
    ]
    return json.dumps({"type": "FeatureCollection", "features": entites}).encode()


FORMATS = {
    "json": (JSON, en_json),
    "ndjson": (NDJSON, en_ndjson),
    "csv": (CSV, en_csv),
    "csv-excel": (CSV, lambda lignes: b"\xef\xbb\xbf" + en_csv(lignes).replace(b",", b";")),
    "tsv": (TSV, lambda lignes: en_csv(lignes).replace(b",", b"\t")),
    "xlsx": (XLSX, en_classeur),
    "ods": (ODS, lambda lignes: ods(tableau([list(lignes[0]), *(list(ligne.values()) for ligne in lignes)]))),
    "geojson": (GEOJSON, en_geojson),
    "fiches": (JSON, lambda lignes: json.dumps({ligne["id"]: ligne for ligne in lignes}).encode()),
}


async def test_la_meme_liste_dans_chaque_format_a_les_memes_empreintes(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    lignes = liste(30)
    assert zipfile.is_zipfile(io.BytesIO(en_classeur(lignes)))
    runs = {}
    for nom, (type_mime, ecrire) in FORMATS.items():
        runs[nom] = await annuaire.synchroniser(source, ecrire(lignes), type_mime=type_mime)
    plans = {nom: (run["plan"]["crees"], run["plan"]["inchanges"]) for nom, run in runs.items()}
    assert plans == {"json": (30, 0), **dict.fromkeys(list(FORMATS)[1:], (0, 30))}
    assert runs["csv-excel"]["devine"]["delimiteur"] == ";"


# --- contacts


@pytest.mark.parametrize("base", [None, "Convention d'exemple, article 3"])
async def test_un_contact_nominatif_n_est_publie_qu_avec_une_base(annuaire: Annuaire, base: str | None) -> None:
    source = await annuaire.creer_source(base_contacts=base)
    courriels, telephones = "jean.personne@exemple.fr|accueil@exemple.fr", "01 99 00 12 34|06 39 98 12 34"
    await annuaire.synchroniser(source, [lieu(0, courriels=courriels, telephone=telephones)])
    [lu] = (await annuaire.lieux(source)).values()
    publics = "accueil@exemple.fr" in lu["courriels"]
    assert publics
    assert ("jean.personne@exemple.fr" in lu["courriels"]) is (base is not None)
    flux = json.dumps(await annuaire.flux(apres=lu["modifie"] - 1))
    export = (await annuaire.get("/exports/lieux")).text
    detail = (await annuaire.get(f"/lieux/{lu['id']}")).text
    if base is None:
        for sortie in (flux, detail, next(li for li in export.splitlines() if lu["id"] in li)):
            assert "jean.personne" not in sortie
            assert "+33639" not in sortie


# --- structures


async def test_une_structure_nait_avec_son_premier_lieu_et_part_avec_le_dernier(annuaire: Annuaire) -> None:
    source, siret = await annuaire.creer_source(), nouveau_siret()
    await annuaire.synchroniser(source, [lieu(0, pivot=siret, nom="Association d'exemple"), lieu(1)])
    nee = await structure(annuaire, siret)
    assert nee is not None
    assert (nee["nom"], nee["origine"], nee["siren"], nee["version"]) == (
        "Association d'exemple",
        "deduit",
        siret[:9],
        1,
    )
    [porte] = [lu for lu in (await annuaire.lieux(source)).values() if lu["structure_id"]]
    assert porte["structure_id"] == nee["id"]

    await annuaire.synchroniser(source, [lieu(1)])
    assert await structure(annuaire, siret) is None
    partie = await annuaire.get(f"/structures/{nee['id']}")
    assert (partie.status_code, partie.json()["type"].rpartition("/")[2]) == (410, "structure-supprimee")

    await annuaire.synchroniser(source, [lieu(0, pivot=siret, nom="Association d'exemple"), lieu(1)])
    revenue = await structure(annuaire, siret)
    assert revenue is not None
    assert (revenue["id"], revenue["version"]) == (nee["id"], 3)


@pytest.mark.parametrize("ordre", [1, -1])
async def test_le_nom_le_plus_frequent_nomme_la_structure_quel_que_soit_l_ordre(annuaire: Annuaire, ordre: int) -> None:
    source, siret = await annuaire.creer_source(), nouveau_siret()
    noms = ["Asso", "Association longue", "Association longue", "Antenne"]
    lignes = [lieu(rang, pivot=siret, nom=nom) for rang, nom in enumerate(noms)][::ordre]
    await annuaire.synchroniser(source, lignes)
    nee = await structure(annuaire, siret)
    assert nee is not None
    assert nee["nom"] == "Association longue"


async def test_deux_sources_portent_la_meme_structure_jusqu_au_dernier_lieu(annuaire: Annuaire) -> None:
    une, autre, siret = await annuaire.creer_source(), await annuaire.creer_source(), nouveau_siret()
    await annuaire.synchroniser(une, [lieu(0, pivot=siret), lieu(1)])
    await annuaire.synchroniser(autre, [lieu(2, pivot=siret), lieu(3)])
    nee = await structure(annuaire, siret)
    await annuaire.synchroniser(une, [lieu(1)])
    encore = await structure(annuaire, siret)
    assert nee is not None
    assert encore is not None
    assert (encore["id"], encore["nom"]) == (nee["id"], lieu(2)["nom"])
    await annuaire.synchroniser(autre, [lieu(3)])
    assert await structure(annuaire, siret) is None


async def test_un_lieu_qui_change_de_structure_quitte_l_ancienne(annuaire: Annuaire) -> None:
    source, ancien, nouveau = await annuaire.creer_source(), nouveau_siret(), nouveau_siret()
    await annuaire.synchroniser(source, [lieu(0, pivot=ancien)])
    await annuaire.synchroniser(source, [lieu(0, pivot=nouveau)])
    assert await structure(annuaire, ancien) is None
    nee = await structure(annuaire, nouveau)
    assert nee is not None
    [lu] = (await annuaire.lieux(source)).values()
    assert lu["structure_id"] == nee["id"]


async def test_une_structure_inchangee_n_entre_pas_au_flux(annuaire: Annuaire) -> None:
    source, siret = await annuaire.creer_source(), nouveau_siret()
    premier = await annuaire.synchroniser(source, [lieu(0, pivot=siret), lieu(1)])
    await annuaire.synchroniser(source, [lieu(0, pivot=siret, telephone="01 99 00 12 34"), lieu(1)])
    assert await annuaire.flux("structures", apres=premier["changement_numero"]) == []
    assert len(await annuaire.flux("lieux", apres=premier["changement_numero"])) == 1


async def test_un_pivot_faux_ne_fait_pas_de_structure(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    run = await annuaire.synchroniser(source, [lieu(0, pivot="00000000000000"), lieu(1, pivot="12345678901234")])
    assert run["lignes"]["rejetees"] == 0
    assert all(lu["structure_id"] is None for lu in (await annuaire.lieux(source)).values())


async def test_l_empreinte_du_fichier_est_celle_des_octets(annuaire: Annuaire) -> None:
    source, octets = await annuaire.creer_source(), en_csv(liste(2))
    run = await annuaire.synchroniser(source, octets, type_mime=CSV)
    assert run["empreinte_fichier"] == f"sha256:{hashlib.sha256(octets).hexdigest()}"
