"""CAPTCHA: a port with two bodies (`integrations`), and the memory that a solved challenge works once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from clinic_portal.accounts import models
from clinic_portal.core.db import table
from clinic_portal.core.errors import Invalid
from clinic_portal.core.work import UnitOfWork

_TABLE = table(models.SpentCaptcha)
KEPT = timedelta(hours=3)  # longer than any challenge lasts


@dataclass(frozen=True, slots=True)
class Solved:
    """A challenge that was solved; `digest` names it for good."""

    digest: str


class Captcha(Protocol):
    """Tells people from programs."""

    name: str
    field: str
    """The form field its widget puts the answer into."""

    def challenge(self, purpose: str) -> dict[str, Any]:
        """What the widget is to solve, for one purpose (`sign-in`, `register`, …)."""

    def check(self, purpose: str, answer: str, *, address: str) -> Solved:
        """Look at an answer. Raises Invalid on `captcha` for a wrong, old or foreign one."""


def spend(work: UnitOfWork, solved: Solved) -> None:
    """Use a solved challenge up. Raises Invalid when it was used before."""
    try:
        work.execute(insert(_TABLE), {"digest": solved.digest, "at": work.now})
    except IntegrityError:
        raise Invalid("captcha", "captcha_again") from None


def forget_old(work: UnitOfWork) -> int:
    """Delete what has expired by itself."""
    return work.execute(delete(_TABLE).where(_TABLE.c.at < work.now - KEPT)).rowcount  # type: ignore[no-any-return]
