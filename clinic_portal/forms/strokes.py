"""A drawn signature as a line: strokes of points, in a field 600 wide and 200 high. Pure."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

WIDTH, HEIGHT = 600, 200
Stroke = Sequence[Sequence[int]]


def path_of(strokes: Iterable[Stroke]) -> str:
    """The strokes as the `d` of an SVG's path: smooth curves through the middles between points, dots as dots."""
    return "".join(_curve(stroke) for stroke in strokes if stroke)


def _curve(points: Stroke) -> str:
    """One stroke. Each point pulls the line, which runs from the middle of one pair to the middle of the next."""
    (first_x, first_y), (last_x, last_y) = points[0], points[-1]
    told = [f"M{first_x} {first_y}"]
    for (x, y), (next_x, next_y) in pairwise(points[1:]):
        told.append(f"Q{x} {y} {_half(x + next_x)} {_half(y + next_y)}")
    # A line of no length is drawn as nothing by some who print; a short one has round ends and is a dot.
    told.append(f"L{last_x} {last_y}" if len(points) > 1 else "l.1 0")
    return "".join(told)


def _half(of: int) -> str:
    return str(of // 2) if of % 2 == 0 else f"{of / 2:.1f}"
