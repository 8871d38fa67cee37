"""How a list that follows no standard is read: a document says which column makes which field, an engine obeys it."""
