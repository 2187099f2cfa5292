"""A receipt as staff see it: the patient's own, and the dispute file one click away (P15)."""

from __future__ import annotations

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import receipts
from clinic_portal.core.errors import NotAllowed
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, NATIVE, SMALL, link_button
from clinic_portal.web.components.receipt import ReceiptView, receipt_sheet, shown
from clinic_portal.web.gate import access


class DeskReceipt(AdminPage, rx.State):
    """Any receipt."""

    is_missing: bool = False
    patient: str = ""
    patient_href: str = ""
    pdf: str = ""
    dispute: str = ""
    shown: ReceiptView = ReceiptView()

    @rx.event
    @access(Permission.SEE_PAYMENTS)
    async def enter(self) -> None:
        """Show the receipt the address names."""
        async with self._answering():
            await self._open("Receipt")
            actor = await self._staff()
            wanted = inputs.id_in_address(self.router.url.query_parameters.get("id"))
            self.is_missing, self.shown = True, ReceiptView()
            self.patient = self.patient_href = self.pdf = self.dispute = ""
            try:
                found = await self._ask(receipts.for_staff, actor, wanted)
            except NotAllowed:
                return
            self.shown, self.patient = shown(found), found.patient_name
            known = found.payment.patient_id
            self.patient_href = f"/admin/patient?id={known}" if known is not None else ""
            self.pdf = f"/admin/receipt.pdf?id={found.payment.id}"
            self.dispute = f"/admin/dispute.pdf?id={found.payment.id}"
            self.is_missing = False


def page() -> rx.Component:
    """The sheet; beside it, what can be had on paper."""
    return admin_frame(
        "Receipt",
        rx.cond(
            DeskReceipt.is_missing,
            rx.el.div(
                rx.el.p("There is no such receipt. The link may be old, or nothing was taken.", class_name="mb-5"),
                link_button("To the day", href="/admin", small=True),
                class_name=CARD,
            ),
            rx.fragment(
                rx.cond(
                    DeskReceipt.patient_href != "",
                    rx.el.p(
                        rx.el.a(
                            f"‹ {DeskReceipt.patient}",
                            href=DeskReceipt.patient_href,
                            class_name="link overflow-anywhere",
                        ),
                        class_name="no-print -mt-3 mb-4",
                    ),
                ),
                rx.el.div(
                    receipt_sheet(DeskReceipt.shown),
                    _papers(),
                    class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,760px)_320px] gap-5 items-start",
                ),
            ),
        ),
        here="Payments",
        page="Receipt",
    )


def _papers() -> rx.Component:
    return rx.el.aside(
        rx.el.section(
            rx.el.h2("For the patient"),
            rx.el.p("The same sheet, as they find it in their portal.", class_name=f"{MUTED} mt-1 mb-3"),
            link_button("Download PDF", href=DeskReceipt.pdf, small=True, custom_attrs=NATIVE),
            class_name=CARD,
        ),
        rx.el.section(
            rx.el.h2("If the bank asks"),
            rx.el.p(
                "What was accepted, proved, booked, sent and taken, in one file for the bank.",
                class_name=f"{MUTED} mt-1 mb-3",
            ),
            link_button(
                "Dispute file", href=DeskReceipt.dispute, ghost=True, small=True, custom_attrs=NATIVE, id="dispute"
            ),
            rx.el.p("That you made it is in the activity log.", class_name=f"{SMALL} mt-3"),
            class_name=CARD,
        ),
        aria_label="On paper",
        class_name="grid gap-5 no-print",
    )
