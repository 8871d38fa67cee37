"""The correspondence of a source: the versions of the document that says how its list is read."""
