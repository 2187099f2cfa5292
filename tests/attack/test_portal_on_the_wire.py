"""The portal's and the staff's handlers, called over a raw socket by those they are not for."""

from __future__ import annotations

import inspect
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from reflex_base.registry import RegistrationContext

import clinic_portal.clinic_portal
from clinic_portal.accounts import sessions
from clinic_portal.accounts.models import AccountSession, Staff
from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import queries
from clinic_portal.booking.models import Appointment
from clinic_portal.core.audit import AuditEntry
from clinic_portal.forms.models import FormRequest
from clinic_portal.memberships.models import Membership
from clinic_portal.patients import history, profile
from clinic_portal.patients.models import HistoryEntry, Patient
from clinic_portal.web.gate import HALFWAY, PATIENT, STAFF, marker
from tests.attack.attacker import JUNK, ROOT_STATE, Attacker, told
from tests.factories import SignedIn, booked, everything, minute, patient, rows, staff
from tests.site import Site
from tests.wallet_kit import gives

assert clinic_portal.clinic_portal.app
WEB = f"{ROOT_STATE}.clinic_portal___web___"
HANDLERS = sorted(
    name
    for name in RegistrationContext.get().event_handlers
    if name.startswith(WEB) and not name.endswith(".setvar") and "___booking___" not in name.split("settings")[0]
)
PATIENTS = [name for name in HANDLERS if marker(name) is PATIENT]
STAFFS = [name for name in HANDLERS if marker(name) in (STAFF, HALFWAY) or isinstance(marker(name), Permission)]
TOUCHED = ("account_session", "form_note", "booking_draft", "draft_item")
"""What a sign of life, or a page that opens, may write for the caller themselves."""
_numbers = count(1)
_times = iter([(date(2026, 11, 27) + timedelta(days=n), f"{hour}:00") for hour in (9, 11, 13, 15) for n in range(24)])
Call = tuple[str, dict[str, Any], str]


def arguments(name: str) -> list[str]:
    handler = RegistrationContext.get().event_handlers[name].handler.fn
    return [one for one in inspect.signature(handler).parameters if one != "self"]


def short(handler: str) -> str:
    return f"{WEB}{handler}"


@dataclass
class Victim:
    """A patient with a visit, a medical history, a wallet, a calendar's address and two browsers."""

    me: SignedIn
    email: str
    phone: str
    reference: str
    item: str
    feed: str
    other_browser: SignedIn

    @property
    def secrets(self) -> list[str]:
        """What nobody else may ever be told."""
        dialled = f"{self.phone[2:5]}) {self.phone[5:8]}-{self.phone[8:]}"
        return [
            "Quellmalz", "kumquat-preserve", "Elderflower Row", self.email, self.phone, dialled, self.item, self.feed,
            self.me.cookie, self.me.digest, "quince-salve", "wisteria-reason",
        ]  # fmt: skip


@pytest.fixture
def victim(site: Site) -> Victim:
    n = next(_numbers)
    email, phone = f"victim{n}@example.org", f"+1512555{7300 + n}"
    visit = booked(
        site.clinic, f"victim's {n}", *next(_times), "peel", email=email, phone=phone, name=("Vera", "Quellmalz"),
    )  # fmt: skip
    me = patient(site.services, email, phone=phone)
    other = patient(site.services, email, phone=phone)
    do, who = site.services.do, me.actor
    item = do(
        history.record, who.tag, who.patient_id, "allergy",
        {"name": "kumquat-preserve", "reaction": "hives", "severity": "severe"},
    )  # fmt: skip
    do(profile.start_feed, who.tag, who.patient_id)
    do(
        lambda work: (
            setattr(work.session.get_one(Patient, who.patient_id), "street", "7 Elderflower Row")
            or work.session.flush()
        )
    )
    feed = site.services.ask(profile.feed_token, who.patient_id)
    assert feed
    site.clinic.settings(is_wallet_shown=True)
    gives(site.services, who.patient_id, what="product", product="quince-salve", count="1", reason="wisteria-reason")
    return Victim(me, email, phone, visit.reference, item, feed, other)


@pytest.fixture
def thief(site: Site) -> SignedIn:
    """Another patient, with a portal of their own and nothing in it."""
    n = next(_numbers)
    return patient(site.services, f"thief{n}@example.org", phone=f"+1512555{7600 + n}")


