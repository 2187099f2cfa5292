"""What prints documents: tagged for screen readers, whole in every script, and with no look outside."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdfium2
import pytest
from pypdfium2 import raw

from clinic_portal.forms.ports import Answer, Block, Fact, Heading, Initials, Ink, Printer, Proof, Rich, Sheet
from clinic_portal.integrations.weasy_pdf import WeasyPrinter

NAME = "Łucja Øst-Nguyễn Ωμέγα Ольга"


@pytest.fixture
def printer() -> Printer:
    return WeasyPrinter()


def sheet(*blocks: Block, clinic_name: str = "Lumen Aesthetics", void: str = "") -> Sheet:
    proofs = (Proof("This document", (Fact("SHA-256 of the text", "a1" * 32, is_exact=True),)),)
    return Sheet("en", clinic_name, "Consent", 12, (Fact("Patient", NAME),), blocks, proofs, void)


def read(body: bytes) -> tuple[list[str], pypdfium2.PdfDocument]:
    opened = pypdfium2.PdfDocument(body)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in opened], opened


@pytest.mark.req("B5")
def test_what_was_told_and_signed_is_in_the_file_and_the_evidence_on_a_page_of_its_own(printer: Printer) -> None:
    blocks = (
        Heading("Risks"),
        Rich("<p>Bruises &amp; <b>swelling</b>.</p><ul><li>Rare: fainting</li></ul>"),
        Initials("AR"),
        Answer("Are you pregnant?", ("Yes", "In May")),
        Answer("Anything else?", ()),
        Ink(NAME, "patient", "Monday", "M40 150L120 40"),
        Ink("Jo Reed", "mother", "Monday", ""),
    )
    [first, evidence], _ = read(printer.pdf(sheet(*blocks, void="Declared void on Monday: a mistake")))
    for told in (
        "Declared void on Monday: a mistake", NAME, "Risks", "Bruises & swelling.", "Rare: fainting", "Initials: AR",
        "Are you pregnant? Yes In May", "Anything else? Not answered", "Jo Reed · mother",
    ):  # fmt: skip
        assert told in first
    assert "a1" * 32 in evidence.replace(" ", "")
    assert "a1a1" not in first


@pytest.mark.req("B9")
def test_it_is_tagged_and_its_title_tells_a_finder_nothing_of_a_treatment(printer: Printer) -> None:
    _, opened = read(printer.pdf(sheet(Heading("Risks"), Ink("Amara Reed", "patient", "Monday", "M40 150L120 40"))))
    assert raw.FPDFCatalog_IsTagged(opened.raw)
    assert opened.get_metadata_dict()["Title"] == "Lumen Aesthetics · document 12"
    size = raw.FPDFCatalog_GetLanguage(opened.raw, None, 0)
    language = ctypes.create_string_buffer(size)
    raw.FPDFCatalog_GetLanguage(opened.raw, ctypes.cast(language, ctypes.POINTER(ctypes.c_ushort)), size)
    assert language.raw.decode("utf-16-le").rstrip("\0") == "en"


def test_what_people_typed_is_text(printer: Printer) -> None:
    typed = "<script>1</script> <b>x</b> {{ 7 * 7 }} & \" '"
    [first, _], _ = read(printer.pdf(sheet(Answer(typed, (typed,)), clinic_name='A "quoted" \\ clinic } * { x: y')))
    assert first.count(typed) == 2


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Listens(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listens)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()


def test_nothing_is_fetched_for_it(printer: Printer, listener: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = listener
    (tmp_path / "secret.txt").write_text("kumquat-preserve")
    html = (
        f'<p>Before</p><img src="{address}/x.png" alt="a picture"><link rel="stylesheet" href="{address}/x.css">'
        f'<p style="background: url({address}/y.png)">After</p><link rel="attachment" href="file://{tmp_path}/secret.txt">'
        f'<object data="file://{tmp_path}/secret.txt"></object>'
    )
    body = printer.pdf(sheet(Rich(html)))
    [first, *_], opened = read(body)
    assert "Before" in first
    assert "After" in first
    assert asked == []
    assert opened.count_attachments() == 0
    assert b"kumquat" not in body
