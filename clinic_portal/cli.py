"""The command `clinic-portal`. Exit codes: 0 done, 1 something was found wrong, 2 it cannot run as asked."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

if TYPE_CHECKING:
    from clinic_portal.core.work import Services

console = Console(highlight=False)
ROOT = Path(__file__).resolve().parent.parent


def fail(*sentences: str, code: int = 2) -> NoReturn:
    """Say what is wrong and stop."""
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(code)


def office() -> Services:
    """The services of this installation."""
    from clinic_portal.bootstrap import services

    return services()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clinic-portal")
def main() -> None:
    """Online booking and patient portal of a clinic."""


@main.command()
@click.option("--at", "at", metavar="'YYYY-MM-DD HH:MM'", help="Set the rehearsal's clock (the first location's time).")
@click.option("--port", default=3000, show_default=True, help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--fresh", is_flag=True, help="Begin again with an empty demo database.")
def demo(at: str | None, port: int, host: str, fresh: bool) -> None:
    """Start a made-up clinic: sandbox messages, movable clock."""
    from clinic_portal.setup import logins

    folder = ROOT / "var" / "demo"
    os.environ |= {
        "CLINIC_MODE": "demo",
        "CLINIC_PORT": str(port),
        "CLINIC_HOST": host,
        "CLINIC_PUBLIC_URL": os.environ.get("CLINIC_PUBLIC_URL", f"http://localhost:{port}"),
        "CLINIC_DATA_DIR": str(folder),
        "CLINIC_DATABASE_URL": f"sqlite:///{folder}/clinic.db",
        "CLINIC_EMAIL_SENDER": "sandbox",
        "CLINIC_SMS_SENDER": "sandbox",
        "CLINIC_WORKER": "embedded",
    }
    if fresh:
        for file in folder.glob("clinic.db*"):
            file.unlink()
        (folder / "rehearsal-clock").unlink(missing_ok=True)
    services = office()
    _migrate(services)
    _set_clock(services, at)
    _fill(services)
    _build()
    console.print(
        Panel(
            f"[bold]Lumen Aesthetics[/bold] is open at [bold]{services.settings.public_url}[/bold]\n"
            f"Staff work at [bold]{services.settings.public_url}/admin[/bold], e.g. {logins.STAFF[0].email}\n"
            f"A patient to sign in as: {logins.PATIENT.email}; everyone's password: [bold]{logins.PASSWORD}[/bold]\n"
            f"Read its e-mails and texts, and move its clock, at [bold]{services.settings.public_url}/demo[/bold]\n"
            "Stop it with Ctrl+C; `clinic-portal demo --fresh` begins again.",
            expand=False,
        )
    )
    _serve(services)


@main.command()
def serve() -> None:
    """Serve patients: pages, websocket and endpoints on one port. An empty installation is set up in the browser."""
    services = office()
    faults = services.settings.faults()
    if faults:
        fail("This installation must not serve patients yet:", *[f"  {one}" for one in faults])
    _begun(services)
    _build()
    _say_where_to_set_up(services)
    _serve(services)


@main.command()
def worker() -> None:
    """Send messages and do what is due, in a process of its own."""
    from clinic_portal import bootstrap
    from clinic_portal.worker import run_forever

    services = office()
    faults = services.settings.faults()
    if faults:
        fail("This installation must not send to patients yet:", *[f"  {one}" for one in faults])
    _migrated(services)
    its = bootstrap.senders(services)
    try:
        run_forever(services, its, bootstrap.cashier(services), bootstrap.bounce_mailbox(services))
    finally:
        its.close()


@main.command("hear-bounce")
@click.option("--mailbox", is_flag=True, help="Look into the mailbox of CLINIC_BOUNCE_IMAP_* instead, once.")
def hear_bounce(mailbox: bool) -> None:
    """Take a mail server's report about an e-mail that came back, from the standard input."""
    from clinic_portal.bootstrap import bounce_mailbox
    from clinic_portal.integrations import bounces
    from clinic_portal.integrations.bounce_mailbox import MailboxAway
    from clinic_portal.messaging.returned import returned

    services = office()
    if mailbox:
        its = bounce_mailbox(services)
        if its is None:
            fail("CLINIC_BOUNCE_IMAP_HOST names no mailbox.")
        try:
            seen = its.hear(lambda bounce: services.do(returned, bounce))
        except MailboxAway as fault:
            fail(f"The mailbox cannot be read ({fault.reason}): `clinic-portal doctor` says what to do.", code=1)
        click.echo(f"{seen} looked at.")
        return
    # Whatever is no report is taken without a word: an error would be a bounce of a bounce.
    bounce = bounces.read(sys.stdin.buffer.read(bounces.MOST_BYTES))
    while sys.stdin.buffer.read(65_536):
        pass  # to the end, or the MTA takes the closed pipe for a failure
    try:
        is_news = bounce is not None and services.do(returned, bounce)
    except Exception:
        fail("The database is away: hand it over again later.", code=75)  # EX_TEMPFAIL: the MTA keeps it
    click.echo("Noted." if is_news else "Nothing to note.")


