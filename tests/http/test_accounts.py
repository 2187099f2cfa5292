"""Registering, signing in and out, links and passwords, as someone tries them who means no good."""

from __future__ import annotations

import base64
import json
import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from clinic_portal.accounts import entry, limits, links, passwords
from clinic_portal.accounts.models import Account, AccountSession, Link
from clinic_portal.accounts.types import Purpose
from clinic_portal.booking import drafts
from clinic_portal.booking.models import BookingDraft
from clinic_portal.core import crypto
from clinic_portal.core.db import table
from clinic_portal.core.settings import Settings
from clinic_portal.patients import joining, profile
from clinic_portal.patients.models import Patient
from clinic_portal.web import identity
from clinic_portal.web.gate import MARK, SIGNED, May
from clinic_portal.web.http.forms import safe_next
from clinic_portal.web.http.routes import ROUTES
from clinic_portal.web.identity import PORTAL, STAFF, VISITOR
from tests.factories import PASSWORD, SignedIn, booked, everything, patient, rows
from tests.http.browser import Browser, fields_of, solution
from tests.site import OPENING, Site

Make = Callable[[], Browser]
POSTS = [
    route.path
    for route in ROUTES
    if "POST" in (route.methods or ())
    and getattr(route.endpoint, MARK) is not SIGNED  # of no page of ours: tests/http/test_unsubscribing.py
    and not re.search(r"/(files|pictures)\b", route.path)  # tests/http/test_files.py
]
ANOTHER = "a wholly different sentence"
_numbers = count(100)
_hours = iter(range(10, 17))


@pytest.fixture
def email() -> str:
    return f"person{next(_numbers)}@example.org"


@pytest.fixture
def known(site: Site, fresh: None, email: str) -> str:
    """The e-mail address of someone who has a portal."""
    joins(site, email)
    site.services.do(limits.forget, OPENING + timedelta(days=365))
    return email


def joins(site: Site, email: str) -> SignedIn:
    return patient(site.services, email, phone=f"+1512556{next(_numbers):04}")


def filled_in(email: str, **more: str) -> dict[str, str]:
    """A registration as its page sends it."""
    return {
        "given_name": "Amara", "family_name": "Reed", "email": email, "phone": "(512) 555-0142",
        "password": PASSWORD, "understood": "yes", **more,
    }  # fmt: skip


def newest_link(site: Site, purpose: Purpose) -> str:
    """The token in the e-mail that was asked for last."""
    row = [one for one in rows(site.services, Link) if one.purpose == purpose][-1]
    return str(site.services.ask(links.sheet, row.id).token)


# ── posts from elsewhere ──

