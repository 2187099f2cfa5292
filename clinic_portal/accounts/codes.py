"""One-time codes by SMS: six digits, ten minutes, five tries, a new one voids the old (S66, S67, rule 10)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, select, update

from clinic_portal.accounts import limits, models
from clinic_portal.accounts.types import CodeAnswer, Limit, PhoneCode
from clinic_portal.core import crypto, ids, outbox
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork

LASTS = timedelta(minutes=10)
TRIES = 5
RESEND_AFTER = timedelta(seconds=30)
RESEND = Limit("code_resend", 1, RESEND_AFTER)
PER_PHONE = Limit("code_per_phone", 6, timedelta(hours=1))
PER_BROWSER = Limit("code_per_browser", 10, timedelta(hours=1))
PER_ADDRESS = Limit("code_per_address", 30, timedelta(hours=1))
WRONG_PER_PHONE = Limit("code_wrong_per_phone", 20, timedelta(hours=24))
_TABLE = table(models.OneTimeCode)


def send(work: UnitOfWork, *, purpose: str, owner: str, phone: str, address: str) -> None:
    """Make a code for `phone`, bound to the browser `owner`, and ask for its SMS. Raises TooMany."""
    limits.spend(work, RESEND, f"{owner} {phone}")
    limits.spend(work, PER_PHONE, phone)
    limits.spend(work, PER_BROWSER, owner)
    limits.spend(work, PER_ADDRESS, address)
    limits.check(work, WRONG_PER_PHONE, phone)
    work.execute(update(_TABLE).where(_mine(purpose, owner), _TABLE.c.state == "open").values(state="void"))
    code_id = work.execute(
        insert(_TABLE).returning(_TABLE.c.id),
        {
            "purpose": purpose,
            "owner": owner,
            "phone": phone,
            "nonce": ids.nonce(),
            "created_at": work.now,
            "expires_at": work.now + LASTS,
            "tries": 0,
            "state": "open",
        },
    ).scalar_one()
    work.emit("phone_code.requested", f"phone_code:{code_id}", priority=outbox.URGENT, code_id=code_id)


def answer(work: UnitOfWork, *, purpose: str, owner: str, phone: str, digits: str) -> CodeAnswer:
    """Try `digits` against the newest code sent to `phone` for this browser; a right one is used up by this.

    It returns rather than raises, so that a wrong try is counted and kept. Raises TooMany, before it looks at the
    digits, once a number was guessed at too often: codes sent earlier may still be open.
    """
    newest = select(_TABLE).where(_mine(purpose, owner), _TABLE.c.phone == phone).order_by(_TABLE.c.id.desc()).limit(1)
    code = work.execute(newest.with_for_update()).first()
    if code is None or code.state != "open":
        spent = code is not None and code.state == "void" and code.tries >= TRIES
        return CodeAnswer.SPENT if spent else CodeAnswer.MISSING
    if code.expires_at <= work.now:
        return CodeAnswer.EXPIRED
    limits.check_in_turn(work, WRONG_PER_PHONE, phone)
    if crypto.same(crypto.one_time_code(work.settings.key, purpose, code.nonce), digits):
        _settle(work, code.id, state="used")
        return CodeAnswer.RIGHT
    tries = code.tries + 1
    _settle(work, code.id, tries=tries, state="void" if tries >= TRIES else "open")
    limits.spend(work, WRONG_PER_PHONE, phone)
    return CodeAnswer.SPENT if tries >= TRIES else CodeAnswer.WRONG


def phone_code(read: Reading, code_id: int) -> PhoneCode:
    """A code as its SMS needs it, digits included; for the sender alone. Raises NotAllowed."""
    code = read.execute(select(_TABLE).where(_TABLE.c.id == code_id)).first()
    if code is None:
        raise NotAllowed()
    return PhoneCode(
        phone=code.phone,
        digits=crypto.one_time_code(read.settings.key, code.purpose, code.nonce),
        purpose=code.purpose,
        expires_at=code.expires_at,
        is_open=code.state == "open" and code.expires_at > read.now,
    )


def resend_seconds(read: Reading, *, purpose: str, owner: str, phone: str) -> int | None:
    """Seconds until another code may be sent (0: now); None when none was sent yet."""
    newest = select(_TABLE.c.created_at).where(_mine(purpose, owner), _TABLE.c.phone == phone)
    sent_at: datetime | None = read.execute(newest.order_by(_TABLE.c.id.desc()).limit(1)).scalar()
    if sent_at is None:
        return None
    return max(0, round((sent_at + RESEND_AFTER - read.now).total_seconds()))


def _mine(purpose: str, owner: str) -> ColumnElement[bool]:
    return and_(_TABLE.c.purpose == purpose, _TABLE.c.owner == owner)


def _settle(work: UnitOfWork, code_id: int, **values: object) -> None:
    work.execute(update(_TABLE).where(_TABLE.c.id == code_id, _TABLE.c.state == "open").values(**values))
