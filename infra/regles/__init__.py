"""Rules of this code base that no ready-made checker knows. `python -m infra.regles` lists what breaks them."""
