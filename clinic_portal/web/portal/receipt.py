"""A receipt of the patient's own: a page that prints, and the same as a PDF."""

from __future__ import annotations

import reflex as rx

from clinic_portal.booking import receipts, visit_receipts
from clinic_portal.core.errors import NotAllowed
from clinic_portal.web import inputs
from clinic_portal.web.components.basics import MUTED, NATIVE, link_button, step_title
from clinic_portal.web.components.receipt import ReceiptView, receipt_sheet, shown, told_as
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame

PACKAGES = "/portal/packages"


class ReceiptPage(PortalPage, rx.State):
    """A receipt of the patient's own; any other looks like one that does not exist."""

    is_missing: bool = False
    visit: str = ""
    pdf: str = ""
    shown: ReceiptView = ReceiptView()

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show the receipt the address names."""
        async with self._answering():
            await self._open("Appointments")
            patient, wanted = await self._patient(), self._number()
            self.is_missing, self.visit, self.pdf, self.shown = True, "", "", ReceiptView()
            reference = inputs.text(self.router.url.query_parameters.get("visit", ""), most=20)
            try:
                if reference:
                    done = await self._ask(visit_receipts.own, patient.patient_id, reference)
                    self._show(told_as(visit_receipts.told(done)), done.visit.reference, f"visit={reference}")
                    return
                found = await self._ask(receipts.own, patient.patient_id, wanted)
            except NotAllowed:
                return
            self._show(shown(found), found.visit.reference if found.visit else "", f"id={found.payment.id}")
            self.visit = PACKAGES if found.package else self.visit

    def _show(self, shown: ReceiptView, reference: str, asked: str) -> None:
        self.shown, self.pdf = shown, f"/portal/receipt.pdf?{asked}"
        self.visit = f"/portal/visit?ref={reference}" if reference else ""
        self.is_missing = False


def page() -> rx.Component:
    """The sheet, and the way to keep it."""
    return portal_frame(
        rx.cond(
            ReceiptPage.is_missing,
            rx.el.div(
                step_title("We could not find that receipt"),
                rx.el.p("The link may be old.", class_name=f"{MUTED} mt-2 mb-6"),
                link_button("All appointments", href="/portal/appointments"),
            ),
            rx.el.div(
                rx.cond(
                    ReceiptPage.visit != "",
                    rx.el.p(
                        rx.el.a(
                            rx.cond(ReceiptPage.visit == PACKAGES, "‹ Packages", "‹ The visit"),
                            href=ReceiptPage.visit,
                            class_name="link",
                        ),
                        class_name="no-print",
                    ),
                ),
                rx.el.div(
                    step_title("Receipt"),
                    link_button(
                        "Download PDF", href=ReceiptPage.pdf, small=True, custom_attrs=NATIVE, class_name="no-print"
                    ),
                    class_name="flex flex-wrap items-center justify-between gap-4 mt-2 mb-6",
                ),
                receipt_sheet(ReceiptPage.shown),
                class_name="max-w-[760px]",
            ),
        ),
        here="Appointments",
    )
