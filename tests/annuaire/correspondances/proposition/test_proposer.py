"""What a proposal must not do, and what it does of hostile rows."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.correspondances.document import lire_correspondance, lire_texte
from annuaire.correspondances.proposition import Echantillon, Proposition, proposer
from annuaire.correspondances.proposition import notes as notes_
from annuaire.correspondances.proposition.ecriture import en_yaml
from annuaire.correspondances.proposition.mots import lire_mots, ressemblance
from annuaire.territoires.referentiel import Referentiel
from hypothesis import given, settings
from hypothesis import strategies as st

COMMUNES = ("Grenoble", "Dijon", "Rennes", "Lyon", "Nantes", "Brest", "Lille", "Toulouse")


def de(*rangees: dict[str, Any]) -> Proposition:
    echantillon = Echantillon()
    for rangee in rangees:
        echantillon.ajouter(rangee)
    return proposer(echantillon, Referentiel.charger())


def avec(**colonnes: Any) -> dict[str, Any]:
    """Propose for eight fictional places; a column is a value, or what makes one of a rank."""
    rangees = [
        {
            "nom": f"Espace fictif {rang}",
            "ville": commune,
            **{nom: faire(rang) if callable(faire) else faire for nom, faire in colonnes.items()},
        }
        for rang, commune in enumerate(COMMUNES)
    ]
    champs: dict[str, Any] = de(*rangees).document["champs"]
    return champs


@pytest.mark.parametrize(
    ("entete", "valeur"),
    [
        ("Fax", "01 99 00 12 34"),
        ("Téléphone du maire", "01 99 00 12 34"),
        ("Mail du référent", "camille.fictif@exemple.fr"),
        ("Nom du référent", "Camille Fictif"),
        ("Type de voie", "rue"),
        ("Coordonnées X", "842000.5"),
        ("Photo", "https://exemple.fr/photo.jpg"),
        ("Facebook", "https://www.facebook.com/fictif"),
        ("Date de création", "12/03/2021"),
        ("Population", "1234"),
        ("Nombre de postes", "4"),
        ("Téléphone", "voir le site"),
        ("Code postal", "BP 12"),
        ("SIRET", "en cours"),
        ("Horaires", "Oui"),
        ("Itinéraire", "https://www.google.com/maps/dir/?api=1"),
    ],
)
def test_ce_qui_ressemble_a_un_champ_sans_l_etre_est_laisse(entete: str, valeur: str) -> None:
    champs = avec(**{entete: valeur})
    assert champs == {"nom": "nom", "commune": "ville"}


def test_sans_le_seuil_un_en_tete_seul_serait_cru(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "telephone" not in avec(**{"Téléphone": "voir le site"})
    monkeypatch.setattr(notes_, "_REGLES", {**notes_._REGLES, "telephone": lambda _, entete: entete})
    assert "telephone" in avec(**{"Téléphone": "voir le site"})


def test_deux_telephones_sont_unis_et_le_fax_reste() -> None:
    champs = avec(Tel="01 99 00 12 34", Portable="06 39 98 12 34", Fax="01 99 00 12 35")
    assert champs["telephone"] == {"unir": ["Tel", "Portable"]}


def test_des_oui_et_des_non_se_lisent_par_leur_en_tete() -> None:
    champs = avec(
        **{"Accès wifi": lambda r: "oui" if r % 2 else "non", "Pass numérique": lambda r: "x" if r % 3 else ""}
    )
    assert champs["services"] == [{"colonne": "Accès wifi", "valeur": "Accès internet et matériel informatique"}]
    assert champs["frais_a_charge"] == [{"colonne": "Pass numérique", "valeur": "Gratuit sous condition"}]


def test_une_liste_sans_nom_prend_le_texte_le_moins_mauvais_et_le_dit() -> None:
    proposition = de(*({"Champ A": f"Lieu fictif {r}", "Champ B": c} for r, c in enumerate(COMMUNES)))
    assert (proposition.document["champs"]["nom"], proposition.confiances["nom"]) == ("Champ A", 0.3)
    assert "# douteux" in en_yaml(proposition)


def test_une_liste_ou_rien_n_est_un_nom_le_dit_en_commentaire() -> None:
    assert "nom: aucune colonne" in en_yaml(de({"a": 1, "b": 2.5}, {"a": 2, "b": 3.5}))


def test_les_horaires_de_semaines_paires_et_impaires_sont_distingues() -> None:
    jours = {f"{j} semaine {p}": "9h-12h" for p in ("paire", "impaire") for j in ("Lundi", "Mardi", "Jeudi")}
    horaires = avec(**jours)["horaires"]
    assert horaires["semaines_paires"] == {
        j: f"{n} semaine paire" for j, n in (("lu", "Lundi"), ("ma", "Mardi"), ("je", "Jeudi"))
    }
    assert set(horaires) == {"semaines_paires", "semaines_impaires"}


@pytest.mark.parametrize(
    ("entete", "nom", "au_moins"),
    [
        ("NomDuLieu", "nom lieu", 1.0),
        ("nom_du_lieu", "nom lieu", 1.0),
        ("CODEPOSTAL", "code postal", 1.0),
        ("ADR_POSTAL", "adresse postale", 0.0),
        ("cod_post", "code postal", 0.85),
        ("Code postal de la structure", "code postal", 0.6),
        ("DATEDERNIE", "date derniere mise a jour", 0.9),
        ("properties.nom_lieu", "nom lieu", 1.0),
    ],
)
def test_un_en_tete_se_reconnait_comme_on_l_ecrit(entete: str, nom: str, au_moins: float) -> None:
    assert ressemblance(lire_mots(entete), lire_mots(nom)) >= au_moins


CELLULES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(
        ["69001", "Lyon", "01 99 00 12 34", "45,7;4,8", "9h-12h", "oui", "POINT (4.8 45.7)", "12/13/2020"]
    ),
    lambda dedans: st.lists(dedans, max_size=3) | st.dictionaries(st.text(max_size=8), dedans, max_size=3),
    max_leaves=6,
)
ENTETES = st.text(max_size=20) | st.sampled_from(
    ["nom", "lat", "lon", "cp", "lundi", "mardi", "jeudi", "services", "x", "y"]
)


RANGEES = st.lists(st.dictionaries(ENTETES, CELLULES, max_size=8), max_size=8)


@given(rangees=RANGEES)
@settings(deadline=None, max_examples=40)
def test_des_lignes_quelconques_donnent_un_document_valide(rangees: list[dict[str, Any]]) -> None:
    donner_un_document_valide(rangees)


@pytest.mark.epreuve
@given(rangees=RANGEES)
@settings(deadline=None, max_examples=1_000)
def test_mille_listes_quelconques_donnent_un_document_valide(rangees: list[dict[str, Any]]) -> None:
    donner_un_document_valide(rangees)


def donner_un_document_valide(rangees: list[dict[str, Any]]) -> None:
    proposition = de(*rangees)
    texte = en_yaml(proposition)
    if "nom" in proposition.document["champs"]:
        assert lire_texte(texte.encode()) == lire_correspondance(proposition.document)
