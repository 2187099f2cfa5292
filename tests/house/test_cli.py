"""The command: its exit codes and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text, update

from clinic_portal import bootstrap
from clinic_portal.accounts import second_factor
from clinic_portal.accounts.models import Staff
from clinic_portal.accounts.setup_key import setup_key
from clinic_portal.cli import main
from clinic_portal.core import audit
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.messaging import actions
from clinic_portal.messaging.models import Message
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.patients import history
from clinic_portal.payments import books
from clinic_portal.payments.ports import GatewayAway
from clinic_portal.setup.demo import FILE, FORMS
from tests.bounce_kit import report
from tests.factories import patient, rows, small_clinic, staff, table


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    monkeypatch.setenv("CLINIC_DATABASE_URL", f"sqlite:///{tmp_path}/clinic.db")
    monkeypatch.setenv("CLINIC_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CLINIC_PASSWORD_COST", "4")
    bootstrap.services.cache_clear()

    def run(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, list(arguments), input=typed)

    yield run
    bootstrap.services().database.dispose()
    bootstrap.services.cache_clear()


def test_every_command_has_a_help_text(run) -> None:
    for name, command in main.commands.items():
        assert command.get_short_help_str(), name
    assert run("--help").exit_code == 0


def test_a_clinic_is_migrated_loaded_examined_and_exported(run, tmp_path: Path) -> None:
    assert run("migrate").exit_code == 0
    loaded = run("load", str(FILE))
    assert (loaded.exit_code, "added: 26 service" in loaded.output) == (0, True)
    assert "nothing was changed" in run("load", str(FILE)).output
    assert run("doctor").exit_code == 0
    assert run("check-invariants").output.strip() == "All invariants hold."
    assert "Lumen Aesthetics" in run("export-clinic").output
    assert run("export-clinic", str(tmp_path / "out.yaml")).exit_code == 0


def test_a_wrong_file_loads_nothing_and_says_why(run, tmp_path: Path) -> None:
    run("migrate")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FILE.read_text().replace("America/Denver", "Mars/Olympus"))
    refused = run("load", str(wrong))
    assert refused.exit_code == 1
    assert "Mars/Olympus is no time zone" in refused.output


def test_forms_are_loaded_from_files_of_their_own_and_a_wrong_one_loads_nothing(run, tmp_path: Path) -> None:
    run("migrate")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FORMS[0].read_text().replace("categories: [", "categories: [moon, "))
    refused = run("load", str(FILE), str(wrong))
    assert refused.exit_code == 1
    assert "form medical-intake: there is no category moon." in refused.output
    loaded = run("load", str(FILE), *map(str, FORMS))
    assert (loaded.exit_code, f"added: {len(FORMS)} form" in loaded.output) == (0, True), loaded.output


@pytest.mark.parametrize("command", ["load", "export-clinic", "check-invariants", "worker"])
def test_without_tables_a_command_says_what_to_run_first(run, command: str) -> None:
    refused = run(command, *([str(FILE)] if command == "load" else []))
    assert refused.exit_code == 2
    assert "clinic-portal migrate" in refused.output


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing is built or listened to; what would have been is noted."""
    noted: list[str] = []
    monkeypatch.setattr("clinic_portal.cli._build", lambda: noted.append("built"))
    monkeypatch.setattr("clinic_portal.cli._serve", lambda services: noted.append("served"))
    return noted


def test_an_empty_database_is_given_its_tables_and_the_way_to_set_up_is_said_once(run, served: list[str]) -> None:
    first = run("serve")
    assert (first.exit_code, served) == (0, ["built", "served"])
    said = [line for line in first.output.splitlines() if line.startswith("Set up your clinic: ")]
    assert said == [f"Set up your clinic: http://localhost:3000/setup?key={setup_key(bootstrap.services().settings)}"]
    assert "tables are made" in first.output


def test_as_soon_as_anybody_is_there_nothing_is_said_of_setting_up(run, served: list[str]) -> None:
    run("serve")
    run("staff", "add", "a@example.org", "--name", "Ada", "--role", "owner", "--generate")
    again = run("serve")
    assert (again.exit_code, "Set up" in again.output, "tables" in again.output) == (0, False, False)


