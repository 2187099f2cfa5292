"""Words with placeholders, as staff write them: `{given_name}` in a sentence, `{visit_details}` on a line of its own.

A grammar of its own, so that nothing but a plain name can stand in braces; `{{` and `}}` are braces themselves.
Pure: words and facts in, paragraphs out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says: an SMS has a body alone."""

    subject: str = ""
    heading: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Inline:
    """What stands for a placeholder within a sentence; `url` where it can be pressed."""

    text: str
    url: str = ""
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """What stands for a placeholder on a line of its own: its shape in HTML (a macro of the template) with what that
    needs, and the same as plain text. Without plain text it is empty and leaves no gap."""

    shape: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


NOTHING = Block("nothing")
Fact = str | Inline | Block
Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Name:
    """A placeholder in words."""

    name: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of text; `is_small` for what follows the button."""

    lines: tuple[tuple[Inline, ...], ...]
    is_small: bool = False

    @property
    def text(self) -> str:
        """The same as plain text."""
        return "\n".join("".join(one.text for one in line) for line in self.lines)


class BadBraces(Exception):
    """A brace that opens or closes nothing, or holds no plain name. `near` is what stands there."""

    def __init__(self, near: str) -> None:
        super().__init__(near)
        self.near = near


def parse(text: str) -> tuple[str | Name, ...]:
    """Words as text and placeholders, in order. Raises BadBraces."""
    found: list[str | Name] = []
    after = 0
    for token in _TOKEN.finditer(text):
        found.append(text[after : token.start()])
        after = token.end()
        if token[0] in ("{{", "}}"):
            found.append(token[0][0])
        elif token[1] is not None and _NAME.fullmatch(token[1]):
            found.append(Name(token[1]))
        else:
            raise BadBraces(text[token.start() : token.start() + 20])
    found.append(text[after:])
    return tuple(one for one in found if one != "")


def names(text: str) -> list[str]:
    """The placeholders in words, each once. Raises BadBraces."""
    return list(dict.fromkeys(one.name for one in parse(text) if isinstance(one, Name)))


def paragraphs(body: str) -> list[str]:
    """A body's paragraphs: what blank lines part."""
    parts = _BLANK_LINE.split(body.replace("\r\n", "\n").replace("\r", "\n").strip())
    return [part.strip() for part in parts if part.strip()]


def lone_name(paragraph: str) -> str | None:
    """The placeholder a paragraph consists of, and of nothing else."""
    pieces = parse(paragraph)
    return pieces[0].name if len(pieces) == 1 and isinstance(pieces[0], Name) else None


def line(text: str, facts: Facts) -> str:
    """A subject or heading: all on one line, and no empty brackets where nothing stands for a placeholder."""
    told = "".join(piece if isinstance(piece, str) else _inline(facts, piece.name).text for piece in parse(text))
    return plain(told.replace("()", "")).strip()


def filled(body: str, facts: Facts) -> Iterator[Paragraph | Block]:
    """A body's paragraphs with its facts. One whose placeholders all stand for nothing is left out."""
    is_small = False
    for paragraph in paragraphs(body):
        lone = lone_name(paragraph)
        fact = facts[lone] if lone else None
        if isinstance(fact, Block):
            if fact.text:
                yield fact
            is_small = is_small or fact.shape == "button"
        elif _says_something(paragraph, facts):
            lines = (_line(one, facts) for one in paragraph.split("\n"))
            yield Paragraph(tuple(one for one in lines if one), is_small)


def plain(text: str) -> str:
    """Text from people on one line: nothing in it can begin a header or a line of its own."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _says_something(paragraph: str, facts: Facts) -> bool:
    known = names(paragraph)
    return not known or any(_inline(facts, name).text for name in known)


def _line(text: str, facts: Facts) -> tuple[Inline, ...]:
    found = [Inline(piece) if isinstance(piece, str) else _inline(facts, piece.name) for piece in parse(text)]
    return _tidy([one for one in found if one.text])


def _tidy(pieces: Sequence[Inline]) -> tuple[Inline, ...]:
    """No two spaces where a placeholder between them stands for nothing, and none at either end."""
    tidied: list[Inline] = []
    for piece in pieces:
        text = re.sub(r" {2,}", " ", piece.text)
        if not tidied or tidied[-1].text.endswith(" "):
            text = text.lstrip(" ")
        if text:
            tidied.append(Inline(text, piece.url, piece.is_strong))
    if tidied:
        last = tidied.pop()
        tidied.append(Inline(last.text.rstrip(" "), last.url, last.is_strong))
    return tuple(one for one in tidied if one.text)


def _inline(facts: Facts, name: str) -> Inline:
    fact = facts[name]
    if isinstance(fact, Block):
        raise KeyError(name)
    one = Inline(fact) if isinstance(fact, str) else fact
    return Inline(_on_one_line(one.text), one.url, one.is_strong)


def _on_one_line(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\xa0\u202f" else " " for c in text)
