"""Carries out what transactions asked for, and what is due by time; in the app, or in a process of its own.

A row is leased, carried out and closed. A worker that is killed in between loses nothing: its lease runs out
and another takes the row. Only what was sent and not yet marked goes out again, once, the same text under the same
message id. Several workers at once never hold the same row. Each channel goes a way of its own, and rests for as long
as its relay or service asks. Logs name rows and codes, never a text, a name or an address.
"""

import asyncio
import logging
import signal
import traceback
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, or_, select, update

from clinic_portal.accounts import captcha, limits, links, notes, sessions
from clinic_portal.booking import reconciling
from clinic_portal.booking.actions import expire_holds, forget_old_drafts
from clinic_portal.booking.cashier import KINDS, Cashier
from clinic_portal.core import outbox
from clinic_portal.core.audit_sealing import Sealer
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.outbox import OUTBOX, OutboxRow
from clinic_portal.core.work import Reading, Services, UnitOfWork
from clinic_portal.forms import files
from clinic_portal.integrations.bounce_mailbox import BounceMailbox, MailboxAway
from clinic_portal.integrations.sandbox import notices
from clinic_portal.messaging import actions, delivery, own_words, rules
from clinic_portal.messaging.care import plan_after
from clinic_portal.messaging.ports import Email, Senders, SendFailed, Sms
from clinic_portal.messaging.reactions import REACTIONS
from clinic_portal.messaging.reminders import plan_due
from clinic_portal.messaging.returned import returned
from clinic_portal.patients import joining
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.scheduling.guard import forget_changes
from clinic_portal.wallet.expiring import expire, is_due

BATCH = 8
"""Rows leased at once; messages go out side by side."""
IDLE_SECONDS = 1.0
TEND_EVERY_SECONDS = 15.0
DONE_KEPT = timedelta(days=30)
MONEY = KINDS | {reconciling.RECONCILE}
"""What asks the payment gateway, and waits for it."""
MESSAGES = {kind: channel for channel, kind in actions.DELIVER.items()}
"""What waits for a relay or an SMS service, and which."""
LONGEST_REST = timedelta(hours=1)
CLOCK_SLACK = 2 * outbox.LEASE

log = logging.getLogger("clinic_portal.worker")


