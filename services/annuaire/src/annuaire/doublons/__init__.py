"""Duplicates: records of several sources that speak of one place, found, explained, joined or set apart."""
