"""The only place that reads the time. Everything else is given `now` (aware, UTC)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move the hands by `by`."""
        self._at += by


class RehearsalClock:
    """The machine's clock plus an offset that can be moved; demo mode only (B7).

    The offset (whole seconds) lies in a small file, so that a restart or a worker of its own sees the same time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def offset(self) -> timedelta:
        """How far this clock is from the machine's."""
        try:
            return timedelta(seconds=int(self._file.read_text()))
        except (FileNotFoundError, ValueError):
            return timedelta(0)

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        return datetime.now(UTC) + self.offset

    def set(self, at: datetime) -> None:
        """Make the present `at`; the clock goes on from there."""
        self._write(at - datetime.now(UTC))

    def advance(self, by: timedelta) -> None:
        """Move the hands by `by`, forward or back."""
        self._write(self.offset + by)

    def reset(self) -> None:
        """Back to the machine's time."""
        self._write(timedelta(0))

    def _write(self, offset: timedelta) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(round(offset.total_seconds())))
        fresh.replace(self._file)  # whoever reads meanwhile sees the old time or the new one, never none
