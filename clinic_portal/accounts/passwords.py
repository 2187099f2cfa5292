"""Passwords (NIST SP 800-63B-4): length over composition, none that is common, leaked or about the person.

Hashing takes a third of a second or more on purpose, judging a password up to a tenth: callers do both outside
transactions, off the event loop, and only for those who passed a CAPTCHA, a link or a sign-in.
"""

from collections.abc import Iterable

from zxcvbn import zxcvbn

from clinic_portal.core import crypto
from clinic_portal.core.errors import Invalid
from clinic_portal.core.settings import Settings

LEAST = 15  # 3.1.1.2: for a password that is the only factor
MOST = 128
LEAST_SCORE = 2  # zxcvbn's scale: 0 and 1 fall to a list of common passwords and their variations
LEAST_BESIDE = 8  # what must be left of it without the person's own name, address and the like
_WINDOW = 16  # zxcvbn's work grows fast with the length: 0.05 s for 16 letters at worst, seconds for 72


def check(password: str, about: Iterable[str] = ()) -> None:
    """Raises Invalid on `password` for one that is too short, too long, or easily guessed.

    `about` are words an attacker would try first: name, e-mail, the clinic.
    """
    if len(password) < LEAST:
        raise Invalid("password", "password_short", least=LEAST)
    if len(password) > MOST:
        raise Invalid("password", "password_long", most=MOST)
    words = {part for text in about for part in (text, *text.replace("@", " ").replace(".", " ").split()) if part}
    beside = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        beside = beside.replace(word.casefold(), "") if len(word) > 2 else beside
    parts = {password[:_WINDOW], password[-_WINDOW:]}
    if len(beside) < LEAST_BESIDE or max(zxcvbn(one, user_inputs=list(words))["score"] for one in parts) < LEAST_SCORE:
        raise Invalid("password", "password_guessable")


def new_hash(settings: Settings, password: str, about: Iterable[str]) -> str:
    """What the database keeps of a password somebody chose; slow. Raises Invalid like `check`."""
    check(password, about=about)
    return hashed(settings, password)


def hashed(settings: Settings, password: str) -> str:
    """What the database keeps of a password; slow."""
    return crypto.hash_password(password, settings.key, settings.password_cost)


def matches(settings: Settings, password: str, known: str | None) -> bool:
    """Whether it is the password behind `known`; as slow where there is none to compare with (rule 8)."""
    right = crypto.password_matches(password, known or _dummy(settings), settings.key)
    return right and known is not None


def is_outdated(settings: Settings, known: str) -> bool:
    """Whether a hash was made at another cost than is set now: it is made anew at the next sign-in."""
    parts = known.split("$")
    return len(parts) < 3 or not parts[2].isdigit() or int(parts[2]) != settings.password_cost


def _dummy(settings: Settings) -> str:
    """A hash of the present cost that no password has; written down, because even the first must take no longer."""
    return f"$2b${settings.password_cost:02}${'.' * 22}{'.' * 31}"
