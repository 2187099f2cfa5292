"""What a counterpart thought of what it was asked."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Log:
    """The requests at an address since this was made: what was sent, under which key, and what was wrong with it."""

    base: str
    _before: int = field(init=False, default=0, kw_only=True)

    def __post_init__(self) -> None:
        self._before = len(self.requests())

    def requests(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.base}/_requests", timeout=5) as answer:
            return json.load(answer)[self._before :]  # type: ignore[no-any-return]

    def only(self) -> dict[str, Any]:
        """The one request there was."""
        (one,) = self.requests()
        return one
