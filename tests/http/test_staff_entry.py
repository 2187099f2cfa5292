"""Staff sign in: password, second factor, links; as someone tries them who means no good."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from sqlalchemy import update

from clinic_portal.accounts import entry, limits, second_factor, sessions
from clinic_portal.accounts import staff as people
from clinic_portal.accounts.models import AccountSession, Staff
from clinic_portal.accounts.types import Kind, Stage
from clinic_portal.clinic.models import Clinic
from clinic_portal.core import crypto
from clinic_portal.core.db import table
from clinic_portal.web.gate import HALFWAY, MARK, PATIENT, PUBLIC, SIGNED
from clinic_portal.web.http.routes import ROUTES
from tests.factories import PASSWORD, SignedIn, everything, patient, rows, staff
from tests.http.browser import Browser
from tests.http.test_accounts import ELSEWHERE, answers_alike
from tests.site import OPENING, Site

Make = Callable[[], Browser]
ANOTHER = "a wholly different sentence"
SECRET_PAGES = ("/auth/staff/second-factor.svg", "/auth/staff/second-factor.txt")
_numbers = count(1)


@pytest.fixture
def who(site: Site, fresh: None) -> SignedIn:
    """Someone at the front desk, with a password alone."""
    return staff(site.services, "front_desk", email=f"desk{next(_numbers)}@lumen.example")


@pytest.fixture
def email(site: Site, who: SignedIn) -> str:
    return site.services.ask(people.member, who.actor.staff_id).email


def set_up(site: Site, who: SignedIn) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator that is in force, and its recovery codes."""
    site.services.do(second_factor.begin, who.actor.staff_id)
    uri = site.services.ask(second_factor.enrolment_uri, who.actor.staff_id, "Lumen")
    app = pyotp.TOTP(parse_qs(urlsplit(uri).query)["secret"][0])
    codes = site.services.do(second_factor.confirm, who.actor.staff_id, app.at(site.clock.now()))
    assert codes is not None
    site.clock.advance(timedelta(minutes=5))
    return app, codes


def is_in(site: Site, me: Browser) -> bool:
    return site.services.ask(people.signed_in, crypto.digest(me.cookie("staff"))) is not None


def stage(site: Site, me: Browser) -> Stage | None:
    found = site.services.ask(sessions.find, Kind.STAFF, crypto.digest(me.cookie("staff")))
    return found.stage if found else None


@pytest.fixture
def required(site: Site) -> None:
    """The clinic asks everyone for an authenticator."""

    def switch(is_on: bool) -> None:
        site.services.do(lambda work: work.execute(update(table(Clinic)).values(is_second_factor_required=is_on)))
        site.clinic.settings()

    switch(True)
    yield
    switch(False)


# ── signing in ──


def test_the_right_password_begins_a_new_session_and_ends_the_one_before(site: Site, browser: Make, email: str) -> None:
    me, thief = browser(), browser()
    me.has("staff", "p" * 43)
    me.signs_in_as_staff(email)
    assert is_in(site, me)
    assert me.cookie("staff") != "p" * 43
    thief.has("staff", me.cookie("staff"))
    me.signs_in_as_staff(email)
    assert is_in(site, me)
    assert not is_in(site, thief)


def test_the_staffs_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Make, email: str) -> None:
    answer = browser().signs_in_as_staff(email)
    (told,) = answer.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in told.split(";")}
    assert "Max-Age" not in told
    assert "Domain" not in told


@pytest.mark.parametrize("onward", [*ELSEWHERE, "/portal", "/book"])
def test_signing_in_leads_to_a_page_of_the_staffs_whatever_the_link_said(
    browser: Make, email: str, onward: str
) -> None:
    me = browser()
    for password in ("not the password at all", PASSWORD):
        answer = me.signs_in_as_staff(email, password, onward)
        assert me.lands_under(answer, "/admin"), answer.headers["location"]
        assert "evil" not in answer.headers["location"].split("?")[0]
        assert not [one for one in answer.headers.get_list("set-cookie") if one.startswith("x=")]


