"""`make run`: four processes on one machine, ready to answer, stopped together."""
