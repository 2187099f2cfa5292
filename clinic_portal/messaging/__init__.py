"""What patients are told: texts, calendar files, the delivery ledger."""
