"""Whatever the cells hold: no exception, nothing emptied in silence, nothing out of bounds, a stable round trip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from annuaire.lieux.normalise import AJOUTS, LieuNormalise
from annuaire.lieux.passages import PASSAGES_MAX
from annuaire.standard.colonnes import COLONNES, ECLATEES, SUPPLEMENTAIRES, reconnaitre_entetes
from annuaire.standard.ecriture import ligne_standard, ligne_tableur
from annuaire.standard.lecture import Lecture, lire
from annuaire.standard.severites import rapporter, rejette
from annuaire.territoires.referentiel import Referentiel
from hypothesis import given, settings
from hypothesis import strategies as st

AUJOURD_HUI = date(2026, 11, 24)
NOMS = [
    *COLONNES,
    *ECLATEES,
    *SUPPLEMENTAIRES,
    "courriel",
    "labels_autres",
    "accessibilite",
    "telephones",
    "cle_ban",
    "Nom",
    "Code Postal",
]
ENTETES = reconnaitre_entetes(NOMS)
SANS_AJOUTS: dict[str, Any] = {nom: getattr(LieuNormalise(nom=""), nom) for nom in AJOUTS}
BASE = {"id": "1", "nom": "Lieu", "commune": "Reims", "code_postal": "51100"}

CHAMPS_PAR_COLONNE = {
    "conditions_acces": ("frais_a_charge",),
    "labels_nationaux": ("dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels"),
    "publics_accueillis": ("publics_specifiquement_adresses", "prise_en_charge_specifique"),
    "courriel": ("courriels",),
    "labels_autres": ("autres_formations_labels",),
    "accessibilite": ("fiche_acces_libre",),
    "accessibilite_etat": ("accessibilite",),
    "telephone": ("telephones",),
    "horaires": ("horaires", "horaires_brut"),
}

FRAGMENTS = st.sampled_from(
    [
        *("Reims", "51100", "Saint-Denis", "97400", "Paris 13e", "75013", "98800", "Nouméa", "12 rue Haute", "0 "),
        *("01 99 00 00 01", "+262692123456", "3919", " / ", " ou ", "contact@exemple.fr", "mailto:", "@", "http://"),
        *("https://www.exemple.fr/a", "www.", "Mo-Fr 09:00-12:00", "; ", "9h-12h", "Lundi", "24/7", "2024-04-02"),
        *("Gratuit", "Jeunes", "CNFS", "Adultes", "PE", "BIB", "|", ";", ",", " : ", "(", ")", "=", "<b>", "&amp;"),
        *(
            "&#124;",
            "Ã©",
            "é",
            "\x00",
            "\u202e",
            "\ud800",
            "12345678200010",
            "1.3E+13",
            "48.85",
            "2,35",
            "-",
            "NEANT",
            "'",
            "'=",
            "\t",
            "＝",
        ),
    ]
)
TEXTES = st.one_of(st.lists(FRAGMENTS, max_size=8).map("".join), st.text(max_size=40))
SCALAIRES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTES)
CELLULES = st.one_of(
    TEXTES,
    SCALAIRES,
    st.recursive(SCALAIRES, lambda e: st.one_of(st.lists(e, max_size=4), st.dictionaries(TEXTES, e, max_size=3))),
)
LIGNES = st.dictionaries(st.sampled_from(NOMS), CELLULES, max_size=12)


def _lire(valeurs: dict[str, Any]) -> Lecture:
    return lire(valeurs, entetes=ENTETES, referentiel=Referentiel.charger(), aujourd_hui=AUJOURD_HUI)


@settings(max_examples=400, deadline=None)
@given(LIGNES)
def test_aucune_cellule_ne_fait_lever_d_exception(valeurs: dict[str, Any]) -> None:
    lecture = _lire({**BASE, **valeurs})
    assert (lecture.normalise is None) == any(rejette(a) for a in lecture.anomalies)


@settings(max_examples=300, deadline=None)
@given(LIGNES)
def test_toute_anomalie_se_dit_et_reste_courte(valeurs: dict[str, Any]) -> None:
    for anomalie in _lire({**BASE, **valeurs}).anomalies:
        ligne = rapporter(anomalie)
        assert ligne["message"].encode("utf-8")
        assert all(len(t or "") <= 200 for t in (anomalie.valeur, anomalie.suggestion, anomalie.corrige))


@settings(max_examples=500, deadline=None)
@given(st.sampled_from([n for n in NOMS if n not in ("id", "cle_ban")]), CELLULES)
def test_rien_n_est_vide_en_silence(colonne: str, cellule: Any) -> None:
    valeurs = {**BASE, colonne: cellule}
    lecture = _lire(valeurs)
    if _vide(cellule) or lecture.anomalies or lecture.normalise is None:
        return
    champ = ENTETES.reconnues[colonne]
    lu = lecture.normalise.en_dict()
    assert any(
        lu.get(nom) not in (None, [])
        for nom in CHAMPS_PAR_COLONNE.get(champ, CHAMPS_PAR_COLONNE.get(colonne, (champ,)))
    )


def _vide(cellule: Any) -> bool:
    if isinstance(cellule, str):
        return not cellule.strip()
    if isinstance(cellule, (list, dict)):
        return all(_vide(v) for v in cellule)
    return cellule is None


@settings(max_examples=300, deadline=None)
@given(LIGNES)
def test_un_lieu_lu_respecte_ses_bornes(valeurs: dict[str, Any]) -> None:
    lu = _lire({**BASE, **valeurs}).normalise
    if lu is None:
        return
    assert lu.empreinte() == LieuNormalise.de_dict(lu.en_dict()).empreinte()
    assert 1 <= len(lu.nom) <= 255
    assert len(lu.presentation_resume or "") <= 280
    assert (lu.latitude is None) == (lu.longitude is None)
    assert lu.horaires is None or lu.horaires_brut is None
    assert lu.date_maj is None or "2000-01-01" <= lu.date_maj <= "2026-11-24"
    assert len(lu.passages) <= PASSAGES_MAX
    assert all((p.latitude is None) == (p.longitude is None) for p in lu.passages)
    for nom, valeurs_du_champ in lu.en_dict().items():
        if isinstance(valeurs_du_champ, list) and nom != "passages":
            assert len(set(valeurs_du_champ)) == len(valeurs_du_champ) <= 100
            assert all(v and "|" not in v and v.isprintable() for v in valeurs_du_champ)


@settings(max_examples=500, deadline=None)
@given(LIGNES)
def test_relire_ce_qui_est_ecrit_redonne_le_meme_lieu(valeurs: dict[str, Any]) -> None:
    lecture = _lire({**BASE, **valeurs})
    if lecture.normalise is None:
        return
    lu = replace(lecture.normalise, **SANS_AJOUTS)
    ecrite = ligne_standard({"id": lecture.cle, **lu.en_dict()})
    for forme in (ecrite, ligne_tableur(ecrite)):
        relue = lire(
            forme,
            entetes=reconnaitre_entetes(list(forme)),
            referentiel=Referentiel.charger(),
            aujourd_hui=AUJOURD_HUI,
        )
        assert (relue.cle, relue.normalise) == (lecture.cle, lu)
