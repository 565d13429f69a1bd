"""Plots with axes, as lines of text (by plotext, which is loaded when the first one is drawn).

Colours would be lost on paper and in a pipe, so each curve bears its name at its end; a face gives the whole picture
a role.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

__all__ = ["curves"]

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Series = tuple[str, Sequence[float], Sequence[float]]


def curves(
    series: Sequence[Series],
    width: int,
    height: int,
    *,
    log: bool = True,
    title: str = "",
    across: str = "",
    points: Sequence[tuple[float, float]] = (),
) -> list[str]:
    """Curves through (label, xs, ys), with axes; what can not stand on a logarithmic axis is left out.

    ``points`` are marked.
    """
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plot_size(width, height)
    drawn = False
    low, high = math.inf, -math.inf
    for label, xs, ys in series:
        pairs = [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(y) and (y > 0 or not log)]
        if pairs:
            drawn = True
            plotext.plot([float(x) for x, _ in pairs], [float(y) for _, y in pairs], marker="braille")
            if len(series) > 1:
                plotext.text(label, x=float(pairs[-1][0]), y=float(pairs[-1][1]), alignment="right")
            low, high = min(low, *(y for _, y in pairs)), max(high, *(y for _, y in pairs))
    if not drawn:
        return ["nothing to draw yet"]
    marked = [(x, y) for x, y in points if math.isfinite(y) and (y > 0 or not log)]
    if marked:
        plotext.scatter([x for x, _ in marked], [y for _, y in marked], marker="◆")
    plotext.yscale("log" if log and low < high else "linear")
    if log and low < high:
        ticks = _powers(low, high)
        plotext.yticks(ticks, [_short(tick) for tick in ticks])
    if title:
        plotext.title(title)
    if across:
        plotext.xlabel(across)
    return [line.rstrip() for line in _COLOUR.sub("", plotext.build()).rstrip("\n").split("\n")]


def _powers(low: float, high: float) -> list[float]:
    """Powers of ten that span a range, no more than six of them."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, -(-(last - first) // 5))
    return [10.0**power for power in range(first, last + 1, step)]


def _short(number: float) -> str:
    power = round(math.log10(number))
    return f"{number:g}" if -4 < power < 5 else f"1e{power}"
