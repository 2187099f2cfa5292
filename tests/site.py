"""The built app in a process of its own, on a database the tests can look into."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clinic_portal import migrations, server
from clinic_portal.core.clock import RehearsalClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from clinic_portal.messaging.queries import sandbox
from clinic_portal.messaging.types import SandboxLetter
from tests.factories import SmallClinic, small_clinic

OPENING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # Monday, 09:00 in Chicago
SERVE = "from clinic_portal import server; from clinic_portal.core.settings import Settings; server.serve(Settings())"


class Site:
    """A running app with the small clinic; `services` sees the same database and the same movable clock.

    `clinic=False`: an empty installation, not even its tables; it is started as its owner starts it.
    """

    def __init__(self, folder: Path, *, password_cost: int = 4, clinic: bool = True, **settings: Any) -> None:
        server.build()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "server.log"
        self.settings = Settings(
            _env_file=None,
            mode="demo",
            database_url=f"sqlite:///{folder}/clinic.db",
            data_dir=folder,
            public_url=self.url,
            port=self.port,
            secret_key="a browser test's key of more than 32 characters",
            password_cost=password_cost,
            **settings,
        )
        self._told = {f"CLINIC_{name.upper()}": str(value) for name, value in settings.items()}
        self.clock = RehearsalClock(folder / "rehearsal-clock")
        self.clock.set(OPENING)
        self.services = Services(Database(self.settings.database_url), self.clock, self.settings)
        self._command = (
            [sys.executable, "-c", SERVE] if clinic else [sys.executable, "-m", "clinic_portal.cli", "serve"]
        )
        if clinic:
            migrations.upgrade(self.services.database)
            self.clinic: SmallClinic = small_clinic(self.services)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the app and wait until it is ready."""
        environment = {
            **os.environ,
            "CLINIC_MODE": "demo",
            "CLINIC_DATABASE_URL": self.settings.database_url,
            "CLINIC_DATA_DIR": str(self.settings.data_dir),
            "CLINIC_PORT": str(self.port),
            "CLINIC_PUBLIC_URL": self.url,
            "CLINIC_SECRET_KEY": self.settings.key,
            "CLINIC_PASSWORD_COST": str(self.settings.password_cost),
            **self._told,
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=server.ROOT, env=environment, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=2)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(self.log.read_text()[-3000:])

    def kill(self) -> None:
        """Kill the app as a power cut would, its children too."""
        assert self._process is not None
        for child in self._children():
            os.kill(child, signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def _children(self) -> list[int]:
        assert self._process is not None
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []

    def letters(self) -> tuple[SandboxLetter, ...]:
        """What the sandbox sent, newest first."""
        return self.services.ask(sandbox, most=100)

    def letter_to(self, address: str, channel: str, *, holding: str = "", after: int = 0) -> SandboxLetter:
        """The newest message to someone, as soon as the worker has sent it."""
        until = time.monotonic() + 15
        while time.monotonic() < until:
            for one in self.letters():
                if one.id > after and one.to_address == address and one.channel == channel and holding in one.text:
                    return one
            time.sleep(0.05)
        raise AssertionError(f"no {channel} to {address} arrived")


def running(folder: Path, **how: Any) -> Iterator[Site]:
    """A site that runs as long as the fixture that yields from this."""
    made = Site(folder, **how)
    made.start()
    yield made
    made.kill()
