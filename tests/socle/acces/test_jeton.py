"""The internal token: only the gateway's, for one service, for a minute."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from socle.acces import jeton as module
from socle.acces.cles import preparer_cles
from socle.acces.jeton import ALGORITHME, Signataire, Verificateur
from socle.acces.principal import ANONYME, Principal
from socle.errors import NonAuthentifie

KID = "1-a"
CLE = OKPKey.generate_key("Ed25519")
AUTRE = OKPKey.generate_key("Ed25519")
HUB = Principal("cle:hub", nom="Hub é", portees=frozenset({"sync:write", "lecture"}), sources=frozenset({"a", "b"}))


class Horloge:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.instant = 1_800_000_000.0

    def __call__(self) -> float:
        return self.instant


@pytest.fixture
def horloge() -> Horloge:
    return Horloge()


@pytest.fixture
def signataire(horloge: Horloge) -> Signataire:
    return Signataire(KID, CLE, horloge=horloge)


@pytest.fixture
def verificateur(horloge: Horloge) -> Verificateur:
    return Verificateur("annuaire", lambda: {KID: CLE}, horloge=horloge)


def forger(horloge: Horloge, *, cle: Any = CLE, alg: str = ALGORITHME, kid: str = KID, **revendications: Any) -> str:
    maintenant = int(horloge())
    claims = {
        "iss": "passerelle", "aud": "annuaire", "sub": "cle:x", "scope": "", "iat": maintenant, "nbf": maintenant,
        "exp": maintenant + 60, **revendications,
    }  # fmt: skip
    claims = {nom: valeur for nom, valeur in claims.items() if valeur is not None}
    return jwt.encode({"alg": alg, "kid": kid}, claims, cle, [alg])


@pytest.mark.parametrize("principal", [HUB, ANONYME, Principal("a", sources=frozenset())])
def test_un_principal_traverse_le_jeton(
    signataire: Signataire, verificateur: Verificateur, principal: Principal
) -> None:
    assert verificateur.verifier(signataire.signer(principal, "annuaire")) == principal
    assert verificateur.verifier(signataire.signer(principal, "annuaire", ecriture=True), ecriture=True) == principal


def test_un_jeton_forge_sans_defaut_passe(horloge: Horloge, verificateur: Verificateur) -> None:
    assert verificateur.verifier(forger(horloge)).sujet == "cle:x"


@pytest.mark.parametrize(
    "changements",
    [
        {"aud": "financement"},
        {"aud": ["annuaire"]},
        {"aud": None},
        {"iss": "annuaire"},
        {"iss": None},
        {"exp": None},
        {"nbf": None},
        {"iat": None},
        {"exp": "demain"},
        {"exp": True},
        {"sub": None},
        {"sub": ""},
        {"sub": 3},
        {"scope": None},
        {"scope": ["lecture"]},
        {"sources": "a"},
        {"sources": [1]},
    ],
    ids=str,
)
def test_une_revendication_fausse_est_un_401(
    horloge: Horloge, verificateur: Verificateur, changements: dict[str, Any]
) -> None:
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(forger(horloge, **changements))


def test_un_jeton_vit_au_plus_soixante_secondes(horloge: Horloge, verificateur: Verificateur) -> None:
    maintenant = int(horloge())
    verificateur.verifier(forger(horloge, exp=maintenant + 60))
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(forger(horloge, exp=maintenant + 61))


def test_l_expiration_a_cinq_secondes_de_tolerance_meme_pour_un_jeton_deja_vu(
    horloge: Horloge, verificateur: Verificateur
) -> None:
    jeton = forger(horloge)
    verificateur.verifier(jeton)
    horloge.instant += 64
    verificateur.verifier(jeton)
    horloge.instant += 1
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(jeton)


@pytest.mark.parametrize("nom", ["nbf", "iat"])
def test_un_jeton_du_futur_n_est_pris_qu_a_cinq_secondes_pres(
    horloge: Horloge, verificateur: Verificateur, nom: str
) -> None:
    maintenant = int(horloge())
    verificateur.verifier(forger(horloge, exp=maintenant + 30, **{nom: maintenant + 5}))
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(forger(horloge, exp=maintenant + 30, **{nom: maintenant + 6}))


def test_une_signature_d_une_autre_cle_est_refusee(horloge: Horloge, verificateur: Verificateur) -> None:
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(forger(horloge, cle=AUTRE))


def test_un_kid_inconnu_est_refuse(horloge: Horloge, verificateur: Verificateur) -> None:
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(forger(horloge, kid="../../etc/passwd"))


def test_la_confusion_d_algorithme_est_refusee(horloge: Horloge, verificateur: Verificateur) -> None:
    # The public key used as a shared secret: the classical confusion.
    tete = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": KID}).encode()).rstrip(b"=").decode()
    signe = f"{tete}.{forger(horloge).split('.')[1]}"
    for secret in (CLE.as_pem(private=False), CLE.as_pem(private=False).strip(), b""):
        sceau = hmac.digest(secret, signe.encode(), "sha256")
        with pytest.raises(NonAuthentifie):
            verificateur.verifier(f"{signe}.{base64.urlsafe_b64encode(sceau).rstrip(b'=').decode()}")


def test_un_jeton_sans_signature_est_refuse(horloge: Horloge, verificateur: Verificateur) -> None:
    _, corps, _ = forger(horloge).split(".")
    tete = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": KID}).encode()).rstrip(b"=").decode()
    for fin in ("", "AAAA"):
        with pytest.raises(NonAuthentifie):
            verificateur.verifier(f"{tete}.{corps}.{fin}")


def test_un_corps_change_apres_signature_est_refuse(horloge: Horloge, verificateur: Verificateur) -> None:
    tete, corps, signature = forger(horloge).split(".")
    lu = json.loads(base64.urlsafe_b64decode(corps + "=" * (-len(corps) % 4)))
    change = base64.urlsafe_b64encode(json.dumps({**lu, "scope": "sync:admin"}).encode()).rstrip(b"=").decode()
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(f"{tete}.{change}.{signature}")


@pytest.mark.parametrize(
    "texte", ["", ".", "..", "a.b.c", "é.è.à", "e30.e30.e30", "x" * 5000, "bnVsbA.bnVsbA.", "\x00"]
)
def test_un_texte_quelconque_est_un_401(verificateur: Verificateur, texte: str) -> None:
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(texte)


def test_une_ecriture_demande_un_jti(signataire: Signataire, verificateur: Verificateur) -> None:
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(signataire.signer(HUB, "annuaire"), ecriture=True)


def test_un_jeton_d_ecriture_ne_sert_qu_une_fois(signataire: Signataire, verificateur: Verificateur) -> None:
    jeton = signataire.signer(HUB, "annuaire", ecriture=True)
    verificateur.verifier(jeton, ecriture=True)
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(jeton, ecriture=True)


def test_sans_registre_des_jti_la_reprise_passerait(
    signataire: Signataire, verificateur: Verificateur, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Verificateur, "_consommer", lambda *_: None)
    jeton = signataire.signer(HUB, "annuaire", ecriture=True)
    verificateur.verifier(jeton, ecriture=True)
    verificateur.verifier(jeton, ecriture=True)


def test_les_jti_expires_sont_oublies_et_le_restent_refuses(
    horloge: Horloge, signataire: Signataire, verificateur: Verificateur
) -> None:
    jetons = [signataire.signer(HUB, "annuaire", ecriture=True) for _ in range(50)]
    for jeton in jetons:
        verificateur.verifier(jeton, ecriture=True)
    horloge.instant += 100
    verificateur.verifier(signataire.signer(HUB, "annuaire", ecriture=True), ecriture=True)
    assert len(verificateur._consommes) == 1
    with pytest.raises(NonAuthentifie):
        verificateur.verifier(jetons[0], ecriture=True)


def test_un_jeton_de_lecture_est_reemploye_trente_secondes(horloge: Horloge, signataire: Signataire) -> None:
    premier = signataire.signer(HUB, "annuaire")
    horloge.instant += 29.9
    assert signataire.signer(HUB, "annuaire") == premier
    horloge.instant += 0.1
    assert signataire.signer(HUB, "annuaire") != premier


def test_chaque_appelant_et_chaque_service_a_son_jeton(signataire: Signataire) -> None:
    jetons = {signataire.signer(p, a) for p in (HUB, ANONYME) for a in ("annuaire", "coordination")}
    assert len(jetons) == 4


def test_une_signature_n_est_verifiee_qu_une_fois_en_lecture(
    signataire: Signataire, verificateur: Verificateur, monkeypatch: pytest.MonkeyPatch
) -> None:
    appels: list[str] = []
    vrai: Callable[..., Any] = module.jwt.decode

    def compter(jeton: str, *suite: Any) -> Any:
        appels.append(jeton)
        return vrai(jeton, *suite)

    monkeypatch.setattr(module.jwt, "decode", compter)
    jeton = signataire.signer(HUB, "annuaire")
    for _ in range(3):
        verificateur.verifier(jeton)
    assert len(appels) == 1


def test_la_memoire_des_jetons_est_bornee(horloge: Horloge, signataire: Signataire) -> None:
    verificateur = Verificateur("annuaire", lambda: {KID: CLE}, horloge=horloge, capacite=10)
    for rang in range(30):
        verificateur.verifier(signataire.signer(Principal(f"cle:{rang}"), "annuaire"))
    assert len(verificateur._verifies) == 10


def test_une_rotation_ne_demande_aucun_redemarrage(horloge: Horloge, tmp_path: Path) -> None:
    signataire = Signataire.depuis(tmp_path, horloge=horloge)
    verificateur = Verificateur.depuis("annuaire", tmp_path, horloge=horloge)
    ancien = signataire.signer(HUB, "annuaire")
    verificateur.verifier(ancien)
    horloge.instant += 30 * 86_400
    signataire.renouveler(tmp_path)
    nouveau = signataire.signer(HUB, "annuaire")
    assert verificateur.verifier(nouveau) == HUB
    assert len(list(tmp_path.glob("*.public.pem"))) == 2


def test_un_kid_inconnu_ne_fait_relire_les_cles_qu_une_fois_par_seconde(horloge: Horloge) -> None:
    lectures: list[int] = []

    def lire() -> dict[str, OKPKey]:
        lectures.append(1)
        return {KID: CLE}

    verificateur = Verificateur("annuaire", lire, horloge=horloge)
    for rang in range(20):
        with pytest.raises(NonAuthentifie):
            verificateur.verifier(forger(horloge, kid=f"inconnu-{rang}"))
    assert len(lectures) == 1
    horloge.instant += 1
    verificateur.verifier(forger(horloge))
    assert len(lectures) <= 2


def test_la_cle_precedente_disparait_un_jour_apres_la_suivante(horloge: Horloge, tmp_path: Path) -> None:
    premiere = preparer_cles(tmp_path, horloge=horloge)
    horloge.instant += 30 * 86_400
    seconde = preparer_cles(tmp_path, horloge=horloge)
    horloge.instant += 86_399
    preparer_cles(tmp_path, horloge=horloge)
    assert (tmp_path / f"{premiere}.public.pem").exists()
    horloge.instant += 1
    assert preparer_cles(tmp_path, horloge=horloge) == seconde
    assert not (tmp_path / f"{premiere}.public.pem").exists()
    assert not (tmp_path / f"{premiere}.prive.pem").exists()
