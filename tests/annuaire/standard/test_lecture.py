"""Reading of a whole row: what is kept, what is told, what is refused. Persons and contacts are made up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from annuaire.standard.colonnes import reconnaitre_entetes
from annuaire.standard.lecture import Lecture, lire
from annuaire.territoires.referentiel import Referentiel

AUJOURD_HUI = date(2026, 11, 24)

LIGNE: dict[str, Any] = {
    "id": "lieu-1",
    "pivot": "12345678200010",
    "nom": "Espace numérique",
    "commune": "Reims",
    "code_postal": "51100",
    "code_insee": "51454",
    "adresse": "12 bis rue de l'Exemple",
    "latitude": "49.2583",
    "longitude": "4.0317",
    "telephone": "01 99 00 00 01",
    "courriels": "contact@exemple.fr|accueil@exemple.fr",
    "site_web": "https://www.exemple.fr/",
    "horaires": "Mo-Fr 09:00-12:00",
    "date_maj": "2024-04-02",
    "services": "Aide aux démarches administratives|Loisirs et créations numériques",
}


def _lire(**changements: Any) -> Lecture:
    valeurs = {**LIGNE, **changements}
    return lire(
        valeurs,
        entetes=reconnaitre_entetes(list(valeurs)),
        referentiel=Referentiel.charger(),
        aujourd_hui=AUJOURD_HUI,
    )


def _codes(lecture: Lecture) -> list[str]:
    return [anomalie.code for anomalie in lecture.anomalies]


def test_une_bonne_ligne_est_lue_sans_un_mot() -> None:
    lecture = _lire()
    assert lecture.anomalies == ()
    assert lecture.cle == "lieu-1"
    lu = lecture.normalise
    assert lu is not None
    assert lu.code_insee == "51454"
    assert lu.telephones == ("+33199000001",)
    assert lu.courriels == ("contact@exemple.fr", "accueil@exemple.fr")
    assert (lu.latitude, lu.longitude) == (49.2583, 4.0317)
    assert lu.services == ("Aide aux démarches administratives", "Loisirs et créations numériques")


@pytest.mark.parametrize("cle", [None, "", "  ", "null", [], True, {"a": 1}])
def test_une_ligne_sans_cle_est_rejetee(cle: Any) -> None:
    lecture = _lire(id=cle)
    assert (lecture.cle, lecture.normalise) == (None, None)
    assert "cle_absente" in _codes(lecture)


@pytest.mark.parametrize(
    ("brut", "cle"),
    [(" a b ", "a b"), (12, "12"), (12.0, "12"), ("e\u0301", "é"), ("x" * 128, "x" * 128), ("a\x00b", "ab")],
)
def test_une_cle_est_lue_en_nfc_et_sans_bords(brut: Any, cle: str) -> None:
    assert _lire(id=brut).cle == cle


def test_une_cle_de_plus_de_128_caracteres_est_rejetee() -> None:
    lecture = _lire(id="x" * 129)
    assert lecture.normalise is None
    assert _codes(lecture) == ["cle_trop_longue"]


@pytest.mark.parametrize("nom", [None, "", " ", "NEANT", "=A1"])
def test_une_ligne_sans_nom_est_rejetee(nom: str | None) -> None:
    lecture = _lire(nom=nom)
    assert lecture.normalise is None
    assert "nom_absent" in _codes(lecture)


def test_une_commune_introuvable_sans_point_est_rejetee() -> None:
    lecture = _lire(commune="Nulle-Part-les-Oies", code_postal="", code_insee="", latitude="", longitude="")
    assert lecture.normalise is None
    assert _codes(lecture) == ["commune_introuvable"]


def test_une_commune_introuvable_avec_un_point_est_gardee_et_dite() -> None:
    lecture = _lire(commune="Nulle-Part-les-Oies", code_postal="", code_insee="")
    assert lecture.normalise is not None
    assert lecture.normalise.code_insee is None
    assert lecture.normalise.commune == "Nulle-Part-les-Oies"
    assert _codes(lecture) == ["commune_non_resolue"]


def test_toutes_les_fautes_d_une_ligne_rejetee_sont_dites_ensemble() -> None:
    lecture = _lire(id="", telephone="12", date_maj="2099-01-01", site_web="x")
    assert {"cle_absente", "telephone_invalide", "date_future", "url_invalide"} <= set(_codes(lecture))


@pytest.mark.parametrize(
    ("champ", "brut", "code"),
    [
        ("pivot", "00000000000000", "pivot_zero"),
        ("pivot", "ABCDEFGHIJK", "pivot_invalide"),
        ("telephone", "12", "telephone_invalide"),
        ("courriels", "pas une adresse", "courriel_invalide"),
        ("site_web", "oui", "url_invalide"),
        ("horaires", "sur rendez-vous", "horaire_illisible"),
        ("date_maj", "1970-01-01", "date_par_defaut"),
        ("date_maj", "2099-01-01", "date_future"),
        ("services", "Piscine", "valeur_hors_liste"),
        ("latitude", "0", "coord_hors_france"),
        ("latitude", "", "coord_incompletes"),
        ("code_insee", "ABC", "code_insee_invalide"),
        ("adresse", "Rue", "adresse_vide"),
    ],
)
def test_une_cellule_fautive_ne_rejette_jamais_la_ligne(champ: str, brut: str, code: str) -> None:
    lecture = _lire(**{champ: brut})
    assert lecture.normalise is not None
    assert _codes(lecture) == [code]


def test_le_code_postal_et_la_commune_se_lisent_dans_l_adresse() -> None:
    lecture = _lire(adresse="12 rue de l'Exemple 51100 Reims", commune="", code_postal="", code_insee="")
    assert lecture.normalise is not None
    assert (lecture.normalise.adresse, lecture.normalise.code_insee) == ("12 rue de l'Exemple", "51454")


def test_un_code_postal_contradictoire_ne_change_pas_la_commune() -> None:
    lecture = _lire(code_postal="75001")
    assert lecture.normalise is not None
    assert (lecture.normalise.code_insee, lecture.normalise.code_postal) == ("51454", "75001")
    assert "code_postal_contradictoire" in _codes(lecture)


def test_un_arrondissement_est_garde_a_la_place_de_sa_ville() -> None:
    lecture = _lire(commune="Paris 13e", code_postal="75013", code_insee="", latitude="48.83", longitude="2.36")
    assert lecture.normalise is not None
    assert (lecture.normalise.commune, lecture.normalise.code_insee) == ("Paris", "75113")


def test_la_region_du_telephone_vient_de_la_commune() -> None:
    lecture = _lire(
        commune="Saint-Denis", code_postal="97400", code_insee="", latitude="-20.88", longitude="55.45",
        telephone="0262 20 12 34",
    )  # fmt: skip
    assert lecture.normalise is not None
    assert lecture.normalise.telephones == ("+262262201234",)


def test_un_ridet_est_lu_en_nouvelle_caledonie() -> None:
    lecture = _lire(
        commune="Nouméa", code_postal="98800", code_insee="98818", latitude="-22.27", longitude="166.44",
        pivot="0123456001",
    )  # fmt: skip
    assert lecture.normalise is not None
    assert lecture.normalise.pivot == "0123456001"


def test_l_horaire_illisible_reste_en_texte() -> None:
    lecture = _lire(horaires="sur rendez-vous")
    assert lecture.normalise is not None
    assert (lecture.normalise.horaires, lecture.normalise.horaires_brut) == (None, "sur rendez-vous")


def test_une_ligne_v0_et_v1_est_lue_en_v1() -> None:
    lecture = _lire(
        courriel="ancien@exemple.fr",
        conditions_access="Gratuit : Je peux accéder gratuitement au lieu et à ses services",
        labels_nationaux="CNFS;APTIC",
        labels_autres="Label A;Label B",
        publics_accueillis="Jeunes (16-26 ans);Surdité",
        accessibilite="https://acceslibre.beta.gouv.fr/app/exemple/",
        services="Prendre en main un ordinateur;Aide aux démarches administratives",
    )
    lu = lecture.normalise
    assert lu is not None
    assert lu.courriels == ("contact@exemple.fr", "accueil@exemple.fr", "ancien@exemple.fr")
    assert lu.frais_a_charge == ("Gratuit",)
    assert lu.dispositif_programmes_nationaux == ("Conseillers numériques",)
    assert lu.autres_formations_labels == ("APTIC", "Label A", "Label B")
    assert lu.publics_specifiquement_adresses == ("Jeunes",)
    assert lu.prise_en_charge_specifique == ("Surdité",)
    assert lu.fiche_acces_libre == "https://acceslibre.beta.gouv.fr/app/exemple/"
    assert lu.services == ("Maîtrise des outils numériques du quotidien", "Aide aux démarches administratives")
    assert _codes(lecture) == ["valeur_sans_equivalent"]


def test_deux_colonnes_d_un_champ_simple_gardent_la_premiere_et_disent_l_autre() -> None:
    lecture = _lire(**{"Nom": "Un autre nom"})
    assert lecture.normalise is not None
    assert lecture.normalise.nom == "Espace numérique"
    assert _codes(lecture) == ["colonne_en_double"]


def test_deux_colonnes_d_un_champ_simple_qui_disent_pareil_ne_disent_rien() -> None:
    assert _lire(**{"Nom": "Espace numérique", "NOM": ""}).anomalies == ()


def test_une_fiche_qui_n_est_pas_d_acceslibre_est_signalee_et_gardee() -> None:
    lecture = _lire(fiche_acces_libre="https://exemple.fr/acces")
    assert lecture.normalise is not None
    assert lecture.normalise.fiche_acces_libre == "https://exemple.fr/acces"
    assert _codes(lecture) == ["fiche_hors_acceslibre"]


def test_une_deuxieme_adresse_de_rendez_vous_est_ecartee_et_dite() -> None:
    lecture = _lire(prise_rdv="https://a.exemple.fr/|https://b.exemple.fr/")
    assert lecture.normalise is not None
    assert lecture.normalise.prise_rdv == "https://a.exemple.fr/"
    assert _codes(lecture) == ["valeur_ecartee"]


def test_une_ligne_json_a_des_tableaux_et_des_nombres() -> None:
    lecture = _lire(
        courriels=["a@exemple.fr", "b@exemple.fr"], services=["Aide aux démarches administratives"],
        latitude=49.2583, longitude=4.0317, code_postal=51100, pivot=12345678200010, telephone=["0199000001"],
    )  # fmt: skip
    assert lecture.normalise is not None
    assert lecture.anomalies == ()
    assert lecture.normalise.courriels == ("a@exemple.fr", "b@exemple.fr")


def test_une_liste_absente_n_est_pas_un_champ_du_lieu_ferme() -> None:
    lecture = _lire(services="")
    assert lecture.normalise is not None
    assert lecture.normalise.services == ()
    assert lecture.anomalies == ()


def test_une_colonne_inconnue_n_est_pas_lue() -> None:
    assert _lire(meteo="soleil", aidants=[{"nom": "x"}]).anomalies == ()


def test_deux_colonnes_de_telephones_n_en_gardent_que_dix() -> None:
    lecture = _lire(
        telephone=[f"01 99 00 00 {n:02d}" for n in range(10)], telephones=[f"01 99 00 01 {n:02d}" for n in range(10)]
    )
    assert lecture.normalise is not None
    assert len(lecture.normalise.telephones) == 10
    assert _codes(lecture) == ["liste_trop_longue"]
