"""The refusal of a document: every fault, each with its place."""

from __future__ import annotations

from collections.abc import Sequence

from socle.errors import ContenuInvalide, Faute


class CorrespondanceInvalide(ContenuInvalide):
    code, titre = "correspondance-invalide", "La correspondance n'est pas valide"

    @classmethod
    def de(cls, fautes: Sequence[Faute]) -> CorrespondanceInvalide:
        """Build the refusal; its detail quotes the first faults, for who reads a terminal."""
        dites = " ; ".join(f"{faute.pointer or 'le document'} : {faute.detail}" for faute in fautes[:5])
        reste = f" ; et {len(fautes) - 5} autres" if len(fautes) > 5 else ""
        return cls(f"{dites}{reste}.", erreurs=fautes)
