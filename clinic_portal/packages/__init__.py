"""Packages: so many of a treatment, paid for in advance (P8). What is bought stands in the wallet."""
