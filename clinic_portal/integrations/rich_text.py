"""Sanitised HTML as a tree of plain values, for printing. Of a tag it does not know, the text stays.

Blocks hold blocks, paragraphs and headings hold what runs in a line: nothing else comes out, however the tags lie.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

Node = dict[str, Any]
INLINE = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "u": "u", "a": "a"}
TEXT_BLOCKS = frozenset({"p", "h2", "h3"})
LISTS = frozenset({"ul", "ol"})
HOLDERS = frozenset({"body", "blockquote", "li"})
UNSEEN = frozenset({"script", "style", "template", "noscript"})  # what no reader of the page has seen
DEEPEST = 8  # the engine has its own limit, and would print nothing
LONGEST_ADDRESS = 2000


def parsed(html: str) -> list[Node]:
    """The blocks of a text: `{"kind": "p", "of": [...]}`; a run of letters is `{"kind": "text", "text": "…"}`.

    A picture is a block of its own: `{"kind": "img", "src": "…", "alt": "…"}`.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.blocks()


def told(nodes: list[Node]) -> str:
    """All the letters of some nodes."""
    return "".join(node.get("text", "") or told(node.get("of", [])) for node in nodes)


def spoken(nodes: list[Node], change: Callable[[Node], Node]) -> list[Node]:
    """The same tree, with every leaf changed."""
    return [{**node, "of": spoken(node["of"], change)} if "of" in node else change(node) for node in nodes]


class _Reader(HTMLParser):
    """Keeps a stack of open nodes: holders and lists, then at most one text block, then what runs in its line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._root: Node = {"kind": "body", "of": []}
        self._open: list[Node] = [self._root]
        self._unseen = 0
        self._at_start = True  # of a line, or after a blank: a blank here says nothing

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a node."""
        if tag in UNSEEN:
            self._unseen += 1
        elif self._unseen:
            return
        elif tag == "br":
            self._leaf({"kind": "br"})
            self._at_start = True
        elif tag == "img":
            given = dict(attrs)
            self._leaf({"kind": "img", "src": given.get("src") or "", "alt": given.get("alt") or ""})
            self._at_start = False
        elif len(self._open) > DEEPEST:
            return
        elif tag in INLINE:
            self._inline(tag, dict(attrs))
        elif tag in TEXT_BLOCKS | LISTS | {"blockquote", "li"}:
            self._block(tag)
        elif tag == "div":
            self._end_line()

    def handle_endtag(self, tag: str) -> None:
        """Close a node, and what was left open in it."""
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "div":
            self._end_line()
        else:
            self._close(INLINE.get(tag, tag))

    def handle_data(self, data: str) -> None:
        """Letters; blanks in a row are one."""
        if self._unseen:
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        if self._at_start:
            text = text.removeprefix(" ")
        if text:
            self._at_start = text.endswith(" ")
            self._leaf({"kind": "text", "text": text})

    def blocks(self) -> list[Node]:
        """What was read."""
        return _settled(self._root["of"])

    def _inline(self, tag: str, attrs: dict[str, str | None]) -> None:
        node: Node = {"kind": INLINE[tag], "of": []}
        if tag == "a":
            node["href"] = _address(attrs.get("href") or "")
        self._leaf(node)
        self._open.append(node)

    def _block(self, tag: str) -> None:
        self._end_line()
        if tag == "li":
            while self._open[-1]["kind"] not in LISTS | {"body", "blockquote"}:
                self._open.pop()
            if self._open[-1]["kind"] not in LISTS:
                self._block("ul")
        elif self._open[-1]["kind"] in LISTS:  # only items stand in a list
            self._block("li")
        node: Node = {"kind": tag, "of": []}
        self._open[-1]["of"].append(node)
        self._open.append(node)

    def _leaf(self, node: Node) -> None:
        if self._open[-1]["kind"] in LISTS:
            if node["kind"] in ("br", "text") and not node.get("text", "").strip():
                return
            self._block("li")
        self._open[-1]["of"].append(node)

    def _end_line(self) -> None:
        """What runs in a line ends where a block begins."""
        while self._open[-1]["kind"] not in HOLDERS | LISTS:
            self._open.pop()
        self._at_start = True

    def _close(self, kind: str) -> None:
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at]["kind"] == kind:
                if kind in TEXT_BLOCKS | LISTS | HOLDERS:
                    self._at_start = True
                del self._open[at:]
                return
            if kind in INLINE.values() and self._open[at]["kind"] not in INLINE.values():
                return


def _address(href: str) -> str:
    """Where a link leads, if a printed one may lead there."""
    href = href.strip()
    try:
        scheme = urlsplit(href).scheme
    except ValueError:
        return ""
    is_plain = href.isascii() and href.isprintable() and " " not in href and len(href) <= LONGEST_ADDRESS
    return href if is_plain and scheme in ("http", "https", "mailto", "tel") else ""


def _settled(nodes: list[Node]) -> list[Node]:
    """The blocks of a holder: what runs loose in it becomes paragraphs; what is empty goes."""
    blocks: list[Node] = []
    loose: list[Node] = []

    def end_loose() -> None:
        blocks.extend(_parted({"kind": "p", "of": list(loose)}))
        loose.clear()

    for node in nodes:
        if node["kind"] in LISTS:
            end_loose()
            items = [{"kind": "li", "of": _settled(item["of"])} for item in node["of"]]
            blocks.append({"kind": node["kind"], "of": [item for item in items if item["of"]]})
        elif node["kind"] in ("blockquote", "li"):
            end_loose()
            blocks.append({"kind": node["kind"], "of": _settled(node["of"])})
        elif node["kind"] in TEXT_BLOCKS:
            end_loose()
            blocks.extend(_parted(node))
        else:
            loose.append(node)
    end_loose()
    return [block for block in blocks if block["kind"] == "img" or block["of"]]


def _parted(node: Node) -> list[Node]:
    """A text block without its pictures, and these: each where it stood, or after the words it stood in."""
    parts: list[Node] = []
    line: list[Node] = []
    for child in [*node["of"], {"kind": "end"}]:
        found = _pictures(child)
        if child["kind"] not in ("img", "end"):
            line.append(_without_pictures(child))
        if (found or child["kind"] == "end") and _says_something(line):
            parts.append({**node, "of": line})
            line = []
        parts += found
    return parts


def _pictures(node: Node) -> list[Node]:
    return [node] if node["kind"] == "img" else [found for child in node.get("of", []) for found in _pictures(child)]


def _without_pictures(node: Node) -> Node:
    if "of" not in node:
        return node
    return {**node, "of": [_without_pictures(child) for child in node["of"] if child["kind"] != "img"]}


def _says_something(nodes: list[Node]) -> bool:
    return any(node.get("text", "").strip() or _says_something(node.get("of", [])) for node in nodes)
