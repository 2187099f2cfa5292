"""PDF files as answers: set outside the event loop, never kept by the browser, named by us."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.responses import Response

from clinic_portal.bootstrap import printer
from clinic_portal.core.errors import DomainError
from clinic_portal.forms.ports import Sheet
from clinic_portal.web.http import plain

_presses = ThreadPoolExecutor(max_workers=2, thread_name_prefix="press")
"""A PDF takes a processor for a while: two at once, and everybody else goes on."""


async def printed(name: str, find: Callable[[], Sheet], *, missing: str, onward: tuple[str, str]) -> Response:
    """What `find` gives as a PDF to download; where it refuses, a page that says the same for every reason."""
    try:
        sheet = await asyncio.to_thread(find)
    except DomainError:
        return plain.page(missing, "The link may be old.", onward=onward, status=404)
    body = await asyncio.get_running_loop().run_in_executor(_presses, printer().pdf, sheet)
    return Response(
        body,
        media_type="application/pdf",
        headers={
            "content-disposition": f'attachment; filename="{name}.pdf"',
            "cache-control": "private, no-store",
        },
    )
