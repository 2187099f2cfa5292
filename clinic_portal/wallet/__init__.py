"""What a clinic owes its patients: deposits until the treatment, and credit (P6)."""
