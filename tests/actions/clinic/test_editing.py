"""Staff change the clinic: what they may write, what the log says of it, and what patients see from then on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from clinic_portal.accounts.roles import MAY, ROLES, Permission, StaffActor
from clinic_portal.booking import drafts
from clinic_portal.booking import queries as booking
from clinic_portal.clinic import editing, models, sheets
from clinic_portal.clinic import editing_rules as rules
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Services
from tests import factories
from tests.at_once import meanwhile
from tests.factories import SmallClinic, booked, minute, rows, seen
from tests.offers import starts

DAY = date(2026, 12, 3)
NEW: dict[str, dict[str, str]] = {
    "location": {
        "name": "Lumen North",
        "street": "9 Elm St",
        "city": "Denver",
        "region": "CO",
        "postal_code": "80014",
        "country": "US",
        "time_zone": "America/Denver",
        "phone": "",
        "directions": "Ring twice.\nThen wait.",
    },
    "provider": {
        "name": "Ada Núñez",
        "title": "Nurse",
        "about": "Ten years of peels ✨",
        "daily_limit": "6",
        "is_bookable_online": "yes",
    },
    "category": {"name": "Peels", "description": "For the skin"},
    "service": {
        "name": "Green peel",
        "description": "Herbal.",
        "what_to_bring": "",
        "duration_minutes": "60",
        "price_minor": "129.50",
        "buffer_before_minutes": "5",
        "buffer_after_minutes": "10",
        "processing_offset_minutes": "20",
        "processing_minutes": "30",
        "is_bookable_online": "yes",
    },
    "pool": {"name": "Camera", "kind": "device"},
    "unit": {"name": "Laser 2"},
}
READ: dict[str, dict[str, Any]] = {
    "provider": {"daily_limit": 6, "is_bookable_online": True},
    "service": {
        "duration_minutes": 60,
        "price_minor": 12950,
        "buffer_before_minutes": 5,
        "buffer_after_minutes": 10,
        "processing_offset_minutes": 20,
        "processing_minutes": 30,
        "is_bookable_online": True,
    },
}
"""What is not kept as it was typed."""
OWNERS = {"service": {"category_id": "injectables"}, "unit": {"pool_id": "laser", "location_id": "downtown"}}
ONE = {
    "location": "downtown",
    "provider": "maya",
    "category": "injectables",
    "service": "botox",
    "pool": "laser",
    "unit": "laser-1",
}
"""One of each kind that the small clinic has."""
WRONG = {
    "location": {
        "name": "",
        "street": " ",
        "country": "",
        "time_zone": "America/Chicagoo",
        "region": "x" * 81,
        "phone": "555",
    },
    "provider": {"name": "x" * 81, "daily_limit": "0", "about": "a bell \x07"},
    "category": {"name": "\t", "description": "x" * 301},
    "service": {"name": "", "duration_minutes": "4", "price_minor": "24,00", "buffer_after_minutes": "-1"},
    "pool": {"name": "", "kind": "robot"},
    "unit": {"name": "\u202edesrever"},
}
ALL = pytest.mark.parametrize("kind", list(NEW))
SWITCHED = pytest.mark.parametrize("kind", ["location", "provider", "service", "unit"])


def owners(made: SmallClinic, kind: str) -> dict[str, int]:
    return {name: made[slug] for name, slug in OWNERS.get(kind, {}).items()}


def add(made: SmallClinic, who: StaffActor, kind: str, /, **other: str) -> int:
    return made.services.do(editing.add, who, kind, NEW[kind] | other, **owners(made, kind))


def change(made: SmallClinic, who: StaffActor, kind: str, slug: str, /, **typed: str) -> None:
    made.services.do(editing.change, who, kind, made[slug], typed)


def values(made: SmallClinic, kind: str, row_id: int) -> dict[str, Any]:
    return made.services.ask(sheets.sheet, kind, row_id).values


def names(made: SmallClinic, kind: str) -> list[str]:
    return [one.name for one in made.services.ask(sheets.sheets, kind)]


def log(made: SmallClinic) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What staff did, the newest last."""
    told = [(one.actor, one.action, one.subject, one.detail) for one in rows(made.services, AuditEntry)]
    return [one for one in told if one[0].startswith("staff:") and not one[1].startswith("staff.")]


def state(made: SmallClinic) -> tuple[Any, ...]:
    """All that a refusal must leave as it was."""
    kinds = {kind: made.services.ask(sheets.sheets, kind) for kind in NEW}
    more = [made.services.ask(one) for one in (sheets.clinic, sheets.policies, sheets.holidays)]
    return (kinds, *more, log(made))


def faults(refusal: Unusable) -> dict[str, str]:
    return {one.field: one.code for one in refusal.faults}


# Something new


@pytest.mark.req("P15")
@ALL
def test_what_is_added_stands_there_as_typed_and_the_log_says_who_added_what(
    clinic: SmallClinic, owner: StaffActor, kind: str
) -> None:
    before = seen(clinic).version
    row_id = add(clinic, owner, kind)
    kept = values(clinic, kind, row_id)
    assert {name: kept[name] for name in NEW[kind]} == NEW[kind] | READ.get(kind, {})
    assert seen(clinic).version == before + 1
    (who, action, subject, detail) = log(clinic)[-1]
    assert (who, action, subject) == (owner.tag, f"{kind}.added", f"{kind}:{row_id}")
    assert {name: detail["after"][name] for name in NEW[kind]} == NEW[kind] | READ.get(kind, {})


