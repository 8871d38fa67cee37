"""Notifications: all of them, in order, signed, however bad the receivers are."""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from socle.web.client import ConnectError, Request, Response
from socle.webhooks import livrer as module
from socle.webhooks import repository
from socle.webhooks.rules import ATTENTES, suite
from socle.webhooks.signature import a_confier, secret, secrets_en_cours, signer
from standardwebhooks import Webhook as Bibliotheque

from tests.fabriques.bases import HorlogeReglable, base_du_socle
from tests.fabriques.sortant import renvoi, reponse
from tests.fabriques.webhooks import CLE, Receveur, Reseau

pytestmark = pytest.mark.anyio


@pytest.fixture
async def reseau(url_base: str) -> AsyncIterator[Reseau]:
    async with base_du_socle(url_base) as base:
        # the library refuses instants far from its own clock
        yield Reseau(base, HorlogeReglable(datetime.now(UTC)))


async def _moitie_en_panne(reseau: Reseau, nombre: int, graine: int) -> list[Receveur]:
    alea = random.Random(graine)

    def capricieux(_: Request) -> int:
        return alea.choice((200, 204, 500, 503))

    receveurs = [await reseau.inscrire(Receveur(f"r{rang}", capricieux)) for rang in range(3)]
    for debut in range(0, nombre, 50):
        await reseau.emettre("fin", *({"rang": rang} for rang in range(debut, min(debut + 50, nombre))))
    await reseau.diffuser()
    return receveurs


async def _livrer_tout(reseau: Reseau, receveurs: list[Receveur], monkeypatch: pytest.MonkeyPatch) -> None:
    # the calendar of the tries, hastened: the clock of the library that verifies does not move
    monkeypatch.setattr("socle.webhooks.rules.ATTENTES", (timedelta(0),) * 60)
    for _ in range(100_000):
        await reseau.livrer()
        etats = {ligne.etat for receveur in receveurs for ligne in await reseau.lignes(receveur)}
        if "a_livrer" not in etats:
            return


async def _prouver(reseau: Reseau, nombre: int, monkeypatch: pytest.MonkeyPatch) -> None:
    receveurs = await _moitie_en_panne(reseau, nombre, 7)
    await _livrer_tout(reseau, receveurs, monkeypatch)
    for receveur in receveurs:
        assert [donnees["rang"] for donnees in receveur.uniques()] == list(range(nombre))
        assert receveur.non_signes == 0
        assert len({id for id, _ in receveur.acceptes}) == nombre
    essais = sum(r.recus for r in receveurs)
    print(f"\n{nombre} événements × 3 : 100 % livrés dans l'ordre en {essais} essais, 0 non signé")


