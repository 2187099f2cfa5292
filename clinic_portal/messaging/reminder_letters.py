"""Letters that remind of a visit and of its forms. Pure: facts in, a message out.

Reminders come without being asked for, so every e-mail of them tells how to get no more (RFC 2369, RFC 8058).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from clinic_portal.booking import telling
from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.messaging import blocks
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rendering import Letterhead, email, sms
from clinic_portal.messaging.visit_letters import forms_block, full_name, visit_facts
from clinic_portal.messaging.words import Fact, Inline, plain

VISIT, FORMS = "visit_reminder", "forms_reminder"


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a reminder tells: the visit, the titles of forms that are missing, how its patient may change it, the zone
    they live in, and the address at which they get no more e-mails of this kind."""

    visit: Visit
    forms: Sequence[str]
    may_move: bool
    may_cancel: bool
    zone: str
    unsubscribe_url: str


def reminder_email(head: Letterhead, name: str, told: Reminded, *, to: str, message_id: str) -> Email:
    """A reminder by e-mail: no calendar file, since the entry is there already."""
    visit = told.visit
    facts = {**_facts(head, name, told), "forms": forms_block(head, told.forms)}
    if name == VISIT:
        facts["button"] = blocks.button(_visit_url(head, visit), "Open my visit")
    url = told.unsubscribe_url
    made = email(head, name, facts, to, full_name(visit), message_id, language=visit.language, unsubscribe_url=url)
    return replace(made, headers={**made.headers, **_ways_out(head, url)})


def reminder_sms(head: Letterhead, name: str, told: Reminded, *, to: str, message_id: str) -> Sms:
    """A reminder by text."""
    return sms(head, name, _facts(head, name, told), to, message_id)


def _facts(head: Letterhead, name: str, told: Reminded) -> dict[str, Fact]:
    visit = told.visit
    terms = telling.visit_terms(visit, head.now)
    near = _near(head, visit, told.zone)
    facts = visit_facts(head, visit)
    short = facts["day_short"]
    url = _visit_url(head, visit) if name == VISIT else f"{head.public_url}/portal/forms"
    return {
        **facts,
        "when": near or f"on {short}",
        "when_short": f"{near}, {short}" if near else f"on {short}",
        "forms_left": _forms_left(len(told.forms)),
        "how_to_change": _how_to_change(head, told),
        "terms": terms.sentence if terms else "",
        "link": Inline(url, url),
    }


def _near(head: Letterhead, visit: Visit, zone: str) -> str:
    """Today or tomorrow, where that is so by the patient's clock and by that of the place: else its day says more."""
    away = {
        (wording.local(visit.start_at, one).date() - wording.local(head.now, one).date()).days
        for one in (zone, visit.location.time_zone)
    }
    return {0: "today", 1: "tomorrow"}.get(away.pop(), "") if len(away) == 1 else ""


def _forms_left(count: int) -> str:
    if not count:
        return ""
    return "1 form is missing." if count == 1 else f"{count} forms are missing."


def _how_to_change(head: Letterhead, told: Reminded) -> str:
    call = f"call {wording.phone(plain(head.clinic.phone))}"
    if told.may_move and told.may_cancel:
        return "Something came up? Move or cancel it in your portal."
    if told.may_cancel:
        return f"Something came up? Cancel it in your portal; to move it, {call}."
    if told.may_move:
        return f"Something came up? Move it in your portal; to cancel it, {call}."
    return f"Something came up? To move or cancel it, please {call}."


def _visit_url(head: Letterhead, visit: Visit) -> str:
    return f"{head.public_url}/portal/visit?ref={quote(visit.reference)}"


def _ways_out(head: Letterhead, url: str) -> dict[str, str]:
    written = f"mailto:{plain(head.clinic.email)}?subject={quote('No more reminders, please')}"
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if urlsplit(url).scheme == "https" else {}
    return {"List-Unsubscribe": f"<{url}>, <{written}>", **one_click}
