"""Click to update of a wizard step over the real socket, with 1 and with 50 sessions open; bytes of a first visit."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import socketio

from clinic_portal import server
from clinic_portal.core import crypto
from clinic_portal.core.clock import RehearsalClock
from tests.bench.bench_database import made_services, many_providers
from tests.factories import SmallClinic, visitor

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STATE = "reflex___state____state.clinic_portal___web___booking___time_state____time_step"
CLICKS = 20
PAUSE_SECONDS = 0.1


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, SmallClinic]]:
    """The built app on a free port, with ten providers; its address, and the clinic."""
    server.build()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    database = f"sqlite:///{folder}/clinic.db"
    services = made_services(database, folder)
    clock = RehearsalClock(folder / "rehearsal-clock")
    clock.set(NOW)
    services.clock = clock
    made, _ = many_providers(services)
    environment = {
        **os.environ,
        "CLINIC_DATABASE_URL": database,
        "CLINIC_DATA_DIR": str(folder),
        "CLINIC_PORT": str(port),
        "CLINIC_PUBLIC_URL": url,
        "CLINIC_SECRET_KEY": services.settings.key,
    }
    code = (
        "from clinic_portal import server; from clinic_portal.core.settings import Settings; server.serve(Settings())"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=server.ROOT, env=environment)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/readyz", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield url, made
    finally:
        process.terminate()
        process.wait()


class Session:
    """A browser that stands on the day-and-time step."""

    def __init__(self, url: str, cookie: str) -> None:
        self._url, self._cookie = url, cookie
        self._answers: asyncio.Queue[Any] = asyncio.Queue()
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("event", self._answers.put, namespace="/_event")

    async def open(self) -> None:
        """Connect and show the step."""
        await self._socket.connect(
            f"{self._url}/?token={uuid.uuid4()}",
            headers={"Cookie": f"visitor={self._cookie}", "Origin": self._url},
            transports=["websocket"],
            socketio_path="/_event",
            namespaces=["/_event"],
        )
        await self._socket.emit("event", _event("reflex___state____state.hydrate", {}), namespace="/_event")
        await self.click("enter", {})

    async def click(self, handler: str, payload: dict[str, Any]) -> float:
        """Milliseconds from a click until the step's state came back."""
        while not self._answers.empty():
            self._answers.get_nowait()
        begin = time.perf_counter()
        await self._socket.emit("event", _event(f"{STATE}.{handler}", payload), namespace="/_event")
        while True:
            answer = await asyncio.wait_for(self._answers.get(), 20)
            if STATE in (answer.get("delta") or {}):
                return (time.perf_counter() - begin) * 1000

    async def close(self) -> None:
        """Leave."""
        await self._socket.disconnect()


def _event(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    where = {"pathname": "/book/time", "asPath": "/book/time", "query": {}}
    return {"name": name, "payload": payload, "router_data": where}


async def latency(url: str, made: SmallClinic, sessions: int) -> dict[str, float]:
    """p50 and p95 of choosing a day, every session clicking ten times a second."""
    opened = []
    for _ in range(sessions):
        cookie = secrets.token_urlsafe(32)
        visitor(made, crypto.digest(cookie), "facial", phone=f"+1512555{secrets.randbelow(9000) + 1000}")
        session = Session(url, cookie)
        await session.open()
        opened.append(session)

    async def clicks(session: Session) -> list[float]:
        taken = []
        for turn in range(CLICKS):
            on = date(2026, 11, 24) + timedelta(days=turn % 6)
            taken.append(await session.click("choose_day", {"iso": on.isoformat()}))
            await asyncio.sleep(PAUSE_SECONDS)
        return taken

    found = sorted(one for taken in await asyncio.gather(*map(clicks, opened)) for one in taken)
    for session in opened:
        await session.close()
    return {
        "clicks": len(found),
        "p50_ms": round(statistics.median(found), 1),
        "p95_ms": round(found[int(len(found) * 0.95)], 1),
    }


def first_visit(url: str) -> dict[str, int]:
    """Compressed bytes of everything a first visit to /book loads: page, scripts, styles, fonts."""
    html = urllib.request.urlopen(f"{url}/book").read()
    names = set(re.findall(r'(?:href|src)="(/(?:assets|fonts)/[^"]+)"', html.decode()))
    names |= set(re.findall(r'(?:from|import) ?\(?"(/assets/[^"]+)"', html.decode()))
    found = {"html": len(gzip.compress(html))}
    for name in sorted(names):
        request = urllib.request.Request(f"{url}{name}", headers={"Accept-Encoding": "br, gzip"})
        body = urllib.request.urlopen(request).read()
        found[name] = len(body)
    newsreader = urllib.request.urlopen(f"{url}/fonts/newsreader-latin.woff2").read()
    found["/fonts/newsreader-latin.woff2"] = len(newsreader)
    return {"total_bytes": sum(found.values()), **found}


def run() -> dict[str, Any]:
    """All figures of the wizard."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (url, made):
        return {
            "choose_day_1_session": asyncio.run(latency(url, made, 1)),
            "choose_day_50_sessions": asyncio.run(latency(url, made, 50)),
            "first_visit": first_visit(url),
        }
