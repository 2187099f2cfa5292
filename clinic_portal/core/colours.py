"""Colours as `#rrggbb`, and how well one is read on another (WCAG 2). Pure."""

ENOUGH = 4.5
"""The least contrast of text of any size."""


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def readable(colour: str, on: str) -> str:
    """The colour itself where text in it can be read on `on`; else the nearest shade towards black or white."""
    target = "#000000" if _luminance(on) > 0.18 else "#ffffff"
    for share in range(0, 101, 4):
        shade = mixed(colour, target, share / 100)
        if contrast(shade, on) >= ENOUGH:
            return shade
    return target


def mixed(colour: str, other: str, share: float) -> str:
    """The colour with so large a share of another in it."""
    parts = (round(a + (b - a) * share) for a, b in zip(_rgb(colour), _rgb(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
