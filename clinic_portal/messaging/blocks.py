"""Blocks of a letter: what stands on a line of its own, in HTML (a macro of the template) and as plain text. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

from clinic_portal.messaging.words import NOTHING, Block


def button(url: str, label: str, *, is_told: bool = False) -> Block:
    """A button; `is_told`: its address stands below it, for who cannot press it."""
    return Block("button", {"url": url, "label": label, "is_told": is_told}, f"{label}: {url}") if url else NOTHING


def titled(title: str, lines: Sequence[str], *, notes: Sequence[str] = ()) -> Block:
    """A title and lines below it; `notes` are set smaller."""
    if not lines and not notes:
        return NOTHING
    facts = {"title": title, "lines": lines, "notes": notes}
    return Block("titled", facts, "\n".join([title.upper(), *lines, *notes]))


def rows(pairs: Sequence[tuple[str, str]]) -> Block:
    """Names and values in two columns."""
    return Block("rows", {"rows": pairs}, "\n".join(f"{name}: {value}" for name, value in pairs))


def listed(title: str, lead: str, items: Sequence[str], url: str, label: str) -> Block:
    """A title, a sentence, a list and a button that opens it."""
    text = "\n".join([title.upper(), f"{lead} {url}", *(f"- {one}" for one in items)])
    return Block("listed", {"title": title, "lead": lead, "items": items, "url": url, "label": label}, text)


def prices(title: str, lines: Sequence[tuple[str, str, str]], total: str) -> Block:
    """What is to be done: name, duration and price of each, and the total."""
    told = [f"- {name} ({duration})" + (f": {price}" if price else "") for name, duration, price in lines]
    text = "\n".join([title.upper(), *told, f"Total: {total}"])
    return Block("prices", {"title": title, "lines": lines, "total": total}, text)


def moment(*, day: str, time: str, zone: str, who: str, title: str, place: str, address: str, directions: str) -> Block:
    """When, with whom and where a visit is."""
    whom = f"with {who}, {title}" if title else f"with {who}"
    where = [place, address, *([directions] if directions else [])]
    facts = {"day": day, "time": time, "zone": zone, "who": who, "title": title}
    return Block(
        "moment",
        {**facts, "place": place, "address": address, "directions": directions},
        "\n".join(["WHEN", day, f"{time} ({zone})", whom, "", "WHERE", *where]),
    )


def struck(day_and_time: str, zone: str, place: str, reference: str) -> Block:
    """A visit that is off."""
    facts = {"moment": day_and_time, "place": place, "reference": reference}
    return Block("struck", facts, f"{day_and_time} ({zone})\n{place}\nReference: {reference}")


def calendars(links: Sequence[tuple[str, str]], file_name: str) -> Block:
    """The attached file, and links to web calendars."""
    told = [f"{name}: {url}" for name, url in links]
    lead = f"The attached file {file_name} opens in most calendars. Or:"
    return Block("calendars", {"links": links}, "\n".join(["ADD IT TO YOUR CALENDAR", lead, *told]))


def instructions(texts: Sequence[tuple[str, str, str]], note: str) -> Block:
    """Rich texts of staff, sanitised when they were kept: title, HTML and plain text of each; and a note below."""
    shown = [(title, Markup(html)) for title, html, _ in texts]  # noqa: S704 (sanitised)
    told = [f"{title.upper()}\n\n{text}" if title else text for title, _, text in texts]
    text = "\n\n".join([*told, *([note] if note else [])])
    return Block("instructions", {"texts": shown, "note": note}, text)
