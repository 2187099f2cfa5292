"""The staff's pages of messages over a raw socket: by other roles, by patients and nobody, with junk (B6)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from clinic_portal.core.audit import AuditEntry
from clinic_portal.messaging import delivery, heard, unreachable
from clinic_portal.messaging.models import Message, Reply
from clinic_portal.messaging.ports import Incoming
from clinic_portal.messaging.types import Channel
from tests.attack.attacker import ROOT_STATE, Attacker, told
from tests.attack.free_days import books
from tests.attack.test_portal_on_the_wire import MARKER, MORE_JUNK, log_is_clean
from tests.factories import patient, rows, staff
from tests.site import Site

pytestmark = pytest.mark.req("B6")
ADMIN = f"{ROOT_STATE}.clinic_portal___web___admin___"
WEB = f"{ADMIN}messages___"
ATTENTION, LIST = f"{WEB}attention____attention", f"{WEB}list____messages"
ONE, PART = f"{WEB}message____message_page", f"{WEB}chart____messages_part"
PROFILE = f"{ADMIN}chart___state____patient_page"
WORDS = "My lip is swollen since yesterday"
_numbers = count(1)


class Case:
    """A visit whose letter came back and whose text did not arrive, and a patient who replied about it."""

    def __init__(self, site: Site) -> None:
        self.site, n = site, next(_numbers)
        self.email, self.phone = f"mail{n}@example.org", f"+1512555{6100 + n}"
        who: dict[str, Any] = {"email": self.email, "phone": self.phone, "name": ("Wenzel", f"Quarrington{n}")}
        self.visit = books(site, f"mail {n}", "15:00", "facial", **who).appointment_id
        limit = time.monotonic() + 20
        while not all(one.state == "sent" for one in self.messages) or len(self.messages) < 2:
            assert time.monotonic() < limit, "the worker sent nothing"
            time.sleep(0.05)
        for one in self.messages:
            site.services.do(delivery.not_delivered, one.id, "bounced_5.1.1" if one.channel == "email" else "sms_30003")
        site.services.do(unreachable.note, Channel.EMAIL, self.email, unreachable.BOUNCED)
        site.services.do(heard.replied, Incoming(f"SM8{n:031}", self.phone, WORDS))
        self.reply = rows(site.services, Reply)[-1].id
        self.letter = next(one.id for one in self.messages if one.channel == "email")
        self.text = next(one.id for one in self.messages if one.channel == "sms")
        self.patient = self.messages[0].patient_id
        self.secrets = (self.email, f"555-{self.phone[-4:]}", f"Quarrington{n}", "re booked, Wenzel", WORDS)

    @property
    def messages(self) -> list[Message]:
        found = rows(self.site.services, Message)
        return [one for one in found if one.appointment_id == self.visit and one.kind == "appointment_booked"]

    def calls(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        at = "/admin/messages"
        yield f"{ATTENTION}.enter", {}, at
        yield f"{ATTENTION}.refresh", {}, at
        yield f"{ATTENTION}.read_reply", {"reply_id": self.reply}, at
        yield f"{LIST}.look_for", {"form": {"wanted": self.email, "show": "all"}}, f"{at}/all"
        yield f"{LIST}.enter", {}, f"{at}/all?words=kept"
        yield f"{PART}.read_reply", {"reply_id": self.reply}, f"/admin/patient?id={self.patient}&view=messages"
        yield f"{ATTENTION}.reply_done", {"reply_id": self.reply}, at
        yield f"{ONE}.enter", {}, f"/admin/message?id={self.letter}"
        yield f"{ONE}.try_address", {}, f"/admin/message?id={self.letter}"
        yield f"{ONE}.done", {}, f"/admin/message?id={self.letter}"
        yield f"{ATTENTION}.send_again", {"message_id": self.letter}, at
        yield f"{ATTENTION}.done", {"message_id": self.text}, at
        yield f"{ATTENTION}.try_tasks", {}, at

    def stands(self) -> list[Any]:
        """All of it that staff may move."""
        moved = ("state", "attended_at", "attended_by", "attempts")
        replies = [one for one in rows(self.site.services, Reply) if one.id == self.reply]
        silence = self.site.services.ask(unreachable.silence, Channel.EMAIL, self.email)
        deeds = [one.action for one in rows(self.site.services, AuditEntry) if one.subject in self.subjects]
        return [
            [{name: getattr(one, name) for name in moved} for one in self.messages],
            [one.attended_at for one in replies],
            silence,
            deeds,
        ]

    @property
    def subjects(self) -> set[str]:
        return {f"message:{self.letter}", f"message:{self.text}", f"reply:{self.reply}"}


@pytest.fixture
def case(site: Site) -> Case:
    return Case(site)


async def all_of(site: Site, *calls: tuple[str, dict[str, Any], str], **who: str) -> str:
    """What came back for the calls, each made when the one before was answered: its page is where it was made."""
    heard = []
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32), **who) as attacker:  # type: ignore[arg-type]
        for name, payload, path in calls:
            heard += await attacker.send(name, payload, path=path)
        return told([*heard, *await attacker.listen(0.8)])


@pytest.mark.parametrize("role", ["owner", "front_desk"])
async def test_who_handles_messages_reads_them_and_sees_to_them(site: Site, case: Case, role: str) -> None:
    """The control."""
    heard = await all_of(site, *case.calls(), staff=staff(site.services, role).cookie)
    assert [one for one in case.secrets if one not in heard] == []
    messages, replies, silence, deeds = case.stands()
    assert all(one["attended_by"] for one in messages)
    assert replies != [None]
    assert silence is None
    assert {"reply.read", "reply.attended", "message.attended", "message.send_again"} <= set(deeds)


@pytest.mark.parametrize("caller", ["provider", "read only", "patient", "nobody"])
async def test_anyone_else_reads_and_moves_nothing(site: Site, case: Case, caller: str) -> None:
    me = patient(site.services, f"reader of {case.visit}@example.org".replace(" ", "-"), phone="+15125558899")
    who = {
        "provider": {"staff": staff(site.services, "provider").cookie},
        "read only": {"staff": staff(site.services, "read_only").cookie},
        "patient": {"portal": me.cookie},
        "nobody": {},
    }[caller]
    before = case.stands()
    heard = await all_of(site, *case.calls(), **who)
    assert [one for one in case.secrets if one in heard] == []
    assert case.stands() == before


@pytest.mark.parametrize("role", ["provider", "read_only"])
async def test_a_profile_shows_those_who_may_see_it_no_messages(site: Site, case: Case, role: str) -> None:
    at = f"/admin/patient?id={case.patient}&view=messages"
    heard = await all_of(site, (f"{PROFILE}.enter", {}, at), staff=staff(site.services, role).cookie)
    assert case.email in heard  # they may see how to reach a patient, and that an address does not
    assert [one for one in (WORDS, "Did not arrive", "/admin/message?id=") if one in heard] == []


async def test_junk_moves_nothing_and_is_not_logged(site: Site, case: Case) -> None:
    before, owner = case.stands(), staff(site.services, "owner").cookie
    handlers = {
        f"{ATTENTION}.read_reply": ("reply_id", "/admin/messages"),
        f"{ATTENTION}.reply_done": ("reply_id", "/admin/messages"),
        f"{ATTENTION}.done": ("message_id", "/admin/messages"),
        f"{ATTENTION}.send_again": ("message_id", "/admin/messages"),
        f"{LIST}.look_for": ("form", "/admin/messages/all"),
        f"{PART}.read_reply": ("reply_id", f"/admin/patient?id={case.patient}&view=messages"),
    }
    strange: list[Any] = [{"wanted": one, "show": MARKER} for one in (MARKER, "%", "_" * 90, "\x00", 1, None)]
    for name, (argument, path) in handlers.items():
        async with Attacker(site.url, staff=owner, cookie="m" * 43) as attacker:
            for junk in (*MORE_JUNK, MARKER, [MARKER], *strange):
                await attacker._emit(name, {argument: junk}, path)
            heard = told(await attacker.listen(0.3))
            assert attacker.is_connected, name
        assert "Something broke" not in heard, name
    for query in ("?id=", "?id=-1", "?id=99999999999999999999", f"?id={MARKER}", "?show=x&before=x&q=" + "x" * 500):
        calls = [(f"{of}.{does}", {}, f"/admin/message{query}") for of in (LIST, ONE) for does in ("enter",)]
        calls += [(f"{ONE}.{does}", {}, f"/admin/message{query}") for does in ("done", "send_again", "try_address")]
        assert "Something broke" not in await all_of(site, *calls, staff=owner)
    assert case.stands() == before
    log_is_clean(site)
