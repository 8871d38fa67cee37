from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from annuaire.synchronisation.lecteurs import XLSX, FichierRefuse, Lecture, LigneBrute, Reglages, limites, lire
from annuaire.synchronisation.lecteurs.visite import nom_de_cellule

from tests.fabriques.listes import archive, cellule, classeur, parties, rangees

Lire = Callable[..., tuple[list[LigneBrute], Lecture]]
Remplir = Callable[[xlsxwriter.Workbook], None]


@pytest.fixture
def lu(tmp_path: Path) -> Lire:
    """Read these bytes, or the workbook that this function fills: (rows, reading)."""

    def lire_tout(contenu: bytes | Remplir, **reglages: Any) -> tuple[list[LigneBrute], Lecture]:
        fichier = tmp_path / "liste.xlsx"
        if isinstance(contenu, bytes):
            fichier.write_bytes(contenu)
        else:
            with xlsxwriter.Workbook(fichier) as livre:
                contenu(livre)
        lecture = lire(fichier, XLSX, Reglages(**reglages))
        return list(lecture), lecture

    return lire_tout


def codes(ligne: LigneBrute) -> list[tuple[str, str | None, str | None]]:
    return [(anomalie.code, anomalie.champ, anomalie.valeur) for anomalie in ligne.anomalies]


def refus_de(lu: Lire, contenu: bytes, **reglages: Any) -> FichierRefuse:
    with pytest.raises(FichierRefuse) as refus:
        lu(contenu, **reglages)
    return refus.value


def test_les_lignes_portent_leur_numero_leur_feuille_et_leurs_valeurs(lu: Lire) -> None:
    def remplir(livre: xlsxwriter.Workbook) -> None:
        feuille = livre.add_worksheet("Lieux")
        feuille.write_row(0, 0, ["id", "nom", "commune"])
        feuille.write_row(1, 0, ["1", "Médiathèque", "Lyon"])
        feuille.write_row(3, 0, ["2", "Mairie"])

    lignes, lecture = lu(remplir)
    assert [(ligne.ligne, ligne.feuille, ligne.valeurs) for ligne in lignes] == [
        (2, "Lieux", {"id": "1", "nom": "Médiathèque", "commune": "Lyon"}),
        (4, "Lieux", {"id": "2", "nom": "Mairie", "commune": None}),
    ]
    devine = lecture.devine
    assert (devine.feuille, devine.feuilles, devine.ligne_entetes, devine.lignes_vides) == ("Lieux", ["Lieux"], 1, 1)


def test_les_valeurs_prennent_le_type_de_leur_cellule(lu: Lire) -> None:
    def remplir(livre: xlsxwriter.Workbook) -> None:
        feuille = livre.add_worksheet()
        feuille.write_row(0, 0, ["siret", "lat", "oui", "jour", "instant", "heure", "duree", "rien"])
        feuille.write_row(1, 0, [13002603200016, 45.75, True])
        feuille.write_datetime(1, 3, date(2024, 1, 31), livre.add_format({"num_format": "dd/mm/yyyy"}))
        feuille.write_datetime(
            1, 4, datetime.fromisoformat("2024-01-31T09:30"), livre.add_format({"num_format": "dd/mm/yy hh:mm"})
        )
        feuille.write_datetime(1, 5, time(9, 30), livre.add_format({"num_format": "hh:mm"}))
        feuille.write_datetime(1, 6, timedelta(hours=26, minutes=5), livre.add_format({"num_format": "[h]:mm"}))

    valeurs = lu(remplir)[0][0].valeurs
    assert valeurs == {
        "siret": 13002603200016, "lat": 45.75, "oui": True, "jour": "2024-01-31", "instant": "2024-01-31T09:30:00",
        "heure": "09:30:00", "duree": "26:05:00", "rien": None,
    }  # fmt: skip
    assert [type(valeurs[nom]) for nom in ("siret", "lat", "oui")] == [int, float, bool]


