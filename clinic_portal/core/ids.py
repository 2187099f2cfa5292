"""The only place that makes randomness."""

import secrets

# Letters and digits that are not mistaken for one another when read aloud or typed (no 0 O 1 I L U V).
_READABLE = "23456789ABCDEFGHJKMNPQRSTWXYZ"


def token() -> str:
    """256 random bits, URL-safe: for cookies and links. Only its digest is ever stored."""
    return secrets.token_urlsafe(32)


def nonce() -> str:
    """128 random bits, hexadecimal."""
    return secrets.token_hex(16)


def below(limit: int) -> int:
    """A random whole number from 0 to below `limit`."""
    return secrets.randbelow(limit)


def random_bytes(count: int) -> bytes:
    """So many random bytes: for the nonces of ciphers."""
    return secrets.token_bytes(count)


def readable(length: int) -> str:
    """So many random letters and digits that are not mistaken for one another."""
    return "".join(secrets.choice(_READABLE) for _ in range(length))


def reference(prefix: str) -> str:
    """A confirmation number a person can read out, such as `LMN-7Q4KXT` (594 million per prefix)."""
    return f"{prefix}-{readable(6)}"