FOREIGN: dict[str, dict[str, str]] = {
    "no origin": {},
    "an opaque origin": {"Origin": "null"},
    "another site": {"Origin": "https://evil.example"},
    "our name on another port": {"Origin": "http://localhost:1"},
    "our name within another": {"Origin": "http://localhost.evil.example"},
    "a cross-site fetch": {"Sec-Fetch-Site": "cross-site"},
    "a same-site fetch": {"Sec-Fetch-Site": "same-site"},
    "a fetch of the address bar": {"Sec-Fetch-Site": "none"},
    "a null origin that says it is here": {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    "another site that says it is here": {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    "two origins": {"Origin": "https://evil.example http://localhost"},
}


@pytest.mark.parametrize("sent", FOREIGN.values(), ids=FOREIGN)
def test_a_post_from_elsewhere_does_nothing_wherever_it_goes(
    site: Site, browser: Make, known: str, sent: dict[str, str]
) -> None:
    """With the cookies of a patient and an owner who are signed in, and with everything right but its origin."""
    from tests.factories import staff

    me = browser()
    me.has("portal", patient(site.services, known).cookie).has("staff", staff(site.services).cookie)
    site.services.do(entry.forgot, known, address="x")
    form = filled_in(known, token=newest_link(site, Purpose.RESET), current=PASSWORD, code="000000", next="/portal")
    before = everything(site.services)
    for path in POSTS:
        purpose = "staff" if "staff" in path else path.rsplit("/", 1)[1]
        with httpx.Client(base_url=site.url, cookies=me.client.cookies) as elsewhere:
            answer = elsewhere.post(path, data=form | {"altcha": me.person(purpose)}, headers=sent)
        assert answer.status_code == 403, path
        assert "Nothing was done" in answer.text
        assert "set-cookie" not in answer.headers
    assert everything(site.services) == before


@pytest.mark.parametrize("sent", [{"Origin": "here"}, {"Sec-Fetch-Site": "same-origin"}], ids=["origin", "fetch"])
@pytest.mark.parametrize("path", POSTS)
def test_the_same_post_from_a_page_of_ours_is_looked_at(
    site: Site, fresh: None, path: str, sent: dict[str, str]
) -> None:
    """The control: it is the origin alone that was refused above."""
    headers = {name: site.url if value == "here" else value for name, value in sent.items()}
    assert httpx.post(site.url + path, headers=headers, data={"email": "x"}).status_code == 303


@pytest.mark.parametrize("path", POSTS)
def test_a_get_does_nothing(site: Site, browser: Make, known: str, path: str) -> None:
    me = browser()
    me.has("portal", patient(site.services, known).cookie)
    before = everything(site.services)
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
        answer = me.client.request(method, f"{path}?email={known}&password=x&next=/portal")
        assert answer.status_code in (404, 405), method
    assert everything(site.services) == before


LINKED = ["/register/confirm", "/welcome", "/reset", "/new-email", "/admin/join"]


@pytest.mark.parametrize("page", LINKED)
def test_a_scanner_that_opens_a_link_uses_nothing_up(site: Site, browser: Make, known: str, page: str) -> None:
    scanner = browser()
    site.services.do(entry.forgot, known, address="x")
    token = newest_link(site, Purpose.RESET)
    before = everything(site.services)
    for method in ("GET", "HEAD"):
        assert scanner.client.request(method, f"{page}?t={token}").status_code == 200
    assert everything(site.services) == before


# ── forms that no page sends ──

EVERY = (b"email", b"token", b"password", b"code", b"current")


@pytest.mark.parametrize("path", [path for path in POSTS if "sign-out" not in path and "begin" not in path])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"email": "x"}'),
        ("text/plain", b"email=x"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("", b"email=x"),
        ("application/x-www-form-urlencoded", b"email=%ff%fe"),
        ("application/x-www-form-urlencoded", b"email=" + b"\xff"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(100))),
        ("application/x-www-form-urlencoded", b"&".join(name + b"=" + b"x" * 5000 for name in EVERY)),
        ("application/x-www-form-urlencoded", b"=%00&".join(EVERY) + b"=%00"),
    ],
    ids=["json", "text", "multipart", "no type", "no utf-8", "raw bytes", "a hundred fields", "a long field", "nul"],
)
def test_a_form_that_makes_no_sense_is_refused_whole(
    site: Site, fresh: None, path: str, kind: str, body: bytes
) -> None:
    who = next(getattr(route.endpoint, MARK) for route in ROUTES if route.path == path)
    answer = httpx.post(site.url + path, content=body, headers={"Origin": site.url, "Content-Type": kind})
    assert answer.status_code == (400 if who is May.PUBLIC else 303), answer.text
    assert "fault" not in answer.text


@pytest.mark.parametrize("path", POSTS)
def test_a_big_body_is_refused_before_it_is_read(site: Site, path: str) -> None:
    answer = httpx.post(site.url + path, data={"email": "x" * 100_000}, headers={"Origin": site.url})
    assert answer.status_code == 413


