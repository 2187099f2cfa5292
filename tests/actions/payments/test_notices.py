"""A notice is kept once, whoever brings it how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import text

from clinic_portal.core.work import Services
from clinic_portal.payments import notices
from clinic_portal.payments.ports import Notice
from tests.conftest import MONDAY_MORNING

NOTICE = Notice("evt_1", "payment_intent.succeeded", "pi_1", 7, "pi_1", MONDAY_MORNING)


def asked(services: Services) -> list[tuple[str, str]]:
    with services.database.reading() as session:
        return [tuple(row) for row in session.execute(text("SELECT kind, dedupe_key FROM outbox"))]


def test_a_notice_is_kept_with_all_it_names_and_the_worker_is_asked(services: Services) -> None:
    assert services.do(notices.keep, "sandbox", replace(NOTICE, session_id="cs_1", refund_id="re_1", method_id="pm_1"))
    with services.database.reading() as session:
        row = session.execute(text("SELECT * FROM gateway_notice")).one()
    told = (row.account, row.kind, row.payment_id, row.session_id, row.refund_id, row.method_id, row.settled_at)
    assert told == ("sandbox", "payment_intent.succeeded", 7, "cs_1", "re_1", "pm_1", None)
    assert asked(services) == [("payment.notice", "payment.notice:evt_1")]


def test_a_notice_that_is_known_is_not_kept_again(services: Services) -> None:
    assert services.do(notices.keep, "sandbox", NOTICE)
    assert not services.do(notices.keep, "sandbox", replace(NOTICE, kind="payment_intent.canceled"))
    assert len(asked(services)) == 1


def test_of_notices_brought_at_once_one_is_kept(services: Services) -> None:
    with ThreadPoolExecutor(6) as at_once:
        kept = list(at_once.map(lambda _: services.do(notices.keep, "sandbox", NOTICE), range(6)))
    assert sorted(kept) == [False] * 5 + [True]
    assert len(asked(services)) == 1
