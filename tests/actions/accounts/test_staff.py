"""Staff: invited by link, changed by an owner, and with a second factor that cannot be replayed."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from clinic_portal.accounts import links, second_factor, sessions, staff
from clinic_portal.accounts.models import Link, RecoveryCode, Staff
from clinic_portal.accounts.roles import MAY, ROLES, Permission
from clinic_portal.accounts.types import Kind, Purpose, Stage
from clinic_portal.core import crypto
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, TooMany
from clinic_portal.core.work import Services, UnitOfWork
from tests import factories
from tests.factories import SignedIn, rows

HOW = {"device": "x", "address": "x", "is_second_factor_required": False}


@pytest.fixture
def owner(services: Services) -> SignedIn:
    return factories.staff(services, "owner")


def enter(services: Services, email: str = "owner@lumen.example", *, required: bool = False) -> tuple[str, Stage]:
    known = services.ask(staff.credentials, email)
    assert known is not None
    return services.do(staff.entered, known, **(HOW | {"is_second_factor_required": required}))


def set_up(services: Services, who: SignedIn) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator that is in force, and its recovery codes."""
    services.do(second_factor.begin, who.actor.staff_id)
    uri = services.ask(second_factor.enrolment_uri, who.actor.staff_id, "Lumen")
    app = pyotp.TOTP(parse_qs(urlsplit(uri).query)["secret"][0])
    codes = services.do(second_factor.confirm, who.actor.staff_id, app.at(services.clock.now()))
    assert codes is not None
    return app, codes


def test_someone_invited_chooses_a_password_by_link_once(services: Services, owner: SignedIn) -> None:
    new = services.do(staff.invite, owner.actor, email="Lena@lumen.example", name="Lena", role="front_desk")
    assert services.ask(staff.credentials, "lena@lumen.example") is None
    token = services.ask(links.sheet, rows(services, Link)[-1].id).token
    assert services.do(staff.choose_password, Purpose.INVITE, token, "a hash") == new
    with pytest.raises(NotAllowed, match="link_ended"):
        services.do(staff.choose_password, Purpose.INVITE, token, "another hash")
    assert services.ask(staff.credentials, "LENA@lumen.example") is not None


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"email": "no address"}, Invalid),
        ({"role": "chief"}, Invalid),
        ({"name": " "}, Invalid),
        ({"name": "A" * 81}, Invalid),
        ({"email": "OWNER@lumen.example"}, Conflict),
    ],
)
def test_an_invitation_that_cannot_be_used_is_refused(
    services: Services, owner: SignedIn, values: dict[str, str], refusal: type[Exception]
) -> None:
    usual = {"email": "new@lumen.example", "name": "New", "role": "front_desk"}
    with pytest.raises(refusal):
        services.do(staff.invite, owner.actor, **(usual | values))


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", [role for role in ROLES if Permission.MANAGE_STAFF not in MAY[role]])
def test_only_owners_change_the_team(services: Services, owner: SignedIn, role: str) -> None:
    other = factories.staff(services, role).actor
    for verb, more in (
        (staff.invite, {"email": "a@b.example", "name": "A", "role": "owner"}),
        (staff.change, {"staff_id": owner.actor.staff_id, "name": "A", "role": "read_only", "provider_id": None}),
        (staff.switch, {"staff_id": owner.actor.staff_id, "is_active": False}),
        (staff.end_sessions, {"staff_id": owner.actor.staff_id}),
        (second_factor.take_off, {"staff_id": owner.actor.staff_id}),
    ):
        with pytest.raises(NotAllowed):
            services.do(verb, other, **more)


@pytest.mark.req("P15")
def test_a_provider_who_is_invited_sees_their_own_unless_the_owner_says_otherwise(
    services: Services, owner: SignedIn
) -> None:
    maya = factories.small_clinic(services)["maya"]
    lena = {"email": "lena@lumen.example", "name": "Lena", "role": "provider", "provider_id": maya}
    own = services.do(staff.invite, owner.actor, **lena)
    wide = {"email": "kim@lumen.example", "sees_every_calendar": True, "sees_every_patient": True}
    every = services.do(staff.invite, owner.actor, **(lena | wide))
    assert [sees(services, one) for one in (own, every)] == [(False, False), (True, True)]


@pytest.mark.req("P15")
def test_their_own_must_be_somebodys(services: Services, owner: SignedIn) -> None:
    with pytest.raises(Invalid, match="own_is_nobodys"):
        services.do(staff.invite, owner.actor, email="lena@lumen.example", name="Lena", role="provider")
    known = factories.staff(services, "provider").actor.staff_id
    with pytest.raises(Invalid, match="own_is_nobodys"):
        services.do(narrow, owner, known, None, every_calendar=True, every_patient=False)


