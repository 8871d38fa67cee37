"""What makes two records alike, and what keeps them apart."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest
from annuaire.doublons import rules
from annuaire.doublons.rules import (
    DISTINCTS,
    FUSION,
    SEUIL_A_VOIR,
    SEUIL_AUTOMATIQUE,
    Attache,
    Cle,
    Paire,
    attribuer,
    comparer,
    grouper,
    lire_signes,
    meilleures,
)

PLACE: dict[str, Any] = {
    "nom": "Médiathèque fictive", "adresse": "12 rue de l'Exemple", "commune": "Grenoble", "code_insee": "38185",
    "latitude": 45.18, "longitude": 5.72, "telephones": ["+33199000001"], "courriels": ["a@exemple.fr"],
}  # fmt: skip


def score(un: dict[str, Any], autre: dict[str, Any], *, source: str = "b") -> float:
    return comparer(lire_signes("a", "1", PLACE | un), lire_signes(source, "2", PLACE | autre)).score


def test_les_accents_et_les_abreviations_ne_separent_pas() -> None:
    assert score({}, {"nom": "MEDIATHEQUE FICTIVE", "adresse": "12 R. de l’Exemple"}) >= SEUIL_AUTOMATIQUE


@pytest.mark.parametrize(
    ("un", "autre"),
    [
        ("Médiathèque Lyon 3", "Médiathèque Lyon 5"),
        ("Espace numérique 1", "Espace numérique 2"),
    ],
)
def test_deux_numeros_dans_le_nom_font_deux_lieux(un: str, autre: str) -> None:
    assert score({"nom": un}, {"nom": autre}) < SEUIL_A_VOIR


SERVICES = (
    "Mairie", "CCAS", "Médiathèque", "France services", "La Poste", "Centre social", "Mission locale",
    "Conseiller numérique", "Point information jeunesse PIJ", "Emmaüs Connect", "MJC", "Maison départementale",
)  # fmt: skip


def test_deux_services_d_une_meme_adresse_ne_se_reunissent_jamais_seuls() -> None:
    paires = [(un, autre) for un in SERVICES for autre in SERVICES if un < autre]
    scores = [score({"nom": f"{un} de Grenoble"}, {"nom": f"{autre} de Grenoble"}) for un, autre in paires]
    assert max(scores) < SEUIL_AUTOMATIQUE
    assert len(paires) == 66


NOMS_DE_SERVICES = (
    "Espace numérique", "Point numérique", "Maison de quartier", "Maison des services", "Espace public numérique",
    "EPN", "Cyber-base", "Maison des associations", "Maison de l'emploi", "Maison pour tous", "Point accueil",
    "Maison de la justice et du droit", "Point justice", "Espace emploi", "Espace jeunesse", "Espace familles",
    "Espace seniors", "Espace de vie sociale", "Agence postale communale", "Relais poste", "Office de tourisme",
    "Accueil de loisirs", "Régie de quartier", "CIDFF", "Secours populaire", "Secours catholique", "Croix-Rouge",
    "Centre culturel", "Centre de formation", "AFPA", "GRETA", "MFR", "Club informatique", "Atelier informatique",
    "Atelier numérique", "Aidants Connect", "Bus France services", "Communauté de communes", "Service logement",
    "Centre intercommunal d'action sociale", "Service état civil", "Service jeunesse", "Service des sports", "PLIE",
    "Cap emploi", "UDAF", "MSA", "CPAM", "CARSAT", "Trésorerie", "Résidence autonomie", "Foyer rural", "Lycée",
    "Foyer de jeunes travailleurs", "Collège", "École", "Ressourcerie", "Recyclerie", "Coworking", "Tiers-lieu",
    "Ludothèque", "Médiathèque", "Archives", "Musée", "Cinéma",
)  # fmt: skip


@pytest.mark.parametrize("forme", ["{}", "{} de Grenoble", "{} Jean-Fictif", "{} Grenoble Sud"])
def test_des_noms_de_services_ne_se_reunissent_jamais_seuls_quand_tout_le_reste_est_commun(forme: str) -> None:
    reunis = [
        (un, autre)
        for rang, un in enumerate(NOMS_DE_SERVICES)
        for autre in NOMS_DE_SERVICES[rang + 1 :]
        if score({"nom": forme.format(un)}, {"nom": forme.format(autre)}) >= SEUIL_AUTOMATIQUE
    ]
    assert reunis == []
    assert len(NOMS_DE_SERVICES) == 65


def test_sans_la_garde_des_mots_des_services_se_reuniraient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_meme_service", lambda un, autre: True)
    assert score({"nom": "Espace numérique Jean-Fictif"}, {"nom": "Point numérique Jean-Fictif"}) >= SEUIL_AUTOMATIQUE


@pytest.mark.parametrize(
    ("un", "autre"),
    [
        ("France services Jean-Fictif", "Jean-Fictif"),
        ("Espace numérique fictif", "Espace numérique Fictifs"),
        ("Maison France services de Grenoble", "France services Grenoble"),
        ("Médiathèque Jean-Fictif", "MEDIATHEQUE JEAN FICTIF de Grenoble"),
    ],
)
def test_un_nom_de_plus_de_mots_communs_reste_le_meme_lieu(un: str, autre: str) -> None:
    assert score({"nom": un}, {"nom": autre}) >= SEUIL_AUTOMATIQUE


def test_a_score_egal_la_paire_qui_a_le_plus_en_commun_est_montree() -> None:
    fixe = lire_signes("a", "1", PLACE | {"nom": "France services"})
    voisin = lire_signes("b", "2", PLACE | {"nom": "Bus France services", "courriels": ["b@exemple.fr"]})
    meme = lire_signes("b", "1", PLACE | {"nom": "France services", "adresse": "90 avenue B"})
    comparees = {rules.paire(fixe.fiche, autre.fiche): comparer(fixe, autre) for autre in (voisin, meme)}
    assert {dite.score for dite in comparees.values()} == {rules.SOUS_AUTOMATIQUE}
    assert list(meilleures(comparees)) == [(fixe.fiche, meme.fiche)]


def test_deux_fiches_d_une_source_attendent_une_personne() -> None:
    assert SEUIL_A_VOIR <= score({}, {}, source="a") < SEUIL_AUTOMATIQUE


def test_un_bus_n_est_pas_une_maison() -> None:
    assert score({"nom": "France services Grenoble"}, {"nom": "Bus France services Grenoble"}) < SEUIL_AUTOMATIQUE


def test_des_rues_differentes_ne_se_reunissent_pas_seules() -> None:
    assert score({}, {"adresse": "90 avenue Nulle-Part"}) < SEUIL_AUTOMATIQUE


def test_chaque_champ_dit_son_motif() -> None:
    motifs = comparer(lire_signes("a", "1", PLACE), lire_signes("b", "2", PLACE)).motifs
    assert [motif["champ"] for motif in motifs] == [
        "nom", "adresse", "distance", "commune", "telephones", "courriels",
    ]  # fmt: skip


def test_sans_la_garde_des_services_ils_se_reuniraient(monkeypatch: pytest.MonkeyPatch) -> None:
    nom = rules._nom
    monkeypatch.setattr(
        rules, "_nom", lambda un, autre: {k: v for k, v in nom(un, autre).items() if k != "plafond"} | {"proximite": 1}
    )
    monkeypatch.setattr(rules, "BIAIS", 0.0)
    assert score({"nom": "Mairie de Grenoble"}, {"nom": "CCAS de Grenoble"}) >= SEUIL_AUTOMATIQUE


# --- groups


def tirer(hasard: random.Random) -> tuple[list[Cle], dict[Paire, float], dict[Paire, str]]:
    cles = [(hasard.choice("abcd"), str(rang)) for rang in range(hasard.randint(2, 9))]
    paires = [rules.paire(un, autre) for un in cles for autre in cles if un < autre and hasard.random() < 0.5]
    decisions = {p: hasard.choice((FUSION, DISTINCTS)) for p in paires if hasard.random() < 0.2}
    return cles, {p: hasard.choice((0.7, 0.95, 0.97, 0.99)) for p in paires}, decisions


def test_les_groupes_ne_dependent_pas_de_l_ordre_et_respectent_les_decisions() -> None:
    hasard = random.Random(3)
    for _ in range(500):
        cles, scores, decisions = tirer(hasard)
        groupes = grouper(cles, scores, decisions)
        melanges = hasard.sample(cles, len(cles))
        autres = dict(hasard.sample(sorted(scores.items()), len(scores)))
        assert grouper(melanges, autres, decisions) == groupes
        assert sorted(cle for groupe in groupes for cle in groupe) == sorted(cles)
        for groupe in groupes:
            assert not any(a in groupe and b in groupe for (a, b), dite in decisions.items() if dite == DISTINCTS)
            if not any(dite == FUSION for dite in decisions.values()):
                assert len({source for source, _ in groupe}) == len(groupe)


def id_de(rang: int) -> UUID:
    return UUID(int=rang)


def test_le_plus_ancien_identifiant_reste_et_la_separation_rend_chacun_au_sien() -> None:
    a, b = ("a", "1"), ("b", "1")
    seuls = {a: Attache(id_de(1), id_de(1)), b: Attache(id_de(2), id_de(2))}
    reunis = attribuer([frozenset({a, b})], seuls)
    assert reunis == {a: id_de(1), b: id_de(1)}
    apart = {a: Attache(id_de(1), id_de(1)), b: Attache(id_de(1), id_de(2))}
    assert attribuer([frozenset({a}), frozenset({b})], apart) == {a: id_de(1), b: id_de(2)}


def test_un_lieu_garde_son_identifiant_quand_la_fiche_qui_l_a_fait_s_en_va() -> None:
    b, c = ("b", "1"), ("c", "1")
    restees = {b: Attache(id_de(1), id_de(2)), c: Attache(id_de(1), id_de(3))}
    assert attribuer([frozenset({b, c})], restees) == {b: id_de(1), c: id_de(1)}
    assert attribuer([frozenset({b}), frozenset({c})], restees) == {b: id_de(1), c: id_de(3)}
