"""Files that are posted: read within bounds and in memory alone, and looked at beside the event loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from clinic_portal.core.errors import Invalid, TooMany
from clinic_portal.forms.uploads import MOST_BYTES
from clinic_portal.web import inputs

T = TypeVar("T")
MOST_AT_ONCE, MOST_OF_ONE = 24, 3
SECONDS = 180
_looking = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")
_under_way: Counter[str] = Counter()


class _InMemory(MultiPartParser):
    """A photo of somebody's skin never lies on the disk unsealed, not even for a moment."""

    spool_max_size = MOST_BYTES * 2


@asynccontextmanager
async def turn(sender: str) -> AsyncIterator[None]:
    """A place among those who send files just now. Raises TooMany when all are taken, or this sender's share is."""
    if _under_way.total() >= MOST_AT_ONCE or _under_way[sender] >= MOST_OF_ONE:
        raise TooMany("file_busy", 10)
    _under_way[sender] += 1
    try:
        yield
    finally:
        _under_way[sender] -= 1
        if not _under_way[sender]:
            del _under_way[sender]


async def posted(request: Request, *names: str) -> tuple[dict[str, str], bytes]:
    """The named fields of a posted form, and the bytes of its one file, `file`.

    Raises BadInput for what no page of ours sends; Invalid for a body that did not end in time or within bounds.
    """
    if request.headers.get("content-type", "").split(";")[0].strip() != "multipart/form-data":
        raise inputs.BadInput
    parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=len(names), max_part_size=2000)
    try:
        async with asyncio.timeout(SECONDS):
            form = await parser.parse()
    except ClientDisconnect:
        raise Invalid("file", "file_big", limit=MOST_BYTES // 1024**2) from None
    except TimeoutError:
        raise Invalid("file", "file_broken") from None
    except (MultiPartException, ValueError):
        raise inputs.BadInput from None
    try:
        sent = [value for value in form.getlist("file") if isinstance(value, UploadFile)]
        if len(sent) != 1 or len(form.multi_items()) != 1 + len(names):
            raise inputs.BadInput
        told = {name: inputs.text(form.get(name), most=500) for name in names}
        return told, await sent[0].read()
    finally:
        await form.close()


async def looked_at(call: Callable[..., T], *args: object) -> T:
    """Do what is heavy in the two threads kept for it: everyone else's clicks go on meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(_looking, call, *args)
