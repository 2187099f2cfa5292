"""From cart to appointment, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.booking import actions, drafts, holds, queries
from clinic_portal.booking.models import Appointment, BookingDraft
from clinic_portal.clinic import models as clinic
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Conflict, NotAllowed, SlotTaken
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients.models import Patient, ProfileClaim
from tests.card_kit import till
from tests.factories import SmallClinic, booked, minute, rows, small_clinic, verify, visitor

TUESDAY = date(2026, 11, 24)


def refused(code: str):
    return pytest.raises(Conflict, match=f"^{code}$")


@pytest.mark.req("S64")
def test_a_new_patient_is_booked_with_everything_that_belongs_to_it(services) -> None:
    made = small_clinic(services)
    done = booked(made, "browser", TUESDAY, "10:30", "botox", "facial")
    visit = services.ask(queries.visit, done.appointment_id)
    assert visit.reference.startswith("LMN-")
    assert (visit.given_name, visit.email, visit.phone) == ("Amara", "amara@example.org", "+15125550142")
    assert [s.name for s in visit.services] == ["Botox — forehead", "Hydrating facial"]
    assert visit.total_minor == 33500
    assert visit.provider_name == "Dr. Maya Osei"
    assert visit.end_at - visit.start_at == timedelta(minutes=75)
    assert visit.free_until_at == visit.start_at - timedelta(hours=48)
    assert [r.dedupe_key for r in rows(services, OutboxRow) if r.kind == "appointment.booked"] == [
        f"appointment.booked:{done.appointment_id}"
    ]
    assert "appointment.booked" in [entry.action for entry in rows(services, AuditEntry)]


@pytest.mark.req("S64")
def test_an_abandoned_wizard_leaves_no_patient_and_its_draft_is_forgotten_after_a_day(services, clock) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    clock.advance(timedelta(days=1, minutes=1))
    services.do(holds.expire)
    services.do(drafts.forget_old)
    assert rows(services, Patient) == []
    assert rows(services, BookingDraft) == []


@pytest.mark.req("B1")
@pytest.mark.req("S73")
def test_a_booked_time_is_listed_no_more_and_cannot_be_held(services) -> None:
    made = small_clinic(services)
    booked(made, "first", TUESDAY, "10:30", "botox")
    visitor(made, "second", "botox", phone="+15125550143", email="noor@example.org")
    search = services.ask(lambda read: queries.search(read, queries.draft(read, "second")))
    listed = {time.start for time in services.ask(queries.free_times, search, TUESDAY)}
    assert minute(TUESDAY, "10:30") not in listed
    assert minute(TUESDAY, "9:30") in listed
    with pytest.raises(SlotTaken):
        services.do(holds.hold, "second", minute(TUESDAY, "10:30"))


def test_a_held_time_is_kept_from_others_and_free_again_when_it_ran_out(services, clock) -> None:
    made = small_clinic(services)
    visitor(made, "first", "botox")
    visitor(made, "second", "botox", phone="+15125550143")
    services.do(holds.hold, "first", minute(TUESDAY, "10:30"))
    with pytest.raises(SlotTaken):
        services.do(holds.hold, "second", minute(TUESDAY, "10:30"))
    clock.advance(timedelta(minutes=10))
    services.do(holds.hold, "second", minute(TUESDAY, "10:30"))
    with refused("hold_ran_out"):
        services.do(actions.book, "first", accepted_policy_id=made["policy"])
    assert services.ask(queries.draft, "first").hold_ran_out


def test_choosing_another_time_lets_the_first_go(services) -> None:
    made = small_clinic(services)
    visitor(made, "first", "botox")
    visitor(made, "second", "botox", phone="+15125550143")
    services.do(holds.hold, "first", minute(TUESDAY, "10:30"))
    services.do(holds.hold, "first", minute(TUESDAY, "14:00"))
    services.do(holds.hold, "second", minute(TUESDAY, "10:30"))
    assert sorted(a.status for a in rows(services, Appointment)) == ["expired", "held", "held"]


def test_confirming_twice_books_once(services) -> None:
    made = small_clinic(services)
    first = booked(made, "browser", TUESDAY, "10:30", "botox")
    again = services.do(actions.book, "browser", accepted_policy_id=made["policy"])
    assert again == first
    assert [a.status for a in rows(services, Appointment)] == ["booked"]
    assert len([r for r in rows(services, OutboxRow) if r.kind == "appointment.booked"]) == 1


@pytest.mark.req("S67")
def test_nothing_is_held_before_the_phone_is_proved(services) -> None:
    made = small_clinic(services)
    services.do(drafts.add_service, "browser", made["botox"])
    services.do(
        drafts.save_details,
        "browser",
        given_name="A",
        family_name="R",
        email="a@example.org",
        phone="512 555 0142",
    )
    services.do(drafts.agree_to_visit, "browser")
    services.do(drafts.choose_provider, "browser", None)
    with refused("phone_unverified"):
        services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    assert rows(services, Appointment) == []


@pytest.mark.req("S67")
def test_changing_the_phone_after_the_proof_asks_for_a_new_one(services, clock) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    services.do(
        drafts.save_details,
        "browser",
        given_name="A",
        family_name="R",
        email="a@example.org",
        phone="512 555 0177",
    )
    with refused("phone_unverified"):
        services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    verify(made, "browser")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))


@pytest.mark.parametrize("when", ["8:45", "10:37", "16:30", "17:00", "3:00"])
def test_a_time_that_was_never_offered_cannot_be_held(services, when: str) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    with pytest.raises(SlotTaken):
        services.do(holds.hold, "browser", minute(TUESDAY, when))


def test_a_day_outside_the_booking_window_or_too_soon_cannot_be_held(services) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    for on, when in (
        (date(2026, 11, 23), "9:45"),
        (date(2026, 12, 24), "10:00"),
        (date(2026, 11, 20), "10:00"),
    ):
        with pytest.raises(SlotTaken):
            services.do(holds.hold, "browser", minute(on, when))
    services.do(holds.hold, "browser", minute(date(2026, 11, 23), "10:00"))


def test_a_price_changed_meanwhile_is_shown_and_asked_again(services) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    made.change(clinic.Service, "botox", price_minor=26000)
    with refused("price_changed"):
        services.do(actions.book, "browser", accepted_policy_id=made["policy"])
    assert services.ask(queries.draft, "browser").lines[0].price_minor == 26000
    services.do(drafts.agree_to_visit, "browser")
    done = till(services).books("browser", made["policy"])
    assert services.ask(queries.visit, done.appointment_id).total_minor == 26000


def test_a_service_withdrawn_meanwhile_is_not_booked(services) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    made.change(clinic.Service, "botox", is_active=False)
    with refused("service_gone") as told:
        services.do(actions.book, "browser", accepted_policy_id=made["policy"])
    assert told.value.facts["names"] == ["Botox — forehead"]


def test_a_service_that_got_longer_meanwhile_asks_for_a_new_time(services) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    made.change(clinic.Service, "botox", duration_minutes=60)
    with refused("visit_changed"):
        services.do(actions.book, "browser", accepted_policy_id=made["policy"])


@pytest.mark.req("S75")
def test_a_policy_in_force_must_be_accepted_in_the_version_that_is_in_force(services) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    with refused("policy_unread"):
        services.do(actions.book, "browser", accepted_policy_id=None)
    with refused("policy_changed"):
        services.do(actions.book, "browser", accepted_policy_id=made["policy"] + 7)


@pytest.mark.req("S77")
def test_without_a_policy_none_is_asked_for(services) -> None:
    made = small_clinic(services)
    made.change(clinic.PolicyVersion, "policy", is_in_force=False)
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    services.do(actions.book, "browser", accepted_policy_id=None)


@pytest.mark.req("S70")
def test_services_that_no_one_provider_performs_are_booked_in_two_visits(services) -> None:
    made = small_clinic(services)
    for slug in ("botox", "peel"):
        services.do(drafts.add_service, "browser", made[slug])
    with refused("no_single_provider"):
        services.do(drafts.agree_to_visit, "browser")
    services.do(drafts.set_aside, "browser", [made["peel"]], is_later=True)
    visitor(made, "browser")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    first = till(services).books("browser", made["policy"])
    left = services.ask(queries.draft, "browser")
    assert [line.name for line in left.now_lines] == ["Chemical peel"]
    assert left.is_phone_verified
    services.do(drafts.agree_to_visit, "browser")
    services.do(drafts.choose_provider, "browser", None)
    services.do(holds.hold, "browser", minute(TUESDAY, "13:00"))
    second = till(services).books("browser", made["policy"])
    assert second != first
    assert len(rows(services, Patient)) == 1


@pytest.mark.req("S71")
def test_first_available_takes_whoever_is_free(services) -> None:
    made = small_clinic(services)
    names = set()
    for n in range(2):
        done = booked(
            made,
            f"browser {n}",
            TUESDAY,
            "10:30",
            "facial",
            phone=f"+1512555014{n}",
            email=f"p{n}@example.org",
        )
        names.add(services.ask(queries.visit, done.appointment_id).provider_name)
    assert names == {"Dr. Maya Osei", "Lena Brandt RN"}


@pytest.mark.req("S72")
def test_what_the_clinic_switched_off_is_not_offered(services) -> None:
    made = small_clinic(services)
    services.do(drafts.add_service, "browser", made["facial"])
    made.settings(provider_choice="first_available")
    with pytest.raises(NotAllowed):
        services.do(drafts.choose_provider, "browser", made["lena"])
    made.settings(provider_choice="provider")
    with pytest.raises(NotAllowed):
        services.do(drafts.choose_provider, "browser", None)
    made.change(clinic.Service, "peel", is_bookable_online=False)
    with pytest.raises(NotAllowed):
        services.do(drafts.add_service, "browser", made["peel"])


@pytest.mark.req("P9")
def test_two_providers_share_one_laser(services) -> None:
    made = small_clinic(services)
    booked(made, "first", TUESDAY, "10:30", "hair", provider="maya")
    visitor(made, "second", "hair", provider="lena", phone="+15125550143")
    with pytest.raises(SlotTaken):
        services.do(holds.hold, "second", minute(TUESDAY, "10:30"))
    services.do(holds.hold, "second", minute(TUESDAY, "11:00"))


@pytest.mark.req("S65")
def test_the_same_email_and_phone_is_the_same_profile(services) -> None:
    made = small_clinic(services)
    first = booked(made, "one", TUESDAY, "10:30", "botox")
    second = booked(made, "two", TUESDAY, "13:00", "facial", email="AMARA@example.org", name=("A.", "Reed"))
    visits = [services.ask(queries.visit, done.appointment_id) for done in (first, second)]
    assert visits[0].patient_id == visits[1].patient_id
    assert visits[1].given_name == "Amara"


@pytest.mark.req("S65")
def test_a_typed_email_alone_proves_nothing(services) -> None:
    made = small_clinic(services)
    first = booked(made, "one", TUESDAY, "10:30", "botox")
    second = booked(made, "two", TUESDAY, "13:00", "facial", phone="+15125550199", name=("Mal", "Lory"))
    known, apart = (services.ask(queries.visit, done.appointment_id) for done in (first, second))
    assert apart.patient_id != known.patient_id
    assert apart.given_name == "Mal"
    [claim] = rows(services, ProfileClaim)
    assert (claim.patient_id, claim.claims_id) == (apart.patient_id, known.patient_id)


@pytest.mark.req("S65")
def test_the_owner_of_the_email_can_take_the_booking_over_once(services) -> None:
    from clinic_portal.patients.queries import claim as claim_sheet

    made = small_clinic(services)
    first = booked(made, "one", TUESDAY, "10:30", "botox")
    second = booked(made, "two", TUESDAY, "13:00", "facial", phone="+15125550199")
    [claim] = rows(services, ProfileClaim)
    token = services.ask(claim_sheet, claim.id).token
    services.do(actions.answer_claim, token, is_mine=True)
    assert (
        services.ask(queries.visit, second.appointment_id).patient_id
        == services.ask(queries.visit, first.appointment_id).patient_id
    )
    with pytest.raises(NotAllowed):
        services.do(actions.answer_claim, token, is_mine=True)


def test_another_browser_sees_nothing_of_this_one(services) -> None:
    made = small_clinic(services)
    booked(made, "one", TUESDAY, "10:30", "botox")
    with pytest.raises(NotAllowed):
        services.ask(queries.booked_here, "two")
    assert services.ask(queries.draft, "two").given_name == ""


@pytest.mark.req("P4")
def test_a_service_with_a_policy_of_its_own_is_booked_under_that_one(services) -> None:
    made = small_clinic(services)
    own = _own_policy(made, "botox")
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    with refused("policy_changed"):
        services.do(actions.book, "browser", accepted_policy_id=made["policy"])
    done = till(services).books("browser", own)
    visit = services.ask(queries.visit, done.appointment_id)
    assert visit.policy is not None
    assert (visit.policy.id, visit.covered_minor) == (own, 24000)


@pytest.mark.req("P4")
def test_a_service_without_a_policy_is_booked_without_one(services) -> None:
    made = small_clinic(services)
    made.change(clinic.Service, "botox", policy_rule="none")
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    done = services.do(actions.book, "browser", accepted_policy_id=None)
    assert services.ask(queries.visit, done.appointment_id).policy is None


def _own_policy(made: SmallClinic, slug: str) -> int:
    """A policy that holds for one service alone, in force."""

    def action(work: UnitOfWork) -> int:
        policy = clinic.PolicyVersion(
            version=2,
            service_id=made[slug],
            text="Please tell us four days before.",
            free_hours=96,
            fee_percent=80,
            published_at=work.now,
        )
        work.session.add(policy)
        work.session.flush()
        assert policy.id is not None
        return policy.id

    own = made.services.do(action)
    made.change(clinic.Service, slug, policy_rule="own")
    return own


@pytest.mark.req("S68")
def test_a_price_in_another_currency_is_looked_at_before_it_is_booked(services) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    made.settings(currency="EUR")
    with refused("price_changed"):
        services.do(actions.book, "browser", accepted_policy_id=made["policy"])
    services.do(drafts.agree_to_visit, "browser")
    done = till(services).books("browser", made["policy"])
    assert services.ask(queries.visit, done.appointment_id).currency == "EUR"
