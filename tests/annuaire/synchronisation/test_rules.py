"""What becomes of each row of a list, what the guards hold, what releases them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from annuaire.synchronisation.gardes import Garde, gardes, manque_a_confirmer
from annuaire.synchronisation.rules import (
    CREE,
    MODIFIE,
    REJETE,
    RESSUSCITE,
    SUPPRIME,
    Comptes,
    Decision,
    Ligne,
    Plan,
    differences,
)
from hypothesis import given
from hypothesis import strategies as st


@dataclass(frozen=True)
class Connue:
    lieu_id: UUID
    empreinte: str
    retiree: bool = False


def connue(empreinte: str = "v1", *, retiree: bool = False) -> Connue:
    return Connue(uuid4(), empreinte, retiree)


def plan(
    connues: Mapping[str, Connue] | None = None, *, mode: str = "complet", alias: dict[str, str] | None = None
) -> Plan:
    return Plan(mode=mode, connues=connues or {}, alias=alias or {}, nouvel_id=uuid4)


def lire(un_plan: Plan, *lignes: tuple[str | None, str | None] | tuple[str | None, str | None, str]) -> list[Decision]:
    """Give rows `(key, fingerprint[, operation])` to a plan, on lines 2, 3…: its decisions, deletions included."""
    decisions: list[Decision] = []
    for numero, (cle, empreinte, *operation) in enumerate(lignes, 2):
        decisions += un_plan.recevoir(
            Ligne(ligne=numero, cle=cle, empreinte=empreinte, operation=(operation or ["maj"])[0])
        )
    return decisions + un_plan.clore()


def restantes(decisions: Sequence[Decision]) -> dict[str, str]:
    """Keep what the plan finally holds: rows taken back are gone."""
    reprises = {d.annule for d in decisions if d.annule}
    gardees = [d for d in decisions if d.action is not None and d.rang not in reprises]
    assert len({(d.cle, d.action) for d in gardees}) == len(gardees)
    return {str(d.cle): str(d.action) for d in gardees}


def test_une_cle_nouvelle_est_creee_avec_un_nouvel_identifiant() -> None:
    un_plan = plan()
    [decision] = lire(un_plan, ("a", "v1"))
    assert (decision.action, decision.cle, decision.ligne, decision.rang) == (CREE, "a", 2, 1)
    assert decision.lieu_id is not None
    assert un_plan.comptes == Comptes(lues=1, crees=1)


def test_une_meme_empreinte_ne_change_rien() -> None:
    un_plan = plan({"a": connue("v1")})
    [decision] = lire(un_plan, ("a", "v1"))
    assert decision.action is None
    assert un_plan.comptes == Comptes(lues=1, inchanges=1)


def test_une_autre_empreinte_modifie_le_lieu_connu() -> None:
    connues = {"a": connue("v1")}
    [decision] = lire(plan(connues), ("a", "v2"))
    assert (decision.action, decision.lieu_id) == (MODIFIE, connues["a"].lieu_id)


def test_une_fiche_retiree_revient_avec_son_identifiant_meme_inchangee() -> None:
    connues = {"a": connue("v1", retiree=True)}
    un_plan = plan(connues)
    [decision] = lire(un_plan, ("a", "v1"))
    assert (decision.action, decision.lieu_id) == (RESSUSCITE, connues["a"].lieu_id)
    assert un_plan.comptes == Comptes(lues=1, crees=1, ressuscites=1)


def test_une_cle_absente_de_la_liste_complete_est_supprimee_dans_l_ordre_des_cles() -> None:
    connues = {"c": connue(), "a": connue(), "b": connue()}
    un_plan = plan(connues)
    decisions = lire(un_plan, ("b", "v1"))
    assert [(d.action, d.cle) for d in decisions if d.action] == [(SUPPRIME, "a"), (SUPPRIME, "c")]
    assert un_plan.comptes.supprimes == 2


def test_une_fiche_deja_retiree_n_est_pas_supprimee_encore() -> None:
    un_plan = plan({"a": connue(retiree=True)})
    assert lire(un_plan) == []


def test_en_delta_l_absence_ne_supprime_rien() -> None:
    assert lire(plan({"a": connue(), "b": connue()}, mode="delta"), ("b", "v1"))[0].action is None


def test_une_ligne_rejetee_ne_supprime_pas_sa_fiche() -> None:
    connues = {"a": connue("v1")}
    un_plan = plan(connues)
    decisions = lire(un_plan, ("a", None))
    assert [(d.action, d.lieu_id) for d in decisions] == [(REJETE, connues["a"].lieu_id)]
    assert un_plan.comptes == Comptes(lues=1, rejetees=1)


@pytest.mark.parametrize("cle", [None, "inconnue", "retiree"])
def test_une_ligne_rejetee_sans_fiche_en_vigueur_n_entre_pas_au_plan(cle: str | None) -> None:
    un_plan = plan({"retiree": connue(retiree=True)})
    [decision] = lire(un_plan, (cle, None))
    assert decision.action is None
    assert un_plan.comptes.rejetees == 1


def test_une_ligne_repetee_a_l_identique_est_un_doublon_interne() -> None:
    un_plan = plan()
    decisions = lire(un_plan, ("a", "v1"), ("a", "v1"), ("a", "v1"))
    assert [d.anomalie for d in decisions] == [None, "doublon_interne", "doublon_interne"]
    assert un_plan.comptes == Comptes(lues=3, crees=1, doublons_internes=2)


def test_une_cle_ambigue_reprend_la_premiere_ligne() -> None:
    un_plan = plan()
    premiere, reprise, seconde = lire(un_plan, ("a", "v1"), ("a", "v2"))
    assert premiere.action == CREE
    assert (reprise.annule, reprise.anomalie, reprise.ligne) == (premiere.rang, "cle_ambigue", 2)
    assert (seconde.annule, seconde.anomalie, seconde.ligne) == (None, "cle_ambigue", 3)
    assert un_plan.comptes == Comptes(lues=2, rejetees=2)


@pytest.mark.parametrize(
    ("etat", "premiere", "attendues"),
    [
        (connue("v1"), "v1", {"a": REJETE}),
        (connue("v1"), "v2", {"a": REJETE}),
        (connue("v1", retiree=True), "v1", {}),
        (None, "v1", {}),
    ],
    ids=["inchangée", "modifiée", "ressuscitée", "créée"],
)
def test_une_cle_ambigue_laisse_la_fiche_comme_elle_etait(
    etat: Connue | None, premiere: str, attendues: dict[str, str]
) -> None:
    un_plan = plan({"a": etat} if etat else {})
    decisions = lire(un_plan, ("a", premiere), ("a", "v3"), ("a", premiere))
    assert restantes(decisions) == attendues
    assert un_plan.comptes == Comptes(lues=3, rejetees=3)
    assert [d.ligne for d in decisions if d.anomalie == "cle_ambigue"] == [2, 3, 4]


def test_un_identifiant_public_designe_la_cle_de_la_source() -> None:
    connues = {"a": connue("v1")}
    public = str(connues["a"].lieu_id)
    un_plan = plan(connues, alias={public: "a"})
    decisions = lire(un_plan, (public, "v2"))
    assert [(d.action, d.cle) for d in decisions] == [(MODIFIE, "a")]
    assert un_plan.comptes.supprimes == 0


def test_la_cle_de_la_source_passe_avant_un_identifiant_public() -> None:
    connues = {"a": connue("v1"), "b": connue("v1")}
    un_plan = plan(connues, alias={"b": "a"})
    assert restantes(lire(un_plan, ("b", "v2"), ("a", "v1"))) == {"b": MODIFIE}


def test_la_meme_fiche_sous_sa_cle_et_son_identifiant_public_est_ambigue() -> None:
    un_plan = plan({"a": connue("v1")}, alias={"public": "a"})
    assert restantes(lire(un_plan, ("a", "v2"), ("public", "v3"))) == {"a": REJETE}


def test_en_delta_suppr_supprime_la_fiche() -> None:
    un_plan = plan({"a": connue()}, mode="delta")
    assert restantes(lire(un_plan, ("a", None, "suppr"))) == {"a": SUPPRIME}
    assert (un_plan.comptes.supprimes, un_plan.comptes.rejetees, un_plan.comptes.somme()) == (1, 0, 1)


@pytest.mark.parametrize("connues", [{}, {"a": connue(retiree=True)}], ids=["jamais vue", "déjà retirée"])
def test_en_delta_suppr_d_une_cle_inconnue_est_signalee_et_ne_fait_rien(connues: dict[str, Connue]) -> None:
    un_plan = plan(connues, mode="delta")
    [decision] = lire(un_plan, ("a", None, "suppr"))
    assert (decision.action, decision.anomalie) == (None, "cle_inconnue")
    assert un_plan.comptes.inchanges == 1


def test_en_delta_suppr_repetee_ne_compte_qu_une_suppression() -> None:
    un_plan = plan({"a": connue()}, mode="delta")
    assert restantes(lire(un_plan, ("a", None, "suppr"), ("a", None, "suppr"))) == {"a": SUPPRIME}
    assert (un_plan.comptes.supprimes, un_plan.comptes.doublons_internes) == (1, 1)


@pytest.mark.parametrize("ordre", [0, 1])
def test_en_delta_mettre_a_jour_et_supprimer_la_meme_fiche_est_ambigu(ordre: int) -> None:
    un_plan = plan({"a": connue("v1")}, mode="delta")
    lignes = [("a", "v2", "maj"), ("a", "v2", "suppr")]
    assert restantes(lire(un_plan, lignes[ordre], lignes[1 - ordre])) == {"a": REJETE}
    assert un_plan.comptes == Comptes(lues=2, rejetees=2)


def test_en_complet_l_operation_n_est_pas_lue() -> None:
    assert restantes(lire(plan({"a": connue("v1")}), ("a", "v2", "suppr"))) == {"a": MODIFIE}


def test_l_etiquette_dit_le_plan_et_rien_d_autre() -> None:
    connues = {"a": connue("v1"), "b": connue("v1")}
    un, deux, trois = plan(connues), plan(connues), plan(connues)
    lire(un, ("a", "v2"))
    lire(deux, ("a", "v2"))
    lire(trois, ("a", "v3"))
    assert un.etiquette() == deux.etiquette()
    assert un.etiquette() != trois.etiquette()
    assert un.etiquette().startswith('"p-')


CLES = st.sampled_from(["a", "b", "c", "d", "public-a", None])
LIGNES = st.tuples(CLES, st.sampled_from(["v1", "v2", None]), st.sampled_from(["maj", "suppr"]))
CONNUES = st.dictionaries(
    st.sampled_from(["a", "b", "c", "z"]), st.builds(Connue, st.uuids(), st.sampled_from(["v1", "v2"]), st.booleans())
)


@given(CONNUES, st.lists(LIGNES, max_size=12), st.sampled_from(["complet", "delta"]))
def test_toute_ligne_lue_est_comptee_une_fois_et_le_plan_dit_ses_comptes(
    connues: dict[str, Connue], lignes: list[tuple[str | None, str | None, str]], mode: str
) -> None:
    un_plan = plan(connues, mode=mode, alias={"public-a": "a"} if "a" in connues else {})
    decisions = lire(un_plan, *lignes)
    comptes = un_plan.comptes
    assert comptes.lues == len(lignes) == comptes.somme()
    reprises = {d.annule for d in decisions if d.annule}
    actions = [d.action for d in decisions if d.action is not None and d.rang not in reprises]
    assert actions.count(CREE) + actions.count(RESSUSCITE) == comptes.crees
    assert actions.count(RESSUSCITE) == comptes.ressuscites
    assert actions.count(MODIFIE) == comptes.modifies
    assert actions.count(SUPPRIME) == comptes.supprimes
    assert min(comptes.crees, comptes.inchanges, comptes.rejetees, comptes.doublons_internes) >= 0


@given(CONNUES, st.lists(LIGNES, max_size=12), st.randoms(use_true_random=False))
def test_une_liste_complete_dans_un_autre_ordre_a_les_memes_effets(
    connues: dict[str, Connue], lignes: list[tuple[str | None, str | None, str]], hasard: object
) -> None:
    melangees = list(lignes)
    hasard.shuffle(melangees)  # type: ignore[attr-defined]
    effets = [restantes_sans_rejets(lire(plan(connues), *ordre)) for ordre in (lignes, melangees)]
    assert effets[0] == effets[1]


def restantes_sans_rejets(decisions: Sequence[Decision]) -> set[tuple[str | None, str | None]]:
    reprises = {d.annule for d in decisions if d.annule}
    return {(d.cle, d.action) for d in decisions if d.action not in (None, REJETE) and d.rang not in reprises}


# --- guards


def declenchees(
    comptes: Comptes, *, mode: str = "complet", vivantes: int = 0, dernieres: int | None = None
) -> set[str]:
    return {g.regle for g in gardes(comptes, mode=mode, vivantes=vivantes, dernieres_lignes=dernieres) if g.declenchee}


@pytest.mark.parametrize(
    ("vivantes", "supprimes", "retenue"),
    [(50, 10, False), (50, 11, True), (1000, 100, False), (1000, 101, True), (109, 10, False), (119, 11, False)],
)
def test_la_garde_des_suppressions_tient_au_dela_de_dix_et_de_dix_pour_cent(
    vivantes: int, supprimes: int, retenue: bool
) -> None:
    comptes = Comptes(lues=vivantes, inchanges=vivantes, supprimes=supprimes)
    assert declenchees(comptes, vivantes=vivantes, dernieres=vivantes) == ({"suppressions"} if retenue else set())


@pytest.mark.parametrize(("rejetees", "retenue"), [(5, False), (6, True)])
def test_la_garde_du_taux_d_erreur_tient_au_dela_de_cinq_pour_cent(rejetees: int, retenue: bool) -> None:
    comptes = Comptes(lues=100, crees=100 - rejetees, rejetees=rejetees)
    assert declenchees(comptes) == ({"taux_erreur"} if retenue else set())


@pytest.mark.parametrize(("lues", "retenue"), [(50, False), (49, True)])
def test_la_garde_de_chute_de_volume_tient_sous_la_moitie(lues: int, retenue: bool) -> None:
    assert declenchees(Comptes(lues=lues, inchanges=lues), vivantes=lues, dernieres=100) == (
        {"chute_volume"} if retenue else set()
    )


def test_un_fichier_sans_ligne_valide_est_retenu_s_il_y_a_des_fiches() -> None:
    comptes = Comptes(lues=3, rejetees=3)
    assert "fichier_vide" in declenchees(comptes, vivantes=1, dernieres=3)
    assert "fichier_vide" not in declenchees(comptes, vivantes=0, dernieres=3)
    assert "fichier_vide" not in declenchees(Comptes(lues=3, rejetees=2, inchanges=1), vivantes=1, dernieres=3)


def test_un_delta_n_a_ni_volume_ni_fichier_vide_mais_garde_ses_suppressions() -> None:
    comptes = Comptes(lues=11, supprimes=11, lignes_de_suppression=11)
    assert declenchees(comptes, mode="delta", vivantes=100, dernieres=100) == {"suppressions"}
    assert declenchees(Comptes(), mode="delta", vivantes=100, dernieres=100) == set()


def test_une_premiere_liste_n_a_rien_a_quoi_se_comparer() -> None:
    assert declenchees(Comptes(lues=1, crees=1)) == set()


def garde(regle: str, valeur: float, *, declenchee: bool = True, forcable: bool = True) -> dict[str, object]:
    return Garde(regle, 10, valeur, declenchee, forcable).en_dict()


def test_une_garde_se_leve_par_sa_valeur_exacte() -> None:
    gardes_ = [garde("suppressions", 512), garde("taux_erreur", 0.01, declenchee=False)]
    assert manque_a_confirmer(gardes_, {"suppressions": 512}, administrateur=False) == []
    for confirmer in ({}, {"suppressions": 511}, {"suppressions": 513}, {"taux_erreur": 512}):
        [manque] = manque_a_confirmer(gardes_, confirmer, administrateur=False)
        assert "512" in manque


def test_chaque_garde_declenchee_se_confirme() -> None:
    gardes_ = [garde("suppressions", 512), garde("chute_volume", 0.2)]
    [manque] = manque_a_confirmer(gardes_, {"suppressions": 512}, administrateur=True)
    assert "chute_volume" in manque


def test_le_fichier_vide_ne_se_leve_que_par_un_administrateur() -> None:
    gardes_ = [garde("fichier_vide", 0, forcable=False)]
    [manque] = manque_a_confirmer(gardes_, {"fichier_vide": 0}, administrateur=False)
    assert "sync:admin" in manque
    assert manque_a_confirmer(gardes_, {"fichier_vide": 0}, administrateur=True) == []


# --- differences


def test_les_differences_sont_celles_des_champs_qui_changent() -> None:
    trouvees = differences({"nom": "A", "commune": "Dijon"}, {"nom": "B", "commune": "Dijon"}, source="s", gagnantes={})
    assert trouvees == [{"champ": "nom", "avant": "A", "apres": "B", "gagne": True, "source_gagnante": "s"}]


def test_les_differences_disent_la_source_qui_l_emporte() -> None:
    [nom] = differences({"nom": "A"}, {"nom": "B"}, source="s", gagnantes={"nom": "t"})
    assert (nom["gagne"], nom["source_gagnante"]) == (False, "t")


@pytest.mark.parametrize(("avant", "apres"), [(None, "A"), ("A", None)])
def test_une_creation_et_une_suppression_montrent_tous_les_champs_remplis(avant: str, apres: str) -> None:
    fiches = [None if nom is None else {"nom": nom, "adresse": None} for nom in (avant, apres)]
    [trouvee] = differences(fiches[0], fiches[1], source="s", gagnantes={})
    assert (trouvee["champ"], trouvee["avant"], trouvee["apres"]) == ("nom", avant, apres)
