"""An e-mail sender that delivers to the rehearsal's own mailbox."""

from clinic_portal.core.work import Services
from clinic_portal.messaging.actions import keep_in_sandbox
from clinic_portal.messaging.calendar import FILE_NAME
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.types import Channel


class SandboxEmail:
    """Keeps e-mails as rows; sent again, a message is kept once."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def send(self, email: Email) -> str:
        """Keep the e-mail."""
        self._services.do(
            keep_in_sandbox,
            message_id=email.message_id,
            channel=Channel.EMAIL,
            to=email.to,
            subject=email.subject,
            text=email.text,
            html=email.html,
            attachment_name=FILE_NAME if email.ics else "",
            attachment=email.ics.decode() if email.ics else "",
        )
        return f"sandbox:{email.message_id}"

    def close(self) -> None:
        """Nothing is kept open."""
