"""Commands that prove that what is kept is as it was written: invariants, signed documents, the activity log."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from clinic_portal.core.work import Services


WAITS_AT_MOST = timedelta(minutes=15)
"""How long an entry of the activity log may wait for its link; it takes a second, minutes where it came late."""


def _opened() -> Services:
    from clinic_portal import cli

    services = cli.office()
    cli.ready(services)
    return services


@click.command("check-invariants")
def check_invariants() -> None:
    """Prove that nothing overlaps or was lost, that money balances, and that the log and all files are whole."""
    from clinic_portal.booking.invariants import broken
    from clinic_portal.forms import files
    from clinic_portal.messaging import invariants as messages

    services = _opened()
    findings = [
        *services.ask(broken),
        *services.ask(messages.broken),
        *services.ask(lambda read: list(files.findings(read))),
    ]
    for finding in findings:
        click.echo(finding)
    click.echo("All invariants hold." if not findings else f"{len(findings)} broken.")
    sys.exit(bool(findings))


@click.command("verify-documents")
def verify_documents() -> None:
    """Prove that every questionnaire and consent is as it was completed and signed."""
    from clinic_portal.forms import verifying

    services = _opened()
    links = services.ask(verifying.counted)
    findings = services.ask(lambda read: list(verifying.findings(read)))
    for finding in findings:
        click.echo(finding)
    click.echo(f"{links} deeds verified: nothing was altered." if not findings else f"{len(findings)} do not verify.")
    sys.exit(bool(findings))


@click.command("verify-audit")
@click.option("--head", metavar="HASH[:NUMBER]", default="", help="Prove that a head noted earlier is in the chain.")
def verify_audit(head: str) -> None:
    """Prove that the activity log is as it was written, entry by entry.

    Exit code 1 also where entries wait for long, which until then could be altered unseen.
    """
    from clinic_portal import cli
    from clinic_portal.core import audit_proof

    noted, _, number = head.strip().lower().partition(":")
    if head and not (len(noted) == 64 and set(noted) <= set("0123456789abcdef") and (not number or number.isdecimal())):
        cli.fail("A head is 64 hexadecimal digits, perhaps with a colon and its number, as this command printed it.")
    services = _opened()
    at_sequence = int(number) if number else None
    with cli.console.status("Reading the activity log…"):
        proof = services.ask(lambda read: audit_proof.prove(read.session, noted=noted, at_sequence=at_sequence))
    for sentence in audit_proof.told(proof):
        click.echo(sentence)
    since = proof.waiting_since_at
    is_late = since is not None and services.clock.now() - since > WAITS_AT_MOST
    if is_late:
        click.echo("That is too long: what waits could be altered unseen. Does the worker run?")
    sys.exit(proof.broken is not None or not proof.has_head or is_late)
