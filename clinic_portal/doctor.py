"""Is this installation fit to serve? Each finding says what to do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from clinic_portal import migrations, server
from clinic_portal.booking.rules import able, offered_at, shape
from clinic_portal.bootstrap import gateway, printer
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import DomainError
from clinic_portal.core.money import least_minor
from clinic_portal.core.work import Reading, Services
from clinic_portal.forms.ports import Sheet
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.scheduling import queries
from clinic_portal.scheduling.types import Search


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `level` is ok, warn or fault."""

    level: str
    text: str


def examine(services: Services) -> list[Finding]:
    """Look at settings, database, clinic and senders."""
    return [
        *_settings(services),
        *_database(services),
        *_senders(services),
        *_payments(services),
        *_files(services),
        *_printing(),
    ]


def _printing() -> Iterator[Finding]:
    try:
        printer().pdf(Sheet("en", "Document", "Clinic", "0", "Nobody"))
    except Exception:
        yield Finding("fault", "Signed documents cannot be made into PDFs here: install the packages anew (`uv sync`).")
        return
    yield Finding("ok", "Signed documents are made into PDFs.")


def _settings(services: Services) -> Iterator[Finding]:
    faults = services.settings.faults()
    yield from (Finding("fault", fault) for fault in faults)
    if not faults:
        yield Finding("ok", f"Settings: {services.settings.mode.value} mode at {services.settings.public_url}.")
    if services.settings.is_demo:
        yield Finding("warn", "Demo mode: no message reaches a real person. Set CLINIC_MODE=production for patients.")
    elif not services.settings.trusted_proxy_hops:
        yield Finding(
            "warn",
            "CLINIC_TRUSTED_PROXY_HOPS is 0: behind the proxy that ends TLS all patients seem to come from one address "
            "and share its limits. Set it to the number of proxies in front.",
        )


def _database(services: Services) -> Iterator[Finding]:
    kind = "SQLite" if services.database.is_sqlite else "PostgreSQL"
    try:
        current = migrations.is_current(services.database)
    except Exception:
        yield Finding("fault", f"The {kind} database does not answer: check CLINIC_DATABASE_URL.")
        return
    if not current:
        yield Finding("fault", f"The {kind} database is not migrated: run `clinic-portal migrate`.")
        return
    yield Finding("ok", f"{kind}, migrated.")
    try:
        yield from services.ask(_clinic)
    except DomainError:
        yield Finding("fault", "No clinic is loaded: run `clinic-portal load FILE`.")


def _clinic(read: Reading) -> list[Finding]:
    clinic = catalogue(read)
    findings = [
        Finding("ok", f"{clinic.clinic.name}: {len(clinic.services)} services, {len(clinic.providers)} providers.")
    ]
    hours = queries.hours(read, clinic.version)
    for service in clinic.services.values():
        if not service.is_bookable_online:
            continue
        places = [
            place
            for place in clinic.locations.values()
            if offered_at(clinic, service, place.id, hours.working_at.get(place.id, frozenset()))
        ]
        free = False
        for place in places:
            today = read.now.astimezone(ZoneInfo(place.time_zone)).date()
            search = Search(place.id, (shape(service),), tuple(able(clinic, [service])))
            free = free or bool(queries.calendar(read, search, today, today + timedelta(days=30)).free_days())
        if not free:
            findings.append(
                Finding(
                    "warn", f"{service.name} has no free time in 30 days: check its providers' hours and its pools."
                )
            )
    return [*findings, *_money(clinic)]


def _money(clinic: Catalogue) -> Iterator[Finding]:
    info = clinic.clinic
    if info.card_hold_minor < least_minor(info.currency):
        yield Finding(
            "fault",
            f"The hold on a card is less than cards take in {info.currency}: correct it under Settings › Cancellation "
            "policy.",
        )
    policies = [one for one in (clinic.policy, *clinic.own_policies.values()) if one is not None]
    if not policies:
        yield Finding("warn", "No cancellation policy is in force; visits are booked without one.")
    elif clinic.policy is None:
        free = sum(clinic.policy_for(one) is None for one in clinic.services)
        yield Finding("warn", f"The clinic has no cancellation policy of its own; {free} services are booked without.")
    if any(one.currency != info.currency for one in policies if one.fee_minor or one.noshow_fee_minor):
        yield Finding(
            "fault",
            f"A policy in force tells its fee in another currency than {info.currency}: publish it anew under Settings "
            "› Cancellation policy.",
        )
    if any(not one.card_text for one in policies):
        yield Finding("warn", "A policy in force does not say what the patient’s card may be charged for.")


