"""Every e-mail as a picture, at phone width and wide, in light and dark: `python -m tests.letters <folder>`."""

from __future__ import annotations

import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from clinic_portal.clinic.models import Clinic
from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.messaging import examples
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.rendering import Letterhead
from clinic_portal.messaging.texts import TEXTS
from clinic_portal.messaging.types import Channel

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


def head(**changes: object) -> Letterhead:
    """A clinic's letterhead, without a database."""
    row = Clinic(name="Lumen Aesthetics", email="hello@lumen.example", phone="+15125550100", reference_prefix="LMN")
    told = {one.name: getattr(row, one.name) for one in fields(ClinicInfo)} | changes
    return Letterhead(ClinicInfo(**told), "https://lumen.example", "hello@lumen.example", NOW)


def emails(by: Letterhead) -> dict[str, Email]:
    """Every e-mail, filled in with the example's data."""
    filled = examples.sample(by)
    written = {
        name: examples.letter(by, name, Channel.EMAIL, filled, to=examples.EMAIL_ADDRESS)
        for name, text in TEXTS.items()
        if Channel.EMAIL in text.words
    }
    return {name: one for name, one in written.items() if isinstance(one, Email)}


def main(folder: Path) -> None:
    """Take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            for width in (390, 640):
                page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
                page.route("http*://**", lambda route: route.abort())
                for name, one in emails(head(email_names_services=True)).items():
                    page.set_content(one.html)
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
