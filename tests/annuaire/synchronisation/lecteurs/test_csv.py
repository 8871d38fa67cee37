from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from annuaire.synchronisation.lecteurs import CSV, FichierRefuse, Lecture, LigneBrute, Reglages, limites, lire

from tests.fabriques.listes import csv_de

Lire = Callable[..., tuple[list[LigneBrute], Lecture]]


@pytest.fixture
def lu(tmp_path: Path) -> Lire:
    """Read this content as CSV: (rows, reading)."""

    def lire_tout(contenu: str | bytes, **reglages: Any) -> tuple[list[LigneBrute], Lecture]:
        fichier = tmp_path / "liste.csv"
        fichier.write_bytes(contenu if isinstance(contenu, bytes) else contenu.encode())
        lecture = lire(fichier, CSV, Reglages(**reglages))
        return list(lecture), lecture

    return lire_tout


def codes(ligne: LigneBrute) -> list[str]:
    return [anomalie.code for anomalie in ligne.anomalies]


def test_les_lignes_portent_leur_numero_et_leurs_valeurs(lu: Lire) -> None:
    lignes, lecture = lu("id,nom\n1,Médiathèque\n2,Mairie\n")
    assert [(ligne.ligne, ligne.valeurs) for ligne in lignes] == [
        (2, {"id": "1", "nom": "Médiathèque"}),
        (3, {"id": "2", "nom": "Mairie"}),
    ]
    assert (lecture.devine.ligne_entetes, lecture.devine.colonnes) == (1, ["id", "nom"])


@pytest.mark.parametrize("delimiteur", [",", ";", "\t", "|"])
def test_le_delimiteur_est_devine(lu: Lire, delimiteur: str) -> None:
    lignes, lecture = lu(csv_de(5, delimiteur=delimiteur))
    assert lecture.devine.delimiteur == delimiteur
    assert lignes[4].valeurs["commune"] == "commune 5"


def test_des_listes_dans_les_cellules_ne_trompent_pas_sur_le_delimiteur(lu: Lire) -> None:
    lignes, lecture = lu("id;nom;services\n1;A;un|deux|trois, et plus\n2;B;un|deux|quatre, cinq\n")
    assert lecture.devine.delimiteur == ";"
    assert lignes[0].valeurs["services"] == "un|deux|trois, et plus"


def test_la_premiere_ligne_sep_donne_le_delimiteur(lu: Lire) -> None:
    lignes, lecture = lu("sep=;\nid;nom\n1;A, B\n")
    assert (lecture.devine.delimiteur, lecture.devine.ligne_entetes) == (";", 2)
    assert lignes[0].valeurs == {"id": "1", "nom": "A, B"}


def test_le_delimiteur_choisi_l_emporte(lu: Lire) -> None:
    lignes, _ = lu("id;nom,x\n1;A,y\n", delimiteur=",")
    assert lignes[0].valeurs == {"id;nom": "1;A", "x": "y"}


@pytest.mark.parametrize(
    ("encodage", "devine"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("utf-16-le", "utf-16-le")],
)  # fmt: skip
def test_l_encodage_est_devine(lu: Lire, encodage: str, devine: str) -> None:
    lignes, lecture = lu("id,nom\n1,Écully près de l'Œuvre à 3 €\n".encode(encodage))
    assert lecture.devine.encodage == devine
    assert lignes[0].valeurs == {"id": "1", "nom": "Écully près de l'Œuvre à 3 €"}


def test_l_encodage_choisi_l_emporte(lu: Lire) -> None:
    lignes, _ = lu("id,nom\n1,à 3 €\n".encode("iso-8859-15"), encodage="ISO-8859-15")
    assert lignes[0].valeurs["nom"] == "à 3 €"


def test_un_encodage_inconnu_est_refuse(lu: Lire) -> None:
    with pytest.raises(FichierRefuse, match="Encodage « klingon » inconnu") as refus:
        lu("id\n1\n", encodage="klingon")
    assert refus.value.code == "encodage-invalide"


