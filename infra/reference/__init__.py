"""The reference of territories, built from the public registries."""
