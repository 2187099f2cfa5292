"""What the address of a report asks for, and the addresses that ask for something else. No State, no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.reports import messages, paperwork, periods, revenue, visits, wallets
from clinic_portal.reports.periods import Period, Preset
from clinic_portal.reports.scope import Asked
from clinic_portal.web import inputs
from clinic_portal.web.admin.reports import money_words, reach_words, visit_words
from clinic_portal.web.admin.reports.shapes import Told

PATH, FILE = "/admin/reports", "/admin/reports.csv"
REPORTS = {
    "appointments": "Appointments",
    "missed": "No-shows and cancellations",
    "revenue": "Money",
    "wallets": "Wallets",
    "forms": "Forms",
    "messages": "Messages",
}
"""By the name in the address, in the order of the page."""
PRESETS = {
    Preset.THIS_WEEK: "This week",
    Preset.THIS_MONTH: "This month",
    Preset.LAST_MONTH: "Last month",
    Preset.LAST_90_DAYS: "Last 90 days",
    Preset.THIS_YEAR: "This year",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report, a period by name or by days, a location and a provider; None for all."""

    report: str
    preset: Preset | None
    period: Period
    location_id: int | None
    provider_id: int | None
    first_weekday: int

    @property
    def asked(self) -> Asked:
        """The same for the domain."""
        return Asked(self.period, self.location_id, self.provider_id, self.first_weekday)


def wanted(asked: Mapping[str, str], today: date, language: str) -> Wanted:
    """What an address asks for; the appointments of this month where it does not say.

    Raises BadInput for what no page of ours sends, Invalid for days that are no period.
    """
    report = inputs.choice(asked.get("show", "appointments"), tuple(REPORTS))
    first_weekday = wording.first_weekday(language)
    preset: Preset | None = None
    if "from" in asked or "until" in asked:
        period = periods.between(inputs.iso_date(asked.get("from", "")), inputs.iso_date(asked.get("until", "")))
    else:
        preset = Preset(inputs.choice(asked.get("period", Preset.THIS_MONTH.value), [one.value for one in Preset]))
        period = periods.preset(preset, today, first_weekday=first_weekday)
    places = [inputs.row_id(asked[name]) if asked.get(name) else None for name in ("location", "provider")]
    return Wanted(report, preset, period, places[0], places[1], first_weekday)


def standard(today: date, language: str) -> Wanted:
    """What is shown where nothing that can be shown was asked for."""
    return wanted({}, today, language)


def address(of: Wanted, *, table: str = "", **other: Any) -> str:
    """The address that asks for it; `table` names one of its tables, as a file."""
    one = replace(of, **other)
    told = {"show": one.report}
    if one.preset is not None:
        told["period"] = one.preset.value
    else:
        told |= {"from": one.period.first_on.isoformat(), "until": one.period.last_on.isoformat()}
    told |= {"location": str(one.location_id)} if one.location_id else {}
    told |= {"provider": str(one.provider_id)} if one.provider_id else {}
    return f"{FILE}?{urlencode(told | {'table': table})}" if table else f"{PATH}?{urlencode(told)}"


def told(read: Reading, actor: StaffActor, of: Wanted, usual: str, language: str) -> Told:
    """The report in words. Raises NotAllowed."""
    tell: dict[str, Callable[[], Told]] = {
        "appointments": lambda: visit_words.appointments(visits.appointments(read, actor, of.asked), language),
        "missed": lambda: visit_words.missed(visits.missed(read, actor, of.asked), language),
        "revenue": lambda: money_words.revenue(revenue.revenue(read, actor, of.asked, usual=usual), language),
        "wallets": lambda: money_words.owing(wallets.owing(read, actor, of.asked, usual=usual), language),
        "forms": lambda: reach_words.paperwork(paperwork.paperwork(read, actor, of.asked), language),
        "messages": lambda: reach_words.messages(messages.messages(read, actor, of.asked), language),
    }
    return tell[of.report]()
