"""Values of the standard v0 read as values of v1."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from annuaire.referentiels.repository import Referentiels
from annuaire.standard.anciens import traduire
from annuaire.standard.nettoyage.listes import nettoyer_fermee

SERVICES = {
    "Devenir autonome dans les démarches administratives": "Aide aux démarches administratives",
    "Réaliser des démarches administratives avec un accompagnement": "Aide aux démarches administratives",
    "Accompagner les démarches de santé": "Aide aux démarches administratives",
    "Prendre en main un smartphone ou une tablette": "Maîtrise des outils numériques du quotidien",
    "Prendre en main un ordinateur": "Maîtrise des outils numériques du quotidien",
    "Utiliser le numérique au quotidien": "Maîtrise des outils numériques du quotidien",
    "Approfondir ma culture numérique": "Compréhension du monde numérique",
    "Promouvoir la citoyenneté numérique": "Compréhension du monde numérique",
    "Favoriser mon insertion professionnelle": "Insertion professionnelle via le numérique",
    "Créer et développer mon entreprise": "Insertion professionnelle via le numérique",
    "Accéder à une connexion internet": "Accès internet et matériel informatique",
    "Accéder à du matériel": "Accès internet et matériel informatique",
    "S'équiper en matériel informatique": "Acquisition de matériel informatique à prix solidaire",
    "Créer avec le numérique": "Loisirs et créations numériques",
    "Soutenir la parentalité et l’éducation avec le numérique": "Parentalité et éducation avec le numérique",
}


@pytest.mark.parametrize(("ancien", "nouveau"), SERVICES.items())
def test_chaque_service_de_la_v0_a_son_service_de_la_v1(ancien: str, nouveau: str) -> None:
    assert nettoyer_fermee(ancien, "services").valeur == (("services", (nouveau,)),)


@pytest.mark.parametrize(
    ("colonne", "ancien", "champ", "nouveau"),
    [
        ("conditions_acces", "Gratuit : Je peux accéder gratuitement au lieu", "frais_a_charge", "Gratuit"),
        ("conditions_acces", "Gratuit", "frais_a_charge", "Gratuit"),
        ("conditions_acces", "Gratuit sous condition : selon", "frais_a_charge", "Gratuit sous condition"),
        ("conditions_acces", "Payant : L'accès au lieu", "frais_a_charge", "Payant"),
        ("conditions_acces", "Adhésion : L'accès au lieu", "frais_a_charge", "Payant"),
        ("conditions_acces", "Accepte le Pass numérique : Il est", "frais_a_charge", "Gratuit sous condition"),
        ("labels_nationaux", "CNFS", "dispositif_programmes_nationaux", "Conseillers numériques"),
        (
            "labels_nationaux",
            "Grandes écoles du numérique",
            "dispositif_programmes_nationaux",
            "Grande école du numérique",
        ),
        ("labels_nationaux", "Point numérique CAF", "dispositif_programmes_nationaux", "Point d'accès numérique CAF"),
        ("labels_nationaux", "Point relais CAF", "dispositif_programmes_nationaux", "Point d'accès numérique CAF"),
        ("labels_nationaux", "Fabriques de Territoire", "formations_labels", "Fabriques de Territoire"),
        ("labels_nationaux", "APTIC", "autres_formations_labels", "APTIC"),
        ("labels_nationaux", "Relais pôle emploi", "autres_formations_labels", "Relais pôle emploi"),
        ("labels_nationaux", "French Tech", "autres_formations_labels", "French Tech"),
        ("labels_nationaux", "Campus connecté", "autres_formations_labels", "Campus connecté"),
        ("publics_accueillis", "Seniors (+ 65 ans)", "publics_specifiquement_adresses", "Seniors"),
        ("publics_accueillis", "Familles/enfants", "publics_specifiquement_adresses", "Familles et/ou enfants"),
        ("publics_accueillis", "Jeunes (16-26 ans)", "publics_specifiquement_adresses", "Jeunes"),
        ("publics_accueillis", "Uniquement femmes", "publics_specifiquement_adresses", "Femmes"),
        ("publics_accueillis", "Surdité", "prise_en_charge_specifique", "Surdité"),
        ("publics_accueillis", "Handicaps mentaux : déficiences", "prise_en_charge_specifique", "Handicaps mentaux"),
        ("publics_accueillis", "Handicaps psychiques : troubles", "prise_en_charge_specifique", "Handicaps mentaux"),
        ("publics_accueillis", "Personnes en situation d'illettrisme", "prise_en_charge_specifique", "Illettrisme"),
        (
            "publics_accueillis",
            "Public langues étrangères",
            "prise_en_charge_specifique",
            "Langues étrangères (autres)",
        ),
        ("modalites_accompagnement", "Seul : j'ai accès", "modalites_accompagnement", "En autonomie"),
        (
            "modalites_accompagnement",
            "Avec de l'aide : je suis",
            "modalites_accompagnement",
            "Accompagnement individuel",
        ),
        ("modalites_accompagnement", "A ma place : une", "modalites_accompagnement", "Accompagnement individuel"),
        ("modalites_accompagnement", "Dans un atelier : j'", "modalites_accompagnement", "Dans un atelier collectif"),
        ("typologie", "PE", "typologie", "FT"),
    ],
)
def test_une_valeur_de_la_v0_trouve_sa_place(colonne: str, ancien: str, champ: str, nouveau: str) -> None:
    assert nettoyer_fermee(ancien, colonne).valeur == ((champ, (nouveau,)),)


@pytest.mark.parametrize("ancien", ["Adhésion : payante", "Accepte le Pass numérique", "Pass numérique"])
def test_une_valeur_lue_par_approximation_le_dit(ancien: str) -> None:
    assert [a.code for a in nettoyer_fermee(ancien, "conditions_acces").anomalies] == ["valeur_approchee"]


def test_une_valeur_sans_equivalent_le_dit() -> None:
    propre = nettoyer_fermee("Adultes", "publics_accueillis")
    assert propre.valeur == ()
    assert [a.code for a in propre.anomalies] == ["valeur_sans_equivalent"]


def test_un_label_sans_cible_va_aux_autres_labels_et_le_dit() -> None:
    propre = nettoyer_fermee("APTIC", "labels_nationaux")
    assert [(a.code, a.corrige) for a in propre.anomalies] == [("valeur_sans_equivalent", "autres_formations_labels")]


def test_les_deux_vocabulaires_se_melangent_dans_une_cellule() -> None:
    propre = nettoyer_fermee(
        "Prendre en main un ordinateur;Loisirs et créations numériques|Accéder à du matériel", "services"
    )
    assert [v for _, valeurs in propre.valeur for v in valeurs] == [
        "Maîtrise des outils numériques du quotidien",
        "Loisirs et créations numériques",
        "Accès internet et matériel informatique",
    ]
    assert propre.anomalies == ()


def test_une_valeur_inconnue_n_est_pas_une_ancienne_valeur() -> None:
    assert traduire("services", "Apprendre à nager") is None
    assert traduire("colonne inconnue", "Gratuit") is None


def test_les_cibles_sont_des_valeurs_du_standard_actuel() -> None:
    referentiels = Referentiels.charger()
    for colonne in (
        "services",
        "conditions_acces",
        "labels_nationaux",
        "publics_accueillis",
        "modalites_accompagnement",
    ):
        for ancien in ("Gratuit", "CNFS", "Surdité", "Seul", "Créer avec le numérique"):
            trouvee = traduire(colonne, ancien)
            for champ, valeurs in trouvee.cibles if trouvee else ():
                assert set(valeurs) <= {v.valeur for v in referentiels[champ]}


@pytest.mark.donnees_reelles
@pytest.mark.parametrize(
    "champ", ["services", "publics_accueillis", "conditions_acces", "labels_nationaux", "modalites_accompagnement"]
)
def test_toute_la_liste_publiee_en_v0_est_comprise(jeux: Path, champ: str) -> None:
    schema = json.loads((jeux / "standard" / "schema-v0.1.0.json").read_text("utf-8"))
    motif = next(c["constraints"]["pattern"] for c in schema["fields"] if c["name"] == champ)
    valeurs = re.sub(r"\\(.)", r"\1", motif.removeprefix("(?:(?:^|;)(").removesuffix("))+$")).split("|")
    assert len(valeurs) >= 4
    codes = {a.code for valeur in valeurs for a in nettoyer_fermee(valeur, champ).anomalies}
    assert "valeur_hors_liste" not in codes
