"""Reading places, at speed: everything is answered from memory, which follows the change feed."""
