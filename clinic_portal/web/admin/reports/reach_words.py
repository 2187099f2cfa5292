"""Forms before visits and messages in words. Values in, tables out."""

from __future__ import annotations

from clinic_portal.core import wording
from clinic_portal.reports.messages import Fates, Messages
from clinic_portal.reports.paperwork import Paperwork, Ready
from clinic_portal.web.admin.messages import words
from clinic_portal.web.admin.reports.shapes import (
    BLUE,
    GREEN,
    GREY,
    NONE,
    RED,
    SAND,
    Cell,
    Figure,
    Series,
    Share,
    Sheet,
    Told,
    compared,
    many,
    percent,
    pieces,
    share_compared,
)

_READY = ("Visits", "All done", "Part done", "Nothing done", "All done, of visits")
_FATES = ("All", "Sent", "Delivered", "Did not arrive", "Not sent", "Waiting", "Did not arrive, of those tried")


def paperwork(found: Paperwork, language: str) -> Told:
    """How many visits had their forms done before they began."""
    total, about = found.total, found.scope
    step, ready = about.asked.period.step, Share(found.total.all_done, found.total.visits)
    sheets = [
        Sheet(
            "by-time",
            f"By {step.value}",
            "Visits that have begun, were neither cancelled nor missed, and asked for a questionnaire or a consent; by the "
            "day of the visit. Done means completed by its start, or before for an earlier visit and still valid then. "
            "A document that was declared void since does not count.",
            (step.value.capitalize(), *_READY),
            tuple((one, *_ready(of)) for one, of in zip(pieces(about.pieces, step), found.by_piece, strict=True)),
            series=(Series(2, GREEN), Series(3, SAND), Series(4, RED)),
        ),
        Sheet(
            "by-form",
            "By form",
            "Each form that these visits asked for.",
            ("Form", "Asked for", "Done before", "Of those asked for"),
            tuple((name, asked, done, Share(done, asked)) for name, asked, done in found.by_form),
            bar=1,
        ),
        Sheet(
            "by-location",
            "By location",
            "The same visits by where they were.",
            ("Location", *_READY),
            tuple((name, *_ready(one)) for name, one in found.by_location),
            bar=1,
        ),
    ]
    lead = hours(found.median_hours, language)
    told = f" Half of them had everything done {lead} or more before." if found.median_hours is not None else ""
    return Told(
        summary=(
            f"{total.all_done:,} of {many(total.visits, 'visit')} that asked for forms had all of them done before they "
            f"began ({percent(ready, language)}).{told}"
            if total.visits
            else "No visit that has begun asked for forms."
        ),
        figures=(
            Figure(
                "All forms done before",
                ready,
                share_compared(ready, Share(found.before.all_done, found.before.visits), language),
            ),
            Figure("Visits that asked for forms", total.visits, compared(total.visits, found.before.visits)),
            Figure("Nothing done", total.none_done, f"of {many(total.visits, 'visit')}"),
            Figure("Done before the start, median", lead, "where the forms were filled in for that visit"),
        ),
        sheets=tuple(sheets),
        empty="" if total.visits else "No visit of these days asked for forms.",
    )


def messages(found: Messages, language: str) -> Told:
    """What was sent by which channel, and what became of it."""
    total, about = found.total, found.scope
    step, failed = about.asked.period.step, Share(found.total.failed, found.total.tried)
    untold = sum(count for _, count in found.untold)
    sheets = [
        Sheet(
            "by-time",
            f"By {step.value}",
            "Messages by the day they were to be written. “Sent” was taken by the mail server or the SMS service; only the "
            "SMS service says that one was delivered. “Not sent” made no sense any more, or nothing arrives there.",
            (step.value.capitalize(), *_FATES),
            tuple((one, *_fates(of)) for one, of in zip(pieces(about.pieces, step), found.by_piece, strict=True)),
            series=(Series(2, BLUE), Series(3, GREEN), Series(4, RED), Series(5, SAND), Series(6, GREY)),
        ),
        Sheet(
            "by-channel",
            "By channel",
            "The same messages by how they travel.",
            ("Channel", *_FATES),
            tuple((words.CHANNELS[name], *_fates(one)) for name, one in found.by_channel),
            bar=1,
        ),
        Sheet(
            "by-kind",
            "By what they are about",
            "The same messages by kind and channel.",
            ("Message", *_FATES),
            tuple((f"{words.kind(kind)} · {words.CHANNELS[by]}", *_fates(one)) for kind, by, one in found.by_kind),
            bar=1,
        ),
        Sheet(
            "untold",
            "Not told",
            "News of a visit that reached its patient by no channel, whoever saw to it since.",
            ("News", "Count"),
            tuple((words.kind(kind), count) for kind, count in found.untold),
            bar=1,
        ),
    ]
    notes = () if about.is_whole else ("Messages about no visit, such as codes, are left out here.",)
    return Told(
        summary=(
            f"{many(total.all, 'message')}: {total.sent + total.delivered:,} sent, {total.delivered:,} of them known to be "
            f"delivered, {total.failed:,} did not arrive ({percent(failed, language)} of those tried). "
            f"{many(untold, 'piece')} of news reached nobody."
            if total.all
            else "No messages."
        ),
        figures=(
            Figure("Messages", total.all, compared(total.all, found.before.all)),
            Figure("Known to be delivered", total.delivered, f"of {total.sent + total.delivered:,} sent"),
            Figure(
                "Did not arrive",
                failed,
                share_compared(failed, Share(found.before.failed, found.before.tried), language),
            ),
            Figure("Not told", untold, "news that reached nobody"),
        ),
        sheets=tuple(sheets),
        empty="" if total.all else "Nothing was to be sent in these days.",
        notes=notes,
    )


def hours(count: int | None, language: str) -> str:
    """A length of whole hours in words: `2 days 5 hr`, `less than an hour`."""
    if count is None:
        return NONE
    if not count:
        return "less than an hour"
    days, rest = divmod(count, 24)
    told = [many(days, "day")] if days else []
    return " ".join([*told, wording.duration(rest * 60, language)] if rest else told)


def _ready(one: Ready) -> tuple[Cell, ...]:
    return one.visits, one.all_done, one.part_done, one.none_done, Share(one.all_done, one.visits)


def _fates(one: Fates) -> tuple[Cell, ...]:
    shares = Share(one.failed, one.tried)
    return one.all, one.sent, one.delivered, one.failed, one.dropped, one.queued, shares
