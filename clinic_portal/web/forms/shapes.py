"""The shapes of what a form's page shows: plain values, so that they travel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class OptionView:
    """An answer to choose."""

    code: str
    label: str


@dataclass
class PartView:
    """A part of an address, or of a row of a list. `id` names its input."""

    id: str
    part: str
    label: str
    fills: str = ""


@dataclass
class RowView:
    """A row of a list of medications, allergies or conditions."""

    label: str
    place: str
    parts: list[PartView]


@dataclass
class QuestionView:
    """A question, or a text among them, with its control. `mine` and `theirs` where two devices gave two answers."""

    link: str
    control: str
    text: str
    help: str = ""
    html: str = ""
    is_optional: bool = False
    hint: str = ""
    error: str = ""
    mine: str = ""
    theirs: str = ""
    note: str = ""
    input: str = "text"
    keyboard: str = "text"
    fills: str = "off"
    unit: str = ""
    none: str = ""
    row_name: str = ""
    relation: bool = False
    options: list[OptionView] = field(default_factory=list)
    parts: list[PartView] = field(default_factory=list)
    rows: list[RowView] = field(default_factory=list)


@dataclass
class StepView:
    """A step of the form. `state`: now, done, open."""

    key: str
    title: str
    state: str
    told: str


@dataclass
class LinkView:
    """A question that keeps the form from being complete, and where it is."""

    link: str
    step: str
    text: str
    why: str


@dataclass
class ToldView:
    """A question and its answer in words; empty for none."""

    text: str
    answer: str


@dataclass
class SectionView:
    """Answers of one step in words."""

    key: str
    title: str
    told: list[ToldView]


@dataclass
class Shown:
    """What the person looks at, beyond what is kept of the form: the step, refusals, answers kept aside in conflict."""

    step: str = ""
    shows_all: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    aside: Mapping[str, Any] = field(default_factory=dict)  # answers typed here that the server could not take
    differs: Collection[str] = ()  # of those: the ones another device answered otherwise
    blank_rows: Mapping[str, int] = field(default_factory=dict)


@dataclass
class FormView:
    """A form as the page shows it."""

    title: str
    intro: str
    kind: str
    steps: list[StepView]
    step: str
    step_title: str
    step_help: str
    place: str
    questions: list[QuestionView]
    answers: dict[str, str]
    seen: dict[str, int]
    done: int
    total: int
    progress: str
    missing: list[LinkView]
    sections: list[SectionView]
    is_first: bool
    is_last: bool
    before: str
    after: str
    signs_later: str
    hides: int
