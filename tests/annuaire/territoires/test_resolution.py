"""From cells to a commune: what wins, what is said, what stays unresolved."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.territoires.noms import lire_nom
from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.resolution import Resolution, resoudre
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture
def lire(referentiel: Referentiel) -> Any:
    def lire(
        nom: str | None = None,
        code_postal: str | None = None,
        code_insee: str | None = None,
        point: tuple[float, float] = (None, None),  # type: ignore[assignment]
    ) -> Resolution:
        return resoudre(
            referentiel,
            nom=nom,
            code_postal=code_postal,
            code_insee=code_insee,
            latitude=point[0],
            longitude=point[1],
        )

    return lire


def vu(resolution: Resolution) -> tuple[str | None, str, list[str]]:
    """Code of the commune, method, codes of what was noticed."""
    commune = resolution.commune
    return commune.code if commune else None, resolution.methode, [c.code for c in resolution.constats]


def test_un_nom_et_son_code_postal_suffisent_sans_rien_signaler(lire: Any) -> None:
    assert vu(lire("REIMS", "51100")) == ("51454", "nom_code_postal", [])


def test_le_nom_choisit_entre_les_communes_d_un_code_postal(lire: Any) -> None:
    assert vu(lire("St Denis les Bourg", "01000"))[0] == "01344"
    assert vu(lire("Bourg en Bresse", "01000"))[0] == "01053"


def test_un_nom_sans_son_article_est_le_meme_nom(lire: Any) -> None:
    assert vu(lire("PONT DE CLAIX", "38800")) == ("38317", "nom_code_postal", [])


def test_ce_que_disent_les_parentheses_departage_deux_communes(lire: Any) -> None:
    assert vu(lire("Château-Chinon (Ville)", "58120"))[0] == "58062"
    assert vu(lire("Château-Chinon Campagne", "58120"))[0] == "58063"
    assert vu(lire("Château-Chinon", "58120")) == (None, "aucune", ["commune_homonyme", "commune_introuvable"])


def test_un_code_postal_contradictoire_ne_change_pas_la_commune(lire: Any) -> None:
    # Le Quesnoy is 59530: two digits are swapped.
    resolution = lire("LE QUESNOY", "59330")
    assert vu(resolution) == ("59481", "nom_departement", ["code_postal_contradictoire"])
    assert (resolution.constats[0].valeur, resolution.constats[0].suggestion) == ("59330", "59530")


def test_un_nom_unique_ne_gagne_pas_en_silence_contre_un_code_postal_d_ailleurs(lire: Any) -> None:
    resolution = lire("Bormes-les-Mimosas", "51100")
    assert vu(resolution) == (None, "aucune", ["commune_contradictoire", "commune_introuvable"])
    assert resolution.constats[0].suggestion == "Reims (51454)"
    assert resolution.departement == "51"


def test_le_point_tranche_entre_un_nom_et_un_code_postal_d_ailleurs(lire: Any) -> None:
    a_bormes = lire("Bormes-les-Mimosas", "51100", point=(43.1500, 6.3420))
    assert vu(a_bormes) == ("83019", "nom_seul", ["code_postal_contradictoire"])
    a_reims = lire("Bormes-les-Mimosas", "51100", point=(49.2540, 4.0290))
    assert vu(a_reims) == ("51454", "code_postal", ["commune_contradictoire"])


def test_une_faute_d_orthographe_se_corrige_dans_le_code_postal_et_se_dit(lire: Any) -> None:
    resolution = lire("Rambervilelrs", "88700")
    assert vu(resolution) == ("88367", "nom_approche", ["commune_approchee"])
    assert (resolution.constats[0].valeur, resolution.constats[0].suggestion) == ("Rambervilelrs", "Rambervillers")


@pytest.mark.parametrize(
    ("nom", "code_postal", "insee"),
    [
        ("Chamonix", "74400", "74056"),
        ("Loriol", "26270", "26166"),
        ("Saint-Auban", "04600", "04049"),
        ("Le Luc-en-Provence", "83340", "83073"),
        ("Cannes la Bocca", "06150", "06029"),
    ],
)
def test_une_partie_d_un_nom_suffit_dans_son_code_postal(lire: Any, nom: str, code_postal: str, insee: str) -> None:
    assert vu(lire(nom, code_postal)) == (insee, "nom_approche", ["commune_approchee"])


@pytest.mark.parametrize(
    ("nom", "code_postal", "insee"),
    [
        ("Ardres", "62340", "62038"),  # near Andres, which has this postal code
        ("Dun-sur-Meuse", "55100", "55167"),  # near Dugny-sur-Meuse
        ("Campan", "65170", "65123"),  # near Camparan
        ("Scherwiller", "67600", "67445"),  # near Orschwiller
    ],
)
def test_un_nom_exact_du_departement_passe_avant_un_nom_voisin_du_code_postal(
    lire: Any, nom: str, code_postal: str, insee: str
) -> None:
    assert vu(lire(nom, code_postal)) == (insee, "nom_departement", ["code_postal_contradictoire"])


def test_une_faute_d_orthographe_et_un_code_postal_faux_se_corrigent_ensemble_dans_le_departement(lire: Any) -> None:
    resolution = lire("Rambervilliers", "88000")
    assert vu(resolution) == ("88367", "nom_approche", ["commune_approchee", "code_postal_contradictoire"])


@pytest.mark.parametrize(("nom", "code_postal"), [("La Duranne", "13100"), ("Rambertville", "88150")])
def test_un_nom_trop_vague_ne_se_corrige_pas_dans_tout_le_departement(lire: Any, nom: str, code_postal: str) -> None:
    assert lire(nom, code_postal).methode == "aucune"


def test_un_nom_demesure_est_lu_sur_son_debut() -> None:
    assert len(lire_nom("Reims " * 100_000).brut) <= 200


def test_deux_noms_aussi_proches_ne_se_departagent_pas(lire: Any) -> None:
    # 24200 has Saint-André-d'Allas, Sainte-Nathalène, Marcillac-Saint-Quentin…
    assert lire("Saint", "24200").commune is None


@pytest.mark.parametrize(
    ("nom", "code_postal", "insee"),
    [
        ("Annecy-le-Vieux", "74940", "74010"),
        ("Oullins", "69600", "69149"),
        ("GOUX-LES-USIERS", "25520", "25060"),
        ("MORCENX", "40110", "40197"),
        ("Châlons-sur-Marne", "51000", "51108"),
    ],
)
def test_un_nom_disparu_mene_a_la_commune_actuelle_et_se_dit(lire: Any, nom: str, code_postal: str, insee: str) -> None:
    resolution = lire(nom, code_postal)
    assert vu(resolution) == (insee, "ancien_nom", ["commune_ancienne"])
    assert resolution.constats[0].suggestion == resolution.commune.nom


def test_une_commune_qui_porte_encore_le_nom_passe_avant_celle_qui_l_a_porte(lire: Any) -> None:
    assert vu(lire("Saint-Denis", "93200"))[:2] == ("93066", "nom_code_postal")


def test_un_code_postal_cedex_ne_contredit_rien(lire: Any) -> None:
    assert vu(lire("LYON CEDEX 03", "69423")) == ("69123", "nom_departement", [])
    assert vu(lire("ALBI", "81011")) == ("81004", "nom_departement", ["code_postal_inconnu"])


def test_un_code_postal_de_quatre_chiffres_retrouve_son_zero(lire: Any) -> None:
    assert vu(lire("Bourg-en-Bresse", "1000")) == ("01053", "nom_code_postal", [])


def test_un_code_postal_illisible_se_dit_et_laisse_le_nom_seul(lire: Any) -> None:
    resolution = lire("Reims", "cinquante et un")
    assert vu(resolution) == ("51454", "nom_seul", ["code_postal_illisible", "commune_sans_code_postal"])


def test_un_nom_seul_porte_par_plusieurs_communes_ne_se_devine_pas(lire: Any) -> None:
    resolution = lire("Sainte-Colombe")
    assert vu(resolution) == (None, "aucune", ["commune_homonyme", "commune_introuvable"])
    assert "Sainte-Colombe (05135)" in resolution.constats[0].suggestion


def test_le_point_choisit_entre_les_homonymes_et_cela_se_dit(lire: Any, referentiel: Referentiel) -> None:
    voulue = referentiel.commune("69189")
    assert voulue is not None
    resolution = lire("Sainte-Colombe", None, point=(voulue.latitude, voulue.longitude))
    assert vu(resolution) == ("69189", "nom_departement", ["commune_homonyme", "commune_sans_code_postal"])


def test_un_point_a_mi_chemin_de_deux_homonymes_ne_tranche_pas(lire: Any, referentiel: Referentiel) -> None:
    ville, campagne = referentiel.commune("58062"), referentiel.commune("58063")
    assert ville is not None
    assert campagne is not None
    milieu = ((ville.latitude + campagne.latitude) / 2, (ville.longitude + campagne.longitude) / 2)
    assert lire("Château-Chinon", "58120", point=milieu).commune is None
    assert lire("Château-Chinon", "58120", point=(ville.latitude, ville.longitude)).commune == ville


def test_un_code_postal_partage_par_deux_departements_admet_les_noms_des_deux(lire: Any) -> None:
    # 42620 also serves one commune of Allier.
    assert vu(lire("Moulins", "42620")) == ("03190", "nom_departement", ["code_postal_contradictoire"])


def test_un_code_postal_d_une_seule_commune_suffit_et_se_dit(lire: Any) -> None:
    assert vu(lire(None, "51100")) == ("51454", "code_postal", ["commune_deduite"])
    assert vu(lire("Montfavet", "84140")) == ("84007", "code_postal", ["commune_deduite"])


def test_un_code_postal_de_plusieurs_communes_ne_suffit_pas(lire: Any) -> None:
    assert vu(lire(None, "01000")) == (None, "aucune", ["commune_introuvable"])


def test_le_point_seul_donne_le_departement_et_suggere_sans_appliquer(lire: Any) -> None:
    resolution = lire("Valberg", "06470", point=(44.0960, 6.9290))
    assert vu(resolution) == (None, "point", ["commune_introuvable"])
    assert resolution.departement == "06"
    assert resolution.constats[0].suggestion == "Péone (06094)"


def test_rien_ne_donne_rien(lire: Any) -> None:
    assert vu(lire()) == (None, "aucune", ["commune_introuvable"])
    assert lire().departement is None


def test_le_code_insee_confirme_par_le_nom_et_le_code_postal_ne_signale_rien(lire: Any) -> None:
    assert vu(lire("Reims", "51100", "51454")) == ("51454", "insee", [])


def test_le_code_insee_suffit_seul(lire: Any) -> None:
    assert vu(lire(None, None, "51454")) == ("51454", "insee", [])
    assert vu(lire(None, None, "1053")) == ("01053", "insee", [])


def test_un_ancien_code_insee_est_remplace_et_se_dit(lire: Any) -> None:
    resolution = lire("Orée d'Anjou", "49530", "49069")
    assert vu(resolution) == ("49126", "insee", ["code_insee_ancien"])
    assert (resolution.constats[0].valeur, resolution.constats[0].suggestion) == ("49069", "49126")


def test_un_code_insee_inconnu_ou_illisible_se_dit_et_laisse_le_reste_parler(lire: Any) -> None:
    assert vu(lire("Reims", "51100", "51999")) == ("51454", "nom_code_postal", ["code_insee_inconnu"])
    assert vu(lire("Reims", "51100", "abc")) == ("51454", "nom_code_postal", ["code_insee_illisible"])


def test_nom_et_code_postal_ensemble_l_emportent_sur_le_code_insee_et_cela_se_dit(lire: Any) -> None:
    resolution = lire("Saint-Denis-lès-Bourg", "01000", "01053")
    assert vu(resolution) == ("01344", "nom_code_postal", ["code_insee_contradictoire"])
    assert (resolution.constats[0].valeur, resolution.constats[0].suggestion) == ("01053", "01344")


def test_le_point_peut_defendre_le_code_insee(lire: Any, referentiel: Referentiel) -> None:
    bourg = referentiel.commune("01053")
    assert bourg is not None
    resolution = lire("Saint-Denis-lès-Bourg", "01000", "01053", (bourg.latitude, bourg.longitude))
    assert vu(resolution) == ("01053", "insee", ["commune_contradictoire"])


def test_un_nom_voisin_du_code_insee_mais_exact_ailleurs_est_contradictoire(lire: Any) -> None:
    assert vu(lire("Ardres", "62340", "62031")) == ("62031", "insee", ["commune_contradictoire"])
    assert vu(lire("Andre", "62340", "62031")) == ("62031", "insee", ["commune_approchee"])


def test_un_ancien_nom_du_voisin_ne_contredit_pas_un_code_insee_qui_s_accorde(lire: Any) -> None:
    # Bourg-en-Bresse was once called Bourg; the declared commune is the one next to it.
    assert vu(lire("Bourg", "01000", "01344")) == ("01344", "insee", ["commune_approchee"])


def test_un_homonyme_d_un_autre_departement_n_est_pas_garde_pour_son_code_insee(lire: Any) -> None:
    # A geocoder's mistake met in a real list: Mont-Dore of Puy-de-Dôme for Le Mont-Dore of New Caledonia.
    resolution = lire("Mont-Dore", "98800", "63236", (-22.23, 166.52))
    assert vu(resolution) == ("98817", "nom_departement", ["code_insee_contradictoire"])


def test_un_code_postal_seul_contre_nom_et_code_insee_se_dit_seulement(lire: Any) -> None:
    resolution = lire("Bourail", "98800", "98803")
    assert vu(resolution) == ("98803", "insee", ["code_postal_contradictoire"])
    assert resolution.constats[0].suggestion == "98870"


def test_un_code_insee_contredit_par_tout_mais_par_rien_de_precis_reste(lire: Any) -> None:
    codes = vu(lire("Nulle-Part-sur-Rien", "51100", "01053"))
    assert codes == ("01053", "insee", ["commune_contradictoire", "code_postal_contradictoire"])


@pytest.mark.parametrize(
    ("nom", "code_postal", "code_insee", "arrondissement"),
    [
        ("Paris", "75012", None, "75112"),
        ("Paris 12e", "75012", None, "75112"),
        ("Paris", "75116", None, "75116"),
        ("Paris 12", None, None, "75112"),
        ("Lyon", "69003", "69383", "69383"),
        ("LYON CEDEX 03", "69423", None, "69383"),
        ("Marseille 1er Arrondissement", "13001", "13055", "13201"),
        ("7e Arrondissement", "13007", None, "13207"),
        ("Paris", None, "75056", None),
    ],
)
def test_l_arrondissement_reste_a_cote_de_la_ville(
    lire: Any, nom: str, code_postal: str | None, code_insee: str | None, arrondissement: str | None
) -> None:
    resolution = lire(nom, code_postal, code_insee)
    assert resolution.commune is not None
    assert resolution.commune.code in ("75056", "69123", "13055")
    assert resolution.arrondissement == arrondissement


def test_un_arrondissement_declare_d_une_autre_ville_n_est_pas_garde(lire: Any) -> None:
    resolution = lire("Paris", "75012", "69383")
    assert (resolution.commune.code, resolution.arrondissement) == ("75056", "75112")


def test_un_point_hors_de_la_commune_se_dit(lire: Any) -> None:
    resolution = lire("Pélissanne", "13330", point=(43.5235, 5.4338))
    assert vu(resolution) == ("13069", "nom_code_postal", ["coord_hors_commune"])
    assert resolution.constats[0].suggestion.startswith("à plus de ")


def test_un_point_dans_une_vaste_commune_ne_signale_rien(lire: Any) -> None:
    # Maripasoula is the largest commune of France: this point is more than 80 km from its centre, and inside.
    assert vu(lire("Maripasoula", "97370", point=(2.30, -53.20))) == ("97353", "nom_code_postal", [])


def test_un_point_de_metropole_pour_une_commune_de_polynesie_se_dit(lire: Any) -> None:
    assert vu(lire("Papeete", "98714", point=(48.85, 2.35)))[2] == ["coord_hors_commune"]
    assert vu(lire("Papeete", "98714", point=(-17.54, -149.57)))[2] == []


def test_toute_commune_se_resout_par_son_nom_et_chacun_de_ses_codes_postaux(referentiel: Referentiel) -> None:
    fautes = []
    for commune in referentiel.communes():
        for code_postal in commune.codes_postaux:
            resolution = resoudre(referentiel, nom=commune.nom, code_postal=code_postal, code_insee=None)
            if resolution.commune != commune or resolution.constats:
                fautes.append((commune.code, code_postal, resolution.constats))
    assert fautes == []


def test_tout_ancien_code_insee_se_resout(referentiel: Referentiel) -> None:
    for ancien, actuel in referentiel._anciens.items():
        resolution = resoudre(referentiel, nom=None, code_postal=None, code_insee=ancien)
        assert vu(resolution) == (actuel, "insee", ["code_insee_ancien"])


texte = st.one_of(
    st.none(), st.text(max_size=60), st.sampled_from(["Reims", "51100", "51454", "(", "CEDEX", "Paris 99"])
)
degre = st.one_of(st.none(), st.floats(-90, 90))


@settings(max_examples=200, deadline=None)
@given(nom=texte, code_postal=texte, code_insee=texte, latitude=degre, longitude=degre)
def test_aucune_cellule_ne_fait_lever_d_exception(
    nom: str | None, code_postal: str | None, code_insee: str | None, latitude: float | None, longitude: float | None
) -> None:
    resolution = resoudre(
        Referentiel.charger(),
        nom=nom,
        code_postal=code_postal,
        code_insee=code_insee,
        latitude=latitude,
        longitude=longitude,
    )
    assert (resolution.commune is None) == (resolution.methode in ("aucune", "point"))
    assert resolution.commune is not None or resolution.constats[-1].code == "commune_introuvable"