def test_a_page_of_the_staffs_is_where_it_leads(browser: Make, email: str) -> None:
    onward = "/admin/settings/team"
    assert browser().signs_in_as_staff(email, onward=onward).headers["location"] == onward


def test_wrong_unknown_invited_and_switched_off_are_answered_alike(site: Site, browser: Make, email: str) -> None:
    boss = staff(site.services)
    n = next(_numbers)
    site.services.do(people.invite, boss.actor, email=f"invited{n}@lumen.example", name="New", role="read_only")
    off = staff(site.services, "read_only", email=f"off{n}@lumen.example")
    site.services.do(people.switch, boss.actor, off.actor.staff_id, is_active=False)
    tries = [
        (email, "not the password at all"),
        ("nobody@lumen.example", PASSWORD),
        (f"off{n}@lumen.example", PASSWORD),
    ]
    tries += [(f"invited{n}@lumen.example", ""), (f"invited{n}@lumen.example", PASSWORD)]
    answers, told = [], set()
    for address, password in tries:
        me = browser()
        answers.append(me.signs_in_as_staff(address, password))
        told.add(me.sentence("staff"))
        assert stage(site, me) is None
    for answer in answers[1:]:
        answers_alike(answers[0], answer)
    assert len(told) == 1


@pytest.mark.parametrize("whose", ["known", "unknown"])
def test_an_account_is_guessed_at_so_often_and_then_even_the_right_password_waits(
    site: Site, browser: Make, email: str, whose: str
) -> None:
    target = email if whose == "known" else f"un{email}"
    for _ in range(entry.WRONG_PER_ACCOUNT.times):
        browser().signs_in_as_staff(target, "not the password at all")
    me = browser()
    me.signs_in_as_staff(target)
    assert me.sentence("staff").startswith("Too many tries with this address. Please wait 15 minutes")
    assert stage(site, me) is None


def test_a_patients_tries_do_not_lock_the_staff_out(site: Site, browser: Make, email: str) -> None:
    for _ in range(entry.WRONG_PER_ACCOUNT.times):
        browser().signs_in(email, "not the password at all")
    me = browser()
    me.signs_in_as_staff(email)
    assert is_in(site, me)


def test_a_patients_account_opens_no_page_of_the_staffs_and_the_other_way_round(
    site: Site, browser: Make, email: str
) -> None:
    patient(site.services, "only-a-patient@example.org", phone="+15125550188")
    me = browser()
    me.signs_in_as_staff("only-a-patient@example.org")
    assert stage(site, me) is None
    me.signs_in(email)
    assert not me.is_in()
    me.signs_in("only-a-patient@example.org")
    swapped = browser().has("staff", me.cookie("portal"))
    assert stage(site, swapped) is None


def test_signing_out_ends_the_session_at_once_and_clears_the_browser(site: Site, browser: Make, email: str) -> None:
    me, copy = browser(), browser()
    me.signs_in_as_staff(email)
    copy.has("staff", me.cookie("staff"))
    answer = me.post("/auth/staff/sign-out")
    assert me.lands_under(answer, "/admin/sign-in")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert me.cookie("staff") == ""
    assert not is_in(site, copy)


def test_a_session_revoked_elsewhere_is_refused_at_its_next_request(site: Site, browser: Make, email: str) -> None:
    me = browser()
    me.signs_in_as_staff(email)
    site.services.do(lambda work: work.execute(update(table(AccountSession)).values(revoked_at=work.now)))
    answer = me.post("/auth/staff/password", current=PASSWORD, password=ANOTHER)
    assert me.lands_under(answer, "/admin/sign-in")
    me.signs_in_as_staff(email)
    assert is_in(site, me), "the password is what it was"


# ── halfway in ──


