"""A patient who is signed in books for themselves; nothing of theirs stays behind when they have left."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_portal.booking import actions, drafts, holds, models, queries
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.patients.models import Patient
from tests.card_kit import till
from tests.factories import MOBILE, SmallClinic, booked, minute, patient, rows, small_clinic

DAY = date(2026, 12, 3)


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


def begun(made: SmallClinic, owner: str = "here") -> int:
    """A cart, then someone signs in."""
    booked(made, "earlier", date(2026, 11, 25), "10:00", "facial")
    me = patient(made.services).actor.patient_id
    made.services.do(drafts.add_service, owner, made["facial"])
    made.services.do(drafts.sign_in, owner, me)
    return int(me)


@pytest.mark.req("S60")
def test_details_and_code_are_not_asked_for(clinic: SmallClinic) -> None:
    begun(clinic)
    draft = clinic.services.ask(queries.draft, "here")
    assert (draft.given_name, draft.phone, draft.is_phone_verified) == ("Amara", MOBILE, True)


def test_a_phone_that_was_never_proved_is_asked_for_its_code(clinic: SmallClinic) -> None:
    me = patient(clinic.services).actor.patient_id
    clinic.services.do(drafts.sign_in, "here", me)
    assert not clinic.services.ask(queries.draft, "here").is_phone_verified


@pytest.mark.req("S24")
def test_signing_in_keeps_cart_and_held_time_under_the_new_cookie(clinic: SmallClinic) -> None:
    begun(clinic)
    clinic.services.do(drafts.agree_to_visit, "here")
    clinic.services.do(drafts.choose_provider, "here", None)
    clinic.services.do(holds.hold, "here", minute(DAY, "10:00"))
    clinic.services.do(drafts.change_owner, "here", "new")
    after = clinic.services.ask(queries.draft, "new")
    assert after.hold is not None
    assert [line.service_id for line in after.now_lines] == [clinic["facial"]]
    assert clinic.services.ask(queries.draft, "here").now_lines == ()


@pytest.mark.req("S60")
def test_it_is_booked_under_the_profile_of_whoever_is_signed_in(clinic: SmallClinic) -> None:
    me = begun(clinic)
    clinic.services.do(drafts.agree_to_visit, "here")
    clinic.services.do(drafts.choose_provider, "here", None)
    clinic.services.do(holds.hold, "here", minute(DAY, "10:00"))
    done = till(clinic.services).books("here", clinic["policy"], patient_id=me)
    assert clinic.services.ask(queries.visit, done.appointment_id).patient_id == me
    assert len(rows(clinic.services, Patient)) == 1


@pytest.mark.parametrize("who", [None, 999])
def test_once_signed_out_nothing_is_booked_for_them(clinic: SmallClinic, who: int | None) -> None:
    begun(clinic)
    clinic.services.do(drafts.agree_to_visit, "here")
    clinic.services.do(drafts.choose_provider, "here", None)
    clinic.services.do(holds.hold, "here", minute(DAY, "10:00"))
    with pytest.raises(Conflict, match="signed_out"):
        clinic.services.do(actions.book, "here", accepted_policy_id=clinic["policy"], patient_id=who)


def test_a_guests_draft_is_not_booked_as_a_patient_who_is_signed_in(clinic: SmallClinic) -> None:
    from tests.factories import visitor

    visitor(clinic, "guest", "facial", email="guest@example.org")
    clinic.services.do(holds.hold, "guest", minute(DAY, "10:00"))
    with pytest.raises(Conflict, match="signed_out"):
        clinic.services.do(actions.book, "guest", accepted_policy_id=clinic["policy"], patient_id=1)


def test_after_signing_out_the_draft_knows_nobody_and_keeps_the_cart(clinic: SmallClinic) -> None:
    begun(clinic)
    clinic.services.do(drafts.sign_out, "here")
    draft = clinic.services.ask(queries.draft, "here")
    assert (draft.given_name, draft.email, draft.phone, draft.is_phone_verified) == ("", "", "", False)
    assert draft.now_lines


def test_details_of_whoever_is_signed_in_are_not_changed_by_the_wizard(clinic: SmallClinic) -> None:
    begun(clinic)
    with pytest.raises(NotAllowed):
        clinic.services.do(
            drafts.save_details, "here", given_name="Eve", family_name="X", email="eve@example.org", phone=MOBILE
        )


def test_forgetting_frees_the_held_time(clinic: SmallClinic) -> None:
    begun(clinic)
    clinic.services.do(drafts.agree_to_visit, "here")
    clinic.services.do(drafts.choose_provider, "here", None)
    clinic.services.do(holds.hold, "here", minute(DAY, "10:00"))
    clinic.services.do(drafts.forget, "here")
    assert [row.status for row in rows(clinic.services, models.Appointment)] == ["booked", "expired"]
    assert rows(clinic.services, models.BookingDraft) == [] or all(
        row.owner != "here" for row in rows(clinic.services, models.BookingDraft)
    )


def test_what_another_patient_began_in_this_browser_is_not_the_next_ones(clinic: SmallClinic) -> None:
    me = begun(clinic)
    actions_of(clinic, "here", me)
    other = patient(clinic.services, "two@example.org", phone="+15125550143").actor.patient_id
    clinic.services.do(drafts.sign_in, "here", other)
    with pytest.raises(NotAllowed):
        clinic.services.ask(queries.booked_here, "here")
    assert clinic.services.ask(queries.draft, "here").now_lines == ()


def test_a_visit_booked_here_by_a_guest_is_shown_to_no_other_who_signs_in(clinic: SmallClinic) -> None:
    booked(clinic, "here", DAY, "10:00", "facial", email="guest@example.org")
    me = patient(clinic.services, phone="+15125550143").actor.patient_id
    clinic.services.do(drafts.sign_in, "here", me)
    with pytest.raises(NotAllowed):
        clinic.services.ask(queries.booked_here, "here")


def test_a_visit_booked_here_is_still_shown_to_whoever_booked_it(clinic: SmallClinic) -> None:
    booked(clinic, "here", DAY, "10:00", "facial")
    me = patient(clinic.services).actor.patient_id
    clinic.services.do(drafts.sign_in, "here", me)
    assert clinic.services.ask(queries.booked_here, "here").services[0].name == "Hydrating facial"


def actions_of(clinic: SmallClinic, owner: str, me: int) -> None:
    """Everything up to the booked visit."""
    clinic.services.do(drafts.agree_to_visit, owner)
    clinic.services.do(drafts.choose_provider, owner, None)
    clinic.services.do(holds.hold, owner, minute(DAY, "10:00"))
    till(clinic.services).books(owner, clinic["policy"], patient_id=me)
