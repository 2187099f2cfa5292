"""An SMS sender that delivers to the rehearsal's own mailbox."""

from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.messaging.actions import keep_in_sandbox
from clinic_portal.messaging.ports import SendFailed, Sms
from clinic_portal.messaging.rehearsal import foresee, sender_id
from clinic_portal.messaging.types import Channel

# Twilio's own test numbers, which refuse for good.
_REFUSED = {"+15005550001": "sms_21211", "+15005550004": "sms_21610", "+15005550009": "sms_21614"}


class SandboxSms:
    """Keeps SMS as rows; sent again, a message is kept once. Twilio's test numbers are refused as there.

    A moment later it is told whether it arrived.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def send(self, sms: Sms) -> str:
        """Keep the SMS. Raises SendFailed for a test number."""
        if sms.to in _REFUSED:
            raise SendFailed(_REFUSED[sms.to], permanent=True)
        self._services.do(_keep, sms)
        return sender_id(sms.key)

    def check(self) -> None:
        """It is always there."""


def _keep(work: UnitOfWork, sms: Sms) -> None:
    keep_in_sandbox(work, message_id=sms.key, channel=Channel.SMS, to=sms.to, text=sms.body)
    foresee(work, message_id=sms.key, channel=Channel.SMS, to=sms.to)
