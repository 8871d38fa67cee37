"""Errors of the notifications."""

from __future__ import annotations

from socle.errors import Conflit, ContenuInvalide, Introuvable


class WebhookInconnu(Introuvable):
    code, titre = "webhook-inconnu", "Ce webhook n'existe pas"


class LivraisonInconnue(Introuvable):
    code, titre = "livraison-inconnue", "Cette livraison n'existe pas"


class WebhookRefuse(ContenuInvalide):
    code, titre = "webhook-refuse", "Ce webhook ne peut pas être inscrit"


class TropDeWebhooks(Conflit):
    code, titre = "trop-de-webhooks", "Cette clé a trop de webhooks"


class LivraisonEnCours(Conflit):
    code, titre = "livraison-en-cours", "Cette livraison ne peut pas être rejouée"