class Worker:
    """One loop over the outbox of one clinic."""

    def __init__(
        self, services: Services, senders: Senders, cashier: Cashier, mailbox: BounceMailbox | None = None
    ) -> None:
        self._services = services
        self._sealer = Sealer(services)
        self._mailbox = mailbox
        self._senders = senders
        self._cashier = cashier
        self._rests_until: dict[str, datetime] = {}
        self._how = {
            **dict.fromkeys(KINDS, self._pay),
            notices.SEND: self._tell,
            reconciling.RECONCILE: self._reconcile,
        }

    def run_once(self, *, only: Collection[str] = (), but: Collection[str] = ()) -> int:
        """Carry out some of what is due, of some kinds or of all but some; how many rows that was, 0 for nothing."""
        now = self._services.clock.now()
        resting = {kind for kind, until in self._rests_until.items() if now < until}
        if only and not set(only) - resting:
            return 0
        rows = self._services.do(_claim, set(only) - resting, set(but) | resting)
        messages = [row for row in rows if row.kind in MESSAGES]
        for row in rows:
            if row.kind not in MESSAGES:
                self._carry_out(row, self._how.get(row.kind, self._react))
        if messages:
            with ThreadPoolExecutor(len(messages)) as side_by_side:
                for _ in side_by_side.map(lambda row: self._carry_out(row, self._deliver), messages):
                    pass
        return len(rows)

    def tend(self) -> None:
        """Do what is due by time. Each part is found from the data: doing it twice or late is harmless."""
        for task in TENDING:
            try:
                while self._is_due(task) and self._services.do(task) and task in IN_PORTIONS:
                    pass
            except NotAllowed as refusal:
                if refusal.code != "no_clinic":  # before a clinic is founded nothing of it is due
                    log.error("tending %s failed: %s", task.__name__, _place(refusal))
            except Exception as error:
                log.error("tending %s failed: %s", task.__name__, _place(error))

    def _is_due(self, task: Callable[[UnitOfWork], object]) -> bool:
        look = LOOKED_FOR.get(task)
        return look is None or self._services.ask(look)

    def seal(self) -> int:
        """Link what the activity log was just told into its chain: what waits could still be altered unseen."""
        return self._sealer.step()

    def tend_money(self) -> None:
        """Look at payments that are not settled; found from the data too."""
        try:
            if self._cashier.tend().is_away:
                log.warning("the payment gateway does not answer: what is not settled waits")
        except Exception as error:
            log.error("tending payments failed: %s", _place(error))

    def tend_mailbox(self) -> None:
        """Hear what mail servers report, outside any transaction; what is not written down is heard again."""
        if self._mailbox is None:
            return
        try:
            self._mailbox.hear_when_due(lambda bounce: self._services.do(returned, bounce))
        except MailboxAway as away:
            log.warning("the bounce mailbox cannot be read: %s", away.reason)
        except Exception as error:
            log.error("hearing what came back failed: %s", _place(error))

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set: at once when this process emitted something, else every second.

        Money and each channel go ways of their own: who is slow to answer holds up nothing else.
        """
        await asyncio.gather(
            self._loop(stop, lambda: self.run_once(but=MONEY | MESSAGES.keys()), self.tend),
            self._loop(stop, lambda: self.run_once(only=MONEY), self.tend_money),
            self._loop(stop, self.seal),
            *(self._loop(stop, partial(self.run_once, only={kind})) for kind in MESSAGES),
            *([self._loop(stop, lambda: 0, self.tend_mailbox)] if self._mailbox else []),
        )

    async def _loop(self, stop: asyncio.Event, work: Callable[[], int], tend: Callable[[], None] | None = None) -> None:
        loop = asyncio.get_running_loop()
        wake = asyncio.Event()

        def on_emitted() -> None:
            with suppress(RuntimeError):  # the loop is closing: the next worker finds the row
                loop.call_soon_threadsafe(wake.set)

        self._services.on_emitted.append(on_emitted)
        next_tending = loop.time()
        try:
            while not stop.is_set():
                wake.clear()
                if tend and loop.time() >= next_tending:
                    await asyncio.to_thread(tend)
                    next_tending = loop.time() + TEND_EVERY_SECONDS
                if not await asyncio.to_thread(self._run_safely, work):
                    await _first_of(wake, stop, IDLE_SECONDS)
        finally:
            self._services.on_emitted.remove(on_emitted)

    def _run_safely(self, work: Callable[[], int]) -> int:
        try:
            return work()
        except Exception as error:  # the database is away, perhaps: look again in a second
            log.error("the outbox could not be read: %s", _place(error))
            return 0

    def _carry_out(self, row: OutboxRow, how: Callable[[OutboxRow], None]) -> None:
        try:
            how(row)
        except Exception as error:
            log.error("%s %s failed: %s", row.kind, row.id, _place(error))
            with suppress(Exception):  # the database is away: the lease runs out, and the row is due again
                self._services.do(_put_back, row, type(error).__name__)

    def _react(self, row: OutboxRow) -> None:
        self._services.do(_react, row)

    def _pay(self, row: OutboxRow) -> None:
        """Ask the gateway, outside any transaction; what it does not answer or do is asked again later."""
        try:
            self._cashier.carry_out(row.kind, row.payload)
        except (GatewayAway, GatewayRefused) as fault:
            log.warning("%s %s: not done yet", row.kind, row.id)
            self._services.do(_put_back, row, type(fault).__name__)
        else:
            self._services.do(_finish, row)

    def _reconcile(self, row: OutboxRow) -> None:
        """Hold the gateway's books against ours, outside any transaction."""
        try:
            left = reconciling.nightly(self._services, self._cashier).left
        except GatewayAway as fault:
            self._services.do(_put_back, row, fault.reason)
            return
        if left:
            log.error("%s differences between the gateway's books and ours: `clinic-portal reconcile`", len(left))
        self._services.do(_finish, row)

    def _tell(self, row: OutboxRow) -> None:
        """Post what the sandbox gateway has to tell, outside any transaction (B7)."""
        try:
            notices.send(self._services, row.payload)
        except GatewayAway as fault:
            self._services.do(_put_back, row, fault.reason)
        else:
            self._services.do(_finish, row)

    def _deliver(self, row: OutboxRow) -> None:
        letter = self._services.do(delivery.begin, row, self._services.ask(delivery.written, row))
        if letter is None:
            return
        try:
            sender_id = self._send(letter)
        except SendFailed as failure:
            self._not_taken(row, failure)
        except Exception as error:  # a bug, and nobody knows how far it came
            log.error("message %s: %s", row.payload["message_id"], _place(error))
            self._not_taken(row, SendFailed(type(error).__name__, permanent=False, is_unknown=True))
        else:
            self._services.do(delivery.mark_sent, row, sender_id)

    def _not_taken(self, row: OutboxRow, failure: SendFailed) -> None:
        if failure.retry_after_seconds:
            rest = min(timedelta(seconds=failure.retry_after_seconds), LONGEST_REST)
            self._rests_until[row.kind] = self._services.clock.now() + rest
        is_given_up = self._services.do(delivery.mark_failed, row, failure)
        level = logging.ERROR if is_given_up else logging.WARNING
        what = "given up" if is_given_up else "not taken yet"
        log.log(level, "message %s %s: %s", row.payload["message_id"], what, failure.reason)

    def _send(self, letter: Email | Sms) -> str:
        """Outside any transaction."""
        return self._senders.email.send(letter) if isinstance(letter, Email) else self._senders.sms.send(letter)


