"""A consent is written section by section, instructions in one text; each deed is kept at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.forms import editing
from clinic_portal.forms.definition import Consent
from clinic_portal.web import inputs
from clinic_portal.web.admin.forms.base import Writing
from clinic_portal.web.gate import access

HTML_MOST = 80_000
GUARDIANS = ("when_minor", "always", "no")


@dataclass
class SectionView:
    """A section of a consent, being written."""

    link: str
    n: int
    title: str
    html: str
    asks_initials: bool
    fault: str
    is_first: bool
    is_last: bool


class Sections(Writing, mixin=True):
    """The texts of a consent and who signs it, or the text of instructions."""

    sections: list[SectionView] = []
    statement: str = ""
    guardian: str = "when_minor"
    asks_witness: bool = False
    asks_provider: bool = False
    html: str = ""

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def add_section(self, after: Any) -> None:
        """A new section below another, or at the end."""
        async with self._answering():
            wanted = inputs.text(after, most=40)
            done = await self._edit(lambda form: editing.add_section(form, wanted))
            if done is not None:
                self._focus(f"title-{done.at}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def say_section(self, link: Any, field: Any, value: Any) -> None:
        """Keep a section's title or text."""
        async with self._answering():
            wanted, words = inputs.text(link, most=40), inputs.text(value, most=HTML_MOST)
            name = inputs.choice(field, ("title", "html"))
            await self._edit(lambda form: editing.say_section(form, wanted, name, words), field=f"{name}-{wanted}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def initial_section(self, link: Any, asks: Any) -> None:
        """Say whether patients put their initials under it."""
        async with self._answering():
            wanted, told = inputs.text(link, most=40), inputs.choice(asks, (True, False))
            await self._edit(lambda form: editing.initial_section(form, wanted, asks_initials=told))

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def remove_section(self, link: Any) -> None:
        """Take a section out; it can be undone."""
        async with self._answering():
            wanted = inputs.text(link, most=40)
            name = next((one.title for one in self.sections if one.link == wanted), "")
            if await self._edit(lambda form: editing.remove_section(form, wanted)) is not None:
                self.told = f"“{name or 'A section'}” was taken out."
                self._focus("undo")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def shift_section(self, link: Any, up: Any) -> None:
        """One place up or down."""
        async with self._answering():
            wanted, is_up = inputs.text(link, most=40), inputs.choice(up, (True, False))
            if await self._edit(lambda form: editing.shift_section(form, wanted, up=is_up)) is not None:
                one = next(one for one in self.sections if one.link == wanted)
                goes_up = not one.is_first and (is_up or one.is_last)
                self._focus(f"{'up' if goes_up else 'down'}-{wanted}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def ask_signature(self, who: Any, told: Any) -> None:
        """Say whether a guardian, a witness or the provider signs as well."""
        async with self._answering():
            wanted = inputs.choice(who, ("guardian", "witness", "provider"))
            asked: dict[str, Any] = {
                "guardian": self.guardian,
                "witness": self.asks_witness,
                "provider": self.asks_provider,
            }
            asked[wanted] = inputs.choice(told, GUARDIANS if wanted == "guardian" else (True, False))
            await self._edit(lambda form: editing.ask_signatures(form, **asked))

    def _draw_sections(self, form: Consent, faults: dict[str, str]) -> None:
        self.sections = [
            SectionView(
                one.link_id,
                n + 1,
                one.title,
                one.html,
                one.asks_initials,
                faults.get(one.link_id, ""),
                n == 0,
                n == len(form.sections) - 1,
            )
            for n, one in enumerate(form.sections)
        ]
        self.statement, self.guardian = form.statement, form.guardian
        self.asks_witness, self.asks_provider = form.asks_witness, form.asks_provider
