"""An e-mail sender that delivers to the rehearsal's own mailbox."""

from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.messaging.actions import keep_in_sandbox
from clinic_portal.messaging.calendar import FILE_NAME
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.rehearsal import foresee, sender_id
from clinic_portal.messaging.types import Channel


class SandboxEmail:
    """Keeps e-mails as rows; sent again, a message is kept once. What goes to `bounce@…` comes back."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def send(self, email: Email) -> str:
        """Keep the e-mail."""
        self._services.do(_keep, email)
        return sender_id(email.message_id)

    def check(self) -> None:
        """It is always there."""

    def close(self) -> None:
        """Nothing is kept open."""


def _keep(work: UnitOfWork, email: Email) -> None:
    keep_in_sandbox(
        work,
        message_id=email.message_id,
        channel=Channel.EMAIL,
        to=email.to,
        subject=email.subject,
        text=email.text,
        html=email.html,
        attachment_name=FILE_NAME if email.ics else "",
        attachment=email.ics.decode() if email.ics else "",
    )
    foresee(work, message_id=email.message_id, channel=Channel.EMAIL, to=email.to)
