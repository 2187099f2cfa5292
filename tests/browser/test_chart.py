"""A patient's page: who they are, what changed, what was noted, what was done; each role sees its own (S49, P15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from clinic_portal.booking import activity
from clinic_portal.booking import models as booking
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.db import table
from clinic_portal.patients import history
from tests.browser import staff_journey as staff
from tests.browser.forms_journey import identity
from tests.browser.journey import Visitor
from tests.browser.portal_journey import Make, at_home, clears_calendar, has_visit
from tests.browser.test_access import is_clean_and_fits
from tests.factories import rows
from tests.factories import staff as someone
from tests.site import Site

pytestmark = [pytest.mark.req("P15"), pytest.mark.req("S49")]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
FRIDAY = date(2026, 11, 27)
TABS = {
    "owner": ["Overview", "Appointments", "Wallet", "Payments", "Messages", "Notes", "More info", "Activity"],
    "front_desk": ["Overview", "Appointments", "Wallet", "Payments", "Messages", "Notes", "More info"],
    "provider": ["Overview", "Appointments", "Notes", "More info"],
    "read_only": ["Overview", "Appointments"],
}
SECRET = "Faints at the sight of needles"


@pytest.fixture(autouse=True)
def _calendar(site: Site) -> Iterator[None]:
    yield
    clears_calendar(site)


def chart_of(made: Visitor, view: str = "") -> str:
    return f"/admin/patient?id={identity(made)}" + (f"&view={view}" if view else "")


def opens(desk: Visitor, view: str) -> Visitor:
    """Go to a view by its tab."""
    desk.page.get_by_role("navigation", name="Patient", exact=True).get_by_role("link", name=view, exact=True).click()
    expect(desk.page.locator("nav [aria-current=page]", has_text=view).first).to_be_visible()
    return staff.is_open(desk)


@pytest.mark.parametrize("role", TABS)
def test_each_role_has_its_own_views(visitor: Make, role: str) -> None:
    amara = at_home(visitor())
    desk = staff.sits_down(visitor(), role, chart_of(amara, "activity"))
    assert (
        desk.page.get_by_role("navigation", name="Patient", exact=True).get_by_role("link").all_inner_texts()
        == TABS[role]
    )
    expect(desk.page.locator("#activity")).to_have_count(1 if role == "owner" else 0)
    staff.goes_to(desk, chart_of(amara))
    expect(desk.page.locator("#change-person")).to_have_count(1 if role in ("owner", "front_desk") else 0)


@SIZES
def test_how_to_reach_them_is_changed_and_what_they_sign_in_with_is_not(visitor: Make, size: str) -> None:
    amara = at_home(visitor())
    desk = staff.sits_down(visitor(size), "front_desk", chart_of(amara))
    is_clean_and_fits(desk, "overview")
    desk.button("Change").click()
    expect(desk.page.get_by_label("First name")).to_be_focused()
    expect(desk.page.get_by_label("E-mail", exact=True)).to_have_count(0)
    expect(desk.page.locator("#phone-hint")).to_contain_text(amara.email)
    is_clean_and_fits(desk, "form")
    staff.fills(desk, {"Last name": "", "Date of birth": "2030-01-01"}).button("Save").click()
    staff.is_refused_beside(desk, "family_name", "Please tell us this name")
    staff.fills(desk, {"Last name": "Reed-Åkesson", "Date of birth": "1990-03-14", "Emergency contact": "Bo Reed"})
    staff.saves(desk)
    expect(desk.heading).to_have_text("Amara Reed-Åkesson")
    expect(desk.page.get_by_text("Mar 14, 1990 (36)")).to_be_visible()
    expect(desk.page.get_by_text("Bo Reed")).to_be_visible()


@SIZES
def test_notes_are_written_and_ended_and_an_alert_stands_on_every_view(visitor: Make, size: str) -> None:
    amara = at_home(visitor())
    desk = staff.sits_down(visitor(size), "front_desk", chart_of(amara))
    opens(desk, "Notes")
    desk.button("Save").click()
    staff.is_refused_beside(desk, "body", "Please write something first")
    desk.page.locator("#body").fill("Prefers mornings.\nשלום 🙂")
    desk.button("Save").click()
    expect(desk.page.locator("#notes li")).to_contain_text(["Prefers mornings."])
    expect(desk.page.locator("#body")).to_have_value("")
    desk.page.locator("#body").fill(SECRET)
    desk.page.locator("#kind").select_option(label="An alert on every page")
    desk.button("Save").click()
    expect(desk.page.locator("#patient-alerts")).to_contain_text(f"Alert: {SECRET}")
    is_clean_and_fits(desk, "notes")
    for view in ("Overview", "Appointments", "Payments"):
        expect(opens(desk, view).page.locator("#patient-alerts")).to_contain_text(SECRET)
    opens(desk, "Notes").page.locator("#notes li", has_text=SECRET).get_by_role("button", name="End").click()
    expect(desk.page.locator("#patient-alerts")).to_have_count(0)
    expect(desk.page.locator("#notes li", has_text=SECRET)).to_contain_text("Ended by The front_desk")
    assert SECRET not in str([one.detail for one in rows(desk.site.services, AuditEntry)])
    reader = staff.sits_down(visitor(), "read_only", chart_of(amara, "notes"))
    expect(reader.page.get_by_text("Prefers mornings")).to_have_count(0)


@pytest.mark.req("S31")
@SIZES
def test_what_changed_in_the_history_since_the_last_visit_is_told_apart(visitor: Make, site: Site, size: str) -> None:
    amara = at_home(visitor())
    who = identity(amara)

    def tell(kind: str, **fields: str) -> str:
        return site.services.do(history.record, f"patient:{who}", who, kind, fields)

    latex, nuts = tell("allergy", name="Latex", severity="mild"), tell("allergy", name="Nuts")
    tell("condition", name="Asthma")
    site.clock.advance(timedelta(minutes=1))
    visit = has_visit(amara, "facial", on=FRIDAY)
    came_at = site.services.clock.now()
    appointment = table(booking.Appointment)
    mine = appointment.c.id == visit.appointment_id
    here = {"status": "fulfilled", "start_at": came_at - timedelta(days=3), "end_at": came_at - timedelta(days=2)}
    site.services.do(lambda work: work.execute(update(appointment).where(mine).values(**here)))
    entry = table(history.models.HistoryEntry)
    old = update(entry).where(entry.c.patient_id == who).values(recorded_at=came_at - timedelta(days=5))
    site.services.do(lambda work: work.execute(old))
    site.services.do(
        history.amend, f"patient:{who}", who, latex, {"name": "Latex", "severity": "severe"}, seen_version=1
    )
    site.services.do(history.remove, f"patient:{who}", who, nuts, seen_version=1)
    tell("medication", name="Ibuprofen")
    desk = staff.sits_down(visitor(size), "provider", chart_of(amara, "history"))
    desk.button("Open the history").click()
    expect(desk.page.locator("#since")).to_contain_text("1 new, 1 changed, 1 taken out")
    lines = desk.page.locator("#chart li")
    expect(lines).to_have_count(4)
    expect(lines.filter(has_text="Latex")).to_contain_text("Changed")
    expect(lines.filter(has_text="Latex")).to_contain_text("How strong: Mild → Severe")
    expect(lines.filter(has_text="Nuts")).to_contain_text("Taken out")
    expect(lines.filter(has_text="Ibuprofen")).to_contain_text("New")
    expect(lines.filter(has_text="Asthma")).not_to_contain_text("New")
    is_clean_and_fits(desk, "history")
    read = [
        one for one in rows(site.services, AuditEntry) if one.action == "chart.read" and one.subject == f"patient:{who}"
    ]
    assert len(read) == 1


@SIZES
def test_visits_payments_and_activity_stand_in_views_of_their_own(visitor: Make, size: str) -> None:
    amara = at_home(visitor())
    visit = has_visit(amara, "facial", on=FRIDAY)
    desk = staff.sits_down(visitor(size), "owner", chart_of(amara))
    link = desk.page.get_by_role("link", name="Book a visit")
    expect(link).to_have_attribute("href", f"/admin/appointments/new?patient={identity(amara)}")
    opens(desk, "Appointments")
    expect(desk.page.locator("#upcoming")).to_contain_text(visit.reference)
    is_clean_and_fits(desk, "appointments")
    opens(desk, "Payments")
    expect(desk.page.locator("#payments")).to_be_visible()
    is_clean_and_fits(desk, "payments")
    opens(desk, "Activity")
    expect(desk.page.locator("#activity")).to_contain_text("booked a visit")
    is_clean_and_fits(desk, "activity")


def test_older_activity_is_offered_only_where_there_is_some(visitor: Make) -> None:
    amara = at_home(visitor())
    subject = f"patient:{identity(amara)}"

    def happens(times: int) -> None:
        for _ in range(times):
            amara.site.services.do(lambda work: work.record("command", "patient.changed", subject))

    known = len(amara.site.services.ask(activity.of_patient, someone(amara.site.services).actor, identity(amara)))
    happens(activity.PAGE - known)
    desk = staff.sits_down(visitor(), "owner", chart_of(amara, "activity"))
    expect(desk.page.locator("#activity li")).to_have_count(activity.PAGE)
    older = desk.page.get_by_role("link", name="Older", exact=True)
    expect(older).to_have_count(0)
    happens(1)
    desk.page.reload()
    older.click()
    expect(desk.page.locator("#activity li")).to_have_count(1)
    expect(older).to_have_count(0)


def test_what_another_changed_meanwhile_is_marked_and_what_was_typed_stays(visitor: Make) -> None:
    amara = at_home(visitor())
    first, second = (staff.sits_down(visitor(), "front_desk", chart_of(amara)) for _ in range(2))
    for one in (first, second):
        one.button("Change").click()
        expect(one.page.get_by_label("First name")).to_be_focused()
    staff.saves(staff.fills(first, {"City": "Austin", "Emergency contact": "Bo Reed"}))
    staff.fills(second, {"City": "Waco", "Date of birth": "1990-03-14"}).button("Save").click()
    expect(second.notice).to_contain_text("Someone changed this meanwhile")
    staff.is_refused_beside(second, "city", "Meanwhile this became “Austin”.")
    expect(second.page.get_by_label("City")).to_have_value("Waco")
    expect(second.page.get_by_label("Date of birth")).to_have_value("1990-03-14")
    expect(second.page.get_by_label("Emergency contact")).to_have_value("Bo Reed")
    expect(second.page.locator("#emergency_name-error")).to_have_text("Meanwhile this became what you see.")
    is_clean_and_fits(second, "changed meanwhile")
    staff.saves(second)
    expect(second.page.get_by_text("Waco")).to_be_visible()
    expect(second.page.get_by_text("Bo Reed")).to_be_visible()


def test_nobody_and_no_number_look_the_same(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "owner", "/admin/patient?id=999999")
    expect(desk.page.get_by_text("There is no such patient")).to_be_visible()
    for wrong in ("", "?id=", "?id=x", "?id=-1", "?id=99999999999999999999"):
        staff.goes_to(desk, f"/admin/patient{wrong}")
        expect(desk.page.get_by_text("There is no such patient")).to_be_visible()
