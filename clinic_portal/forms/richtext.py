"""Rich text of staff: sanitised to a few harmless tags, and told as plain text for e-mails. Pure.

nh3 parses as a browser does and keeps only what is allowed. What it writes is parsed again until it reads back as it
was written: nothing then can turn into something else on its way through a browser.
"""

import re
from html import escape
from html.parser import HTMLParser

import nh3

TAGS = frozenset(["p", "h2", "h3", "ul", "ol", "li", "strong", "em", "u", "br", "a", "blockquote", "img"])
REL = "noopener noreferrer"
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"'`\\]+", re.IGNORECASE)
_PICTURE = re.compile(r"/pictures/[A-Za-z0-9_-]{1,80}(?:\.[a-z0-9]{2,5})?", re.ASCII)
_IMG = re.compile(r'<img(?P<told>(?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_BARE_LINK = re.compile(rf'<a(?: rel="{REL}")?>(.*?)</a>', re.DOTALL)
_DROPPED_WHOLE = frozenset(["script", "style", "iframe", "object", "svg", "math", "template", "noscript", "title"])
_TRIES = 8
_DEEPEST = 4


def clean(html: str) -> str:
    """The same text with allowed tags only: links go to http(s), mailto and tel, pictures are ours (`/pictures/…`)."""
    for _ in range(_TRIES):
        told = _pass(html)
        if told == html:
            return told
        html = told
    return f"<p>{escape(text_of(html), quote=False)}</p>"  # nothing honest needs so many


def text_of(html: str) -> str:
    """What rich text says, as plain text: a blank line between paragraphs, `- ` before items, `text (address)`."""
    teller = _Teller()
    teller.feed(_pass(html))
    teller.close()
    return teller.told()


def _pass(html: str) -> str:
    told = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes={"a": {"href"}, "img": {"src", "alt"}},
        attribute_filter=_attribute,
        link_rel=REL,
        url_schemes={"http", "https", "mailto", "tel"},
    )
    return _BARE_LINK.sub(r"\1", _IMG.sub(_picture, told)).strip()


def _attribute(tag: str, name: str, value: str) -> str | None:
    """An attribute's value, or None to drop it."""
    if name == "rel":
        return REL
    if name == "alt":
        return re.sub(r"[<>\"]", "", value)
    known = _ADDRESS if tag == "a" else _PICTURE
    address = value.strip()
    return address if known.fullmatch(address) else None


def _picture(found: re.Match[str]) -> str:
    """A picture of ours with its words; any other goes."""
    told = dict(_ATTRIBUTE.findall(found["told"]))
    return f'<img src="{told["src"]}" alt="{told.get("alt", "")}">' if told.get("src") else ""


class _Teller(HTMLParser):
    """Tells sanitised HTML as plain text, line by line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._lists: list[int | None] = []  # of each open list, the number of its last item; None: bullets
        self._link, self._link_begins = "", 0

    def told(self) -> str:
        """The text so far."""
        lines = [line.rstrip() for line in self._lines]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in ("p", "h2", "h3", "blockquote"):
            self._block()
        elif tag in ("ul", "ol"):
            self._break() if self._lists else self._block()
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag == "br":
            self._lines.append("")
        elif tag == "img":
            self._say(f"[{told['alt']}]" if told.get("alt") else "")
        elif tag == "a":
            self._link, self._link_begins = told.get("href") or "", len(self._lines[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "h2", "h3", "blockquote"):
            self._block()
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._break() if self._lists else self._block()
        elif tag == "li":
            self._break()
        elif tag == "a":
            self._say_address(self._lines[-1][self._link_begins :])
            self._link = ""

    def handle_data(self, data: str) -> None:
        self._say(re.sub(r"[ \t\r\n]+", " ", data))

    def _say(self, text: str) -> None:
        line = self._lines[-1]
        self._lines[-1] = line + (text.lstrip(" ") if not line or line.endswith(" ") else text)

    def _say_address(self, words: str) -> None:
        """Where a link leads, unless its words say so."""
        scheme, _, rest = self._link.partition(":")
        address = rest if scheme.lower() in ("mailto", "tel") else self._link
        is_said = address in words
        if scheme.lower() == "tel":
            digits = re.sub(r"\D", "", words)
            is_said = len(digits) > 6 and re.sub(r"\D", "", address).endswith(digits)
        if not is_said:
            self._say(f" ({address})")

    def _break(self) -> None:
        if self._lines[-1]:
            self._lines.append("")
            self._link_begins = 0

    def _block(self) -> None:
        """A blank line, except where an item of a list has just begun or goes on."""
        if self._lists:
            if not re.fullmatch(r" *(-|\d+\.) ", self._lines[-1]):
                self._break()
        else:
            self._lines += ["", ""]
            self._link_begins = 0

    def _item(self) -> None:
        self._break()
        mark = "- "
        if self._lists and self._lists[-1] is not None:
            self._lists[-1] += 1
            mark = f"{self._lists[-1]}. "
        self._lines[-1] = "  " * max(0, min(len(self._lists), _DEEPEST) - 1) + mark
