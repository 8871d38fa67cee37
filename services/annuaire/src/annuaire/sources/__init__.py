"""Who sends lists, with which rights and under which licence."""
