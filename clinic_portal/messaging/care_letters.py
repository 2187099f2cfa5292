"""E-mails with instructions. Pure: facts in, a message out. Staff's rich text was sanitised when it was kept."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.forms.definition import Instruction
from clinic_portal.forms.richtext import clean, text_of
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.rendering import Letterhead, email, plain, shared


def before(head: Letterhead, visit: Visit, texts: Sequence[Instruction], *, to: str, message_id: str) -> Email:
    """What to do before a visit (S42). The subject names no treatment: it shows on lock screens."""
    return _letter(head, "before_visit", visit, texts, to, message_id)


def after(head: Letterhead, visit: Visit, text: Instruction, *, to: str, message_id: str) -> Email:
    """What to do after a visit (S45)."""
    return _letter(head, "after_visit", visit, [text], to, message_id)


def _letter(
    head: Letterhead, template: str, visit: Visit, texts: Sequence[Instruction], to: str, message_id: str
) -> Email:
    language, zone = visit.language, visit.location.time_zone
    facts: dict[str, Any] = {
        **shared(head),
        "language": language,
        "given_name": plain(visit.given_name),
        "day": wording.day(visit.start_at, zone, language),
        "time": wording.time(visit.start_at, zone, language),
        "reference": visit.reference,
        "texts": [_text(head, one) for one in texts],
        "url": f"{head.public_url}/portal/forms",
    }
    return email(head, template, facts, to, f"{visit.given_name} {visit.family_name}", message_id)


def _text(head: Letterhead, one: Instruction) -> dict[str, Any]:
    """Its title, its rich text with addresses a mail program can follow, and its plain text."""
    html = clean(one.html).replace('src="/pictures/', f'src="{head.public_url}/pictures/')
    return {"title": plain(one.title), "html": Markup(html), "text": text_of(one.html)}  # noqa: S704 (sanitised)