def foreign(site: Site, victim: Victim) -> dict[str, list[Any]]:
    """What somebody who means no good would put into an argument, by its name."""
    owner = next(one.id for one in rows(site.services, Staff) if one.role == "owner")
    sessions_of_others = [victim.me.actor.session_id, victim.other_browser.actor.session_id]
    return {
        "item": [victim.item],
        "version": [1],
        "session_id": sessions_of_others,
        "staff_id": [owner],
        "row_id": [site.clinic["lena"], 1],
        "key": [str(minute(date(2026, 12, 3), "14:00")), "link"],
        "iso": ["2026-12-03"],
        "days": [1],
        "months": [1],
        "kind": ["allergy"],
        "what": ["credit", "hand", "item"],
        "is_on": [True],
        "holiday_id": [1],
        "off_id": [1],
        "form": [FORM],
    }


FORM = {
    "q": "Vera", "given_name": "Mallory", "family_name": "Stone", "language": "de", "new_phone": "(512) 555-9999",
    "code": "000000", "wants_email": "", "name": "Changed", "email": "changed@example.org", "role": "owner",
    "text": "Changed", "free_hours": "1", "fee_percent": "100", "provider": "1", "location": "1", "on": "2026-12-03",
    "reaction": "changed", "severity": "mild", "amount": "1", "count": "1", "reason": "changed", "how": "gift",
}  # fmt: skip


def calls(site: Site, victim: Victim, names: Iterable[str]) -> list[Call]:
    """Every handler with everything foreign in its arguments, on pages about the victim's visit."""
    known = defaultdict(lambda: [1], foreign(site, victim))
    staffs = f"/admin/patient?id={victim.me.actor.patient_id}&q=Vera"
    made = []
    for name in names:
        path = f"/portal/visit?ref={victim.reference}" if marker(name) is PATIENT else staffs
        for n in range(max([1, *(len(known[one]) for one in arguments(name))])):
            made.append((name, {one: known[one][n % len(known[one])] for one in arguments(name)}, path))
    return made


async def sweep(site: Site, wanted: list[Call], **who: str) -> str:
    """Make all of these calls; all that came back."""
    heard = ""
    for n in range(0, len(wanted), 60):
        async with Attacker(site.url, **{"cookie": secrets.token_urlsafe(32), **who}) as attacker:  # type: ignore[arg-type]
            for name, payload, path in wanted[n : n + 60]:
                await attacker._emit(name, payload, path)
            heard += told(await attacker.listen(0.6))
            assert attacker.is_connected
    return heard


def tells_nothing(heard: str, victim: Victim) -> None:
    for secret in victim.secrets:
        assert secret not in heard, heard[max(0, heard.index(secret) - 300) :][:600]


def test_there_are_handlers_to_try() -> None:
    assert len(PATIENTS) > 30
    assert len(STAFFS) > 60


# ── those who are not let in at all ──


@pytest.fixture
def owner(site: Site) -> SignedIn:
    return staff(site.services, "owner")


@pytest.mark.parametrize("caller", ["nobody", "signed out", "made up", "the other kind"])
async def test_whoever_is_not_signed_in_gets_nothing_and_changes_nothing(
    site: Site, victim: Victim, thief: SignedIn, owner: SignedIn, caller: str
) -> None:
    gone, left = patient(site.services, "gone@example.org", phone="+15125557999"), staff(site.services, "owner")
    for one in (gone, left):
        site.services.do(sessions.end, one.actor.session_id)
    who = {
        "nobody": {},
        "signed out": {"portal": gone.cookie, "staff": left.cookie},
        "made up": {"portal": "p" * 43, "staff": victim.me.digest[:43]},
        "the other kind": {"portal": owner.cookie, "staff": victim.me.cookie},
    }[caller]
    before = everything(site.services)
    heard = await sweep(site, calls(site, victim, PATIENTS + STAFFS), **who)
    tells_nothing(heard, victim)
    for staffs in ("owner@lumen.example", "fee_percent", "Never logged in"):
        assert staffs not in heard
    assert everything(site.services) == before


# ── another patient ──


