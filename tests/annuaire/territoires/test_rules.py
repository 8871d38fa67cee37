"""Folding of names, départements of codes, time zones, distances."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from annuaire.territoires import rules
from annuaire.territoires.referentiel import Referentiel


@pytest.mark.parametrize(
    ("ecrit", "officiel"),
    [
        ("REIMS", "Reims"),
        ("Ste-Foy-les-Lyon", "Sainte-Foy-lès-Lyon"),
        ("ST ETIENNE", "Saint-Étienne"),
        ("Villeneuve d’Ascq", "Villeneuve-d'Ascq"),
        ("Marcq en Baroeul", "Marcq-en-Barœul"),
        ("L Haÿ les Roses", "L'Haÿ-les-Roses"),
        ("Lyon CEDEX 03", "Lyon"),
        ("ANGERS CEDEX", "Angers"),
        ("Paris 12e Arrondissement", "Paris"),
        ("MARSEILLE 1ER ARRONDISSEMENT", "Marseille"),
        ("Lyon 3", "Lyon"),
        ("PARIS XVe arr.", "Paris"),
        ("Toulouse (31)", "Toulouse"),
        ("  Aix - en -  Provence ", "Aix-en-Provence"),
        ("E\u0301pinal", "Épinal"),
    ],
)
def test_deux_ecritures_d_un_nom_se_plient_pareil(ecrit: str, officiel: str) -> None:
    assert rules.plier(ecrit) == rules.plier(officiel)


@pytest.mark.parametrize("nom", ["Arras", "Arromanches-les-Bains", "Estaing", "Stains", "Ixelles", "Arrens-Marsous"])
def test_un_nom_qui_ressemble_a_une_abreviation_reste_entier(nom: str) -> None:
    assert rules.plier(nom) == nom.lower().replace("-", " ")


def test_deplier_garde_ce_que_disent_les_parentheses() -> None:
    assert rules.plier("Château-Chinon (Ville)") == "chateau chinon"
    assert rules.deplier("Château-Chinon (Ville)") == "chateau chinon ville"


def test_deux_communes_d_un_code_postal_ne_se_plient_jamais_pareil(referentiel: Referentiel) -> None:
    vus: dict[tuple[str, str], str] = {}
    for commune in referentiel.communes():
        for code_postal in commune.codes_postaux:
            cle = (code_postal, rules.deplier(commune.nom))
            assert vus.setdefault(cle, commune.code) == commune.code


def test_l_article_et_les_espaces_disparaissent_en_serrant() -> None:
    assert rules.serrer(rules.plier("Le Pont-de-Claix")) == rules.serrer(rules.plier("Pont de Claix"))
    assert rules.serrer(rules.plier("Grand Champ")) == rules.serrer(rules.plier("Grandchamp"))
    assert rules.sans_article("lens") == "lens"
    assert rules.sans_article("le") == "le"


@pytest.mark.parametrize(
    ("nom", "numero"),
    [
        ("Paris 12e", 12),
        ("PARIS 1ER ARRONDISSEMENT", 1),
        ("Lyon 03", 3),
        ("Marseille 16ème", 16),
        ("Paris XIVe", 14),
        ("Paris XX", 20),
        ("Marseille IX", 9),
        ("Paris", None),
        ("Parisot 12", None),
        ("Lyon 69003", None),
        ("Toulouse 3", None),
    ],
)
def test_le_numero_d_un_arrondissement_se_lit_dans_le_nom(nom: str, numero: int | None) -> None:
    assert rules.numero_arrondissement(nom) == numero


def test_seules_trois_villes_ont_des_arrondissements() -> None:
    assert rules.code_arrondissement("75056", 20) == "75120"
    assert rules.code_arrondissement("69123", 9) == "69389"
    assert rules.code_arrondissement("13055", 16) == "13216"
    assert rules.code_arrondissement("69123", 10) is None
    assert rules.code_arrondissement("31555", 1) is None


@pytest.mark.parametrize(
    ("lu", "code"),
    [
        ("51454", "51454"), (" 51454 ", "51454"), ("1053", "01053"), ("51454.0", "51454"), ("2a004", "2A004"),
        ("51 454", "51454"), ("2C004", None), ("514", None), ("", None), (None, None), ("٥١٤٥٤", None),
    ],
)  # fmt: skip
def test_un_code_insee_abime_par_un_tableur_se_repare(lu: str | None, code: str | None) -> None:
    assert rules.lire_code_insee(lu) == code


@pytest.mark.parametrize(
    ("lu", "code"),
    [
        ("51100", "51100"), ("1000", "01000"), ("49000.0", "49000"), ("F-51100", "51100"), ("00000", None),
        ("5110", "05110"), ("51100 Reims", None), ("511000", None), (None, None),
    ],
)  # fmt: skip
def test_un_code_postal_de_quatre_chiffres_retrouve_son_zero(lu: str | None, code: str | None) -> None:
    assert rules.lire_code_postal(lu) == code


@pytest.mark.parametrize(
    ("code", "departement"),
    [("01004", "01"), ("2A004", "2A"), ("97411", "974"), ("98818", "988"), ("97701", "977"), ("2B", "2B")],
)
def test_le_departement_se_lit_dans_le_code_insee(code: str, departement: str) -> None:
    assert rules.departement_du_code_insee(code) == departement


@pytest.mark.parametrize(
    ("code_postal", "departements"),
    [
        ("51100", ("51",)),
        ("20000", ("2A",)),
        ("20200", ("2B",)),
        ("20620", ("2B",)),
        ("20700", ("2A", "2B")),
        ("97110", ("971",)),
        ("97133", ("977",)),
        ("97150", ("978",)),
        ("98713", ("987",)),
        ("98000", ()),
        ("00100", ()),
        ("96000", ()),
    ],
)
def test_le_code_postal_annonce_des_departements(code_postal: str, departements: tuple[str, ...]) -> None:
    assert rules.departements_du_code_postal(code_postal) == departements


def test_presque_toutes_les_communes_sont_dans_le_departement_de_leur_code_postal(referentiel: Referentiel) -> None:
    hors = [
        (c.code, cp)
        for c in referentiel.communes()
        for cp in c.codes_postaux
        if c.departement not in rules.departements_du_code_postal(cp)
    ]
    # Communes served by the post office of the next département; Clipperton has a code of Polynesia.
    assert len(hors) == 24, hors


@pytest.mark.parametrize(
    ("code", "fuseau"),
    [
        ("51454", "Europe/Paris"),
        ("2A004", "Europe/Paris"),
        ("97120", "America/Guadeloupe"),
        ("97209", "America/Martinique"),
        ("97302", "America/Cayenne"),
        ("97411", "Indian/Reunion"),
        ("97611", "Indian/Mayotte"),
        ("97502", "America/Miquelon"),
        ("97701", "America/St_Barthelemy"),
        ("97801", "America/Marigot"),
        ("98613", "Pacific/Wallis"),
        ("98735", "Pacific/Tahiti"),
        ("98731", "Pacific/Marquesas"),
        ("98719", "Pacific/Gambier"),
        ("98818", "Pacific/Noumea"),
        ("974", "Indian/Reunion"),
    ],
)
def test_chaque_territoire_a_son_fuseau(code: str, fuseau: str) -> None:
    assert rules.fuseau(code) == fuseau


def test_les_six_communes_des_marquises_ont_leur_fuseau(referentiel: Referentiel) -> None:
    noms = {c.nom for c in referentiel.communes() if rules.fuseau(c.code) == "Pacific/Marquesas"}
    assert noms == {"Fatu-Hiva", "Hiva-Oa", "Nuku-Hiva", "Tahuata", "Ua-Huka", "Ua-Pou"}


def test_chaque_fuseau_existe_dans_la_base_iana(referentiel: Referentiel) -> None:
    fuseaux = {rules.fuseau(c.code) for c in referentiel.communes()}
    assert len(fuseaux) == 17
    for nom in fuseaux:
        assert ZoneInfo(nom).key == nom


def test_la_distance_de_paris_a_lyon_est_connue() -> None:
    assert rules.distance_m(48.8566, 2.3522, 45.7640, 4.8357) == pytest.approx(391_500, rel=0.005)


def test_chaque_commune_est_dans_la_boite_de_son_territoire(referentiel: Referentiel) -> None:
    for c in referentiel.communes():
        if c.latitude is not None and c.longitude is not None:
            assert rules.dans_la_boite(c.departement, c.latitude, c.longitude), c
            assert rules.dans_une_boite(c.latitude, c.longitude), c
    assert not rules.dans_une_boite(52.52, 13.40)