def test_un_titre_au_dessus_des_entetes_et_une_marge_a_gauche_sont_sautes(lu: Lire) -> None:
    def remplir(livre: xlsxwriter.Workbook) -> None:
        feuille = livre.add_worksheet("2026")
        feuille.merge_range("B1:E1", "Lieux de médiation numérique au 1er janvier")
        feuille.write_row(3, 1, ["id", "nom", "commune", "code_postal"])
        feuille.write_row(4, 1, ["1", "Mairie", "Lyon", "69001"])

    lignes, lecture = lu(remplir)
    assert lecture.devine.ligne_entetes == 4
    assert [(ligne.ligne, ligne.valeurs) for ligne in lignes] == [
        (5, {"id": "1", "nom": "Mairie", "commune": "Lyon", "code_postal": "69001"})
    ]


def _plusieurs_feuilles(livre: xlsxwriter.Workbook) -> None:
    notice = livre.add_worksheet("Lisez-moi")
    for rang in range(60):
        notice.write_row(rang, 0, [f"Consigne {rang}", "texte", "texte", "texte"])
    cachee = livre.add_worksheet("Cachée")
    cachee.hide()
    cachee.write_row(0, 0, ["id", "nom", "commune", "code_postal", "adresse"])
    donnees = livre.add_worksheet("Données")
    donnees.write_row(0, 0, ["id", "nom", "commune", "code_postal"])
    donnees.write_row(1, 0, ["1", "Mairie", "Lyon", "69001"])
    livre.add_worksheet("Vide")


def test_la_feuille_qui_a_les_colonnes_du_standard_est_choisie(lu: Lire) -> None:
    lignes, lecture = lu(_plusieurs_feuilles)
    assert lecture.devine.feuille == "Données"
    assert lecture.devine.feuilles == ["Lisez-moi", "Cachée", "Données", "Vide"]
    assert [ligne.valeurs["nom"] for ligne in lignes] == ["Mairie"]


def test_la_feuille_choisie_l_emporte(lu: Lire) -> None:
    lignes, lecture = lu(_plusieurs_feuilles, feuille="Lisez-moi", ligne_entetes=1)
    assert (lecture.devine.feuille, len(lignes)) == ("Lisez-moi", 59)


def test_une_feuille_absente_est_refusee(lu: Lire) -> None:
    refus = refus_de(lu, classeur(rangees(1)), feuille="Autre")
    assert (refus.code, refus.place.feuille) == ("format-non-reconnu", "Autre")


def test_une_ligne_d_entetes_vide_est_refusee(lu: Lire) -> None:
    refus = refus_de(lu, classeur(rangees(1)), ligne_entetes=9)
    assert (refus.code, refus.place.ligne) == ("format-non-reconnu", 9)


def test_une_formule_donne_sa_valeur_calculee_et_le_dit(lu: Lire) -> None:
    def remplir(livre: xlsxwriter.Workbook) -> None:
        feuille = livre.add_worksheet()
        feuille.write_row(0, 1, ["id", "nom", "total"])
        feuille.write_row(1, 1, ["1", "Mairie"])
        feuille.write_formula(1, 3, "=40+2", None, 42)

    lignes, _ = lu(remplir)
    assert lignes[0].valeurs["total"] == 42
    assert codes(lignes[0]) == [("formule_calculee", "total", "D2")]


def test_une_formule_jamais_calculee_est_lue_vide_et_le_dit(lu: Lire) -> None:
    ligne = f'<row>{cellule("A2", "1")}<c r="B2"><f>1+1</f></c></row>'
    lignes, _ = lu(classeur(f"<row>{cellule('A1', 'id')}{cellule('B1', 'nom')}</row>{ligne}"))
    assert lignes[0].valeurs == {"id": "1", "nom": None}
    assert codes(lignes[0]) == [("formule_sans_valeur", "nom", "B2")]


def test_une_erreur_de_tableur_est_lue_vide_et_le_dit(lu: Lire) -> None:
    ligne = f'<row>{cellule("A2", "1")}<c r="B2" t="e"><v>#REF!</v></c></row>'
    lignes, _ = lu(classeur(f"<row>{cellule('A1', 'id')}{cellule('B1', 'nom')}</row>{ligne}"))
    assert lignes[0].valeurs == {"id": "1", "nom": None}
    assert codes(lignes[0]) == [("erreur_tableur", "nom", "B2")]


