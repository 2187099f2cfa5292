"""Reads of accounts and proofs."""

from clinic_portal.accounts.codes import phone_code, resend_seconds

__all__ = ["phone_code", "resend_seconds"]
