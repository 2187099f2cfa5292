"""What somebody looked for in vain is the beginning of a new patient."""

from __future__ import annotations

import pytest

from clinic_portal.web.admin.person import meant


@pytest.mark.parametrize(
    ("wanted", "typed"),
    [
        ("Ida  Ashgrove", {"given_name": "Ida", "family_name": "Ashgrove"}),
        ("Ida", {"given_name": "Ida", "family_name": ""}),
        (" ida@nobody.example ", {"email": "ida@nobody.example"}),
        ("(512) 555-4999", {"phone": "(512) 555-4999"}),
        ("5/6/1951", {"birth_on": "1951-05-06"}),
        ("", {"given_name": "", "family_name": ""}),
    ],
)
def test_words_of_a_search_fill_the_field_they_belong_to(wanted: str, typed: dict[str, str]) -> None:
    assert meant(wanted) == typed