def _senders(services: Services) -> Iterator[Finding]:
    settings = services.settings
    if settings.email_sender == "smtp":
        try:
            socket.create_connection((settings.smtp_host, settings.smtp_port), timeout=5).close()
            yield Finding("ok", f"SMTP: {settings.smtp_host} answers.")
        except OSError:
            yield Finding(
                "fault", f"SMTP: {settings.smtp_host}:{settings.smtp_port} does not answer; check CLINIC_SMTP_*."
            )
    else:
        yield Finding("ok" if settings.is_demo else "fault", "E-mail goes to the sandbox; read it at /demo.")
    if settings.sms_sender == "twilio":
        missing = [
            name
            for name, value in (
                ("CLINIC_TWILIO_ACCOUNT_SID", settings.twilio_account_sid),
                ("CLINIC_TWILIO_AUTH_TOKEN", settings.twilio_auth_token.get_secret_value()),
                ("CLINIC_TWILIO_FROM", settings.twilio_from),
            )
            if not value
        ]
        text = f"Twilio: set {', '.join(missing)}." if missing else "Twilio: credentials are set."
        yield Finding("fault" if missing else "ok", text)
    else:
        yield Finding("ok" if settings.is_demo else "fault", "SMS go to the sandbox; read them at /demo.")


def _payments(services: Services) -> Iterator[Finding]:
    settings = services.settings
    if settings.payment_gateway == "sandbox":
        if settings.is_demo:
            yield Finding("ok", "Cards: the sandbox takes test cards alone.")
        elif _takes_cards(services):
            yield Finding(
                "fault", "Cards: a policy or deposit is in force, and the sandbox takes none: connect Stripe (README)."
            )
        else:
            yield Finding("ok", "Cards: none is asked for; no policy or deposit is in force.")
        return
    if not settings.stripe_secret_key.get_secret_value() or not settings.stripe_webhook_secrets:
        yield Finding("fault", "Stripe: set CLINIC_STRIPE_SECRET_KEY and CLINIC_STRIPE_WEBHOOK_SECRETS.")
        return
    try:
        stripe = gateway(services)
    except ValueError as fault:
        yield Finding("fault", f"Stripe: {fault}")
        return
    if not settings.is_demo and stripe.account == "stripe:test":
        yield Finding("warn", "Stripe: the key is of test mode; no true money moves. Going live: README.")
    try:
        next(iter(stripe.recent(services.clock.now())), None)
        yield Finding("ok", f"Stripe answers ({stripe.account.partition(':')[2]} mode).")
    except GatewayRefused as refusal:
        yield Finding("fault", f"Stripe refuses CLINIC_STRIPE_SECRET_KEY ({refusal.code}).")
    except GatewayAway as absence:
        yield Finding("warn", f"Stripe does not answer ({absence.reason}); try again.")


def _takes_cards(services: Services) -> bool:
    try:
        clinic = services.ask(catalogue)
    except Exception:  # no database or no clinic: told above
        return False
    return any(
        clinic.policy_for(one.id) or one.deposit_minor or one.deposit_percent for one in clinic.services.values()
    )


def _files(services: Services) -> Iterator[Finding]:
    folder = services.settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").write_text("")
        (folder / ".writable").unlink()
        yield Finding("ok", f"Files: {folder} can be written.")
    except OSError:
        yield Finding("fault", f"Files: {folder} cannot be written; check CLINIC_DATA_DIR.")
    built = server.is_built()
    text = (
        "Pages: built."
        if built
        else "Pages: not built yet; `clinic-portal serve` builds them, or `clinic-portal build`."
    )
    yield Finding("ok" if built else "warn", text)
