"""Columns of the index in memory: narrow as long as their numbers allow, and the same numbers ever after."""

from __future__ import annotations

import numpy as np
from annuaire.recherche.embarque.memoire import GRANDS, PETITS, Colonne, Facette


def test_une_colonne_s_elargit_sans_rien_changer_de_ce_qu_elle_tient() -> None:
    colonne = Colonne(*PETITS)
    colonne.ajouter([0, 65_535])
    avant = colonne.valeurs
    assert avant.dtype == np.uint16
    colonne.ajouter([65_536, 2**31 - 1])
    assert colonne.valeurs.dtype == np.int32
    assert colonne.valeurs.tolist() == [0, 65_535, 65_536, 2**31 - 1]
    assert avant.tolist() == [0, 65_535]


def test_une_colonne_de_rangs_va_jusqu_aux_plus_grands() -> None:
    colonne = Colonne(*GRANDS)
    colonne.ajouter(np.array([2**31 - 1, 2**31, 2**40]))
    assert colonne.valeurs.dtype == np.int64
    assert colonne.valeurs.tolist() == [2**31 - 1, 2**31, 2**40]


def test_une_facette_compte_juste_au_dela_de_soixante_mille_valeurs() -> None:
    facette, combien = Facette(), 66_000
    facette.ajouter([[str(n)] for n in range(combien)])
    nums = np.array([0, 65_535, 65_536, combien - 1])
    assert facette.porte(nums, ["65536", "0"]).tolist() == [True, False, True, False]
    assert np.flatnonzero(facette.compter(nums)).tolist() == nums.tolist()
