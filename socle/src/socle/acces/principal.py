"""Who is calling, as every service sees it."""

from __future__ import annotations

from dataclasses import dataclass, field

from socle.errors import Interdit


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a request, decided by the gateway and read from its token.

    `sujet` is the stable identifier (of a key, say), `nom` what people call it, `portees` its scopes, `sources` the
    sources that it is bound to (`None`: bound to none in particular, so free of them).
    """

    sujet: str
    nom: str = ""
    portees: frozenset[str] = field(default_factory=frozenset)
    sources: frozenset[str] | None = None
    anonyme: bool = False

    def peut(self, source: str) -> bool:
        """Tell whether the binding of the caller lets it act on this source."""
        return not self.anonyme and (self.sources is None or source in self.sources)

    def exiger_source(self, source: str) -> None:
        """Raise `Interdit` when the caller is bound to other sources."""
        if not self.peut(source):
            raise Interdit("Cette clé n'ouvre pas cette source.")


ANONYME = Principal(sujet="anonyme", nom="anonyme", anonyme=True)
