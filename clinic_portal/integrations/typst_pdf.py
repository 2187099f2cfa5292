"""Completed documents as tagged PDFs (PDF/UA-1), set by Typst from `sheet.typ` beside this file.

All that a document says reaches the engine as JSON, so that nothing a patient types is ever its markup.
"""

import json
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, assert_never

import typst

from clinic_portal.forms import ports
from clinic_portal.forms.ports import Block, Sheet
from clinic_portal.integrations import glyphs, pictures, rich_text
from clinic_portal.integrations.printed_text import Text, is_rtl, shortened, text_of

_TEMPLATE = Path(__file__).with_name("sheet.typ").read_bytes()
_MOST_RETRIES = 8
_MOST_NUMBERS_TOLD = 40
_TITLE_IN_HEADER = 70
_WIDEST_ROW = 48  # letters of a table's row that surely fit

Say = Callable[[str], str]


class TypstPrinter:
    """Prints sheets. `with_system_fonts`: what our own fonts lack is sought in the system's."""

    def __init__(self, *, with_system_fonts: bool = True) -> None:
        self._with_system_fonts = with_system_fonts
        self._glyphs = glyphs.Glyphs(with_system=with_system_fonts)

    def pdf(self, sheet: Sheet) -> bytes:
        """A tagged PDF of a sheet."""
        texts: set[str] = set()

        def collect(text: str) -> str:
            texts.add(text)
            return text

        _Composer(sheet, collect).document()
        letters = set("".join(texts)) - {"\n"}
        missing = self._glyphs.missing(letters)
        for _ in range(_MOST_RETRIES):
            try:
                return self._set(sheet, letters, missing)
            except typst.TypstError as error:
                more = glyphs.refused(str(error)) - missing
                if not more:
                    break
                missing = missing | more
        strange = {text for text in texts if not self._glyphs.prints(_numbered(text, missing))}
        return self._set(sheet, letters, missing, strange)

    def _set(
        self, sheet: Sheet, letters: set[str], missing: set[str], strange: AbstractSet[str] = frozenset()
    ) -> bytes:
        """Of a strange text every letter beyond ASCII is told by its number."""
        told = missing | {letter for text in strange for letter in text if not letter.isascii()}

        def say(text: str) -> str:
            return _numbered(text, told if text in strange else missing)

        document = _Composer(sheet, say).document()
        document["fonts"] = {
            name: glyphs.families(first, sheet.language, letters)
            for name, first in (("sans", glyphs.SANS), ("serif", glyphs.SERIF), ("mono", glyphs.MONO))
        }
        document["replaced"] = text_of(_told_by_number(sheet, told)) if told else None
        printed: bytes = typst.compile(
            _TEMPLATE,
            font_paths=glyphs.fonts(self._with_system_fonts),
            sys_inputs={"data": json.dumps(document)},
            pdf_standards="ua-1",
        )
        return printed


def _numbered(text: str, letters: AbstractSet[str]) -> str:
    return "".join(glyphs.number(letter) if letter in letters else letter for letter in text)


def _told_by_number(sheet: Sheet, missing: AbstractSet[str]) -> str:
    codes = [glyphs.number(letter) for letter in sorted(missing)]
    told = codes[:_MOST_NUMBERS_TOLD] + (["…"] if len(codes) > _MOST_NUMBERS_TOLD else [])
    return sheet.words.replaced.replace("{codes}", ", ".join(told))


