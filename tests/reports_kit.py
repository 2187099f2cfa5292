"""Visits, fees, forms and messages written straight into their tables, so that a report can be reckoned by hand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from clinic_portal.booking import models as booking
from clinic_portal.clinic import models as clinic
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, Services, UnitOfWork
from clinic_portal.messaging import models as messaging
from clinic_portal.patients import models as patients
from clinic_portal.payments import books
from clinic_portal.payments.types import Purpose
from clinic_portal.reports import periods
from clinic_portal.reports.periods import Period
from clinic_portal.reports.scope import Asked
from tests.factories import CHICAGO, SmallClinic, staff
from tests.visits_kit import has_credit

_numbers = itertools.count(1_000_001)
"""Beyond those a running site gives its own rows: its worker writes to them meanwhile."""
NOVEMBER = periods.between(date(2026, 11, 1), date(2026, 11, 30))


def at(on: date, clock: str = "10:00", zone: ZoneInfo = CHICAGO) -> datetime:
    """A wall time."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(on.year, on.month, on.day, hours, minutes, tzinfo=zone)


def of(period: Period = NOVEMBER, **more: Any) -> Asked:
    """What is asked for; November as a rule."""
    return Asked(period, **more)


def reads(
    services: Services, report: Callable[..., Any], asked: Asked | None = None, role: str = "owner", **more: Any
) -> Any:
    """A report as somebody of the staff reads it."""
    return services.ask(report, staff(services, role).actor, asked or of(), **more)


def someone(services: Services) -> int:
    """A patient with a profile."""
    number = next(_numbers)

    def action(work: UnitOfWork) -> int:
        email = f"patient{number}@example.org"
        row = {
            "given_name": "Pat",
            "family_name": f"Number{number}",
            "search_key": f"pat number{number}",
            "email": email,
            "email_key": email,
            "phone": f"+1512{number:07}",
            "created_at": work.now,
        }
        one = patients.Patient(**row)
        work.session.add(one)
        work.session.flush()
        assert one.id is not None
        return one.id

    return services.do(action)


def second_place(made: SmallClinic, zone: str, slug: str = "annex") -> int:
    """Another location, in another zone."""

    def action(work: UnitOfWork) -> int:
        row = clinic.Location(
            slug=slug, name=f"Lumen {slug}", street="1 A Street", city="X", region="", postal_code="1", time_zone=zone
        )
        work.session.add(row)
        work.session.get_one(clinic.Clinic, 1).version += 1
        work.session.flush()
        assert row.id is not None
        return row.id

    made.ids[slug] = made.services.do(action)
    return made.ids[slug]


def has_visit(
    made: SmallClinic,
    start_at: datetime,
    status: str = "fulfilled",
    *wanted: str,
    provider: str = "maya",
    patient_id: int | None = None,
    **more: Any,
) -> int:
    """A visit as it stands in the books; of a patient of its own unless somebody is named."""
    who = patient_id or someone(made.services)
    number = next(_numbers)
    values = {
        "reference": f"REP-{number}",
        "uid": f"report-{number}@example.org",
        "sequence": 0,
        "status": status,
        "location_id": made["downtown"],
        "provider_id": made[provider],
        "patient_id": who,
        "start_at": start_at,
        "end_at": start_at + timedelta(minutes=30),
        "currency": "USD",
        "total_minor": 10000,
        "created_at": start_at - timedelta(days=7),
        "booked_at": start_at - timedelta(days=7),
        "booked_by": "",
        "cancelled_by": "",
        "is_overridden": False,
        "told_sequence": 0,
    }
    rows, lines = table(booking.Appointment), table(booking.AppointmentService)

    def action(work: UnitOfWork) -> int:
        made_id = int(work.execute(insert(rows).returning(rows.c.id), values | more).scalar_one())
        for position, slug in enumerate(wanted or ("facial",)):
            line = {"service_id": made[slug], "name": slug, "duration_minutes": 30, "price_minor": 10000}
            work.execute(insert(lines), line | {"appointment_id": made_id, "position": position})
        return made_id

    return made.services.do(action)


def has_payment(
    services: Services,
    purpose: Purpose,
    minor: int,
    taken_at: datetime,
    *,
    appointment_id: int | None = None,
    state: str = "paid",
    currency: str = "USD",
    account: str = "sandbox",
    **more: Any,
) -> int:
    """A payment by card; taken, unless its state says otherwise, when it was written down."""
    captured = minor if state == "paid" else 0
    values = {"state": state, "captured_minor": captured, "appointment_id": appointment_id, "created_at": taken_at}

    def action(work: UnitOfWork) -> int:
        told: dict[str, Any] = {"account": account, "purpose": purpose, "amount_minor": minor, "currency": currency}
        return books.prepare(work, **told, **values, **more)

    return services.do(action)


