"""Receipts and dispute files as PDF: for their patient, for staff who see payments; for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

import httpx
import pytest

from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.audit import AuditEntry
from clinic_portal.payments.types import PaymentInfo
from tests.card_kit import Till, till
from tests.contracts.printed import Printed
from tests.factories import SignedIn, patient, rows, staff
from tests.fees_kit import deposit_of, has_booked
from tests.http.browser import Browser
from tests.site import Site
from tests.visits_kit import checks_out

MINE, STAFFS, DISPUTE = "/portal/receipt.pdf", "/admin/receipt.pdf", "/admin/dispute.pdf"
_numbers = count(1)
Make = Callable[[], Browser]


@dataclass
class Paid:
    """A patient with a visit whose deposit was paid."""

    me: SignedIn
    visit: Visit
    deposit: PaymentInfo


@pytest.fixture
def desk(site: Site) -> Till:
    return till(site.services)


@pytest.fixture
def paid(site: Site, desk: Till, fresh: None) -> Paid:
    n = next(_numbers)
    email, phone = f"receipts{n}@example.org", f"+1512555{8500 + n}"
    on = date(2026, 11, 25) + timedelta(days=n)
    site.clinic.change(clinic.Service, "peel", deposit_minor=3000)
    try:
        visit = has_booked(site.clinic, desk, "peel", on=on, clock="15:00", email=email, phone=phone)
    finally:
        site.clinic.change(clinic.Service, "peel", deposit_minor=None)
    return Paid(patient(site.services, email, phone=phone), visit, deposit_of(desk, visit))


def is_pdf_called(answer: httpx.Response, name: str) -> None:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def is_refused(answer: httpx.Response, unknown: httpx.Response) -> None:
    assert answer.status_code == 404
    assert "We could not find that" in answer.text
    assert answer.text == unknown.text


def files_made(site: Site) -> list[AuditEntry]:
    return [one for one in rows(site.services, AuditEntry) if one.action == "dispute_file.read"]


@pytest.mark.req("P6")
def test_a_patient_gets_their_own_receipt_as_a_tagged_pdf(paid: Paid, browser: Make) -> None:
    answer = browser().has("portal", paid.me.cookie).get(f"{MINE}?id={paid.deposit.id}")
    is_pdf_called(answer, f"receipt-R-{paid.deposit.id:06}.pdf")
    read = Printed(answer.content)
    assert read.is_tagged
    assert read.title == f"Lumen Aesthetics: Receipt R-{paid.deposit.id:06}"
    for told in ("Amara Reed", paid.visit.reference, "Chemical peel", "$30.00", "Visa ending in 4242", "214 Congress"):
        assert told in read.text, told


@pytest.mark.req("P6")
def test_a_visit_that_is_paid_for_has_a_receipt_for_its_patient_and_for_staff_and_for_nobody_else(
    site: Site, paid: Paid, browser: Make
) -> None:
    site.clock.set(paid.visit.start_at)
    me = browser().has("portal", patient(site.services, paid.visit.email, phone=paid.visit.phone).cookie)
    asked = f"?visit={paid.visit.reference}"
    is_refused(me.get(MINE + asked), me.get(f"{MINE}?visit=LMN-NOSUCH"))
    checks_out(site.services, paid.visit)
    desk = browser().has("staff", staff(site.services, "front_desk").cookie)
    for answer in (me.get(MINE + asked), desk.get(STAFFS + asked)):
        is_pdf_called(answer, f"receipt-V-{paid.visit.reference}.pdf")
        for told in ("Chemical peel", "Deposit used", "$30.00", "$150.00"):
            assert told in Printed(answer.content).text, told
    thief = browser().has("portal", patient(site.services, "thief2@example.org", phone="+15125550198").cookie)
    for odd in (asked, "?visit=LMN-NOSUCH", "?visit=%22%0d%0aX", f"?visit={'A' * 90}"):
        is_refused(thief.get(MINE + odd), thief.get(f"{MINE}?id=987654"))
    provider = browser().has("staff", staff(site.services, "provider").cookie)
    assert provider.get(STAFFS + asked).status_code != 200


def test_anothers_receipt_looks_like_none(site: Site, paid: Paid, browser: Make) -> None:
    thief = browser().has("portal", patient(site.services, "thief@example.org", phone="+15125550199").cookie)
    unknown = thief.get(f"{MINE}?id=987654")
    is_refused(thief.get(f"{MINE}?id={paid.deposit.id}"), unknown)
    for odd in ("", "?id=", "?id=x", "?id=-1", "?id=1e9", f"?id={'9' * 40}", "?id=0", "?id=%00"):
        is_refused(thief.get(MINE + odd), unknown)


def test_a_hold_that_was_released_has_none(site: Site, desk: Till, browser: Make) -> None:
    email, phone = "released@example.org", "+15125558599"
    visit = has_booked(site.clinic, desk, "peel", on=date(2026, 12, 21), clock="09:00", email=email, phone=phone)
    (hold,) = desk.of_visit(visit.appointment_id)
    me = browser().has("portal", patient(site.services, email, phone=phone).cookie)
    is_refused(me.get(f"{MINE}?id={hold.id}"), me.get(f"{MINE}?id=987654"))


def test_who_is_signed_out_is_sent_to_sign_in(site: Site, paid: Paid, browser: Make) -> None:
    before = len(files_made(site))
    for path, entrance in ((MINE, "/sign-in"), (STAFFS, "/admin/sign-in"), (DISPUTE, "/admin/sign-in")):
        answer = browser().get(f"{path}?id={paid.deposit.id}")
        assert (answer.status_code, answer.headers["location"]) == (303, entrance)
    me = browser().has("portal", paid.me.cookie)
    assert {me.get(f"{path}?id={paid.deposit.id}").status_code for path in (STAFFS, DISPUTE)} == {303}
    assert len(files_made(site)) == before


@pytest.mark.req("P15")
def test_staff_who_see_payments_get_any_receipt(site: Site, paid: Paid, browser: Make) -> None:
    desk = browser().has("staff", staff(site.services, "front_desk").cookie)
    answer = desk.get(f"{STAFFS}?id={paid.deposit.id}")
    is_pdf_called(answer, f"receipt-R-{paid.deposit.id:06}.pdf")
    assert paid.visit.reference in Printed(answer.content).text
    is_refused(desk.get(f"{STAFFS}?id=x"), desk.get(f"{STAFFS}?id=987654"))


@pytest.mark.req("B5")
@pytest.mark.req("P15")
def test_a_dispute_file_is_one_click_and_in_the_log(site: Site, paid: Paid, browser: Make) -> None:
    owner = staff(site.services, "owner")
    answer = browser().has("staff", owner.cookie).get(f"{DISPUTE}?id={paid.deposit.id}")
    is_pdf_called(answer, f"dispute-R-{paid.deposit.id:06}.pdf")
    read = Printed(answer.content)
    assert read.is_tagged
    for told in ("Please tell us two days before.", "10.0.0.9", "Firefox on Linux", "by a code sent to it by SMS",
                 str(paid.deposit.intent_id), "Visit booked"):  # fmt: skip
        assert told in read.text, told
    last = files_made(site)[-1]
    assert (last.actor, last.subject) == (owner.actor.tag, f"payment:{paid.deposit.id}")


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_staff_who_see_no_payments_get_neither(site: Site, paid: Paid, browser: Make, role: str) -> None:
    before = len(files_made(site))
    one = browser().has("staff", staff(site.services, role).cookie)
    for path in (STAFFS, DISPUTE):
        answer = one.get(f"{path}?id={paid.deposit.id}")
        assert answer.status_code == 303
        assert b"%PDF" not in answer.content
    assert len(files_made(site)) == before
