"""What forms need of the outside: someone who prints a completed document as a PDF."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text; its line breaks are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture (PNG, JPEG, WebP or GIF). `alt` says what it shows; without, it is decoration."""

    content: bytes
    media_type: str
    alt: str


@dataclass(frozen=True, slots=True)
class RichText:
    """Sanitised HTML: p, h2, h3, ul, ol, li, strong, em, u, br, a, blockquote, img; of other tags the text stays.

    `pictures` holds what the `src` of its images stand for; an image that is not there is told by its alt.
    """

    html: str
    pictures: Mapping[str, Picture] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and its answer, a line for each of several; no lines: it was not answered."""

    question: str
    lines: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A question answered by a table; no rows: there was nothing to tell."""

    question: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Initials:
    """The initials put under a section."""

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """Who signed, as what, how and when (in words). Strokes are points in a field 600 wide and 200 high."""

    role: str
    name: str
    method: Literal["drawn", "typed"]
    signed_at: str
    relation: str = ""
    strokes: tuple[tuple[tuple[int, int], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """One deed of a document's history: what it was called, and what proves it, label and value."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Things that are so, one beneath the other: label and value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """A line of a sum, its amount in words; a total stands out from what it sums up."""

    what: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Amounts:
    """A sum: what for, and how much, the amounts one beneath the other. `headers` name the two columns."""

    headers: tuple[str, str]
    lines: tuple[Amount, ...]


Block = Heading | Paragraph | RichText | Answer | Rows | Picture | Initials | SignatureBlock | Facts | Amounts


@dataclass(frozen=True, slots=True)
class Words:
    """What a sheet says by itself, in its language."""

    page: str = "Page {page} of {pages}"
    patient: str = "Patient"
    born: str = "Born"
    document: str = "Document"
    not_answered: str = "Not answered"
    nothing_told: str = "None"
    initials: str = "Initials"
    signature: str = "Signature"
    drawn: str = "Drawn by hand"
    typed: str = "Typed"
    signature_alt: str = "Signature of {name}, drawn by hand"
    typed_alt: str = "Signature of {name}, typed"
    picture_missing: str = "Picture that could not be printed: {alt}"
    evidence: str = "Evidence"
    evidence_intro: str = "How this document was completed, and what proves that it is unchanged."
    replaced: str = (
        "Some characters could not be printed with the fonts at hand. Each stands in this document as its Unicode "
        "number in brackets: {codes}."
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A completed document, a receipt or a file, ready to be printed. Dates, times and amounts are words already.

    `lines` tell its version and dates; `evidence` fills a last page of its own. `void` says, with the reason, that it
    does not count any more; empty while it stands. The file's own title names clinic and number alone: browsers show
    it.
    """

    language: str
    title: str
    clinic: str
    number: str
    patient_name: str
    patient_born: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    body: tuple[Block, ...] = ()
    evidence: tuple[Proof, ...] = ()
    void: str = ""
    paper: Literal["a4", "us-letter"] = "a4"
    words: Words = field(default_factory=Words)


class Printer(Protocol):
    """Prints documents."""

    def pdf(self, sheet: Sheet) -> bytes:
        """A tagged PDF of a sheet. Whatever a patient typed is printed as text; no letter is left out unsaid."""
