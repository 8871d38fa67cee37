"""Exceptional closings of places: said without sending the list again.

They are outside the public document, its version and the feed, as the opening is. What makes them visible at once is
a counter of their own: whoever keeps them in memory compares it before answering (`registre.py`).
"""
