"""Pictures and strokes as SVG, which the engine takes as text."""

import base64
import json
import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise

import typst

_SIGNS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_IMAGE = re.compile(rb"/Subtype\s*/Image")
FIELD = (600, 200)
_INK = "#1d2530"
_PROBE = b"""#set document(title: "Probe")
#image(bytes(json(bytes(sys.inputs.svg))), format: "svg", alt: "Probe")"""


def framed(content: bytes) -> str | None:
    """A picture in a frame of SVG; None for what cannot be printed. What it is, is told by its first bytes."""
    kind = next((kind for kind, sign in _SIGNS.items() if content.startswith(sign)), None)
    if kind is None:
        return None
    data = base64.b64encode(content).decode()
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="data:{kind};base64,{data}"/></svg>'
    return svg if _is_printable(svg) else None


_seen: dict[str, bool] = {}


def _is_printable(svg: str) -> bool:
    """Whether the engine reads the picture: it would leave out a broken one without a word."""
    key = sha256(svg.encode()).hexdigest()
    if key not in _seen:
        if len(_seen) > 1000:
            _seen.clear()
        try:
            printed = typst.compile(
                _PROBE, sys_inputs={"svg": json.dumps(svg)}, pdf_standards="ua-1", ignore_system_fonts=True
            )
        except typst.TypstError:
            printed = b""
        _seen[key] = _IMAGE.search(printed) is not None
    return _seen[key]


def drawn(strokes: Sequence[Sequence[tuple[int, int]]]) -> str:
    """The strokes of a signature as they were drawn, smoothed between the points; a single point is a dot."""
    width, height = FIELD
    lines = "".join(f'<path d="{_path(stroke)}"/>' for stroke in strokes if stroke)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="none"/><g fill="none" stroke="{_INK}" stroke-width="4" '
        f'stroke-linecap="round" stroke-linejoin="round">{lines}</g></svg>'
    )


def _path(stroke: Sequence[tuple[int, int]]) -> str:
    (x, y), *rest = stroke
    if not rest:
        return f"M{x:d} {y:d}l.01 0"
    path = [f"M{x:d} {y:d}"]
    for (x, y), (next_x, next_y) in pairwise(rest):
        path.append(f"Q{x:d} {y:d} {(x + next_x) / 2:g} {(y + next_y) / 2:g}")
    x, y = rest[-1]
    return "".join([*path, f"L{x:d} {y:d}"])