def has_refund(services: Services, payment_id: int, minor: int, settled_at: datetime) -> None:
    """A part of a payment went back to its card."""
    from clinic_portal.payments import queries

    def action(work: UnitOfWork) -> None:
        paid = queries.payment(work, payment_id)
        refund_id = books.ask_refund(work, paid, minor, reason="asked for", asked_by="staff:1")
        books.change_refund(work, refund_id, state="done", settled_at=settled_at)
        books.change(work, payment_id, refunded_minor=paid.refunded_minor + minor)

    services.do(action)


def has_bill(
    services: Services, appointment_id: int, made_at: datetime, *, currency: str = "USD", **parts: int
) -> None:
    """A visit that was checked out: at_desk_minor, from_deposit_minor, …"""
    names = ("from_wallet_items_minor", "from_deposit_minor", "from_credit_minor", "at_desk_minor")
    values = {name: parts.get(name, 0) for name in names}
    row = booking.VisitBill(
        appointment_id=appointment_id,
        currency=currency,
        total_minor=sum(values.values()),
        **values,
        desk_how="cash" if values["at_desk_minor"] else "",
        lines=[],
        made_at=made_at,
        made_by="staff:1",
    )
    services.do(lambda work: work.session.add(row))


def has_message(
    services: Services,
    created_at: datetime,
    state: str = "sent",
    *,
    kind: str = "appointment_booked",
    channel: str = "email",
    news: int | None = None,
    **more: Any,
) -> None:
    """A message in the ledger. Two of the same `news` by different channels tell the same."""
    number = next(_numbers)
    row = messaging.Message(
        dedupe_key=f"{kind}:{channel}:{news or number}",
        kind=kind,
        channel=channel,
        to_address="x@example.org",
        message_id=f"{number}@example.org",
        state=state,
        created_at=created_at,
        due_at=created_at,
        **more,
    )
    services.do(lambda work: work.session.add(row))


def named_in(read: Reading) -> list[str]:
    """The family names of every patient: none of them may stand in a report."""
    people = table(patients.Patient)
    return [row.family_name for row in read.execute(people.select())]


LONG = "Full face rejuvenation with platelet-rich plasma, microneedling and a hyaluronic mask for very dry skin"


def has_a_busy_month(made: SmallClinic) -> None:
    """Three weeks of a clinic with twelve providers, two places, one very long service name, money and messages."""
    services, rng = made.services, random.Random(8)
    made.change(clinic.Service, "peel", name=LONG)
    there = second_place(made, "Europe/Berlin")
    people = ["maya", "lena", *_providers(made, 10)]
    credited = someone(services)
    has_credit(services, credited, 7500)
    for day in range(1, 24):
        for number in range(rng.randrange(4, 9)):
            on = date(2026, 11, day)
            start, wanted = at(on, f"{9 + number % 8}:00"), rng.choice(("facial", "peel", "botox", "hair"))
            status = rng.choices(("fulfilled", "noshow", "cancelled", "arrived"), (80, 7, 12, 1))[0]
            where: dict[str, Any] = {"location_id": there} if number == 3 else {}
            who = {"booked_by": "staff:1"} if number % 3 == 0 else {}
            late = {"late_fee_minor": 5000} if status == "cancelled" and number % 2 else {}
            visit = has_visit(made, start, status, wanted, provider=rng.choice(people), **where, **who, **late)
            if status == "fulfilled":
                has_bill(services, visit, start, at_desk_minor=9000, from_deposit_minor=1000)
                has_payment(services, Purpose.DEPOSIT, 1000, start - timedelta(days=2), appointment_id=visit)
            if status == "noshow":
                state = rng.choice(("paid", "failed", "waived"))
                has_payment(services, Purpose.NOSHOW_FEE, 5000, start, appointment_id=visit, state=state)
            came_to, about = rng.choice(("sent",) * 9 + ("failed",)), {"appointment_id": visit}
            has_message(services, start - timedelta(days=3), came_to, **about)
            has_message(services, start - timedelta(days=1), "delivered", kind="visit_reminder", channel="sms", **about)
    paid = has_payment(services, Purpose.PACKAGE, 48000, at(date(2026, 11, 12)))
    has_refund(services, paid, 8000, at(date(2026, 11, 18)))
    has_payment(services, Purpose.MEMBERSHIP, 9900, at(date(2026, 11, 15)))


def _providers(made: SmallClinic, many: int) -> list[str]:
    def action(work: UnitOfWork) -> None:
        for number in range(many):
            slug = f"provider-{number}"
            row = clinic.Provider(slug=slug, name=f"Dr. Alexandra Provider-Hyphenated {number}", position=number + 10)
            work.session.add(row)
            work.session.flush()
            assert row.id is not None
            made.ids[slug] = row.id

    made.services.do(action)
    return [f"provider-{number}" for number in range(many)]
