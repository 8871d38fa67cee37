"""What is counted of indexing, in the metrics of the service."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge


class Mesures:
    """Counters and gauges by engine."""

    def __init__(self, registre: CollectorRegistry) -> None:
        etiquettes = ("moteur",)
        self.operations = Counter(
            "maillage_recherche_operations", "Fiches dites aux moteurs", (*etiquettes, "issue"), registry=registre
        )
        self.reconstructions = Counter(
            "maillage_recherche_reconstructions", "Index reconstruits", (*etiquettes, "issue"), registry=registre
        )
        self.derive = Counter(
            "search_drift", "Écarts trouvés entre l'index et la base, hors changements en route", etiquettes,
            registry=registre,
        )  # fmt: skip
        self.retard = Gauge(
            "maillage_recherche_retard_secondes", "Âge du plus ancien changement pas encore cherchable", etiquettes,
            registry=registre,
        )  # fmt: skip
        self.taches = Gauge(
            "maillage_recherche_taches_ouvertes", "Promesses des moteurs pas encore tenues", etiquettes,
            registry=registre,
        )  # fmt: skip
        self.quarantaine = Gauge(
            "maillage_recherche_quarantaine", "Fiches refusées par un moteur", etiquettes, registry=registre
        )

    def suivre(
        self, moteur: str, *, retard: Callable[[], float], taches: Callable[[], float], refuses: Callable[[], float]
    ) -> None:
        """Ask these when metrics are read: a loop that is stuck must not look well."""
        self.derive.labels(moteur)
        self.retard.labels(moteur).set_function(retard)
        self.taches.labels(moteur).set_function(taches)
        self.quarantaine.labels(moteur).set_function(refuses)