@pytest.fixture
def halfway(site: Site, browser: Make, who: SignedIn, email: str) -> tuple[Browser, pyotp.TOTP, list[str]]:
    """The password was right, and the code of an authenticator is due."""
    app, codes = set_up(site, who)
    me = browser()
    me.signs_in_as_staff(email, onward="/admin/patients")
    assert stage(site, me) is Stage.CODE
    return me, app, codes


def test_the_password_alone_leads_to_the_code_and_no_further(
    site: Site, browser: Make, who: SignedIn, email: str
) -> None:
    set_up(site, who)
    me = browser()
    answer = me.signs_in_as_staff(email, onward="/admin/patients")
    assert answer.headers["location"] == "/admin/code?next=/admin/patients"
    assert not is_in(site, me)


def test_halfway_in_nothing_else_can_be_done(site: Site, halfway: tuple[Browser, pyotp.TOTP, list[str]]) -> None:
    me, _, _ = halfway
    for route in ROUTES:
        who = getattr(route.endpoint, MARK)
        if who in (PUBLIC, HALFWAY, SIGNED):
            continue
        method = "POST" if "POST" in (route.methods or ()) else "GET"
        form = {"current": PASSWORD, "password": ANOTHER, "token": "x", "email": "x@example.org"}
        before = everything(site.services)
        answer = me.client.request(method, route.path, data=form if method == "POST" else None)
        assert me.lands_under(answer, "/sign-in" if who is PATIENT else "/admin/sign-in"), route.path
        assert everything(site.services) == before


def test_whoever_owes_a_code_cannot_put_an_authenticator_of_their_own_in_its_place(
    site: Site, halfway: tuple[Browser, pyotp.TOTP, list[str]], who: SignedIn
) -> None:
    me, _, _ = halfway
    before = [one.model_dump() for one in rows(site.services, Staff)]
    for path in ("begin", "confirm"):
        assert me.lands_under(me.post(f"/auth/staff/second-factor/{path}", code="000000"), "/admin/second-factor")
        assert me.sentence("second-factor").startswith("It may have gone meanwhile. Nothing was changed")
    for path in SECRET_PAGES:
        assert me.get(path).status_code == 404
    assert [one.model_dump() for one in rows(site.services, Staff)] == before


def test_the_right_code_lets_in_under_a_new_cookie_and_the_halfway_one_is_over(
    site: Site, browser: Make, halfway: tuple[Browser, pyotp.TOTP, list[str]]
) -> None:
    me, app, _ = halfway
    copy = browser().has("staff", me.cookie("staff"))
    answer = me.post("/auth/staff/code", code=app.at(site.clock.now()), next="/admin/patients")
    assert answer.headers["location"] == "/admin/patients"
    assert is_in(site, me)
    assert stage(site, copy) is None


def test_a_code_that_was_used_lets_nobody_else_in(
    site: Site, browser: Make, halfway: tuple[Browser, pyotp.TOTP, list[str]], email: str
) -> None:
    """Someone reads it over a shoulder, or from the wire of a page that was made to look like ours."""
    me, app, codes = halfway
    thief = browser()
    thief.signs_in_as_staff(email)
    digits = app.at(site.clock.now())
    me.post("/auth/staff/code", code=digits)
    thief.post("/auth/staff/code", code=digits)
    assert thief.sentence("staff-code").startswith("That code does not fit")
    assert not is_in(site, thief)
    third = browser()
    third.signs_in_as_staff(email)
    third.post("/auth/staff/code", code=codes[0])
    assert is_in(site, third)
    thief.post("/auth/staff/code", code=codes[0])
    assert not is_in(site, thief)


def test_codes_are_guessed_at_so_often_from_however_many_browsers(
    site: Site, browser: Make, halfway: tuple[Browser, pyotp.TOTP, list[str]], email: str
) -> None:
    me, app, codes = halfway
    for _ in range(second_factor.WRONG.times):
        other = browser()
        other.signs_in_as_staff(email)
        other.post("/auth/staff/code", code="000000")
        assert other.sentence("staff-code").startswith("That code does not fit")
    for right in (app.at(site.clock.now()), codes[0]):
        me.post("/auth/staff/code", code=right)
        assert me.sentence("staff-code") == "Too many wrong codes. Please wait 15 minutes."
    assert not is_in(site, me)


