"""Exceptional closings through their routes, and what a worker sees of those said to another."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from annuaire.lieux.fermetures import repository, service
from annuaire.lieux.fermetures.registre import Registre
from annuaire.lieux.fermetures.schemas import FermetureADeclarer
from annuaire.lieux.horaires.ouverture import Fermeture
from socle.acces.principal import ANONYME, Principal
from socle.donnees import feed
from socle.donnees.db import Database, ReadSession
from socle.horloge import maintenant
from socle.web.client import Response
from sqlalchemy import text

from tests.fabriques.annuaire import ADMIN, ECRIVAIN, ETRANGER, SANS_PORTEE, Annuaire, liste, nouvelle_cle

pytestmark = pytest.mark.anyio

BIENTOT = maintenant().date() + timedelta(days=2)
"""To come everywhere: in the evening of Paris, the morrow has begun in Réunion."""


def demande(du: date = BIENTOT, jours: int = 2, **champs: Any) -> dict[str, Any]:
    """A closing to declare; a field given replaces another."""
    au = du + timedelta(days=jours)
    return {"du": du.isoformat(), "au": au.isoformat(), "motif": "Congés", **champs}


async def declarer(
    annuaire: Annuaire, lieu: str, *, qui: Principal | None = ECRIVAIN, cle: str | None = None, **champs: Any
) -> Response:
    return await annuaire.post(
        f"/lieux/{lieu}/fermetures",
        qui=qui,
        corps=demande(**champs),
        entetes={"Idempotency-Key": cle or nouvelle_cle()},
    )


async def annuler(annuaire: Annuaire, chemin: str, *, qui: Principal | None = ECRIVAIN) -> Response:
    return await annuaire.client.delete(chemin, headers=annuaire.entetes(qui, ecriture=True))


async def lire(annuaire: Annuaire, lieu: str) -> list[dict[str, Any]]:
    reponse = await annuaire.get(f"/lieux/{lieu}/fermetures", qui=ANONYME)
    assert reponse.status_code == 200, reponse.text
    corps = reponse.json()
    assert corps["suivant"] is None
    elements: list[dict[str, Any]] = corps["elements"]
    return elements


@pytest.fixture
async def source(annuaire: Annuaire) -> str:
    """A source of its own, with ten places."""
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, liste(10))
    return source


@pytest.fixture
async def lieu(annuaire: Annuaire, source: str) -> str:
    """One of these places."""
    id: str = (await annuaire.lieux(source))["Espace numérique fictif 3"]["id"]
    return id


async def test_une_fermeture_declaree_se_lit_sans_cle(annuaire: Annuaire, lieu: str) -> None:
    reponse = await declarer(annuaire, lieu)
    assert reponse.status_code == 201, reponse.text
    fermeture = reponse.json()
    assert reponse.headers["Location"] == f"/annuaire/v1/lieux/{lieu}/fermetures/{fermeture['id']}"
    assert {nom: fermeture[nom] for nom in ("du", "au", "motif")} == demande()
    assert await lire(annuaire, lieu) == [fermeture]


async def test_les_fermetures_se_lisent_dans_l_ordre(annuaire: Annuaire, lieu: str) -> None:
    for jours in (20, 5, 10):
        assert (await declarer(annuaire, lieu, du=BIENTOT + timedelta(days=jours))).status_code == 201
    dits = [f["du"] for f in await lire(annuaire, lieu)]
    assert dits == [(BIENTOT + timedelta(days=jours)).isoformat() for jours in (5, 10, 20)]


async def test_la_meme_cle_ne_ferme_qu_une_fois(annuaire: Annuaire, lieu: str) -> None:
    cle = nouvelle_cle()
    premiere, seconde = [await declarer(annuaire, lieu, cle=cle) for _ in range(2)]
    assert (seconde.status_code, seconde.content) == (201, premiere.content)
    assert seconde.headers["Idempotency-Replayed"] == "true"
    assert seconde.headers["Location"] == premiere.headers["Location"]
    assert len(await lire(annuaire, lieu)) == 1
    autre = await declarer(annuaire, lieu, cle=cle, motif="Travaux")
    assert (autre.status_code, autre.json()["type"]) == (422, "/problemes/cle-idempotence-reutilisee")


async def test_sans_cle_d_idempotence_rien_n_est_ferme(annuaire: Annuaire, lieu: str) -> None:
    reponse = await annuaire.post(f"/lieux/{lieu}/fermetures", qui=ECRIVAIN, corps=demande())
    assert reponse.status_code == 400
    assert await lire(annuaire, lieu) == []


@pytest.mark.parametrize(("qui", "statut"), [(ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 403)])
async def test_qui_n_ecrit_pas_cette_source_ne_ferme_ni_ne_rouvre(
    annuaire: Annuaire, lieu: str, qui: Principal, statut: int
) -> None:
    assert (await declarer(annuaire, lieu, qui=qui)).status_code == statut
    chemin = (await declarer(annuaire, lieu)).headers["Location"]
    assert (await annuler(annuaire, chemin, qui=qui)).status_code == statut
    assert len(await lire(annuaire, lieu)) == 1


async def test_une_cle_liee_a_la_source_du_lieu_peut_le_fermer(annuaire: Annuaire, source: str, lieu: str) -> None:
    liee = replace(ECRIVAIN, sujet="cle-liee", sources=frozenset({source}))
    assert (await declarer(annuaire, lieu, qui=liee)).status_code == 201


async def test_un_lieu_inconnu_ou_retire_ne_se_ferme_pas(annuaire: Annuaire, source: str, lieu: str) -> None:
    inconnu = await declarer(annuaire, str(uuid4()))
    assert (inconnu.status_code, inconnu.json()["type"]) == (404, "/problemes/lieu-inconnu")
    await annuaire.synchroniser(source, [ligne for ligne in liste(10) if ligne["id"] != "lieu-3"])
    retire = await declarer(annuaire, lieu)
    assert (retire.status_code, retire.json()["type"]) == (410, "/problemes/lieu-supprime")
    assert (await annuaire.get(f"/lieux/{lieu}/fermetures")).status_code == 410


@pytest.mark.parametrize(
    ("champs", "code"),
    [
        ({"au": (BIENTOT - timedelta(days=1)).isoformat()}, "contenu-invalide"),
        ({"jours": 367}, "contenu-invalide"),
        ({"du": date(2020, 8, 1)}, "fermeture-passee"),
        ({"motif": "  "}, "contenu-invalide"),
        ({"motif": "x" * 201}, "contenu-invalide"),
        ({"motif": "coupé\x00net"}, "requete-invalide"),
        ({"du": BIENTOT, "au": "demain"}, "contenu-invalide"),
        ({"tarif": "gratuit"}, "contenu-invalide"),
    ],
    ids=[
        "à l'envers",
        "trop longue",
        "passée",
        "sans motif",
        "motif long",
        "octet nul",
        "mot",
        "champ",
    ],
)
async def test_une_fermeture_mal_dite_est_refusee(
    annuaire: Annuaire, lieu: str, champs: dict[str, Any], code: str
) -> None:
    reponse = await declarer(annuaire, lieu, **champs)
    # a NUL is not even read as JSON
    statut = 400 if code == "requete-invalide" else 422
    assert (reponse.status_code, reponse.json()["type"]) == (statut, f"/problemes/{code}"), reponse.text
    assert await lire(annuaire, lieu) == []


async def test_un_demi_caractere_est_refuse(annuaire: Annuaire, lieu: str) -> None:
    corps = json.dumps(demande(motif="coup\ud800"))
    reponse = await annuaire.client.post(
        f"/annuaire/v1/lieux/{lieu}/fermetures",
        content=corps,
        headers={
            **annuaire.entetes(ECRIVAIN, ecriture=True),
            "Content-Type": "application/json",
            "Idempotency-Key": nouvelle_cle(),
        },
    )
    assert reponse.status_code in (400, 422)
    assert await lire(annuaire, lieu) == []


async def test_un_lieu_n_a_pas_trop_de_fermetures(
    annuaire: Annuaire, lieu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "FERMETURES_MAX", 2)
    statuts = [(await declarer(annuaire, lieu)).status_code for _ in range(3)]
    assert statuts == [201, 201, 409]


async def test_une_fermeture_annulee_disparait(annuaire: Annuaire, source: str, lieu: str) -> None:
    chemin = (await declarer(annuaire, lieu)).headers["Location"]
    voisin = (await annuaire.lieux(source))["Espace numérique fictif 4"]["id"]
    assert (await annuler(annuaire, chemin.replace(lieu, voisin))).status_code == 404
    assert (await annuler(annuaire, chemin)).status_code == 204
    assert await lire(annuaire, lieu) == []
    encore = await annuler(annuaire, chemin)
    assert (encore.status_code, encore.json()["type"]) == (404, "/problemes/fermeture-inconnue")


async def test_l_etiquette_change_avec_les_fermetures(annuaire: Annuaire, lieu: str) -> None:
    chemin = f"/lieux/{lieu}/fermetures"
    etag = (await annuaire.get(chemin)).headers["ETag"]
    assert (await annuaire.get(chemin, entetes={"If-None-Match": etag})).status_code == 304
    await declarer(annuaire, lieu)
    apres = await annuaire.get(chemin, entetes={"If-None-Match": etag})
    assert (apres.status_code, len(apres.json()["elements"])) == (200, 1)
    await annuler(annuaire, f"/annuaire/v1{chemin}/{apres.json()['elements'][0]['id']}")
    vide = await annuaire.get(chemin, entetes={"If-None-Match": apres.headers["ETag"]})
    assert (vide.status_code, vide.json()["elements"]) == (200, [])


async def test_une_fermeture_laisse_le_lieu_sa_version_et_le_flux_comme_ils_sont(annuaire: Annuaire, lieu: str) -> None:
    avant = (await annuaire.get(f"/lieux/{lieu}")).content
    async with annuaire.base.read() as session:
        numero = await feed.dernier_numero(session)
    await declarer(annuaire, lieu)
    async with annuaire.base.read() as session:
        assert await feed.dernier_numero(session) == numero
    assert (await annuaire.get(f"/lieux/{lieu}")).content == avant


async def test_fermer_et_rouvrir_laissent_une_trace(annuaire: Annuaire, lieu: str) -> None:
    await annuler(annuaire, (await declarer(annuaire, lieu, motif="Dégât des eaux")).headers["Location"])
    async with annuaire.base.read() as session:
        traces = await session.execute(
            text("SELECT acteur, action, motif FROM socle_audit WHERE objet = :objet ORDER BY seq"),
            {"objet": f"lieu:{lieu}"},
        )
        assert [tuple(trace) for trace in traces] == [
            ("cle-ecrivain", "fermeture.declarer", "Dégât des eaux"),
            ("cle-ecrivain", "fermeture.annuler", None),
        ]


async def test_un_autre_processus_voit_la_fermeture_aussitot(annuaire: Annuaire, lieu: str) -> None:
    id, autre, registre = UUID(lieu), Database(annuaire.base.url), Registre()
    try:
        async with autre.read() as session:
            avant = await registre.suivre(session, le=maintenant())
            assert registre.du_lieu(id) == ()
            chemin = (await declarer(annuaire, lieu)).headers["Location"]
            pendant = await registre.suivre(session, le=maintenant())
            assert registre.du_lieu(id) == (Fermeture(BIENTOT, BIENTOT + timedelta(days=2)),)
            await annuler(annuaire, chemin)
            apres = await registre.suivre(session, le=maintenant())
            assert registre.du_lieu(id) == ()
        assert avant < pendant < apres
    finally:
        await autre.fermer()


async def test_sans_le_compteur_personne_ne_verrait_rien(
    annuaire: Annuaire, lieu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def oublier(_: object) -> None: ...

    registre = Registre()
    async with annuaire.base.read() as session:
        await registre.suivre(session, le=maintenant())
        monkeypatch.setattr(repository, "_numeroter", oublier)
        await declarer(annuaire, lieu)
        await registre.suivre(session, le=maintenant())
    assert registre.du_lieu(UUID(lieu)) == ()


async def test_une_fermeture_defaite_ne_laisse_ni_ligne_ni_numero(annuaire: Annuaire, lieu: str) -> None:
    async with annuaire.base.read() as session:
        avant = await repository.numero(session)

    async def tomber_en_panne() -> None:
        async with annuaire.base.write() as session:
            await service.declarer(
                session,
                lieu_id=UUID(lieu),
                demande=FermetureADeclarer(**demande()),
                principal=ADMIN,
                le=maintenant(),
            )
            raise RuntimeError("panne")

    with pytest.raises(RuntimeError, match="panne"):
        await tomber_en_panne()
    async with annuaire.base.read() as session:
        assert await repository.numero(session) == avant
    assert await lire(annuaire, lieu) == []


async def test_un_lecteur_lent_ne_remet_pas_ce_qu_il_avait_lu(
    annuaire: Annuaire, lieu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registre, id = Registre(), UUID(lieu)
    toutes = repository.toutes

    async def lent(session: ReadSession, *, depuis: date) -> dict[UUID, tuple[Fermeture, ...]]:
        lues = await toutes(session, depuis=depuis)
        monkeypatch.setattr(repository, "toutes", toutes)
        await declarer(annuaire, lieu)
        async with annuaire.base.read() as autre:
            await registre.suivre(autre, le=maintenant())
        return lues

    monkeypatch.setattr(repository, "toutes", lent)
    async with annuaire.base.read() as session:
        await registre.suivre(session, le=maintenant())
    assert registre.du_lieu(id) == (Fermeture(BIENTOT, BIENTOT + timedelta(days=2)),)
