"""Builds the pages once and serves them, the websocket and the endpoints on one port."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from reflex.utils import path_ops

from clinic_portal.core.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".web" / "build" / "client"
STAMP = ROOT / ".web" / "built-from"
MOST_MESSAGE_BYTES = 64 * 1024


def build(*, force: bool = False) -> bool:
    """Build the pages for production, unless they stand as the sources say; whether it was done.

    Raises RuntimeError with the build's last lines when it fails.
    """
    with path_ops.file_lock(STAMP):
        return _build(force)


def _build(force: bool) -> bool:
    if not force and is_built():
        return False
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0 or not BUILD.is_dir():
        raise RuntimeError("The pages could not be built:\n" + (done.stdout + done.stderr)[-3000:])
    STAMP.write_text(_fingerprint())
    return True


def is_built() -> bool:
    """Whether the pages stand as the sources say."""
    return BUILD.is_dir() and STAMP.is_file() and STAMP.read_text() == _fingerprint()


def serve(settings: Settings) -> None:
    """Serve until stopped, in one process: page state in memory belongs to it."""
    os.chdir(ROOT)
    os.environ.update(_environment())
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server
    from reflex_base.environment import environment

    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)
    environment.REFLEX_SKIP_COMPILE.set(True)
    Server(
        target="clinic_portal.clinic_portal:app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=True,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


def _environment() -> dict[str, str]:
    """What Reflex reads; the environment's `bin` comes first, because `bun` lies there."""
    own_bin = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": own_bin + os.pathsep + os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": str(MOST_MESSAGE_BYTES),
    }


def _fingerprint() -> str:
    """A digest of everything the pages are built from."""
    digest = hashlib.sha256(f"{sys.version} {Settings().mode}".encode())
    sources = [ROOT / "rxconfig.py", ROOT / "uv.lock", *sorted((ROOT / "assets").rglob("*"))]
    for path in [*sources, *sorted((ROOT / "clinic_portal").rglob("*.py"))]:
        if path.is_file():
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