@pytest.mark.parametrize(
    "typed", ["", " ", "00000", "0000000", "abcdef", "' OR 1=1", "\u0661" * 6, "-1", "1e5", "0" * 400, "AAAAA-AAAAA"]
)
def test_what_is_no_code_is_refused_in_a_sentence(
    site: Site, halfway: tuple[Browser, pyotp.TOTP, list[str]], typed: str
) -> None:
    me, _, _ = halfway
    assert me.lands_under(me.post("/auth/staff/code", code=typed), "/admin/code")
    assert me.sentence("staff-code").startswith("That code does not fit")
    assert not is_in(site, me)


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_the_code_leads_to_a_page_of_the_staffs_too(
    site: Site, halfway: tuple[Browser, pyotp.TOTP, list[str]], onward: str
) -> None:
    me, app, _ = halfway
    for code in ("000000", app.at(site.clock.now())):
        assert me.lands_under(me.post("/auth/staff/code", code=code, next=onward), "/admin")


def test_halfway_in_is_over_after_ten_minutes(site: Site, halfway: tuple[Browser, pyotp.TOTP, list[str]]) -> None:
    me, app, _ = halfway
    site.clock.advance(sessions.HALFWAY_LASTS + timedelta(seconds=5))
    answer = me.post("/auth/staff/code", code=app.at(site.clock.now()))
    assert me.lands_under(answer, "/admin/sign-in")
    assert not is_in(site, me)


def test_whoever_is_switched_off_halfway_comes_no_further(
    site: Site, halfway: tuple[Browser, pyotp.TOTP, list[str]], who: SignedIn
) -> None:
    me, app, _ = halfway
    site.services.do(people.switch, staff(site.services).actor, who.actor.staff_id, is_active=False)
    assert me.lands_under(me.post("/auth/staff/code", code=app.at(site.clock.now())), "/admin/sign-in")
    assert not is_in(site, me)


# ── setting an authenticator up ──


