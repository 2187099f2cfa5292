"""A table of a report as a file (P18); it names no patient."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.bootstrap import services
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import DomainError, NotAllowed
from clinic_portal.core.sheets import comma_separated
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.web import inputs
from clinic_portal.web.admin.reports import asking, shapes
from clinic_portal.web.gate import access
from clinic_portal.web.http import plain


@access(Permission.SEE_REPORTS)
async def sheet(request: Request) -> Response:
    """A line for each row of the table; that it was made is in the activity log."""
    actor = request.state.admitted.staff
    try:
        name, body = await asyncio.to_thread(services().ask, file, actor, dict(request.query_params))
        await asyncio.to_thread(services().do, _note, actor, name)
    except inputs.BadInput:
        raise
    except DomainError:
        return plain.page("There is no such report", "Nothing was made.", onward=("Reports", asking.PATH), status=404)
    headers = {
        "content-disposition": f'attachment; filename="{name}.csv"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def file(read: Reading, actor: StaffActor, asked: dict[str, str]) -> tuple[str, bytes]:
    """Its name and the file: long work, so a read that nobody waits for. Raises NotAllowed, BadInput; Invalid for days
    that are no period."""
    clinic = catalogue(read)
    language = clinic.clinic.language
    wanted = asking.wanted(asked, wording.local(read.now, clinic.time_zone).date(), language)
    told = asking.told(read, actor, wanted, clinic.clinic.currency, language)
    one = next((sheet for sheet in told.sheets if sheet.key == asked.get("table")), None)
    if one is None:
        raise NotAllowed()
    first, last = wanted.period.first_on.isoformat(), wanted.period.last_on.isoformat()
    rows = ([shapes.plain(cell) for cell in row] for row in one.rows)
    return f"{wanted.report}-{one.key}-{first}-{last}", comma_separated(shapes.heads(one), rows)


def _note(work: UnitOfWork, actor: StaffActor, name: str) -> None:
    work.record(actor.tag, "report.downloaded", "clinic:1", file=name)
