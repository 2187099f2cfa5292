"""E-mail addresses as people type them. Pure."""

import unicodedata
from string import ascii_lowercase, ascii_uppercase

from email_validator import EmailNotValidError, validate_email

from clinic_portal.core.errors import Invalid

EMAIL_MAX = 254  # RFC 5321
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def email_address(typed: str) -> str:
    """An e-mail address in its normal form. Raises Invalid on `email`."""
    typed = typed.strip()
    if not typed:
        raise Invalid("email", "email_missing")
    if len(typed) > EMAIL_MAX:
        raise Invalid("email", "email_invalid")
    try:
        return validate_email(typed, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid("email", "email_invalid") from None


def email_key(email: str) -> str:
    """The form in which two addresses are compared: without blanks around it, A as a.

    No other letters are folded into one another: a long s is no `s` to a mail server, and its owner somebody else.
    """
    return unicodedata.normalize("NFC", email.strip()).translate(_LOWER)