@main.command()
def migrate() -> None:
    """Make or update the tables."""
    _migrate(office())
    click.echo("The database is up to date.")


@main.command()
def build() -> None:
    """Build the pages, if their sources changed."""
    click.echo("The pages are built." if _build() else "The pages were built already.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("forms", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only say whether the file is right.")
def load(file: Path, forms: tuple[Path, ...], check: bool) -> None:
    """Load a clinic from FILE, and forms from files of one form each: add, change, or switch off what differs."""
    from clinic_portal.setup.load import load as load_clinic
    from clinic_portal.setup.part import ClinicFileError
    from clinic_portal.setup.schema import parse

    try:
        described = parse(file.read_text(encoding="utf-8"), [one.read_text(encoding="utf-8") for one in forms])
    except ClinicFileError as fault:
        fail("Nothing was loaded:", *[f"  {one}" for one in fault.faults], code=1)
    if check:
        click.echo("The file is right. Nothing was loaded.")
        return
    services = office()
    _migrated(services)
    try:
        report = services.do(load_clinic, described)
    except ClinicFileError as fault:
        fail("Nothing was loaded:", *[f"  {one}" for one in fault.faults], code=1)
    if report.is_empty:
        click.echo("The clinic stood like this already; nothing was changed.")
    for title, counted in (("added", report.added), ("changed", report.changed), ("switched off", report.switched_off)):
        for kind, number in counted.items():
            click.echo(f"{title}: {number} {kind.replace('_', ' ')}")


@main.command("export-clinic")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def export_clinic(file: Path | None) -> None:
    """Write the clinic as a file that loads back to the same, to FILE or to the screen."""
    from clinic_portal.setup.export import export

    services = office()
    ready(services)
    text = services.ask(export)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")
        click.echo(f"Written to {file}.")


@main.command()
def doctor() -> None:
    """Look whether everything is fit to serve, and say what to do."""
    from clinic_portal.doctor import examine

    signs = {"ok": "[green]ok   [/green]", "warn": "[yellow]warn [/yellow]", "fault": "[red]fault[/red]"}
    findings = examine(office())
    for finding in findings:
        console.print(f"{signs[finding.level]} {finding.text}")
    sys.exit(any(finding.level == "fault" for finding in findings))


@main.command()
def settings() -> None:
    """List every setting: variable, default, meaning."""
    from clinic_portal.core.settings import Settings

    listed = Table("variable", "default", "meaning")
    for name, info in Settings.model_fields.items():
        default = info.get_default(call_default_factory=True, validated_data={})
        listed.add_row(f"CLINIC_{name.upper()}", str(getattr(default, "value", default)), info.description)
    console.print(listed)


