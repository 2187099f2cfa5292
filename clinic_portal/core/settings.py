"""Settings by environment variables and `.env`, each with its meaning. `clinic-portal doctor` explains them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PLACEHOLDER_SECRET = "change-me"  # noqa: S105 - a placeholder on purpose, refused in production


class Mode(StrEnum):
    """What this installation is for."""

    DEMO = "demo"  # a rehearsal clinic: sandbox bodies, movable clock, /demo
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Every setting is read from `CLINIC_<NAME>` or from `.env`."""

    model_config = SettingsConfigDict(env_prefix="CLINIC_", env_file=".env", extra="ignore")

    mode: Mode = Field(Mode.DEMO, description="demo (sandbox bodies, movable clock) or production")
    public_url: str = Field("http://localhost:3000", description="the address patients use, without a slash at the end")
    extra_origins: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="further exact origins that may open the websocket, separated by commas",
    )
    host: str = Field("127.0.0.1", description="address the server listens on")
    port: int = Field(3000, description="port the server listens on")
    trusted_proxy_hops: int = Field(0, description="how many reverse proxies stand in front (for X-Forwarded-For)")
    database_url: str = Field(
        "sqlite:///var/clinic.db",
        description="sqlite:///path or postgresql+psycopg://user:password@host/name",
    )
    redis_url: str | None = Field(None, description="redis://… when several app processes share page state")
    data_dir: Path = Field(Path("var"), description="folder for files the installation writes")
    secret_key: SecretStr = Field(
        SecretStr(PLACEHOLDER_SECRET),
        description="at least 32 random characters; keys codes, cookies and links",
    )
    data_key: SecretStr = Field(
        SecretStr(""), description="at least 32 random characters; seals health data (without it: the secret key)"
    )
    old_data_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list, description="earlier data keys, separated by commas, until `clinic-portal rotate-keys`"
    )
    password_cost: int = Field(12, ge=4, le=16, description="bcrypt cost of password hashes")
    worker: str = Field("embedded", description="embedded (inside the app) or separate (`clinic-portal worker`)")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    patient_idle_minutes: int = Field(30, ge=5, le=240, description="a patient is signed out after so long unused")
    staff_idle_minutes: int = Field(20, ge=5, le=240, description="staff are signed out after so long unused")
    captcha: str = Field("altcha", description="altcha (made and checked here) or recaptcha (Google sees the visitor)")
    recaptcha_site_key: str = Field("", description="Google reCAPTCHA v2 site key")
    recaptcha_secret: SecretStr = Field(SecretStr(""), description="Google reCAPTCHA v2 secret")
    recaptcha_url: str = Field(
        "https://www.google.com/recaptcha/api/siteverify", description="where a reCAPTCHA answer is checked; for tests"
    )

    email_sender: str = Field("sandbox", description="smtp, or sandbox (kept in the database and shown at /demo)")
    email_from: str = Field("hello@lumen.example", description="the address e-mail comes from")
    bounce_address: str = Field("", description="envelope sender: where mail servers report back (else email_from)")
    bounce_imap_host: str = Field("", description="mailbox of the bounce address (IMAP, TLS); empty for none")
    bounce_imap_port: int = Field(993, description="IMAP port")
    bounce_imap_username: str = Field("", description="IMAP user")
    bounce_imap_password: SecretStr = Field(SecretStr(""), description="IMAP password")
    bounce_imap_folder: str = Field("INBOX", description="folder in which the reports arrive")
    smtp_host: str = Field("localhost", description="SMTP relay")
    smtp_port: int = Field(587, description="SMTP port")
    smtp_username: str = Field("", description="SMTP user, empty for none")
    smtp_password: SecretStr = Field(SecretStr(""), description="SMTP password")
    smtp_starttls: bool = Field(True, description="require TLS; only a relay on this machine may go without")

    sms_sender: str = Field("sandbox", description="twilio, or sandbox (kept in the database and shown at /demo)")
    twilio_account_sid: str = Field("", description="Twilio account SID (AC…)")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Twilio auth token")
    twilio_from: str = Field("", description="sending number in E.164 (+1…) or messaging service SID (MG…)")
    twilio_api_base: str | None = Field(None, description="another base address for Twilio's API; for tests")

    payment_gateway: str = Field("sandbox", description="stripe, or sandbox (test cards on a page of its own)")
    stripe_secret_key: SecretStr = Field(SecretStr(""), description="Stripe secret key (sk_test_… or sk_live_…)")
    stripe_webhook_secrets: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="Stripe webhook signing secret (whsec_…); two, separated by a comma, while one replaces the other",
    )
    stripe_api_base: str | None = Field(None, description="another base address for Stripe's API; for tests")
    stripe_timeout_seconds: int = Field(15, ge=1, le=80, description="how long Stripe may take to answer")

    @field_validator("extra_origins", "old_data_keys", "stripe_webhook_secrets", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def payment_account(self) -> str:
        """Whose money it is: `sandbox`, `stripe:test` or `stripe:live`, as the gateway itself calls it."""
        if self.payment_gateway == "sandbox":
            return "sandbox"
        is_test = self.stripe_secret_key.get_secret_value().startswith(("sk_test_", "rk_test_"))
        return "stripe:test" if is_test else "stripe:live"

    @property
    def texting_number(self) -> str:
        """The number texts come from, in E.164, where it is known: people reply to it."""
        return self.twilio_from if self.sms_sender == "twilio" and self.twilio_from.startswith("+") else ""

    @property
    def key(self) -> str:
        """The installation's secret key in clear; for `core.crypto` only."""
        return self.secret_key.get_secret_value()

    @property
    def sealing_keys(self) -> list[str]:
        """The keys of data at rest in clear, the one that seals first; for `core.sealing` only."""
        given = [self.data_key.get_secret_value(), *(one.get_secret_value() for one in self.old_data_keys), self.key]
        return list(dict.fromkeys(one for one in given if one))

    @property
    def is_demo(self) -> bool:
        """Whether rehearsal tools (clock, sandbox mailbox) exist at all."""
        return self.mode is Mode.DEMO

    @property
    def origins(self) -> list[str]:
        """Exact origins that may talk to the websocket (security rule 7)."""
        return [self.public_url.rstrip("/"), *self.extra_origins]

    def faults(self) -> list[str]:
        """Why this installation must not serve real patients; empty when all is well."""
        if self.is_demo:
            return []
        found = []
        if self.key == PLACEHOLDER_SECRET or len(self.key) < 32:
            found.append("CLINIC_SECRET_KEY is a placeholder or short: set at least 32 random characters.")
        if 0 < len(self.data_key.get_secret_value()) < 32:
            found.append("CLINIC_DATA_KEY is short: set at least 32 random characters.")
        for name in ("email_sender", "sms_sender"):
            if getattr(self, name) == "sandbox":
                found.append(f"CLINIC_{name.upper()} is the sandbox: it delivers nothing to real people.")
        if self.captcha == "recaptcha" and not (self.recaptcha_site_key and self.recaptcha_secret.get_secret_value()):
            found.append("CLINIC_CAPTCHA is recaptcha: set CLINIC_RECAPTCHA_SITE_KEY and CLINIC_RECAPTCHA_SECRET.")
        if self.payment_gateway == "stripe":
            if not self.stripe_secret_key.get_secret_value().startswith(("sk_", "rk_")):
                found.append("CLINIC_STRIPE_SECRET_KEY is not set: copy it from Stripe (sk_… or rk_…, never pk_…).")
            if not any(one.get_secret_value().startswith("whsec_") for one in self.stripe_webhook_secrets):
                found.append("CLINIC_STRIPE_WEBHOOK_SECRETS is not set: copy the endpoint's from Stripe (whsec_…).")
        if not self.public_url.startswith("https://"):
            found.append("CLINIC_PUBLIC_URL is not https: cookies and health data would travel in clear.")
        return found
