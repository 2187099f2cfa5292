"""Staff's rich text is cleaned when it is kept, wherever in a form it stands (security rule 11)."""

from clinic_portal.forms.definition import Consent, Content, Instruction
from clinic_portal.forms.richtext import clean

NOTHING = "<p></p>"


def cleaned(content: Content) -> Content:
    """The same form, its rich text sanitised. Raises pydantic's ValidationError when it grew too long by that."""
    if isinstance(content, Consent):
        sections = [one.model_dump() | {"html": _html(one.html)} for one in content.sections]
        return Consent.model_validate(content.model_dump() | {"sections": sections})
    if isinstance(content, Instruction):
        return Instruction.model_validate(content.model_dump() | {"html": _html(content.html)})
    return content


def _html(html: str) -> str:
    return clean(html) or NOTHING
