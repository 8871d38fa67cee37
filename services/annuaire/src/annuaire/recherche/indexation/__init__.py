"""What keeps every search index equal to the directory."""
