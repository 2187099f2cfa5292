"""The pages of texts and their addresses."""

from __future__ import annotations

from typing import Any

from clinic_portal.web.admin.messages import text, text_page, texts

PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/messages/texts", texts.page, [texts.Texts.enter], "Texts"),
    ("/admin/messages/text", text_page.page, [text.TextEditor.enter], "Text"),
)
