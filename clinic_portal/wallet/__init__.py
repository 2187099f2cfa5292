"""What a patient has with the clinic: credit left from deposits, and who is a member."""
