"""A small clinic and its visitors, made through the same rows the application uses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select as sa_select
from sqlmodel import SQLModel, select

from clinic_portal.accounts import codes
from clinic_portal.booking import actions, drafts, holds
from clinic_portal.clinic import models as clinic
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import crypto
from clinic_portal.core.db import table
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.patients import models as patients
from clinic_portal.scheduling import models as scheduling
from clinic_portal.scheduling.availability import wall_to_minute
from tests.card_kit import till

CHICAGO = ZoneInfo("America/Chicago")
MOBILE = "+15125550142"


@dataclass
class SmallClinic:
    """Ids of a clinic with one location in Chicago time and two providers who work 9:00 to 17:00 every day."""

    services: Services
    ids: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, slug: str) -> int:
        return self.ids[slug]

    def change(self, model: type[SQLModel], slug: str, **values: Any) -> None:
        """Change a row of the clinic as staff would: the version rises with it."""

        def action(work: UnitOfWork) -> None:
            row = work.session.get_one(model, self.ids[slug])
            for name, value in values.items():
                setattr(row, name, value)
            work.session.get_one(clinic.Clinic, 1).version += 1

        self.services.do(action)

    def settings(self, **values: Any) -> None:
        """Change the clinic's own settings."""
        self.ids["clinic"] = 1
        self.change(clinic.Clinic, "clinic", **values)


def small_clinic(services: Services) -> SmallClinic:
    """Maya does neurotoxin and facials, Lena facials and peels; two rooms, one laser; a policy in force."""
    made = SmallClinic(services)

    def action(work: UnitOfWork) -> None:
        def add(slug: str, row: SQLModel) -> int:
            work.session.add(row)
            work.session.flush()
            made.ids[slug] = row.id  # type: ignore[attr-defined]
            return made.ids[slug]

        work.session.add(
            clinic.Clinic(
                name="Lumen Aesthetics",
                email="hello@lumen.example",
                phone="+15125550100",
                reference_prefix="LMN",
                minimum_notice_minutes=60,
                booking_window_days=30,
                activation_email_enabled=False,  # tests of the Welcome Email switch it on
            )
        )
        here = add(
            "downtown",
            clinic.Location(
                slug="downtown",
                name="Lumen Downtown",
                street="214 Congress Ave",
                city="Austin",
                region="TX",
                postal_code="78701",
                time_zone="America/Chicago",
            ),
        )
        room = add("room", clinic.Pool(slug="room", name="Treatment room", kind="room"))
        laser = add("laser", clinic.Pool(slug="laser", name="Laser", kind="device"))
        for n in (1, 2):
            add(
                f"room-{n}",
                clinic.PoolUnit(pool_id=room, location_id=here, slug=f"room-{n}", name=f"Room {n}"),
            )
        add("laser-1", clinic.PoolUnit(pool_id=laser, location_id=here, slug="laser-1", name="Laser 1"))
        shelf = add("injectables", clinic.ServiceCategory(slug="injectables", name="Injectables"))
        for slug, name in (("maya", "Dr. Maya Osei"), ("lena", "Lena Brandt RN")):
            provider = add(slug, clinic.Provider(slug=slug, name=name, position=len(made.ids)))
            for weekday in range(7):
                work.session.add(
                    scheduling.WeeklyShift(
                        provider_id=provider,
                        location_id=here,
                        weekday=weekday,
                        start_minute=540,
                        end_minute=1020,
                    )
                )
        offers: list[tuple[str, str, int, int, int, list[str], list[int]]] = [
            ("botox", "Botox — forehead", 45, 5, 24000, ["maya"], [room]),
            ("facial", "Hydrating facial", 30, 10, 9500, ["maya", "lena"], [room]),
            ("peel", "Chemical peel", 60, 0, 18000, ["lena"], [room]),
            ("hair", "Laser hair removal", 30, 0, 15000, ["maya", "lena"], [laser]),
        ]
        for slug, name, minutes, after, price, by, pools in offers:
            service = add(
                slug,
                clinic.Service(
                    slug=slug,
                    category_id=shelf,
                    name=name,
                    duration_minutes=minutes,
                    buffer_after_minutes=after,
                    price_minor=price,
                    what_to_bring="Come without make-up.",
                    position=len(made.ids),
                ),
            )
            for who in by:
                work.session.add(clinic.ServiceProvider(service_id=service, provider_id=made.ids[who]))
            for pool in pools:
                work.session.add(clinic.ServicePool(service_id=service, pool_id=pool))
        add(
            "policy",
            clinic.PolicyVersion(
                version=1,
                text="Please tell us two days before.",
                free_hours=48,
                fee_percent=50,
                published_at=work.now,
            ),
        )

    services.do(action)
    return made


def seen(made: SmallClinic) -> Catalogue:
    """The clinic as patients see it."""
    return made.services.ask(catalogue)


def minute(on: date, clock: str) -> int:
    """The epoch minute of a wall time in Chicago, such as `10:30`."""
    hours, minutes = clock.split(":")
    return wall_to_minute(on, int(hours) * 60 + int(minutes), CHICAGO)


