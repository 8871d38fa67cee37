"""The committed reference in memory."""

from __future__ import annotations

import hashlib
import lzma
from importlib.resources import files

from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.rules import distance_m
from stdnum import luhn


def test_les_fichiers_commis_sont_ceux_que_decrit_leur_source(referentiel: Referentiel) -> None:
    dossier = files("annuaire.territoires") / "reference"
    for nom, empreinte in referentiel.source["fichiers"].items():
        chemin = dossier / f"{nom}.xz" if nom.startswith("communes") else dossier / nom
        octets = chemin.read_bytes()
        contenu = lzma.decompress(octets) if chemin.name.endswith(".xz") else octets
        assert hashlib.sha256(contenu).hexdigest() == empreinte


def test_le_referentiel_compte_le_cog_2026(referentiel: Referentiel) -> None:
    comptes = referentiel.source["comptes"]
    assert sum(1 for _ in referentiel.communes()) == comptes["communes"] == 34_969
    assert sum(1 for _ in referentiel.groupements()) == comptes["epci"] + comptes["etablissements_publics_territoriaux"]
    assert sum(1 for _ in referentiel.departements()) == 109
    assert sum(1 for _ in referentiel.regions()) == 26


def test_le_referentiel_est_lu_une_fois_par_processus(referentiel: Referentiel) -> None:
    assert Referentiel.charger() is referentiel


def test_une_commune_dit_tout_d_elle(referentiel: Referentiel) -> None:
    reims = referentiel.commune("51454")
    assert reims is not None
    assert (reims.nom, reims.departement, reims.region, reims.epci, reims.siren) == (
        "Reims", "51", "44", "200067213", "215104217",
    )  # fmt: skip
    assert reims.codes_postaux == ("51100",)
    assert reims.population is not None
    assert reims.population > 170_000
    epci = referentiel.epci("200067213")
    assert epci is not None
    assert reims in referentiel.communes_du_groupement(epci.code)


def test_chaque_siren_de_commune_et_d_epci_passe_la_cle_de_luhn(referentiel: Referentiel) -> None:
    sirens = [c.siren for c in referentiel.communes() if c.siren] + [e.code for e in referentiel.groupements()]
    assert len(sirens) > 36_000
    assert [siren for siren in sirens if not luhn.is_valid(siren)] == []


def test_un_code_d_avant_une_fusion_mene_a_la_commune_d_aujourd_hui(referentiel: Referentiel) -> None:
    assert referentiel.commune("49069") is None
    actuelle = referentiel.actuelle("49069")
    assert actuelle is not None
    assert actuelle.nom == "Orée d'Anjou"


def test_les_anciens_codes_de_saint_martin_et_de_saint_barthelemy_sont_connus(referentiel: Referentiel) -> None:
    noms = {c.nom for code in ("97123", "97127") if (c := referentiel.actuelle(code)) is not None}
    assert noms == {"Saint-Barthélemy", "Saint-Martin"}


def test_chaque_ancien_code_mene_a_une_commune_actuelle(referentiel: Referentiel) -> None:
    anciens = [code for code in referentiel._anciens if referentiel.commune(code) is None]
    assert len(anciens) == referentiel.source["comptes"]["anciens_codes"] + 2
    assert all(referentiel.actuelle(code) for code in anciens)


def test_un_arrondissement_mene_a_sa_ville(referentiel: Referentiel) -> None:
    ville = referentiel.actuelle("13201")
    assert ville is not None
    assert ville.code == "13055"
    assert [len(referentiel.arrondissements(code)) for code in ("75056", "69123", "13055", "51454")] == [20, 9, 16, 0]


def test_un_code_postal_donne_ses_communes(referentiel: Referentiel) -> None:
    assert [c.nom for c in referentiel.communes_du_code_postal("01000")] == ["Bourg-en-Bresse", "Saint-Denis-lès-Bourg"]
    assert referentiel.communes_du_code_postal("69263") == ()


def test_un_nom_donne_toutes_ses_communes(referentiel: Referentiel) -> None:
    departements = [c.departement for c in referentiel.communes_nommees("Sainte-Colombe")]
    assert len(departements) > 5
    assert [c.code for c in referentiel.communes_nommees("PONT DE CLAIX")] == ["38317"]


def test_un_nom_disparu_mene_a_la_commune_qui_l_a_absorbe(referentiel: Referentiel) -> None:
    assert [c.nom for c in referentiel.communes_absorbant("Annecy-le-Vieux")] == ["Annecy"]
    assert [c.nom for c in referentiel.communes_absorbant("Châlons-sur-Marne")] == ["Châlons-en-Champagne"]


def test_une_commune_du_grand_paris_a_aussi_son_etablissement_territorial(referentiel: Referentiel) -> None:
    aubervilliers = referentiel.commune("93001")
    assert aubervilliers is not None
    assert aubervilliers.ept == "200057867"
    assert aubervilliers.epci == "200054781"
    assert aubervilliers in referentiel.communes_du_groupement("200057867")


def test_les_communes_sans_point_sont_celles_que_dit_la_source(referentiel: Referentiel) -> None:
    sans = [c.code for c in referentiel.communes() if c.latitude is None]
    assert sans == referentiel.source["points"]["sans_point"]
    assert all((c.latitude is None) == (c.longitude is None) == (c.rayon_m is None) for c in referentiel.communes())


def test_la_commune_la_plus_proche_d_un_point_de_commune_est_elle_meme(referentiel: Referentiel) -> None:
    for commune in list(referentiel.communes())[::500]:
        if commune.latitude is not None and commune.longitude is not None:
            assert referentiel.commune_proche(commune.latitude, commune.longitude) == commune


def test_la_commune_la_plus_proche_reste_dans_le_departement_demande(referentiel: Referentiel) -> None:
    # Near the border between Marne and Aisne.
    proche = referentiel.commune_proche(49.2800, 3.6900, departement="02")
    assert proche is not None
    assert proche.departement == "02"
    assert proche.latitude is not None
    assert proche.longitude is not None
    assert distance_m(49.28, 3.69, proche.latitude, proche.longitude) < 10_000
    assert referentiel.commune_proche(0.0, -30.0) is None
