"""The demonstration: fictional, varied, readable without one remark."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from datetime import date
from pathlib import Path

import phonenumbers
import pytest
from annuaire.demonstration import fictions
from annuaire.demonstration.__main__ import listes_du_standard, principal
from annuaire.demonstration.ecriture import ecrire
from annuaire.demonstration.generateur import NOMBRE, Ligne, engendrer
from annuaire.standard.colonnes import COLONNES, reconnaitre_entetes
from annuaire.standard.lecture import lire
from annuaire.territoires.referentiel import Referentiel
from opening_hours import OpeningHours
from stdnum.fr import siren, siret


@pytest.fixture(scope="module")
def lignes() -> list[Ligne]:
    return list(engendrer(Referentiel.charger().communes(), listes_du_standard()))


def test_la_demonstration_compte_cinq_mille_lieux_de_cle_unique(lignes: list[Ligne]) -> None:
    assert len(lignes) == NOMBRE == len({ligne["id"] for ligne in lignes})


def test_la_meme_graine_donne_les_memes_lieux(lignes: list[Ligne]) -> None:
    assert list(engendrer(Referentiel.charger().communes(), listes_du_standard())) == lignes


def test_une_autre_graine_donne_d_autres_lieux(lignes: list[Ligne]) -> None:
    autres = engendrer(Referentiel.charger().communes(), listes_du_standard(), graine=1)
    assert next(autres) != lignes[0]


def test_le_standard_lit_chaque_lieu_sans_une_remarque(lignes: list[Ligne]) -> None:
    entetes = reconnaitre_entetes(list(COLONNES))
    referentiel = Referentiel.charger()
    remarques: Counter[str] = Counter()
    for ligne in lignes:
        lecture = lire(ligne, entetes=entetes, referentiel=referentiel, aujourd_hui=date(2026, 11, 24))
        assert lecture.normalise is not None
        remarques.update(f"{a.code} {a.champ}" for a in lecture.anomalies)
    assert not remarques


def test_chaque_valeur_des_listes_fermees_sert(lignes: list[Ligne]) -> None:
    for colonne, valeurs in listes_du_standard().items():
        vues = {valeur for ligne in lignes for valeur in str(ligne.get(colonne, "")).split("|")}
        assert set(valeurs) <= vues, colonne


def test_chaque_departement_habite_et_chaque_territoire_d_outre_mer_a_des_lieux(lignes: list[Ligne]) -> None:
    habites = {c.departement for c in Referentiel.charger().communes() if c.population}
    communes = {c.code: c.departement for c in Referentiel.charger().communes()}
    comptes = Counter(communes[str(ligne["code_insee"])] for ligne in lignes)
    assert comptes.keys() == habites
    assert {"971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988"} <= habites
    assert min(comptes.values()) >= 5


def test_plus_de_vingt_lieux_sont_a_moins_de_cinquante_kilometres_de_paris(lignes: list[Ligne]) -> None:
    def proche(ligne: Ligne) -> bool:
        if "latitude" not in ligne or "Ce lieu n'accueille pas de public" in str(ligne.get("modalites_acces")):
            return False
        nord = (float(ligne["latitude"]) - 48.8566) * 111.2
        est = (float(ligne["longitude"]) - 2.3522) * 111.2 * math.cos(math.radians(48.8566))
        return math.hypot(nord, est) < 50

    assert sum(map(proche, lignes)) > 20


def test_un_lieu_sur_cinq_environ_n_a_pas_d_horaires(lignes: list[Ligne]) -> None:
    part = sum("horaires" not in ligne for ligne in lignes) / len(lignes)
    assert 0.15 < part < 0.30


def test_plusieurs_lieux_partagent_un_siret(lignes: list[Ligne]) -> None:
    comptes = Counter(ligne["pivot"] for ligne in lignes if "pivot" in ligne)
    assert sum(nombre > 1 for nombre in comptes.values()) > 100


def test_chaque_siret_est_valide_et_dans_la_plage_sans_attribution(lignes: list[Ligne]) -> None:
    pivots = [str(ligne["pivot"]) for ligne in lignes if not str(ligne.get("pivot", "W")).startswith("W")]
    assert len(pivots) > 4_000
    for pivot in pivots:
        assert siret.is_valid(pivot), pivot
        assert pivot.startswith("0000"), pivot


def test_aucun_contact_ne_peut_joindre_quelqu_un(lignes: list[Ligne]) -> None:
    prefixes = tuple("+33" + prefixe.replace(" ", "")[1:] for prefixe in fictions.TELEPHONES)
    for ligne in lignes:
        assert str(ligne.get("telephone", prefixes[0])).startswith(prefixes)
        for courriel in filter(None, str(ligne.get("courriels", "")).split("|")):
            assert courriel.endswith(".example")
        for adresse in ("site_web", "prise_rdv"):
            assert ".example/" in str(ligne.get(adresse, ".example/"))


@pytest.mark.parametrize("prefixe", fictions.TELEPHONES)
def test_les_validateurs_acceptent_les_numeros_de_fiction(prefixe: str) -> None:
    assert phonenumbers.is_valid_number(phonenumbers.parse(f"{prefixe} 12 34", "FR"))


@pytest.mark.parametrize("horaires", fictions.HORAIRES)
def test_les_horaires_suivent_la_syntaxe_d_openstreetmap(horaires: str) -> None:
    assert str(OpeningHours(horaires))


def test_les_noms_disent_que_c_est_une_fiction(lignes: list[Ligne]) -> None:
    assert all("ficti" in str(ligne["nom"]) for ligne in lignes)


@pytest.mark.parametrize("rang", [1, 57, 9_999])
def test_un_siren_de_fiction_a_une_cle_de_controle_juste(rang: int) -> None:
    assert siren.is_valid(fictions.siren(rang))


@pytest.mark.parametrize("rang", [0, 10_000])
def test_un_rang_de_siren_hors_plage_est_refuse(rang: int) -> None:
    with pytest.raises(ValueError, match="1-9999"):
        fictions.siren(rang)


def test_les_deux_fichiers_disent_la_meme_chose(lignes: list[Ligne], tmp_path: Path) -> None:
    en_json, en_csv = ecrire(lignes[:50], tmp_path, COLONNES)
    with en_csv.open(encoding="utf-8", newline="") as flux:
        lecteur = csv.DictReader(flux)
        assert tuple(lecteur.fieldnames or ()) == tuple(COLONNES)
        lues = [{c: v for c, v in ligne.items() if v} for ligne in lecteur]
    attendues = [{c: str(v) for c, v in ligne.items()} for ligne in json.loads(en_json.read_text("utf-8"))]
    assert lues == attendues


def test_la_commande_ecrit_les_listes_et_les_quartiers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert principal([str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("5000 lieux fictifs")
    assert len(json.loads((tmp_path / "lieux.json").read_text("utf-8"))) == NOMBRE
    assert json.loads((tmp_path / "quartiers.geojson").read_text("utf-8"))["features"]


def test_sans_dossier_la_commande_rappelle_son_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert principal([]) == 2
    assert "Usage" in capsys.readouterr().err