@main.command()
@click.option("--days", default=3, show_default=True, type=click.IntRange(1, 365), help="How far to look back.")
def reconcile(days: int) -> None:
    """Hold the payment gateway's books against ours: mend what differs, and tell what is left."""
    from datetime import timedelta

    from clinic_portal import bootstrap
    from clinic_portal.booking import reconciling
    from clinic_portal.payments.ports import GatewayAway, GatewayRefused

    services = office()
    ready(services)
    try:
        with console.status("Comparing the books…"):
            since = services.clock.now() - timedelta(days=days)
            report = reconciling.reconcile(services, bootstrap.cashier(services), since)
    except (GatewayAway, GatewayRefused):
        fail("The payment gateway does not answer, or does not take our key: try `clinic-portal doctor`.", code=1)
    if report.left:
        listed = Table("what differs", "payment", "at the gateway", "found")
        for one in report.left:
            ours, theirs = str(one.payment_id or ""), one.intent_id or ""
            listed.add_row(reconciling.words(one), ours, theirs, f"{one.found_at:%Y-%m-%d %H:%M} UTC")
        console.print(listed)
    mended = f"{report.mended} differences mended." if report.mended != 1 else "1 difference mended."
    click.echo(f"{report.looked_at} payments looked at. {mended}")
    click.echo(
        f"{len(report.left)} left: look at them in the clinic's Payments." if report.left else "The books agree."
    )
    sys.exit(bool(report.left))


@main.command("rotate-keys")
def rotate_keys() -> None:
    """Seal health data anew under CLINIC_DATA_KEY; then the keys in CLINIC_OLD_DATA_KEYS can go."""
    from clinic_portal import keys
    from clinic_portal.core.sealing import Unreadable

    services = office()
    _migrated(services)
    try:
        changed = keys.rotate(services)
    except Unreadable:
        fail("Some of it opens under no key given. Add the key it was sealed with to CLINIC_OLD_DATA_KEYS.", code=1)
    click.echo(f"{changed} sealed anew; everything is under the present key. CLINIC_OLD_DATA_KEYS can be emptied.")


@main.group()
def staff() -> None:
    """People who run the clinic's pages."""