def test_une_ligne_dans_un_autre_encodage_est_relue_et_signalee(lu: Lire) -> None:
    lignes, lecture = lu("id,nom\n1,été\n2,été\n".encode() + "3,été\n".encode("cp1252") + "4,été\n".encode())
    assert lecture.devine.encodage == "utf-8"
    assert [ligne.valeurs["nom"] for ligne in lignes] == ["été"] * 4
    assert [codes(ligne) for ligne in lignes] == [[], [], ["ligne_reencodee"], []]


@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
def test_les_trois_fins_de_ligne_sont_lues(lu: Lire, fin: str) -> None:
    lignes, _ = lu(csv_de(3, fin=fin))
    assert [ligne.ligne for ligne in lignes] == [2, 3, 4]


def test_un_retour_a_la_ligne_entre_guillemets_reste_dans_la_cellule(lu: Lire) -> None:
    lignes, _ = lu('id,nom\n1,"rue\nhaute"\n2,b\n')
    assert [(ligne.ligne, ligne.valeurs["nom"]) for ligne in lignes] == [(2, "rue\nhaute"), (4, "b")]


def test_un_guillemet_double_en_vaut_un(lu: Lire) -> None:
    lignes, _ = lu('id,nom\n1,"le ""Carré"""\n')
    assert (lignes[0].valeurs["nom"], codes(lignes[0])) == ('le "Carré"', [])


def test_un_guillemet_non_double_est_signale_sans_perdre_la_suite(lu: Lire) -> None:
    lignes, _ = lu('id,nom,ville\n1,"le "Carré", lieu",Lyon\n2,"b","c"\n')
    assert codes(lignes[0])[0] == "guillemets_douteux"
    assert (lignes[1].ligne, lignes[1].valeurs, codes(lignes[1])) == (3, {"id": "2", "nom": "b", "ville": "c"}, [])


def test_un_guillemet_au_milieu_d_une_cellule_nue_est_un_caractere(lu: Lire) -> None:
    lignes, _ = lu('id,nom\n1,écran 5" neuf\n2,b\n')
    assert [ligne.valeurs["nom"] for ligne in lignes] == ['écran 5" neuf', "b"]


def test_une_ligne_trop_longue_garde_ses_cellules_en_trop_et_le_dit(lu: Lire) -> None:
    lignes, _ = lu("id,nom\n1,a\n2,b,c\n")
    assert lignes[1].valeurs == {"id": "2", "nom": "b", "colonne 3": "c"}
    assert [(a.code, a.valeur) for a in lignes[1].anomalies] == [("colonnes_decalees", "3 cellules pour 2 colonnes")]


def test_une_ligne_trop_courte_est_signalee(lu: Lire) -> None:
    lignes, _ = lu("id,nom,ville\n1,a,x\n2,b\n")
    assert (lignes[1].valeurs, codes(lignes[1])) == ({"id": "2", "nom": "b"}, ["colonnes_decalees"])


def test_des_cellules_vides_en_trop_ne_sont_pas_une_anomalie(lu: Lire) -> None:
    lignes, _ = lu("id,nom\n1,a,,,\n")
    assert (lignes[0].valeurs, codes(lignes[0])) == ({"id": "1", "nom": "a"}, [])


def test_un_titre_au_dessus_des_entetes_est_saute(lu: Lire) -> None:
    lignes, lecture = lu("Liste des lieux 2026;;\n;;\nid;nom;commune\n1;A;Lyon\n")
    assert lecture.devine.ligne_entetes == 3
    assert [(ligne.ligne, ligne.valeurs["nom"]) for ligne in lignes] == [(4, "A")]


def test_la_ligne_d_entetes_choisie_l_emporte(lu: Lire) -> None:
    lignes, _ = lu("id,nom,commune\nclef,titre,ville\n1,A,Lyon\n", ligne_entetes=2)
    assert [ligne.valeurs for ligne in lignes] == [{"clef": "1", "titre": "A", "ville": "Lyon"}]


def test_une_ligne_d_entetes_hors_du_fichier_est_refusee(lu: Lire) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lu("id,nom\n1,A\n", ligne_entetes=12)
    assert (refus.value.code, refus.value.place.ligne) == ("format-non-reconnu", 12)


