"""Who wins, field by field: the order of arrival decides nothing, and what is said beats silence."""

from __future__ import annotations

import random
from datetime import date
from functools import reduce
from typing import Any

import pytest
from annuaire.lieux.consolidation import rules
from annuaire.lieux.consolidation.rules import Dit, apporter, consolider, joindre, provenance
from annuaire.lieux.normalise import LieuNormalise

RECU = date(2026, 11, 24)


def dit(source: str = "hub", cle: str = "1", **options: Any) -> Dit:
    """Make what a record says; every name that is not an option of `Dit` is a field of the record."""
    connues = {"rang", "rangs", "origines", "verrou", "vide_fait_foi", "recue_le"}
    champs = {"nom": "Lieu fictif", **{nom: valeur for nom, valeur in options.items() if nom not in connues}}
    choix = {nom: valeur for nom, valeur in options.items() if nom in connues}
    return Dit(**{
        "source_id": source, "cle": cle, "valeurs": LieuNormalise(**champs).en_dict(), "rang": 50, "recue_le": RECU,
        **choix,
    })  # fmt: skip


def or_de(*dits: Dit) -> dict[str, Any]:
    return consolider(dits)[0]


def test_le_rang_decide_d_un_champ() -> None:
    assert or_de(dit("a", rang=50, nom="Agrégateur"), dit("b", rang=80, nom="Hub"))["nom"] == "Hub"


def test_le_rang_d_un_champ_l_emporte_sur_celui_de_la_source() -> None:
    fin = dit("a", rang=20, rangs={"horaires": 95}, horaires="Mo 09:00-12:00", nom="A")
    lues = or_de(fin, dit("b", rang=80, horaires="Tu 09:00-12:00", nom="B"))
    assert (lues["horaires"], lues["nom"]) == ("Mo 09:00-12:00", "B")


def test_un_vide_ne_l_emporte_jamais_sur_une_valeur() -> None:
    lues = or_de(dit("a", rang=99), dit("b", rang=1, prise_rdv="https://exemple.fr/rdv"))
    assert lues["prise_rdv"] == "https://exemple.fr/rdv"


def test_un_vide_qui_fait_foi_l_emporte_par_son_rang() -> None:
    lues = or_de(dit("a", rang=90, vide_fait_foi=True), dit("b", rang=50, prise_rdv="https://exemple.fr/rdv"))
    assert lues["prise_rdv"] is None


def test_a_rang_egal_le_plus_recent_l_emporte() -> None:
    lues = or_de(dit("a", nom="Ancien", date_maj="2024-01-01"), dit("b", nom="Récent", date_maj="2025-01-01"))
    assert (lues["nom"], lues["date_maj"]) == ("Récent", "2025-01-01")


def test_une_date_a_venir_ne_vaut_pas_plus_que_sa_reception() -> None:
    vantard = dit("a", nom="Vantard", date_maj="2099-01-01", recue_le=date(2025, 1, 1))
    assert or_de(vantard, dit("b", nom="Sincère", date_maj="2026-01-01"))["nom"] == "Sincère"


def test_une_valeur_declaree_l_emporte_sur_un_defaut_de_plus_haut_rang() -> None:
    defaut = dit("a", rang=80, modalites_acces=("Téléphoner",), origines={"modalites_acces": "defaut"})
    assert or_de(defaut, dit("b", rang=50, modalites_acces=("Se présenter",)))["modalites_acces"] == ["Se présenter"]


def test_l_adresse_et_le_point_vont_ensemble() -> None:
    complete = dit("a", rang=50, adresse="1 rue A", code_insee="38185", latitude=45.1, longitude=5.7)
    ville = dit("b", rang=80, commune="Dijon", code_insee="21231")
    lues = or_de(complete, ville)
    assert (lues["adresse"], lues["code_insee"], lues["commune"]) == ("1 rue A", "38185", None)


def test_les_labels_de_toutes_les_sources_s_ajoutent_et_les_services_non() -> None:
    lues = or_de(
        dit("a", rang=80, dispositif_programmes_nationaux=("France Services",), services=("A", "B")),
        dit("b", rang=50, dispositif_programmes_nationaux=("Conseillers numériques",), services=("C",)),
    )
    assert lues["dispositif_programmes_nationaux"] == ["France Services", "Conseillers numériques"]
    assert lues["services"] == ["A", "B"]


