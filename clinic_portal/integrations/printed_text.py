"""Text as the template takes it: which way it runs, and where a word too long for its line may be broken."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

Text = dict[str, Any]  # {"parts": ["…"], "rtl": None}; between two parts a line may end, and nothing is printed

WIDEST = 24
_PIECE = 6
_SPACES = " \n\u1680\u2000-\u2006\u2008-\u200b\u3000"
_BY_DICTIONARY = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # words stand without blanks; the engine knows many of them
_ANYWHERE = (  # Chinese characters, kana but the small ones (which never begin a line), Hangul
    "\u2e80-\u2fdf\u3042\u3044\u3046\u3048\u304a-\u3062\u3064-\u3082\u3084\u3086\u3088-\u308d\u308f-\u3093"
    "\u30a2\u30a4\u30a6\u30a8\u30aa-\u30c2\u30c4-\u30e2\u30e4\u30e6\u30e8-\u30ed\u30ef-\u30f3"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNLIKELY = 150  # so many letters in a row are no words of any script


@lru_cache(maxsize=8)
def _long_words(widest: int) -> re.Pattern[str]:
    """What has no place to end a line for too long; after a hyphen there is one."""
    word = rf"[^{_SPACES}{_ANYWHERE}{_BY_DICTIONARY}\-]{{{widest},}}"
    return re.compile(rf"[^{_SPACES}{_ANYWHERE}]{{{_UNLIKELY},}}|{word}")


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


def is_rtl(text: str) -> bool | None:
    """Whether a text runs from right to left, as its first letter that has a direction says; None: none has."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return None


def shortened(text: str, longest: int) -> str:
    """A text for the margin."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
