"""Appointments, no-shows and cancellations in words. Values in, tables out."""

from __future__ import annotations

from dataclasses import astuple

from clinic_portal.reports.visits import Absences, Appointments, Missed, Tally
from clinic_portal.web.admin.reports.shapes import (
    BLUE,
    GREEN,
    GREY,
    RED,
    SAND,
    Cash,
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

STATUSES = ("Took place", "Checked in", "To come", "Not marked", "No-show", "Cancelled")
_HEADS = ("All", *STATUSES)
_BY_STATUS = (Series(2, GREEN), Series(3, "#5aa883"), Series(4, BLUE), Series(5, GREY), Series(6, RED), Series(7, SAND))
_ABSENT = ("No-shows", "Of those due", "Cancelled late", "Cancelled in time", "Of all booked")
FEES = {"cancellation_fee": "Late cancellations", "noshow_fee": "Missed visits"}
_COUNTED = "Appointments by the day they begin, on the location’s calendar, whatever became of them."


def appointments(found: Appointments, language: str) -> Told:
    """Appointments by time, service, provider, location, and by who booked and for whom."""
    total, about = found.total, found.scope
    step = about.asked.period.step
    sheets = [
        Sheet(
            "by-time",
            f"By {step.value}",
            f"{_COUNTED} “Not marked” have begun, and nobody was checked in or marked as missed.",
            (step.value.capitalize(), *_HEADS),
            tuple((one, *_tally(of)) for one, of in zip(pieces(about.pieces, step), found.by_piece, strict=True)),
            series=_BY_STATUS,
        ),
        _named(
            "by-service",
            "By service",
            "The same appointments by what was booked; one with two services counts with each.",
            "Service",
            found.by_service,
        ),
        _named(
            "by-provider", "By provider", "The same appointments by whom they are with.", "Provider", found.by_provider
        ),
    ]
    if len(found.by_location) > 1:
        told = "The same appointments by where they are."
        sheets.append(_named("by-location", "By location", told, "Location", found.by_location))
    ways: tuple[tuple[Cell, ...], ...] = (
        ("Booked online by patients", found.online, Share(found.online, total.all)),
        ("Booked by staff", found.by_staff, Share(found.by_staff, total.all)),
        ("New patients", found.first_visits, Share(found.first_visits, total.all)),
        ("Returning patients", found.returning, Share(found.returning, total.all)),
    )
    sheets.append(
        Sheet(
            "who",
            "Who booked, and for whom",
            "A patient is new at an appointment when none came before it. Cancelled and missed ones count for neither.",
            ("Appointments", "Count", "Of all"),
            ways,
            bar=1,
        )
    )
    return Told(
        summary=f"{many(total.all, 'appointment')}: {_listed(total)}." if total.all else "No appointments.",
        figures=(
            Figure("Appointments", total.all, compared(total.all, found.before.all)),
            Figure("Took place", total.took_place, compared(total.took_place, found.before.took_place)),
            Figure("Booked online", Share(found.online, total.all), f"{found.online:,} of {total.all:,}"),
            Figure("New patients", found.first_visits, f"of {many(total.all, 'appointment')}"),
        ),
        sheets=tuple(sheets),
        empty="" if total.all else "Nothing was booked for these days.",
    )


def missed(found: Missed, language: str) -> Told:
    """No-shows and cancellations with what they are a part of, and the fees they were due."""
    total, before, about = found.total, found.before, found.scope
    step, tally = about.asked.period.step, found.total.tally
    noshows, off = Share(tally.noshow, tally.due), Share(tally.cancelled, tally.all)
    sheets = [
        Sheet(
            "by-time",
            f"By {step.value}",
            "By the day the appointment was to begin. No-shows are a part of those that were due: begun by now and not "
            "cancelled. Cancellations are a part of all that was booked; a late one is due a fee by the policy.",
            (step.value.capitalize(), *_ABSENT),
            tuple((one, *_absences(of)) for one, of in zip(pieces(about.pieces, step), found.by_piece, strict=True)),
            series=(Series(1, RED), Series(3, SAND), Series(4, GREY)),
        ),
        _absent("by-provider", "By provider", "Provider", found.by_provider),
    ]
    if len(found.by_location) > 1:
        sheets.append(_absent("by-location", "By location", "Location", found.by_location))
    fees: tuple[tuple[Cell, ...], ...] = tuple(
        (
            FEES[one.purpose],
            one.currency,
            one.count,
            *(
                Cash(minor, one.currency)
                for minor in (one.asked_minor, one.deposit_minor, one.card_minor, one.waived_minor, one.owed_minor)
            ),
        )
        for one in found.fees
    )
    sheets.append(
        Sheet(
            "fees",
            "Fees",
            "Fees of these appointments, whenever they were paid: what the policy asked, and what became of it.",
            ("For", "Currency", "Fees", "Due", "Kept of deposits", "Charged to cards", "Waived", "Owed still"),
            fees,
        )
    )
    waived = f" ({total.waived:,} at a fee that was waived)" if total.waived else ""
    who = f", {many(total.by_staff, 'of them', 'of them')} by staff" if total.by_staff else ""
    return Told(
        summary=(
            f"{many(tally.noshow, 'no-show')} of {many(tally.due, 'appointment')} that were due "
            f"({percent(noshows, language)}). {many(tally.cancelled, 'cancellation')} of {tally.all:,} booked "
            f"({percent(off, language)}): {total.late:,} late{waived}, {total.in_time:,} in time{who}."
        ),
        figures=(
            Figure("No-shows", tally.noshow, compared(tally.noshow, before.tally.noshow)),
            Figure(
                "Of those due", noshows, share_compared(noshows, Share(before.tally.noshow, before.tally.due), language)
            ),
            Figure("Cancelled", tally.cancelled, compared(tally.cancelled, before.tally.cancelled)),
            Figure("Cancelled late", total.late, f"of {many(tally.cancelled, 'cancellation')}"),
        ),
        sheets=tuple(sheets),
        empty="" if tally.all else "Nothing was booked for these days.",
    )


def _tally(one: Tally) -> tuple[int, ...]:
    return (one.all, *astuple(one))


def _absences(one: Absences) -> tuple[Cell, ...]:
    tally = one.tally
    rates = Share(tally.noshow, tally.due), Share(tally.cancelled, tally.all)
    return tally.noshow, rates[0], one.late, one.in_time, rates[1]


def _named(key: str, title: str, note: str, head: str, rows: tuple[tuple[str, Tally], ...]) -> Sheet:
    return Sheet(key, title, note, (head, *_HEADS), tuple((name, *_tally(one)) for name, one in rows), bar=1)


def _absent(key: str, title: str, head: str, rows: tuple[tuple[str, Absences], ...]) -> Sheet:
    told = "The same, with the same denominators."
    lines: tuple[tuple[Cell, ...], ...] = tuple((name, *_absences(one)) for name, one in rows)
    return Sheet(key, title, told, (head, *_ABSENT), lines, bar=1)


def _listed(total: Tally) -> str:
    parts = [f"{count:,} {name.lower()}" for name, count in zip(STATUSES, astuple(total), strict=True) if count]
    return ", ".join(parts)
