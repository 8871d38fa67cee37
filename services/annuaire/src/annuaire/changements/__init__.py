"""The change feed (RPDE): every change once, in order, tombstones included."""
