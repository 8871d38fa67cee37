"""Whole copies, each in one snapshot."""
