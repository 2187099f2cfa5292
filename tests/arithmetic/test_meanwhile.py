"""Two who change the same thing: what the second is told, and what their form holds then."""

from __future__ import annotations

from typing import Any

from clinic_portal.web.admin.settings.meanwhile import as_drawn, draw_meanwhile
from clinic_portal.web.components.fields import FieldView

WHO = [["provider_1", "Maya", ""], ["provider_2", "Lena", "yes"]]


def form(**values: Any) -> list[FieldView]:
    """The form of a service, as it stands with these values."""
    return [
        FieldView("name", "Name", values.get("name", "Peel")),
        FieldView("price", "Price", values.get("price", "180.00")),
        FieldView("about", "About", values.get("about", ""), "area"),
        FieldView("online", "Online", values.get("online", "yes"), "tick"),
        FieldView("shelf", "Shelf", values.get("shelf", "1"), "choice", choices=[["1", "Skin"], ["2", "Hair"]]),
        FieldView("", "A heading", kind="title"),
        FieldView("who", "Who", kind="ticks", choices=values.get("who", WHO)),
    ]


OPENED = as_drawn(form())


def meanwhile(now: list[FieldView], **typed: str) -> tuple[dict[str, str], dict[str, str]]:
    return draw_meanwhile(now, opened=OPENED, typed=OPENED | typed)


def test_what_nobody_changed_says_nothing() -> None:
    assert meanwhile(form(), name="Mine") == (OPENED | {"name": "Mine"}, {})


def test_a_field_left_alone_becomes_what_another_made_of_it() -> None:
    values, told = meanwhile(form(price="200.00"), name="Mine")
    assert (values["name"], values["price"]) == ("Mine", "200.00")
    assert told == {"price": "Meanwhile this became what you see."}


def test_a_field_both_changed_keeps_what_was_typed_and_says_what_it_became() -> None:
    values, told = meanwhile(form(price="200.00"), price="190")
    assert values["price"] == "190"
    assert told["price"].startswith("Meanwhile this became “200.00”.")


def test_what_it_became_is_told_in_the_words_of_the_page() -> None:
    now = form(about="New", online="", shelf="2", who=[["provider_1", "Maya", "yes"], ["provider_2", "Lena", ""]])
    _, told = meanwhile(now, about="Mine", online="x", shelf="3", provider_1="x", provider_2="x")
    assert [told[name].split(". ")[0] for name in ("about", "online", "shelf", "who")] == [
        "Meanwhile this became “New”",
        "Meanwhile this became unticked",
        "Meanwhile this became “Hair”",
        "Meanwhile this became Maya",
    ]
    assert "Meanwhile this became empty." in meanwhile(form(name=""), name="Mine")[1]["name"]


def test_ticks_are_merged_one_by_one() -> None:
    now = form(who=[["provider_1", "Maya", ""], ["provider_2", "Lena", ""], ["provider_3", "Noor", ""]])
    values, told = meanwhile(now, provider_1="yes")
    assert (values["provider_1"], values["provider_2"]) == ("yes", "")
    assert told == {"who": "Meanwhile this became what you see."}, "someone new is no change of this"


def test_ends_and_line_breaks_of_a_text_are_no_typing() -> None:
    opened = as_drawn(form(about="One.\nTwo."))
    values, _ = draw_meanwhile(form(about="Three."), opened=opened, typed=opened | {"about": "One.\r\nTwo. "})
    assert values["about"] == "Three."
