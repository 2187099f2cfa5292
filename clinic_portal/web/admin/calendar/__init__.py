"""The calendar of the clinic: days and weeks, by provider, by room; what is on it is moved where it lies (P15)."""
