"""The page of an action link: plain French, no script, everything escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Any, Final

_STYLE: Final = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#161616}"
    "label{display:block;margin:1rem 0 .25rem;font-weight:600}"
    "input,textarea{width:100%;font:inherit;padding:.4rem;box-sizing:border-box;border:1px solid #3a3a3a}"
    "button{font:inherit;padding:.6rem 1.2rem;margin:1rem 0;background:#000091;color:#fff;border:0}"
)
CSP: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'"
)
CHAMPS: Final = {
    "telephone": "Téléphone (plusieurs : séparez-les par une barre |)",
    "courriels": "Courriel",
    "site_web": "Site",
    "horaires": "Horaires, par exemple : lundi 9h-12h",
    "presentation_resume": "Présentation, en une ou deux phrases",
    "prise_rdv": "Adresse où prendre rendez-vous",
}


def formulaire(document: Mapping[str, Any], fautes: Mapping[str, str] | None = None) -> str:
    """Return the page that asks whether what is known of a place is right."""
    fautes = fautes or {}
    champs = "".join(
        f'<label for="{nom}">{escape(titre)}</label>'
        + (f'<p role="alert">{escape(fautes[nom])}</p>' if nom in fautes else "")
        + f'<input id="{nom}" name="{nom}" value="{escape(valeur(document, nom))}" maxlength="2000">'
        for nom, titre in CHAMPS.items()
    )
    adresse = " ".join(escape(str(document[n])) for n in ("adresse", "code_postal", "commune") if document.get(n))
    return _page(
        str(document["nom"]),
        f"<p>{adresse}</p><p>Voici ce que l'annuaire dit de ce lieu. Est-ce encore juste ?</p>"
        '<form method="post"><input type="hidden" name="choix" value="exact"><button>Tout est exact</button></form>'
        f'<h2>Corriger</h2><form method="post"><input type="hidden" name="choix" value="corriger">{champs}'
        "<button>Envoyer ces corrections</button></form>"
        "<p>Ce lien ne sert qu'une fois. Ce que vous écrivez devient public.</p>",
    )


def fait(nom: str) -> str:
    """Return the page that thanks."""
    return _page(nom, "<p>C'est noté, merci. L'annuaire dit aujourd'hui ce que vous avez confirmé.</p>")


def refus(titre: str, detail: str) -> str:
    """Return the page of a link that can't be used."""
    return _page(titre, f"<p>{escape(detail)}</p>")


def valeur(document: Mapping[str, Any], nom: str) -> str:
    """Return what a field of the form shows of a place."""
    dite = document.get("telephones" if nom == "telephone" else nom)
    if nom == "horaires":
        dite = dite or document.get("horaires_brut")
    return " | ".join(dite) if isinstance(dite, list) else str(dite or "")


def _page(titre: str, corps: str) -> str:
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(titre)}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(titre)}</h1>{corps}</main></body></html>"
    )
