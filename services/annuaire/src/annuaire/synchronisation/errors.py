"""Errors of the synchronisations."""

from __future__ import annotations

from socle.errors import Conflit, Erreur, Introuvable, PreconditionFausse, RequeteInvalide, Supprime, TypeRefuse


class SynchronisationEnCours(Conflit):
    code, titre = "synchronisation-en-cours", "Cette source a déjà une synchronisation en cours"


class TropDeSynchronisations(Erreur):
    code, statut, titre = "trop-de-synchronisations", 429, "Cette source a atteint son quota de synchronisations"


class TypeDeListeRefuse(TypeRefuse):
    code, titre = "type-de-liste-refuse", "Ce type de fichier n'est pas une liste que Maillage sait lire"


class CondenseInvalide(RequeteInvalide):
    code, titre = "condense-invalide", "Le fichier reçu n'est pas celui que vous avez envoyé"


class BaseDepassee(PreconditionFausse):
    code, titre = "base-depassee", "La source a été synchronisée depuis"


class PlanDepasse(PreconditionFausse):
    code, titre = "plan-depasse", "Le plan ne correspond plus à l'annuaire"


class NonApplicable(Conflit):
    code, titre = "synchronisation-non-applicable", "Cette synchronisation ne peut pas être appliquée"


class ConfirmationInexacte(Conflit):
    code, titre = "confirmation-inexacte", "La confirmation ne correspond pas au plan"


class FichierAbsent(Introuvable):
    code, titre = "fichier-absent", "Cette synchronisation n'a pas de fichier"


class FichierPurge(Supprime):
    code, titre = "fichier-purge", "Le fichier de cette synchronisation n'est plus gardé"


class RapportEnPreparation(Conflit):
    code, titre = "rapport-en-preparation", "Cette liste n'a pas fini d'être lue"
