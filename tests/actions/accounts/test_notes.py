"""What a refused form says when its page opens again."""

from __future__ import annotations

from datetime import timedelta

from clinic_portal.accounts import notes
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Invalid
from clinic_portal.core.work import Services


def told(services: Services, form: str = "sign-in") -> bool:
    return services.ask(notes.of, "here", form) is not None


def test_a_refusal_is_for_its_form_and_browser_and_for_a_quarter_of_an_hour(
    services: Services, clock: FixedClock
) -> None:
    services.do(notes.leave, "here", "sign-in", Invalid("password", "password_short", least=15), {"email": "a@b.c"})
    found = services.ask(notes.of, "here", "sign-in")
    assert found is not None
    assert (found.fields["password"][0], found.typed) == ("password_short", {"email": "a@b.c"})
    assert not told(services, "register")
    assert services.ask(notes.of, "elsewhere", "sign-in") is None
    clock.advance(timedelta(minutes=16))
    assert not told(services)


def test_a_refusal_that_was_seen_is_still_there_for_a_page_that_opens_at_the_same_time_and_gone_afterwards(
    services: Services, clock: FixedClock
) -> None:
    services.do(notes.leave, "here", "sign-in", "sign_in_wrong", {})
    services.do(notes.seen, "here")
    clock.advance(timedelta(seconds=5))
    services.do(notes.seen, "here")
    assert told(services)
    clock.advance(timedelta(seconds=6))
    assert not told(services)