async def test_un_receveur_en_panne_une_fois_sur_deux_recoit_tout_dans_l_ordre(
    reseau: Reseau, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _prouver(reseau, 40, monkeypatch)


@pytest.mark.epreuve
async def test_mille_notifications_a_travers_les_pannes(reseau: Reseau, monkeypatch: pytest.MonkeyPatch) -> None:
    await _prouver(reseau, 1000, monkeypatch)


async def test_sans_l_ordre_par_adresse_le_desordre_se_voit(reseau: Reseau) -> None:
    pannes = iter([500, 200, 200])
    receveur = await reseau.inscrire(Receveur("r", lambda _: next(pannes)))
    await reseau.emettre("fin", {"rang": 0}, {"rang": 1})
    await reseau.diffuser()
    await reseau.livrer()
    (premiere, seconde) = await reseau.lignes(receveur)
    assert (premiere.etat, seconde.essais) == ("a_livrer", 0)  # the second one waits behind the first
    async with reseau.base.write() as session:  # as if it did not
        await repository.noter(session, premiere.rang or 0, etat="abandonnee")
    await reseau.livrer()
    assert [donnees["rang"] for donnees in receveur.uniques()] == [1]


async def test_une_bibliotheque_tierce_refuse_ce_qui_est_mal_signe(reseau: Reseau) -> None:
    receveur = Receveur("r", secrets=[secret(b"autre" * 8, Receveur("x").id, 1)])
    await reseau.inscrire(receveur)
    await reseau.emettre("fin", {"a": 1})
    await reseau.diffuser()
    await reseau.livrer()
    assert receveur.non_signes == 1


async def test_les_dix_essais_suivent_le_calendrier_puis_l_adresse_est_fermee(reseau: Reseau) -> None:
    receveur = await reseau.inscrire(Receveur("r", lambda _: 500))
    receveur.secrets = []
    await reseau.emettre("fin", {"a": 1}, {"a": 2})
    await reseau.diffuser()
    attentes = []
    for _ in ATTENTES:
        avant = reseau.horloge()
        await reseau.livrer()
        (ligne, suivante) = await reseau.lignes(receveur)
        attentes.append(ligne.prendre_apres - avant)
        reseau.horloge.instant = max(ligne.prendre_apres, avant)
    assert attentes == [*ATTENTES[1:], timedelta(0)]
    assert (ligne.etat, ligne.essais, suivante.etat) == ("abandonnee", 10, "a_livrer")
    assert ((await reseau.webhook(receveur)).etat, (await reseau.webhook(receveur)).motif) == ("desactive", "echecs")
    await reseau.livrer()
    assert receveur.recus == 10


async def test_410_ferme_et_un_renvoi_est_un_echec(reseau: Reseau) -> None:
    parti = await reseau.inscrire(Receveur("parti", lambda _: 410))
    renvoye = await reseau.inscrire(Receveur("renvoye", lambda _: renvoi("https://ailleurs.exemple.fr/")(_)))
    await reseau.emettre("fin", {"a": 1})
    await reseau.diffuser()
    await reseau.livrer()
    assert ((await reseau.webhook(parti)).motif, (await reseau.lignes(parti))[0].etat) == ("disparu", "abandonnee")
    (ligne,) = await reseau.lignes(renvoye)
    assert (ligne.etat, ligne.statut, renvoye.recus) == ("a_livrer", 302, 1)


async def test_retry_after_retarde_et_ne_hate_pas(reseau: Reseau) -> None:
    for demande, attente in (("120", 120), ("1", 5), ("x", 5)):
        receveur = await reseau.inscrire(
            Receveur(f"r{demande}", lambda _, d=demande: reponse(503, entetes={"retry-after": d}))
        )
        await reseau.emettre("fin", {"a": 1})
        await reseau.diffuser()
        await reseau.livrer()
        (ligne, *_) = await reseau.lignes(receveur)
        assert ligne.prendre_apres - reseau.horloge() == timedelta(seconds=attente)
        async with reseau.base.write() as session:
            await repository.effacer(session, receveur.id)


async def test_une_adresse_lente_n_en_retarde_aucune_autre(reseau: Reseau) -> None:
    lache = asyncio.Event()
    demander = reseau.livreur._poster

    async def poster(webhook: object, livraison: object) -> object:
        if "lent" in webhook.url:  # type: ignore[attr-defined]
            await lache.wait()
        return await demander(webhook, livraison)

    reseau.livreur._poster = poster  # type: ignore[method-assign,assignment]
    lent, vif = await reseau.inscrire(Receveur("lent")), await reseau.inscrire(Receveur("vif"))
    await reseau.emettre("fin", *({"rang": rang} for rang in range(5)))
    await reseau.diffuser()
    await reseau.livreur.lancer()
    async with asyncio.timeout(20):
        while vif.recus < 5:  # noqa: ASYNC110 - what is watched is a receiver
            await asyncio.sleep(0.01)
    assert (lent.recus, len(vif.acceptes)) == (0, 5)
    lache.set()
    await reseau.livreur.attendre()
    assert len(lent.acceptes) == 5


class Mort(BaseException):
    """The end of a process, as its code sees it."""


@pytest.mark.parametrize("quand", ["avant l'envoi", "après l'envoi"])
async def test_un_processus_qui_meurt_en_livrant_ne_perd_rien(reseau: Reseau, quand: str) -> None:
    receveur = await reseau.inscrire(Receveur("r"))
    await reseau.emettre("fin", {"rang": 0}, {"rang": 1})
    await reseau.diffuser()
    mourant = reseau.nouveau_livreur()
    poster = mourant._poster

    async def mourir(webhook: object, livraison: object) -> object:
        if quand == "après l'envoi":
            await poster(webhook, livraison)
        raise Mort

    mourant._poster = mourir  # type: ignore[method-assign,assignment]
    with pytest.raises(Mort):
        await mourant.livrer(receveur.id)
    await reseau.livrer()
    assert receveur.recus == (1 if quand == "après l'envoi" else 0)  # still held by the dead
    reseau.horloge.avancer(seconds=61)
    await reseau.livrer()
    assert [donnees["rang"] for donnees in receveur.uniques()] == [0, 1]
    assert len(receveur.acceptes) == (3 if quand == "après l'envoi" else 2)


async def test_un_evenement_dit_deux_fois_est_une_notification(reseau: Reseau) -> None:
    receveur = await reseau.inscrire(Receveur("r"))
    await reseau.emettre("fin", {"a": 1})
    evenement = module_livraison(1, {"a": 1})
    for _ in range(2):
        await reseau.abonnes["fin"]([evenement])
    await reseau.diffuser()
    assert len(await reseau.lignes(receveur)) == 1


def module_livraison(id: int, charge: dict[str, int]) -> object:
    from socle.donnees.outbox import Livraison

    return Livraison(id, "fin", "x", charge)


async def test_dix_mille_changements_sont_une_notification_toutes_les_trente_secondes(reseau: Reseau) -> None:
    receveur = await reseau.inscrire(Receveur("r"), "nouveau")
    for rang in range(6):
        await reseau.emettre("nouveau", {"rang": rang}, {"rang": rang})
        await reseau.diffuser()
    await reseau.livrer()
    assert receveur.uniques() == [{"dernier_numero": 12}]
    await reseau.emettre("nouveau", {"rang": 7})
    await reseau.diffuser()
    await reseau.livrer()
    assert receveur.recus == 1
    await reseau.emettre("nouveau", {"rang": 8})
    await reseau.diffuser()
    reseau.horloge.avancer(seconds=30)
    await reseau.livrer()
    assert receveur.uniques() == [{"dernier_numero": 12}, {"dernier_numero": 14}]


async def test_une_adresse_n_entend_que_ses_types_et_ses_sources(reseau: Reseau) -> None:
    sienne = await reseau.inscrire(Receveur("sienne"), perimetre=["hub-a"])
    autre = await reseau.inscrire(Receveur("autre"), "nouveau")
    await reseau.emettre("fin", {"source": "hub-a"}, {"source": "hub-b"}, {"sans": 1})
    await reseau.emettre("fin", {"sources": ["hub-c", "hub-a"]}, {"sources": ["hub-b"]}, {"sources": []})
    await reseau.diffuser()
    await reseau.livrer()
    assert sienne.uniques() == [{"source": "hub-a"}, {"sources": ["hub-c", "hub-a"]}]
    assert autre.recus == 0


async def test_pendant_sept_jours_l_ancien_secret_signe_aussi(reseau: Reseau) -> None:
    le = reseau.horloge()
    id = Receveur("r").id
    ancien, nouveau = secret(CLE, id, 1), secret(CLE, id, 2)
    for jours, valables in ((0, [nouveau, ancien]), (6.99, [nouveau, ancien]), (7, [nouveau])):
        assert secrets_en_cours(CLE, id, 2, le, le + timedelta(days=jours)) == valables
    entetes = {
        "webhook-id": "msg_1", "webhook-timestamp": str(int(le.timestamp())),
        "webhook-signature": signer([nouveau, ancien], message="msg_1", instant=int(le.timestamp()), corps=b"{}"),
    }  # fmt: skip
    for s in (ancien, nouveau):
        Bibliotheque(s).verify(b"{}", entetes)


async def test_mille_signatures_sont_reconnues_par_une_bibliotheque_tierce() -> None:
    alea = random.Random(1)
    instant = int(datetime.now(UTC).timestamp())
    for rang in range(1000):
        s = secret(alea.randbytes(32), Receveur("x").id, rang + 1)
        corps = b'{"a":"' + alea.randbytes(20).hex().encode() + b'"}'
        signature = signer([s], message=f"msg_{rang}", instant=instant, corps=corps)
        entetes = {
            "webhook-id": f"msg_{rang}", "webhook-timestamp": str(instant), "webhook-signature": signature,
        }  # fmt: skip
        Bibliotheque(s).verify(corps, entetes)


async def test_v1a_se_verifie_avec_une_cle_publique_et_tourne_comme_v1(reseau: Reseau) -> None:
    recus: list[Request] = []
    receveur = Receveur("asymetrique", lambda requete: recus.append(requete) or 200)  # type: ignore[func-returns-value]
    privees = [secret(CLE, receveur.id, generation, "v1a") for generation in (1, 2)]
    await reseau.inscrire(receveur)
    receveur.secrets = []
    async with reseau.base.write() as session:
        await repository.modifier(session, receveur.id, signature="v1a", generation=2, tourne_le=reseau.horloge())
    await reseau.emettre("fin", {"rang": 0})
    await reseau.diffuser()
    await reseau.livrer()
    [requete] = recus
    schemas, signatures = zip(*(s.split(",") for s in requete.headers["webhook-signature"].split()), strict=True)
    assert schemas == ("v1a", "v1a")
    signe = f"{requete.headers['webhook-id']}.{requete.headers['webhook-timestamp']}.".encode() + requete.read()
    for privee, signature in zip(reversed(privees), signatures, strict=True):
        publique = a_confier(privee)
        assert (privee[:5], publique[:5]) == ("whsk_", "whpk_")
        cle = Ed25519PublicKey.from_public_bytes(base64.b64decode(publique.removeprefix("whpk_")))
        cle.verify(base64.b64decode(signature), signe)
        with pytest.raises(InvalidSignature):
            cle.verify(base64.b64decode(signature), signe + b" ")
    assert a_confier(secret(CLE, receveur.id, 1)) == secret(CLE, receveur.id, 1)


async def test_une_adresse_injoignable_est_reessayee_sous_sa_classe(reseau: Reseau) -> None:
    def injoignable(requete: Request) -> Response:
        raise ConnectError("x", request=requete)

    receveur = await reseau.inscrire(Receveur("r", injoignable))
    await reseau.emettre("fin", {"a": 1})
    await reseau.diffuser()
    await reseau.livrer()
    (ligne,) = await reseau.lignes(receveur)
    assert (ligne.etat, ligne.statut, ligne.issue) == ("a_livrer", None, "connexion")
    assert module.DELAI == 15


@pytest.mark.parametrize(
    ("essais", "statut", "etat", "fermeture"),
    [(1, 200, "livree", None), (10, 299, "livree", None), (1, 301, "a_livrer", None), (1, 404, "a_livrer", None),
     (9, None, "a_livrer", None), (10, None, "abandonnee", "echecs"), (1, 410, "abandonnee", "disparu")],
)  # fmt: skip
def test_ce_que_devient_un_essai(essais: int, statut: int | None, etat: str, fermeture: str | None) -> None:
    decidee = suite(essais, statut)
    assert (decidee.etat, decidee.fermeture) == (etat, fermeture)
