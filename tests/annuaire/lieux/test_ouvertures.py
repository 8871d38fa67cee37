"""« Open now » in what people read: right at the instant, kept no longer than it holds, closed at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fabriques.annuaire import ADMIN, Annuaire, lieu, nouvelle_cle
from tests.fabriques.horloge import Horloge

pytestmark = pytest.mark.anyio

GRENOBLE, SAINT_DENIS = 0, 3
"""Ranks of the fictional places, whose communes go round: Paris time and Réunion time."""


async def publier(annuaire: Annuaire, horaires: str | None, rang: int = GRENOBLE, **champs: Any) -> tuple[str, str]:
    """Publish one place with these hours and return its source and its id."""
    source = await annuaire.creer_source()
    await annuaire.synchroniser(source, [lieu(rang, horaires=horaires, **champs)])
    (fiche,) = (await annuaire.lieux(source)).values()
    return source, fiche["id"]


async def lire(annuaire: Annuaire, source: str, etag: str | None = None) -> Any:
    """Read the list of a source, conditionally when a tag is given."""
    return await annuaire.get("/lieux", source=source, entetes={"If-None-Match": etag} if etag else None)


async def test_a_midi_le_304_d_avant_midi_est_refuse(annuaire: Annuaire, horloge: Horloge) -> None:
    source, _ = await publier(annuaire, "Mo-Fr 09:00-12:00,14:00-18:00")
    horloge.a("2026-03-10T11:59:00+01:00")
    avant = await lire(annuaire, source)
    assert avant.json()["elements"][0]["ouverture"] == {
        "etat": "ouvert", "ferme_a": "2026-03-10T12:00:00+01:00", "prochaine": None,
    }  # fmt: skip
    assert avant.json()["valable_jusqu_a"] == "2026-03-10T11:00:00Z"
    horloge.a("2026-03-10T11:59:59+01:00")
    assert (await lire(annuaire, source, avant.headers["ETag"])).status_code == 304
    horloge.a("2026-03-10T12:00:00+01:00")
    apres = await lire(annuaire, source, avant.headers["ETag"])
    assert apres.status_code == 200
    assert apres.json()["elements"][0]["ouverture"] == {
        "etat": "ferme", "ferme_a": None, "prochaine": "2026-03-10T14:00:00+01:00",
    }  # fmt: skip


async def test_la_fiche_aussi_change_d_etiquette_a_midi(annuaire: Annuaire, horloge: Horloge) -> None:
    _, id = await publier(annuaire, "Mo-Fr 09:00-12:00")
    horloge.a("2026-03-10T11:59:00+01:00")
    avant = await annuaire.get(f"/lieux/{id}")
    assert avant.json()["ouverture"]["etat"] == "ouvert"
    si_different = {"If-None-Match": avant.headers["ETag"]}
    assert (await annuaire.get(f"/lieux/{id}", entetes=si_different)).status_code == 304
    horloge.a("2026-03-10T12:00:00+01:00")
    apres = await annuaire.get(f"/lieux/{id}", entetes=si_different)
    assert (apres.status_code, apres.json()["ouverture"]["etat"]) == (200, "ferme")


async def test_au_passage_a_l_heure_d_ete_le_304_suit_l_heure_de_l_endroit(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    source, _ = await publier(annuaire, "Mo-Su 09:00-12:00")
    horloge.a("2026-03-29T06:59:00+00:00")
    avant = await lire(annuaire, source)
    assert avant.json()["elements"][0]["ouverture"]["prochaine"] == "2026-03-29T09:00:00+02:00"
    horloge.a("2026-03-29T07:00:00+00:00")
    apres = await lire(annuaire, source, avant.headers["ETag"])
    assert (apres.status_code, apres.json()["elements"][0]["ouverture"]["etat"]) == (200, "ouvert")


async def test_le_premier_mai_ferme_ce_que_les_feries_ferment(annuaire: Annuaire, horloge: Horloge) -> None:
    source, _ = await publier(annuaire, "Mo-Su 00:00-24:00; PH off")
    horloge.a("2026-04-30T23:59:00+02:00")
    veille = await lire(annuaire, source)
    assert veille.json()["elements"][0]["ouverture"]["ferme_a"] == "2026-05-01T00:00:00+02:00"
    horloge.a("2026-05-01T10:00:00+02:00")
    jour = await lire(annuaire, source, veille.headers["ETag"])
    assert jour.status_code == 200
    assert jour.json()["elements"][0]["ouverture"] == {
        "etat": "ferme", "ferme_a": None, "prochaine": "2026-05-02T00:00:00+02:00",
    }  # fmt: skip


async def test_chaque_lieu_est_ouvert_a_l_heure_de_son_fuseau(annuaire: Annuaire, horloge: Horloge) -> None:
    _, grenoble = await publier(annuaire, "Mo-Fr 09:00-12:00", GRENOBLE)
    _, saint_denis = await publier(annuaire, "Mo-Fr 09:00-12:00", SAINT_DENIS)
    horloge.a("2026-03-10T06:00:00+00:00")  # 07:00 in Grenoble, 10:00 in Saint-Denis
    etats = [(await annuaire.get(f"/lieux/{id}")).json()["ouverture"]["etat"] for id in (grenoble, saint_denis)]
    assert etats == ["ferme", "ouvert"]


async def test_sans_horaires_l_etat_est_inconnu_et_la_reponse_ne_depend_pas_de_l_heure(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    source, _ = await publier(annuaire, None)
    page = await lire(annuaire, source)
    assert page.json()["elements"][0]["ouverture"] == {"etat": "inconnu", "ferme_a": None, "prochaine": None}
    assert "valable_jusqu_a" not in page.json()
    horloge.a("2026-09-10T03:00:00+00:00")
    assert (await lire(annuaire, source, page.headers["ETag"])).status_code == 304


async def test_aucun_cache_ne_garde_la_reponse_au_dela_du_prochain_changement(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    source, id = await publier(annuaire, "Mo-Fr 09:00-12:00")
    horloge.a("2026-03-10T11:59:48+01:00")
    for reponse in (await lire(annuaire, source), await annuaire.get(f"/lieux/{id}")):
        assert reponse.headers["Cache-Control"] == "public, max-age=12, must-revalidate"


async def test_une_fermeture_exceptionnelle_se_voit_aussitot(annuaire: Annuaire, horloge: Horloge) -> None:
    source, id = await publier(annuaire, "Mo-Fr 09:00-12:00")
    horloge.a("2026-03-10T10:00:00+01:00")
    avant = await lire(annuaire, source)
    assert avant.json()["elements"][0]["ouverture"]["etat"] == "ouvert"
    fermee = await annuaire.post(
        f"/lieux/{id}/fermetures",
        qui=ADMIN,
        corps={"du": "2026-03-10", "au": "2026-03-10", "motif": "Travaux"},
        entetes={"Idempotency-Key": nouvelle_cle()},
    )
    assert fermee.status_code == 201, fermee.text
    apres = await lire(annuaire, source, avant.headers["ETag"])
    assert (apres.status_code, apres.json()["elements"][0]["ouverture"]["etat"]) == (200, "ferme")


async def test_un_lieu_qui_ne_recoit_pas_de_public_est_ferme(annuaire: Annuaire, horloge: Horloge) -> None:
    _, id = await publier(annuaire, "Mo-Su 00:00-24:00", modalites_acces="Ce lieu n'accueille pas de public")
    assert (await annuaire.get(f"/lieux/{id}")).json()["ouverture"]["etat"] == "ferme"


async def test_de_nouveaux_horaires_remplacent_les_anciens(annuaire: Annuaire, horloge: Horloge) -> None:
    source, id = await publier(annuaire, "Mo-Fr 09:00-12:00")
    horloge.a("2026-03-10T16:00:00+01:00")
    assert (await annuaire.get(f"/lieux/{id}")).json()["ouverture"]["etat"] == "ferme"
    await annuaire.synchroniser(source, [lieu(GRENOBLE, horaires="Mo-Fr 14:00-18:00")])
    assert (await annuaire.get(f"/lieux/{id}")).json()["ouverture"]["etat"] == "ouvert"


@pytest.mark.parametrize(
    ("acces", "etat"), [("Téléphoner", "ouvert_sur_rdv"), ("Téléphoner|Se présenter", "ouvert"), (None, "ouvert")]
)
async def test_un_lieu_ou_l_on_ne_peut_pas_se_presenter_est_ouvert_sur_rendez_vous(
    annuaire: Annuaire, horloge: Horloge, acces: str | None, etat: str
) -> None:
    _, id = await publier(annuaire, "Mo-Fr 09:00-12:00", modalites_acces=acces)
    horloge.a("2026-03-10T10:00:00+01:00")
    assert (await annuaire.get(f"/lieux/{id}")).json()["ouverture"]["etat"] == etat