@pytest.mark.parametrize("path", POSTS)
def test_an_empty_form_is_answered_and_changes_no_account(site: Site, browser: Make, known: str, path: str) -> None:
    me = browser()
    before = (rows(site.services, Account), rows(site.services, Patient))
    answer = me.client.post(path, content=b"", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 303
    assert (rows(site.services, Account), rows(site.services, Patient)) == before


def test_a_field_that_is_sent_twice_is_refused(site: Site, browser: Make, known: str) -> None:
    """Else what one looks at and what another uses could be two things."""
    me = browser()
    form = [("email", "other@example.org"), ("email", known), ("password", PASSWORD), ("altcha", me.person("sign-in"))]
    body = "&".join(f"{name}={httpx.QueryParams({'v': value})['v']}" for name, value in form)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert me.client.post("/auth/sign-in", content=body, headers=kind).status_code == 400
    assert not me.is_in()


# ── the CAPTCHA ──

GUARDED = {
    "/auth/sign-in": ("sign-in", "sign-in"),
    "/auth/register": ("register", "register"),
    "/auth/forgot": ("forgot", "forgot"),
    "/auth/staff/sign-in": ("staff", "staff"),
    "/auth/staff/forgot": ("staff-forgot", "staff-forgot"),
}
guarded = pytest.mark.parametrize("path", GUARDED)


def refused(me: Browser, path: str, email: str, answer: str) -> str:
    """The sentence a form says to this CAPTCHA's answer, where everything else is right."""
    links_before, sessions_before = len(rows(me.site.services, Link)), len(rows(me.site.services, AccountSession))
    me.post(path, **filled_in(email, altcha=answer))
    assert len(rows(me.site.services, Link)) == links_before
    assert len(rows(me.site.services, AccountSession)) == sessions_before
    return me.sentence(GUARDED[path][1])


@guarded
@pytest.mark.req("S23")
def test_without_the_captcha_nothing_is_done(browser: Make, known: str, path: str) -> None:
    assert "tick the box" in refused(browser(), path, known, "")


@guarded
def test_a_wrong_captcha_is_refused(browser: Make, known: str, path: str) -> None:
    me = browser()
    right = me.person(GUARDED[path][0])
    puzzle = fields_of(right)
    for wrong in (
        "x",
        "W10=",
        "bnVsbA==",
        right[:-8],
        right[:40],
        base64.b64encode(b"[" * 2900).decode(),
        _packed({**puzzle, "solution": {"counter": 1, "derivedKey": "00" * 32}}),
        _packed({**puzzle, "challenge": {**puzzle["challenge"], "signature": "0" * 64}}),
        _packed({**puzzle, "challenge": {**puzzle["challenge"], "signature": None}}),
        _packed({**puzzle, "challenge": {**puzzle["challenge"], "parameters": {}}}),
        _packed({"challenge": []}),
    ):
        assert "did not work" in refused(me, path, known, wrong), wrong


@guarded
def test_a_captcha_made_for_another_form_is_refused(browser: Make, known: str, path: str) -> None:
    me = browser()
    for other in {"sign-in", "register", "forgot", "staff", "staff-forgot"} - {GUARDED[path][0]}:
        assert "did not work" in refused(me, path, known, me.person(other)), other


@guarded
def test_a_captchas_purpose_cannot_be_rewritten(browser: Make, known: str, path: str) -> None:
    me = browser()
    other = fields_of(me.person("forgot" if path != "/auth/forgot" else "register"))
    other["challenge"]["parameters"]["data"]["purpose"] = GUARDED[path][0]
    assert "did not work" in refused(me, path, known, _packed(other))


@guarded
def test_a_captcha_counts_once(browser: Make, known: str, path: str) -> None:
    me = browser()
    answer = me.person(GUARDED[path][0])
    me.post(path, **filled_in(known, altcha=answer, password="not the password at all"))
    again = _packed(fields_of(answer) | {"more": 1})
    for replay in (answer, again):
        assert "sent before" in refused(me, path, known, replay)


@guarded
def test_a_captcha_from_a_page_left_open_is_too_old(browser: Make, known: str, path: str) -> None:
    me = browser()
    answer = me.person(GUARDED[path][0])
    me.site.clock.advance(timedelta(hours=1, seconds=1))
    assert "open for long" in refused(me, path, known, answer)


@pytest.mark.req("S23")
def test_the_challenge_the_site_gives_can_be_solved_and_lets_in(browser: Make, known: str) -> None:
    """The whole way, with the work a browser has."""
    me = browser()
    puzzle = me.get("/challenge/sign-in")
    assert puzzle.headers["cache-control"] == "no-store"
    me.post("/auth/sign-in", email=known, password=PASSWORD, altcha=solution(puzzle.json()))
    assert me.is_in()


def test_a_challenge_is_made_for_forms_that_exist_alone(site: Site) -> None:
    assert httpx.get(f"{site.url}/challenge/anything").status_code == 404


def _packed(told: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(told).encode()).decode()


# ── sessions and their cookies ──


@pytest.mark.req("S23")
def test_signing_in_gives_new_cookies_and_the_old_ones_are_worth_nothing(site: Site, browser: Make, known: str) -> None:
    """Whoever planted a cookie in another's browser must not be signed in along with them (session fixation)."""
    me = browser()
    planted = {"portal": "p" * 43, "visitor": me.cookie("visitor")}
    me.has("portal", planted["portal"])
    site.services.do(drafts.add_service, crypto.digest(planted["visitor"]), site.clinic["facial"])
    me.signs_in(known)
    assert me.is_in()
    assert me.cookie("portal") not in ("", planted["portal"])
    assert me.cookie("visitor") not in ("", planted["visitor"])
    owners = {one.owner for one in rows(site.services, BookingDraft)}
    assert crypto.digest(planted["visitor"]) not in owners
    assert crypto.digest(me.cookie("visitor")) in owners
    thief = browser()
    thief.has("portal", planted["portal"]).has("visitor", planted["visitor"])
    assert not thief.is_in()


def test_signing_in_again_ends_the_session_before(browser: Make, known: str) -> None:
    me, old = browser(), browser()
    me.signs_in(known)
    old.has("portal", me.cookie("portal"))
    me.signs_in(known)
    assert me.is_in()
    assert not old.is_in()


def test_another_browsers_sign_in_leaves_this_one_in(browser: Make, known: str) -> None:
    one, two = browser(), browser()
    one.signs_in(known)
    two.signs_in(known)
    assert one.is_in()
    assert two.is_in()


def test_a_sessions_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Make, known: str) -> None:
    answer = browser().signs_in(known)
    set_here = {one.split("=")[0]: one for one in answer.headers.get_list("set-cookie")}
    assert set_here.keys() == {"portal", "visitor"}
    for told in set_here.values():
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in told.split(";")}
        assert "Domain" not in told
    assert "Max-Age" not in set_here["portal"], "it goes with the browser"


