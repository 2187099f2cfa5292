"""A raw websocket: any event to any handler, with any values."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any
from urllib.parse import parse_qsl

import socketio

ROOT_STATE = "reflex___state____state"
WIZARD = f"{ROOT_STATE}.clinic_portal___web___booking___"
JUNK: list[Any] = [
    None, True, -1, 0, 2**63, 1.5, "", "0", "x" * 5000, "'; DROP TABLE patient; --", "<script>1</script>",
    "../../etc/passwd", "2026-13-45", [], [1] * 500, {}, {"a": {"b": [None]}},
    {"email": ["x"]}, "\x00\u202e", "Infinity",
]  # fmt: skip


def told(answers: list[dict[str, Any]]) -> str:
    """Everything in some answers, to be searched."""
    return json.dumps(answers)


class Attacker:
    """A browser without a page; `cookie`, `portal` and `staff` are the raw cookies it sends, if any."""

    def __init__(
        self,
        url: str,
        *,
        cookie: str = "",
        portal: str = "",
        staff: str = "",
        token: str | None = None,
        origin: str | None = None,
        more: dict[str, str] | None = None,
    ) -> None:
        self.url, self.token = url, token or str(uuid.uuid4())
        cookies = {"visitor": cookie, "portal": portal, "staff": staff}
        header = "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
        self._headers = {"Origin": origin or url} | ({"Cookie": header} if header else {}) | (more or {})
        self._socket = socketio.AsyncClient(reconnection=False)
        self.answers: list[dict[str, Any]] = []
        self._socket.on("event", self._heard, namespace="/_event")

    async def _heard(self, answer: dict[str, Any]) -> None:
        self.answers.append(answer)

    async def __aenter__(self) -> Attacker:
        await self._socket.connect(
            f"{self.url}/?token={self.token}",
            headers=self._headers,
            transports=["websocket"],
            socketio_path="/_event",
            namespaces=["/_event"],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.disconnect()

    @property
    def is_connected(self) -> bool:
        return bool(self._socket.connected)

    async def send(self, handler: str, payload: Any = None, *, path: str = "/book/time") -> list[dict[str, Any]]:
        """Send an event; what came back until the server was done with it and idle."""
        self.answers.clear()
        await self._emit(handler, payload, path)
        return await self.listen()

    async def _emit(self, handler: str, payload: Any, path: str) -> None:
        query = path.partition("?")[2]
        event = {
            "name": handler,
            "payload": {} if payload is None else payload,
            "router_data": {"pathname": path.split("?")[0], "asPath": path, "query": dict(parse_qsl(query))},
        }
        await self._socket.emit("event", event, namespace="/_event")

    async def listen(self, quiet_seconds: float = 0.25, *, patience_seconds: float = 1.0) -> list[dict[str, Any]]:
        """Everything heard until nothing more comes; the first answer may take longer on a busy machine."""
        waited = 0.0
        while not self.answers and waited < patience_seconds and self.is_connected:
            await asyncio.sleep(0.02)
            waited += 0.02
        heard = -1
        while heard != len(self.answers):
            heard = len(self.answers)
            await asyncio.sleep(quiet_seconds)
        return list(self.answers)

    async def wizard(self, state: str, handler: str, payload: Any = None) -> list[dict[str, Any]]:
        """Call a handler of one of the wizard's states, such as `time_state____time_step`."""
        return await self.send(f"{WIZARD}{state}.{handler}", payload)

    async def emit(self, state: str, handler: str, payload: Any = None) -> None:
        """Call a handler of one of the wizard's states and wait for nothing."""
        await self._emit(f"{WIZARD}{state}.{handler}", payload, "/book/time")
