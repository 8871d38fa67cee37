"""The report of a source: how fresh, how clean and how complete what it says is, and what it covers."""