@pytest.mark.parametrize("which", [VISITOR, PORTAL, STAFF])
def test_behind_tls_every_cookie_is_bound_to_the_host_and_travels_sealed(which: str) -> None:
    settings = Settings(_env_file=None, public_url="https://book.example.org")
    for told in (identity.cookie(settings, which, "t" * 43), identity.no_cookie(settings, which)):
        assert told.startswith(f"__Host-{which}=")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in told.split(";")}
        assert "Domain" not in told
    scope = {"headers": [(b"cookie", f"{which}={'t' * 43}".encode())]}
    assert identity.raw(scope, settings, which) is None, "one without the prefix may come from a neighbour"


def test_signing_out_ends_the_session_at_once_and_clears_the_browser(site: Site, browser: Make, known: str) -> None:
    me, copy = browser(), browser()
    me.signs_in(known)
    copy.has("portal", me.cookie("portal"))
    site.services.do(drafts.add_service, crypto.digest(me.cookie("visitor")), site.clinic["facial"])
    visitor = me.cookie("visitor")
    answer = me.post("/auth/sign-out")
    assert me.lands_under(answer, "/sign-in")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert me.cookie("portal") == ""
    assert me.cookie("visitor") not in ("", visitor)
    assert not copy.is_in()
    assert crypto.digest(visitor) not in {one.owner for one in rows(site.services, BookingDraft)}


def test_signing_out_everywhere_ends_the_others_too(browser: Make, known: str) -> None:
    one, two = browser(), browser()
    one.signs_in(known)
    two.signs_in(known)
    one.post("/auth/sign-out-everywhere")
    assert not one.is_in()
    assert not two.is_in()


def test_signing_out_without_being_in_is_harmless(browser: Make) -> None:
    me = browser()
    assert me.lands_under(me.post("/auth/sign-out"), "/sign-in")
    assert me.lands_under(me.post("/auth/sign-out-everywhere"), "/sign-in")


def test_a_session_revoked_elsewhere_is_refused_at_its_next_request(site: Site, browser: Make, known: str) -> None:
    me = browser()
    me.signs_in(known)
    assert me.is_in()
    site.services.do(lambda work: work.execute(update(table(AccountSession)).values(revoked_at=work.now)))
    answer = me.get("/portal/appointment.ics?ref=LMN-NONE00")
    assert me.lands_under(answer, "/sign-in")
    assert "why=signed_out" in answer.headers["location"]
    assert me.lands_under(me.post("/auth/password", current=PASSWORD, password=ANOTHER), "/sign-in")


def test_an_idle_session_is_over(site: Site, browser: Make, known: str) -> None:
    me = browser()
    me.signs_in(known)
    site.clock.advance(timedelta(minutes=site.settings.patient_idle_minutes, seconds=5))
    assert not me.is_in()


# ── where signing in leads ──

ELSEWHERE = [
    "//evil.example", "https://evil.example", "http:evil.example", "https:/evil.example", "/\\evil.example",
    "\\\\evil.example", "/portal/../..//evil.example", "/portal//evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "data:text/html,x", "%2f%2fevil.example", "/%2fevil.example", "/%5cevil.example",
    "/portal\r\nSet-Cookie: x=1", "/portal%0d%0aSet-Cookie:%20x=1", "/portal\nLocation: //evil.example",
    "\t//evil.example", " //evil.example", "/portal\t", "/book@evil.example", "/portal.evil.example", "/portalevil",
    "portal", ".evil.example", "@evil.example", ":80", "//[", "//[::1", "https://[evil",
    "/portal?next=//evil.example", "/portal#//evil.example", "/admin", "/auth/sign-out", "/demo",
    "\u2215\u2215evil.example", "/portal/\u202eevil", "x" * 400, "/portal/" + "x" * 400,
]  # fmt: skip


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_signing_in_leads_to_a_page_of_ours_whatever_the_link_said(browser: Make, known: str, onward: str) -> None:
    me = browser()
    for answer in (me.signs_in(known, "not the password at all", onward), me.signs_in(known, PASSWORD, onward)):
        assert me.lands_under(answer, "/portal", "/book", "/sign-in"), answer.headers["location"]
        assert "evil" not in answer.headers["location"].split("?")[0].replace("/portal/%0d", "")
        assert len(answer.headers.get_list("location")) == 1
        assert not [one for one in answer.headers.get_list("set-cookie") if one.startswith("x=")]