def test_la_parole_du_lieu_remplace_meme_ce_qui_s_ajoute() -> None:
    lues = or_de(dit("a", formations_labels=("X",)), dit("parole", rang=100, formations_labels=("Y",)))
    assert lues["formations_labels"] == ["Y"]


def test_un_champ_verrouille_l_emporte_sur_tout_rang() -> None:
    fixe = dit("a", rang=1, nom="Fixé", verrou=frozenset({"nom"}))
    assert or_de(fixe, dit("b", rang=99, nom="Autre"))["nom"] == "Fixé"


def test_la_provenance_dit_la_fiche_qui_gagne_et_celles_qui_s_ajoutent() -> None:
    _, jointe = consolider([
        dit("a", "7", rang=80, date_maj="2025-01-01", formations_labels=("X",)), dit("b", formations_labels=("Y",)),
    ])  # fmt: skip
    dites = provenance(jointe)
    assert dites["nom"] == {
        "source": "a", "cle": "7", "modifie_le": "2025-01-01", "rang": 80, "origine": "declare",
    }  # fmt: skip
    assert dites["formations_labels"]["avec"] == ["b"]
    assert "adresse" not in dites


def test_personne_ne_dit_rien_d_un_lieu_sans_fiche() -> None:
    with pytest.raises(ValueError, match="personne"):
        consolider([])


# --- algebra


VALEURS: dict[str, tuple[Any, ...]] = {
    "nom": ("Un", "Deux", "Trois"),
    "adresse": (None, "1 rue A", "2 rue B"),
    "code_insee": (None, "38185"),
    "latitude": (None, 45.1, 45.2),
    "horaires": (None, "Mo 09:00-12:00", "Tu 09:00-12:00"),
    "horaires_brut": (None, "lundi matin"),
    "date_maj": (None, "2024-01-01", "2025-06-01", "2099-01-01"),
    "services": ((), ("A",), ("A", "B")),
    "formations_labels": ((), ("X",), ("Y", "X"), ("Z",)),
    "dispositif_programmes_nationaux": ((), ("P",), ("Q", "P")),
}


def tirer(hasard: random.Random) -> list[Dit]:
    """Draw what two to six records say, keys all different."""
    return [
        dit(
            hasard.choice("abc"), str(cle), rang=hasard.choice((20, 50, 80, 100)),
            vide_fait_foi=hasard.random() < 0.2, origines={"nom": hasard.choice(("declare", "defaut"))},
            verrou=frozenset({"nom"} if hasard.random() < 0.1 else ()),
            **{champ: hasard.choice(choix) for champ, choix in VALEURS.items()},
        )
        for cle in range(hasard.randint(2, 6))
    ]  # fmt: skip


def eprouver(tirages: int, graine: int) -> int:
    """Consolidate random records in random orders, groupings and repetitions; return how many were compared."""
    hasard = random.Random(graine)
    for _ in range(tirages):
        dits = tirer(hasard)
        attendu = consolider(dits)
        melanges = [*dits, *hasard.sample(dits, hasard.randint(0, len(dits)))]
        hasard.shuffle(melanges)
        assert consolider(melanges)[0] == attendu[0]
        coupe = hasard.randint(1, len(melanges) - 1)
        gauche = reduce(joindre, map(apporter, melanges[:coupe]))
        droite = reduce(joindre, map(apporter, melanges[coupe:]))
        assert joindre(gauche, droite) == joindre(droite, gauche) == attendu[1]
        assert joindre(attendu[1], attendu[1]) == attendu[1]
    return tirages


def test_consolider_est_commutatif_associatif_et_idempotent() -> None:
    assert eprouver(300, 1) == 300


@pytest.mark.epreuve
def test_dix_mille_permutations_donnent_la_meme_fiche() -> None:
    print(f"permutations comparées : {eprouver(10_000, 2)}, écarts : 0")


def test_un_poids_sans_nom_de_source_laisserait_l_ordre_decider(monkeypatch: pytest.MonkeyPatch) -> None:
    poids = rules._poids
    monkeypatch.setattr(rules, "_poids", lambda dit, groupe: poids(dit, groupe)[:-2])
    with pytest.raises(AssertionError):
        eprouver(300, 1)
