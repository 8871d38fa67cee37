"""Share links of the tools that lists are kept in. The addresses are made up, in the forms that each tool gives."""

from __future__ import annotations

import pytest
from annuaire.sources.tirage.liens import telechargement

ID = "1aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-abcd"
RESSOURCE = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"

LIENS = (
    # (link as copied, address to fetch, tool, format)
    (f"https://docs.google.com/spreadsheets/d/{ID}/edit?usp=sharing",
     f"https://docs.google.com/spreadsheets/d/{ID}/export?format=csv", "google-sheets", "csv"),
    (f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=42",
     f"https://docs.google.com/spreadsheets/d/{ID}/export?format=csv&gid=42", "google-sheets", "csv"),
    (f"https://docs.google.com/spreadsheets/u/0/d/{ID}/edit?gid=7#gid=7",
     f"https://docs.google.com/spreadsheets/d/{ID}/export?format=csv&gid=7", "google-sheets", "csv"),
    (f"https://docs.google.com/spreadsheets/d/e/2PACX-{ID}/pubhtml?gid=3&single=true",
     f"https://docs.google.com/spreadsheets/d/e/2PACX-{ID}/pub?output=csv&gid=3&single=true", "google-sheets", "csv"),
    (f"https://docs.google.com/spreadsheets/d/e/2PACX-{ID}/pub?output=xlsx",
     f"https://docs.google.com/spreadsheets/d/e/2PACX-{ID}/pub?output=xlsx", "google-sheets", "xlsx"),
    (f"https://drive.google.com/file/d/{ID}/view?usp=drive_link",
     f"https://drive.google.com/uc?export=download&id={ID}", "google-drive", None),
    ("https://nuage.exemple.fr/s/AbCdEfGhIjKlMnO", "https://nuage.exemple.fr/s/AbCdEfGhIjKlMnO/download", "nextcloud",
     None),
    ("https://exemple.fr/nextcloud/index.php/s/AbCdEfGhIjKlMnO/",
     "https://exemple.fr/nextcloud/index.php/s/AbCdEfGhIjKlMnO/download", "nextcloud", None),
    ("https://grist.exemple.fr/o/hub/dEfGhIjKlMnO/Lieux-de-mediation/p/3",
     "https://grist.exemple.fr/o/hub/api/docs/dEfGhIjKlMnO/download/xlsx", "grist", "xlsx"),
    ("https://docs.getgrist.com/dEfGhIjKlMnO/Lieux",
     "https://docs.getgrist.com/api/docs/dEfGhIjKlMnO/download/xlsx", "grist", "xlsx"),
    ("https://lite.framacalc.org/lieux-du-hub-a1b2", "https://lite.framacalc.org/lieux-du-hub-a1b2.csv", "ethercalc",
     "csv"),
    ("https://ethercalc.net/_/lieux", "https://ethercalc.net/lieux.csv", "ethercalc", "csv"),
    (f"https://www.data.gouv.fr/fr/datasets/lieux-du-hub/#/resources/{RESSOURCE}",
     f"https://www.data.gouv.fr/api/1/datasets/r/{RESSOURCE}", "data.gouv.fr", None),
    (f"https://www.data.gouv.fr/datasets/lieux-du-hub?resource_id={RESSOURCE}",
     f"https://www.data.gouv.fr/api/1/datasets/r/{RESSOURCE}", "data.gouv.fr", None),
    (f"https://www.data.gouv.fr/fr/datasets/r/{RESSOURCE}",
     f"https://www.data.gouv.fr/api/1/datasets/r/{RESSOURCE}", "data.gouv.fr", None),
    ("https://data.exemple.fr/explore/dataset/lieux-du-hub/table/?disjunctive.type",
     "https://data.exemple.fr/api/explore/v2.1/catalog/datasets/lieux-du-hub/exports/csv"
     "?delimiter=%3B&use_labels=false", "opendatasoft", "csv"),
    ("https://data.exemple.fr/explore/dataset/lieux/?refine.commune=Dijon",
     "https://data.exemple.fr/api/explore/v2.1/catalog/datasets/lieux/exports/csv"
     "?delimiter=%3B&use_labels=false&refine=commune%3A%22Dijon%22", "opendatasoft", "csv"),
    ("https://github.com/hub/listes/blob/main/lieux.csv", "https://raw.githubusercontent.com/hub/listes/main/lieux.csv",
     "github", None),
    ("https://forge.exemple.fr/hub/listes/-/blob/main/lieux.csv?ref_type=heads",
     "https://forge.exemple.fr/hub/listes/-/raw/main/lieux.csv?ref_type=heads", "gitlab", None),
)  # fmt: skip
TELS_QUELS = (
    "https://exemple.fr/lieux.csv",
    "https://exemple.fr/s/court",
    f"https://docs.google.com/spreadsheets/d/{ID}/export?format=xlsx",
    "https://data.exemple.fr/explore/dataset/lieux/?q=numérique",  # a search: the export would be another list
    "https://www.data.gouv.fr/fr/datasets/lieux-du-hub/",
    "https://lite.framacalc.org/",
    "https://grist.exemple.fr/api/docs/dEfGhIjKlMnO/download/csv?tableId=Lieux",
    "https://[::1/", "https://exemple.fr:port/", "", "://",
)  # fmt: skip


@pytest.mark.parametrize(("lien", "adresse", "outil", "format"), LIENS)
def test_un_lien_de_partage_donne_l_adresse_du_fichier(lien: str, adresse: str, outil: str, format: str | None) -> None:
    lu = telechargement(lien)
    assert (lu.url, lu.outil, lu.format) == (adresse, outil, format)


@pytest.mark.parametrize(("lien", "adresse"), [(lien[0], lien[1]) for lien in LIENS])
def test_l_adresse_du_fichier_ne_se_retransforme_pas(lien: str, adresse: str) -> None:
    assert telechargement(adresse).url == adresse


@pytest.mark.parametrize("adresse", TELS_QUELS)
def test_une_adresse_que_rien_ne_designe_reste_ce_qu_elle_est(adresse: str) -> None:
    lu = telechargement(adresse)
    assert (lu.url, lu.outil, lu.format) == (adresse, None, None)
