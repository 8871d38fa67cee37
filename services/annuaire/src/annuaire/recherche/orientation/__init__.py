"""Orientation: a need, a place, a time; a few places, and why."""
