"""Reports of the clinic: what happened in a period, by location and provider, counted and never named (P18)."""
