"""Bodies of the ports that keep everything in the clinic's own database (B7)."""
