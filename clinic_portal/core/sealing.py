"""Health data and other secrets at rest: AES-256-GCM, field by field and file by file (rule 13).

A sealed text names its place (`table:column:row`) as associated data, so that one moved to another row is refused, and
the id of its key, so that keys can be changed: new ones seal, old ones still open until everything was sealed anew.
"""

import base64
import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from clinic_portal.core import ids
from clinic_portal.core.settings import Settings

_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2
_ID_LETTERS = 8
_FILE_MARK = b"CPS1"


class Unreadable(Exception):
    """A sealed text that no key of this installation opens at this place. Its own text says nothing of the content."""


def seal(settings: Settings, where: str, text: str) -> str:
    """`text` for the place `where`, readable only here: `v1.<key id>.<base64>`."""
    key_id, sealed = _sealed(settings, where, text.encode())
    return f"v1.{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"


def open_sealed(settings: Settings, where: str, sealed: str) -> str:
    """The text sealed for `where`. Raises Unreadable when it was altered, moved, or sealed under an unknown key."""
    version, _, rest = sealed.partition(".")
    key_id, _, body = rest.partition(".")
    if version != "v1":
        raise Unreadable("unknown key")
    try:
        return _opened(settings, where, key_id, base64.b64decode(body.encode(), altchars=b"-_", validate=True)).decode()
    except ValueError:
        raise Unreadable("altered or moved") from None


def seal_bytes(settings: Settings, where: str, data: bytes) -> bytes:
    """`data` for the place `where`, as a file holds it: a mark, the key's id, the nonce, what is sealed."""
    key_id, sealed = _sealed(settings, where, data)
    return _FILE_MARK + key_id.encode() + sealed


def open_bytes(settings: Settings, where: str, sealed: bytes) -> bytes:
    """The bytes sealed for `where`. Raises Unreadable like `open_sealed`."""
    if not sealed.startswith(_FILE_MARK):
        raise Unreadable("altered or moved")
    start = len(_FILE_MARK)
    key_id = sealed[start : start + _ID_LETTERS].decode("latin-1")
    return _opened(settings, where, key_id, sealed[start + _ID_LETTERS :])


def is_current(settings: Settings, sealed: str) -> bool:
    """Whether it was sealed under the key that seals now."""
    return sealed.startswith(f"v1.{_id(_derived(settings.sealing_keys[0]))}.")


def is_current_file(settings: Settings, beginning: bytes) -> bool:
    """Whether a file that begins so was sealed under the key that seals now."""
    return beginning.startswith(_FILE_MARK + _id(_derived(settings.sealing_keys[0])).encode())


def _sealed(settings: Settings, where: str, data: bytes) -> tuple[str, bytes]:
    key = _derived(settings.sealing_keys[0])
    nonce = ids.random_bytes(_NONCE_BYTES)
    return _id(key), nonce + AESGCM(key).encrypt(nonce, data, where.encode())


def _opened(settings: Settings, where: str, key_id: str, raw: bytes) -> bytes:
    keys = {_id(key): key for key in map(_derived, settings.sealing_keys)}
    if key_id not in keys:
        raise Unreadable("unknown key")
    try:
        return AESGCM(keys[key_id]).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], where.encode())
    except (InvalidTag, ValueError):
        raise Unreadable("altered or moved") from None


@lru_cache(maxsize=16)
def _derived(secret: str) -> bytes:
    made = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"clinic_portal data at rest v1")
    return made.derive(secret.encode())


def _id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:_ID_LETTERS]