async def test_another_patient_reaches_nothing_of_anyones(site: Site, victim: Victim, thief: SignedIn) -> None:
    before = of_others(site, thief)
    heard = await sweep(site, calls(site, victim, PATIENTS), portal=thief.cookie)
    tells_nothing(heard, victim)
    assert "We could not find that" in heard
    assert of_others(site, thief) == before


async def test_the_same_calls_by_the_patient_themselves_are_answered(site: Site, victim: Victim) -> None:
    """The control: what was refused above is there to be had."""
    enters = [name for name in PATIENTS if name.endswith(".enter")]
    heard = await sweep(site, calls(site, victim, enters), portal=victim.me.cookie)
    for mine in ("kumquat-preserve", "Elderflower Row", victim.email, victim.feed, "Chemical peel"):
        assert mine in heard, mine


async def test_a_visit_of_anothers_is_neither_moved_nor_cancelled_from_a_page_opened_on_ones_own(
    site: Site, victim: Victim, thief: SignedIn
) -> None:
    """The page holds one's own visit; then the address it says it is at changes."""
    n = next(_numbers)
    account = site.services.ask(profile.own, thief.actor.patient_id)
    mine = booked(
        site.clinic, f"thief's browser {n}", *next(_times), "facial",
        email=account.email, phone=account.phone,
    )  # fmt: skip
    page, move = short("portal___visit____visit_page"), short("portal___move____move")
    before = of_others(site, thief)
    async with Attacker(site.url, portal=thief.cookie, cookie="v" * 43) as attacker:
        heard = await attacker.send(f"{page}.enter", path=f"/portal/visit?ref={mine.reference}")
        assert "Hydrating facial" in told(heard), "the control"
        at_anothers = f"/portal/visit?ref={victim.reference}"
        heard = []
        for name in ("ask_to_cancel", "enter", "keep"):
            heard += await attacker.send(f"{page}.{name}", path=at_anothers)
        heard += await attacker.send(f"{move}.enter", path=at_anothers)
        for name, payload in (("choose_day", {"iso": "2026-12-20"}), ("choose_time", {"key": "29700000"})):
            heard += await attacker.send(f"{move}.{name}", payload, path=at_anothers)
        heard += await attacker.send(f"{move}.confirm", path=at_anothers)
    tells_nothing(told(heard), victim)
    assert "Chemical peel" not in told(heard)
    assert of_others(site, thief) == before


@pytest.mark.parametrize("reference", ["theirs", "none at all", "junk"])
async def test_anothers_visit_looks_like_one_that_never_was(
    site: Site, victim: Victim, thief: SignedIn, reference: str
) -> None:
    path = {"theirs": victim.reference, "none at all": "LMN-NONE00", "junk": "%27%20OR%201=1"}[reference]
    page = short("portal___visit____visit_page")
    async with Attacker(site.url, portal=thief.cookie, cookie="v" * 43) as attacker:
        heard = await attacker.send(f"{page}.enter", path=f"/portal/visit?ref={path}")
    (delta,) = [one["delta"][page] for one in heard if page in (one.get("delta") or {})]
    assert {name: value for name, value in delta.items() if value not in ("", False, 0, [])} == {
        "is_missing_rx_state_": True
    }


async def test_what_anothers_browser_is_called_cannot_be_ended_by_number(
    site: Site, victim: Victim, thief: SignedIn, owner: SignedIn
) -> None:
    page = short("portal___settings____settings_page")
    numbers = [one.id for one in rows(site.services, AccountSession) if one.id != thief.actor.session_id]
    wanted: list[Call] = [(f"{page}.end_device", {"session_id": n}, "/portal/settings") for n in numbers[-50:]]
    await sweep(site, wanted, portal=thief.cookie)
    desk = staff(site.services, "read_only")
    account = short("admin___account____account")
    wanted = [
        (f"{account}.end_device", {"session_id": n}, "/admin/account")
        for n in numbers[-50:]
        if n != desk.actor.session_id
    ]
    await sweep(site, wanted, staff=desk.cookie)
    ended = {one.id for one in rows(site.services, AccountSession) if one.revoked_at is not None}
    assert not ended & {victim.me.actor.session_id, victim.other_browser.actor.session_id, owner.actor.session_id}


