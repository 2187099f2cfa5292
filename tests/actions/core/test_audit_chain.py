"""The activity log shows whoever alters it below the application, on either database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from clinic_portal.core import audit, audit_proof, audit_sealing
from clinic_portal.core.audit_proof import Proof
from clinic_portal.core.audit_sealing import Sealer
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services, UnitOfWork

LIFTED = {
    "sqlite": [
        f"DROP TRIGGER {table}_no_{event}" for table in ("audit_entry", "audit_seal") for event in ("UPDATE", "DELETE")
    ],
    "postgres": [f"DROP TRIGGER {table}_no_change ON {table}" for table in ("audit_entry", "audit_seal")],
}


def note(services: Services, *deeds: str) -> None:
    def action(work: UnitOfWork) -> None:
        for deed in deeds:
            work.record("staff:1", deed, "clinic:1", before={"a": 1}, after={"a": 2})

    services.do(action)


def seal(services: Services) -> int:
    return services.do(lambda work: audit.seal(work.session))


def proof(services: Services, **noted: object) -> Proof:
    return services.ask(lambda read: audit_proof.prove(read.session, **noted))


def below(services: Services, *statements: str) -> None:
    """What somebody does who has the database itself."""
    with services.database.engine.begin() as connection:
        for statement in (*LIFTED["sqlite" if services.database.is_sqlite else "postgres"], *statements):
            connection.execute(text(statement))


@pytest.fixture
def log(services: Services) -> Services:
    """Six entries, sealed one after the other."""
    for number in range(1, 7):
        note(services, f"deed.number_{number}")
        seal(services)
    return services


def id_of(services: Services, number: int) -> int:
    return services.ask(
        lambda read: read.execute(text(f"SELECT id FROM audit_entry WHERE action = 'deed.number_{number}'")).scalar()
    )


@pytest.mark.req("P15")
def test_an_untouched_log_verifies_to_its_head(log: Services) -> None:
    found = proof(log)
    assert (found.broken, found.verified, found.waiting, found.until_at) == (None, 6, 0, log.clock.now())
    assert log.ask(lambda read: audit.head(read.session)) == (6, found.head)


@pytest.mark.req("P15")
@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
def test_the_database_itself_refuses_every_change_of_the_log(log: Services, table: str) -> None:
    column = "actor" if table == "audit_entry" else "hash"
    refused = [f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"]
    refused += [] if log.database.is_sqlite else [f"TRUNCATE {table} CASCADE"]
    for statement in refused:
        with pytest.raises(DatabaseError, match="append-only"), log.database.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    "change",
    [
        "actor = 'staff:2'",
        "action = 'deed.other'",
        "subject = 'clinic:2'",
        'detail = \'{"before": {"a": 1}, "after": {"a": 3}}\'',
        "at = '2020-01-01 00:00:00'",
    ],
)
def test_an_altered_entry_is_the_first_that_does_not_verify(log: Services, change: str) -> None:
    third = id_of(log, 3)
    below(log, f"UPDATE audit_entry SET {change} WHERE id = {third}")
    found = proof(log)
    assert found.broken is not None
    assert (found.broken.what, found.broken.entry_id, found.verified) == ("altered", third, 2)


@pytest.mark.req("P15")
def test_a_removed_entry_is_missed(log: Services) -> None:
    third = id_of(log, 3)
    below(log, f"DELETE FROM audit_entry WHERE id = {third}")
    found = proof(log).broken
    assert found is not None
    assert (found.what, found.entry_id, found.at) == ("removed", third, log.clock.now())


@pytest.mark.req("P15")
def test_an_entry_removed_with_its_link_is_missed(log: Services) -> None:
    third = id_of(log, 3)
    below(log, f"DELETE FROM audit_entry WHERE id = {third}", f"DELETE FROM audit_seal WHERE entry_id = {third}")
    found = proof(log).broken
    assert found is not None
    assert (found.what, found.sequence) == ("link_missing", 3)


@pytest.mark.req("P15")
def test_so_it_is_when_the_links_behind_it_are_moved_up(log: Services) -> None:
    third = id_of(log, 3)
    moved = [f"UPDATE audit_seal SET sequence = {one - 1} WHERE sequence = {one}" for one in (4, 5, 6)]
    below(
        log, f"DELETE FROM audit_seal WHERE entry_id = {third}", f"DELETE FROM audit_entry WHERE id = {third}", *moved
    )
    found = proof(log).broken
    assert found is not None
    assert (found.what, found.sequence) == ("altered", 3)


@pytest.mark.req("P15")
def test_two_entries_that_changed_places_are_noticed(log: Services) -> None:
    second, third = id_of(log, 2), id_of(log, 3)
    below(
        log,
        f"UPDATE audit_seal SET entry_id = -1 WHERE entry_id = {second}",
        f"UPDATE audit_seal SET entry_id = {second} WHERE entry_id = {third}",
        f"UPDATE audit_seal SET entry_id = {third} WHERE entry_id = -1",
    )
    found = proof(log).broken
    assert found is not None
    assert (found.what, found.entry_id) == ("altered", third)


@pytest.mark.req("P15")
def test_a_link_whose_hash_was_altered_does_not_verify(log: Services) -> None:
    below(log, f"UPDATE audit_seal SET hash = '{'ab' * 32}' WHERE sequence = 4")
    found = proof(log).broken
    assert found is not None
    assert found.entry_id == id_of(log, 4)


@pytest.mark.req("P15")
def test_a_head_noted_earlier_shows_that_the_end_was_cut_off(log: Services) -> None:
    head, sixth = proof(log).head, id_of(log, 6)
    below(log, "DELETE FROM audit_seal WHERE sequence = 6", f"DELETE FROM audit_entry WHERE id = {sixth}")
    assert proof(log).broken is None
    assert not proof(log, noted=head).has_head


@pytest.mark.req("P15")
def test_a_head_noted_earlier_shows_that_all_was_worked_out_anew(log: Services) -> None:
    head = proof(log).head
    below(log, "DELETE FROM audit_seal", f"UPDATE audit_entry SET actor = 'staff:2' WHERE id = {id_of(log, 2)}")
    assert seal(log) == 6
    assert proof(log).broken is None
    assert not proof(log, noted=head).has_head


@pytest.mark.req("P15")
def test_a_head_is_found_when_more_was_written_since_and_only_at_its_number(log: Services) -> None:
    head = proof(log).head
    note(log, "deed.later")
    seal(log)
    assert proof(log, noted=head).has_head
    assert proof(log, noted=head, at_sequence=6).has_head
    assert not proof(log, noted=head, at_sequence=5).has_head


@pytest.mark.req("P15")
def test_what_is_not_sealed_yet_is_told_and_since_when(log: Services, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=5))
    note(log, "deed.new", "deed.newer")
    found = proof(log)
    assert (found.broken, found.verified, found.waiting, found.waiting_since_at) == (None, 6, 2, clock.now())
    assert log.ask(lambda read: audit.is_waiting(read.session))


@pytest.mark.req("P15")
def test_an_entry_slipped_in_with_a_time_long_past_is_told(log: Services, clock: FixedClock) -> None:
    below(
        log,
        "INSERT INTO audit_entry (at, actor, action, subject, detail) "
        "VALUES ('2026-11-01 09:00:00', 'staff:1', 'deed.never', 'clinic:1', '{}')",
    )
    seal(log)
    found = proof(log)
    assert (found.backdated, found.backdated_id) == (1, found.verified and max_id(log))
    assert "was the clock set back?" in audit_proof.told(found)[-1]


def max_id(services: Services) -> int:
    return services.ask(lambda read: read.execute(text("SELECT max(id) FROM audit_entry")).scalar())


@pytest.mark.req("P15")
def test_no_number_of_the_chain_is_given_twice(log: Services) -> None:
    """Of two who seal at once, one fails, and seals with the next look."""
    again = {"sequence": 6, "entry_id": -1, "hash": "00"}
    with pytest.raises(IntegrityError):
        log.do(lambda work: work.execute(audit.SEAL.insert(), again))
    assert proof(log).verified == 6


def slipped_in(services: Services, entry_id: int, at: str = "2026-11-23 15:00:00") -> None:
    """An entry that is committed after others, under a number of its own."""
    with services.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entry (id, at, actor, action, subject, detail) "
                f"VALUES ({entry_id}, '{at}', 'staff:1', 'deed.slow', 'clinic:1', '{{}}')"
            )
        )


def seals_all(sealer: Sealer) -> None:
    """As the worker does: until there is nothing left to look at."""
    while sealer.step():
        pass


def in_chain(services: Services) -> list[str]:
    """What the chain's entries tell, in the chain's order."""
    linked = select(audit.ENTRY.c.action).join(audit.SEAL, audit.SEAL.c.entry_id == audit.ENTRY.c.id)
    return list(services.ask(lambda read: read.execute(linked.order_by(audit.SEAL.c.sequence)).scalars().all()))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is looked through three ids at a time, the last two of which are looked at again."""
    monkeypatch.setattr(audit_sealing, "STRETCH", 3)
    monkeypatch.setattr(audit_sealing, "OVERLAP", 2)


