"""Messages as staff handle them: what asks for attention, the ledger, one message, the clinic's own words."""
