"""Places where the public is received: record, public projection, nearest."""
