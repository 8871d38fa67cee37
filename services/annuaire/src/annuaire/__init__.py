"""The directory: structures and the places where they receive people."""
