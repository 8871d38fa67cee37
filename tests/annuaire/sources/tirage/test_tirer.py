"""Fetching a list: what comes is received as if it had been sent, and what fails changes nothing."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from annuaire.sources.tirage import rules
from annuaire.sources.tirage import tirer as module_tirer
from socle.acces.secrets import ecrire_prive
from socle.web.client import ConnectError, ReadError, Request, Response

from tests.fabriques.annuaire import ADMIN, Annuaire, liste
from tests.fabriques.sortant import Flux, renvoi, reponse
from tests.fabriques.tirages import SITE, URL, Hub

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(annuaire: Annuaire) -> Hub:
    hub = Hub(annuaire, await annuaire.creer_source())
    assert (await hub.definir()).status_code == 201
    return hub


async def test_une_liste_tiree_entre_comme_une_liste_envoyee(hub: Hub) -> None:
    hub.publier(4)
    tirage = await hub.tirer()
    assert (tirage["issue"], tirage["etat"], tirage["echecs"]) == ("recu", "a_jour", 0)
    assert len(await hub.noms()) == 4
    run = await hub.annuaire.finir(tirage["synchronisation"])
    assert (run["etat"], run["mode"], run["plan"]["crees"]) == ("appliquee", "complet", 4)
    source = (await hub.annuaire.get(f"/sources/{hub.source}", qui=ADMIN)).json()
    assert source["derniere_synchronisation"] == run["id"]
    assert source["fraicheur"] == {"verifiee_le": run["recue_le"], "degradee": False}


async def test_une_liste_inchangee_ne_se_retelecharge_pas_et_rafraichit_la_source(hub: Hub) -> None:
    hub.publier(3, etag='"v1"')
    premier = await hub.tirer()
    hub.horloge.avancer(hours=5)
    second = await hub.tirer()
    assert hub.internet.requetes[1].headers["if-none-match"] == '"v1"'
    assert (second["issue"], second["synchronisation"]) == ("inchange", premier["synchronisation"])
    source = (await hub.annuaire.get(f"/sources/{hub.source}", qui=ADMIN)).json()
    assert source["fraicheur"]["verifiee_le"][:19] == hub.horloge().isoformat()[:19]
    hub.publier(3, etag='"v2"')  # the same bytes under another tag: one read, nothing written
    assert (await hub.tirer())["issue"] == "inchange"
    assert len(await hub.noms()) == 3


async def test_une_etiquette_hors_ascii_n_est_pas_renvoyee(hub: Hub) -> None:
    hub.publier(2)
    hub.repondre = lambda _: Response(
        200, headers=[(b"etag", b'"\xe9"'), (b"content-type", b"text/csv")], stream=Flux(hub.contenu)
    )
    assert [(await hub.tirer())["issue"] for _ in range(2)] == ["recu", "inchange"]
    assert "if-none-match" not in hub.internet.requetes[-1].headers


async def test_la_date_de_modification_sert_a_defaut_d_etiquette(hub: Hub) -> None:
    hub.publier(2)
    hub.entetes["last-modified"] = "Tue, 24 Nov 2026 10:00:00 GMT"
    await hub.tirer()
    await hub.tirer()
    assert hub.internet.requetes[1].headers["if-modified-since"] == "Tue, 24 Nov 2026 10:00:00 GMT"


async def test_une_liste_retenue_puis_abandonnee_se_retelecharge(hub: Hub) -> None:
    hub.publier(30, etag='"v1"')
    await hub.tirer()
    hub.publier(2, etag='"v2"')
    retenue = await hub.tirer()
    run = await hub.annuaire.finir(retenue["synchronisation"])
    assert run["etat"] == "retenue"
    assert (await hub.tirer())["issue"] == "attente"  # somebody must decide first; nobody's fault
    assert (await hub.annuaire.post(f"/synchronisations/{run['id']}/annulation")).status_code == 200
    assert (await hub.tirer())["issue"] == "recu"  # and not « unchanged »: that list was never applied
    assert "if-none-match" not in hub.internet.requetes[-1].headers
    assert len(await hub.noms()) == 30


async def test_une_liste_remplacee_par_un_envoi_se_retelecharge(hub: Hub) -> None:
    hub.publier(3, etag='"v1"')
    await hub.tirer()
    await hub.annuaire.synchroniser(hub.source, liste(4))
    await hub.tirer()
    assert "if-none-match" not in hub.internet.requetes[-1].headers
    assert len(await hub.noms()) == 3


def statut(code: int, **entetes: str) -> Callable[[Request], Response]:
    return lambda _: reponse(code, b"x", entetes={nom.replace("_", "-"): v for nom, v in entetes.items()})


def corps(contenu: bytes, **entetes: str) -> Callable[[Request], Response]:
    return lambda _: reponse(200, contenu, entetes={nom.replace("_", "-"): v for nom, v in entetes.items()})


def leve(erreur: type[Exception]) -> Callable[[Request], Response]:
    def lever(requete: Request) -> Response:
        raise erreur("x", request=requete)  # type: ignore[call-arg]

    return lever


CSV = "text/csv"
PANNES: tuple[tuple[Callable[[Request], Response], str], ...] = (
    (statut(404), "introuvable"),
    (statut(410), "disparue"),
    (statut(401), "non-autorise"),
    (statut(403), "non-autorise"),
    (statut(429), "erreur-du-serveur"),
    (statut(500), "erreur-du-serveur"),
    (statut(503), "erreur-du-serveur"),
    (statut(204), "reponse-inattendue"),
    (statut(206), "reponse-inattendue"),
    (statut(304), "reponse-inattendue"),  # nothing was asked under condition
    (corps(b"", content_type=CSV), "vide"),
    (corps(b"\n\n  ", content_type=CSV), "vide"),
    (corps(b"<!doctype html><p>Connectez-vous", content_type="text/html"), "page-web"),
    (corps(b"<html>Connectez-vous</html>", content_type=CSV), "page-web"),
    (corps(b"nom;commune", content_type=CSV, content_encoding="br"), "type-refuse"),
    (corps(gzip.compress(b"nom" * 100)[:20], content_type=CSV, content_encoding="gzip"), "interrompue"),
    (leve(ConnectError), "connexion"),
    (leve(ReadError), "interrompue"),
    (renvoi("https://127.0.0.1/lieux.csv"), "adresse-refusee"),
    (renvoi("/lieux.csv"), "redirection"),
)


async def test_aucune_panne_ne_retire_un_lieu(hub: Hub) -> None:
    hub.publier(3)
    await hub.tirer()
    avant, tirages = await hub.noms(), len(await hub.annuaire.flux())
    for panne, issue in PANNES:
        hub.repondre = panne
        async with hub.annuaire.base.write() as session:  # as if the list had not been fetched yet: no condition
            await module_tirer.repository.noter(session, hub.source, version=1, etag=None, modifie=None)
        tirage = await hub.tirer()
        assert (tirage["issue"], tirage["message"] is not None) == (issue, True), issue
    assert await hub.noms() == avant
    assert len(await hub.annuaire.flux()) == tirages
    hub.publier(3)
    assert (await hub.tirer())["echecs"] == 0


async def test_sans_la_garde_des_pages_web_une_page_deviendrait_une_liste(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repondre = corps(b"<html>Connectez-vous</html>", content_type=CSV)
    monkeypatch.setattr(module_tirer, "reconnaitre", lambda *_: CSV)
    tirage = await hub.tirer()
    assert tirage["issue"] == "recu"
    assert (await hub.annuaire.finir(tirage["synchronisation"]))["etat"] == "rejetee"


async def test_les_echecs_espacent_les_essais_puis_degradent_la_source_une_fois(hub: Hub) -> None:
    hub.publier(3)
    await hub.tirer()
    hub.repondre = statut(500)
    attentes, etats = [], []
    for _ in range(9):
        tirage = await hub.tirer()
        attentes.append((await hub.ligne()).prochain_le - hub.horloge())
        etats.append(tirage["etat"])
        hub.horloge.avancer(hours=1)
    minutes = [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert attentes == [timedelta(minutes=m) for m in minutes]
    assert etats == ["en_echec"] * 4 + ["degradee"] * 5
    (evenement,) = await hub.evenements("source.degradee")
    assert (evenement["source"], evenement["issue"], evenement["echecs"]) == (hub.source, "erreur-du-serveur", 5)
    source = (await hub.annuaire.get(f"/sources/{hub.source}", qui=ADMIN)).json()
    assert (source["fraicheur"]["degradee"], len(await hub.noms())) == (True, 3)
    hub.publier(3)
    assert (await hub.tirer())["etat"] == "a_jour"
    assert not (await hub.annuaire.get(f"/sources/{hub.source}", qui=ADMIN)).json()["fraicheur"]["degradee"]


async def test_le_serveur_qui_demande_de_revenir_plus_tard_est_ecoute(hub: Hub) -> None:
    for demande, attente in (("3600", 60), ("60", 10), ("999999999", 360), ("bientot", 40)):
        hub.repondre = lambda _, demande=demande: reponse(503, entetes={"retry-after": demande})
        await hub.tirer()
        assert (await hub.ligne()).prochain_le - hub.horloge() == timedelta(minutes=attente)


@pytest.mark.parametrize(
    ("echecs", "hasard", "minutes"), [(1, 0.0, 2.5), (1, 0.999, 7.495), (3, 0.0, 10), (99, 0, 180)]
)
def test_le_recul_a_sa_part_de_hasard(echecs: int, hasard: float, minutes: float) -> None:
    assert rules.reculer(echecs, hasard=hasard) == timedelta(minutes=minutes)


async def test_le_secret_d_acces_n_est_envoye_qu_a_son_serveur(hub: Hub) -> None:
    secrets: Path = hub.annuaire.contexte.socle.secrets / "tirages"
    ecrire_prive(secrets / "hub", f"{SITE}\nBearer jeton-fictif\n".encode(), remplacer=True)
    ecrire_prive(secrets / "autre", b"autre.exemple.fr\nBearer x\n", remplacer=True)
    assert (await hub.definir(auth_ref="inconnu")).status_code == 422
    assert (await hub.definir(auth_ref="autre")).status_code == 422
    pose = await hub.definir(auth_ref="hub")
    assert (pose.status_code, "jeton-fictif" in pose.text) == (200, False)
    hub.publier(2)
    assert (await hub.tirer())["issue"] == "recu"
    assert hub.internet.requetes[-1].headers["authorization"] == "Bearer jeton-fictif"
    (secrets / "hub").unlink()
    assert (await hub.tirer())["issue"] == "secret-absent"


async def test_un_reglage_change_pendant_le_telechargement_jette_ce_qui_vient(hub: Hub) -> None:
    hub.publier(3)
    version = (await hub.ligne()).version
    assert (await hub.definir(cadence="PT2H")).status_code == 200
    tirage = await hub.tirer(version)
    assert (tirage["issue"], tirage["synchronisation"], await hub.noms()) == (None, None, [])
    assert (await hub.tirer())["issue"] == "recu"


async def test_tirer_deux_fois_la_meme_promesse_n_applique_qu_une_fois(hub: Hub) -> None:
    hub.publier(3)
    premier, second = await hub.tirer(), await hub.tirer()
    assert [premier["issue"], second["issue"]] == ["recu", "inchange"]
    runs = await hub.annuaire.tous(f"/sources/{hub.source}/synchronisations", qui=ADMIN)
    assert [run["etat"] for run in runs] == ["inchange", "appliquee"]


async def test_un_delta_tire_ne_retire_que_ce_qu_il_nomme(hub: Hub) -> None:
    hub.publier(4)
    await hub.tirer()
    assert (await hub.definir(mode="delta")).status_code == 200
    hub.publier(1, _op="suppr")
    await hub.tirer()
    assert len(await hub.noms()) == 3


async def test_un_lien_de_partage_est_suivi_la_ou_est_le_fichier(hub: Hub) -> None:
    assert (await hub.definir(url=f"https://{SITE}/s/AbCdEfGhIjKlMnO")).json()["outil"] == "nextcloud"
    hub.publier(2)
    assert (await hub.tirer())["issue"] == "recu"
    assert hub.internet.requetes[-1].url.path == "/s/AbCdEfGhIjKlMnO/download"
    assert URL not in str(hub.internet.requetes[-1].url)