def test_une_cellule_a_droite_des_entetes_est_gardee_et_signalee(lu: Lire) -> None:
    lignes, _ = lu(
        classeur(
            f"<row>{cellule('A1', 'id')}{cellule('B1', 'nom')}</row>"
            f"<row>{cellule('A2', '1')}{cellule('B2', 'Mairie')}{cellule('D2', 'reste')}</row>"
        )
    )
    assert lignes[0].valeurs == {"id": "1", "nom": "Mairie", "colonne 4": "reste"}
    assert codes(lignes[0]) == [("colonnes_decalees", None, "3 cellules pour 2 colonnes")]


def test_des_cellules_sans_reference_se_suivent(lu: Lire) -> None:
    lignes, _ = lu(classeur(rangees(2, 2)))
    assert [(ligne.ligne, list(ligne.valeurs)) for ligne in lignes] == [(2, ["col0", "col1"]), (3, ["col0", "col1"])]


def test_des_cellules_colorees_mais_vides_jusqu_au_bout_ne_comptent_pas(lu: Lire) -> None:
    lignes, _ = lu(classeur(rangees(1) + '<row r="1048576"><c r="XFD1048576" s="0"/></row>'))
    assert len(lignes) == 1


def test_les_chaines_partagees_et_enrichies_sont_lues(lu: Lire) -> None:
    chaines = '<si><t>id</t></si><si><r><t>Grande</t></r><r><t xml:space="preserve"> salle</t></r></si>'
    lignes, _ = lu(classeur('<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row>', chaines=chaines))
    assert lignes[0].valeurs == {"id": "Grande salle"}


def test_une_entree_binaire_est_comptee_mais_pas_lue(lu: Lire) -> None:
    lignes, _ = lu(archive(parties(rangees(1)) | {"xl/media/image.png": bytes(1000), "xl/embeddings/a.xlsx": b"x"}))
    assert len(lignes) == 1


def test_un_classeur_dont_une_autre_feuille_est_trop_large_est_refuse(lu: Lire) -> None:
    refus = refus_de(lu, classeur(feuilles={"Liste": rangees(1), "Agenda": rangees(1, 257)}))
    assert (refus.code, refus.place.feuille) == ("classeur-refuse", "Agenda")


@pytest.mark.parametrize(("rang", "nom"), [(1, "A7"), (26, "Z7"), (27, "AA7"), (702, "ZZ7"), (16384, "XFD7")])
def test_une_cellule_a_le_nom_que_lui_donne_le_tableur(rang: int, nom: str) -> None:
    assert nom_de_cellule(7, rang) == nom


# Limits: just below passes, just above is refused and names the limit. The widest are lowered for the test.


def _entrees(nombre: int) -> bytes:
    fichiers = parties(rangees(1))
    return archive(fichiers | {f"xl/media/{rang}.bin": b"" for rang in range(nombre - len(fichiers))})


def _texte(caracteres: int) -> bytes:
    chaines = f"<si><t>{'x' * caracteres}</t></si><si><t>id</t></si>"
    return classeur('<row><c t="s"><v>1</v></c></row><row><c t="s"><v>0</v></c></row>', chaines=chaines)


def _repetees(appels: int) -> bytes:
    chaines = f"<si><t>{'x' * 1000}</t></si>"
    ligne = '<row><c t="s"><v>0</v></c></row>'
    return classeur(f"<row>{cellule('A1', 'id')}</row>{ligne * appels}", chaines=chaines)


def _chaines(nombre: int) -> bytes:
    return classeur(rangees(1), chaines="<si><t>x</t></si>" * nombre)


