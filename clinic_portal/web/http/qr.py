"""Something for a phone to scan, as a picture in the portal's ink."""

from __future__ import annotations

import io

import segno
from starlette.responses import Response


def qr_code(text: str, *, scale: int, border: int, **headers: str) -> Response:
    """A QR code as SVG; `scale` and `border` are pixels and squares."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=scale, border=border, dark="#1d2530", light="#ffffff")
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)
