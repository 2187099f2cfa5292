"""What a completed document is on paper, and who prints it."""

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Heading:
    """Begins a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words; line breaks stay."""

    text: str


@dataclass(frozen=True, slots=True)
class Rich:
    """The clinic's rich text, sanitised."""

    html: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what was answered, a line for each thing; no line where it was left open."""

    question: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Initials:
    """Initials under a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Ink:
    """A signature: a path in a field 600 wide and 200 high, or empty where the name was typed."""

    name: str
    role: str
    signed: str  # when, in words
    path: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the evidence. `is_exact`: digits to be compared letter by letter."""

    name: str
    told: str
    is_exact: bool = False


Block = Heading | Paragraph | Rich | Answer | Initials | Ink


@dataclass(frozen=True, slots=True)
class Proof:
    """One deed of the document's history, with what proves it."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document on paper: who and what, what was told and signed, and the evidence on a page of its own."""

    language: str
    clinic_name: str
    title: str
    number: int
    facts: tuple[Fact, ...]  # under the title: patient, date of birth, date
    blocks: tuple[Block, ...]
    proofs: tuple[Proof, ...]
    void: str = ""  # in words, with the reason; empty while it stands
    paper: Literal["A4", "letter"] = "A4"


class Printer(Protocol):
    """Makes a PDF of a sheet: tagged, with no look outside."""

    def pdf(self, sheet: Sheet) -> bytes:
        """The file's bytes."""
