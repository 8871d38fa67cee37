from __future__ import annotations

import asyncio
import errno
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from annuaire.synchronisation.atelier import en_octets
from annuaire.synchronisation.bac_a_sable import depouiller, depuis_octets
from annuaire.synchronisation.lecteurs import CSV, JSON, FichierRefuse, Place, Reglages, limites
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, LectureEnPanne, depuis_dict
from annuaire.synchronisation.traitements import BRUT

from tests.fabriques.listes import csv_de
from tests.fabriques.listes_abimees import ABIMEES, Abimee
from tests.fabriques.traitements import BAVARD, CARCERAL, GOURMAND, PANNE, PROLIXE, SANS_FIN, TUE

pytestmark = pytest.mark.anyio


@pytest.fixture
def liste(tmp_path: Path) -> Path:
    """A sound CSV list of five rows."""
    fichier = tmp_path / "liste.csv"
    fichier.write_text(csv_de(5))
    return fichier


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """Where the child's folder is made, and must not stay."""
    dossier = tmp_path / "bureaux"
    dossier.mkdir()
    return dossier


async def tout(objets: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return [objet async for objet in objets]


async def parcourir(objets: AsyncIterator[dict[str, Any]]) -> None:
    """Go through the objects without keeping them."""
    async for _ in objets:
        pass


def contenu(dossier: Path) -> list[Path]:
    return list(dossier.iterdir())


def etat(pid: int) -> str:
    """State of a process: `R` running, `S` waiting, `Z` dead and not collected; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def existe(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_les_lignes_arrivent_dans_l_ordre_puis_la_fin(liste: Path, dossier: Path) -> None:
    *lignes, fin = await tout(depouiller(liste, CSV, traitement=BRUT, dossier=dossier))
    assert [ligne["ligne"] for ligne in lignes] == [2, 3, 4, 5, 6]
    assert lignes[0]["valeurs"]["nom"] == "nom 1"
    assert (fin["fin"], fin["lues"], fin["devine"]["delimiteur"]) == (True, 5, ",")


async def test_les_reglages_sont_suivis(liste: Path, dossier: Path) -> None:
    reglages = Reglages(delimiteur=";", ligne_entetes=2)
    lignes = await tout(
        depouiller(liste, "text/csv; charset=utf-8", traitement=BRUT, dossier=dossier, reglages=reglages)
    )
    assert list(lignes[0]["valeurs"]) == ["id 1,nom 1,commune 1,code_postal 1,adresse 1"]


async def test_un_type_sans_lecteur_est_refuse_avant_de_lancer_un_processus(liste: Path, dossier: Path) -> None:
    with pytest.raises(FichierRefuse) as refus:
        await tout(depouiller(liste, "image/png", traitement=BRUT, dossier=dossier))
    assert (refus.value.code, refus.value.statut) == ("type-de-fichier-refuse", 415)


async def test_le_refus_traverse_avec_sa_place(tmp_path: Path, dossier: Path) -> None:
    fichier = tmp_path / "liste.json"
    fichier.write_bytes(b'[{"id": 1},\n{"id": NaN}]')
    with pytest.raises(FichierRefuse) as refus:
        await tout(depouiller(fichier, JSON, traitement=BRUT, dossier=dossier))
    assert (refus.value.code, refus.value.place) == ("json-invalide", Place(ligne=2, colonne=8))


def test_un_refus_se_relit_tel_quel() -> None:
    refus = ClasseurRefuse("Trop.", place=Place(feuille="A", cellule="B2"), limite="cellule")
    relu = depuis_dict(json.loads(json.dumps(refus.en_dict())))
    assert (type(relu), relu.detail, relu.place, relu.extra) == (ClasseurRefuse, refus.detail, refus.place, refus.extra)


def test_un_refus_de_code_inconnu_reste_un_refus() -> None:
    assert type(depuis_dict({"code": "autre", "detail": "Non.", "place": {}, "extra": {}})) is FichierRefuse


async def test_rien_ne_reste_dans_le_dossier(liste: Path, dossier: Path) -> None:
    await tout(depouiller(liste, CSV, traitement=BRUT, dossier=dossier))
    with pytest.raises(LectureEnPanne):
        await tout(depouiller(liste, CSV, traitement=PANNE, dossier=dossier, parametres={"ligne": 3}))
    assert contenu(dossier) == []


async def test_une_panne_du_traitement_n_est_pas_un_refus_du_fichier(liste: Path, dossier: Path) -> None:
    with pytest.raises(LectureEnPanne) as erreur:
        await tout(depouiller(liste, CSV, traitement=PANNE, dossier=dossier, parametres={"ligne": 4}))
    assert "une panne" in erreur.value.journal
    assert "une panne" not in erreur.value.detail


async def test_une_memoire_depassee_est_un_fichier_trop_couteux(liste: Path, dossier: Path) -> None:
    with pytest.raises(FichierRefuse) as refus:
        await tout(depouiller(liste, CSV, traitement=GOURMAND, dossier=dossier))
    assert (refus.value.code, refus.value.statut) == ("fichier-trop-couteux", 422)


@pytest.mark.parametrize("signal", ["SIGABRT", "SIGSEGV", "SIGXCPU", "SIGKILL"])
async def test_un_processus_tue_par_un_signal_est_un_fichier_trop_couteux(
    liste: Path, dossier: Path, signal: str
) -> None:
    with pytest.raises(FichierRefuse) as refus:
        await tout(depouiller(liste, CSV, traitement=TUE, dossier=dossier, parametres={"signal": signal}))
    assert (refus.value.code, refus.value.extra["signal"]) == ("fichier-trop-couteux", signal)


async def test_une_sortie_qui_n_est_pas_la_sienne_est_une_panne(liste: Path, dossier: Path) -> None:
    with pytest.raises(LectureEnPanne):
        await tout(depouiller(liste, CSV, traitement=BAVARD, dossier=dossier))


async def test_un_processus_qui_n_avance_plus_est_tue(liste: Path, dossier: Path) -> None:
    objets = depouiller(liste, CSV, traitement=SANS_FIN, dossier=dossier, delai=0.5)
    pid = (await anext(objets))["pid"]
    with pytest.raises(FichierRefuse, match="n'avance plus") as refus:
        await tout(objets)
    assert refus.value.code == "fichier-trop-couteux"
    assert not existe(pid)


async def test_un_appelant_qui_s_en_va_ne_laisse_ni_processus_ni_dossier(liste: Path, dossier: Path) -> None:
    async with aclosing(depouiller(liste, CSV, traitement=SANS_FIN, dossier=dossier)) as objets:
        pid = (await anext(objets))["pid"]
        assert existe(pid)
    assert not existe(pid)
    assert contenu(dossier) == []


async def test_une_annulation_ne_laisse_ni_processus_ni_dossier(liste: Path, dossier: Path) -> None:
    premier: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def lire() -> None:
        async with aclosing(depouiller(liste, CSV, traitement=SANS_FIN, dossier=dossier)) as objets:
            async for objet in objets:
                premier.set_result(objet["pid"])

    tache = asyncio.create_task(lire())
    pid = await premier
    tache.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tache
    assert not existe(pid)
    assert contenu(dossier) == []


async def test_le_processus_est_limite_et_sans_secret(
    liste: Path, dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILLAGE_SECRET", "fictif")
    monkeypatch.setenv("DATABASE_URL", "sqlite:fictif.db")
    premier = (await tout(depouiller(liste, CSV, traitement=CARCERAL, dossier=dossier)))[0]
    assert premier["permis"] == {
        "AS": [512 * limites.MIO] * 2, "CPU": [30, 131], "NOFILE": [64, 64], "CORE": [0, 0],
    }  # fmt: skip
    assert premier["courtoisie"] == min(os.nice(0) + 10, 19)
    assert set(premier["environnement"]) <= {
        "PATH", "PYTHONPATH", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE", "TMPDIR", "TZ", "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS", "MALLOC_ARENA_MAX", "LC_CTYPE",
    }  # fmt: skip


async def test_le_processus_n_a_pas_de_reseau(liste: Path, dossier: Path) -> None:
    *lignes, fin = await tout(depouiller(liste, CSV, traitement=CARCERAL, dossier=dossier))
    if not fin["reseau_coupe"]:
        pytest.skip("ce noyau ne laisse pas un processus ordinaire se couper du réseau")
    assert lignes[0]["prise"] == f"OSError {errno.ENETUNREACH}"


def _memoire(champ: str) -> int:
    """Memory of this process, in KiB: `VmRSS` now, `VmHWM` at its highest."""
    statut = Path("/proc/self/status").read_text()
    return int(next(ligne.split()[1] for ligne in statut.splitlines() if ligne.startswith(champ)))


class Crue:
    """How much the memory of this process rises inside the block."""

    def __enter__(self) -> Crue:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        self._avant = _memoire("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        self.mio = (_memoire("VmHWM") - self._avant) / 1024


async def test_le_processus_attend_l_appelant_qui_ne_lit_plus(tmp_path: Path, dossier: Path) -> None:
    fichier = tmp_path / "liste.csv"
    fichier.write_text(csv_de(30_000))
    with Crue() as crue:
        async with aclosing(depouiller(fichier, CSV, traitement=PROLIXE, dossier=dossier)) as objets:
            pid = (await anext(objets))["pid"]
            # The loop turns: whatever the child may write is read ahead, until it waits, or has written everything.
            immobile = 0
            while immobile < 300 and etat(pid) not in ("Z", ""):
                immobile = immobile + 1 if etat(pid) == "S" else 0
                await asyncio.sleep(0)
            assert etat(pid) == "S"
            await parcourir(objets)
    assert crue.mio <= 20


async def test_une_liste_de_vingt_mio_ne_s_accumule_pas_chez_l_appelant(tmp_path: Path, dossier: Path) -> None:
    fichier = tmp_path / "liste.json"
    fichier.write_text(json.dumps([{"id": rang, "texte": "x" * 1000} for rang in range(20_000)]))
    with Crue() as crue:
        await parcourir(depouiller(fichier, JSON, traitement=BRUT, dossier=dossier))
    assert crue.mio <= 20


@pytest.mark.parametrize("abimee", ABIMEES, ids=lambda abimee: abimee.nom)
async def test_une_liste_abimee_est_refusee_sans_gonfler_l_appelant(
    abimee: Abimee, tmp_path: Path, dossier: Path
) -> None:
    fichier = tmp_path / "liste"
    fichier.write_bytes(abimee.fabriquer())
    objets = depouiller(fichier, abimee.type_mime, traitement=BRUT, dossier=dossier)
    with Crue() as crue, pytest.raises(FichierRefuse) as refus:
        await parcourir(objets)
    assert refus.value.code == abimee.code
    assert crue.mio <= 20
    assert contenu(dossier) == []


@pytest.mark.epreuve
async def test_tout_le_corpus_hostile_est_refuse_et_dit_ce_qu_il_a_coute(
    tmp_path: Path, dossier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    durees: dict[str, float] = {}
    crues: dict[str, float] = {}
    for abimee in ABIMEES:
        fichier = tmp_path / "liste"
        fichier.write_bytes(abimee.fabriquer())
        debut = time.perf_counter()
        with Crue() as crue, pytest.raises(FichierRefuse):
            await parcourir(depouiller(fichier, abimee.type_mime, traitement=BRUT, dossier=dossier))
        durees[abimee.nom] = time.perf_counter() - debut
        crues[abimee.nom] = crue.mio
    lent, gros = max(durees, key=durees.__getitem__), max(crues, key=crues.__getitem__)
    with capsys.disabled():
        print(
            f"\n  {len(durees)} fichiers hostiles ou abîmés, {len(durees)} refusés ; le plus long {durees[lent]:.2f} s "
            f"({lent}), mémoire de l'appelant : + {crues[gros]:.1f} Mio au plus ({gros})"
        )
    assert len(durees) == len(ABIMEES) >= 40
    assert max(crues.values()) <= 20


def test_l_atelier_ecrit_aussi_dans_un_fichier(liste: Path, tmp_path: Path) -> None:
    entree, sortie = tmp_path / "entree.json", tmp_path / "sortie.ndjson"
    demande = {"chemin": str(liste), "type_mime": CSV, "reglages": {}, "traitement": BRUT, "parametres": {}}
    entree.write_text(json.dumps(demande))
    commande = [sys.executable, "-P", "-m", "annuaire.synchronisation.atelier", str(entree), str(sortie)]
    subprocess.run(commande, check=True, env={"PYTHONPATH": ":".join(sys.path)})
    *lignes, fin = [json.loads(ligne) for ligne in sortie.read_text().splitlines()]
    assert (len(lignes), fin["lues"]) == (5, 5)


def test_l_atelier_demarre_sans_les_grosses_bibliotheques() -> None:
    programme = "import annuaire.synchronisation.atelier, sys; print(*sys.modules)"
    sortie = subprocess.run(
        [sys.executable, "-P", "-c", programme],
        check=True, capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)},
    ).stdout.split()  # fmt: skip
    assert not {"fastapi", "pydantic", "sqlalchemy", "sqlmodel", "numpy", "shapely", "asyncio", "python_calamine"} & {
        *sortie
    }


async def test_ce_qui_est_deja_en_octets_passe_le_tuyau_tel_quel() -> None:
    objet = {"ligne": 3, "brut": b'{"nom":"a\\tb"}', "cle": "tab\tet saut\n", "normalise": b"{}", "vide": None}
    ecrit = en_octets(objet)
    assert b"\n" not in ecrit
    assert depuis_octets(ecrit) == objet
    assert depuis_octets(en_octets({"fin": True})) == {"fin": True}


@pytest.mark.parametrize("ligne", [b"", b"[]", b"3", b"{}\t{}", b'{"_octets":["a"]}\t{}\t{}', b'{"_octets":2}\t{}'])
async def test_une_reponse_illisible_est_une_panne(ligne: bytes) -> None:
    with pytest.raises(LectureEnPanne):
        depuis_octets(ligne)