@staff.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Their name.")
@click.option("--role", type=click.Choice(["owner", "front_desk", "provider", "read_only"]), required=True)
@click.option("--generate", is_flag=True, help="Make a password and show it once, instead of asking for one.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def staff_add(email: str, name: str, role: str, generate: bool, password_stdin: bool) -> None:
    """Add someone by EMAIL."""
    from clinic_portal.accounts import passwords
    from clinic_portal.accounts import staff as people
    from clinic_portal.core import ids
    from clinic_portal.core.errors import DomainError

    services = office()
    _migrated(services)
    if generate:
        password = ids.token()[:20]
    elif password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    words = {
        "password_short": f"The password needs {passwords.LEAST} characters or more.",
        "password_long": f"The password has more than {passwords.MOST} characters.",
        "password_guessable": "The password is easily guessed: it is common, or about the person.",
        "staff_known": "Someone with this e-mail is there already.",
        "email_invalid": "That is no e-mail address, or the name is empty.",
    }
    try:
        services.do(people.add, email=email, name=name, role=role, password=password)
    except DomainError as refusal:
        fail(f"Nobody was added. {words.get(refusal.code, refusal.code)}", code=1)
    click.echo(f"{name} was added." + (f" Their password, shown this once: {password}" if generate else ""))


@staff.command("second-factor-off")
@click.argument("email")
def staff_second_factor_off(email: str) -> None:
    """Take the authenticator off EMAIL, who lost it and has no recovery code; they are signed out everywhere."""
    from clinic_portal.accounts import second_factor
    from clinic_portal.core.errors import DomainError

    services = office()
    _migrated(services)
    try:
        services.do(second_factor.take_off_by_command, email)
    except DomainError:
        fail("Nothing was changed: nobody with that address has an authenticator.", code=1)
    click.echo(f"{email} signs in with the password alone now.")


@main.command()
def requirements() -> None:
    """List the numbered requirements and the tests that passed for each in the last runs of the suite."""
    listed = dict(line.split(",", 1) for line in (ROOT / "tests" / "requirements.csv").read_text().splitlines() if line)
    results = ROOT / ".pytest_cache" / "requirements.json"
    seen: dict[str, dict[str, str]] = json.loads(results.read_text()) if results.exists() else {}
    shown, proved = Table("number", "what", "tests"), 0
    for number, what in listed.items():
        outcomes = list(seen.get(number, {}).values())
        passed = outcomes.count("passed")
        proved += passed > 0 and passed == len(outcomes)
        note = f"{passed} passed" if passed == len(outcomes) else f"{len(outcomes) - passed} FAILED"
        shown.add_row(number, what, note if outcomes else "[dim]no test yet[/dim]")
    console.print(shown)
    click.echo(f"{proved} of {len(listed)} have a passing test.")


def _migrate(services: Services) -> None:
    from clinic_portal import migrations

    migrations.upgrade(services.database)


def _migrated(services: Services) -> None:
    from clinic_portal import migrations

    try:
        current = migrations.is_current(services.database)
    except Exception:
        fail("The database does not answer: check CLINIC_DATABASE_URL, then `clinic-portal doctor`.")
    if not current:
        fail("The database is not migrated. Run `clinic-portal migrate` first.")


def _begun(services: Services) -> None:
    """An empty database is given its tables; one that is behind is not changed unasked: it wants a backup first."""
    from clinic_portal import migrations

    with suppress(Exception):  # a database that is away is told of below
        if migrations.is_empty(services.database):
            _migrate(services)
            click.echo("The database was empty: its tables are made.")
    _migrated(services)


def _say_where_to_set_up(services: Services) -> None:
    """One line as long as nobody is there: whoever reads it may become the owner."""
    from clinic_portal.accounts import setup_key

    address = services.ask(setup_key.address)
    if address:
        click.echo(f"Set up your clinic: {address}")
        sys.stdout.flush()


def ready(services: Services) -> None:
    """Stop with what to do unless the database is migrated and holds a clinic."""
    from clinic_portal.clinic.queries import version
    from clinic_portal.core.errors import DomainError

    _migrated(services)
    try:
        services.ask(version)
    except DomainError:
        fail("There is no clinic yet: set it up in the browser (`clinic-portal serve`) or `clinic-portal load FILE`.")


def _set_clock(services: Services, at: str | None) -> None:
    if at is None:
        return
    from clinic_portal.core.clock import RehearsalClock
    from clinic_portal.setup.demo import lumen

    try:
        wall = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(lumen().locations[0].time_zone))
    except ValueError:
        fail("Write the time like --at '2026-12-01 09:00'.")
    assert isinstance(services.clock, RehearsalClock)
    services.clock.set(wall.astimezone(UTC))


def _fill(services: Services) -> None:
    """Load the demo clinic into an empty database."""
    from clinic_portal.clinic.queries import version
    from clinic_portal.core.errors import DomainError
    from clinic_portal.setup.demo import lumen
    from clinic_portal.setup.load import load as load_clinic
    from clinic_portal.setup.people import APPOINTMENTS, seed

    try:
        services.ask(version)
        return
    except DomainError:
        services.do(load_clinic, lumen())
    columns = (TextColumn("Filling the diary"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=APPOINTMENTS)
        advance: Callable[[int], None] = lambda done: progress.update(task, completed=done)  # noqa: E731
        services.do(seed, progress=advance)


def _build() -> bool:
    from clinic_portal import server

    try:
        if server.is_built():
            return False
        with console.status("Building the pages (half a minute, once)…"):
            return server.build()
    except RuntimeError as fault:
        fail(str(fault), "Nothing is served. Look at the lines above, then try again.")


def _serve(services: Services) -> None:
    from clinic_portal import server

    services.database.dispose()
    server.serve(services.settings)


from clinic_portal import proofs  # noqa: E402 - its commands use what stands above

for proof in (proofs.check_invariants, proofs.verify_documents, proofs.verify_audit):
    main.add_command(proof)

if __name__ == "__main__":
    main()
