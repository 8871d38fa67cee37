"""Lists that Maillage goes and fetches: from where, how often, and what came of it."""
