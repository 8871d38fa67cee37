"""Is a place open now: hours of the OSM syntax, read by the clock on its wall and the holidays of its territory."""
