"""Staff book on a patient's behalf."""
