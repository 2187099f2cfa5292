"""Reads a PDF back: its text, and the tags that a screen reader goes by."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium


@dataclass
class Tag:
    """An element of the structure: its type, what it says instead of a picture, and its elements."""

    type: str
    alt: str
    of: list[Tag] = field(default_factory=list)

    def all(self) -> Iterator[Tag]:
        yield self
        for tag in self.of:
            yield from tag.all()


class Printed:
    """A PDF, read."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._document = pypdfium2.PdfDocument(content)
        self.title: str = self._document.get_metadata_dict()["Title"]
        self.pages = [self._text(page) for page in self._document]
        self.size = tuple(round(length) for length in self._document[0].get_size())

    @property
    def text(self) -> str:
        """All of it; a line's end is a blank."""
        return " ".join("\n".join(self.pages).split())

    @property
    def is_tagged(self) -> bool:
        return bool(pdfium.FPDFCatalog_IsTagged(self._document))

    @property
    def language(self) -> str:
        size = pdfium.FPDFCatalog_GetLanguage(self._document, None, 0)
        letters = (ctypes.c_ushort * (size // 2))()
        pdfium.FPDFCatalog_GetLanguage(self._document, letters, size)
        return bytes(letters).decode("utf-16-le").rstrip("\0")

    @property
    def tags(self) -> list[Tag]:
        """The elements of every page, in reading order."""
        found: list[Tag] = []
        for page in self._document:
            tree = pdfium.FPDF_StructTree_GetForPage(page)
            for at in range(pdfium.FPDF_StructTree_CountChildren(tree)):
                found += _tag(pdfium.FPDF_StructTree_GetChildAtIndex(tree, at)).all()
            pdfium.FPDF_StructTree_Close(tree)
        return found

    def right_edge(self) -> float:
        """How far to the right the text of any page reaches, in parts of its width."""
        reach = 0.0
        for page in self._document:
            letters = page.get_textpage()
            boxes = [letters.get_rect(at) for at in range(letters.count_rects())]
            reach = max([reach, *(right / page.get_width() for _, _, right, _ in boxes)])
        return reach

    @staticmethod
    def _text(page: Any) -> str:
        return str(page.get_textpage().get_text_range())


def _tag(element: Any) -> Tag:
    children = range(pdfium.FPDF_StructElement_CountChildren(element))
    elements = [pdfium.FPDF_StructElement_GetChildAtIndex(element, at) for at in children]
    return Tag(
        _said(pdfium.FPDF_StructElement_GetType, element),
        _said(pdfium.FPDF_StructElement_GetAltText, element),
        [_tag(child) for child in elements if child],
    )


def _said(read: Callable[..., int], element: Any) -> str:
    letters = ctypes.create_string_buffer(4000)
    size = read(element, letters, len(letters))
    return letters.raw[:size].decode("utf-16-le").rstrip("\0")
