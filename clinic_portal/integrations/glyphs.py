"""Which characters the fonts can print; what they cannot is told by its number, never left out.

Fonts come as packages (see pyproject.toml), so that every installation prints the same; the system's are a last
resort for scripts of which we carry none.
"""

import importlib.util
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from threading import Lock

import typst

PACKAGES = (
    "fontpkg_inter",
    "fontpkg_newsreader",
    "fontpkg_noto_sans",
    "fontpkg_heebo",
    "fontpkg_ibm_plex_sans_arabic",
    "fontpkg_noto_sans_devanagari",
    "fontpkg_noto_sans_thai",
    "manimgx_fonts_cjk",
)
SANS = ("Inter", "Noto Sans", "Heebo", "IBM Plex Sans Arabic", "Noto Sans Devanagari", "Noto Sans Thai")
SERIF = ("Newsreader 16pt", *SANS)
MONO = ("DejaVu Sans Mono", *SANS)  # the engine brings it along
_CJK = {"ja": ("JP", "SC", "TC", "KR"), "ko": ("KR", "SC", "TC", "JP"), "zh-hant": ("TC", "SC", "JP", "KR")}
_UNSEEN = re.compile(
    "[\u202a-\u202e\u2066-\u2069"  # turn the order of what follows, and so could make a text read otherwise
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"  # letters that nobody sees
)
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}")
_REFUSED = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_TOGETHER = 64
MOST_TRIES = 2000
_PROBE = b"""#set document(title: "Probe")
#set text(font: json(bytes(sys.inputs.fonts)))
#sys.inputs.text"""


def families(first: tuple[str, ...], language: str, letters: Iterable[str]) -> list[str]:
    """Families in the order they are asked; the same Chinese character is drawn otherwise in Japan or Korea."""
    tag = language.lower()
    if tag.startswith(("zh-tw", "zh-hk", "zh-hant")):
        tag = "zh-hant"
    elif tag.startswith("zh") or tag[:2] in _CJK:
        tag = tag[:2]
    elif any("\u3041" <= letter <= "\u30ff" for letter in letters):
        tag = "ja"
    return [*first, *(f"Noto Sans CJK {place}" for place in _CJK.get(tag, ("SC", "TC", "JP", "KR")))]


@lru_cache(maxsize=2)
def fonts(with_system: bool) -> typst.Fonts:
    """The fonts at hand. Raises ModuleNotFoundError where a package of fonts is not installed."""
    return typst.Fonts(include_system_fonts=with_system, font_paths=[_folder(name) for name in PACKAGES])


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"The fonts of documents are not installed: {package}")
    return Path(found.origin).parent


def number(letter: str) -> str:
    """A character by its Unicode number: `[U+1F600]`."""
    return f"[U+{ord(letter):04X}]"


class Glyphs:
    """What can be printed with some fonts, learnt once for each character."""

    def __init__(self, *, with_system: bool) -> None:
        self._with_system = with_system
        self._known: dict[str, bool] = {}
        self._lock = Lock()

    def missing(self, letters: set[str]) -> set[str]:
        """Those of some characters that cannot be printed, or would be printed and not be seen."""
        with self._lock:
            unknown = letters - self._known.keys()
            hidden = {letter for letter in unknown if _is_hidden(letter)}
            self._known.update(dict.fromkeys(hidden, False))
            self._learn(sorted(unknown - hidden))
            return {letter for letter in letters if not self._known.get(letter, False)}

    def _learn(self, unknown: list[str]) -> None:
        """Try them: many at once, and one by one only where that was refused.

        After so many single tries a text is no longer one that somebody wrote; the rest is told by number.
        """
        tries = 0
        for at in range(0, len(unknown), _TOGETHER):
            some = unknown[at : at + _TOGETHER]
            if self.prints("\n".join(some)):
                self._known.update(dict.fromkeys(some, True))
                continue
            for letter in some:
                if tries == MOST_TRIES:
                    break
                tries += 1
                self._known[letter] = self.prints(letter)

    def prints(self, text: str) -> bool:
        """Whether a text comes out whole."""
        try:
            typst.compile(
                _PROBE,
                font_paths=fonts(self._with_system),
                sys_inputs={"fonts": '["Inter", "Noto Sans"]', "text": text},
                pdf_standards="ua-1",
            )
        except typst.TypstError:
            return False
        return True


def refused(message: str) -> set[str]:
    """The characters that an error of the engine names: of a cluster the marks, or if there are none, all of it."""
    found = _REFUSED.search(message)
    if found is None:
        return set()
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1])
    marks = {letter for letter in text[1:] if unicodedata.category(letter)[0] in "MC"}
    return marks or {letter for letter in text if not letter.isascii()}


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cn", "Co", "Cs") or _UNSEEN.match(letter) is not None