def _ligne_longue(caracteres: int) -> bytes:
    pleines, reste = divmod(caracteres, 30_000)
    cellules = "".join(cellule(nom_de_cellule(2, rang + 1), "x" * 30_000) for rang in range(pleines))
    cellules += cellule(nom_de_cellule(2, pleines + 1), "x" * reste)
    entetes = "".join(cellule(nom_de_cellule(1, rang + 1), f"c{rang}") for rang in range(pleines + 1))
    # Stored: the same letter over and over would be taken for a bomb.
    return archive(parties(f"<row>{entetes}</row><row>{cellules}</row>"), methode=zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("fabrique", "permis", "limite"),
    [
        (_entrees, 500, "entrees"),
        (lambda colonnes: classeur(rangees(1, colonnes)), 256, "colonnes"),
        (lambda lignes: classeur(rangees(lignes, 1)), 50_000, "lignes"),
        (_texte, 32_767, "cellule"),
        (_ligne_longue, limites.OCTETS_LIGNE, "ligne"),
    ],
    ids=["entrees", "colonnes", "lignes", "cellule", "ligne"],
)
def test_une_limite_du_classeur_laisse_passer_ce_qui_la_touche(
    lu: Lire, fabrique: Callable[[int], bytes], permis: int, limite: str
) -> None:
    assert lu(fabrique(permis))[0]
    refus = refus_de(lu, fabrique(permis + 1))
    assert (refus.code, refus.extra["limite"]) == ("classeur-refuse", limite)


@pytest.mark.parametrize(
    ("constante", "permis", "fabrique", "limite"),
    [
        ("CELLULES_CLASSEUR", 30, lambda n: classeur(rangees(n - 1, 1)), "cellules"),
        ("CELLULES_CLASSEUR", 30, lambda n: classeur(rangees(1, 1) + f"<row>{cellule(f'B{n // 2}', 'x')}</row>"),
         "cellules"),
        ("CHAINES_CLASSEUR", 30, _chaines, "chaines"),
        ("CARACTERES_CLASSEUR", 30_000, lambda n: _repetees(n // 1000 + (n % 1000 > 0)), "texte"),
        ("FEUILLES_CLASSEUR", 3, lambda n: classeur(feuilles={f"F{i}": rangees(1) for i in range(n)}), "feuilles"),
    ],
    ids=["cellules", "etendue", "chaines", "texte", "feuilles"],
)  # fmt: skip
def test_une_limite_trop_large_pour_un_test_est_abaissee(
    lu: Lire,
    monkeypatch: pytest.MonkeyPatch,
    constante: str,
    permis: int,
    fabrique: Callable[[int], bytes],
    limite: str,
) -> None:
    monkeypatch.setattr(limites, constante, permis)
    assert lu(fabrique(permis))[0]
    refus = refus_de(lu, fabrique(permis + 2))
    assert (refus.code, refus.extra["limite"]) == ("classeur-refuse", limite)


def test_les_octets_degonfles_sont_comptes_et_non_ceux_qui_sont_annonces(
    lu: Lire, monkeypatch: pytest.MonkeyPatch
) -> None:
    contenu = archive(parties(rangees(100)) | {"xl/media/image.png": bytes(40_000)})
    total = sum(len(octets) for octets in parties(rangees(100)).values()) + 40_000
    # The list of types is read once more, for itself.
    total += len(parties()["[Content_Types].xml"])
    monkeypatch.setattr(limites, "OCTETS_CLASSEUR", total)
    assert lu(contenu)[0]
    monkeypatch.setattr(limites, "OCTETS_CLASSEUR", total - 1)
    assert refus_de(lu, contenu).extra["limite"] == "octets"


def test_le_rapport_de_compression_permis_passe(lu: Lire, monkeypatch: pytest.MonkeyPatch) -> None:
    contenu = archive(parties(rangees(1)) | {"xl/media/a.bin": bytes(4 * limites.MIO)})
    with zipfile.ZipFile(io.BytesIO(contenu)) as zip_:
        rapport = 4 * limites.MIO // zip_.getinfo("xl/media/a.bin").compress_size
    monkeypatch.setattr(limites, "RATIO_CLASSEUR", rapport + 1)
    assert lu(contenu)[0]
    monkeypatch.setattr(limites, "RATIO_CLASSEUR", rapport - 1)
    assert refus_de(lu, contenu).extra["limite"] == "ratio"


def test_trop_d_elements_xml_est_refuse(lu: Lire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limites, "ELEMENTS_XML", 20_000)
    fichiers = parties(rangees(1)) | {"xl/theme/theme1.xml": b"<a>" + b"<b/>" * 30_000 + b"</a>"}
    assert refus_de(lu, archive(fichiers)).extra["limite"] == "elements"
