"""A process that is killed by SIGKILL between two of its transactions."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from clinic_portal.core.db import Database
from clinic_portal.core.work import Services

_fork = multiprocessing.get_context("fork")


class Doomed(Services):
    """A process that ends for good before its n-th transaction from now."""

    def __init__(self, services: Services, left: int) -> None:
        super().__init__(Database(services.settings.database_url, pool_size=1), services.clock, services.settings)
        self._left = left

    def do(self, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        return super().do(action, *args, **kwargs)


def killed(services: Services, after: int, act: Callable[[Services], None]) -> bool:
    """Whether a process that does this was killed after so many transactions, or had done all before."""
    services.database.dispose()
    process = _fork.Process(target=lambda: act(Doomed(services, after)))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0