def test_what_is_new_is_last_in_its_list_and_patients_see_it_at_once(clinic: SmallClinic, owner: StaffActor) -> None:
    for kind, of in (("location", "locations"), ("provider", "providers"), ("service", "services")):
        row_id = add(clinic, owner, kind)
        assert list(getattr(seen(clinic), of))[-1] == row_id


def test_two_of_one_name_have_addresses_of_their_own(clinic: SmallClinic, owner: StaffActor) -> None:
    twice = [add(clinic, owner, "service", name="Grün & groß") for _ in range(3)]
    slugs = [values(clinic, "service", one)["slug"] for one in twice]
    assert slugs == ["grun-gro", "grun-gro-2", "grun-gro-3"]


def test_a_name_without_a_latin_letter_has_an_address_too(clinic: SmallClinic, owner: StaffActor) -> None:
    assert values(clinic, "service", add(clinic, owner, "service", name="脱毛"))["slug"] == "one"


def test_an_address_cut_short_still_loads_from_a_file(clinic: SmallClinic, owner: StaffActor) -> None:
    slug = values(clinic, "service", add(clinic, owner, "service", name="x" * 49 + " and more"))["slug"]
    assert slug == "x" * 49


@pytest.mark.parametrize(
    ("kind", "given", "missing"),
    [
        ("service", {}, {"category_id"}),
        ("unit", {}, {"pool_id", "location_id"}),
        ("unit", {"pool_id": "laser"}, {"location_id"}),
    ],
)
def test_something_new_says_where_it_belongs(
    clinic: SmallClinic, owner: StaffActor, kind: str, given: dict[str, str], missing: set[str]
) -> None:
    before = state(clinic)
    with pytest.raises(Unusable) as refusal:
        clinic.services.do(editing.add, owner, kind, NEW[kind], **{name: clinic[slug] for name, slug in given.items()})
    assert faults(refusal.value) == dict.fromkeys(missing, "owner_missing")
    assert state(clinic) == before


def test_an_owner_of_another_kind_is_none(clinic: SmallClinic, owner: StaffActor) -> None:
    """Service 4 is there; neither pool 4 nor category 4 nor location 4 is."""
    before = state(clinic)
    wrong = clinic["hair"]
    for kind, given in (
        ("service", {"category_id": wrong}),
        ("unit", {"pool_id": wrong, "location_id": clinic["downtown"]}),
        ("unit", {"pool_id": clinic["laser"], "location_id": wrong}),
    ):
        with pytest.raises(NotAllowed):
            clinic.services.do(editing.add, owner, kind, NEW[kind], **given)
        with pytest.raises(NotAllowed):
            clinic.services.do(editing.change, owner, kind, clinic[ONE[kind]], {}, **given)
    assert state(clinic) == before


def test_nothing_is_put_where_its_kind_does_not_belong(clinic: SmallClinic, owner: StaffActor) -> None:
    with pytest.raises(ValueError, match="provider does not belong"):
        clinic.services.do(editing.add, owner, "provider", NEW["provider"], location_id=clinic["downtown"])


# Changed


@pytest.mark.req("P15")
@ALL
def test_a_change_is_kept_and_the_log_says_what_was_before_and_after(
    clinic: SmallClinic, owner: StaffActor, kind: str
) -> None:
    version, before = seen(clinic).version, values(clinic, kind, clinic[ONE[kind]])
    change(clinic, owner, kind, ONE[kind], name="Another name")
    assert values(clinic, kind, clinic[ONE[kind]]) == before | {"name": "Another name"}
    assert seen(clinic).version == version + 1
    told = {"before": {"name": before["name"]}, "after": {"name": "Another name"}}
    assert log(clinic)[-1] == (owner.tag, f"{kind}.changed", f"{kind}:{clinic[ONE[kind]]}", told)


