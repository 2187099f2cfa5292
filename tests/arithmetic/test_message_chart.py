"""A patient's messages in words: a reply stands with the visit it answers (B6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinic_portal.booking.types import VisitName
from clinic_portal.messaging.chart import Chart, Coming, Reach
from clinic_portal.messaging.listing import Line, ReplyLine
from clinic_portal.messaging.types import Channel, Silence
from clinic_portal.web.admin.messages import chart_views

pytestmark = pytest.mark.req("B6")
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
ZONE = "America/Chicago"
VISIT = VisitName("LMN-4S6XMY", AT + timedelta(days=10), "booked", 1)


def line(channel: str = "sms", visit: VisitName | None = VISIT, *, failed_after: timedelta | None = None) -> Line:
    at = AT + (failed_after or timedelta())
    state = "failed" if failed_after else "sent"
    return Line(
        1, "appointment_booked", channel, "+15125550100", state, None, at, AT, 5, "Amara Reed", visit, False, False
    )


def reply(after: timedelta, keyword: str | None = None) -> ReplyLine:
    return ReplyLine(7, "SM1", "+15125550100", "sealed", keyword, 0, AT + after, None, ())


def titles(*said: Line | ReplyLine) -> dict[str, list[str]]:
    lines = tuple(one for one in said if isinstance(one, Line))
    replies = tuple(one for one in said if isinstance(one, ReplyLine))
    found = Chart(reach=(), coming=(), lines=lines, replies=replies, has_more=False)
    return {one.title: [entry.what for entry in one.said] for one in chart_views.groups(found, ZONE, "en", {})}


@pytest.mark.parametrize("failed_after", [None, timedelta(days=3)])
def test_a_reply_stands_with_the_visit_of_the_text_before_it_whatever_became_of_that(
    failed_after: timedelta | None,
) -> None:
    (only,) = titles(line(failed_after=failed_after), reply(timedelta(days=2))).items()
    assert only[0] == "Visit of Thu, Dec 3, 2026, 9:00\u00a0AM · LMN-4S6XMY"
    assert sorted(only[1]) == ["Booking confirmation · SMS", "Reply · SMS"]


@pytest.mark.parametrize("before", [line("email"), line(visit=None)])
def test_a_reply_answers_no_letter_and_no_text_about_something_else(before: Line) -> None:
    assert "Reply · SMS" in titles(before, reply(timedelta(days=2)))["Not about a visit"]


@pytest.mark.parametrize("after", [timedelta(days=8), timedelta(minutes=-1)])
def test_a_reply_long_after_a_text_or_before_it_is_about_no_visit(after: timedelta) -> None:
    assert titles(line(), reply(after))["Not about a visit"] == ["Reply · SMS"]


def test_where_something_was_said_last_stands_first() -> None:
    assert next(iter(titles(line(visit=None), line("email", failed_after=timedelta(days=1))))).startswith("Visit of")


def test_a_visit_that_is_off_says_so() -> None:
    off = VisitName("LMN-OFF", VISIT.start_at, "cancelled", 1)
    assert list(titles(line(visit=off))) == ["Visit of Thu, Dec 3, 2026, 9:00\u00a0AM, cancelled · LMN-OFF"]


def test_the_words_of_a_reply_are_shown_once_they_are_opened_and_of_a_keyword_at_once() -> None:
    found = Chart((), (), (), (reply(timedelta()), reply(timedelta(), "stop")), False)
    (closed,) = chart_views.groups(found, ZONE, "en", {})
    assert [(one.is_open, one.words) for one in closed.said] == [(False, ""), (True, "Replied STOP")]
    (opened,) = chart_views.groups(found, ZONE, "en", {7: "Is parking free?"})
    assert opened.said[0].words == "Is parking free?"


@pytest.mark.parametrize(
    ("channel", "address", "reason", "told"),
    [
        (Channel.EMAIL, "a@example.org", None, "Nothing has come back."),
        (Channel.EMAIL, "", None, "No address is known."),
        (Channel.SMS, "", None, "No number is known."),
        (Channel.EMAIL, "a@example.org", "bounced", "E-mails have come back since Mon, Nov 23, 2026."),
        (Channel.SMS, "+15125550100", "stop", "Replied STOP on Mon, Nov 23, 2026."),
        (Channel.SMS, "+15125550100", "invalid", "Texts have not reached this number since"),
    ],
)
def test_every_way_a_channel_may_stand_has_words(channel: Channel, address: str, reason: str | None, told: str) -> None:
    silence = Silence(reason, AT) if reason else None
    shown = chart_views.reach(Reach(channel, address, silence), ZONE, "en")
    assert shown.told.startswith(told)
    assert shown.is_silent is (silence is not None or not address)


def test_what_is_still_to_come_is_told_with_its_time() -> None:
    told = chart_views.coming(Coming("visit_reminder", "sms", "LMN-4S6XMY", AT), ZONE, "en")
    assert told == "Reminder of visit LMN-4S6XMY by SMS, Mon, Nov 23, 2026, 9:00\u00a0AM"
