"""A questionnaire is written item by item; each deed is kept at once."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.forms import editing
from clinic_portal.forms.definition import Questionnaire, Type
from clinic_portal.web import inputs
from clinic_portal.web.admin.forms import question_views
from clinic_portal.web.admin.forms.base import Writing
from clinic_portal.web.admin.forms.question_views import ItemRow, ItemView
from clinic_portal.web.gate import access

CLOSED, AT_END = "", "end"


class Questions(Writing, mixin=True):
    """The items; at most one is open, and at most one menu of types."""

    intro: str = ""
    rows: list[ItemRow] = []
    item: ItemView = ItemView()
    open_link: str = ""
    adding: str = CLOSED

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def open_item(self, link: Any) -> None:
        """Open an item's settings, or put them away."""
        async with self._answering():
            wanted = _link(link)
            self.adding, self.told = CLOSED, ""
            self.open_link = "" if wanted == self.open_link else wanted
            await self._look()
            self._focus(f"text-{wanted}" if self.open_link else f"open-{wanted}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def offer(self, after: Any) -> None:
        """Open the menu of types, below an item or at the end; or put it away."""
        async with self._answering():
            wanted = _link(after)
            self.adding = CLOSED if wanted == self.adding else wanted
            self._focus(f"type-{Type.SHORT_TEXT.value}" if self.adding else f"add-{wanted}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def add_item(self, kind: Any) -> None:
        """Put a new item where the menu stands, and open it."""
        async with self._answering():
            wanted = Type(inputs.choice(kind, [one.value for one in Type]))
            after = "" if self.adding == AT_END else _link(self.adding)
            done = await self._edit(lambda form: editing.add_item(form, wanted, after))
            if done is not None:
                await self._open_made(done.at)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def copy_item(self, link: Any) -> None:
        """Put the same once more, below, and open it."""
        async with self._answering():
            wanted = _link(link)
            done = await self._edit(lambda form: editing.duplicate_item(form, wanted))
            if done is not None:
                await self._open_made(done.at)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def remove_item(self, link: Any) -> None:
        """Take an item out; it can be undone."""
        async with self._answering():
            wanted = _link(link)
            name = next((one.name for one in self.rows if one.link == wanted), "")
            done = await self._edit(lambda form: editing.remove_item(form, wanted))
            if done is not None:
                self.told = " ".join(part for part in (f"“{name}” was taken out.", self.told) if part)
                self._focus("undo")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def shift_item(self, link: Any, up: Any) -> None:
        """One place up or down; the focus stays on the button as long as there is one."""
        async with self._answering():
            wanted, is_up = _link(link), inputs.choice(up, (True, False))
            if await self._edit(lambda form: editing.shift_item(form, wanted, up=is_up)) is not None:
                row = next(one for one in self.rows if one.link == wanted)
                goes_up = not row.is_first and (is_up or row.is_last)
                self._focus(f"{'up' if goes_up else 'down'}-{wanted}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def move_item(self, link: Any, to: Any) -> None:
        """To another place, counted from 0 among the others."""
        async with self._answering():
            wanted, place = _link(link), inputs.row_id(to, least=0)
            if await self._edit(lambda form: editing.move_item(form, wanted, place)) is not None:
                self._focus(f"place-{wanted}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def say_item(self, link: Any, field: Any, value: Any) -> None:
        """Keep what was written of an item."""
        async with self._answering():
            wanted, words = _link(link), inputs.text(value, most=5000)
            name = inputs.choice(field, (*editing.WORDED, *editing.NUMBERS))
            await self._edit(lambda form: editing.say_item(form, wanted, name, words), field=f"{name}-{wanted}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def require_item(self, link: Any, is_required: Any) -> None:
        """Say whether it must be answered."""
        async with self._answering():
            wanted, must = _link(link), inputs.choice(is_required, (True, False))
            await self._edit(lambda form: editing.require_item(form, wanted, is_required=must))

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def retype_item(self, link: Any, kind: Any) -> None:
        """Ask the same in another way."""
        async with self._answering():
            wanted, to = _link(link), Type(inputs.choice(kind, [one.value for one in Type]))
            await self._edit(lambda form: editing.retype_item(form, wanted, to))

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def add_option(self, link: Any) -> None:
        """One more answer to choose."""
        async with self._answering():
            wanted = _link(link)
            done = await self._edit(lambda form: editing.add_option(form, wanted))
            if done is not None:
                self._focus(f"option-{wanted}-{done.at}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def say_option(self, link: Any, code: Any, value: Any) -> None:
        """Keep an answer's words."""
        async with self._answering():
            wanted, which, words = _link(link), _link(code), inputs.text(value, most=2000)
            await self._edit(
                lambda form: editing.say_option(form, wanted, which, words), field=f"option-{wanted}-{which}"
            )

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def isolate_option(self, link: Any, code: Any) -> None:
        """Say which answer takes the others away."""
        async with self._answering():
            wanted, which = _link(link), _link(code)
            await self._edit(lambda form: editing.isolate_option(form, wanted, which))

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def remove_option(self, link: Any, code: Any) -> None:
        """Take an answer away."""
        async with self._answering():
            wanted, which = _link(link), _link(code)
            if await self._edit(lambda form: editing.remove_option(form, wanted, which)) is not None:
                self._focus(f"add-option-{wanted}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def shift_option(self, link: Any, code: Any) -> None:
        """One place up in the list of answers; the first goes to the end."""
        async with self._answering():
            wanted, which = _link(link), _link(code)
            if await self._edit(lambda form: editing.shift_option(form, wanted, which, up=True)) is not None:
                self._focus(f"option-{wanted}-{which}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def add_condition(self, link: Any) -> None:
        """Show it only when an earlier question is answered in some way."""
        async with self._answering():
            wanted = _link(link)
            if await self._edit(lambda form: editing.add_condition(form, wanted)) is not None:
                self._focus(f"condition-{len(self.item.conditions) - 1}")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def set_condition(self, link: Any, n: Any, field: Any, value: Any) -> None:
        """Another question, another way to ask about it, or another answer."""
        async with self._answering():
            wanted, which, told = _link(link), inputs.row_id(n, least=0), inputs.text(value, most=300)
            name = inputs.choice(field, ("question", "operator", "answer"))
            await self._edit(lambda form: editing.set_condition(form, wanted, which, name, told))

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def remove_condition(self, link: Any, n: Any) -> None:
        """Ask about one thing less."""
        async with self._answering():
            wanted, which = _link(link), inputs.row_id(n, least=0)
            if await self._edit(lambda form: editing.remove_condition(form, wanted, which)) is not None:
                self._focus("add-condition")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def join_conditions(self, link: Any, how: Any) -> None:
        """Whether all of them must hold, or any."""
        async with self._answering():
            wanted, told = _link(link), inputs.choice(how, ("all", "any"))
            await self._edit(lambda form: editing.join_conditions(form, wanted, told))

    async def _open_made(self, link: str) -> None:
        self.open_link, self.adding = link, CLOSED
        await self._look()
        self._focus(f"text-{link}")

    def _draw_questions(self, form: Questionnaire, faults: dict[str, str]) -> None:
        self.intro = form.intro
        self.rows = question_views.rows(form, faults)
        self.item = question_views.settings(form, self.open_link)
        self.open_link = self.item.link


def _link(value: Any) -> str:
    return inputs.text(value, most=40)