@pytest.mark.req("P15")
def test_what_a_provider_sees_is_narrowed_for_a_session_that_is_open_and_told_in_the_log(
    services: Services, owner: SignedIn
) -> None:
    maya = factories.small_clinic(services)["maya"]
    known = factories.staff(services, "provider")
    assert known.actor.only_patients_of is None
    services.do(narrow, owner, known.actor.staff_id, maya, every_calendar=False, every_patient=False)
    found = services.ask(staff.signed_in, known.digest)
    assert found is not None
    assert (found[0].only_calendar_of, found[0].only_patients_of) == (maya, maya)
    told = rows(services, AuditEntry)[-1]
    assert (told.actor, told.action, told.subject) == (
        owner.actor.tag,
        "staff.changed",
        f"staff:{known.actor.staff_id}",
    )
    assert (told.detail["before"]["sees_every_patient"], told.detail["after"]["sees_every_patient"]) == (True, False)


@pytest.mark.req("P15")
def test_any_other_role_sees_all_whatever_was_chosen(services: Services, owner: SignedIn) -> None:
    desk = factories.staff(services, "front_desk").actor.staff_id
    told = {"name": "Desk", "role": "front_desk", "provider_id": None}
    services.do(staff.change, owner.actor, desk, **told, sees_every_calendar=False, sees_every_patient=False)
    assert sees(services, desk) == (True, True)


def narrow(
    work: UnitOfWork, owner: SignedIn, staff_id: int, provider: int | None, *, every_calendar: bool, every_patient: bool
) -> None:
    told = {"name": "Maya", "role": "provider", "provider_id": provider}
    sees = {"sees_every_calendar": every_calendar, "sees_every_patient": every_patient}
    staff.change(work, owner.actor, staff_id, **told, **sees)


def sees(services: Services, staff_id: int) -> tuple[bool, bool]:
    known = services.ask(staff.member, staff_id)
    return known.sees_every_calendar, known.sees_every_patient


def test_the_last_owner_stays_an_owner(services: Services, owner: SignedIn) -> None:
    me = owner.actor.staff_id
    with pytest.raises(Conflict, match="last_owner"):
        services.do(staff.switch, owner.actor, me, is_active=False)
    with pytest.raises(Conflict, match="last_owner"):
        services.do(staff.change, owner.actor, me, name="Me", role="read_only", provider_id=None)


def test_a_lesser_role_holds_at_once(services: Services, owner: SignedIn) -> None:
    desk = factories.staff(services, "front_desk")
    services.do(staff.change, owner.actor, desk.actor.staff_id, name="Desk", role="read_only", provider_id=None)
    assert services.ask(staff.signed_in, desk.digest) is None


def test_whoever_is_switched_off_is_out_and_stays_out(services: Services, owner: SignedIn) -> None:
    desk = factories.staff(services, "front_desk")
    services.do(staff.switch, owner.actor, desk.actor.staff_id, is_active=False)
    assert services.ask(staff.signed_in, desk.digest) is None
    assert services.ask(staff.credentials, "front_desk@lumen.example") is None


def test_with_an_authenticator_the_password_alone_opens_no_page(services: Services, owner: SignedIn) -> None:
    set_up(services, owner)
    token, stage = enter(services)
    assert stage is Stage.CODE
    assert services.ask(staff.signed_in, crypto.digest(token)) is None
    assert services.ask(staff.halfway, crypto.digest(token)) is not None


def test_where_the_clinic_asks_for_one_it_is_set_up_before_anything_opens(services: Services, owner: SignedIn) -> None:
    token, stage = enter(services, required=True)
    assert stage is Stage.ENROL
    assert services.ask(staff.signed_in, crypto.digest(token)) is None


def test_the_right_code_begins_a_session_under_a_new_token(
    services: Services, owner: SignedIn, clock: FixedClock
) -> None:
    app, _ = set_up(services, owner)
    clock.advance(timedelta(minutes=5))
    token, _ = enter(services)
    half = services.ask(staff.halfway, crypto.digest(token))
    assert half is not None
    full = services.do(second_factor.come_in, half[1], app.at(clock.now()), device="x", address="x")
    assert full is not None
    assert services.ask(staff.signed_in, crypto.digest(full)) is not None
    assert services.ask(staff.halfway, crypto.digest(token)) is None


def test_a_right_code_is_worth_nothing_once_the_browser_was_signed_out(
    services: Services, owner: SignedIn, clock: FixedClock
) -> None:
    app, _ = set_up(services, owner)
    clock.advance(timedelta(minutes=5))
    half = services.ask(staff.halfway, crypto.digest(enter(services)[0]))
    assert half is not None
    services.do(sessions.end_all, Kind.STAFF, owner.actor.staff_id)
    with pytest.raises(NotAllowed, match="signed_out"):
        services.do(second_factor.come_in, half[1], app.at(clock.now()), device="x", address="x")


def test_a_code_works_once(services: Services, owner: SignedIn, clock: FixedClock) -> None:
    app, _ = set_up(services, owner)
    clock.advance(timedelta(minutes=5))
    digits = app.at(clock.now())
    assert services.do(second_factor.answer, owner.actor.staff_id, digits)
    assert not services.do(second_factor.answer, owner.actor.staff_id, digits)


