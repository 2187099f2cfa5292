"""State of the last page: it is booked."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import paperwork, queries, telling
from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.messaging.feeds import links_of
from clinic_portal.payments.queries import booked_with
from clinic_portal.payments.types import PaymentInfo
from clinic_portal.web.booking import views
from clinic_portal.web.booking.steps import CONFIRMED
from clinic_portal.web.booking.views import LineView
from clinic_portal.web.booking.wizard import WizardStep
from clinic_portal.web.components import calendars
from clinic_portal.web.gate import PUBLIC, access


@dataclass
class BringView:
    """What to bring or mind for one service."""

    name: str
    text: str


class Confirmed(WizardStep, rx.State):
    """Reference, what to bring, and the calendar (S82, S83)."""

    reference: str = ""
    when: str = ""
    provider: str = ""
    place: str = ""
    address: str = ""
    directions: str = ""
    lines: list[LineView] = []
    total: str = ""
    bring: list[BringView] = []
    email: str = ""
    phone: str = ""
    terms: str = ""
    card: str = ""  # what became of the card's hold or deposit
    calendars: list[list[str]] = []
    ics_url: str = ""
    left: list[LineView] = []
    to_do: list[str] = []
    is_mine: bool = False

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """Show the visit booked last from this browser."""
        async with self._answering():
            now, redirect = await self._open(CONFIRMED)
            if redirect is not None:
                return redirect
            visit, terms, paid = await self._ask(_sheet, self._visitor)
            self.card = telling.card_at_booking(paid) if paid else ""
            language = now.clinic.clinic.language
            self.reference, self.when = visit.reference, views.when(visit, language)
            self.provider = visit.provider_name
            self.place, self.address = visit.location.name, visit.location.address
            self.directions = visit.location.directions
            self.lines = views.booked_lines(now.clinic, visit)
            is_prepaid = not visit.total_minor and visit.prepaid
            self.total = "Prepaid" if is_prepaid else views.price(now.clinic, visit.total_minor, visit.currency)
            self.bring = [BringView(one.name, one.what_to_bring) for one in visit.services if one.what_to_bring]
            self.email, self.phone, self.terms = visit.email, wording.phone(visit.phone), terms
            patient = await self._patient_if_any()
            reader = patient.patient_id if patient else None
            self.is_mine = reader == visit.patient_id
            self.to_do = await self._ask(paperwork.before_coming, visit, reader)
            self.calendars = calendars.into(await self._ask(links_of, visit))
            self.ics_url = "/booked/appointment.ics"
            self.left = views.lines(now.clinic, now.draft.lines, "")
        return None


def _sheet(read: Reading, owner: str) -> tuple[Visit, str, PaymentInfo | None]:
    visit = queries.booked_here(read, owner)
    told = telling.visit_terms(visit, read.now)
    return visit, told.sentence if told else "", booked_with(read, visit.appointment_id)