@pytest.mark.req("S24")
@pytest.mark.parametrize(
    "onward", ["/book", "/book/time", "/portal", "/portal/visit?ref=LMN-7Q4KXT", "/portal/settings#email"]
)
def test_a_page_of_ours_is_where_it_leads(browser: Make, known: str, onward: str) -> None:
    me = browser()
    assert me.signs_in(known, onward=onward).headers["location"] == onward


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_no_address_however_odd_breaks_the_choice(onward: str) -> None:
    assert safe_next(onward, "/portal").startswith(("/portal", "/book"))


# ── guessing passwords ──


def answers_alike(one: httpx.Response, two: httpx.Response) -> None:
    """Two answers that tell nothing apart."""
    assert one.status_code == two.status_code
    assert one.content == two.content
    assert _told(one) == _told(two)


def _told(answer: httpx.Response) -> dict[str, str]:
    told = {name: value for name, value in answer.headers.items() if name not in ("date", "set-cookie")}
    told["cookies"] = str(sorted(one.split("=")[0] for one in answer.headers.get_list("set-cookie")))
    return told


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(browser: Make, known: str) -> None:
    one, two = browser(), browser()
    answers_alike(
        one.signs_in(known, "not the password at all"), two.signs_in("nobody@example.org", "not the password")
    )
    assert one.sentence("sign-in") == two.sentence("sign-in")
    assert "do not go together" in one.sentence("sign-in")
    assert one.told("sign-in").typed == {"email": known}  # type: ignore[union-attr]


def test_the_password_is_kept_nowhere_when_it_is_refused(site: Site, browser: Make, known: str) -> None:
    secret = "guess-me-not-0815-or-never"
    me = browser()
    me.signs_in(known, secret)
    me.post("/auth/register", **filled_in("new-" + known, password=secret, phone="x", altcha=me.person("register")))
    assert secret not in str(everything(site.services))
    assert secret not in site.log.read_text()


@pytest.mark.parametrize("whose", ["known", "unknown"])
def test_an_account_is_guessed_at_so_often_and_then_even_the_right_password_waits(
    site: Site, browser: Make, known: str, whose: str
) -> None:
    target = known if whose == "known" else f"un{known}"
    told = []
    for _ in range(entry.WRONG_PER_ACCOUNT.times):
        me = browser()
        me.signs_in(target, "not the password at all")
        told.append(me.sentence("sign-in"))
    assert len(set(told)) == 1
    me = browser()
    assert me.lands_under(me.signs_in(target.upper() if whose == "unknown" else target), "/sign-in")
    assert (
        me.sentence("sign-in") == "Too many tries with this address. Please wait 15 minutes, or choose a new password."
    )
    assert not me.is_in()
    site.clock.advance(entry.WRONG_PER_ACCOUNT.within + timedelta(seconds=5))
    me.signs_in(target)
    assert me.is_in() is (whose == "known")


def test_one_network_address_may_try_so_often_whatever_a_header_says(site: Site, browser: Make, known: str) -> None:
    for n in range(entry.PER_ADDRESS.times - 1):
        site.services.do(entry.knock, f"p{n}@example.org", address="127.0.0.1")
    me = browser()
    me.client.headers["X-Forwarded-For"] = "6.6.6.6"
    me.signs_in(known, "not the password at all")
    me.client.headers["X-Forwarded-For"] = "7.7.7.7"
    me.signs_in(known)
    assert me.sentence("sign-in").startswith("Too many tries from your network. Please wait")
    assert not me.is_in()


def test_the_password_of_one_who_is_signed_in_is_guessed_at_so_often_too(browser: Make, known: str) -> None:
    """A browser left open must not be a place to try passwords at."""
    me = browser()
    me.signs_in(known)
    for n in range(entry.WRONG_PER_ACCOUNT.times):
        path = ("/auth/password", "/auth/email")[n % 2]
        me.post(path, current="not the password", password=ANOTHER, email=f"new-{known}")
        assert me.sentence("password" if n % 2 == 0 else "email").startswith("That is not your present password")
    me.post("/auth/password", current=PASSWORD, password=ANOTHER)
    assert me.sentence("password").startswith("Too many tries")


def test_asking_for_links_has_limits_and_the_answer_does_not_change(site: Site, browser: Make, known: str) -> None:
    before = len(rows(site.services, Link))
    told = []
    for _ in range(entry.MAIL_PER_EMAIL.times + 3):
        me = browser()
        me.post("/auth/forgot", email=known, altcha=me.person("forgot"))
        told.append(me.sentence("forgot"))
    assert len(set(told)) == 1
    assert len(rows(site.services, Link)) - before == entry.MAIL_PER_EMAIL.times


