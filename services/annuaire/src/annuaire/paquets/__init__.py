"""The offline pack of a département: its places and two weeks of their openings, small enough for a phone."""
