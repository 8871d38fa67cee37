"""Access keys: minted, kept as fingerprints, checked at each call, revoked."""
