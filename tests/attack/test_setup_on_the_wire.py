"""The first run over a raw socket: an empty installation is nobody's, and its steps are the owner's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clinic_portal.accounts import setup_key
from clinic_portal.clinic import models as clinic
from clinic_portal.setup import first_run
from tests.actions.clinic.test_founding import CLINIC, claim, walk
from tests.attack.attacker import JUNK, ROOT_STATE, Attacker, told
from tests.attack.test_portal_on_the_wire import MARKER, log_is_clean
from tests.factories import everything, rows, staff
from tests.site import Site

SETUP = f"{ROOT_STATE}.clinic_portal___web___setup___state____setup"
FIRST_STEPS = f"{ROOT_STATE}.clinic_portal___web___admin___first_steps____first_steps"
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    (f"{SETUP}.open", {"step": "clinic"}),
    (f"{SETUP}.save", {"form": CLINIC}),
    (f"{SETUP}.in_country", {"country": "GB"}),
    (f"{SETUP}.treats", {"is_me": True}),
    (f"{SETUP}.pick", {"number": 1}),
    (f"{SETUP}.fill_week", {"which": "every"}),
    (f"{SETUP}.add_line", {"day": "mon", "kind": "work"}),
    (f"{SETUP}.remove_line", {"key": "line1"}),
    (f"{SETUP}.check", {}),
    (f"{FIRST_STEPS}.put_away", {}),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation whose owner has just come; nothing else stands."""
    made = Site(tmp_path_factory.mktemp("first-run"), clinic=False)
    made.start()
    yield made
    made.kill()


async def test_before_anybody_is_there_a_stranger_changes_nothing_and_is_not_told_the_key(empty: Site) -> None:
    before = everything(empty.services, but=["attempt"])
    async with Attacker(empty.url) as eve:
        heard = told(await eve.send(f"{SETUP}.enter", path="/setup?key=wrong"))
        for handler, payload in CALLS:
            heard += told(await eve.send(handler, payload, path="/setup/clinic"))
    assert everything(empty.services, but=["attempt"]) == before
    assert setup_key.setup_key(empty.settings) not in heard
    assert '"step": "clinic"' not in heard


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
async def test_the_steps_are_the_owners_alone(empty: Site, role: str) -> None:
    if not empty.services.ask(first_run.look).has_owner:
        claim(empty.services)
    other = staff(empty.services, role)
    before = everything(empty.services, but=["account_session", "attempt"])
    async with Attacker(empty.url, staff=other.cookie) as eve:
        for handler, payload in CALLS:
            await eve.send(handler, payload, path="/setup/clinic")
    assert everything(empty.services, but=["account_session", "attempt"]) == before
    assert rows(empty.services, clinic.Clinic) == []


@pytest.mark.parametrize(
    ("handler", "wanted"), [(handler.rpartition(".")[2], tuple(payload)) for handler, payload in CALLS if payload]
)
async def test_junk_from_the_owners_own_page_breaks_nothing_and_is_not_logged(
    empty: Site, handler: str, wanted: tuple[str, ...]
) -> None:
    owner = staff(empty.services)
    async with Attacker(empty.url, staff=owner.cookie, cookie="v" * 43) as page:
        await page.send(f"{SETUP}.open", {"step": "clinic"}, path="/setup/clinic")
        for junk in (*JUNK, MARKER, [MARKER], {"name": MARKER, "phone_region": MARKER}):
            await page._emit(f"{SETUP}.{handler}", dict.fromkeys(wanted, junk), "/setup/clinic")
        heard = told(await page.listen(0.4))
        assert page.is_connected
    assert "Something broke" not in heard
    assert rows(empty.services, clinic.Clinic) == []
    log_is_clean(empty)


async def test_a_step_that_is_not_due_yet_keeps_nothing(empty: Site) -> None:
    """The step is the server's to know: a form of a later one lands in the one that is shown."""
    owner = staff(empty.services)
    walk(empty.services, owner.actor, until="provider")
    async with Attacker(empty.url, staff=owner.cookie) as page:
        await page.send(f"{SETUP}.open", {"step": "service"}, path="/setup/service")
        await page.send(f"{SETUP}.save", {"form": {"name": "Botox", "duration_minutes": "30", "price_minor": "1"}})
    assert rows(empty.services, clinic.Service) + rows(empty.services, clinic.Provider) == []
