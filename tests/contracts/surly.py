"""A relay that misbehaves where it is told to."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any


class Surly:
    """A relay on a bare socket that follows the protocol, but at one step does as it is told.

    `words`: answers so; `drop`: hangs up in place of an answer; `drip`: answers a byte at a time, and never to the end.
    """

    def __init__(self, step: str = "", does: str = "", *, only_connection: int | None = None) -> None:
        self.step, self.does, self.only = step, does, only_connection
        self.taken: list[bytes] = []
        self.connections = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(client, self.connections), daemon=True).start()

    def _talk(self, client: socket.socket, number: int) -> None:
        is_odd = self.only in (None, number)
        try:
            with client, client.makefile("rb") as lines:
                if not self._answer(client, "greeting", "220 here", is_odd=is_odd):
                    return
                for line in lines:
                    verb = line[:4].decode().strip().upper()
                    usual = {"DATA": "354 go on", "QUIT": "221 bye", "EHLO": "250-here\r\n250 8BITMIME"}
                    if not self._answer(client, verb, usual.get(verb, "250 fine"), is_odd=is_odd):
                        return
                    goes_on = not (is_odd and (self.step, self.does[:1]) == ("DATA", "5"))
                    if verb == "DATA" and goes_on and not self._read(client, lines, is_odd=is_odd):
                        return
        except OSError:
            return

    def _read(self, client: socket.socket, lines: Any, *, is_odd: bool) -> bool:
        held = b""
        for line in lines:
            if is_odd and self.step == "middle":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                return False
            if line == b".\r\n":
                self.taken.append(held)
                return self._answer(client, "end", "250 taken", is_odd=is_odd)
            held += line
        return False

    def _answer(self, client: socket.socket, step: str, usual: str, *, is_odd: bool) -> bool:
        if not is_odd or step != self.step:
            client.sendall(f"{usual}\r\n".encode())
            return True
        if self.does == "drop":
            return False
        if self.does == "drip":
            while client.send(b"2") and not time.sleep(0.02):
                pass
        client.sendall(f"{self.does}\r\n".encode())
        return not self.does.startswith("421")
