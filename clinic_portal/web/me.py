"""Who is signed in, for the top of every page; and the end of a session nobody uses."""

from __future__ import annotations

from urllib.parse import quote

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import sessions
from clinic_portal.accounts.types import SessionInfo
from clinic_portal.booking import drafts, statement
from clinic_portal.bootstrap import services
from clinic_portal.core.work import UnitOfWork
from clinic_portal.memberships.actions import is_member
from clinic_portal.memberships.offers import joinable
from clinic_portal.packages.queries import is_any_on_sale
from clinic_portal.patients import access as patients
from clinic_portal.web.booking.views import initials
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PATIENT, PUBLIC, access
from clinic_portal.web.leftovers import even_when_over, wipe
from clinic_portal.web.problems import Problem


class Me(Door, rx.State):
    """A name to show, nothing to decide by: who acts is looked up on the server at each event."""

    name: str = ""
    given_name: str = ""
    initials: str = ""
    is_member: bool = False
    has_wallet: bool = False
    sells: bool = False  # packages
    may_join: bool = False  # or is a member
    sign_in_href: str = "/sign-in"
    idle_seconds: int = 0
    idle_key: str = ""
    _drawn_for: frozenset[str] = frozenset()  # digests of the sessions whose pages were shown: see `leftovers`

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> None:
        """Show who is signed in, if anyone."""
        path = self.router.url.path
        path = "/portal/packages" if path.startswith("/packages") else path  # signed in, they are bought there
        onward = f"?next={quote(path, safe='/')}" if path.startswith(("/book", "/portal")) else ""
        self.sign_in_href = f"/sign-in{onward}"
        self.sells = await self._ask(is_any_on_sale)
        found = await self._ask(patients.signed_in, self._cookies.portal) if self._cookies.portal else None
        if found is None:
            self.name = self.given_name = self.initials = self.idle_key = ""
            self.idle_seconds = 0
            self.is_member = self.has_wallet = self.may_join = False
            return
        actor, session = found
        self.name, self.given_name = f"{actor.given_name} {actor.family_name}", actor.given_name
        self.initials = initials(f"{actor.given_name[:1]} {actor.family_name[:1]}")
        self.is_member = await self._ask(is_member, actor.patient_id)
        self.has_wallet = await self._ask(statement.is_shown)
        self.may_join = self.is_member or bool(await self._ask(joinable))
        self._count(session)

    @rx.event
    @access(PATIENT)
    async def stay(self) -> None:
        """Someone is still there: the gate has noted it; the page's countdown begins anew."""
        found = await self._ask(patients.signed_in, self._cookies.portal)
        if found is not None:
            self._count(found[1])

    @rx.event
    @access(PUBLIC)
    @even_when_over
    async def idle(self) -> EventSpec | None:
        """The page's countdown is over: sign out here, unless another tab was used meanwhile."""
        found = await self._ask(patients.signed_in, self._cookies.portal)
        if found is not None and (found[1].idle_at - services().clock.now()).total_seconds() > 5:
            self._count(found[1])
            return None

        def end(work: UnitOfWork) -> None:
            if found is not None:
                sessions.end(work, found[1].id)
            drafts.forget(work, self._visitor)

        await self._do(end)
        await wipe(self)
        return rx.redirect("/sign-in?why=idle")

    def _count(self, session: SessionInfo) -> None:
        now = services().clock.now()
        self.idle_seconds = max(1, int((session.idle_at - now).total_seconds()))
        self.idle_key = f"{session.id}-{now.timestamp()}"

    async def _say(self, told: Problem) -> None:
        self.name = ""
