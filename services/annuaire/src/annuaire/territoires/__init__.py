"""Communes, EPCI, départements, régions, quartiers prioritaires: where a place is, administratively."""