def test_a_database_that_is_behind_is_not_changed_unasked(run, served: list[str]) -> None:
    run("migrate")
    bootstrap.services().do(lambda work: work.execute(text("UPDATE alembic_version SET version_num = 'older'")))
    refused = run("serve")
    assert (refused.exit_code, served) == (2, [])
    assert "clinic-portal migrate" in refused.output


def test_production_with_placeholders_is_not_served(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINIC_MODE", "production")
    bootstrap.services.cache_clear()
    refused = run("serve")
    assert refused.exit_code == 2
    assert "CLINIC_SECRET_KEY" in refused.output


def test_doctor_finds_a_missing_clinic(run) -> None:
    run("migrate")
    found = run("doctor")
    assert found.exit_code == 1
    assert "clinic-portal load FILE" in found.output.replace("\n", " ")
    assert "/setup?key=" in found.output.replace("\n", "")


def test_staff_are_added_with_a_password_of_a_decent_length(run) -> None:
    run("migrate")
    add = ("staff", "add", "Owner@Example.org", "--name", "Ada", "--role", "owner", "--password-stdin")
    assert run(*add, typed="too short\n").exit_code == 1
    assert run(*add, typed="a password long enough\n").exit_code == 0
    assert run(*add, typed="a password long enough\n").exit_code == 1
    [ada] = rows(bootstrap.services(), Staff)
    assert (ada.email_key, ada.role) == ("owner@example.org", "owner")
    assert "password long" not in ada.password_hash


def test_keys_are_rotated_and_the_old_one_can_go(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_keys(data_key: str, old: str = "") -> Services:
        monkeypatch.setenv("CLINIC_DATA_KEY", data_key)
        monkeypatch.setenv("CLINIC_OLD_DATA_KEYS", old)
        bootstrap.services.cache_clear()
        return bootstrap.services()

    before, after = "the first data key of more than 32 letters", "the second data key of more than 32 letters"
    run("migrate")
    services = with_keys(before)
    small_clinic(services)
    amara, owner = patient(services).actor.patient_id, staff(services)
    for number in range(3):
        services.do(history.record, "patient:1", amara, "habit", {"name": f"Habit {number}"})
    services.do(second_factor.begin, owner.actor.staff_id)
    with_keys(after)
    assert "opens under no key" in run("rotate-keys").output
    with_keys(after, before)
    assert "4 sealed anew" in run("rotate-keys").output
    assert "0 sealed anew" in run("rotate-keys").output
    services = with_keys(after)
    assert len(services.ask(history.current, amara)) == 3
    assert services.ask(second_factor.enrolment_uri, owner.actor.staff_id, "Lumen")


def test_a_lost_authenticator_is_taken_off_by_command(run) -> None:
    run("migrate")
    refused = run("staff", "second-factor-off", "nobody@lumen.example")
    assert (refused.exit_code, "nobody with that address" in refused.output) == (1, True)


def loaded(run) -> Services:
    run("migrate")
    run("load", str(FILE))
    return bootstrap.services()


def test_books_that_agree_are_reconciled_without_a_word_more(run) -> None:
    loaded(run)
    agreed = run("reconcile")
    assert (agreed.exit_code, agreed.output.splitlines()[-2:]) == (
        0,
        ["0 payments looked at. 0 differences mended.", "The books agree."],
    )


def test_a_difference_that_is_left_is_listed_in_plain_words_each_time(run) -> None:
    services = loaded(run)
    services.do(books.note_difference, "refund_failed:7", payment_id=3, intent_id="re_1")
    for _ in range(2):
        told = run("reconcile", "--days", "30")
        assert told.exit_code == 1
        assert "Money could not be" in told.output
        assert "1 left" in told.output


def test_books_are_not_called_equal_while_the_gateway_is_away(run, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(run)

    def away(*_: object) -> None:
        raise GatewayAway("down")

    monkeypatch.setattr(SandboxGateway, "recent", away)
    told = run("reconcile")
    assert told.exit_code == 1
    assert "does not answer" in told.output
    assert "agree" not in told.output


@pytest.mark.req("B6")
def test_a_report_of_what_came_back_is_taken_from_the_standard_input(run) -> None:
    run("migrate")
    services = bootstrap.services()
    services.do(actions.plan, Kind.PROFILE_CLAIM, Channel.EMAIL, 1, to="amara@example.org")
    services.do(lambda work: work.execute(update(table(Message)).values(state="sent")))
    (sent,) = rows(services, Message)
    heard = run("hear-bounce", typed=report(sent.message_id).decode())
    assert (heard.exit_code, heard.output) == (0, "Noted.\n")
    assert rows(services, Message)[0].state == "failed"


@pytest.mark.parametrize(
    "typed", ["", "Subject: on holiday\n\nback on Monday", report("nobody@lumen.example").decode()]
)
def test_what_is_no_report_of_ours_is_taken_without_an_error(run, typed: str) -> None:
    run("migrate")
    heard = run("hear-bounce", typed=typed)
    assert (heard.exit_code, heard.output) == (0, "Nothing to note.\n")


def test_without_its_database_a_report_is_to_be_brought_again(run) -> None:
    assert run("hear-bounce", typed=report("a@lumen.example").decode()).exit_code == 75


def test_without_a_mailbox_none_is_read(run) -> None:
    refused = run("hear-bounce", "--mailbox")
    assert (refused.exit_code, "CLINIC_BOUNCE_IMAP_HOST" in refused.output) == (2, True)


@pytest.mark.req("P15")
def test_a_log_that_is_sealed_by_nobody_is_not_proved(run) -> None:
    run("migrate")
    services = bootstrap.services()
    small_clinic(services)
    staff(services, "owner")
    assert run("verify-audit").exit_code == 0
    services.do(lambda work: audit.write(work.session, [told(datetime.now(UTC) - timedelta(hours=1))]))
    late = run("verify-audit")
    assert (late.exit_code, "Does the worker run?" in late.output) == (1, True)


@pytest.mark.req("P15")
def test_a_log_with_an_entry_of_a_time_long_past_says_so_and_is_whole(run) -> None:
    run("migrate")
    services = bootstrap.services()
    small_clinic(services)
    staff(services, "owner")
    services.do(lambda work: audit.write(work.session, [told(datetime.now(UTC) - timedelta(days=9))]))
    services.do(lambda work: audit.seal(work.session))
    found = run("verify-audit")
    assert (found.exit_code, "was the clock set back?" in found.output) == (0, True)


def told(at: datetime) -> dict[str, object]:
    """An entry of some time."""
    return {"at": at, "actor": "staff:1", "action": "deed.slow", "subject": "clinic:1", "detail": {}}


@pytest.mark.req("P15")
def test_the_activity_log_is_proved_and_an_entry_altered_below_it_is_named(run) -> None:
    run("migrate")
    services = bootstrap.services()
    small_clinic(services)
    assert run("verify-audit").output.strip() == "No entry is in the chain yet."
    staff(services, "owner")
    assert run("verify-audit").output.splitlines()[1].startswith("2 are not in the chain yet, since ")
    services.do(lambda work: audit.seal(work.session))
    whole = run("verify-audit")
    assert (whole.exit_code, whole.output.splitlines()[0][:25]) == (0, "2 entries verify, until 2")
    head = whole.output.splitlines()[1].removeprefix("Head: ")
    assert run("verify-audit", "--head", head).exit_code == 0
    gone = run("verify-audit", "--head", "0" * 64)
    assert (gone.exit_code, "its end was cut off" in gone.output) == (1, True)
    assert run("verify-audit", "--head", "not one").exit_code == 2
    with services.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_entry_no_UPDATE"))
        connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = 2"))
    altered = run("verify-audit")
    assert altered.exit_code == 1
    assert altered.output.startswith("Entry 2 of 20")
    assert "was altered" in altered.output
    assert "verify-audit" in run("check-invariants").output
