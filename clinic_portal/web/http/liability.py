"""What the clinic owes, wallet by wallet, as a table to download (P18)."""

import asyncio
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.bootstrap import services
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import DomainError
from clinic_portal.core.sheets import comma_separated
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients.queries import names
from clinic_portal.wallet import liability, rules
from clinic_portal.wallet.liability import Held
from clinic_portal.web import inputs
from clinic_portal.web.admin.liability import KINDS, ORIGINS, end_of
from clinic_portal.web.admin.settings.policy_views import amount
from clinic_portal.web.gate import access
from clinic_portal.web.http import plain

HEAD = ("Patient", "Number", "Kind", "From", "What", "Left", "Worth", "Currency", "Since", "Good until")


@access(Permission.SEE_SALES)
async def sheet(request: Request) -> Response:
    """A line for each thing in each wallet, at the end of a day or now; that it was made is in the activity log."""
    actor, asked = request.state.admitted.staff, request.query_params.get("on")
    try:
        on, body = await asyncio.to_thread(services().ask, file, actor, asked)
        await asyncio.to_thread(services().do, _note, actor, on)
    except inputs.BadInput:
        raise
    except DomainError:
        return plain.page(
            "There is no such day yet", "Nothing was made.", onward=("Liability", "/admin/liability"), status=404
        )
    headers = {
        "content-disposition": f'attachment; filename="liability-{on}.csv"',
        "cache-control": "private, no-store",
    }
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def file(read: Reading, actor: StaffActor, asked: str | None) -> tuple[str, bytes]:
    """The day and the file: long work, so a read that nobody waits for. Raises NotAllowed; Invalid for no such day."""
    clinic = catalogue(read)
    today = wording.local(read.now, clinic.time_zone).date()
    on = inputs.iso_date(asked) if asked else today
    held = list(liability.holdings(read, actor, at=end_of(clinic, on, today)))
    who = names(read, {one.patient_id for one in held})
    return on.isoformat(), comma_separated(HEAD, _rows(held, who, clinic))


def _note(work: UnitOfWork, actor: StaffActor, on: str) -> None:
    work.record(actor.tag, "liability.downloaded", "clinic:1", on=on)


def _rows(held: list[Held], who: dict[int, str], clinic: Catalogue) -> Iterator[tuple[object, ...]]:
    zone = clinic.time_zone
    for one in held:
        yield (
            who.get(one.patient_id, ""),
            one.patient_id,
            KINDS[one.kind],
            ORIGINS[one.origin],
            one.name,
            one.count or "",
            amount(one.minor, one.currency),
            one.currency,
            wording.local(one.since, zone).date().isoformat() if one.since else "",
            rules.last_day(one.expires_at, zone).isoformat() if one.expires_at else "",
        )
