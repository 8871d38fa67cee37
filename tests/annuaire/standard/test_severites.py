"""The closed table of anomalies: complete, said in French, and without personal data."""

from __future__ import annotations

import re
from pathlib import Path

import annuaire
import pytest
from annuaire.standard.anomalies import Anomalie
from annuaire.standard.severites import message, rapporter, rejette, severite, severites, version

CODE_ECRIT = re.compile(
    r"""(?:[Aa]nomalie|Constat|dire|_vider|signaler)\(\s*(?:code=)?"([a-z_]{4,})"|\banomalie="([a-z_]{4,})"|\("([a-z]+_tableur|formule_[a-z_]+)","""
)


def test_tout_code_ecrit_dans_le_service_est_dans_la_table() -> None:
    sources = [p.read_text("utf-8") for racine in annuaire.__path__ for p in Path(racine).rglob("*.py")]
    codes = {code for source in sources for groupes in CODE_ECRIT.findall(source) for code in groupes if code}
    assert len(codes) > 50
    assert codes - set(severites()) == set()


def test_seules_la_cle_le_nom_la_commune_et_l_operation_rejettent_une_ligne() -> None:
    assert {code for code, regle in severites().items() if regle.effet == "ligne_rejetee"} == {
        "cle_absente",
        "cle_trop_longue",
        "cle_ambigue",
        "nom_absent",
        "commune_introuvable",
        "operation_inconnue",
    }


def test_une_erreur_rejette_toujours_sa_ligne() -> None:
    assert all((r.severite == "erreur") == (r.effet == "ligne_rejetee") for r in severites().values())


@pytest.mark.parametrize("code", sorted(severites()))
def test_chaque_message_est_une_phrase_sans_trou(code: str) -> None:
    dit = message(Anomalie(code, champ="nom", valeur="abc", suggestion="def", corrige="ghi"))
    assert dit[0].isupper() or dit.startswith(("«", "abc"))
    assert "{" not in dit
    assert "}" not in dit


def test_une_valeur_pleine_d_accolades_est_citee_telle_quelle() -> None:
    assert "{champ} {0} %s" in message(Anomalie("url_invalide", "site_web", "{champ} {0} %s"))


def test_une_suggestion_est_toujours_dite() -> None:
    dit = message(Anomalie("valeur_hors_liste", "services", "Aide", suggestion="Aide aux démarches administratives"))
    assert "Vouliez-vous dire « Aide aux démarches administratives »" in dit


def test_le_rapport_masque_les_courriels_et_les_telephones() -> None:
    courriel = rapporter(
        Anomalie("courriel_corrige", "courriels", "camille.martin@@exemple.fr", corrige="camille.martin@exemple.fr")
    )
    assert "camille" not in str(courriel)
    telephone = rapporter(Anomalie("telephone_invalide", "telephone", "01 99 00 12 34 56"))
    assert "12 34" not in str(telephone)


def test_le_rapport_dit_ce_qui_a_ete_fait() -> None:
    assert rapporter(Anomalie("nom_absent", "nom"))["action"] == "rejetee"
    assert rapporter(Anomalie("url_invalide", "site_web", "x"))["action"] == "corrigee"
    assert rapporter(Anomalie("coord_hors_commune", "latitude", "1, 2"))["action"] == "ignoree"


def test_une_anomalie_qui_rejette_se_reconnait() -> None:
    assert rejette(Anomalie("nom_absent", "nom"))
    assert not rejette(Anomalie("pivot_zero", "pivot"))


def test_un_code_hors_table_est_refuse() -> None:
    with pytest.raises(KeyError):
        severite("code_invente")


def test_la_table_porte_une_version() -> None:
    assert re.fullmatch(r"\d{4}-\d{2}", version())