class _Composer:
    """A sheet as what the template reads. `say` sees every text that will be printed."""

    def __init__(self, sheet: Sheet, say: Say) -> None:
        self._sheet = sheet
        self._say = say
        self._level = 1  # of the last heading: a level is never skipped

    def document(self) -> dict[str, Any]:
        """The whole of it."""
        sheet, words = self._sheet, self._sheet.words
        language, _, region = sheet.language.partition("-")
        facts = [(words.patient, sheet.patient_name), (words.born, sheet.patient_born), *sheet.lines]
        return {
            "language": language.lower() if language.isascii() and language.isalpha() and len(language) <= 3 else "en",
            "region": region.lower() if region.isascii() and region.isalpha() and len(region) == 2 else None,
            "paper": sheet.paper,
            "name": self._plain(f"{sheet.clinic}: {words.document} {sheet.number}"),
            "title": self._text(sheet.title),
            "running": self._text(shortened(sheet.title, _TITLE_IN_HEADER)),
            "clinic": self._text(shortened(sheet.clinic, _TITLE_IN_HEADER)),
            "number": self._text(sheet.number),
            "owner": self._text(shortened(sheet.patient_name, _TITLE_IN_HEADER)),
            "facts": self._pairs([(label, value) for label, value in facts if value]),
            "page": self._plain(words.page),
            "void": self._text(sheet.void) if sheet.void else None,
            "body": [part for block in sheet.body for part in self._block(block)],
            "evidence": self._evidence(),
        }

    def _evidence(self) -> dict[str, Any] | None:
        if not self._sheet.evidence:
            return None
        return {
            "title": self._text(self._sheet.words.evidence),
            "intro": self._text(self._sheet.words.evidence_intro),
            "proofs": [
                {"title": self._text(one.title), "pairs": self._pairs(list(one.facts))} for one in self._sheet.evidence
            ],
        }

    def _block(self, block: Block) -> list[dict[str, Any]]:
        words = self._sheet.words
        match block:
            case ports.Heading():
                return [{"kind": "heading", "level": self._step(2), "text": self._text(block.text)}]
            case ports.Paragraph():
                return [{"kind": "paragraph", "text": self._text(block.text)}]
            case ports.RichText():
                return [{"kind": "rich", "of": self._rich(rich_text.parsed(block.html), block)}]
            case ports.Answer():
                lines = [self._text(line) for line in block.lines if line.strip()]
                return [
                    {
                        "kind": "answer",
                        "question": self._text(block.question),
                        "lines": lines,
                        "empty": self._text(words.not_answered),
                        "note": self._text(block.note) if block.note else None,
                    }
                ]
            case ports.Rows():
                return [self._rows(block)]
            case ports.Picture():
                return [self._picture(block)]
            case ports.Initials():
                label = f"{words.initials} · {block.section}" if block.section else words.initials
                return [{"kind": "initials", "label": self._text(label), "text": self._text(block.text)}]
            case ports.SignatureBlock():
                return [self._signature(block)]
            case ports.Facts():
                return [{"kind": "facts", "pairs": self._pairs(list(block.pairs))}]
            case ports.Amounts():
                return [self._amounts(block)]
            case _:
                assert_never(block)

    def _rows(self, block: ports.Rows) -> dict[str, Any]:
        width = max([len(block.headers), *(len(row) for row in block.rows)], default=0)
        widest = max(4, _WIDEST_ROW // max(1, width))

        def cells(row: tuple[str, ...]) -> list[Text]:
            return [self._text(cell, widest) for cell in (*row, *[""] * (width - len(row)))]

        return {
            "kind": "rows",
            "question": self._text(block.question),
            "columns": width,
            "headers": cells(block.headers),
            "rows": [cells(row) for row in block.rows],
            "empty": self._text(self._sheet.words.nothing_told),
        }

    def _amounts(self, block: ports.Amounts) -> dict[str, Any]:
        return {
            "kind": "amounts",
            "headers": [self._text(one) for one in block.headers],
            "lines": [
                {"what": self._text(one.what), "amount": self._text(one.amount), "total": one.is_total}
                for one in block.lines
            ],
        }

    def _picture(self, picture: ports.Picture | None, alt: str = "") -> dict[str, Any]:
        alt = (picture.alt if picture else "") or alt
        svg = pictures.framed(picture.content) if picture else None
        if svg is None:
            missing = self._sheet.words.picture_missing.replace("{alt}", alt or "–")
            return {"kind": "no-picture", "text": self._text(missing)}
        return {"kind": "picture", "svg": svg, "alt": self._plain(alt)}

    def _signature(self, block: ports.SignatureBlock) -> dict[str, Any]:
        words, is_drawn = self._sheet.words, block.method == "drawn"
        alt = words.signature_alt if is_drawn else words.typed_alt
        return {
            "kind": "signature",
            "role": self._text(f"{words.signature} · {block.role}" if block.role else words.signature),
            "name": self._text(block.name),
            "relation": self._text(block.relation) if block.relation else None,
            "method": self._text(words.drawn if is_drawn else words.typed),
            "signed_at": self._text(block.signed_at),
            "svg": pictures.drawn(block.strokes) if is_drawn else None,
            "alt": self._plain(alt.replace("{name}", block.name)),
        }

    def _rich(self, nodes: list[rich_text.Node], block: ports.RichText) -> list[dict[str, Any]]:
        return [self._rich_block(node, block) for node in nodes]

    def _rich_block(self, node: rich_text.Node, block: ports.RichText) -> dict[str, Any]:
        kind = node["kind"]
        if kind in rich_text.TEXT_BLOCKS:
            said = rich_text.spoken(node["of"], self._leaf)
            printed = {"kind": kind, "rtl": is_rtl(rich_text.told(node["of"])), "of": said}
            if kind != "p":
                printed["level"] = self._step(int(kind[1]))
            return printed
        if kind == "img":
            return self._picture(block.pictures.get(node["src"]), node["alt"])
        return {"kind": kind, "of": self._rich(node["of"], block)}

    def _leaf(self, node: rich_text.Node) -> dict[str, Any]:
        return {**node, "text": self._text(node["text"])} if node["kind"] == "text" else node

    def _step(self, level: int) -> int:
        self._level = min(level, self._level + 1)
        return self._level

    def _pairs(self, pairs: list[tuple[str, str]]) -> list[list[Text]]:
        return [[self._text(label), self._text(value)] for label, value in pairs]

    def _text(self, text: str, widest: int | None = None) -> Text:
        said = self._say(_lines(text))
        return text_of(said, widest) if widest else text_of(said)

    def _plain(self, text: str) -> str:
        return self._say(_lines(text)).replace("\n", " ").strip()


def _lines(text: str) -> str:
    """Line breaks of every kind as one, tabs as blanks."""
    for end in ("\r\n", "\r", "\u2028", "\u2029", "\x85", "\v", "\f"):
        text = text.replace(end, "\n")
    return text.replace("\t", "    ")
