"""What was owed in wallets, forms done before visits, messages that arrived: reckoned by hand (P18)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.booking.figures import FeeSum
from clinic_portal.booking.paper_figures import Lead
from clinic_portal.booking.paperwork import begin
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.forms import models, requests
from clinic_portal.payments.types import Purpose
from clinic_portal.reports import periods
from clinic_portal.reports.messages import Fates, messages
from clinic_portal.reports.paperwork import Paperwork, Ready, median, paperwork
from clinic_portal.reports.visits import missed
from clinic_portal.reports.wallets import owing
from clinic_portal.wallet import liability
from tests import factories
from tests.factories import SmallClinic, staff
from tests.forms_kit import HAND, answer, fill_intake, finish, put_all
from tests.reports_kit import at, has_message, has_payment, has_visit, of, reads, second_place, someone
from tests.visits_kit import has_credit

pytestmark = pytest.mark.req("P18")
TENTH = date(2026, 11, 10)
TODAY = date(2026, 11, 23)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


# ---- fees of what was missed -----------------------------------------------------------------------------------------


def test_fees_are_told_by_what_became_of_them(services: Services, made: SmallClinic) -> None:
    later = at(date(2026, 12, 20))
    for state, minor, deposit in (("paid", 2000, 0), ("failed", 3000, 1000), ("waived", 500, 0)):
        visit = has_visit(made, at(TENTH), "noshow")
        of_fee = {"from_deposit_minor": deposit, "state": state, "appointment_id": visit}
        has_payment(services, Purpose.NOSHOW_FEE, minor, later, **of_fee)  # type: ignore[arg-type]
    (found,) = reads(services, missed).fees
    assert found == FeeSum("noshow_fee", "USD", 3, 6500, 1000, 2000, 500, 0)
    assert found.owed_minor == 3000


# ---- wallets ---------------------------------------------------------------------------------------------------------


def test_what_was_owed_is_told_at_the_ends_of_the_pieces(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    amara = someone(services)
    has_credit(services, amara, 5000)
    clock.advance(timedelta(days=2))
    has_credit(services, amara, 2500)
    clock.advance(timedelta(days=2))
    found = reads(services, owing, of(periods.between(TODAY, date(2026, 11, 30))), usual="USD")
    ((code, points),) = found.by_currency
    assert code == "USD"
    assert [(one.on.day, one.minor, one.is_now) for one in points] == [
        (22, 0, False),
        (23, 5000, False),
        (24, 5000, False),
        (25, 7500, False),
        (26, 7500, False),
        (27, 7500, True),
    ]


def test_a_long_period_has_a_dozen_points_and_the_last_is_its_end(services: Services, made: SmallClinic) -> None:
    year = periods.between(date(2025, 11, 1), date(2026, 10, 31))
    ((_, points),) = reads(services, owing, of(year), usual="USD").by_currency
    assert len(points) <= 13
    assert (points[0].on, points[-1].on) == (date(2025, 10, 31), date(2026, 10, 31))


def test_a_point_is_what_the_books_of_wallets_say_of_that_day(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    has_credit(services, someone(services), 5000, expires_at=clock.now() + timedelta(days=3))
    clock.advance(timedelta(days=5))
    found = reads(services, owing, of(periods.between(TODAY, date(2026, 11, 27))), usual="USD")
    points = found.by_currency[0][1]
    ends = periods.stretches([(one.on, one.on) for one in points], {0: "America/Chicago"})
    actor = staff(services).actor
    for point, end in zip(points, ends, strict=True):
        assert point.minor == liability.totals(services.ask(liability.owed, actor, at=end.until_at)).get("USD", 0)
    assert points[-1].minor == 0


# ---- forms -----------------------------------------------------------------------------------------------------------


def asks_forms(services: Services, patient_id: int, visit: int, made: SmallClinic, *wanted: str) -> dict[str, int]:
    """The forms of a visit are asked for as booking does it; their requests by the form's name."""
    services.do(requests.ask_for_visit, patient_id, visit, [made[one] for one in wanted])
    asked = services.ask(requests.of_appointments, [visit])[visit]
    return {one.title: one.id for one in asked}


