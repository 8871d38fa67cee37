"""Each rule is seen failing on a bad sample, and letting a good one pass."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from infra.regles.__main__ import RACINE, principal
from infra.regles.regles import LIGNES_MAX, REGLES, examiner

DOMAINE = "services/annuaire/src/annuaire/lieux"

MAUVAIS = {
    "commit dans un service": (f"{DOMAINE}/service.py", "async def f(s):\n    await s.commit()", "commit"),
    "commit ailleurs dans le socle": ("socle/src/socle/donnees/jobs.py", "session.commit()", "commit"),
    "HTTPException importée": (f"{DOMAINE}/service.py", "from fastapi import HTTPException", "socle.errors"),
    "HTTPException par son module": (f"{DOMAINE}/service.py", "raise fastapi.HTTPException(404)", "socle.errors"),
    "SQL dans un service": (f"{DOMAINE}/service.py", "from sqlalchemy import select", "repository.py"),
    "SQL dans une route": (f"{DOMAINE}/routes.py", "from sqlmodel import col, delete", "repository.py"),
    "SQL dans la passerelle": ("gateway/src/gateway/keys/service.py", "from sqlmodel import select", "repository.py"),
    "except dans une route": (f"{DOMAINE}/routes.py", "try:\n    f()\nexcept ValueError:\n    pass", "except"),
    "heure dans une règle": (f"{DOMAINE}/rules.py", "date = datetime.now(UTC)", "impure"),
    "identifiant dans une règle": (f"{DOMAINE}/rules.py", "ident = uuid7()", "impure"),
    "fichier dans une règle": (f"{DOMAINE}/rules.py", "open('x')", "impure"),
    "séquence dans le fil": ("socle/src/socle/donnees/feed.py", "text(\"SELECT nextval('n')\")", "compteur"),
    "fonction de séquence dans le fil": ("socle/src/socle/donnees/feed.py", "func.nextval('n')", "compteur"),
    "heure dans le fil": ("socle/src/socle/donnees/feed.py", "numero = time.time()", "compteur"),
    "heure dans les changements": ("services/annuaire/src/annuaire/changements/service.py", "n = now()", "compteur"),
    "fichier trop long": (f"{DOMAINE}/service.py", "x = 1\n" * (LIGNES_MAX + 1), "paquet"),
}  # fmt: skip

BONS = {
    "le seuil": ("socle/src/socle/donnees/db.py", "await session.commit()"),
    "le rendu des erreurs": ("socle/src/socle/web/problemes.py", "from starlette.exceptions import HTTPException"),
    "le dépôt": (f"{DOMAINE}/repository.py", "from sqlalchemy import select"),
    "un dépôt en paquet": (f"{DOMAINE}/repository/pages.py", "from sqlalchemy import select"),
    "une migration": ("services/annuaire/src/annuaire/migrations/versions/0001.py", "from sqlalchemy import update"),
    "une table": (f"{DOMAINE}/tables.py", "from sqlalchemy import Column, Index, text"),
    "un try hors des routes": (f"{DOMAINE}/service.py", "try:\n    f()\nexcept ValueError:\n    pass"),
    "un finally dans une route": (f"{DOMAINE}/routes.py", "try:\n    f()\nfinally:\n    g()"),
    "une attente dans une route": ("services/x/src/x/changements/routes.py", "fin = boucle.time() + 25"),
    "une heure en argument": (f"{DOMAINE}/rules.py", "def age(ne: date, aujourd_hui: date): return aujourd_hui - ne"),
    "une heure dans un service": (f"{DOMAINE}/service.py", "maintenant = horloge.now()"),
    "un fichier juste assez court": (f"{DOMAINE}/service.py", "x = 1\n" * LIGNES_MAX),
}


@pytest.mark.parametrize("cas", MAUVAIS)
def test_une_infraction_est_vue(cas: str) -> None:
    chemin, source, attendu = MAUVAIS[cas]
    infractions = examiner(source, PurePosixPath(chemin))
    assert infractions, cas
    assert all(attendu in infraction.message for infraction in infractions)


@pytest.mark.parametrize("cas", BONS)
def test_un_code_en_regle_passe(cas: str) -> None:
    chemin, source = BONS[cas]
    assert examiner(source, PurePosixPath(chemin)) == []


def test_chaque_regle_a_un_mauvais_exemple() -> None:
    import ast

    vues = {
        regle
        for chemin, source, _ in MAUVAIS.values()
        for regle in REGLES
        if list(regle(ast.parse(source), PurePosixPath(chemin)))
    }
    assert vues == set(REGLES)


def test_le_depot_suit_ses_regles(capsys: pytest.CaptureFixture[str]) -> None:
    code = principal(RACINE)
    sorties = capsys.readouterr()
    assert code == 0, sorties.err
    assert "0 infractions" in sorties.out


def test_une_infraction_donne_sa_place_et_le_code_de_sortie(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fautif = tmp_path / "services" / "annuaire" / "routes.py"
    fautif.parent.mkdir(parents=True)
    fautif.write_text("x = 1\ntry:\n    pass\nexcept ValueError:\n    pass\n", encoding="utf-8")
    assert principal(tmp_path) == 1
    assert capsys.readouterr().err.startswith("services/annuaire/routes.py:2: ")