def test_one_network_address_asks_for_so_many_links_and_no_more(site: Site, browser: Make, known: str) -> None:
    for n in range(entry.MAIL_PER_ADDRESS.times):
        site.services.do(entry.mail_asked, f"p{n}@example.org", address="127.0.0.1")
    me = browser()
    me.post("/auth/forgot", email=known, altcha=me.person("forgot"))
    assert me.sentence("forgot").startswith("Too many requests from your network")
    me.post("/auth/register", **filled_in(f"new-{known}", altcha=me.person("register")))
    assert me.sentence("register").startswith("Too many requests from your network")
    me.post("/auth/send-again", email=known)
    assert me.sentence("register/sent").startswith("Too many requests from your network")


# ── who has an account ──


@pytest.mark.req("S20")
def test_registering_with_a_known_address_is_answered_like_any_other(site: Site, browser: Make, known: str) -> None:
    one, two = browser(), browser()
    answers_alike(
        one.post("/auth/register", **filled_in(known, altcha=one.person("register"))),
        two.post("/auth/register", **filled_in(f"new-{known}", altcha=two.person("register"))),
    )
    assert one.sentence("register/sent") == two.sentence("register/sent") == "A link is on its way to you."
    assert {one.purpose for one in rows(site.services, Link)[-2:]} == {Purpose.KNOWN, Purpose.REGISTER}


@pytest.mark.parametrize(
    ("path", "form"),
    [("/auth/forgot", "forgot"), ("/auth/send-again", "register/sent"), ("/auth/staff/forgot", "staff-forgot")],
)
def test_asking_for_a_link_is_answered_alike_for_known_and_unknown_addresses(
    site: Site, browser: Make, known: str, path: str, form: str
) -> None:
    from tests.factories import staff

    staff(site.services)
    one, two = browser(), browser()
    first = "owner@lumen.example" if "staff" in path else known
    answers_alike(
        one.post(path, email=first, altcha=one.person(form)),
        two.post(path, email="no@example.org", altcha=two.person(form)),
    )
    assert one.sentence(form) == two.sentence(form)


