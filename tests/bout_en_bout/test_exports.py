"""Exports through the front door."""

from __future__ import annotations

from socle.web.client import creer_client_synchrone

from tests.fabriques.formules import relire
from tests.fabriques.maillage import Maillage

EXPORT = "/annuaire/v1/exports/lieux"
ADRESSE = "/annuaire/v1/sources/demonstration/lieux.csv"


def test_l_adresse_d_une_source_se_moissonne_sans_cle_puis_ne_renvoie_rien(maillage: Maillage) -> None:
    with creer_client_synchrone(maillage.adresse) as client:
        premiere = client.get(ADRESSE)
        tete = client.head(ADRESSE)
        seconde = client.get(ADRESSE, headers={"If-None-Match": premiere.headers["etag"]})
    assert len(relire(premiere.content, delimiteur=",")) == 5_001
    assert (tete.status_code, tete.content, tete.headers["etag"]) == (200, b"", premiere.headers["etag"])
    assert (seconde.status_code, seconde.content) == (304, b"")


def test_l_export_public_est_ouvert_a_tous_et_les_fiches_a_leur_cle(maillage: Maillage) -> None:
    parametres = {"format": "excel", "source": "demonstration"}
    identite = {"Authorization": f"Bearer {maillage.cle}"}
    with creer_client_synchrone(maillage.adresse) as client:
        public = client.get(EXPORT, params=parametres)
        refus = client.get(EXPORT, params={**parametres, "contacts": "tous"})
        entier = client.get(EXPORT, params={**parametres, "contacts": "tous"}, headers=identite)
    assert (public.status_code, refus.status_code, entier.status_code) == (200, 401, 200)
    assert public.headers["access-control-allow-origin"] == "*"
    assert int(public.headers["change-number"]) > 0
    assert entier.headers["cache-control"] == "private, no-store"
    assert len(relire(entier.content, delimiteur=";")) == len(relire(public.content, delimiteur=";")) == 5_001
