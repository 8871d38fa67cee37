"""A list goes in: bytes → rows → normalised records → plan → guard → one transaction."""