@pytest.fixture(scope="module")
def costly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose hashes cost enough to be measured through everything else."""
    made = Site(tmp_path_factory.mktemp("costly"), password_cost=11)
    made.start()
    yield made
    made.kill()


def test_no_account_and_a_wrong_password_take_the_same_time(costly: Site) -> None:
    """Medians of turns taken one after the other; an answer without a hash would be many times as quick."""
    joins(costly, "measured@example.org")
    me = Browser(costly)
    taken: dict[str, list[float]] = {"measured@example.org": [], "nobody@example.org": []}
    for turn in range(14):
        for whose in sorted(taken, reverse=bool(turn % 2)):
            answer = me.person("sign-in")
            begin = time.perf_counter()
            me.post("/auth/sign-in", email=whose, password=f"guess {turn} of many", altcha=answer)
            taken[whose].append(time.perf_counter() - begin)
            costly.services.do(lambda work: work.execute(table(_attempt()).delete()))
    first, second = (statistics.median(one) for one in taken.values())
    me.close()
    assert 0.67 < first / second < 1.5, taken
    hashing = _seconds(lambda: passwords.matches(costly.settings, "guess", None))
    assert min(first, second) > hashing * 0.6, "no hash was made: the comparison shows nothing"


def _attempt() -> Any:
    from clinic_portal.accounts.models import Attempt

    return Attempt


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


# ── links ──


def test_a_link_is_good_for_its_purpose_once_and_for_a_while(site: Site, browser: Make, known: str) -> None:
    me = browser()
    site.services.do(entry.forgot, known, address="x")
    token = newest_link(site, Purpose.RESET)
    for other in ("/auth/confirm", "/auth/activate", "/auth/confirm-email", "/auth/staff/join"):
        me.post(other, token=token, password=ANOTHER)
    for broken in (
        "",
        token[:-1],
        token[:32],
        token.upper(),
        f"{token}0",
        f"{token} ",
        "0" * 64,
        "x" * 64,
        "\u0660" * 64,
    ):
        me.post("/auth/reset", token=broken, password=ANOTHER)
        assert me.sentence("reset").startswith("It was used already or is too old"), broken
    me.signs_in(known)
    assert me.is_in(), "nothing above has changed the password"
    assert me.lands_under(me.post("/auth/reset", token=token, password=ANOTHER), "/sign-in")
    assert not me.is_in(), "everybody was signed out"
    me.post("/auth/reset", token=token, password="yet another sentence of mine")
    assert me.sentence("reset").startswith("It was used already")
    me.signs_in(known, ANOTHER)
    assert me.is_in()


@pytest.mark.req("S11")
@pytest.mark.parametrize(
    ("path", "purpose", "form"),
    [
        ("/auth/confirm", Purpose.REGISTER, "confirm"),
        ("/auth/activate", Purpose.ACTIVATE, "welcome"),
        ("/auth/reset", Purpose.RESET, "reset"),
        ("/auth/confirm-email", Purpose.CHANGE_EMAIL, "new-email"),
        ("/auth/staff/join", Purpose.INVITE, "join"),
        ("/auth/staff/join", Purpose.STAFF_RESET, "join"),
    ],
)
def test_every_link_ends_by_time_and_by_use_and_opens_no_other_door(
    site: Site, browser: Make, email: str, path: str, purpose: Purpose, form: str
) -> None:
    me = browser()
    others = {"/auth/confirm", "/auth/activate", "/auth/reset", "/auth/confirm-email", "/auth/staff/join"} - {path}
    token = asked_for(site, me, purpose, email)
    for other in others:
        me.post(other, token=token, password=ANOTHER, phone="(512) 555-0142")
    site.clock.advance(links.LASTS[purpose] + timedelta(seconds=5))
    before = accounts(site)
    me.post(path, token=token, password=ANOTHER, phone="(512) 555-0142")
    assert me.sentence(form).startswith("It was used already or is too old")
    assert accounts(site) == before
    token = asked_for(site, me, purpose, f"again-{email}")
    me.post(path, token=token, password=ANOTHER, phone="(512) 555-0142")
    used = accounts(site)
    assert used != before, "the control: in time, and for its own purpose, it does something"
    other = browser()
    other.post(path, token=token, password="yet another sentence of mine", phone="(512) 555-0142")
    assert other.sentence(form).startswith("It was used already or is too old")
    assert accounts(site) == used


def accounts(site: Site) -> list[tuple[Any, ...]]:
    from clinic_portal.accounts.models import Staff as Member

    found = [(one.email, one.password_hash) for one in (*rows(site.services, Account), *rows(site.services, Member))]
    return [*found, *((one.id, one.account_id, one.email) for one in rows(site.services, Patient))]


def asked_for(site: Site, me: Browser, purpose: Purpose, email: str) -> str:
    """The token of a link that someone has truly asked for."""
    from clinic_portal.accounts import staff as people
    from tests.factories import staff

    do = site.services.do
    if purpose is Purpose.REGISTER:
        me.post("/auth/register", **filled_in(email, altcha=me.person("register")))
    elif purpose is Purpose.ACTIVATE:
        site.clinic.settings(activation_email_enabled=False)
        hour = f"{next(_hours)}:00"
        day = site.clock.now().date() + timedelta(days=8)
        who = booked(
            site.clinic, f"browser of {email}", day, hour, "hair", email=email, phone=f"+1512557{hour[:2]:0>4}"
        )
        from clinic_portal.booking.queries import visit

        do(joining.welcome, site.services.ask(visit, who.appointment_id).patient_id, again=True)
    elif purpose is Purpose.RESET:
        joins(site, email)
        do(entry.forgot, email, address="x")
    elif purpose is Purpose.CHANGE_EMAIL:
        do(entry.begin_email_change, joins(site, email).actor.account_id, f"new-{email}", address="x")
    elif purpose is Purpose.INVITE:
        do(people.invite, staff(site.services).actor, email=email, name="New One", role="read_only")
    else:
        staff(site.services, "front_desk", email=email)
        do(people.forgot, email, address="x")
    return newest_link(site, purpose)


@pytest.mark.req("S19")
def test_a_registration_lets_nobody_in_before_its_link_is_used(site: Site, browser: Make, email: str) -> None:
    me = browser()
    me.post("/auth/register", **filled_in(email, altcha=me.person("register")))
    me.signs_in(email)
    assert "not confirmed yet" in me.sentence("sign-in")
    assert not me.is_in()
    assert me.lands_under(me.post("/auth/confirm", token=newest_link(site, Purpose.REGISTER)), "/portal")
    assert me.is_in()


def test_a_registration_made_in_anothers_name_is_confirmed_by_no_mere_click(
    site: Site, browser: Make, email: str
) -> None:
    """Mallory registers Amara's address with a password of his own; Amara presses the button in her browser."""
    mallory, amara = browser(), browser()
    mallory.post("/auth/register", **filled_in(email, altcha=mallory.person("register")))
    token = newest_link(site, Purpose.REGISTER)
    for typed in ("", ANOTHER):
        amara.post("/auth/confirm", token=token, password=typed)
        assert amara.sentence("confirm").startswith("That is not the password you chose")
    assert not amara.is_in()
    mallory.signs_in(email)
    assert not mallory.is_in()


