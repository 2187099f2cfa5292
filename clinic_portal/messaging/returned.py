"""What mail servers say later of e-mail they took (B6).

What failed is told by the other channel; where there is no such mailbox nothing more is sent to it, until its owner
gives another address. A mailbox that is full or a suspicion of spam is of that message alone.
"""

from sqlalchemy import select, update

from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.messaging import delivery, models, unreachable
from clinic_portal.messaging.types import Bounce, Channel, State, bounced

_MESSAGE = table(models.Message)


def returned(work: UnitOfWork, bounce: Bounce) -> bool:
    """Write down what became of an e-mail; False where it is none of ours, or that is known already."""
    is_it = (_MESSAGE.c.message_id == bounce.message_id) & (_MESSAGE.c.channel == Channel.EMAIL.value)
    message = work.execute(select(_MESSAGE).where(is_it)).first()
    if message is None:
        return False
    if bounce.action == "failed":
        unreachable.note_refusal(work, Channel.EMAIL, message.to_address, bounced(bounce.status))
        return delivery.not_delivered(work, message.id, bounced(bounce.status))
    if bounce.action != "delayed":
        return False
    waits = (_MESSAGE.c.id == message.id) & (_MESSAGE.c.state == State.SENT.value)
    return bool(work.execute(update(_MESSAGE).where(waits).values(last_error=f"delayed_{bounce.status}")).rowcount)
