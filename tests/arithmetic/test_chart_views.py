"""What a patient's page says, in words: age, changes of the history, who noted what."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from clinic_portal.booking.types import VisitLine
from clinic_portal.patients import history_rules as rules
from clinic_portal.patients.types import HistoryChange, HistoryItem, NoteInfo
from clinic_portal.web.admin.chart import views

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ZONE = "America/Chicago"
LATEX, WORSE = {"name": "Latex", "severity": "mild"}, {"name": "Latex", "severity": "severe", "reaction": "Hives"}


def change(what: str, item: str = "a") -> HistoryChange:
    before = {} if what == "added" else LATEX
    now = {} if what == "removed" else WORSE
    return HistoryChange(item, "allergy", what, before, now, AT, "patient:7")


def test_each_changed_field_is_told_with_what_stood_there_before() -> None:
    assert rules.differences("allergy", LATEX, WORSE) == [
        ("What happens", "", "Hives"),
        ("How strong", "Mild", "Severe"),
    ]
    assert rules.differences("allergy", {"none": "yes"}, LATEX) == [("", "No known allergies", "Latex")]


def test_what_changed_and_what_went_is_marked_in_words_and_the_rest_is_not() -> None:
    latex = HistoryItem("a", 2, "allergy", WORSE, AT, "patient:7")
    items = [latex, HistoryItem("b", 1, "condition", {"name": "Asthma"}, AT, "staff:1")]
    shown = views.history(items, {"a": change("changed"), "c": change("removed", "c")}, ZONE, "en")
    assert [(one.title, one.mark, one.was) for one in shown] == [
        ("Asthma", "", []),
        ("Latex", "Changed", ["What happens: nothing → Hives", "How strong: Mild → Severe"]),
        ("Latex", "Taken out", []),
    ]


@pytest.mark.parametrize(
    ("last_at", "changes", "told"),
    [
        (None, [], "They have not been here yet: all of it is new to you."),
        (AT, [], "Nothing changed since the visit of Mon, Nov 23, 2026."),
        (AT, ["added", "added", "removed"], "Since the visit of Mon, Nov 23, 2026: 2 new, 1 taken out."),
    ],
)
def test_what_changed_since_the_last_visit_is_summed_up(
    last_at: datetime | None, changes: list[str], told: str
) -> None:
    found = {str(n): change(what, str(n)) for n, what in enumerate(changes)}
    assert views.since(last_at, found, ZONE, "en") == told


@pytest.mark.parametrize(("today", "age"), [(date(2026, 3, 13), 35), (date(2026, 3, 14), 36), (date(1990, 3, 14), 0)])
def test_somebody_is_a_year_older_on_their_birthday(today: date, age: int) -> None:
    assert views._age(date(1990, 3, 14), today) == age


def test_a_note_tells_who_wrote_and_who_ended_it() -> None:
    ended = NoteInfo(1, "alert", "Faints", AT, "staff:1", AT, "staff:9")
    shown = views.note(ended, {"staff:1": "Maya"}, ZONE, "en")
    assert (shown.kind, shown.told.replace("\N{NO-BREAK SPACE}", " ")) == ("Alert", "Maya, Mon, Nov 23, 2026, 9:00 AM")
    assert shown.ended.startswith("Ended by Someone of the team")


@pytest.mark.parametrize(
    ("status", "is_upcoming", "told"),
    [("booked", True, "Upcoming"), ("arrived", True, "Here now"), ("fulfilled", False, "Past")],
)
def test_staff_read_of_the_patient_and_not_to_them(status: str, is_upcoming: bool, told: str) -> None:
    line = VisitLine(
        reference="LMN-1",
        status=status,
        start_at=AT,
        end_at=AT,
        time_zone=ZONE,
        location_name="Lumen",
        location_street="1 Oak St",
        provider_name="Lena",
        service_names=("Facial",),
        is_upcoming=is_upcoming,
    )
    assert views.visit(line, "en").status == told
