"""The closed lists of the national standard and the classification of themes."""