def of_others(site: Site, thief: SignedIn) -> dict[str, Any]:
    """Everything but what belongs to the thief themselves."""
    mine = thief.actor.patient_id
    found: dict[str, Any] = everything(
        site.services,
        but=(
            *TOUCHED,
            "patient",
            "history_entry",
            "audit_entry",
            "attempt",
            "one_time_code",
            "membership",
            "form_request",
        ),
    )
    for one in (Membership, FormRequest):  # whoever asks for it begins to join, and is asked to sign
        found[one.__name__] = [row.model_dump() for row in rows(site.services, one) if row.patient_id != mine]
    found["patients"] = [one.model_dump() for one in rows(site.services, Patient) if one.id != mine]
    found["history"] = [one.model_dump() for one in rows(site.services, HistoryEntry) if one.patient_id != mine]
    found["sessions"] = [
        (one.id, one.revoked_at)
        for one in rows(site.services, AccountSession)
        if one.subject_id != thief.actor.account_id
    ]
    return found


# ── patients at the staff's handlers, and staff beyond their role ──


async def test_a_patient_gets_nothing_from_the_staffs_handlers(
    site: Site, victim: Victim, thief: SignedIn, owner: SignedIn
) -> None:
    before = everything(site.services, but=TOUCHED)
    heard = await sweep(site, calls(site, victim, STAFFS), portal=thief.cookie)
    tells_nothing(heard, victim)
    assert "owner@lumen.example" not in heard
    assert everything(site.services, but=TOUCHED) == before


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["read_only", "provider", "front_desk"])
async def test_staff_change_and_learn_nothing_beyond_their_role(
    site: Site, victim: Victim, owner: SignedIn, role: str
) -> None:
    who = staff(site.services, role)
    beyond = [name for name in STAFFS if isinstance(mark := marker(name), Permission) and not who.actor.may(mark)]
    assert len(beyond) > 20
    before = everything(site.services, but=TOUCHED)
    heard = await sweep(site, calls(site, victim, beyond), staff=who.cookie)
    tells_nothing(heard, victim)
    assert "owner@lumen.example" not in heard
    assert "not_permitted" in heard
    assert everything(site.services, but=TOUCHED) == before


@pytest.mark.req("P15")
@pytest.mark.parametrize(("role", "may"), [("read_only", False), ("front_desk", False), ("provider", True)])
async def test_a_medical_history_opens_for_those_who_may_read_it_and_that_is_in_the_log(
    site: Site, victim: Victim, role: str, may: bool
) -> None:
    who, page = staff(site.services, role), short("admin___chart___state____patient_page")
    path = f"/admin/patient?id={victim.me.actor.patient_id}"
    before = len([one for one in rows(site.services, AuditEntry) if one.action == "chart.read"])
    async with Attacker(site.url, staff=who.cookie, cookie="v" * 43) as attacker:
        entered = told(await attacker.send(f"{page}.enter", path=path))
        opened = told(await attacker.send(f"{page}.open_chart", path=path))
    assert "Quellmalz" in entered, "the control: the page itself is open to them"
    assert "kumquat-preserve" not in entered
    assert ("kumquat-preserve" in opened) is may
    read = [one for one in rows(site.services, AuditEntry) if one.action == "chart.read"]
    assert len(read) - before == may


@pytest.mark.req("P15")
async def test_an_owner_is_answered_by_the_same_handlers(site: Site, victim: Victim, owner: SignedIn) -> None:
    """The control."""
    enters = [name for name in STAFFS if name.endswith(".enter")]
    heard = await sweep(site, calls(site, victim, enters), staff=owner.cookie)
    for told_to_owners in ("owner@lumen.example", victim.email):
        assert told_to_owners in heard, told_to_owners


async def test_halfway_in_no_handler_of_the_staffs_answers(site: Site, victim: Victim, owner: SignedIn) -> None:
    from clinic_portal.accounts import staff as people

    known = site.services.ask(people.credentials, "owner@lumen.example")
    assert known is not None
    how = {"device": "x", "address": "x", "is_second_factor_required": True}
    token, _ = site.services.do(people.entered, known, **how)
    before = everything(site.services, but=TOUCHED)
    heard = await sweep(site, calls(site, victim, [one for one in STAFFS if marker(one) is not HALFWAY]), staff=token)
    tells_nothing(heard, victim)
    assert "owner@lumen.example" not in heard
    assert everything(site.services, but=TOUCHED) == before