def run_forever(services: Services, senders: Senders, cashier: Cashier, mailbox: BounceMailbox | None = None) -> None:
    """Work until SIGTERM or SIGINT, and finish what was begun."""

    async def main() -> None:
        stop = asyncio.Event()
        for told in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(told, stop.set)
        await Worker(services, senders, cashier, mailbox).run(stop)

    asyncio.run(main())


def _claim(work: UnitOfWork, only: Collection[str], but: Collection[str]) -> list[OutboxRow]:
    return outbox.claim(work.session, now=work.now, limit=BATCH, only=only, but=but)


def _react(work: UnitOfWork, row: OutboxRow) -> None:
    """Close the event's row and do what follows from it, in one transaction."""
    reaction = REACTIONS.get(row.kind)
    if reaction is None:
        outbox.finish(work.session, row, state=outbox.DROPPED, error="no_reaction")
    elif outbox.finish(work.session, row):
        reaction(work, row.payload)


def _finish(work: UnitOfWork, row: OutboxRow) -> None:
    outbox.finish(work.session, row)


def _put_back(work: UnitOfWork, row: OutboxRow, error: str) -> None:
    """After a bug: try again later, and give up when attempts are spent. The ledger tells of it too."""
    if row.kind in MESSAGES:
        delivery.mark_failed(work, row, SendFailed(error, permanent=False))
        return
    pause = rules.pause(row.kind, row.attempts, spread_by=row.dedupe_key)
    outbox.retry(work.session, row, now=work.now, pause=pause, error=error)


def forget_attempts(work: UnitOfWork) -> None:
    """Delete counts that no limit looks back to."""
    limits.forget(work, work.now - limits.LONGEST)


def forget_ended(work: UnitOfWork) -> None:
    """Delete what ended long ago: links, sessions, registrations nobody confirmed, spent challenges, forms' notes,
    words that staff tried out."""
    olds = (links.forget_old, sessions.forget_old, joining.forget_old, captcha.forget_old, notes.forget_old)
    for forget in (*olds, own_words.forget_trials):
        forget(work)


def forget_done(work: UnitOfWork) -> None:
    """Delete rows carried out long ago; those given up stay for staff to see."""
    is_closed = OUTBOX.c.state.in_((outbox.DONE, outbox.DROPPED))
    work.session.execute(delete(OUTBOX).where(is_closed, OUTBOX.c.run_at < work.now - DONE_KEPT))


def catch_up_with_clock(work: UnitOfWork) -> None:
    """Free rows that wait for a time that will not come for long, because the clock was set back (B7).

    A lease never lasts longer than `LEASE`, nor a pause after a failure longer than `LONGEST_PAUSE`; a row
    made in what is the future again keeps the delay it asked for.
    """
    soon = work.now + CLOCK_SLACK
    is_leased, is_ready = OUTBOX.c.state == outbox.LEASED, OUTBOX.c.state == outbox.READY
    work.session.execute(update(OUTBOX).where(is_leased, OUTBOX.c.lease_until > soon).values(lease_until=work.now))
    is_stuck = or_(OUTBOX.c.created_at > soon, (OUTBOX.c.attempts > 0) & (OUTBOX.c.run_at > soon + rules.LONGEST_PAUSE))
    for row in work.session.execute(select(OUTBOX).where(is_ready, is_stuck)).all():
        delay = timedelta(0) if row.attempts else max(row.run_at - row.created_at, timedelta(0))
        same = (OUTBOX.c.id == row.id) & is_ready
        work.session.execute(update(OUTBOX).where(same).values(created_at=work.now, run_at=work.now + delay))


def sweep_files(work: UnitOfWork) -> None:
    """Take away files that a crash left without a row."""
    files.sweep(work)


TENDING: tuple[Callable[[UnitOfWork], object], ...] = (
    catch_up_with_clock,
    expire_holds,
    forget_old_drafts,
    plan_after,
    plan_due,
    expire,
    forget_attempts,
    forget_ended,
    forget_done,
    forget_changes,
    sweep_files,
    reconciling.plan,
)
LOOKED_FOR: dict[Callable[[UnitOfWork], object], Callable[[Reading], bool]] = {expire: is_due}
"""Tasks that begin to write only where there is something to do, with what tells it."""
IN_PORTIONS = (plan_after, plan_due, expire)
"""Tasks that do some of what is due, and say how many: asked again until nothing is left."""


async def _first_of(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in (wake, stop)]
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waiting:
        wait.cancel()


def _place(error: Exception) -> str:
    """What went wrong and where, without the error's own words: they may quote a row."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return " ".join([type(error).__name__, *(f"at {frame.filename}:{frame.lineno}" for frame in last)])
