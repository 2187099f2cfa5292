"""What every room of the house stands on; it knows nothing about clinics."""