def test_un_entete_ecrit_deux_fois_donne_deux_colonnes(lu: Lire) -> None:
    lignes, lecture = lu("id,telephone,telephone\n1,0199000001,0199000002\n")
    assert lignes[0].valeurs == {"id": "1", "telephone": "0199000001", "telephone (2)": "0199000002"}
    assert lecture.devine.entetes_doubles == ["telephone"]


def test_une_colonne_sans_entete_garde_ses_valeurs(lu: Lire) -> None:
    lignes, _ = lu("id,,nom\n1,x,A\n")
    assert lignes[0].valeurs == {"id": "1", "colonne 2": "x", "nom": "A"}


def test_les_lignes_vides_sont_comptees_et_sautees(lu: Lire) -> None:
    lignes, lecture = lu("id,nom\n\n1,a\n,\n  , \n2,b\n")
    assert ([ligne.ligne for ligne in lignes], lecture.devine.lignes_vides) == ([3, 6], 3)


def test_une_liste_sans_ligne_se_lit(lu: Lire) -> None:
    lignes, lecture = lu("id,nom,commune\n")
    assert (lignes, lecture.devine.colonnes) == ([], ["id", "nom", "commune"])


def test_une_liste_d_une_colonne_se_lit(lu: Lire) -> None:
    lignes, _ = lu("nom\nA\nB\n")
    assert [ligne.valeurs for ligne in lignes] == [{"nom": "A"}, {"nom": "B"}]


def test_la_derniere_ligne_peut_ne_pas_finir(lu: Lire) -> None:
    lignes, _ = lu("id,nom\n1,a")
    assert lignes[0].valeurs == {"id": "1", "nom": "a"}


# Limits: what is just below passes; what is just above is in the corpus of damaged lists, or here.


def test_une_cellule_de_la_taille_permise_passe(lu: Lire) -> None:
    lignes, _ = lu(f"id,nom\n1,{'x' * limites.CARACTERES_CELLULE_CSV}\n")
    assert len(lignes[0].valeurs["nom"]) == 65_536


def test_une_ligne_de_la_taille_permise_passe(lu: Lire) -> None:
    cellule = "x" * 65_535
    ligne = ",".join([cellule] * 16)
    lignes, _ = lu(",".join(f"c{i}" for i in range(16)) + f"\n{ligne}\n")
    assert len(ligne) + 1 == limites.OCTETS_LIGNE
    assert lignes[0].valeurs["c15"] == cellule


def test_une_ligne_d_un_caractere_de_trop_est_refusee(lu: Lire) -> None:
    ligne = ",".join(["x" * 65_535] * 16) + "x"
    with pytest.raises(FichierRefuse) as refus:
        lu(",".join(f"c{i}" for i in range(16)) + f"\n{ligne}\n")
    assert (refus.value.code, refus.value.place.ligne) == ("ligne-trop-longue", 2)


def test_le_nombre_de_lignes_permis_passe(lu: Lire) -> None:
    lignes, _ = lu(csv_de(limites.LIGNES))
    assert len(lignes) == 50_000


def test_le_nombre_de_colonnes_permis_passe(lu: Lire) -> None:
    lignes, _ = lu(",".join(f"c{i}" for i in range(256)) + "\n" + ",".join(["v"] * 256) + "\n")
    assert len(lignes[0].valeurs) == 256


def test_une_colonne_de_trop_est_refusee(lu: Lire) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lu(",".join(f"c{i}" for i in range(257)) + "\n")
    assert (refus.value.code, refus.value.place.colonne) == ("trop-de-colonnes", 257)


def test_mille_colonnes_vides_a_droite_ne_sont_pas_des_colonnes(lu: Lire) -> None:
    lignes, _ = lu("id,nom" + "," * 1000 + "\n1,a" + "," * 1000 + "\n")
    assert [(ligne.valeurs, codes(ligne)) for ligne in lignes] == [({"id": "1", "nom": "a"}, [])]


def test_un_entete_trop_long_est_refuse(lu: Lire) -> None:
    assert lu(f"id,{'n' * 1000}\n1,a\n")[0]
    with pytest.raises(FichierRefuse) as refus:
        lu(f"id,{'n' * 1001}\n1,a\n")
    assert (refus.value.code, refus.value.place.colonne) == ("cellule-trop-longue", 2)
