"""Which contacts look personal, and how they are masked. Every address and number here is made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from annuaire.lieux.confidentialite import contact_personnel, courriel_nominatif, masquer, telephone_personnel


@pytest.mark.parametrize(
    "adresse",
    [
        "camille.martin@exemple.fr",
        "c.martin@exemple.fr",
        "camille-martin@exemple.fr",
        "martin_camille@exemple.fr",
        "camille@exemple.fr",
        "Jean-Pierre.Exemple@autre.fr",
        "jp.exemplaire@autre.fr",
        "helene.dupont75@exemple.fr",
        "Hélène.Dupont@exemple.fr",
        "soufiane.exemplaire@ailleurs.fr",
    ],
)
def test_une_adresse_qui_nomme_une_personne_est_reconnue(adresse: str) -> None:
    assert courriel_nominatif(adresse)


@pytest.mark.parametrize(
    "adresse",
    [
        "contact@exemple.fr",
        "ccas.exempleville@orange.fr",
        "mediatheque@exemple.fr",
        "mediatheque.victor-hugo@exemple.fr",
        "conseiller.numerique@exemple.fr",
        "conseillernumerique3@exemple.fr",
        "mairie-de-exempleville@wanadoo.fr",
        "franceservices.nord@exemple.fr",
        "mds.exempleville@exemple.fr",
        "pi14.exempleville@exemple.fr",
        "la.passerelle@exemple.fr",
        "saint-exemple@exemple.fr",
        "comps-sur-exemple@exemple.fr",
        "exemple-ville@mairie-exemple.fr",
        "accueil.martin@exemple.fr",
        "msap-rurale@exemple.fr",
        "pexemplaire@autre.fr",
    ],
)
def test_une_adresse_de_service_n_est_pas_une_personne(adresse: str) -> None:
    assert not courriel_nominatif(adresse)


@pytest.mark.parametrize("texte", ["", "@", "pas une adresse", "123@exemple.fr", "...@exemple.fr"])
def test_ce_qui_n_est_pas_une_adresse_ne_nomme_personne(texte: str) -> None:
    assert not courriel_nominatif(texte)


@pytest.mark.parametrize(
    "numero", ["+33639980001", "+33700000001", "+262692000001", "+262639000001", "+590690000001", "+594694200001"]
)
def test_un_mobile_est_personnel_outre_mer_compris(numero: str) -> None:
    assert telephone_personnel(numero)


@pytest.mark.parametrize("numero", ["+33199000001", "+262262000001", "3919", "115", "", "bonjour"])
def test_un_fixe_et_un_numero_court_ne_sont_a_personne(numero: str) -> None:
    assert not telephone_personnel(numero)


def test_un_contact_est_juge_selon_sa_nature() -> None:
    assert contact_personnel("camille.martin@exemple.fr")
    assert contact_personnel("+33639980001")
    assert not contact_personnel("contact@exemple.fr")


@pytest.mark.parametrize(
    ("texte", "masque"),
    [
        ("camille.martin@exemple.fr", "c…@exemple.fr"),
        ("écrire à camille@exemple.fr ou 01 99 00 12 34", "écrire à c…@exemple.fr ou 01 99 •• •• ••"),
        ("+33199001234", "+33199••••••"),
        ("rien de personnel", "rien de personnel"),
        ("49300", "49300"),
        ("12345678901234", "12345678901234"),
    ],
)
def test_un_texte_est_masque_sans_perdre_sa_forme(texte: str, masque: str) -> None:
    assert masquer(texte) == masque


@pytest.mark.parametrize(
    ("champ", "texte", "masque"),
    [
        ("courriels", "camille martin@@exemple.fr", "c…@exemple.fr"),
        ("courriels", "camille.martin exemple.fr", "c…"),
        ("telephone", "01 99 00 12 34 56", "01 99 00 •• •• ••"),
        ("telephone", "36 49", "36 49"),
    ],
)
def test_un_contact_abime_est_masque_aussi(champ: str, texte: str, masque: str) -> None:
    assert masquer(texte, champ) == masque


@pytest.mark.donnees_reelles
def test_la_regle_est_mesuree_sur_les_listes_reelles(jeux: Path) -> None:
    """More than half of the addresses shaped `mot.mot@` are functional, as measured when the rule was written."""
    formes = fonctionnelles = adresses = nominatives = 0
    for fichier in ("cnfs-v0", "hinaura-v0", "hub-du-sud-v0", "charente-v0", "nouvelle-caledonie-v1-partiel"):
        for ligne in json.loads((jeux / "standard" / f"{fichier}.json").read_text("utf-8")):
            adresse = ligne.get("courriel") or ""
            if "@" not in adresse:
                continue
            personne = courriel_nominatif(adresse)
            adresses, nominatives = adresses + 1, nominatives + personne
            if any(s in adresse.split("@")[0] for s in "._-"):
                formes, fonctionnelles = formes + 1, fonctionnelles + (not personne)
    print(f"\n{adresses} adresses, {nominatives} nominatives, {fonctionnelles}/{formes} « mot.mot@ » de service")
    assert fonctionnelles / formes > 0.5
    assert 0.05 < nominatives / adresses < 0.2
