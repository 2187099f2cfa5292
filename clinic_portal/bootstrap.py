"""Settings become things: the only module that knows which clock, database and senders are real."""

from functools import lru_cache

from clinic_portal.accounts.captcha import Captcha
from clinic_portal.booking.cashier import Cashier
from clinic_portal.core.clock import Clock, RehearsalClock, SystemClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from clinic_portal.forms.ports import Printer
from clinic_portal.integrations.altcha_captcha import AltchaCaptcha
from clinic_portal.integrations.bounce_mailbox import BounceMailbox
from clinic_portal.integrations.recaptcha import Recaptcha
from clinic_portal.integrations.sandbox.email import SandboxEmail
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.integrations.sandbox.sms import SandboxSms
from clinic_portal.integrations.smtp_email import SmtpEmail
from clinic_portal.integrations.twilio_sms import TwilioSms
from clinic_portal.integrations.typst_pdf import TypstPrinter
from clinic_portal.memberships.subscriptions import Subscriptions
from clinic_portal.messaging.ports import EmailSender, Senders, SmsNotices, SmsSender
from clinic_portal.payments.ports import PaymentGateway


def build(settings: Settings) -> Services:
    """The services of one installation, from its settings."""
    return Services(Database(settings.database_url), clock(settings), settings)


def clock(settings: Settings) -> Clock:
    """The machine's clock, or in demo mode one that can be moved."""
    return RehearsalClock(settings.data_dir / "rehearsal-clock") if settings.is_demo else SystemClock()


def senders(services: Services) -> Senders:
    """Who sends e-mail and SMS, as the settings name them. Raises ValueError for an unknown name."""
    return Senders(_email_sender(services), _sms_sender(services))


def _email_sender(services: Services) -> EmailSender:
    match services.settings.email_sender:
        case "smtp":
            return SmtpEmail(services.settings, services.clock)
        case "sandbox":
            return SandboxEmail(services)
        case other:
            raise ValueError(f"CLINIC_EMAIL_SENDER is neither smtp nor sandbox: {other}")


def _sms_sender(services: Services) -> SmsSender:
    match services.settings.sms_sender:
        case "twilio":
            return TwilioSms(services.settings)
        case "sandbox":
            return SandboxSms(services)
        case other:
            raise ValueError(f"CLINIC_SMS_SENDER is neither twilio nor sandbox: {other}")


def sms_notices(services: Services) -> SmsNotices | None:
    """Who reads what the SMS service tells by itself; None where it tells nothing."""
    if services.settings.sms_sender != "twilio":
        return None
    from clinic_portal.integrations.twilio_notices import TwilioNotices

    return TwilioNotices(services.settings)


def bounce_mailbox(services: Services) -> BounceMailbox | None:
    """Where mail servers report what came back; None where the settings name no mailbox."""
    return BounceMailbox(services.settings) if services.settings.bounce_imap_host else None


def captcha(services: Services) -> Captcha:
    """What tells people from programs, as the settings name it. Raises ValueError for an unknown name."""
    match services.settings.captcha:
        case "altcha":
            return AltchaCaptcha(services.settings, services.clock)
        case "recaptcha":
            return Recaptcha(services.settings)
        case other:
            raise ValueError(f"CLINIC_CAPTCHA is neither altcha nor recaptcha: {other}")


@lru_cache(maxsize=8)
def gateway(services: Services) -> PaymentGateway:
    """Who takes cards, as the settings name it; kept with the services. Raises ValueError for an unknown name."""
    match services.settings.payment_gateway:
        case "stripe":
            from clinic_portal.integrations.stripe_gateway import StripeGateway  # its SDK is large: read if used

            made = StripeGateway(services.settings, services.clock)
            if services.settings.is_demo and made.account == "stripe:live":
                raise ValueError("CLINIC_STRIPE_SECRET_KEY is a live key: a demo would charge true cards.")
            return made
        case "sandbox":
            return SandboxGateway(services)
        case other:
            raise ValueError(f"CLINIC_PAYMENT_GATEWAY is neither stripe nor sandbox: {other}")


def cashier(services: Services) -> Cashier:
    """Who takes and gives back money, at the gateway the settings name."""
    return Cashier(services, gateway(services))


def subscriptions(services: Services) -> Subscriptions:
    """Who has memberships paid, at the gateway the settings name."""
    return cashier(services).subscriptions


@lru_cache(maxsize=1)
def printer() -> Printer:
    """Who prints documents; kept, since it learns which characters its fonts have."""
    return TypstPrinter()


@lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process, built at the first call."""
    return build(Settings())