def code_for(services: Services, owner: str) -> str:
    """The digits a visitor would read in the newest SMS."""

    def newest(read: Any) -> str:
        from clinic_portal.accounts.models import OneTimeCode

        known = read.session.exec(select(OneTimeCode).order_by(table(OneTimeCode).c.id)).all()
        rows = [row for row in known if row.owner == owner]
        return crypto.one_time_code(read.settings.key, rows[-1].purpose, rows[-1].nonce)

    return services.ask(newest)


def visitor(
    made: SmallClinic,
    owner: str,
    *wanted: str,
    provider: str | None = None,
    phone: str = MOBILE,
    email: str = "amara@example.org",
    name: tuple[str, str] = ("Amara", "Reed"),
) -> str:
    """A browser that has done every step up to the choice of a time; returns its digest."""
    do = made.services.do
    for slug in wanted:
        do(drafts.add_service, owner, made[slug])
    do(drafts.save_details, owner, given_name=name[0], family_name=name[1], email=email, phone=phone)
    verify(made, owner)
    do(drafts.agree_to_visit, owner)
    do(drafts.choose_provider, owner, made[provider] if provider else None)
    return owner


def verify(made: SmallClinic, owner: str) -> None:
    """Prove the visitor's phone as the SMS code step does."""
    made.services.do(drafts.send_code, owner, address=f"address of {owner}")
    made.services.do(drafts.answer_code, owner, code_for(made.services, owner))


def booked(made: SmallClinic, owner: str, on: date, clock: str, *wanted: str, **more: Any) -> actions.Booked:
    """A visitor who went all the way."""
    visitor(made, owner, *wanted, **more)
    made.services.do(holds.hold, owner, minute(on, clock))
    return till(made.services).books(owner, made["policy"])


PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class SignedIn:
    """A patient or someone of the staff with a browser: the raw cookie, and who they are to the domain."""

    cookie: str
    actor: Any

    @property
    def digest(self) -> str:
        return crypto.digest(self.cookie)


def patient(services: Services, email: str = "amara@example.org", *, phone: str = MOBILE) -> SignedIn:
    """A patient with a portal who is signed in; their profile is made by registering, unless they booked before."""
    from clinic_portal.accounts import entry, passwords
    from clinic_portal.accounts.links import sheet
    from clinic_portal.accounts.models import Link
    from clinic_portal.patients import access, joining
    from clinic_portal.patients.types import Contact

    if services.ask(entry.credentials, email) is None:
        contact = Contact("Amara", "Reed", email, phone)
        hashed = passwords.hashed(services.settings, PASSWORD)
        services.do(joining.register, contact, {}, password_hash=hashed, owner="b", address=f"home of {email}")
        link = max(one.id for one in rows(services, Link))
        services.do(joining.confirm, services.ask(sheet, link).token)
    known = services.ask(entry.credentials, email)
    assert known is not None
    cookie = services.do(entry.entered, known, device="Firefox on Linux", address="10.0.0.1")
    found = services.ask(access.signed_in, crypto.digest(cookie))
    assert found is not None
    return SignedIn(cookie, found[0])


def staff(services: Services, role: str = "owner", *, email: str = "") -> SignedIn:
    """Someone of the staff who is signed in."""
    from clinic_portal.accounts import staff as people

    address = email or f"{role}@lumen.example"
    if services.ask(people.credentials, address) is None:
        services.do(people.add, email=address, name=f"The {role}", role=role, password=PASSWORD)
    known = services.ask(people.credentials, address)
    assert known is not None
    cookie, _ = services.do(
        people.entered, known, device="Firefox on Linux", address="10.0.0.2", is_second_factor_required=False
    )
    found = services.ask(people.signed_in, crypto.digest(cookie))
    assert found is not None
    return SignedIn(cookie, found[0])


def rows(services: Services, model: type[SQLModel]) -> list[Any]:
    """Every row of a table, oldest first."""
    return services.ask(lambda read: read.session.exec(select(model).order_by(*table(model).primary_key)).all())


BESIDE = {"outbox", "audit_seal", "sandbox_message", "message", "gateway_notice", "payment_difference"}
"""What the worker writes by itself, whoever asks for what."""


def everything(services: Services, *, but: Collection[str] = ()) -> dict[str, list[str]]:
    """Every row of every table that people's doing is kept in; to be compared with what it was."""

    def read(work: Any) -> dict[str, list[str]]:
        return {
            one.name: sorted(map(str, work.execute(sa_select(one)).all()))
            for one in SQLModel.metadata.sorted_tables
            if one.name not in (*BESIDE, *but)
        }

    return services.ask(read)


__all__ = [
    "MOBILE",
    "SmallClinic",
    "booked",
    "code_for",
    "codes",
    "datetime",
    "everything",
    "minute",
    "patient",
    "patients",
    "rows",
    "seen",
    "small_clinic",
    "staff",
    "verify",
    "visitor",
]
