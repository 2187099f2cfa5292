"""Packages in words, for pages, letters and receipts alike. Pure."""

from datetime import datetime, timedelta

from clinic_portal.core import wording

_WEEK, _YEAR = 7, 365


def what(count: int, name: str) -> str:
    """What is in a package: six of a treatment, by its name."""
    return f"{count} × {name}" if name else f"{count} treatments"


def anything(name: str) -> str:
    """Any treatment of a category, by its name."""
    return f"any of {name}"


def span(valid_days: int) -> str:
    """For how long a package holds: `a year`, `2 years`, `6 weeks`, `90 days`."""
    if valid_days % _YEAR == 0:
        years = valid_days // _YEAR
        return "a year" if years == 1 else f"{years} years"
    if valid_days % _WEEK == 0 and valid_days <= 26 * _WEEK:
        weeks = valid_days // _WEEK
        return "a week" if weeks == 1 else f"{weeks} weeks"
    return "a day" if valid_days == 1 else f"{valid_days} days"


def holds(valid_days: int | None) -> str:
    """Until when a package is to be used, before it is bought."""
    return f"Use within {span(valid_days)}" if valid_days is not None else "No expiry date"


def saves(least_minor: int, most_minor: int, currency: str, language: str) -> str:
    """What a package saves against single treatments, no more than is true; empty for nothing."""

    def money(minor: int) -> str:
        return wording.money(minor, currency, language)

    if least_minor == most_minor:
        return f"Saves {money(least_minor)}" if least_minor else ""
    return f"Saves {money(least_minor)} or more" if least_minor else f"Saves up to {money(most_minor)}"


def last_day(expires_at: datetime | None, zone: str, language: str, *, length: wording.Length = "long") -> str:
    """The last day on which something can be used; empty where there is none."""
    if expires_at is None:
        return ""
    return wording.day(expires_at - timedelta(seconds=1), zone, language, length=length)
