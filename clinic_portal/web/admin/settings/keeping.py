"""The clinic's own settings as they are kept by a page's form: the same for each page that has some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clinic_portal.clinic import editing
from clinic_portal.core.errors import Unusable
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.problems import problem


class KeepsSettings(AdminPage, mixin=True):
    """Shared by the States of those pages."""

    async def _keep(
        self, form: Any, names: Sequence[str], *, most: int
    ) -> tuple[dict[str, str], dict[str, str]] | None:
        """Keep what was typed; None once it is kept, else what was typed with what is wrong of it, by field."""
        typed = inputs.fields(form, *names, most=most)
        try:
            await self._do(editing.change_clinic, await self._staff(), typed)
        except Unusable as refusal:
            return typed, {fault.field: problem(fault).sentence for fault in refusal.faults}
        return None