# ── signed out meanwhile, and stolen pages ──


async def test_a_patient_signed_out_elsewhere_gets_and_changes_nothing_on_the_page_still_open(
    site: Site, victim: Victim
) -> None:
    path = f"/portal/visit?ref={victim.reference}"
    page = short("portal___visit____visit_page")
    async with Attacker(site.url, portal=victim.me.cookie, cookie="v" * 43) as attacker:
        assert "Chemical peel" in told(await attacker.send(f"{page}.enter", path=path))
        await attacker.send(f"{page}.ask_to_cancel", path=path)
        site.services.do(sessions.end, victim.me.actor.session_id)
        before = everything(site.services)
        for name, payload, where in calls(site, victim, PATIENTS):
            await attacker._emit(name, payload, where)
        attacker.answers.clear()
        heard = told(await attacker.listen(0.6))
    tells_nothing(heard, victim)
    assert "/sign-in?why=signed_out" in heard
    assert everything(site.services) == before
    assert "booked" in {one.status for one in rows(site.services, Appointment) if one.reference == victim.reference}


async def test_staff_switched_off_meanwhile_change_nothing_on_the_page_still_open(
    site: Site, victim: Victim, owner: SignedIn
) -> None:
    from clinic_portal.accounts import staff as people

    second = staff(site.services, "owner", email=f"second{next(_numbers)}@lumen.example")
    async with Attacker(site.url, staff=second.cookie, cookie="v" * 43) as attacker:
        assert "owner@lumen.example" in told(await attacker.send(short("admin___settings___team____team.enter")))
        site.services.do(people.switch, owner.actor, second.actor.staff_id, is_active=False)
        before = everything(site.services)
        for name, payload, where in calls(site, victim, STAFFS):
            await attacker._emit(name, payload, where)
        attacker.answers.clear()
        heard = told(await attacker.listen(0.6))
    tells_nothing(heard, victim)
    assert "/admin/sign-in?why=signed_out" in heard
    assert everything(site.services) == before


@pytest.mark.parametrize("with_cookie", ["none", "a new one", "another patient's", "the visitor's alone", "a staff's"])
async def test_a_page_stolen_with_its_token_shows_nothing_to_another_cookie(
    site: Site, victim: Victim, thief: SignedIn, owner: SignedIn, with_cookie: str
) -> None:
    token, visitor = f"stolen-{next(_numbers)}", secrets.token_urlsafe(32)
    enters = [name for name in PATIENTS if name.endswith(".enter")]
    async with Attacker(site.url, portal=victim.me.cookie, cookie=visitor, token=token) as mine:
        for name in enters:
            await mine._emit(name, {}, f"/portal/visit?ref={victim.reference}")
        assert "kumquat-preserve" in told(await mine.listen(0.6))
    who: dict[str, str] = {
        "none": {},
        "a new one": {"cookie": secrets.token_urlsafe(32)},
        "another patient's": {"portal": thief.cookie, "cookie": secrets.token_urlsafe(32)},
        "the visitor's alone": {"cookie": visitor},
        "a staff's": {"staff": owner.cookie, "cookie": visitor},
    }[with_cookie]
    async with Attacker(site.url, token=token, **who) as stolen:  # type: ignore[arg-type]
        heard = await stolen.send(f"{ROOT_STATE}.hydrate", path="/portal")
        for name in enters:
            await stolen._emit(name, {}, "/portal")
        await stolen._emit(short("portal___base____portal.dismiss_notice"), {}, "/portal")
        await stolen._emit(short("me____me.enter"), {}, "/portal")
        heard = [*heard, *await stolen.listen(0.6)]
    tells_nothing(told(heard), victim)


async def test_what_a_page_is_told_names_no_cookie_no_digest_and_no_row_but_its_own(site: Site, victim: Victim) -> None:
    heard = await sweep(
        site, calls(site, victim, [n for n in PATIENTS if n.endswith(".enter")]), portal=victim.me.cookie
    )
    for never in (victim.me.cookie, victim.me.digest, "password_hash", "token_digest", "email_key", "feed_digest"):
        assert never not in heard


# ── junk from those who are signed in ──

