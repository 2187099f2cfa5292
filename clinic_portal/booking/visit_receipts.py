"""The receipt of a visit: what it came to, and what paid it. Read from its bill whenever it is asked for."""

from dataclasses import dataclass

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import bill_words, bills, queries
from clinic_portal.booking.access import visit_for_staff, visit_of
from clinic_portal.booking.bills import Bill
from clinic_portal.booking.receipt_words import Told, paper
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.core import wording
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms.ports import Amount, Sheet


@dataclass(frozen=True, slots=True)
class VisitReceipt:
    """A visit that was paid for."""

    visit: Visit
    bill: Bill
    clinic: ClinicInfo

    @property
    def number(self) -> str:
        """What the receipt is called."""
        return number(self.visit.reference)


def number(reference: str) -> str:
    """The number of a visit's receipt: `V-LMN-8X9JBC`."""
    return f"V-{reference}"


def own(read: Reading, patient_id: int, reference: str) -> VisitReceipt:
    """A patient's own. Raises NotAllowed alike for another's visit, an unknown one, and one that is not paid for."""
    return _receipt(read, visit_of(read, patient_id, reference))


def for_staff(read: Reading, actor: StaffActor, reference: str) -> VisitReceipt:
    """Any visit's. Raises NotAllowed for a role that sees no payments, an unknown visit, and one not paid for."""
    actor.must(Permission.SEE_PAYMENTS)
    found = read.execute(queries.called(reference)).scalar()
    return _receipt(read, visit_for_staff(read, actor, found or 0))


def told(of: VisitReceipt) -> Told:
    """The receipt in its patient's language."""
    visit, language = of.visit, of.visit.language
    zone, place = visit.location.time_zone, visit.location
    return Told(
        number=of.number,
        paid_on=wording.day(of.bill.made_at, zone, language),
        patient=f"{visit.given_name} {visit.family_name}",
        clinic=of.clinic.name,
        place=", ".join(dict.fromkeys(part for part in (place.name, place.address) if part)),
        phone=wording.phone(place.phone or of.clinic.phone),
        about=(
            ("Confirmation", visit.reference),
            ("Day of the visit", wording.day(visit.start_at, zone, language)),
            ("With", visit.provider_name),
        ),
        lines=tuple(_lines(of)),
        notes=tuple(_notes(of)),
    )


def sheet(of: VisitReceipt) -> Sheet:
    """The receipt on paper."""
    return paper(told(of), language=of.visit.language, country=of.visit.location.country)


def _receipt(read: Reading, visit: Visit) -> VisitReceipt:
    bill = bills.bill_of(read, visit.appointment_id)
    if bill is None:
        raise NotAllowed()
    return VisitReceipt(visit, bill, catalogue(read).clinic)


def _lines(of: VisitReceipt) -> list[Amount]:
    bill, language = of.bill, of.visit.language

    def money(minor: int) -> str:
        return wording.money(minor, bill.currency, language)

    lines = [Amount(one.name, money(one.amount_minor)) for one in bill.lines if one.is_done]
    lines.append(Amount("Total", money(bill.sums.total_minor), is_total=True))
    parts = bill_words.parts(bill.sums, bill.currency, language, how=bill.desk_how)
    return lines + [Amount(what, amount) for what, amount in parts]


def _notes(of: VisitReceipt) -> list[str]:
    notes = [f"{one.name}: {bill_words.paid_with(one)}." for one in of.bill.lines if one.origin is not None]
    notes += [f"{one.name} was not done, and nothing was asked for it." for one in of.bill.lines if not one.is_done]
    back = bill_words.went_back(of.bill, of.visit.language)
    return [*notes, back] if back else notes
