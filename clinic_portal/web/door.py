"""The one way from a State into the domain (a mixin, not a parent State)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import reflex as rx

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import PatientActor, StaffActor
from clinic_portal.bootstrap import cashier, services, subscriptions
from clinic_portal.core.errors import DomainError, NotAllowed
from clinic_portal.patients import access as patients
from clinic_portal.web.identity import Cookies, cookies_of
from clinic_portal.web.problems import Problem, bug, problem

T = TypeVar("T")
_threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="door")
_at_the_gateway = ThreadPoolExecutor(max_workers=16, thread_name_prefix="till")  # slow, it holds up nobody else


class Door(rx.State, mixin=True):
    """Runs actions and queries off the event loop, as the visitor the HttpOnly cookie names."""

    async def _do(self, action: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run an action in a transaction of its own."""
        return await _off_loop(partial(services().do, action, *args, **kwargs))

    async def _ask(self, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a query."""
        return await _off_loop(partial(services().ask, query, *args, **kwargs))

    async def _cashier(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        """Have the cashier do something; it may ask the gateway, which takes its time."""
        return await _off_loop(partial(getattr(cashier(services()), verb), *args, **kwargs), _at_the_gateway)

    async def _subscriptions(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        """Have a membership paid, or look how it stands at the gateway, which takes its time."""
        return await _off_loop(partial(getattr(subscriptions(services()), verb), *args, **kwargs), _at_the_gateway)

    @property
    def _cookies(self) -> Cookies:
        """The digests of this browser's cookies."""
        return cookies_of(self.router.headers.cookie)

    @property
    def _visitor(self) -> str:
        """The digest of this browser's pre-session cookie; empty where it sent none."""
        return self._cookies.visitor

    async def _patient(self) -> PatientActor:
        """The patient who is signed in here, now. Raises NotAllowed."""
        found = await self._patient_if_any()
        if found is None:
            raise NotAllowed("signed_out")
        return found

    async def _patient_if_any(self) -> PatientActor | None:
        """The patient who is signed in here, or nobody."""
        portal = self._cookies.portal
        found = await self._ask(patients.signed_in, portal) if portal else None
        return found[0] if found else None

    async def _staff(self) -> StaffActor:
        """Who of the staff is signed in here, now. Raises NotAllowed."""
        found = await self._ask(staff.signed_in, self._cookies.staff)
        if found is None:
            raise NotAllowed("signed_out")
        return found[0]

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        """Say a refusal in words instead of raising it; a bug becomes an apology with a reference."""
        try:
            yield
        except DomainError as refusal:
            await self._say(problem(refusal))
        except Exception as fault:
            await self._say(bug(fault))

    async def _say(self, told: Problem) -> None:
        """Show a problem; each family of pages says where."""
        raise NotImplementedError


async def _off_loop(call: Callable[[], T], threads: ThreadPoolExecutor = _threads) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, call)
