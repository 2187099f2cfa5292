"""What a text is: the words of one message by its channels, and what staff may put into them (P13)."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Words


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name in braces: what it stands for, and an example. A block stands on a line of its own."""

    name: str
    stands_for: str
    example: str = ""
    is_block: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """One message and our words for it; `required` placeholders cannot be left out of its words."""

    name: str
    title: str
    sent: str  # when it is sent, as a sentence
    moment: str  # a key of MOMENTS
    words: Mapping[Channel, Words]
    placeholders: tuple[Placeholder, ...]  # beside those that every text knows
    required: Mapping[Channel, tuple[str, ...]]
    is_for_staff: bool = False
    says_why: bool = False  # its foot says why it came: a booking

    def knows(self, channel: Channel) -> dict[str, Placeholder]:
        """The placeholders its words may use by this channel: an SMS has no blocks."""
        return {
            one.name: one for one in (*self.placeholders, *EVERYWHERE) if channel is Channel.EMAIL or not one.is_block
        }


MOMENTS = {
    "booking": "When a visit is booked",
    "before": "Before a visit",
    "change": "When plans change",
    "after": "After a visit",
    "member": "Memberships",
    "money": "Money",
    "account": "Their account",
    "staff": "To your team",
}
"""Moments of a patient's journey, in order, as the list of texts names them."""

EVERYWHERE = (
    Placeholder("clinic", "your clinic's name", "Lumen Aesthetics"),
    Placeholder("phone", "your clinic's phone number", "+1 512-555-0100"),
    Placeholder("home", "the address of your site", "https://lumen.example"),
    Placeholder("portal", "the address of the patient portal", "https://lumen.example/portal"),
)
"""What every text knows."""

GIVEN_NAME = Placeholder("given_name", "the patient's first name", "Amara")
NAME = Placeholder("name", "the name of whom it is to", "Amara")
BUTTON = Placeholder("button", "the button that opens the page this is about", is_block=True)
DATE = Placeholder("date", "the day of the visit, shorter", "Thu, Dec 3, 2026")
REFERENCE = Placeholder("reference", "the visit's reference", "LMN-4F7K2")
VISIT = (
    GIVEN_NAME,
    Placeholder("day", "the day of the visit", "Thursday, December 3, 2026"),
    DATE,
    Placeholder("day_short", "the day of the visit, as short as can be", "Thu, Dec 3"),
    Placeholder("time", "when the visit begins", "10:30 AM"),
    Placeholder("end_time", "when the visit ends", "11:45 AM"),
    Placeholder("provider", "who treats the patient", "Dr. Maya Osei"),
    Placeholder("location", "where the visit is", "Lumen Downtown"),
    Placeholder("address", "the location's address", "214 Congress Ave, Austin, TX 78701"),
    REFERENCE,
)
"""What a text about a visit knows."""