def test_where_the_clinic_asks_for_one_nothing_opens_before_it_is_set_up(
    site: Site, browser: Make, email: str, required: None
) -> None:
    me, copy = browser(), browser()
    assert me.lands_under(me.signs_in_as_staff(email), "/admin/second-factor")
    assert not is_in(site, me)
    copy.has("staff", me.cookie("staff"))
    for path in SECRET_PAGES:
        assert me.get(path).status_code == 404, "nothing is shown before it was begun"
    me.post("/auth/staff/second-factor/begin")
    picture = me.get(SECRET_PAGES[0])
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["cache-control"] == "no-store"
    key = me.get(SECRET_PAGES[1])
    assert key.headers["cache-control"] == "no-store"
    app = pyotp.TOTP(key.text.replace(" ", ""))
    me.post("/auth/staff/second-factor/confirm", code="000000")
    assert me.sentence("second-factor").startswith("That code does not fit")
    assert not is_in(site, me)
    codes = me.post("/auth/staff/second-factor/confirm", code=app.at(site.clock.now()))
    assert codes.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in codes.headers["content-security-policy"]
    assert len(set(re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", codes.text))) == second_factor.RECOVERY_CODES
    assert is_in(site, me)
    assert stage(site, copy) is None, "the cookie from before it was set up is worth nothing"
    for path in SECRET_PAGES:
        assert me.get(path).status_code == 404, "and nothing is shown once it is in force"


@pytest.mark.parametrize("path", SECRET_PAGES)
def test_the_secret_is_shown_to_nobody_else(site: Site, browser: Make, who: SignedIn, path: str) -> None:
    site.services.do(second_factor.begin, who.actor.staff_id)
    mine = browser().has("staff", who.cookie)
    assert mine.get(path).status_code == 200, "the control"
    assert browser().get(path).status_code == 303
    other = staff(site.services, "owner")
    assert browser().has("staff", other.cookie).get(path).status_code == 404
    me = patient(site.services, "someone-else@example.org", phone="+15125550189")
    assert browser().has("portal", me.cookie).get(path).status_code == 303


def test_one_in_force_is_not_replaced_from_a_page_left_open(site: Site, browser: Make, who: SignedIn) -> None:
    app, _ = set_up(site, who)
    me = browser().has("staff", who.cookie)
    me.post("/auth/staff/second-factor/begin")
    assert me.sentence("second-factor").startswith("An authenticator is set up already")
    me.post("/auth/staff/second-factor/confirm", code=app.at(site.clock.now()))
    assert me.sentence("second-factor").startswith("It may have gone meanwhile")


def test_first_codes_are_guessed_at_so_often_too(site: Site, browser: Make, who: SignedIn) -> None:
    me = browser().has("staff", who.cookie)
    me.post("/auth/staff/second-factor/begin")
    for _ in range(second_factor.WRONG.times):
        me.post("/auth/staff/second-factor/confirm", code="000000")
    me.post("/auth/staff/second-factor/confirm", code="000000")
    assert me.sentence("second-factor").startswith("Too many wrong codes")


# ── passwords by link and by hand ──


def test_the_password_of_one_who_is_signed_in_is_guessed_at_so_often(browser: Make, email: str) -> None:
    me = browser()
    me.signs_in_as_staff(email)
    for _ in range(entry.WRONG_PER_ACCOUNT.times):
        me.post("/auth/staff/password", current="not the password", password=ANOTHER)
        assert me.sentence("staff-password").startswith("That is not your present password")
    me.post("/auth/staff/password", current=PASSWORD, password=ANOTHER)
    assert me.sentence("staff-password").startswith("Too many tries")


def test_a_changed_password_ends_every_other_session(site: Site, browser: Make, email: str) -> None:
    me, other = browser(), browser()
    me.signs_in_as_staff(email)
    other.signs_in_as_staff(email)
    me.post("/auth/staff/password", current=PASSWORD, password=ANOTHER)
    assert is_in(site, me)
    assert not is_in(site, other)


def test_a_password_chosen_by_link_does_not_get_round_the_authenticator(
    site: Site, browser: Make, who: SignedIn, email: str
) -> None:
    """Whoever reads the mailbox has the password, and not the phone."""
    from clinic_portal.accounts.types import Purpose
    from tests.http.test_accounts import newest_link

    set_up(site, who)
    site.services.do(people.forgot, email, address="x")
    thief = browser()
    thief.post("/auth/staff/join", token=newest_link(site, Purpose.STAFF_RESET), password=ANOTHER)
    thief.signs_in_as_staff(email, ANOTHER)
    assert stage(site, thief) is Stage.CODE


def test_asking_for_a_staffs_link_has_limits(site: Site, browser: Make, email: str) -> None:
    site.services.do(limits.forget, OPENING + timedelta(days=365))
    told = set()
    for _ in range(entry.MAIL_PER_EMAIL.times + 2):
        me = browser()
        me.post("/auth/staff/forgot", email=email, altcha=me.person("staff-forgot"))
        told.add(me.sentence("staff-forgot"))
    assert told == {"If that address belongs to one of the staff, a link is on its way. It works for an hour."}


def test_nothing_typed_by_the_staff_stands_in_the_log(site: Site, browser: Make, email: str) -> None:
    me = browser()
    me.signs_in_as_staff(email, "not the password at all")
    assert httpx.get(f"{site.url}/healthz").status_code == 200
    log = site.log.read_text()
    for secret in (email, PASSWORD, "not the password", "Traceback", "fault E-"):
        assert secret not in log
