"""Search of actors: one port, two engines, the same French."""
