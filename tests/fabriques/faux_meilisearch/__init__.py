"""A stand-in for a Meilisearch server: real HTTP on loopback, the routes that we use, never looser than the real one.

What it does is what the source of Meilisearch v1.50 says (files are cited where each rule is written). It is small, not
fast: it is there to be told what a server would refuse, and to be stopped, slowed, emptied and filled at will. Its
ranking has the rules of the real one in their order, not their every nuance.
"""

from tests.fabriques.faux_meilisearch.serveur import FauxMeilisearch

__all__ = ["FauxMeilisearch"]
