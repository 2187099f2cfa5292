"""The clinic's calendar in a browser: moved by hand, finger and key; asked, refused, told; seen by others at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.booking.types import Visit
from clinic_portal.booking.visiting import check_in
from tests import desk_kit
from tests.browser import staff_journey as staff
from tests.browser.conftest import SIZES
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean, is_clean_and_fits
from tests.site import Site

Make = Callable[..., Visitor]
HOUR = 84
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, 24 + n) for n in range(4))
_people: dict[str, int] = {}


def books(site: Site, name: str, on: date, at: str, *services: str, who: str = "lena", **more: str) -> Visit:
    """A visit of somebody the clinic knows."""
    given, _, family = name.partition(" ")
    if name not in _people:
        _people[name] = desk_kit.patient(site.services, given, family, f"+1512555{len(_people) + 1000}")
    return desk_kit.books(site.clinic, _people[name], at, *services, on=on, who=who, **more)


@pytest.fixture(autouse=True, scope="module")
def _nobody_yet(site: Site) -> None:
    _people.clear()


def opens(visitor: Visitor, on: date, more: str = "", *, role: str = "front_desk") -> Visitor:
    """Somebody of the staff at the calendar of a day, on a screen on which a whole day has room."""
    if visitor.page.viewport_size == SIZES["desktop"]:
        visitor.page.set_viewport_size({"width": 1280, "height": 1250})
    return staff.sits_down(visitor, role, f"/admin/calendar?on={on}{more}")


def block(visitor: Visitor, visit: Visit) -> Locator:
    return visitor.page.locator(f'.slot[data-visit="{visit.appointment_id}"]')


def column(visitor: Visitor, of: int, on: date) -> Locator:
    return visitor.page.locator(f'ul[data-provider="{of}"][data-on="{on}"]')


def is_at(visitor: Visitor, visit: Visit, of: int, on: date, told: str) -> None:
    """The block lies in a column, and says its time."""
    shown = column(visitor, of, on).locator(f'.slot[data-visit="{visit.appointment_id}"]')
    expect(shown).to_contain_text(re.compile(told.replace(" ", r"\s")))


def takes(visitor: Visitor, visit: Visit, *, by_edge: bool = False) -> tuple[float, float]:
    """Put the mouse on a block and press it; where that is."""
    block(visitor, visit).scroll_into_view_if_needed()
    box = block(visitor, visit).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 3, box["y"] + (box["height"] - 3 if by_edge else 12)
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    return x, y


def drags(visitor: Visitor, visit: Visit, hours: float, *, to: Locator | None = None, by_edge: bool = False) -> Visitor:
    """Drag a block, or its lower edge, so many hours down, and into another column."""
    x, y = takes(visitor, visit, by_edge=by_edge)
    if to is not None:
        box = to.bounding_box()
        assert box
        x = box["x"] + box["width"] / 2
    visitor.page.mouse.move(x, y + 10)
    visitor.page.mouse.move(x, y + hours * HOUR, steps=4)
    expect(visitor.page.locator(".slot-ghost")).to_be_visible()
    return visitor


def drops(visitor: Visitor) -> Visitor:
    visitor.page.mouse.up()
    return visitor


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.locator("dialog.modal")


def says(visitor: Visitor, told: str) -> None:
    """The page says what was done."""
    expect(visitor.page.locator("#news")).to_contain_text(re.compile(told.replace(" ", r"\s")))


def presses(visitor: Visitor, name: str) -> Visitor:
    dialog(visitor).get_by_role("button", name=name, exact=True).click()
    return visitor


@pytest.mark.req("P15")
def test_a_visit_dragged_to_another_provider_is_moved_once_it_is_confirmed_and_its_patient_is_told(
    site: Site, visitor: Make
) -> None:
    amara, maya = books(site, "Amara Reed", TUESDAY, "10:00"), site.clinic["maya"]
    desk = opens(visitor(), TUESDAY)
    drags(desk, amara, 2.5, to=column(desk, maya, TUESDAY))
    expect(desk.page.locator(".slot-ghost")).to_have_text(re.compile(r"12:30\sPM – 1:00\sPM · Dr\. Maya Osei"))
    desk.page.keyboard.press("Escape")
    drops(desk)
    expect(desk.page.locator(".slot-ghost")).to_be_hidden()
    expect(dialog(desk)).to_have_count(0)
    last = staff.last_letter(site)
    drops(drags(desk, amara, 2.5, to=column(desk, maya, TUESDAY)))
    expect(dialog(desk).get_by_label("Time", exact=True)).to_have_value("12:30")
    expect(dialog(desk).get_by_label("Tell Amara Reed")).to_be_checked()
    is_clean_and_fits(desk, "the dialog of a move")
    presses(desk, "Move")
    says(desk, "Moved to 12:30 PM with Dr. Maya Osei; Amara is told.")
    is_at(desk, amara, maya, TUESDAY, "12:30 PM")
    assert "12:30" in site.letter_to("amara@example.org", "email", holding="12:30", after=last).text
    desk.button("Undo").click()
    says(desk, "Moved back; the patient is told.")
    is_at(desk, amara, site.clinic["lena"], TUESDAY, "10:00 AM")


@pytest.mark.req("P15", "B2")
def test_what_does_not_fit_goes_back_with_a_plain_word_and_a_rule_is_bent_only_with_a_reason(
    site: Site, visitor: Make
) -> None:
    noor, wei = books(site, "Noor Haddad", WEDNESDAY, "10:00"), books(site, "Wei Chen", WEDNESDAY, "12:00", "peel")
    desk, lena = opens(visitor(), WEDNESDAY), site.clinic["lena"]
    drops(drags(desk, noor, 2.5))
    expect(desk.notice).to_contain_text(re.compile(r"Lena Brandt RN has Wei Chen until 1:00\sPM"))
    expect(desk.page.locator(".slot-ghost")).to_be_hidden()
    is_at(desk, noor, lena, WEDNESDAY, "10:00 AM")
    drops(drags(desk, noor, -1.5))
    expect(dialog(desk).get_by_role("alert").first).to_have_text("Lena Brandt RN does not work at that time.")
    presses(desk, "Move anyway")
    expect(dialog(desk).locator("#reason-error")).to_have_text("Please say why in a few words.")
    dialog(desk).get_by_label("Tell Noor Haddad").uncheck()
    dialog(desk).get_by_label("Reason").fill("She flies at ten")
    presses(desk, "Move anyway")
    says(desk, "Moved to 8:30 AM with Lena Brandt RN; Noor is not told.")
    expect(block(desk, noor).get_by_role("link")).to_have_accessible_name(re.compile("Beyond the rules"))
    drops(drags(desk, wei, 1, by_edge=True))
    expect(dialog(desk).get_by_label("Minutes")).to_have_value("120")
    presses(desk, "Move")
    says(desk, "Wei Chen now takes until 2:00 PM.")
    nurse = opens(visitor(), WEDNESDAY, role="provider")
    drops(drags(nurse, noor, -0.5))
    expect(nurse.notice).to_contain_text("Lena Brandt RN does not work at that time.")
    expect(dialog(nurse)).to_have_count(0)


@pytest.mark.req("P15", "B9")
def test_all_of_it_goes_by_key(site: Site, visitor: Make) -> None:
    ines, eva = books(site, "Ines Costa", THURSDAY, "11:00"), books(site, "Eva Lind", THURSDAY, "11:15", who="maya")
    desk = opens(visitor(), THURSDAY)
    link = block(desk, eva).get_by_role("link")
    link.focus()
    desk.page.keyboard.press("ArrowRight")
    mine = block(desk, ines).get_by_role("link")
    expect(mine).to_be_focused()
    desk.page.keyboard.press("m")
    expect(dialog(desk).get_by_label("Date")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(dialog(desk)).to_have_count(0)
    expect(mine).to_be_focused()
    desk.page.keyboard.press("m")
    staff.fills(desk, {"Time": "14:20", "With": "Dr. Maya Osei"}, dialog(desk))
    desk.page.keyboard.press("Enter")
    is_at(desk, ines, site.clinic["maya"], THURSDAY, "2:20 PM")
    expect(mine).to_be_focused()
    desk.page.keyboard.press("n")
    book = dialog(desk).get_by_role("link", name="Book an appointment")
    expect(book).to_be_focused()
    place = f"location={site.clinic['downtown']}&provider={site.clinic['maya']}&on={THURSDAY}&at=890"
    expect(book).to_have_attribute("href", f"/admin/appointments/new?{place}")
    desk.page.keyboard.press("Escape")
    expect(mine).to_be_focused()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(re.compile(rf"/admin/visit\?id={ines.appointment_id}$"))


@pytest.mark.req("P3", "P15")
def test_an_empty_place_leads_to_booking_or_is_kept_free_and_who_is_booked_there_is_named_first(
    site: Site, visitor: Make
) -> None:
    books(site, "Priya Nair", FRIDAY, "13:00")
    desk, lena = opens(visitor(), FRIDAY), site.clinic["lena"]
    column(desk, lena, FRIDAY).click(position={"x": 60, "y": 3 * HOUR + 40})
    expect(dialog(desk).get_by_role("heading")).to_have_text(re.compile(r"Lena Brandt RN: Friday, .*, 11:15\sAM"))
    expect(dialog(desk).get_by_role("link")).to_have_attribute(
        "href", re.compile(rf"provider={lena}&on={FRIDAY}&at=675")
    )
    is_clean_and_fits(desk, "an empty place")
    day = FRIDAY.isoformat()
    staff.fills(desk, {"What": "Break", "From": f"{day}T12:00", "Until": f"{day}T11:00"}, dialog(desk))
    presses(desk, "Block this time")
    expect(dialog(desk).locator("#end_at-error")).to_have_text("It must end after it begins.")
    staff.fills(desk, {"Until": f"{day}T14:00", "Why (only staff see it)": "Team lunch"}, dialog(desk))
    presses(desk, "Block this time")
    expect(dialog(desk).locator("#box-listed li")).to_have_text([re.compile(r"Fri, Nov 27, 1:00\sPM: Priya Nair")])
    is_clean(desk, "what lies in the way")
    presses(desk, "Block it all the same")
    says(desk, "Break is in the calendar.")
    lunch = column(desk, lena, FRIDAY).get_by_role("button", name=re.compile("Team lunch"))
    lunch.click(position={"x": 30, "y": 20})
    expect(dialog(desk)).to_contain_text(re.compile(r"Fri, Nov 27, 12:00\sPM to 2:00\sPM · Team lunch"))
    presses(desk, "Remove it")
    says(desk, "Removed: the time can be booked again.")
    expect(lunch).to_have_count(0)


@pytest.mark.req("B3", "P15")
def test_what_others_do_is_seen_within_a_second_and_takes_neither_dialog_nor_focus(site: Site, visitor: Make) -> None:
    day = date(2026, 11, 23)
    tom, ada = books(site, "Tom Okafor", day, "12:00"), books(site, "Ada Byron", day, "14:00")
    desk, other = opens(visitor(), day), opens(visitor(), day, role="owner")
    link = block(desk, ada).get_by_role("link")
    link.focus()
    desk.page.keyboard.press("m")
    dialog(desk).get_by_label("Minutes").fill("45")
    drops(drags(other, tom, 4))
    presses(other, "Move")
    expect(dialog(other)).to_have_count(0)
    is_at(desk, tom, site.clinic["lena"], day, "4:00 PM")
    expect(dialog(desk).get_by_label("Minutes")).to_have_value("45")
    expect(dialog(desk).get_by_label("Minutes")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(link).to_be_focused()
    booked = books(site, "Sam Ortiz", day, "10:00")
    expect(block(desk, booked)).to_be_visible(timeout=2000)
    expect(link).to_be_focused()
    site.services.do(check_in, desk_kit.front_desk(site.services), ada.appointment_id, seen_sequence=0)
    expect(block(desk, ada)).to_have_class(re.compile("past"), timeout=2000)
    expect(block(desk, ada)).to_contain_text("arrived")
    expect(block(desk, booked)).to_have_class(re.compile("upcoming"))


@pytest.mark.req("P9", "P15", "B9")
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_days_and_weeks_by_provider_and_by_room_have_addresses_and_are_clean(
    site: Site, visitor: Make, size: str
) -> None:
    on = date(2026, 12, 1) if size == "desktop" else date(2026, 12, 8)
    visit, lena = books(site, "Jon Park", on, "10:00"), site.clinic["lena"]
    desk = opens(visitor(size), on)
    expect(block(desk, visit)).to_be_visible()
    is_clean_and_fits(desk, "day")
    desk.page.get_by_role("link", name="Week", exact=True).click()
    expect(desk.page.locator("ul[data-on]")).to_have_count(7)
    expect(block(desk, visit)).to_contain_text("Lena Brandt RN")
    is_clean_and_fits(desk, "week")
    desk.page.get_by_label("Provider").select_option(label="Lena Brandt RN")
    desk.page.wait_for_url(re.compile(rf"view=week&by=provider&location=\d+&provider={lena}$"))
    expect(column(desk, lena, on).locator(".slot[data-visit]")).to_have_count(1)
    desk.page.go_back()
    expect(column(desk, 0, on).locator(".slot[data-visit]")).to_have_count(1)
    desk.page.get_by_role("link", name="Rooms and devices").click()
    expect(desk.page.get_by_label("Room or device")).to_be_visible()
    desk.page.get_by_role("link", name="Day", exact=True).click()
    expect(desk.page.locator(".day-head h2")).to_have_text(["Room 1", "Room 2", "Laser 1"])
    expect(block(desk, visit)).to_have_count(1)
    is_clean_and_fits(desk, "rooms")
    desk.page.reload()
    expect(desk.page.locator(".day-head h2").first).to_have_text("Room 1")
    desk.page.get_by_role("link", name="Later").click()
    expect(desk.page.locator("ul[data-on]").first).to_have_attribute("data-on", re.compile("-(02|09)$"))


@pytest.mark.req("P15", "B9")
def test_on_a_phone_a_block_is_held_and_then_dragged(site: Site, visitor: Make) -> None:
    on = date(2026, 12, 9)
    visit = books(site, "Mia Wong", on, "11:00", who="maya")
    desk = opens(visitor("phone"), on)
    block(desk, visit).scroll_into_view_if_needed()
    box = block(desk, visit).bounding_box()
    assert box
    touch = desk.page.context.new_cdp_session(desk.page)
    x, y = box["x"] + 60, box["y"] + 15

    def finger(kind: str, down: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y + down}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", 0)
    expect(desk.page.locator(".slot-ghost")).to_be_visible()
    for down in (10, 40, HOUR):
        finger("touchMove", down)
    expect(desk.page.locator(".slot-ghost")).to_have_text(re.compile(r"12:00\sPM"))
    finger("touchEnd", HOUR)
    expect(dialog(desk).get_by_label("Time", exact=True)).to_have_value("12:00")
    presses(desk, "Move")
    is_at(desk, visit, site.clinic["maya"], on, "12:00 PM")


@pytest.mark.req("P15")
def test_who_only_reads_sees_the_calendar_and_can_do_nothing_in_it(site: Site, visitor: Make) -> None:
    on = date(2026, 12, 10)
    visit = books(site, "Lea Roth", on, "11:00")
    reader = opens(visitor(), on, role="read_only")
    expect(block(reader, visit)).to_be_visible()
    expect(reader.page.get_by_role("button", name=re.compile("^(New|Move)"))).to_have_count(0)
    block(reader, visit).get_by_role("link").focus()
    reader.page.keyboard.press("m")
    reader.page.keyboard.press("n")
    column(reader, site.clinic["lena"], on).click(position={"x": 60, "y": 2 * HOUR})
    expect(dialog(reader)).to_have_count(0)
