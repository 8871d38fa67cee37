"""Local coordination spaces around a contrat de ville."""
