"""A clinic in one file: loaded, loaded again, exported, refused."""

from __future__ import annotations

import pytest
from sqlmodel import select

from clinic_portal.clinic import models as clinic
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.work import Services
from clinic_portal.setup.demo import FILE, lumen
from clinic_portal.setup.export import export
from clinic_portal.setup.load import load
from clinic_portal.setup.part import ClinicFileError
from clinic_portal.setup.schema import parse
from tests.factories import rows


def test_the_demo_clinic_is_as_rich_as_promised(services: Services) -> None:
    services.do(load, lumen())
    known = services.ask(catalogue)
    assert len(known.locations) == 2
    assert len({place.time_zone for place in known.locations.values()}) == 2
    assert len(known.providers) >= 6
    assert len(known.categories) == 7
    assert len(known.services) >= 24
    assert len([unit for unit in rows(services, clinic.PoolUnit) if "room" not in unit.slug]) == 3


def test_loading_a_file_twice_changes_nothing_the_second_time(services: Services) -> None:
    assert not services.do(load, lumen()).is_empty
    version = services.ask(catalogue).version
    assert services.do(load, lumen()).is_empty
    assert services.ask(catalogue).version == version


def test_an_exported_clinic_loads_back_to_the_same(services: Services) -> None:
    services.do(load, lumen())
    first = services.ask(export)
    assert services.do(load, parse(first)).is_empty
    assert services.ask(export) == first


def test_what_the_file_no_longer_names_is_switched_off_and_kept(services: Services) -> None:
    services.do(load, lumen())
    text = FILE.read_text().replace("slug: lash-lift,", "slug: lash-curl,")
    report = services.do(load, parse(text))
    assert report.switched_off["service"] == 1
    found = {row.slug: row.is_active for row in rows(services, clinic.Service)}
    assert (found["lash-lift"], found["lash-curl"]) == (False, True)


def test_a_changed_policy_is_a_new_version_and_the_old_one_stays_as_it_was(services: Services) -> None:
    services.do(load, lumen())
    services.do(load, parse(FILE.read_text().replace("free_hours: 48", "free_hours: 24")))
    versions = services.ask(lambda read: list(read.session.exec(select(clinic.PolicyVersion))))
    assert [(one.version, one.free_hours, one.is_in_force) for one in versions] == [(1, 48, False), (2, 24, True)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("time_zone: America/Denver", "time_zone: Mars/Olympus", "location highlands: Mars/Olympus is no time zone"),
        ("needs: [room, rf-needling]", "needs: [room, rocket]", "service rf-face: there is no pool rocket."),
        ('breaks: ["13:00-13:45"]', 'breaks: ["18:00-18:45"]', "the break 18:00-18:45 is not inside 09:00-17:30."),
        ('days: "fri", hours: "09:00-14:00"', 'days: "thu", hours: "09:00-14:00"', "two shifts overlap on thu."),
        ("providers: [lena-brandt, sofia-ruiz]", "providers: []", "service rf-face: nobody performs it."),
        ("providers: [lena-brandt, sofia-ruiz]", "providers: [zoe]", "service rf-face: there is no provider zoe."),
        ("processing_minutes: 35", "processing_minutes: 350", "service rf-face: its processing time reaches beyond"),
        ('price: "780.00"', 'price: "free"', "service rf-face: free is no amount"),
        ('hours: "09:30-18:00", breaks: ["13:30-14:15"]', 'hours: "9h"', "write hours like 09:00-17:30."),
        ("fee_percent: 50", "fee_percent: 150", "policy.fee_percent:"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_a_sentence_that_names_it(old: str, new: str, sentence: str) -> None:
    text = FILE.read_text()
    assert old in text
    with pytest.raises(ClinicFileError) as refusal:
        parse(text.replace(old, new, 1))
    assert any(sentence in fault for fault in refusal.value.faults), refusal.value.faults