MORE_JUNK: list[Any] = [*JUNK, 2**53 - 1, "9007199254740991", "2200-12-31", "2000-01-01", "'", "ORDER BY 1", {"q": "%"}]
MARKER = "leak-me-not-4712"


async def junk(site: Site, names: list[str], **who: str) -> None:
    for name in names:
        wanted = arguments(name)
        if not wanted:
            continue
        async with Attacker(site.url, cookie=secrets.token_urlsafe(32), **who) as attacker:  # type: ignore[arg-type]
            opening = [one for one in names if one.rpartition(".")[0] == name.rpartition(".")[0]]
            for one in opening:
                if one.endswith(".enter"):
                    await attacker._emit(one, {}, "/portal/settings")
            for value in [*MORE_JUNK, MARKER, dict.fromkeys(FORM, MARKER), {name: ["x"] for name in FORM}]:
                await attacker._emit(name, dict.fromkeys(wanted, value), f"/portal?ref={MARKER}")
            await attacker.listen(0.15)
            assert attacker.is_connected, name


def log_is_clean(site: Site, *more: str) -> None:
    log = site.log.read_text()
    faults = {line.partition(": ")[2] for line in log.splitlines() if line.startswith("fault E-")}
    assert not faults, "\n".join(sorted(faults))
    for sign in (MARKER, "DROP TABLE", "<script>", "Traceback", *more):
        assert sign not in log, log[max(0, log.index(sign) - 500) :][:1500]


async def test_junk_from_a_patient_breaks_nothing_and_is_not_logged(site: Site, thief: SignedIn) -> None:
    before = of_others(site, thief)
    n = next(_numbers)
    account = site.services.ask(profile.own, thief.actor.patient_id)
    mine = booked(
        site.clinic, f"browser of junk {n}", *next(_times), "facial",
        email=account.email, phone=account.phone,
    )  # fmt: skip
    await junk(site, PATIENTS, portal=thief.cookie)
    async with Attacker(site.url, portal=thief.cookie, cookie="v" * 43) as attacker:
        move = short("portal___move____move")
        for value in MORE_JUNK:
            await attacker._emit(f"{move}.enter", {}, f"/portal/visit/move?ref={mine.reference}")
            for name in ("choose_time", "confirm", "choose_day", "turn_month"):
                payload = dict.fromkeys(arguments(f"{move}.{name}"), value)
                await attacker._emit(f"{move}.{name}", payload, "/portal/visit/move")
            await attacker.listen(0.1)
    assert site.services.ask(queries.visit, mine.appointment_id).sequence == 0
    log_is_clean(site)
    assert of_others(site, thief)["patients"] == before["patients"]


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Site]:
    """A site of its own: an owner may empty a week, and a form without a field says just that."""
    made = Site(tmp_path)
    made.start()
    yield made
    made.kill()


async def test_junk_from_an_owner_breaks_nothing_and_is_not_logged(apart: Site) -> None:
    owner = staff(apart.services, "owner")
    team = [one.model_dump() for one in rows(apart.services, Staff)]
    await junk(apart, STAFFS, staff=owner.cookie)
    log_is_clean(apart)
    assert [one.model_dump() for one in rows(apart.services, Staff)] == team
    assert httpx.get(f"{apart.url}/book").status_code == 200


async def test_the_log_holds_nothing_that_was_typed(site: Site, victim: Victim, owner: SignedIn) -> None:
    """Of all that was done above and here."""
    search = short("admin___base____desk.search")
    async with Attacker(site.url, staff=owner.cookie, cookie="v" * 43) as attacker:
        await attacker.send(search, {"form": {"q": victim.email}}, path="/admin")
    async with Attacker(site.url, portal=victim.me.cookie, cookie="v" * 43) as attacker:
        page = short("portal___profile____profile_page")
        await attacker.send(f"{page}.enter", path="/portal/profile")
        form = {
            "given_name": "Vera",
            "family_name": "Quellmalz",
            "street": "7 Elderflower Row",
            "birth_on": "not a date",
        }
        await attacker.send(f"{page}.save", {"form": form}, path="/portal/profile")
        await attacker.send(f"{page}.send_code", {"form": {"new_phone": victim.phone}}, path="/portal/profile")
    log_is_clean(site, *victim.secrets, "@example.org", "512) 555")
