"""The corpus of damaged and hostile files: each is refused, with its code and its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from annuaire.synchronisation.lecteurs import FichierRefuse, lire

from tests.fabriques.listes_abimees import ABIMEES, Abimee


@pytest.mark.parametrize("abimee", ABIMEES, ids=lambda abimee: abimee.nom)
def test_une_liste_abimee_est_refusee_avec_son_code_et_sa_place(abimee: Abimee, tmp_path: Path) -> None:
    fichier = tmp_path / "liste"
    fichier.write_bytes(abimee.fabriquer())
    with pytest.raises(FichierRefuse) as refus:
        for _ in lire(fichier, abimee.type_mime):
            pass
    assert refus.value.code == abimee.code, refus.value.detail
    assert abimee.place.items() <= refus.value.place.en_dict().items()


def test_le_corpus_compte_au_moins_quarante_fichiers_de_noms_differents() -> None:
    assert len({abimee.nom for abimee in ABIMEES}) == len(ABIMEES) >= 40
