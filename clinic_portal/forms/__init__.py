"""Questionnaires, consents and instructions: written by staff, tied to services, answered and signed by patients."""
