"""The clinic's reports as pages (P18)."""
