"""`show work`: multiplications by hand, in forward mode and in reverse mode, and how they grow."""

from __future__ import annotations

import math

from bpstep.engine.growth import Growth, growth_with_depth, growth_with_width
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.work import Work
from bpstep.english import plural
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.numbers import group
from bpstep.view.drawing.plots import MARGIN, Curve, draw_curves

__all__ = ["work_lines", "work_summary"]

Lines = list[tuple[str, str]]

#: Larger numbers than this are written with an exponent.
_LONGEST = 15

#: The columns and rows of the curve.
_WIDEST, _ROWS = 78, 13


#: Why there is nothing to choose, by whether there are several paths.
_ALIKE = (
    "On a single chain all three cost the same: the difference needs several parameters.",
    "No two paths have an edge in common, so all three cost the same: the difference is what is shared.",
)


def count_text(number: int) -> str:
    """A whole number of any size: in groups, or 1.23e40."""
    if number < 10**_LONGEST:
        return group(number)
    power = int((number.bit_length() - 1) * math.log10(2))
    power += number >= 10 ** (power + 1)
    lead = round(number / 10 ** (power - 3))
    return f"{lead / 1000:.3f}e{power}" if lead < 10_000 else f"1.000e{power + 1}"


def work_summary(work: Work, is_network: bool) -> Lines:
    """The table of this scenario."""
    what = "parameters" if is_network else "inputs"
    paths = f"{count_text(work.paths)} {plural(work.paths, 'path')}"
    sweeps = f"{count_text(work.parameters)} {plural(work.parameters, 'sweep')}"
    each = f"one for each of the {what}" if work.parameters > 1 else f"for the one {what.removesuffix('s')}"
    taken = "each multiplied out on its own" if work.paths > 1 else "multiplied out"
    rows = (
        ("by hand", work.by_hand, f"{paths}, {taken}"),
        ("forward mode", work.forward, f"{sweeps}, {each}"),
        ("reverse mode", work.reverse, "one sweep backward: every edge once"),
    )
    lines: Lines = [("multiplications for every derivative, one sample", "dim")]
    for name, count, says in rows:
        lines.append((f"  {name:<14}{count_text(count):>16}   {says}", "text"))
    if work.reverse and work.by_hand > work.reverse:
        hand = work.by_hand / work.reverse if work.by_hand < 10**300 else None
        times = (
            f"{hand:,.1f}".replace(",", " ")
            if hand is not None and hand < 1e6
            else count_text(work.by_hand // work.reverse)
        )
        lines.append((f"  reverse mode needs {times} times fewer than by hand.", "strong"))
    elif work.reverse:
        lines.append((f"  {_ALIKE[work.paths > 1]}", "strong"))
    return lines


def work_lines(problem: object, work: Work, width: int = 80) -> Lines:
    """The whole view: this scenario, growth with depth and width, and a curve."""
    network = isinstance(problem, NetworkSpec)
    lines = work_summary(work, network)
    if not isinstance(problem, NetworkSpec):
        return lines
    depth = growth_with_depth(problem)
    for growth in (depth, growth_with_width(problem)):
        lines += [("", ""), *_table(growth)]
    lines += [("", ""), ("multiplications as hidden layers are added (log scale)", "dim")]
    canvas = Canvas(min(width, _WIDEST), _ROWS + 2)
    curves = [
        Curve(
            "by hand", [(number, float(min(work.by_hand, 10**300))) for number, work in depth.rows], "value"
        ),
        Curve("forward mode", [(number, float(work.forward)) for number, work in depth.rows], "value"),
        Curve("reverse mode", [(number, float(work.reverse)) for number, work in depth.rows], "value"),
    ]
    if draw_curves(canvas, 0, _ROWS, curves, log=True):
        lines += [(line, "value") for line in canvas.text().split("\n")]
        lines.append((" " * MARGIN + "hidden layers", "dim"))
    return lines


def _table(growth: Growth) -> Lines:
    head = f"  {growth.what:>16} {'parameters':>12} {'by hand':>16} {'forward':>14} {'reverse':>12}"
    rows: Lines = [(head, "dim")]
    for number, work in growth.rows:
        cells = (work.parameters, work.by_hand, work.forward, work.reverse)
        texts = [count_text(cell) for cell in cells]
        rows.append((f"  {number:>16} {texts[0]:>12} {texts[1]:>16} {texts[2]:>14} {texts[3]:>12}", "text"))
    return rows
