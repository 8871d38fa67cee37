"""A fictional directory, always the same, to see the whole system live without a single real contact."""
