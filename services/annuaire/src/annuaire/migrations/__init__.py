"""The history of annuaire's tables."""
