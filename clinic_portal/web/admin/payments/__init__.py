"""Payments as staff handle them: the list, one payment, visits nobody came to (P5, P6)."""
