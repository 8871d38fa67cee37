"""What changed in a place over twenty-four months, field by field, and which source said so."""
