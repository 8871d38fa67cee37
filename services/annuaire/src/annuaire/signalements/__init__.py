"""What anyone may report of a place, and what its source answers."""
