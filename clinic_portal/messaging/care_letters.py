"""E-mails with instructions. Pure: facts in, a message out. Staff's rich text was sanitised when it was kept."""

from collections.abc import Sequence

from clinic_portal.booking.types import Visit
from clinic_portal.forms.definition import Instruction
from clinic_portal.forms.richtext import clean, text_of
from clinic_portal.messaging import blocks
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.rendering import Letterhead, email
from clinic_portal.messaging.visit_letters import full_name, may_name, visit_facts
from clinic_portal.messaging.words import Block, plain

IN_PORTAL = "They are in your portal, where nobody but you reads them."
MORE_IN_PORTAL = "More is in your portal."


def before(head: Letterhead, visit: Visit, told: Sequence[Instruction], *, to: str, message_id: str) -> Email:
    """What to do before a visit (S42). The subject names no treatment: it shows on lock screens."""
    return _letter(head, "before_visit", visit, told, to, message_id)


def after(head: Letterhead, visit: Visit, told: Instruction, *, to: str, message_id: str) -> Email:
    """What to do after a visit (S45)."""
    return _letter(head, "after_visit", visit, [told], to, message_id)


def _letter(head: Letterhead, name: str, visit: Visit, told: Sequence[Instruction], to: str, message_id: str) -> Email:
    facts = {
        **visit_facts(head, visit),
        "instructions": _instructions(head, visit, told),
        "button": blocks.button(f"{head.public_url}/portal/forms", "Read it in my portal"),
    }
    return email(head, name, facts, to, full_name(visit), message_id, language=visit.language)


def _instructions(head: Letterhead, visit: Visit, told: Sequence[Instruction]) -> Block:
    """The instructions themselves, with addresses a mail program can follow; or that they are in the portal: those that
    name a treatment where none is to be named, and all where the clinic wants it so."""
    carried = [one for one in told if may_name(head, visit, f"{one.title} {text_of(one.html)}")]
    if not head.clinic.email_carries_instructions or not carried:
        return blocks.instructions([], IN_PORTAL)
    is_titled = head.clinic.email_names_services
    texts = [
        (plain(one.title) if is_titled else "", _absolute(head, clean(one.html)), text_of(one.html)) for one in carried
    ]
    return blocks.instructions(texts, MORE_IN_PORTAL if len(carried) < len(told) else "")


def _absolute(head: Letterhead, html: str) -> str:
    return html.replace('src="/pictures/', f'src="{head.public_url}/pictures/')
