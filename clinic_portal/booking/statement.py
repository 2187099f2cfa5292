"""A patient's wallet with what it belongs to: credit, what is kept for which visit, what is left, and what happened."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models
from clinic_portal.booking.visit_rows import service_names
from clinic_portal.clinic.queries import catalogue, location
from clinic_portal.core import wording
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients import profile
from clinic_portal.patients.queries import language_of
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet import telling
from clinic_portal.wallet.telling import Line, Names
from clinic_portal.wallet.types import ITEM, EntryInfo, LotInfo

PAGE = 20
"""How many things that happened are shown at first, and with each "Show more"."""
MOST = 2_000
_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


@dataclass(frozen=True, slots=True)
class KeptFor:
    """A deposit, and the visit it is kept for."""

    reference: str
    start_at: datetime
    time_zone: str
    service_names: tuple[str, ...]
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A wallet as it stands. `zone` is where its days end; `lots` are treatments and products, `money` credit that
    came at once, gifts above all."""

    language: str
    zone: str
    credit: dict[str, int]
    kept: tuple[KeptFor, ...]
    lots: tuple[LotInfo, ...]
    money: tuple[LotInfo, ...]
    history: tuple[Line, ...]
    has_more: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it, and never was."""
        return not (self.credit or self.kept or self.lots or self.history)


def is_shown(read: Reading) -> bool:
    """Whether patients find their wallet in the portal (S34)."""
    return catalogue(read).clinic.is_wallet_shown


def of_patient(read: Reading, patient_id: int, *, most: int = PAGE) -> Statement:
    """A patient's own wallet, in their language. Raises NotAllowed where the clinic does not show it (S34)."""
    if not is_shown(read):
        raise NotAllowed()
    return _statement(read, patient_id, language_of(read, patient_id), most, for_staff=False)


def for_staff(read: Reading, actor: StaffActor, patient_id: int, *, most: int = PAGE) -> Statement:
    """The same for staff, shown to patients or not, with reasons and who. Raises NotAllowed."""
    actor.must(Permission.HANDLE_WALLETS)
    profile.for_staff(read, actor, patient_id)
    return _statement(read, patient_id, catalogue(read).clinic.language, most, for_staff=True)


def _statement(read: Reading, patient_id: int, language: str, most: int, *, for_staff: bool) -> Statement:
    clinic = catalogue(read)
    most = max(1, min(most, MOST))
    entries = wallet.happened(read, patient_id, most=most + 1)
    lots = wallet.lots(read, patient_id, with_gone=True)
    left = wallet.unspent(read, lots)
    kept = wallet.deposits(read, patient_id)
    concerned = {one.visit_id or one.appointment_id for entry in entries for one in entry}
    visits = _visits(read, {one for one in concerned | {row[0] for row in kept} if one is not None})
    days = {
        one: wording.day(visit.start_at, visit.time_zone, language, length="medium") for one, visit in visits.items()
    }
    names = Names({one.id: one for one in lots}, days, clinic.clinic.name, language)
    return Statement(
        language=language,
        zone=clinic.time_zone,
        credit=wallet.credit(read, patient_id),
        kept=tuple(
            KeptFor(one.reference, one.start_at, one.time_zone, one.service_names, currency, minor)
            for appointment_id, currency, minor in kept
            if (one := visits.get(appointment_id)) is not None
        ),
        lots=tuple(one for one in left if one.unit == ITEM),
        money=tuple(one for one in left if one.unit != ITEM),
        history=tuple(_line(entry, names, for_staff=for_staff) for entry in entries[:most]),
        has_more=len(entries) > most,
    )


def _line(entry: tuple[EntryInfo, ...], names: Names, *, for_staff: bool) -> Line:
    return telling.line(entry, names, for_staff=for_staff)


def _visits(read: Reading, appointment_ids: Collection[int]) -> dict[int, KeptFor]:
    """Visits by id, with nothing kept for them yet: only when and for what they are."""
    services = service_names(read, appointment_ids)
    rows = read.execute(select(_APPOINTMENT).where(_APPOINTMENT.c.id.in_(appointment_ids)))
    return {
        row.id: KeptFor(
            row.reference,
            row.start_at,
            location(read, row.location_id).time_zone,
            services[row.id],
            row.currency,
            0,
        )
        for row in rows
    }
