from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from annuaire.synchronisation.lecteurs import ODS, FichierRefuse, Lecture, LigneBrute, Reglages, lire

from tests.fabriques.opendocument import FIN, case, masquer, ods, rangee, tableau

Lire = Callable[..., tuple[list[LigneBrute], Lecture]]
ENTETES = ["id", "nom", "commune"]


@pytest.fixture
def lu(tmp_path: Path) -> Lire:
    """Read these bytes: (rows, reading)."""

    def lire_tout(octets: bytes, **reglages: Any) -> tuple[list[LigneBrute], Lecture]:
        fichier = tmp_path / "liste.ods"
        fichier.write_bytes(octets)
        lecture = lire(fichier, ODS, Reglages(**reglages))
        return list(lecture), lecture

    return lire_tout


def cellules(lu: Lire, *cases: str) -> list[Any]:
    """Read one row of these cells: its values."""
    noms = [f"colonne {rang}" for rang in range(len(cases))]
    lignes, _ = lu(ods(tableau([noms]) + rangee(*cases)))
    return list(lignes[0].valeurs.values())


def cellule(genre: str, attributs: str = "", dedans: str = "") -> str:
    return f'<table:table-cell office:value-type="{genre}" {attributs}>{dedans}{FIN}'


def test_les_lignes_portent_leur_numero_leur_feuille_et_leurs_valeurs(lu: Lire) -> None:
    lignes, lecture = lu(ods(tableau([ENTETES, ["1", "Médiathèque", "Lyon"], [None], ["2", "Mairie"]])))
    assert [(ligne.ligne, ligne.feuille, ligne.valeurs) for ligne in lignes] == [
        (2, "Liste", {"id": "1", "nom": "Médiathèque", "commune": "Lyon"}),
        (4, "Liste", {"id": "2", "nom": "Mairie"}),
    ]
    assert (lecture.devine.format, lecture.devine.ligne_entetes, lecture.devine.lignes_vides) == ("ods", 1, 1)


def test_les_types_du_tableur_sont_rendus(lu: Lire) -> None:
    assert cellules(
        lu,
        case(12.0),
        case(4.5),
        cellule("currency", 'office:value="3"', "<text:p>3,00 €</text:p>"),
        cellule("date", 'office:date-value="2026-11-24"', "<text:p>24/11/26</text:p>"),
        cellule("time", 'office:time-value="PT09H30M00S"', "<text:p>9 h 30</text:p>"),
        cellule("boolean", 'office:boolean-value="true"', "<text:p>VRAI</text:p>"),
        cellule("string", 'office:string-value="caché"'),
    ) == [12, 4.5, 3, "2026-11-24", "09:30:00", True, "caché"]


def test_un_texte_de_plusieurs_paragraphes_garde_ses_lignes_et_ses_espaces(lu: Lire) -> None:
    dedans = '<text:p>un<text:s text:c="2"/><text:span>deux</text:span></text:p><text:p>tr<text:tab/>ois</text:p>'
    assert cellules(lu, cellule("string", "", dedans)) == ["un  deux\ntr\tois"]


def test_un_commentaire_ou_un_dessin_n_est_pas_la_valeur_de_sa_cellule(lu: Lire) -> None:
    dedans = (
        "<office:annotation><text:p>à vérifier</text:p></office:annotation><text:p>vrai</text:p>"
        "<draw:frame><draw:text-box><text:p>bulle</text:p></draw:text-box></draw:frame>"
    )
    assert cellules(lu, cellule("string", "", dedans)) == ["vrai"]


def test_les_cellules_et_les_lignes_repetees_le_sont(lu: Lire) -> None:
    double = case("x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="2"', 1)
    lignes, _ = lu(ods(tableau([ENTETES]) + rangee(double, case("y"), fois=2)))
    assert [(ligne.ligne, list(ligne.valeurs.values())) for ligne in lignes] == [
        (2, ["x", "x", "y"]),
        (3, ["x", "x", "y"]),
    ]


def test_les_marges_vides_du_tableur_ne_comptent_pas(lu: Lire) -> None:
    marge = '<table:table-cell table:number-columns-repeated="16381"/>'
    fond = rangee('<table:table-cell table:number-columns-repeated="16384"/>', fois=1_048_570)
    lignes, lecture = lu(ods(rangee(*map(case, ENTETES), marge) + tableau([["1", "a", "b"]]) + fond))
    assert (len(lignes), lecture.devine.colonnes) == (1, ENTETES)


def test_une_cellule_couverte_par_une_fusion_garde_sa_place(lu: Lire) -> None:
    fusion = '<table:table-cell table:number-columns-spanned="2"><text:p>a</text:p>' + FIN
    lignes, _ = lu(ods(tableau([ENTETES]) + rangee(fusion, "<table:covered-table-cell/>", case("c"))))
    assert lignes[0].valeurs == {"id": "a", "nom": None, "commune": "c"}


def test_les_formules_et_les_erreurs_sont_signalees(lu: Lire) -> None:
    calculee = '<table:table-cell table:formula="of:=1" office:value-type="float" office:value="1"/>'
    jamais = '<table:table-cell table:formula="of:=1"/>'
    erreur = '<table:table-cell table:formula="of:=1" calcext:value-type="error"><text:p>#REF!</text:p>' + FIN
    lignes, _ = lu(ods(tableau([[*ENTETES, "d"]]) + rangee(case("1"), calculee, jamais, erreur)))
    assert [(a.code, a.champ, a.valeur) for a in lignes[0].anomalies] == [
        ("formule_calculee", "nom", "B2"),
        ("formule_sans_valeur", "commune", "C2"),
        ("erreur_tableur", "d", "D2"),
    ]


def test_la_feuille_de_la_liste_est_trouvee_sous_son_titre_et_a_sa_colonne(lu: Lire) -> None:
    liste = [[None], [None, "Lieux du département"], [None, *ENTETES], [None, "1", "a", "b"]]
    notes = [["Lisez-moi"]] + [["texte", str(rang)] for rang in range(9)]
    lignes, lecture = lu(ods({"Notes": tableau(notes), "Lieux": tableau(liste)}))
    assert (lecture.devine.feuille, lecture.devine.feuilles, lecture.devine.ligne_entetes) == (
        "Lieux",
        ["Notes", "Lieux"],
        3,
    )
    assert lignes[0].valeurs == {"id": "1", "nom": "a", "commune": "b"}


def test_une_feuille_masquee_n_est_pas_lue(lu: Lire) -> None:
    grande, petite = tableau([ENTETES, *[["1", "a", "b"]] * 9]), tableau([["nom"], ["a"]])
    _, lecture = lu(ods({"Archives": grande, "Lieux": petite}, styles=masquer("Archives")))
    assert lecture.devine.feuille == "Lieux"


def test_la_feuille_et_la_ligne_d_entetes_se_reglent(lu: Lire) -> None:
    octets = ods({"A": tableau([ENTETES, ["1", "a", "b"]]), "B": tableau([["x"], ["y"], ["z"]])})
    assert [ligne.valeurs for ligne in lu(octets, feuille="B", ligne_entetes=2)[0]] == [{"y": "z"}]
    with pytest.raises(FichierRefuse, match="pas de feuille « C »"):
        lu(octets, feuille="C")
