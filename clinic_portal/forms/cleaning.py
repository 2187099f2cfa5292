"""Staff's rich text is cleaned when it is kept, wherever in a form it stands (security rule 11)."""

from clinic_portal.forms.definition import Consent, Content, Instruction
from clinic_portal.forms.richtext import clean


def cleaned(content: Content) -> Content:
    """The same form, its rich text sanitised."""
    if isinstance(content, Consent):
        sections = tuple(one.model_copy(update={"html": clean(one.html)}) for one in content.sections)
        return content.model_copy(update={"sections": sections})
    if isinstance(content, Instruction):
        return content.model_copy(update={"html": clean(content.html)})
    return content
