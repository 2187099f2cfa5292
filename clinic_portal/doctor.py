"""Is this installation fit to serve? Each finding says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from clinic_portal import migrations, server
from clinic_portal.accounts import setup_key
from clinic_portal.booking.rules import able, offered_at, shape
from clinic_portal.bootstrap import bounce_mailbox, gateway, printer, senders
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import DomainError
from clinic_portal.core.money import least_minor
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Reading, Services
from clinic_portal.forms.ports import Sheet
from clinic_portal.integrations.bounce_mailbox import MailboxAway
from clinic_portal.messaging.ports import EmailSender, SendFailed, SmsSender
from clinic_portal.patients.searching import has_parts
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.scheduling import queries
from clinic_portal.scheduling.types import Search

_SIGN_IN = "refuses to sign us in; check CLINIC_SMTP_USERNAME and CLINIC_SMTP_PASSWORD."
_SMTP = {
    "smtp_unreachable": "does not answer; check CLINIC_SMTP_HOST and CLINIC_SMTP_PORT, and the firewall.",
    "smtp_certificate": "shows a certificate of another name; write CLINIC_SMTP_HOST as the certificate has it.",
    "smtp_unsupported": "offers no TLS, or no sign-in; use port 587 or 465. Only a relay on this machine may go "
    "without TLS (CLINIC_SMTP_STARTTLS=false).",
    **dict.fromkeys(("smtp_530", "smtp_534", "smtp_535", "smtp_538"), _SIGN_IN),
}
_IMAP = {
    "imap_unreachable": "does not answer with TLS; check CLINIC_BOUNCE_IMAP_HOST and _PORT.",
    "imap_certificate": "shows a certificate of another name; write CLINIC_BOUNCE_IMAP_HOST as the certificate has it.",
    "imap_sign_in": "refuses to sign us in; check CLINIC_BOUNCE_IMAP_USERNAME and _PASSWORD.",
    "imap_folder": "has no such folder; check CLINIC_BOUNCE_IMAP_FOLDER.",
    "imap_broken": "broke off; try again.",
}


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
    if not services.ask(has_parts):
        why = "this SQLite has no FTS5 trigrams" if services.database.is_sqlite else "the role may not make pg_trgm"
        yield Finding("warn", f"A search of patients reads them all: {why}. It is slow beyond 50,000 patients.")
    try:
        yield from services.ask(_clinic)
    except DomainError:
        where = services.ask(setup_key.address) or f"{services.settings.public_url.rstrip('/')}/setup"
        yield Finding("fault", f"No clinic yet: set it up at {where}, or run `clinic-portal load FILE`.")


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
    its = senders(services)
    if settings.email_sender == "smtp":
        yield _smtp(settings, its.email)
        yield from _bounces(services)
    else:
        yield Finding("ok" if settings.is_demo else "fault", "E-mail goes to the sandbox; read it at /demo.")
    if settings.sms_sender == "twilio":
        yield from _twilio(settings, its.sms)
    else:
        yield Finding("ok" if settings.is_demo else "fault", "SMS go to the sandbox; read them at /demo.")


def _smtp(settings: Settings, sender: EmailSender) -> Finding:
    relay = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        sender.check()
    except SendFailed as failure:
        what = _SMTP.get(failure.reason, f"refuses this clinic ({failure.reason}); ask whoever runs it.")
        return Finding("fault", f"SMTP: {relay} {what}")
    return Finding("ok", f"SMTP: {relay} takes e-mail.")


def _bounces(services: Services) -> Iterator[Finding]:
    mailbox = bounce_mailbox(services)
    if mailbox is None:
        if not services.settings.bounce_address:
            yield Finding(
                "warn",
                "E-mail that comes back is not noted: set CLINIC_BOUNCE_ADDRESS, with a mailbox or pipe (README).",
            )
        return
    try:
        waiting = mailbox.check()
        yield Finding("ok", f"Bounce mailbox: answers; {waiting} unread.")
    except MailboxAway as away:
        yield Finding("fault", f"Bounce mailbox: {services.settings.bounce_imap_host} {_IMAP[away.reason]}")


def _twilio(settings: Settings, sender: SmsSender) -> Iterator[Finding]:
    missing = [
        name
        for name, value in (
            ("CLINIC_TWILIO_ACCOUNT_SID", settings.twilio_account_sid),
            ("CLINIC_TWILIO_AUTH_TOKEN", settings.twilio_auth_token.get_secret_value()),
            ("CLINIC_TWILIO_FROM", settings.twilio_from),
        )
        if not value
    ]
    if missing:
        yield Finding("fault", f"Twilio: set {', '.join(missing)}.")
        return
    if not settings.twilio_from.startswith(("+", "MG")):
        yield Finding("fault", "Twilio: CLINIC_TWILIO_FROM is a number like +15125550100 or a messaging service (MG…).")
    if not settings.public_url.startswith("https://"):
        yield Finding("warn", "Twilio: CLINIC_PUBLIC_URL is not https, so nothing tells whether a text arrived.")
    try:
        sender.check()
        yield Finding("ok", "Twilio: answers.")
    except SendFailed as failure:
        if failure.reason in ("sms_unreachable", "sms_no_answer", "sms_429") or failure.reason.startswith("sms_5"):
            yield Finding("warn", f"Twilio: does not answer ({failure.reason}); try again.")
        else:
            yield Finding("fault", "Twilio: refuses CLINIC_TWILIO_ACCOUNT_SID and CLINIC_TWILIO_AUTH_TOKEN.")


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