@pytest.mark.parametrize(("seconds", "works"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(
    services: Services, owner: SignedIn, clock: FixedClock, seconds: int, works: bool
) -> None:
    app, _ = set_up(services, owner)
    clock.advance(timedelta(minutes=5))
    digits = app.at(clock.now() + timedelta(seconds=seconds))
    assert services.do(second_factor.answer, owner.actor.staff_id, digits) is works


def test_a_recovery_code_works_once_however_it_is_typed(services: Services, owner: SignedIn) -> None:
    _, codes = set_up(services, owner)
    assert services.do(second_factor.answer, owner.actor.staff_id, f" {codes[0].lower()} ")
    assert not services.do(second_factor.answer, owner.actor.staff_id, codes[0])
    assert services.ask(second_factor.recovery_codes_left, owner.actor.staff_id) == second_factor.RECOVERY_CODES - 1


def test_codes_are_guessed_at_so_often_and_no_more(services: Services, owner: SignedIn) -> None:
    set_up(services, owner)
    for _ in range(second_factor.WRONG.times):
        assert not services.do(second_factor.answer, owner.actor.staff_id, "000000")
    with pytest.raises(TooMany):
        services.do(second_factor.answer, owner.actor.staff_id, "000000")


def test_neither_secret_nor_codes_lie_open_in_the_database(services: Services, owner: SignedIn) -> None:
    app, codes = set_up(services, owner)
    kept = str([one.model_dump() for one in (*rows(services, Staff), *rows(services, RecoveryCode))])
    assert app.secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_one_in_force_is_not_replaced_nor_shown_again(services: Services, owner: SignedIn) -> None:
    """Else whoever finds an open page would put their own phone in its place."""
    set_up(services, owner)
    with pytest.raises(Conflict):
        services.do(second_factor.begin, owner.actor.staff_id)
    with pytest.raises(NotAllowed):
        services.ask(second_factor.enrolment_uri, owner.actor.staff_id, "Lumen")


def test_taken_off_by_an_owner_the_password_lets_them_in_again(services: Services, owner: SignedIn) -> None:
    desk = factories.staff(services, "front_desk")
    set_up(services, desk)
    services.do(second_factor.take_off, owner.actor, desk.actor.staff_id)
    assert enter(services, "front_desk@lumen.example")[1] is Stage.FULL
    assert rows(services, RecoveryCode) == []


def test_ones_own_is_given_up_with_a_code_of_it_and_not_without(
    services: Services, owner: SignedIn, clock: FixedClock
) -> None:
    app, _ = set_up(services, owner)
    with pytest.raises(NotAllowed):
        services.do(second_factor.take_off, owner.actor, owner.actor.staff_id)
    assert not services.do(second_factor.give_up, owner.actor, "000000")
    assert enter(services)[1] is Stage.CODE
    clock.advance(timedelta(seconds=30))
    assert services.do(second_factor.give_up, owner.actor, app.at(clock.now()))
    assert enter(services)[1] is Stage.FULL


def test_new_recovery_codes_need_a_code_and_end_the_old_ones(
    services: Services, owner: SignedIn, clock: FixedClock
) -> None:
    app, old = set_up(services, owner)
    assert services.do(second_factor.renew_recovery_codes, owner.actor, "000000") is None
    clock.advance(timedelta(seconds=30))
    new = services.do(second_factor.renew_recovery_codes, owner.actor, app.at(clock.now()))
    assert new is not None
    assert not services.do(second_factor.answer, owner.actor.staff_id, old[0])
    assert services.do(second_factor.answer, owner.actor.staff_id, new[0])


def test_an_owner_who_lost_phone_and_codes_is_let_in_again_by_command(services: Services, owner: SignedIn) -> None:
    set_up(services, owner)
    services.do(second_factor.take_off_by_command, "OWNER@lumen.example")
    assert enter(services)[1] is Stage.FULL
    with pytest.raises(NotAllowed):
        services.do(second_factor.take_off_by_command, "nobody@lumen.example")


def test_a_staffs_session_is_short(services: Services, owner: SignedIn, clock: FixedClock) -> None:
    for _ in range(12 * 6):
        clock.advance(timedelta(minutes=10))
        services.do(sessions.touch, owner.actor.session_id)
    assert services.ask(sessions.find, Kind.STAFF, owner.digest) is None


def test_the_readmes_table_of_who_may_do_what_is_the_codes() -> None:
    from pathlib import Path

    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text()
    told = {
        cells[0]: [cell == "yes" for cell in cells[1:]]
        for line in readme.splitlines()
        if (cells := [cell.strip() for cell in line.strip("|").split("|")])
        and re.fullmatch(r"\|.*\|( yes \| | – \|| yes \|).*", line)
    }
    assert told == {one.value: [one in MAY[role] for role in ROLES] for one in Permission}
