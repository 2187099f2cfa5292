"""Text as the template takes it: which way it runs, and where a word too long for its line may be broken."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

Text = dict[str, Any]  # {"parts": ["…"], "rtl": False}; between two parts a line may end, and nothing is printed

WIDEST = 24
_PIECE = 6
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"


@lru_cache(maxsize=8)
def _long_words(widest: int) -> re.Pattern[str]:
    """Words longer than that, of scripts that part words by blanks; after a hyphen a line may end anyway."""
    return re.compile(rf"[^\s\-{_NO_SPACES}]{{{widest},}}")


def text_of(text: str, widest: int = WIDEST) -> Text:
    """A text as the template takes it."""
    parts: list[str] = []
    at = 0
    for word in _long_words(widest).finditer(text):
        pieces = _pieces(word[0])
        parts.append(text[at : word.start()] + pieces[0])
        parts += pieces[1:-1]
        at = word.end() - len(pieces[-1])
    return {"parts": [*parts, text[at:]], "rtl": is_rtl(text)}


def _pieces(word: str) -> list[str]:
    """A word in pieces; no mark is parted from its letter, nor what a joiner joins."""
    pieces, piece = [], ""
    for letter in word:
        is_joined = unicodedata.category(letter)[0] == "M" or letter == "\u200d" or piece.endswith("\u200d")
        if len(piece) >= _PIECE and not (is_joined and len(piece) < 4 * _PIECE):
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


def is_rtl(text: str) -> bool:
    """Whether a text runs from right to left: its first letter that has a direction says so."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def shortened(text: str, longest: int) -> str:
    """A text for the margin."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