def test_a_link_changes_the_account_it_was_made_for_whoever_is_signed_in_here(
    site: Site, browser: Make, known: str, email: str
) -> None:
    me = browser()
    other = f"other-{known}"
    joins(site, other)
    me.signs_in(known)
    site.services.do(entry.forgot, other, address="x")
    me.post("/auth/reset", token=newest_link(site, Purpose.RESET), password=ANOTHER)
    assert site.services.ask(entry.credentials, known) is not None
    me.signs_in(known, ANOTHER)
    assert not me.is_in()
    me.signs_in(known)
    assert me.is_in()


def test_changing_the_address_to_one_that_is_taken_is_told_to_nobody_before_it_is_proved(
    site: Site, browser: Make, known: str
) -> None:
    me = browser()
    other = f"other-{known}"
    joins(site, other)
    me.signs_in(known)
    told = []
    for wanted in (other, f"free-{known}"):
        me.post("/auth/email", current=PASSWORD, email=wanted)
        told.append(me.sentence("email"))
    assert len(set(told)) == 1
    assert site.services.ask(entry.credentials, known) is not None


def test_a_changed_password_ends_the_links_and_sessions_there_were(site: Site, browser: Make, known: str) -> None:
    me, other = browser(), browser()
    me.signs_in(known)
    other.signs_in(known)
    site.services.do(entry.forgot, known, address="x")
    token = newest_link(site, Purpose.RESET)
    me.post("/auth/password", current=PASSWORD, password=ANOTHER)
    assert me.sentence("password").startswith("Your new password is kept")
    assert me.is_in()
    assert not other.is_in()
    other.post("/auth/reset", token=token, password="yet another sentence of mine")
    assert other.sentence("reset").startswith("It was used already")


# ── what is another's ──


def test_the_calendar_file_of_anothers_visit_is_like_one_that_never_was(site: Site, browser: Make, known: str) -> None:
    day = site.clock.now().date() + timedelta(days=9)
    theirs = booked(site.clinic, "browser of another", day, "10:00", "facial", email="victim@example.org")
    me = browser()
    me.signs_in(known)
    other = me.get(f"/portal/appointment.ics?ref={theirs.reference}")
    answers_alike(other, me.get("/portal/appointment.ics?ref=LMN-NONE00"))
    assert other.status_code == 404
    for odd in (
        "",
        "x" * 500,
        "%00",
        "' OR 1=1 --",
        "../../etc/passwd",
        theirs.reference.lower(),
        f"{theirs.reference}%20",
    ):
        assert me.get(f"/portal/appointment.ics?ref={odd}").status_code == 404, odd
    assert me.get(f"/portal/appointment.ics?ref={theirs.reference}&ref=LMN-NONE00").status_code == 404


def test_a_private_calendar_is_found_by_its_whole_address_alone_and_no_more_once_revoked(
    site: Site, browser: Make, known: str
) -> None:
    me, nobody = patient(site.services, known), browser()
    site.services.do(profile.start_feed, me.actor.tag, me.actor.patient_id)
    token = site.services.ask(profile.feed_token, me.actor.patient_id)
    assert token
    assert nobody.get(f"/calendar/{token}/visits.ics").status_code == 200
    missing = nobody.get(f"/calendar/{'0' * 64}/visits.ics")
    for wrong in (token[:-1], token.upper(), f"{token[:-1]}g", f"{token}0", "%00", "..%2f..", "1", "x" * 3000):
        answer = nobody.get(f"/calendar/{wrong}/visits.ics")
        assert answer.status_code in (404, 414), wrong
    site.services.do(profile.start_feed, me.actor.tag, me.actor.patient_id)
    answers_alike(nobody.get(f"/calendar/{token}/visits.ics"), missing)
    again = site.services.ask(profile.feed_token, me.actor.patient_id)
    site.services.do(profile.stop_feed, me.actor.tag, me.actor.patient_id)
    answers_alike(nobody.get(f"/calendar/{again}/visits.ics"), missing)


def test_no_address_or_number_that_was_typed_stands_in_the_log(site: Site, browser: Make, known: str) -> None:
    me = browser()
    me.signs_in(known, "not the password at all")
    me.post("/auth/register", **filled_in(f"new-{known}", phone="(512) 555-0199", altcha=me.person("register")))
    me.post("/auth/forgot", email=known, altcha=me.person("forgot"))
    log = site.log.read_text()
    for secret in (known, "555-0199", "5125550199", PASSWORD, "Traceback", "fault E-"):
        assert secret not in log
