"""What the activity log keeps beside who, what and when: never health data, and typed by staff only why money moved."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "clinic_portal"
TYPED = {"reason", "why", "note", "body", "text", "words", "answer", "answers", "detail", "comment", "override_reason"}
"""Names under which something typed freely might be kept."""
KEPT = {
    ("payment.waived", "reason"),
    ("payment.refunded", "reason"),
    ("payment.credited", "reason"),
    ("payment.attended", "reason"),
    ("wallet.taken", "reason"),
    ("membership.ended", "reason"),
    ("text.previewed", "text"),  # what a message is called in our books
    ("payment.not_booked", "why"),  # codes of ours and of the gateway
    ("payment.failed", "why"),
}
"""Why money went back, and a text's name. (`wallet.added` and `wallet.gift` keep theirs too, by a name made there.)"""


def recorded() -> Iterator[tuple[str, str, str]]:
    """Where, the deed as far as it is written there, and each name its detail has."""
    for path in sorted(ROOT.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in (
                "record",
                "_record",
            ):
                deeds = [one.value for one in call.args if isinstance(one, ast.Constant) and "." in str(one.value)]
                for keyword in call.keywords:
                    yield str(path.relative_to(ROOT)), str(deeds[0] if deeds else ""), keyword.arg or "**"


def test_there_are_details_to_look_at() -> None:
    assert len(list(recorded())) > 60


@pytest.mark.req("P15")
def test_nothing_typed_freely_goes_into_the_log_but_why_money_went_back() -> None:
    found = [(where, deed, name) for where, deed, name in recorded() if name in TYPED and deed]
    assert [one for one in found if one[1:] not in KEPT] == []
