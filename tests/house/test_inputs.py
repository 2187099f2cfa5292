"""Whatever a browser sends, a reader of inputs gives a value of its type or says BadInput."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from clinic_portal.web import inputs
from clinic_portal.web.inputs import BadInput

JUNK: list[Any] = [
    None, True, -1, 2**63, 1.5, float("nan"), "", "-1", "1.5", "١٢", "9" * 400, "x" * 5000, "\x00", "<b>", [], [1], {},
    {"a": 1}, {1: 2}, b"1", object(), "2026-13-45", "2026-02-30", "0001-01-01", "9999-12-31", "20261203T10",
]  # fmt: skip
READERS: list[tuple[Callable[[Any], Any], type]] = [
    (inputs.row_id, int),
    (lambda value: inputs.text(value, most=300), str),
    (lambda value: inputs.fields(value, "email", most=300), dict),
    (lambda value: inputs.ticks(value, "wants_sms"), dict),
    (inputs.iso_date, date),
    (inputs.epoch_minute, int),
    (lambda value: inputs.choice(value, (True, False)), bool),
]


@pytest.mark.parametrize(("reader", "kind"), READERS)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
def test_junk_becomes_a_value_of_the_type_or_is_refused(reader: Callable[[Any], Any], kind: type, junk: object) -> None:
    with suppress(BadInput):
        assert type(reader(junk)) is kind


@pytest.mark.parametrize("junk", [True, 1.0, "1.0", "+1", " 1", "٣", 0, -1, 2**31, 2**53, "9" * 17, [1], None])
def test_a_row_id_is_a_whole_number_above_zero(junk: object) -> None:
    with pytest.raises(BadInput):
        inputs.row_id(junk)


@pytest.mark.parametrize("junk", [0, 1, 15_000_000, 2**31 - 1, "2147483647", 2**40, -5, None, "29700000.0"])
def test_a_minute_lies_in_the_years_we_deal_with(junk: object) -> None:
    assert inputs.epoch_minute("29700000") == inputs.epoch_minute(29_700_000)
    with pytest.raises(BadInput):
        inputs.epoch_minute(junk)


@pytest.mark.parametrize("junk", [1, 0, "true", None, [True]])
def test_a_tick_is_a_tick_and_no_number(junk: object) -> None:
    with pytest.raises(BadInput):
        inputs.choice(junk, (True, False))


@pytest.mark.parametrize(
    "form", [{"email": ["x"]}, {"email": {"x": 1}}, {"email": 1}, {"email": "x" * 301}, {"email": "\x00"}]
)
def test_a_form_field_is_text_of_bounded_length(form: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        inputs.fields(form, "email", most=300)


@pytest.mark.parametrize(("sent", "ticked"), [(True, True), ("yes", True), (False, False), ("", False), (None, False)])
def test_a_box_is_ticked_by_true_or_by_its_own_value(sent: object, ticked: bool) -> None:
    assert inputs.ticks({"wants_sms": sent}, "wants_sms", "wants_news") == {"wants_sms": ticked, "wants_news": False}


@pytest.mark.parametrize("sent", [1, "true", "no", ["yes"], {}])
def test_a_box_is_ticked_by_nothing_else(sent: object) -> None:
    with suppress(BadInput):
        assert inputs.ticks({"wants_sms": sent}, "wants_sms") == {"wants_sms": False}


def test_digits_are_read_in_any_script() -> None:
    assert inputs.digits(" 1٢3-四5²6") == "12356"


@pytest.mark.parametrize("told", ["", "never", "2026-13-45", "1999-12-31", "2026-12-033", 7, None])
def test_an_address_that_names_no_day_is_as_if_it_named_none(told: object) -> None:
    assert inputs.day_in_address(told) is None
    assert inputs.day_in_address("2026-12-03") == date(2026, 12, 3)
