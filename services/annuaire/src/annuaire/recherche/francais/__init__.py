"""French, once: how words are cut, folded, left out and matched, for both engines."""
