"""Keyed digests, one-time codes and password hashes. Keys come from settings, never from the database."""

import base64
import hashlib
import hmac
import unicodedata

import bcrypt

CODE_DIGITS = 6


def digest(secret: str) -> str:
    """SHA-256 of a random token, hexadecimal: what the database keeps of a cookie or a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed(key: str, purpose: str, *parts: str) -> str:
    """HMAC-SHA-256 under the installation's key, hexadecimal. `purpose` keeps uses of one key apart."""
    message = "\x1f".join((purpose, *parts)).encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def one_time_code(key: str, purpose: str, nonce: str) -> str:
    """The six digits that belong to a nonce: they are never stored, only worked out again (S66, rule 10)."""
    return str(int(keyed(key, f"code:{purpose}", nonce), 16) % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def hash_password(password: str, pepper: str, cost: int) -> str:
    """bcrypt over a keyed digest, so that passwords of any length count in full (rule 9; bcrypt stops at 72 bytes)."""
    return bcrypt.hashpw(_prepared(password, pepper), bcrypt.gensalt(cost)).decode()


def password_matches(password: str, hashed: str, pepper: str) -> bool:
    """Whether `password` is the one behind `hashed`."""
    return bcrypt.checkpw(_prepared(password, pepper), hashed.encode())


def _prepared(password: str, pepper: str) -> bytes:
    normal = unicodedata.normalize("NFC", password).encode()
    return base64.b64encode(hmac.new(pepper.encode(), normal, hashlib.sha384).digest())
