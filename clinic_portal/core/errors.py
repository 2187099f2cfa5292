"""Refusals of the domain: a code and facts, never words. The words are written in `web/problems.py`."""

from collections.abc import Sequence


class DomainError(Exception):
    """A rule said no. `code` names the rule, `facts` are what a sentence about it needs (no health data)."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Invalid(DomainError):
    """A value given by a person cannot be used. `field` is the form field it stands in."""

    def __init__(self, field: str, code: str, **facts: object) -> None:
        super().__init__(code, field=field, **facts)
        self.field = field


class Unusable(DomainError):
    """Several values of a form cannot be used: one Invalid for each."""

    def __init__(self, faults: Sequence[Invalid]) -> None:
        super().__init__("unusable")
        self.faults = tuple(faults)


class Conflict(DomainError):
    """What was true when the page was drawn is true no longer (a time taken, a price changed)."""


class SlotTaken(Conflict):
    """The time is not free any more; raised by the rule and by the database's own guard alike (B1)."""

    def __init__(self, **facts: object) -> None:
        super().__init__("slot_taken", **facts)


class NotAllowed(DomainError):
    """Not allowed and not found look the same from outside (security rule 8)."""

    def __init__(self, code: str = "not_found", **facts: object) -> None:
        super().__init__(code, **facts)


class TooMany(DomainError):
    """A limit was reached. `retry_seconds` says when to try again."""

    def __init__(self, code: str, retry_seconds: int) -> None:
        super().__init__(code, retry_seconds=retry_seconds)
