"""The pages of messages and their addresses."""

from __future__ import annotations

from typing import Any

from clinic_portal.web.admin.messages import attention, message
from clinic_portal.web.admin.messages import list as listed

PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/messages", attention.page, [attention.Attention.enter], "Messages"),
    ("/admin/messages/all", listed.page, [listed.Messages.enter], "Messages"),
    ("/admin/message", message.page, [message.MessagePage.enter], "Message"),
)
