"""A raw websocket: any event to any handler, with any values."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import socketio

ROOT_STATE = "reflex___state____state"
WIZARD = f"{ROOT_STATE}.clinic_portal___web___booking___"


class Attacker:
    """A browser without a page; `cookie` is the raw pre-session cookie it sends, if any."""

    def __init__(
        self,
        url: str,
        *,
        cookie: str = "",
        token: str | None = None,
        origin: str | None = None,
        more: dict[str, str] | None = None,
    ) -> None:
        self.url, self.token = url, token or str(uuid.uuid4())
        self._headers = {"Origin": origin or url} | ({"Cookie": f"visitor={cookie}"} if cookie else {}) | (more or {})
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
        event = {
            "name": handler,
            "payload": {} if payload is None else payload,
            "router_data": {"pathname": path, "asPath": path, "query": {}},
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
