"""Fictional records, alike enough to make ties and different enough to be told apart."""

from __future__ import annotations

import random

from annuaire.recherche.port import ActorDocument

_TYPES = ("Médiathèque", "Mairie", "CCAS", "Espace public numérique", "MJC")
_NOMS = ("des Tilleuls", "Jean Moulin", "de la Gare", "Louise Michel", "du Château", "Saint-Exupéry")
_COMMUNES = (("Bourg-fictif", "01"), ("Saint-Étang", "33"), ("L'Île-aux-Ponts", "59"), ("Ville-Neuve", "974"))
_SERVICES = ("Aide aux démarches administratives", "Loisirs et créations numériques", "Accès internet")


def fiche(rang: int, *, v: int = 1, graine: int = 3) -> ActorDocument:
    """Return the record of a rank, always the same."""
    hasard = random.Random(f"{graine}-{rang}")
    genre, (commune, departement) = hasard.choice(_TYPES), hasard.choice(_COMMUNES)
    situee = hasard.random() < 0.9
    services = tuple(sorted(hasard.sample(_SERVICES, hasard.randrange(3))))
    return ActorDocument(
        id=f"fiche-{rang:04d}",
        v=v,
        texts={
            "nom": (f"{genre} {hasard.choice(_NOMS)}",), "commune": (commune,), "type": (genre,), "services": services,
            "presentation": ("Ateliers d'initiation, un conseiller numérique vous reçoit.",),
        },
        facets={"types": (genre,), "departement": (departement,), "services": services},
        lat=round(hasard.uniform(44, 50), 6) if situee else None,
        lng=round(hasard.uniform(-1, 6), 6) if situee else None,
        completude=hasard.randrange(3) * 50,
        maj=1_700_000_000 + hasard.randrange(5) * 86_400,
        visible=hasard.random() < 0.95,
    )  # fmt: skip
