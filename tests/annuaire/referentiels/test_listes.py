"""The committed closed lists: complete, exact, and without two spellings for one slug."""

from __future__ import annotations

import pytest
from annuaire.referentiels.repository import Referentiels
from annuaire.referentiels.rules import slug
from annuaire.standard.colonnes import COLONNES

TAILLES = {
    "services": 9,
    "publics_specifiquement_adresses": 5,
    "prise_en_charge_specifique": 7,
    "frais_a_charge": 3,
    "itinerance": 2,
    "modalites_acces": 6,
    "modalites_accompagnement": 4,
    "dispositif_programmes_nationaux": 11,
    "formations_labels": 10,
    "typologie": 92,
    "themes": 10,
    "types_de_structure": 12,
    "langues": 207,
}


@pytest.mark.parametrize(("nom", "taille"), TAILLES.items())
def test_chaque_liste_est_complete(nom: str, taille: int) -> None:
    assert len(Referentiels.charger()[nom].valeurs) == taille


@pytest.mark.parametrize("nom", TAILLES)
def test_les_slugs_publies_sont_uniques_et_en_ascii(nom: str) -> None:
    slugs = [valeur.slug for valeur in Referentiels.charger()[nom]]
    assert len(set(slugs)) == len(slugs)
    assert all(s.isascii() and s == s.lower() and s for s in slugs)


@pytest.mark.parametrize("nom", TAILLES)
def test_le_slug_publie_est_celui_du_libelle(nom: str) -> None:
    assert [valeur.slug for valeur in Referentiels.charger()[nom]] == [
        slug(valeur.valeur) for valeur in Referentiels.charger()[nom]
    ]


def test_aucune_liste_ne_manque_au_compte() -> None:
    assert {liste.nom for liste in Referentiels.charger()} == set(TAILLES)


def test_chaque_liste_du_standard_nomme_un_champ_du_standard() -> None:
    champs = {liste.champ for liste in Referentiels.charger() if liste.champ}
    assert champs <= set(COLONNES)
    assert len(champs) == 10


def test_les_themes_renvoient_a_des_services_du_standard() -> None:
    referentiels = Referentiels.charger()
    cites = {service for theme in referentiels["themes"] for service in theme.services}
    assert cites <= {valeur.valeur for valeur in referentiels["services"]}
    assert all(theme.services for theme in referentiels["themes"])


def test_chaque_service_du_standard_entre_dans_un_theme() -> None:
    referentiels = Referentiels.charger()
    cites = {service for theme in referentiels["themes"] for service in theme.services}
    assert cites == {valeur.valeur for valeur in referentiels["services"]}


def test_les_listes_sont_lues_une_seule_fois() -> None:
    assert Referentiels.charger() is Referentiels.charger()


def test_une_liste_inconnue_n_est_pas_trouvee() -> None:
    assert Referentiels.charger().trouver("couleurs") is None