def test_the_same_again_is_no_change(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    change(clinic, owner, "provider", "maya", name=" Dr. Maya Osei ")
    clinic.services.do(editing.change_clinic, owner, {"name": "Lumen Aesthetics"})
    assert state(clinic) == before


def test_a_service_moves_to_another_category_and_a_device_is_renamed_where_it_stands(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    shelf = add(clinic, owner, "category")
    clinic.services.do(editing.change, owner, "service", clinic["peel"], {}, category_id=shelf)
    assert seen(clinic).services[clinic["peel"]].category_id == shelf
    same = {"pool_id": clinic["laser"], "location_id": clinic["downtown"]}
    clinic.services.do(editing.change, owner, "unit", clinic["laser-1"], {"name": "Laser A"}, **same)
    assert [one.name for one in seen(clinic).units if one.id == clinic["laser-1"]] == ["Laser A"]


@ALL
def test_what_cannot_be_used_is_named_field_by_field_and_nothing_is_saved(
    clinic: SmallClinic, owner: StaffActor, kind: str
) -> None:
    before = state(clinic)
    with pytest.raises(Unusable) as adding:
        add(clinic, owner, kind, **WRONG[kind])
    with pytest.raises(Unusable) as changing:
        change(clinic, owner, kind, ONE[kind], **WRONG[kind])
    assert set(faults(adding.value)) == set(faults(changing.value)) == set(WRONG[kind])
    assert state(clinic) == before


@ALL
def test_one_that_is_not_there_is_not_changed(clinic: SmallClinic, owner: StaffActor, kind: str) -> None:
    before = state(clinic)
    for verb, more in (
        (editing.change, {"typed": {"name": "x"}}),
        (editing.switch, {"is_active": False}),
        (editing.reorder, {"up": True}),
    ):
        with pytest.raises(NotAllowed):
            clinic.services.do(verb, owner, kind, 4711, **more)
    with pytest.raises(NotAllowed):
        clinic.services.ask(sheets.sheet, kind, 4711)
    assert state(clinic) == before


# Switched off and on


@pytest.mark.req("S72")
@pytest.mark.req("P15")
@SWITCHED
def test_what_is_switched_off_is_seen_by_staff_alone_until_it_is_on_again(
    clinic: SmallClinic, owner: StaffActor, kind: str
) -> None:
    add(clinic, owner, kind)  # so that none is the last
    of = {"location": "locations", "provider": "providers", "service": "services", "unit": "units"}[kind]
    row_id, before = clinic[ONE[kind]], seen(clinic)

    def offered() -> set[int]:
        found = getattr(seen(clinic), of)
        return {one.id for one in found} if kind == "unit" else set(found)

    clinic.services.do(editing.switch, owner, kind, row_id, is_active=False)
    assert row_id not in offered()
    assert not clinic.services.ask(sheets.sheet, kind, row_id).is_active
    assert log(clinic)[-1][3] == {"before": {"is_active": True}, "after": {"is_active": False}}
    clinic.services.do(editing.switch, owner, kind, row_id, is_active=True)
    assert row_id in offered()
    assert seen(clinic).version == before.version + 2


@pytest.mark.parametrize(("kind", "code"), [("location", "last_location"), ("provider", "last_provider")])
def test_one_location_and_one_provider_stay(clinic: SmallClinic, owner: StaffActor, kind: str, code: str) -> None:
    if kind == "provider":
        clinic.services.do(editing.switch, owner, kind, clinic["lena"], is_active=False)
    before = state(clinic)
    with pytest.raises(Conflict, match=code):
        clinic.services.do(editing.switch, owner, kind, clinic[ONE[kind]], is_active=False)
    assert state(clinic) == before


# In order


@pytest.mark.req("P15")
@ALL
def test_one_goes_up_or_down_one_place_and_no_further(clinic: SmallClinic, owner: StaffActor, kind: str) -> None:
    new = [add(clinic, owner, kind, name=name) for name in ("New 1", "New 2")]
    start, version = names(clinic, kind), seen(clinic).version
    clinic.services.do(editing.reorder, owner, kind, new[1], up=True)
    assert names(clinic, kind) == [*start[:-2], "New 2", "New 1"]
    assert log(clinic)[-1][1:3] == (f"{kind}.moved", f"{kind}:{new[1]}")
    assert seen(clinic).version == version + 1
    clinic.services.do(editing.reorder, owner, kind, new[1], up=False)
    before = state(clinic)
    clinic.services.do(editing.reorder, owner, kind, new[1], up=False)
    first = clinic.services.ask(sheets.sheets, kind)[0]
    clinic.services.do(editing.reorder, owner, kind, first.id, up=True)
    assert names(clinic, kind) == start
    assert state(clinic) == before


@pytest.mark.req("S61")
def test_patients_see_categories_and_services_in_the_clinics_order(clinic: SmallClinic, owner: StaffActor) -> None:
    clinic.services.do(editing.reorder, owner, "service", clinic["peel"], up=True)
    assert [one.slug for one in seen(clinic).services.values()] == ["botox", "peel", "facial", "hair"]
    shelf = add(clinic, owner, "category")
    clinic.services.do(editing.reorder, owner, "category", shelf, up=True)
    assert list(seen(clinic).categories) == [shelf, clinic["injectables"]]


# Categories


@pytest.mark.req("P15")
def test_an_empty_category_is_removed_and_one_in_use_is_not(clinic: SmallClinic, owner: StaffActor) -> None:
    shelf = add(clinic, owner, "category")
    with pytest.raises(Conflict, match="category_in_use"):
        clinic.services.do(editing.remove_category, owner, clinic["injectables"])
    clinic.services.do(editing.remove_category, owner, shelf)
    assert list(seen(clinic).categories) == [clinic["injectables"]]
    assert log(clinic)[-1] == (owner.tag, "category.removed", f"category:{shelf}", {"before": {"name": "Peels"}})
    with pytest.raises(NotAllowed):
        clinic.services.do(editing.remove_category, owner, shelf)


def test_a_category_is_in_use_by_a_service_that_is_switched_off_too(clinic: SmallClinic, owner: StaffActor) -> None:
    shelf = add(clinic, owner, "category")
    clinic.services.do(editing.change, owner, "service", clinic["peel"], {}, category_id=shelf)
    clinic.services.do(editing.switch, owner, "service", clinic["peel"], is_active=False)
    with pytest.raises(Conflict, match="category_in_use"):
        clinic.services.do(editing.remove_category, owner, shelf)


# Who performs it, and what it needs


@pytest.mark.req("P15")
@pytest.mark.req("P9")
def test_who_performs_a_service_and_what_it_needs_is_these_and_no_others(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    do, peel = clinic.services.do, clinic["peel"]
    do(editing.link, owner, "service_provider", peel, [clinic["maya"]])
    assert seen(clinic).services[peel].provider_ids == {clinic["maya"]}
    told = {"before": [clinic["lena"]], "after": [clinic["maya"]]}
    assert log(clinic)[-1] == (owner.tag, "service_provider.changed", f"service:{peel}", told)
    do(editing.link, owner, "service_pool", peel, [clinic["laser"], clinic["room"], clinic["laser"]])
    assert set(seen(clinic).services[peel].pool_ids) == {clinic["laser"], clinic["room"]}
    do(editing.link, owner, "service_pool", peel, [])
    assert seen(clinic).services[peel].pool_ids == ()


def test_linked_as_before_is_no_change(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    clinic.services.do(editing.link, owner, "service_provider", clinic["facial"], {clinic["lena"], clinic["maya"]})
    assert state(clinic) == before


def test_whoever_is_switched_off_performs_it_again_when_they_are_back(clinic: SmallClinic, owner: StaffActor) -> None:
    facial = clinic["facial"]
    clinic.services.do(editing.switch, owner, "provider", clinic["maya"], is_active=False)
    clinic.services.do(editing.link, owner, "service_provider", facial, [clinic["lena"]])
    assert clinic.services.ask(sheets.linked, "provider", facial) == {clinic["lena"], clinic["maya"]}
    clinic.services.do(editing.switch, owner, "provider", clinic["maya"], is_active=True)
    assert seen(clinic).services[facial].provider_ids == {clinic["lena"], clinic["maya"]}


def test_nobody_unknown_performs_a_service_and_nothing_unknown_is_needed(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    """Service 4 is there; neither provider 4 nor pool 4 is."""
    before = state(clinic)
    for kind in ("service_provider", "service_pool"):
        with pytest.raises(NotAllowed):
            clinic.services.do(editing.link, owner, kind, clinic["peel"], [1, clinic["hair"]])
        with pytest.raises(NotAllowed):
            clinic.services.do(editing.link, owner, kind, 4711, [1])
    assert clinic.services.ask(sheets.linked, "provider", clinic["peel"]) == {clinic["lena"]}
    assert state(clinic) == before


@pytest.mark.req("S72")
@pytest.mark.req("P9")
def test_a_service_whose_room_stands_nowhere_is_not_offered(clinic: SmallClinic, owner: StaffActor) -> None:
    clinic.services.do(drafts.add_service, "b", clinic["hair"])
    assert [line.is_offered for line in clinic.services.ask(booking.draft, "b").lines] == [True]
    clinic.services.do(editing.switch, owner, "unit", clinic["laser-1"], is_active=False)
    assert [line.is_offered for line in clinic.services.ask(booking.draft, "b").lines] == [False]


# The clinic's own settings

NUMBERS = [
    ("start_interval_minutes", 5, 60),
    ("minimum_notice_minutes", 0, 86400),
    ("booking_window_days", 1, 730),
    ("hold_minutes", 2, 60),
    ("change_until_minutes", 0, 43200),
    ("quiet_from_minutes", 0, 1439),
    ("quiet_until_minutes", 0, 1439),
    ("grace_days", 0, 60),
    ("longest_pause_months", 0, 12),
]
TEXTS = {
    "name": "New Lumen",
    "tagline": "Skin, calmly",
    "about": "Two lines.\nOf it.",
    "website": "https://new.example",
    "brand_colour": "#0b4f6c",
}
FLAGS = (
    "buffers_must_fit",
    "patients_may_cancel",
    "patients_may_reschedule",
    "activation_email_enabled",
    "is_second_factor_required",
    "email_names_services",
    "email_carries_instructions",
    "is_wallet_shown",
)


@pytest.mark.req("P15")
def test_every_setting_of_the_clinic_is_changed_and_seen_by_patients(clinic: SmallClinic, owner: StaffActor) -> None:
    before = seen(clinic)
    typed = TEXTS | {name: str(most) for name, _, most in NUMBERS}
    typed |= {"email": "new@lumen.example", "provider_choice": "provider", "deposit_returns_to": "wallet"}
    typed |= {name: "" if getattr(before.clinic, name) else "yes" for name in FLAGS}
    assert typed.keys() == rules.CLINIC.keys()
    clinic.services.do(editing.change_clinic, owner, typed)
    wanted = TEXTS | {name: most for name, _, most in NUMBERS}
    wanted |= {"email": "new@lumen.example", "provider_choice": "provider", "deposit_returns_to": "wallet"}
    wanted |= {name: not getattr(before.clinic, name) for name in FLAGS}
    assert {name: getattr(seen(clinic).clinic, name) for name in wanted} == wanted
    assert seen(clinic).version == before.version + 1
    who, action, subject, detail = log(clinic)[-1]
    assert (who, action, subject, detail["after"]) == (owner.tag, "clinic.changed", "clinic:1", wanted)
    assert detail["before"] == {name: getattr(before.clinic, name) for name in wanted}


@pytest.mark.parametrize(("name", "least", "most"), NUMBERS)
def test_a_number_of_the_clinic_has_bounds(name: str, least: int, most: int) -> None:
    for number in (least, most):
        assert rules.read(rules.CLINIC, {name: f" {number} "}) == {name: number}
    for typed in (str(least - 1), str(most + 1), "", "15.0", "1e1", "½", "١٥", "9" * 40, "+15", "1 5"):
        with pytest.raises(Unusable) as refusal:
            rules.read(rules.CLINIC, {name: typed})
        assert refusal.value.faults[0].facts == {"field": name, "least": least, "most": most}


@pytest.mark.parametrize("choice", ["", "Both", "anyone", "provider "])
def test_whom_patients_may_choose_is_one_of_three(choice: str) -> None:
    with pytest.raises(Unusable):
        rules.read(rules.CLINIC, {"provider_choice": choice})


def test_every_field_at_fault_is_named_and_none_of_the_others_is_saved(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    wrong = {
        "name": "",
        "email": "hello@",
        "hold_minutes": "1",
        "booking_window_days": "731",
        "provider_choice": "all",
        "tagline": "x" * 201,
    }
    with pytest.raises(Unusable) as refusal:
        clinic.services.do(editing.change_clinic, owner, wrong | {"website": "https://fine.example"})
    assert set(faults(refusal.value)) == set(wrong)
    assert state(clinic) == before


@pytest.mark.req("S71")
@pytest.mark.parametrize(
    ("choice", "by_name", "first_available"),
    [("both", True, True), ("provider", True, False), ("first_available", False, True)],
)
def test_patients_choose_whom_the_clinic_lets_them(
    clinic: SmallClinic, owner: StaffActor, choice: str, by_name: bool, first_available: bool
) -> None:
    clinic.services.do(editing.change_clinic, owner, {"provider_choice": choice})
    clinic.services.do(drafts.add_service, "b", clinic["facial"])
    for provider, allowed in ((clinic["lena"], by_name), (None, first_available)):
        try:
            clinic.services.do(drafts.choose_provider, "b", provider)
        except NotAllowed:
            assert not allowed
        else:
            assert allowed


@pytest.mark.req("P1")
@pytest.mark.req("S73")
def test_times_are_offered_in_the_clinics_interval(clinic: SmallClinic, owner: StaffActor) -> None:
    for interval in (5, 20, 60):
        clinic.services.do(editing.change_clinic, owner, {"start_interval_minutes": str(interval)})
        found = starts(clinic, DAY)
        assert {later - one for one, later in pairwise(found)} == {interval}


@pytest.mark.req("P2")
def test_notice_and_window_are_the_clinics(clinic: SmallClinic, owner: StaffActor, clock: FixedClock) -> None:
    today = clock.now().date()
    clinic.services.do(editing.change_clinic, owner, {"minimum_notice_minutes": "180", "booking_window_days": "3"})
    assert starts(clinic, today)[0] == minute(today, "12:00")
    assert starts(clinic, today + timedelta(days=3))
    assert not starts(clinic, today + timedelta(days=4))


@pytest.mark.req("P3")
def test_buffers_and_length_of_a_service_hold_for_the_next_patient(clinic: SmallClinic, owner: StaffActor) -> None:
    booked(clinic, "one", DAY, "10:00", "facial", provider="lena")  # 30 minutes and 10 to clean up
    longer = {"duration_minutes": "60", "buffer_before_minutes": "15", "buffer_after_minutes": "0"}
    clinic.services.do(editing.change, owner, "service", clinic["facial"], longer)
    found = starts(clinic, DAY)
    assert (minute(DAY, "08:45") in found, minute(DAY, "09:00") in found) == (False, True)
    assert (minute(DAY, "10:45") in found, minute(DAY, "11:00") in found) == (False, True)
    assert (minute(DAY, "16:00") in found, minute(DAY, "16:15") in found) == (True, False)


@pytest.mark.req("P9")
def test_a_new_device_makes_room_for_one_more_at_the_same_time(clinic: SmallClinic, owner: StaffActor) -> None:
    booked(clinic, "one", DAY, "10:00", "hair", provider="maya")
    assert minute(DAY, "10:00") not in starts(clinic, DAY, "hair")
    add(clinic, owner, "unit")
    assert minute(DAY, "10:00") in starts(clinic, DAY, "hair")


@pytest.mark.req("S72")
def test_what_is_not_bookable_online_is_not_offered_and_stays_in_the_clinic(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    change(clinic, owner, "service", "peel", is_bookable_online="")
    with pytest.raises(NotAllowed):
        clinic.services.do(drafts.add_service, "b", clinic["peel"])
    change(clinic, owner, "provider", "lena", is_bookable_online="")
    clinic.services.do(drafts.add_service, "b", clinic["facial"])
    with pytest.raises(NotAllowed):
        clinic.services.do(drafts.choose_provider, "b", clinic["lena"])
    assert {clinic["peel"], clinic["lena"]} <= seen(clinic).services.keys() | seen(clinic).providers.keys()


def test_a_daily_limit_is_taken_away_by_leaving_it_empty(clinic: SmallClinic, owner: StaffActor) -> None:
    change(clinic, owner, "provider", "lena", daily_limit="1")
    booked(clinic, "one", DAY, "10:00", "facial", provider="lena")
    assert not starts(clinic, DAY)
    change(clinic, owner, "provider", "lena", daily_limit="")
    assert starts(clinic, DAY)


@pytest.mark.req("S53")
@pytest.mark.req("S54")
def test_what_patients_may_change_is_what_the_setting_says_at_once(clinic: SmallClinic, owner: StaffActor) -> None:
    from clinic_portal.booking import changes

    done = booked(clinic, "one", DAY, "10:00", "facial", provider="lena")
    visit = clinic.services.ask(booking.visit, done.appointment_id)
    for name, what in (("patients_may_cancel", "cancel"), ("patients_may_reschedule", "reschedule")):
        assert clinic.services.ask(changes.refusal, visit, what) is None  # type: ignore[arg-type]
        clinic.services.do(editing.change_clinic, owner, {name: ""})
        assert clinic.services.ask(changes.refusal, visit, what) == "change_switched_off"  # type: ignore[arg-type]


# What may be typed


@pytest.mark.parametrize(
    ("typed", "minor"), [("240", 24000), (" 240.00 ", 24000), ("0", 0), ("0.05", 5), ("9999999.99", 999999999)]
)
def test_an_amount_is_read_as_people_write_it(typed: str, minor: int) -> None:
    assert rules.money("USD")("price", typed) == minor


@pytest.mark.parametrize(
    "typed",
    ["24,00", "1,000.00", "-1", "-0.01", "1e9", "", " ", "240.001", "$240", "240 USD", "10000000", "9" * 50, "NaN",
     "Infinity", "sNaN", "0x10", "two", "2 40", "\u221240", "\x00", "1e3", "1e999999", "1e-9999999", "1_000", "+5",
     "٢٤٠", "240.", ".5", "240.0000000000000000000000000001"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="money_invalid"):
        rules.money("USD")("price", typed)


@pytest.mark.parametrize(
    ("currency", "typed", "minor"), [("JPY", "2400", 2400), ("BHD", "1.250", 1250), ("BHD", "1", 1000)]
)
def test_an_amount_has_the_places_of_its_currency(currency: str, typed: str, minor: int) -> None:
    assert rules.money(currency)("price", typed) == minor


def test_yen_have_no_places() -> None:
    with pytest.raises(Invalid, match="money_invalid"):
        rules.money("JPY")("price", "24.5")


@pytest.mark.parametrize("typed", ["America/Chicago", " Europe/Berlin ", "Asia/Kathmandu", "UTC"])
def test_a_zone_is_known(typed: str) -> None:
    assert rules.zone("time_zone", typed) == typed.strip()


@pytest.mark.parametrize(
    "typed",
    ["", "Chicago", "america/chicago", "America/Chicago\x00", "../../etc/passwd", "UTC+6", "6", "localtime", "Factory"],
)
def test_what_is_no_zone_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="zone_unknown"):
        rules.zone("time_zone", typed)


@pytest.mark.parametrize(
    "typed", ["", "hello", "hello@", "@lumen.example", "a@b c.example", "x" * 250 + "@lumen.example"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Unusable) as refusal:
        rules.read(rules.clinic("US"), {"email": typed})
    assert [one.field for one in refusal.value.faults] == ["email"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("(512) 555-0100", "+15125550100"),
        (" 512.555.0100 ", "+15125550100"),
        ("+49 30 901820", "+4930901820"),
        ("512-555-0100 ext. 7", "+1-512-555-0100;ext=7"),
        ("+1-512-555-0100;ext=7", "+1-512-555-0100;ext=7"),
        ("1-800-FLOWERS", "+18003569377"),
    ],
)
def test_the_clinics_phone_is_kept_as_every_phone_can_dial_it(typed: str, kept: str) -> None:
    assert rules.read(rules.clinic("US"), {"phone": typed}) == {"phone": kept}


@pytest.mark.parametrize(
    "typed", ["call us", "555", "+1 512 555", "512-555-0100 or 512-555-0101", "512\n5550100", "\x00", "0" * 41]
)
def test_what_nobody_can_dial_is_no_phone(typed: str) -> None:
    with pytest.raises(Unusable):
        rules.read(rules.location("US"), {"phone": typed})


def test_a_location_may_have_no_phone_of_its_own_and_the_clinic_must_have_one() -> None:
    assert rules.read(rules.location("US"), {"phone": " "}) == {"phone": ""}
    with pytest.raises(Unusable) as refusal:
        rules.read(rules.clinic("US"), {"phone": " "})
    assert faults(refusal.value) == {"phone": "history_missing"}


@pytest.mark.parametrize(("typed", "kept"), [("US", "US"), (" de ", "DE")])
def test_a_country_is_two_letters(typed: str, kept: str) -> None:
    assert rules.country("country", typed) == kept


@pytest.mark.parametrize("typed", ["", "U", "USA", "12", "ÉÜ", "U\x00"])
def test_what_is_not_two_letters_is_no_country(typed: str) -> None:
    with pytest.raises(Invalid, match="country_letters"):
        rules.country("country", typed)


@pytest.mark.parametrize(
    ("readers", "name"),
    [
        (rules.clinic("US"), "name"),
        (rules.clinic("US"), "tagline"),
        (rules.location("US"), "street"),
        (rules.PROVIDER, "title"),
        (rules.CATEGORY, "description"),
        (rules.UNIT, "name"),
        (rules.service("USD"), "name"),
    ],
)
def test_what_is_one_line_has_no_line_break(readers: dict[str, rules.Reader], name: str) -> None:
    """The clinic's name stands in the headers of every e-mail."""
    with pytest.raises(Unusable) as refusal:
        rules.read(readers, {name: "Lumen\nBcc: everyone@example.org"})
    assert faults(refusal.value) == {name: "text_characters"}


def test_text_pasted_from_elsewhere_keeps_its_lines_and_blanks() -> None:
    pasted = "First\u00a0line\r\n\tsecond — 24\u202f% off 👩\u200d⚕️\r\n"
    assert rules.text(100)("about", pasted) == "First\u00a0line\n second — 24\u202f% off 👩\u200d⚕️"


LENGTHS = {"duration_minutes": "30", "processing_offset_minutes": "10", "processing_minutes": "20"}


@pytest.mark.parametrize(
    ("typed", "at_fault"),
    [
        ({"processing_minutes": "21"}, {"processing_minutes": "processing_long"}),
        ({"processing_offset_minutes": "11"}, {"processing_minutes": "processing_long"}),
        (
            {"processing_offset_minutes": "31", "processing_minutes": "0"},
            {"processing_offset_minutes": "processing_long"},
        ),
        ({"duration_minutes": "x"}, {"duration_minutes": "number_bounds"}),
    ],
)
def test_a_treatment_takes_effect_within_its_length(typed: dict[str, str], at_fault: dict[str, str]) -> None:
    assert rules.read(rules.service("USD"), LENGTHS)
    with pytest.raises(Unusable) as refusal:
        rules.read(rules.service("USD"), LENGTHS | typed)
    assert faults(refusal.value) == at_fault


def test_a_shorter_treatment_still_takes_effect_within_its_length(clinic: SmallClinic, owner: StaffActor) -> None:
    change(clinic, owner, "service", "facial", **LENGTHS)
    before = state(clinic)
    with pytest.raises(Unusable) as refusal:
        change(clinic, owner, "service", "facial", duration_minutes="29")
    assert faults(refusal.value) == {"processing_minutes": "processing_long"}
    assert state(clinic) == before
    assert starts(clinic, DAY)


@pytest.mark.parametrize("typed", ["\x00", "a\x1bb", "a\u202eb", "a\ud800b", "a\x7fb", "a\u2028b"])
def test_what_cannot_be_seen_is_no_text(typed: str) -> None:
    with pytest.raises(Unusable) as refusal:
        rules.read(rules.PROVIDER, {"about": typed})
    assert faults(refusal.value) == {"about": "text_characters"}


@pytest.mark.parametrize("typed", ["✨ Glow ✨", "Núñez", "肌の手入れ", "𝒢low", "Zoe\u0308"])
def test_letters_of_any_language_and_pictures_are_kept_as_they_are(
    clinic: SmallClinic, owner: StaffActor, typed: str
) -> None:
    change(clinic, owner, "provider", "maya", about=typed, name=typed)
    kept = seen(clinic).providers[clinic["maya"]]
    assert (kept.about, kept.name) == (typed, typed)


def test_text_is_as_long_as_it_may_be_and_no_longer() -> None:
    assert rules.read(rules.PROVIDER, {"about": "x" * 2000})
    with pytest.raises(Unusable) as refusal:
        rules.read(rules.PROVIDER, {"about": "x" * 2001})
    assert refusal.value.faults[0].facts["limit"] == 2000


def test_what_a_clinic_file_says_a_page_may_say_too(services: Services, owner: StaffActor) -> None:
    """Every form of the demo clinic, sent back as it is shown, is saved and changes nothing."""
    from clinic_portal.setup.demo import lumen
    from clinic_portal.setup.load import load

    def typed(values: dict[str, Any]) -> dict[str, str]:
        told = {name: "yes" if value is True else str(value or "") for name, value in values.items()}
        told |= {name: str(value) for name, value in values.items() if name.endswith("_minutes")}
        amounts = {name: values[name] for name in values if name.endswith("_minor")}
        return told | {name: "" if minor is None else f"{minor / 100:.2f}" for name, minor in amounts.items()}

    services.do(load, lumen())
    made = SmallClinic(services)
    before = state(made)
    services.do(editing.change_clinic, owner, typed(services.ask(sheets.clinic)))
    for kind in NEW:
        for one in services.ask(sheets.sheets, kind):
            services.do(editing.change, owner, kind, one.id, typed(one.values))
    assert state(made) == before


# Closed dates


@pytest.mark.req("P3")
@pytest.mark.req("P15")
@pytest.mark.req("S73")
@pytest.mark.parametrize("everywhere", [True, False])
def test_nothing_is_offered_on_a_closed_date_until_it_is_open_again(
    clinic: SmallClinic, owner: StaffActor, everywhere: bool
) -> None:
    place, version = None if everywhere else clinic["downtown"], seen(clinic).version
    holiday = clinic.services.do(editing.add_holiday, owner, on=DAY, name="Founders’ day", location_id=place)
    assert not starts(clinic, DAY)
    assert starts(clinic, DAY + timedelta(days=1))
    told = {"on": "2026-12-03", "location_id": place, "name": "Founders’ day"}
    assert log(clinic)[-1] == (owner.tag, "holiday.added", f"holiday:{holiday}", {"after": told})
    clinic.services.do(editing.remove_holiday, owner, holiday)
    assert starts(clinic, DAY)
    assert log(clinic)[-1] == (owner.tag, "holiday.removed", f"holiday:{holiday}", {"before": told})
    assert seen(clinic).version == version + 2


@pytest.mark.req("P3")
def test_a_location_closed_elsewhere_leaves_this_one_open(clinic: SmallClinic, owner: StaffActor) -> None:
    there = add(clinic, owner, "location")
    clinic.services.do(editing.add_holiday, owner, on=DAY, name="Moving", location_id=there)
    assert starts(clinic, DAY)


def test_a_closed_date_has_a_name_and_a_place_that_is_there(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    for name, code in (("", "history_missing"), ("x" * 81, "text_long"), ("\x1b", "text_characters")):
        with pytest.raises(Unusable) as refusal:
            clinic.services.do(editing.add_holiday, owner, on=DAY, name=name, location_id=None)
        assert faults(refusal.value) == {"name": code}
    with pytest.raises(NotAllowed):
        clinic.services.do(editing.add_holiday, owner, on=DAY, name="x", location_id=4711)
    with pytest.raises(NotAllowed):
        clinic.services.do(editing.remove_holiday, owner, 4711)
    assert state(clinic) == before


# Who may


def verbs(made: SmallClinic) -> dict[str, tuple[Permission, Callable[[StaffActor], Any]]]:
    """Every verb of the module: what it asks for, and a way to do it that would work."""
    do, settings, hours = made.services.do, Permission.CHANGE_CLINIC, Permission.CHANGE_HOURS
    shelf = models.ServiceCategory(slug="empty", name="Empty")
    closed = models.Holiday(on=DAY, name="Closed")
    do(lambda work: (work.session.add_all([shelf, closed]), work.session.flush()))
    day = {"on": DAY + timedelta(days=1), "name": "x", "location_id": None}
    return {
        "change_clinic": (settings, lambda who: do(editing.change_clinic, who, {"name": "New"})),
        "add": (settings, lambda who: add(made, who, "service")),
        "change": (settings, lambda who: change(made, who, "service", "botox", name="New")),
        "switch": (settings, lambda who: do(editing.switch, who, "service", made["botox"], is_active=False)),
        "copy": (settings, lambda who: do(editing.copy, who, made["botox"])),
        "reorder": (settings, lambda who: do(editing.reorder, who, "service", made["peel"], up=True)),
        "remove_category": (settings, lambda who: do(editing.remove_category, who, shelf.id)),  # type: ignore[arg-type]
        "link": (settings, lambda who: do(editing.link, who, "service_provider", made["peel"], [made["maya"]])),
        "add_holiday": (hours, lambda who: do(editing.add_holiday, who, **day)),
        "remove_holiday": (hours, lambda who: do(editing.remove_holiday, who, closed.id)),  # type: ignore[arg-type]
    }


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ROLES)
def test_every_verb_itself_asks_for_the_roles_permission(clinic: SmallClinic, services: Services, role: str) -> None:
    who = factories.staff(services, role).actor
    for name, (permission, verb) in verbs(clinic).items():
        before = state(clinic)
        if permission in MAY[role]:
            verb(who)
            assert state(clinic) != before, name
        else:
            with pytest.raises(NotAllowed, match="not_permitted"):
                verb(who)
            assert state(clinic) == before, name


def test_no_verb_is_left_out_of_that_table(clinic: SmallClinic) -> None:
    named = {
        name for name, one in inspect.getmembers(editing, inspect.isfunction) if one.__module__ == editing.__name__
    }
    acting = {name for name in named if "actor" in inspect.signature(getattr(editing, name)).parameters}
    pieces = {"begin", "change_row"}  # of which other modules make their verbs
    assert {name for name in acting if not name.startswith("_")} - pieces == verbs(clinic).keys()


# Two at once


def test_two_who_each_switch_off_one_of_the_last_two_leave_one(clinic: SmallClinic, owner: StaffActor) -> None:
    def off(slug: str) -> Callable[[Any], None]:
        return lambda work: editing.switch(work, owner, "provider", clinic[slug], is_active=False)

    assert meanwhile(clinic.services, off("maya"), off("lena")) == "last_provider"
    assert list(seen(clinic).providers) == [clinic["lena"]]


def test_two_who_reorder_leave_everything_in_one_order(clinic: SmallClinic, owner: StaffActor) -> None:
    def up(slug: str) -> Callable[[Any], None]:
        return lambda work: editing.reorder(work, owner, "service", clinic[slug], up=True)

    assert meanwhile(clinic.services, up("hair"), up("peel")) == "done"
    assert [one.slug for one in seen(clinic).services.values()] == ["botox", "facial", "peel", "hair"]


def test_two_who_change_different_fields_of_one_thing_both_get_their_way(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    def new(**typed: str) -> Callable[[Any], None]:
        return lambda work: editing.change(work, owner, "service", clinic["botox"], typed)

    assert meanwhile(clinic.services, new(price_minor="300"), new(name="Botox")) == "done"
    found = seen(clinic).services[clinic["botox"]]
    assert (found.price_minor, found.name) == (30000, "Botox")


def test_two_who_change_the_same_field_are_told_of_in_order(clinic: SmallClinic, owner: StaffActor) -> None:
    def new(price: str) -> Callable[[Any], None]:
        return lambda work: editing.change(work, owner, "service", clinic["botox"], {"price_minor": price})

    assert meanwhile(clinic.services, new("300"), new("400")) == "done"
    told = [(detail["before"]["price_minor"], detail["after"]["price_minor"]) for *_, detail in log(clinic)]
    assert told == [(24000, 30000), (30000, 40000)]


def test_two_who_say_who_performs_a_service_leave_what_the_later_said(clinic: SmallClinic, owner: StaffActor) -> None:
    def only(*slugs: str) -> Callable[[Any], None]:
        who = [clinic[slug] for slug in slugs]
        return lambda work: editing.link(work, owner, "service_provider", clinic["peel"], who)

    assert meanwhile(clinic.services, only("maya", "lena"), only("maya")) == "done"
    assert seen(clinic).services[clinic["peel"]].provider_ids == {clinic["maya"]}


def test_two_who_add_the_same_both_do(clinic: SmallClinic, owner: StaffActor) -> None:
    def new(work: Any) -> None:
        editing.add(work, owner, "category", NEW["category"])

    assert meanwhile(clinic.services, new, new) == "done"
    assert [one.slug for one in seen(clinic).categories.values()] == ["injectables", "peels", "peels-2"]


def test_a_category_that_just_got_a_service_is_not_removed(clinic: SmallClinic, owner: StaffActor) -> None:
    shelf = add(clinic, owner, "category")
    came = meanwhile(
        clinic.services,
        lambda work: editing.change(work, owner, "service", clinic["peel"], {}, category_id=shelf),
        lambda work: editing.remove_category(work, owner, shelf),
    )
    assert came == "category_in_use"


def test_nothing_is_put_into_a_category_that_was_just_removed(clinic: SmallClinic, owner: StaffActor) -> None:
    shelf = add(clinic, owner, "category")

    def remove(work: Any) -> None:
        editing.remove_category(work, owner, shelf)

    def put(work: Any) -> None:
        editing.change(work, owner, "service", clinic["peel"], {}, category_id=shelf)

    assert meanwhile(clinic.services, remove, put) == "not_found"


def test_a_category_removed_meanwhile_is_not_reordered(clinic: SmallClinic, owner: StaffActor) -> None:
    shelf = add(clinic, owner, "category")
    came = meanwhile(
        clinic.services,
        lambda work: editing.remove_category(work, owner, shelf),
        lambda work: editing.reorder(work, owner, "category", shelf, up=True),
    )
    assert came == "not_found"
