"""Somebody goes to buy a package: what they buy, and, of one who is not signed in, who they are.

Each verb takes the browser's digest as `owner`, as the wizard's draft does (`booking.drafts`).
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from clinic_portal.accounts import codes
from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.packages import models, queries
from clinic_portal.packages.types import Buyer, Sold
from clinic_portal.patients.rules import contact

CODE = "package"
"""The purpose of the code that proves a buyer's phone: one that was sent to book proves nothing here."""
FORGOTTEN_AFTER = timedelta(days=1)
_DRAFT = table(models.PackageDraft)


def offered(work: UnitOfWork, package_id: int, *, revision: int, buyer: Buyer | None = None) -> Sold:
    """What is sold to whoever read that revision of a package.

    Raises NotAllowed for an unknown one; Conflict for one that is sold no more ("package_gone"), and where its price or
    what is in it changed meanwhile ("package_changed").
    """
    info = queries.package(work, package_id)
    found = queries.offer(catalogue(work), info)
    if found is None:
        raise Conflict("package_gone", name=info.name)
    if info.revision != revision:
        raise Conflict("package_changed", name=info.name)
    return Sold(
        name=info.name,
        what=found.what,
        service_id=info.service_id,
        category_id=info.category_id,
        count=info.count,
        price_minor=info.price_minor,
        currency=info.currency,
        valid_days=info.valid_days,
        names=(buyer.given_name, buyer.family_name) if buyer else None,
    )


def save_details(work: UnitOfWork, owner: str, *, given_name: str, family_name: str, email: str, phone: str) -> None:
    """Keep who the buyer says they are. Raises Unusable, with every field that cannot be used; NotAllowed without a
    cookie. A phone other than the one proved needs a new code."""
    if not owner:
        raise NotAllowed("no_cookie")
    region = catalogue(work).clinic.phone_region
    found = contact(given_name=given_name, family_name=family_name, email=email, phone=phone, region=region)
    work.in_turn("package draft", owner)
    values: dict[str, Any] = {name: getattr(found, name) for name in ("given_name", "family_name", "email", "phone")}
    values |= {"phone_typed": phone.strip(), "updated_at": work.now}
    if work.execute(select(_DRAFT.c.id).where(_DRAFT.c.owner == owner)).first() is None:
        work.execute(insert(_DRAFT), values | {"owner": owner, "verified_phone": ""})
    else:
        work.execute(update(_DRAFT).where(_DRAFT.c.owner == owner).values(**values))


def buyer(read: Reading, owner: str) -> Buyer | None:
    """Who a browser's buyer said they are."""
    row = read.execute(select(_DRAFT).where(_DRAFT.c.owner == owner)).first() if owner else None
    if row is None:
        return None
    proved_at = row.verified_at if row.verified_phone == row.phone else None
    return Buyer(row.given_name, row.family_name, row.email, row.phone, row.phone_typed, proved_at)


def send_code(work: UnitOfWork, owner: str, *, address: str) -> None:
    """Send a code to the buyer's phone, `address` being where the request came from. Raises TooMany."""
    codes.send(work, purpose=CODE, owner=owner, phone=_mine(work, owner).phone, address=address)


def answer_code(work: UnitOfWork, owner: str, digits: str) -> CodeAnswer:
    """Try a code against the buyer's phone; the right one proves it (S66, S67)."""
    mine = _mine(work, owner)
    if mine.proved_at is not None:
        return CodeAnswer.RIGHT
    answer = codes.answer(work, purpose=CODE, owner=owner, phone=mine.phone, digits=digits)
    if answer is CodeAnswer.RIGHT:
        proof = {"verified_phone": mine.phone, "verified_at": work.now, "updated_at": work.now}
        work.execute(update(_DRAFT).where(_DRAFT.c.owner == owner).values(**proof))
    return answer


def proved(read: Reading, owner: str) -> Buyer:
    """Who buys, the phone proved. Raises Conflict ("details_missing", "phone_unverified")."""
    mine = _mine(read, owner)
    if mine.proved_at is None:
        raise Conflict("phone_unverified")
    return mine


def change_owner(work: UnitOfWork, old: str, new: str) -> None:
    """The browser has a new pre-session cookie: it signed in, and their profile knows who buys."""
    work.execute(delete(_DRAFT).where(_DRAFT.c.owner == new))
    work.execute(update(_DRAFT).where(_DRAFT.c.owner == old).values(owner=new))


def forget(work: UnitOfWork, owner: str) -> None:
    """This browser is to know nothing any more."""
    work.execute(delete(_DRAFT).where(_DRAFT.c.owner == owner))


def forget_old(work: UnitOfWork) -> int:
    """Delete who said a day ago that they would buy."""
    old = _DRAFT.c.updated_at < work.now - FORGOTTEN_AFTER
    return int(work.execute(delete(_DRAFT).where(old)).rowcount)


def _mine(read: Reading, owner: str) -> Buyer:
    found = buyer(read, owner)
    if found is None:
        raise Conflict("details_missing")
    return found
