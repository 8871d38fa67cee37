"""Lists of unknown shapes: most of their fields are found, and what is proposed is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from annuaire.commandes.distant import TYPES_MIME
from annuaire.correspondances.document import lire_correspondance, lire_texte
from annuaire.correspondances.proposition import Echantillon, Proposition, proposer
from annuaire.correspondances.proposition.ecriture import en_yaml
from annuaire.synchronisation.lecteurs import lire
from annuaire.territoires.referentiel import Referentiel

from tests.fabriques.listes_inconnues import INCONNUES, ListeInconnue

# A point in metres is proposed under its axes, a point in one cell under its column.
_OPTIONS = {
    "separateur",
    "format",
    "systeme",
    "ordre",
    "partie",
    "valeur",
    "termes",
    "sauf",
    "table",
    "constante",
    "extraire",
}


def lire_echantillon(chemin: Path) -> Echantillon:
    echantillon = Echantillon()
    for ligne in lire(chemin, TYPES_MIME[chemin.suffix]):
        echantillon.ajouter(ligne.valeurs)
    return echantillon


def colonnes_de(source: Any) -> Iterator[str]:
    """Yield the columns that a part of a document reads."""
    if isinstance(source, str):
        yield source
    elif isinstance(source, list):
        for dedans in source:
            yield from colonnes_de(dedans)
    elif isinstance(source, Mapping):
        for nom, dedans in source.items():
            if nom not in _OPTIONS:
                yield from colonnes_de(dedans)


def proposees(proposition: Proposition) -> dict[str, set[str]]:
    """Return by field the columns proposed; the members of `coordonnees` are fields of their own."""
    document = proposition.document
    champs = {champ: set(colonnes_de(source)) for champ, source in document["champs"].items()}
    champs |= {nom: {c} for nom, c in document.get("coordonnees", {}).items() if nom in ("x", "y", "point")}
    for passage in document["champs"].get("passages", []):
        for champ, source in passage.items():
            champs.setdefault(champ, set()).update(colonnes_de(source))
    champs.pop("passages", None)
    if isinstance(document.get("cle"), str):
        champs["cle"] = {document["cle"]}
    return {champ: colonnes for champ, colonnes in champs.items() if colonnes}


def juger(liste: ListeInconnue, proposition: Proposition) -> tuple[int, int, list[str], list[str]]:
    """Compare with the truth: (fields found, fields to find, fields missed, wrong proposals)."""
    verite, lues = liste.verite(), proposees(proposition)
    if liste.forme == "geojson":
        verite |= {"latitude": {"latitude"}, "longitude": {"longitude"}}
    if "regrouper" in proposition.document:
        verite.pop("cle", None)
    manques = [champ for champ, colonnes in verite.items() if not _memes(lues.get(champ, set()), colonnes)]
    faux = [
        f"{champ} <- {colonne}"
        for champ, colonnes in lues.items()
        for colonne in colonnes
        if not (liste.permis(champ, colonne) or (liste.forme == "geojson" and champ == colonne))
        and champ not in ("du", "au")
    ]
    return len(verite) - len(manques), len(verite), manques, faux


def _memes(lues: set[str], vraies: set[str]) -> bool:
    return any(lue == vraie or lue.startswith(f"{vraie}.") for lue in lues for vraie in vraies)


@pytest.fixture(scope="module", params=INCONNUES, ids=lambda liste: liste.nom)
def jugement(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ListeInconnue, Proposition]:
    liste: ListeInconnue = request.param
    extension, octets = liste.octets()
    fichier = tmp_path_factory.mktemp("inconnue") / f"liste{extension}"
    fichier.write_bytes(octets)
    return liste, proposer(lire_echantillon(fichier), Referentiel.charger())


def test_l_essentiel_d_une_liste_inconnue_est_trouve_et_juste(jugement: tuple[ListeInconnue, Proposition]) -> None:
    liste, proposition = jugement
    trouves, a_trouver, manques, faux = juger(liste, proposition)
    assert trouves >= 0.8 * a_trouver, manques
    assert len(faux) <= 2, faux


def test_le_yaml_d_une_proposition_se_relit_en_elle_meme(jugement: tuple[ListeInconnue, Proposition]) -> None:
    _, proposition = jugement
    assert lire_texte(en_yaml(proposition).encode()) == lire_correspondance(proposition.document)


@pytest.mark.epreuve
def test_le_tableau_des_listes_inconnues(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total = justes = erreurs = 0
    with capsys.disabled():
        print(f"\n  {'liste':24} {'trouvés':>8} {'part':>6} {'faux':>5}  manques et faux")
        for liste in INCONNUES:
            extension, octets = liste.octets()
            fichier = tmp_path / f"{liste.nom}{extension}"
            fichier.write_bytes(octets)
            trouves, a_trouver, manques, faux = juger(liste, proposer(lire_echantillon(fichier), Referentiel.charger()))
            total, justes, erreurs = total + a_trouver, justes + trouves, erreurs + len(faux)
            detail = ", ".join([*(f"-{m}" for m in manques), *faux])
            print(f"  {liste.nom:24} {trouves:>3}/{a_trouver:<4} {trouves / a_trouver:>6.0%} {len(faux):>5}  {detail}")
        part = justes / total
        print(f"  {len(INCONNUES)} listes : {justes}/{total} champs ({part:.1%}), {erreurs} propositions fausses")
    assert justes >= 0.8 * total
