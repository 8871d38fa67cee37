"""What a place says of itself: it outranks every list."""