@pytest.mark.req("P15")
@pytest.mark.usefixtures("short")
def test_however_many_entries_wait_all_are_sealed_in_their_order(services: Services) -> None:
    deeds = [f"deed.number_{number}" for number in range(20)]
    note(services, *deeds)
    seals_all(Sealer(services))
    assert in_chain(services) == deeds
    assert proof(services).waiting == 0


@pytest.mark.req("P15")
@pytest.mark.usefixtures("short")
def test_a_late_commit_is_sealed_with_the_next_ones(services: Services) -> None:
    """A lower id than one that is sealed already: a transaction that took longer."""
    note(services, *["deed.one"] * 5)
    sealer = Sealer(services)
    slipped_in(services, max_id(services) + 2)
    seals_all(sealer)
    slipped_in(services, max_id(services) - 1)
    seals_all(sealer)
    assert proof(services).waiting == 0
    assert proof(services).broken is None


@pytest.mark.req("P15")
@pytest.mark.usefixtures("short")
def test_one_that_came_later_still_is_found_within_minutes_and_at_once_by_a_new_worker(
    services: Services, clock: FixedClock
) -> None:
    note(services, *["deed.one"] * 9)
    sealer = Sealer(services)
    seals_all(sealer)
    slipped_in(services, -5)
    seals_all(sealer)
    assert proof(services).waiting == 1
    clock.advance(audit_sealing.AGAIN)
    seals_all(sealer)
    assert proof(services).waiting == 0
    slipped_in(services, -7)
    seals_all(Sealer(services))
    assert proof(services).waiting == 0
    assert proof(services).broken is None


def test_an_empty_log_has_nothing_to_seal(services: Services) -> None:
    assert Sealer(services).step() == 0


@pytest.mark.usefixtures("short")
def test_an_idle_look_looks_at_the_newest_entries_only(services: Services) -> None:
    note(services, *["deed.one"] * 20)
    sealer = Sealer(services)
    seals_all(sealer)
    slipped_in(services, -5)
    assert sealer.step() == 0
    assert proof(services).waiting == 1
