"""The members of a state as a file, for those who handle memberships (P8)."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.bootstrap import services
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import roll, words
from clinic_portal.memberships.roll import Show
from clinic_portal.web.admin.memberships import views
from clinic_portal.web.gate import access

HEAD = ("Name", "Plan", "Fee", "Currency", "Paid every", "State", "Member since", "Period ends", "Ended", "Why")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@access(Permission.HANDLE_MEMBERSHIPS)
async def members(request: Request) -> Response:
    """A line for each member; that the file was made is in the activity log."""
    wanted = request.query_params.get("show", "")
    show = next((one for one in Show if one.value == wanted), Show.ALL)
    actor = request.state.admitted.staff
    body, count = await asyncio.to_thread(services().ask, file, actor, show)
    await asyncio.to_thread(services().do, _note, actor, show, count)
    headers = {
        "content-disposition": f'attachment; filename="members-{show.value}.csv"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def file(read: Reading, actor: StaffActor, show: Show) -> tuple[str, int]:
    """The file, and of how many members it is: long work, so a read that nobody waits for. Raises NotAllowed."""
    clinic = catalogue(read)
    zone = clinic.time_zone

    def day(at: datetime | None) -> str:
        return wording.local(at, zone).date().isoformat() if at else ""

    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(HEAD)
    count = 0
    for one in roll.everybody(read, actor, show):
        count += 1
        plan = one.plan
        table.writerow(
            _plain(cell)
            for cell in (
                one.name,
                plan.name if plan else "",
                words.amount(plan.fee_minor, plan.currency, clinic.clinic.language) if plan else "",
                plan.currency if plan else "",
                plan.period if plan else "",
                views.standing(one)[0],
                day(one.started_at),
                day(one.period_until_at),
                day(one.ended_at),
                views.WHY.get(one.end_reason or "", ""),
            )
        )
    return "\ufeff" + written.getvalue(), count


def _note(work: UnitOfWork, actor: StaffActor, show: Show, count: int) -> None:
    work.record(actor.tag, "members.exported", "clinic:1", state=show.value, members=count)


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
