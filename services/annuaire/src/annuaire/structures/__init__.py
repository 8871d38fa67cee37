"""Organisations: whoever carries places, funds, coordinates or governs."""