def of_today(services: Services, **more: int) -> Paperwork:
    found = reads(services, paperwork, of(periods.between(TODAY, TODAY), **more))
    assert isinstance(found, Paperwork)
    return found


def test_forms_count_as_done_when_all_of_them_were_before_the_visit(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    put_all(made)
    amara, bea, cora = (someone(services) for _ in range(3))
    start = clock.now() + timedelta(hours=5)
    for who in (amara, bea, cora):
        visit = has_visit(made, start, "booked", "facial", patient_id=who)
        asked = asks_forms(services, who, visit, made, "facial")
        if who == amara:
            fill_intake(services, who, next(iter(asked.values())))
        if who == bea:
            late = next(iter(asked.values()))
    has_visit(made, start, "booked", "facial")  # asks for nothing
    assert of_today(services).total == Ready()
    clock.advance(timedelta(hours=5, minutes=1))
    fill_intake(services, bea, late)
    found = of_today(services)
    assert found.total == Ready(visits=3, all_done=1, part_done=0)
    assert found.total.none_done == 2
    assert [one[1:] for one in found.by_form] == [(3, 1)]
    assert found.by_location == (("Lumen Downtown", found.total),)
    assert found.by_piece == (found.total,)
    assert found.median_hours == 5


def test_one_of_two_forms_is_a_part(services: Services, made: SmallClinic, clock: FixedClock) -> None:
    put_all(made)
    amara, start = someone(services), clock.now() + timedelta(hours=1)
    asked = asks_forms(services, amara, has_visit(made, start, "booked", "botox", patient_id=amara), made, "botox")
    fill_intake(services, amara, asked[next(name for name in asked if "onsent" not in name and "visit" not in name)])
    clock.advance(timedelta(hours=2))
    found = of_today(services)
    assert found.total == Ready(visits=1, all_done=0, part_done=1)
    assert found.median_hours is None
    assert sorted(one[1:] for one in found.by_form) == [(1, 0), (1, 1)]


def test_what_was_answered_for_an_earlier_visit_does_for_a_later_one(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    put_all(made)
    amara = someone(services)
    for hours in (1, 3):
        visit = has_visit(made, clock.now() + timedelta(hours=hours), "booked", "facial", patient_id=amara)
        asked = asks_forms(services, amara, visit, made, "facial")
        if hours == 1:
            fill_intake(services, amara, next(iter(asked.values())))
    clock.advance(timedelta(hours=4))
    assert of_today(services).total == Ready(visits=2, all_done=2)


def test_what_was_answered_again_after_the_visit_was_not_done_before_it(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    put_all(made)
    amara, start = someone(services), clock.now()
    asked = [
        asks_forms(services, amara, has_visit(made, start + lead, "booked", "facial", patient_id=amara), made, "facial")
        for lead in (timedelta(hours=2), timedelta(hours=3))
    ]
    first, again = (next(iter(one.values())) for one in asked)
    draft = services.do(begin, amara, again, HAND)
    fill_intake(services, amara, first)
    clock.advance(timedelta(hours=5))
    draft = answer(services, amara, draft, "pregnant", "no")
    finish(services, amara, answer(services, amara, draft, "allergies", {"none": True, "rows": []}))
    found = of_today(services)
    assert found.total == Ready(visits=2, all_done=2)
    assert found.median_hours == 2


@pytest.mark.parametrize(("slug", "done"), [("intake", 0), ("toxin-consent", 1)])
def test_a_form_that_asks_anew_is_not_done_by_what_was_answered_before_and_any_other_is(
    services: Services, made: SmallClinic, clock: FixedClock, slug: str, done: int
) -> None:
    put_all(made)
    amara = someone(services)
    visit = has_visit(made, clock.now() + timedelta(hours=2), "booked", "facial", patient_id=amara)
    fill_intake(services, amara, next(iter(asks_forms(services, amara, visit, made, "facial").values())))
    clock.advance(timedelta(hours=1))
    changed = next(one for one in factories.rows(services, models.FormTemplate) if one.slug == slug)
    before = next(one for one in factories.rows(services, models.FormVersion) if one.template_id == changed.id)
    told = {"content": before.content, "digest": "x", "changed_by": "staff:1"}
    times = {"changed_at": clock.now(), "published_at": clock.now()}
    anew = models.FormVersion(template_id=changed.id, version=2, counts_from=2, **told, **times)
    services.do(lambda work: work.session.add(anew))
    clock.advance(timedelta(hours=2))
    assert of_today(services).total == Ready(visits=1, all_done=done)


def test_visits_that_were_cancelled_or_missed_are_not_asked(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    put_all(made)
    for status in ("cancelled", "noshow"):
        who = someone(services)
        asks_forms(services, who, has_visit(made, at(TODAY, "08:00"), status, patient_id=who), made, "facial")
    assert of_today(services).total == Ready()


@pytest.mark.parametrize(
    ("leads", "middle"),
    [((), None), (((3, 1),), 3), (((1, 1), (9, 1)), 1), (((1, 1), (4, 1), (9, 1)), 4), (((1, 1), (9, 5)), 9)],
)
def test_the_median_is_the_middle_one(leads: tuple[tuple[int, int], ...], middle: int | None) -> None:
    assert median([Lead(*one) for one in leads]) == middle


# ---- messages --------------------------------------------------------------------------------------------------------


def test_messages_count_by_channel_kind_and_what_became_of_them(services: Services, made: SmallClinic) -> None:
    for state in ("sent", "sent", "failed", "dropped", "queued"):
        has_message(services, at(TENTH), state)
    has_message(services, at(TENTH), "delivered", channel="sms", kind="visit_reminder")
    has_message(services, at(date(2026, 10, 20)))
    found = reads(services, messages)
    assert found.total == Fates(sent=2, delivered=1, failed=1, dropped=1, queued=1)
    assert (found.total.tried, found.before.all) == (4, 1)
    assert found.by_channel == (
        ("email", Fates(sent=2, failed=1, dropped=1, queued=1)),
        ("sms", Fates(delivered=1)),
    )
    assert [one[:2] for one in found.by_kind] == [("appointment_booked", "email"), ("visit_reminder", "sms")]
    assert found.by_piece[9] == found.total


def test_news_is_untold_when_it_arrived_by_no_channel(services: Services, made: SmallClinic) -> None:
    about = {"appointment_id": has_visit(made, at(TENTH))}
    has_message(services, at(TENTH), "failed", news=1, **about)
    has_message(services, at(TENTH), "delivered", channel="sms", news=1, **about)
    has_message(services, at(TENTH), "failed", news=2, **about)
    has_message(services, at(TENTH), "dropped", channel="sms", news=2, last_error="unreachable_stop", **about)
    has_message(services, at(TENTH), "dropped", news=3, last_error="visit_cancelled", **about)
    has_message(services, at(TENTH), "failed", kind="phone_code")
    assert reads(services, messages).untold == (("appointment_booked", 1),)


def test_messages_of_a_visit_belong_to_its_place(services: Services, made: SmallClinic) -> None:
    there = second_place(made, "Europe/Berlin")
    has_message(services, at(TENTH), appointment_id=has_visit(made, at(TENTH), location_id=there))
    has_message(services, at(TENTH), kind="account_link")
    assert reads(services, messages).total.all == 2
    assert reads(services, messages, of(location_id=there)).total.all == 1
    assert reads(services, messages, of(location_id=made["downtown"])).total.all == 0


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_the_owner_reads_them(services: Services, made: SmallClinic, role: str) -> None:
    with pytest.raises(NotAllowed):
        reads(services, paperwork, role=role)
    with pytest.raises(NotAllowed):
        reads(services, messages, role=role)
    with pytest.raises(NotAllowed):
        reads(services, owing, role=role, usual="USD")
