"""Going out to addresses that somebody else chose: what is pulled, what is notified."""
