"""The command line of lists and sources: a client of the public API, which opens no database."""
