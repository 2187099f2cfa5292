"""The key to an empty installation: whoever has it becomes its owner, and a stranger who comes first does not.

It follows from the installation's secret key, so that it is kept nowhere; the server says it when it starts. It opens
nothing any more as soon as anybody of the staff is there.
"""

from datetime import timedelta

from clinic_portal.accounts import limits, staff
from clinic_portal.accounts.types import Limit
from clinic_portal.core import crypto
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Reading, UnitOfWork

PER_ADDRESS = Limit("setup_key_per_address", 10, timedelta(minutes=15))
_LETTERS, _GROUP = 24, 6


def setup_key(settings: Settings) -> str:
    """The key in groups that can be read out and typed: `3f9a1c-…`."""
    plain = _plain_key(settings)
    return "-".join(plain[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def address(read: Reading) -> str:
    """Where an empty installation is set up, key included; empty as soon as anybody is there."""
    if staff.is_anybody(read):
        return ""
    return f"{read.settings.public_url.rstrip('/')}/setup?key={setup_key(read.settings)}"


def is_right(settings: Settings, typed: str) -> bool:
    """Whether this is the key, however it was copied; compared in constant time."""
    told = "".join(one for one in typed.lower() if one.isalnum())
    return crypto.same(told, _plain_key(settings))


def knock(work: UnitOfWork, address: str) -> None:
    """Count a try, before it is looked at. Raises TooMany."""
    limits.spend(work, PER_ADDRESS, address)


def _plain_key(settings: Settings) -> str:
    return crypto.keyed(settings.key, "first run")[:_LETTERS]
