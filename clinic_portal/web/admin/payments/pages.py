"""The pages of payments and their addresses."""

from __future__ import annotations

from typing import Any

from clinic_portal.web.admin.payments import list as listed
from clinic_portal.web.admin.payments import missed, payment, payment_page

PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/payments", listed.page, [listed.Payments.enter], "Payments"),
    ("/admin/payments/missed", missed.page, [missed.Missed.enter], "Missed visits"),
    ("/admin/payment", payment_page.page, [payment.PaymentPage.enter], "Payment"),
)
