"""From a wish to an appointment: drafts, holds, booking."""
