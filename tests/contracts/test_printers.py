"""What a printer of documents must do: tagged, in every script, whatever was typed."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import pytest

from clinic_portal import bootstrap
from clinic_portal.forms.ports import (
    Amount,
    Amounts,
    Answer,
    Block,
    Facts,
    Heading,
    Initials,
    Paragraph,
    Picture,
    Printer,
    Proof,
    RichText,
    Rows,
    Sheet,
    SignatureBlock,
    Words,
)
from clinic_portal.integrations.typst_pdf import TypstPrinter
from tests.contracts.printed import Printed

STROKES = (((60, 120), (110, 40), (160, 150), (240, 70)), ((300, 100),))
SHEET = Sheet(
    language="en-US",
    title="Consent to neurotoxin",
    clinic="Lumen Aesthetics",
    number="LUM-7F3K-22",
    patient_name="Ana Ruiz",
    patient_born="12 May 1991",
    lines=(("Version", "3 of 1 October 2026"), ("Completed", "3 December 2026, 14:06")),
)
HASH = "9b2c41d07e5f6a38" * 4
NAMES = {
    "Latin": "Amara Żółkiewska-Łoś",
    "Vietnamese": "Nguyễn Thị Hồng Ánh",
    "Turkish": "İpek Gülşah Çağrı",
    "Greek": "Ελένη Παπαδοπούλου",
    "Cyrillic": "Ольга Щербакова, Їжакевич",
    "Hebrew": "שרה לוי",
    "Arabic": "فاطمة الزهراء",
    "Persian": "پژمان گلچهره",
    "Devanagari": "प्रिया शर्मा",
    "Thai": "สมชาย ใจดี",
    "Chinese": "王小明 陳",
    "Japanese": "山田太郎 さくら",
    "Korean": "김민준",
    "Rare Chinese": "𠮷野家 㛃",
}


@pytest.fixture(scope="module")
def printer() -> Printer:
    """With our own fonts alone, so that every machine prints the same."""
    return TypstPrinter(with_system_fonts=False)


@pytest.fixture
def read(printer: Printer):
    def make(*body: Block, **changed: object) -> Printed:
        return Printed(printer.pdf(replace(SHEET, body=body, **changed)))

    return make


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(b"\0" + b"\x9c\x4a\x31" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


@pytest.mark.req("B5")
@pytest.mark.parametrize("script", NAMES)
def test_a_name_is_printed_and_can_be_read_back(read, script: str) -> None:
    name = NAMES[script]
    printed = read(Answer("Name", (name,)), patient_name=name)
    assert name in printed.pages[0]
    assert "U+" not in printed.text


@pytest.mark.req("B5")
def test_the_pdf_is_tagged_and_says_its_title_and_language(read) -> None:
    printed = read(Heading("Risks"), Answer("Are you well?", ("Yes",)))
    assert printed.is_tagged
    assert printed.title == "Lumen Aesthetics: Document LUM-7F3K-22"  # no treatment: browsers show it
    assert printed.language == "en-US"
    assert b"/MarkInfo" in printed.content
    assert b"pdfuaid:part" in printed.content


def test_what_a_document_is_about_stands_at_its_head(read) -> None:
    told = read().text
    for said in ("Lumen Aesthetics", "Ana Ruiz", "12 May 1991", "3 of 1 October 2026", "LUM-7F3K-22"):
        assert said in told


def test_every_page_says_which_of_how_many_it_is_and_whose(read) -> None:
    printed = read(*[Answer(f"Question {n}", ("Yes",)) for n in range(60)])
    count = len(printed.pages)
    assert count > 1
    for at, page in enumerate(printed.pages, 1):
        assert f"Page {at} of {count}" in page
        assert "Ana Ruiz · LUM-7F3K-22" in page


def test_headings_never_skip_a_level(read) -> None:
    printed = read(RichText("<h3>Deep at once</h3><p>…</p>"), Heading("Next"), RichText("<h3>Below</h3><p>…</p>"))
    assert [tag.type for tag in printed.tags if tag.type in ("H1", "H2", "H3")] == ["H1", "H2", "H2", "H3"]


def test_a_table_has_header_cells(read) -> None:
    printed = read(Rows("Medicines", ("Name", "Dose"), (("Ibuprofen", "200 mg"), ("Biotin", "1 a day"))))
    assert [tag.type for tag in printed.tags if tag.type in ("TH", "TD")] == ["TH"] * 2 + ["TD"] * 4
    assert "Ibuprofen 200 mg Biotin 1 a day" in printed.text


def test_a_row_with_a_cell_too_few_keeps_its_line(read) -> None:
    printed = read(Rows("Medicines", ("Name", "Dose"), (("Ibuprofen",), ("Biotin", "1 a day"))))
    assert len([tag for tag in printed.tags if tag.type == "TR"]) == 3


def test_a_sum_is_a_table_whose_amounts_stand_beside_what_they_are_for(read) -> None:
    lines = (Amount("Deposit", "$50.00"), Amount("Refunded", "-¥1,500"), Amount("Paid", "€35.00", is_total=True))
    printed = read(Amounts(("What for", "Amount"), lines))
    assert [tag.type for tag in printed.tags if tag.type in ("TH", "TD")] == ["TH"] * 2 + ["TD"] * 6
    assert "What for Amount Deposit $50.00 Refunded -¥1,500 Paid €35.00" in printed.text


def test_facts_stand_beside_their_labels(read) -> None:
    assert "Confirmation LMN-7Q4K With Lena" in read(Facts((("Confirmation", "LMN-7Q4K"), ("With", "Lena")))).text


def test_what_was_not_answered_is_said(read) -> None:
    printed = read(Answer("Are you pregnant?", ()), Rows("Allergies", ("Name",), ()), Answer("Blank", ("  ",)))
    assert printed.text.count("Not answered") == 2
    assert "Allergies None" in printed.text


@pytest.mark.req("P10")
def test_a_drawn_signature_is_a_picture_that_says_whose_it_is(read) -> None:
    printed = read(SignatureBlock("Patient", "Ana Ruiz", "drawn", "3 December 2026, 14:05", strokes=STROKES))
    assert [tag.alt for tag in printed.tags if tag.type == "Figure"] == ["Signature of Ana Ruiz, drawn by hand"]
    assert "Signature · Patient" in printed.text
    assert "3 December 2026, 14:05" in printed.text


@pytest.mark.req("P10")
def test_another_drawing_is_another_document(printer: Printer) -> None:
    first = SignatureBlock("Patient", "Ana Ruiz", "drawn", "", strokes=STROKES)
    second = replace(first, strokes=STROKES[:1])
    assert printer.pdf(replace(SHEET, body=(first,))) != printer.pdf(replace(SHEET, body=(second,)))


@pytest.mark.req("P10")
def test_a_typed_signature_says_that_it_was_typed_and_by_whom_for_whom(read) -> None:
    printed = read(SignatureBlock("Guardian", "Nguyễn Hồng", "typed", "3 December 2026", relation="Mother"))
    assert printed.text.count("Nguyễn Hồng") == 2
    assert "Mother Typed 3 December 2026" in printed.text
    assert "Signature of Nguyễn Hồng, typed" in [tag.alt for tag in printed.tags]


@pytest.mark.req("P10")
def test_initials_stand_with_their_section(read) -> None:
    assert "Initials · Risks AR" in read(Initials("Risks", "AR")).text


@pytest.mark.req("B5")
def test_the_evidence_has_a_page_of_its_own_and_its_hashes_are_whole(read) -> None:
    printed = read(Paragraph("Short."), evidence=(Proof("Completed", (("Text", HASH), ("Signed from", "192.0.2.7"))),))
    *before, last = printed.pages
    assert "Evidence" not in "".join(before)
    assert HASH in last
    assert "192.0.2.7" in last


def test_the_same_sheet_is_the_same_file(printer: Printer) -> None:
    assert printer.pdf(SHEET) == printer.pdf(SHEET)


def test_a_character_that_no_font_has_is_told_by_its_number_and_explained_once(read) -> None:
    printed = read(
        Answer("How are you?", ("Fine 😀 and 𓀀 fine 😀",)), evidence=(Proof("Completed", (("Text", HASH),)),)
    )
    assert "Fine [U+1F600] and [U+13000] fine [U+1F600]" in printed.text
    assert printed.text.count("could not be printed") == 1
    assert "could not be printed" in printed.pages[-1]


def test_a_mark_that_no_font_can_set_is_told_by_its_number(read) -> None:
    assert read(Answer("Name", ("ש\u0591רה",))).text.count("0591") == 2  # there, and where it is explained


def test_one_text_full_of_such_marks_leaves_the_others_as_they_are(read) -> None:
    marks = [chr(code) for code in range(0x591, 0x5A1)]
    printed = read(Answer("Name", ("".join("\u05e9" + mark for mark in marks),)), patient_name="Łucja Żółć")
    assert all(f"{ord(mark):04X}" in printed.text for mark in marks)
    assert "Łucja Żółć" in printed.text
    assert "U+0141" not in printed.text


def test_a_document_without_such_characters_explains_nothing(read) -> None:
    assert "could not be printed" not in read(Answer("How are you?", ("Fine — “quite”, 20 °C, €5",))).text


@pytest.mark.parametrize(
    "typed",
    [
        '#eval("1+1")',
        "#import \"x\"; #panic('no')",
        "$x^2$ and $",
        "\\ \\u{41} \\n",
        "`code` ```typ #x```",
        "= not a heading",
        "*not bold* _not italic_ @ref <label>",
        "[brackets] {braces} // comment /* more */",
        "<script>alert(1)</script> &amp; {{ 7*7 }}",
        "{page} {pages} {name} {codes}",
    ],
)
def test_what_was_typed_is_never_markup(read, typed: str) -> None:
    printed = read(
        Answer(typed, (typed,), typed),
        Paragraph(typed),
        Initials("Risks", typed),
        Rows(typed, ("Name",), ((typed,),)),
        Facts(((typed, typed),)),
        Amounts(("What for", "Amount"), (Amount(typed, typed, is_total=True),)),
        SignatureBlock("Patient", typed, "typed", ""),
        patient_name=typed,
        title=typed,
        evidence=(Proof("Completed", (("Typed", typed),)),),
    )
    assert printed.text.count(" ".join(typed.split())) >= 15
    assert printed.title == "Lumen Aesthetics: Document LUM-7F3K-22"


@pytest.mark.parametrize(
    "letter", ["\u202e", "\u2066", "\x00", "\x07", "\x1b", "\ud800", "\ue000", "\U000e0041", "\ufeff"]
)
def test_a_letter_that_hides_or_turns_others_is_shown(read, letter: str) -> None:
    assert f"I do[U+{ord(letter):04X}]not agree" in read(Answer("Do you?", (f"I do{letter}not agree",))).text


def test_joiners_that_scripts_need_stay(read) -> None:
    assert "U+" not in read(Answer("Name", ("علی\u200cرضا क्\u200dष \u200eabc\u200f",))).text


@pytest.mark.parametrize("unit", ["W", "i", "م", "山", "ー", "。", "ก", "กa", "a\u00a0", "a-", "-1", "क्ष", "e\u0301"])
def test_twenty_thousand_letters_without_a_blank_stay_on_their_pages(read, unit: str) -> None:
    printed = read(Answer("Tell us", (unit * (20_000 // len(unit)),)))
    assert printed.right_edge() < 0.93
    assert len(printed.pages) > 2


def test_no_letter_of_a_long_answer_is_lost(read) -> None:
    printed = read(Answer("?", ("Q" * 20_000,)))
    assert printed.text.count("Q") == 20_000


def test_long_words_stay_in_their_column(read) -> None:
    long = "Q" * 300
    printed = read(
        Rows(long, (long, long, long), ((long, long, long),)),
        Facts(((long, long),)),
        Amounts(("What for", "Amount"), (Amount(long, "$50.00"),)),
        title=long[:200],
        clinic=long,
        patient_name=long,
    )
    assert printed.right_edge() < 0.93


def test_line_breaks_are_kept(read) -> None:
    lines = ("12 Oak Street", "Chicago", "IL", "USA")
    page = read(Answer("Address", ("12 Oak Street\r\nChicago\n\nIL\u2028USA",))).pages[0].split("\r\n")
    assert tuple(line for line in page if line in lines) == lines


def test_an_arabic_answer_runs_from_the_right(read) -> None:
    assert read(Answer("Name", ("محمد",)), patient_name="A", title="T", clinic="C").right_edge() > 0.85


def test_in_an_arabic_document_what_has_no_direction_runs_with_it(read) -> None:
    told = {"language": "ar", "title": "موافقة", "clinic": "عيادة", "patient_name": "محمد", "lines": ()}
    assert read(Answer("هل", ("12",)), **told, patient_born="").right_edge() > 0.85


def test_rich_text_keeps_its_lists_links_and_quotes(read) -> None:
    printed = read(
        RichText(
            "<h2>After</h2><p>Rest, <strong>do not</strong> <em>rub</em>.<br>See <a href='https://lumen.example/care'>"
            "our page</a>.</p><ul><li>Cool it<ol><li>ten minutes</li></ol></li><li><p>Sleep</p></li></ul>"
            "<blockquote><p>Call us.</p></blockquote>"
        )
    )
    types = [tag.type for tag in printed.tags]
    assert types.count("L") == 2
    assert types.count("LI") == 3
    assert types.count("Link") == 1
    assert types.count("BlockQuote") == 1
    assert b"https://lumen.example/care" in printed.content
    assert "Rest, do not rub. See our page." in printed.text


def test_of_a_tag_it_does_not_know_the_text_stays_and_of_a_script_nothing(read) -> None:
    told = read(
        RichText("<custom onclick='x()'>kept</custom><script>alert(1)</script><style>p{}</style><div>too</div>")
    ).text
    assert "kept" in told
    assert "too" in told
    assert "alert" not in told
    assert "p{}" not in told


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x", "", "https://a b"]
)
def test_a_link_that_leads_nowhere_good_is_only_text(read, href: str) -> None:
    printed = read(RichText(f'<p><a href="{href}">words</a></p>'))
    assert "words" in printed.text
    assert "Link" not in [tag.type for tag in printed.tags]


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li>" * 400 + "deep" + "</li></ul>" * 400,
        "<em><strong>" * 400 + "deep",
        "<blockquote>" * 400 + "deep",
        "<blockquote><ul><li><ol><li>" * 90 + "<p><a href='https://x.example'><u><strong><em>deep",
        "</p></ul><li>deep<p><h2>",
        "<ul>deep<p>x</p><ul></ul></ul>",
        "<p><ul><li><h2>deep</h2></p>",
        "<p></p><ul></ul><blockquote></blockquote><p>deep <",
    ],
)
def test_broken_or_endless_nesting_is_printed_all_the_same(read, html: str) -> None:
    assert "deep" in read(RichText(html)).text


def test_empty_rich_text_is_nothing(read) -> None:
    assert len(read(RichText("<p></p>")).pages) == 1


def test_a_picture_is_printed_with_what_it_shows(read) -> None:
    picture = Picture(png(300, 200), "image/png", "The treated area")
    printed = read(picture, RichText('<p>Before <img src="/f/1" alt="x"></p>', {"/f/1": replace(picture, alt="Ice")}))
    assert [tag.alt for tag in printed.tags if tag.type == "Figure"] == ["The treated area", "Ice"]
    assert printed.content.count(b"/Subtype /Image") + printed.content.count(b"/Subtype/Image") >= 1


@pytest.mark.parametrize("content", [b"", b"junk", png(30, 20)[:60], b"\x89PNG\r\n\x1a\n junk", b"<svg/>", b"%PDF-1.7"])
def test_a_broken_picture_is_told_by_its_words(read, content: bytes) -> None:
    printed = read(Picture(content, "image/png", "The treated area"))
    assert "Picture that could not be printed: The treated area" in printed.text


def test_a_picture_that_is_not_there_is_told_by_its_words(read) -> None:
    assert "Picture that could not be printed: Ice" in read(RichText('<p><img src="/f/9" alt="Ice"></p>')).text


def test_a_picture_without_words_is_decoration(read) -> None:
    assert "Figure" not in [tag.type for tag in read(Picture(png(30, 20), "image/png", "")).tags]


def test_a_tall_picture_stays_on_its_page(read) -> None:
    assert len(read(Picture(png(40, 4000), "image/png", "Tall")).pages) == 1


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
def test_the_paper_is_the_sheets(read, paper: str, size: tuple[int, int]) -> None:
    assert read(paper=paper).size == size


def test_a_sheet_speaks_its_language(read) -> None:
    words = Words(page="Strona {page} z {pages}", patient="Pacjentka", not_answered="Bez odpowiedzi")
    printed = read(Answer("Pytanie", ()), language="pl", words=words)
    assert printed.language == "pl"
    for said in ("Strona 1 z 1", "Pacjentka", "Bez odpowiedzi"):
        assert said in printed.text


@pytest.mark.parametrize("language", ["", "klingon", "en-Latn-US", "zh-Hant-TW", "日本", "e1-2"])
def test_a_language_tag_of_any_kind_prints(read, language: str) -> None:
    assert read(Answer("Name", ("山",)), language=language).language


def test_an_empty_sheet_is_still_a_document(printer: Printer) -> None:
    assert Printed(printer.pdf(Sheet("en", "T", "", "", ""))).is_tagged


def test_the_installations_printer_prints() -> None:
    assert Printed(bootstrap.printer().pdf(SHEET)).is_tagged
