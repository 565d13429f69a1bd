"""A gradient check of any Python function of arrays.

    >>> import numpy as np
    >>> A = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> def f(x):
    ...     return float(x @ A @ x), A @ x          # the value, and a gradient that forgets A.T
    >>> report = check(f, np.array([1.0, 2.0]))
    >>> print(report)
    2 of 2 disagree; the largest relative difference is 0.58 at x[0]
    entry  yours          numeric        relative  verdict
    x[0]   5              12             0.58      wrong
    x[1]   11             21             0.48      wrong
    up to 1e-7 good, to 1e-4 fair (kinks), to 1e-2 doubtful, above that wrong

Each entry of the gradient is held to central differences (`bpstep.engine.differences`).  Where the function has a kink
there is no derivative: any slope between those to the left and to the right is let pass, and told apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bpstep.engine.check import MOST_CHECKED
from bpstep.engine.differences import DOUBLE, Slope, relative_difference, slope_at, verdict_of
from bpstep.engine.specs import Array
from bpstep.english import agreed, counted, group
from bpstep.library.probing import Argument, Function, Point, both
from bpstep.visible import visible

__all__ = ["CheckedEntry", "GradientCheck", "check"]

_SINGLE = float(np.finfo(np.float32).eps)
#: What differences can not resolve, of a function of about 1: rounding, over the steps that are taken.
_UNRESOLVED = {DOUBLE: 1e4 * DOUBLE, _SINGLE: 1e3 * _SINGLE}
#: An entry that is known only within its error is let pass where that is so small beside the largest entry.
_NEGLIGIBLE = 1e-6
#: So many rows are printed, those that disagree first.
_MOST_ROWS = 40


@dataclass(frozen=True)
class CheckedEntry:
    """One entry of a gradient, both ways.  ``verdict`` is ``good``, ``fair``, ``doubtful``, ``wrong``, ``kink`` or
    ``not finite``; ``error`` is how far the numeric one may be off; ``why`` says more where there is more to say."""

    name: str
    yours: float
    numeric: float
    relative: float
    error: float
    verdict: str
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether the two agree, or can not be held against each other."""
        return self.verdict in ("good", "fair", "kink")


@dataclass(frozen=True, eq=False, repr=False)
class GradientCheck:
    """A gradient check: ``value`` is the function's, ``entries`` what was checked of its gradient, ``of`` how many
    entries that has.  ``print(report)`` shows them."""

    value: float
    entries: tuple[CheckedEntry, ...]
    of: int

    @property
    def ok(self) -> bool:
        """Whether no entry is wrong."""
        return all(entry.ok for entry in self.entries)

    @property
    def worst(self) -> CheckedEntry:
        """The entry with the largest relative difference: among those that disagree, if some do; at a kink there is
        none to speak of."""
        return max(self.entries, key=lambda entry: (not entry.ok, entry.verdict != "kink", entry.relative))

    def to_dicts(self) -> list[dict[str, object]]:
        """The entries, a flat dictionary each, for a frame of pandas or polars."""
        return [asdict(entry) for entry in self.entries]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The report, line by line: (text, what it is)."""
        return list(_lines(self))

    def __str__(self) -> str:
        return "\n".join(visible(text.rstrip()) for text, _ in self.lines)

    def _repr_html_(self) -> str:
        """The report in a notebook."""
        from bpstep.view.formats.html import of_lines

        return of_lines(self.lines)

    def __repr__(self) -> str:
        return f"<GradientCheck: {_head(self)}>"


def check(
    f: Callable[..., Any], x: Argument, gradient: Callable[..., Any] | Argument | None = None
) -> GradientCheck:
    """Hold the gradient of ``f`` at ``x`` to central differences, entry by entry.

    ``f(x)`` gives one number; the gradient is given too, as arrays or as a function of x, or else ``f(x)`` gives both,
    ``(value, gradient)``.  ``x`` is an array (or a number), a dictionary of arrays or a list of NumPy arrays, and the
    gradient has its form.  ``f`` gets x in doubles, a fresh copy each time.  Of more than 1000 entries that many are
    checked, evenly spaced.

    Raises `ValueError` where the forms do not fit, where ``f`` does not give one number, or not the same one twice.
    """
    point = Point.of(x)
    with np.errstate(all="ignore"):
        answer = f(point.fresh())
        if gradient is None:
            value, mine = both(answer)
        else:
            value, mine = answer, gradient(point.fresh()) if callable(gradient) else gradient
        yours = point.like(mine)
        function = Function(f, point, has_both=gradient is None)
        here = function.number(value)
        again = function(point.fresh())
        if here != again and not (math.isnan(here) and math.isnan(again)):
            raise ValueError(
                f"f gives {here:.6g} and then {again:.6g} for the same x; expected no chance in it"
            )
        return GradientCheck(here, tuple(_checked(function, here, yours)), point.size)


# --- entries ------------------------------------------------------------------------------------------


def _checked(function: Function, value: float, yours: Sequence[Array]) -> Iterator[CheckedEntry]:
    arrays = list(function.point.arrays.items())
    places = [(k, index) for k, (_, array) in enumerate(arrays) for index in np.ndindex(array.shape)]
    if len(places) > MOST_CHECKED:
        chosen = np.linspace(0, len(places) - 1, MOST_CHECKED).round().astype(int)
        places = [places[k] for k in chosen]
    precision = _precision(function, value, places[0], arrays[places[0][0]][1])
    slopes = [
        slope_at(function.along(k, index), float(arrays[k][1][index]), precision) for k, index in places
    ]
    largest = max((abs(slope.value) for slope in slopes if math.isfinite(slope.value)), default=0.0)
    for (k, index), slope in zip(places, slopes, strict=True):
        name = arrays[k][0] + (f"[{', '.join(map(str, index))}]" if index else "")
        yield _judged(name, float(yours[k][index]), slope, value, precision, largest)


def _precision(function: Function, value: float, place: tuple[int, tuple[int, ...]], array: Array) -> float:
    """The relative rounding error of a function: that of single precision, where all its values are such."""
    along, here = function.along(*place), float(array[place[1]])
    values = {value, *(along(here + way * 0.01) for way in (-1.0, 0.7, 1.0))}
    single = len(values) > 2 and all(float(np.float32(one)) == one for one in values)
    return _SINGLE if single else DOUBLE


def _judged(
    name: str, yours: float, slope: Slope, value: float, precision: float, largest: float
) -> CheckedEntry:
    relative = relative_difference(yours, slope.value)
    verdict, why = verdict_of(relative), ""
    rounding = _UNRESOLVED[precision] * max(1.0, abs(value))
    resolved = max(rounding, min(10.0 * slope.error, _NEGLIGIBLE * largest))
    if not np.isfinite([value, yours, slope.value]).all():
        verdict, why = "not finite", _why_not_finite(value, yours)
    elif slope.is_kink:
        low, high = sorted((slope.left, slope.right))
        slack = 1e-4 * (high - low) + resolved
        verdict = "kink" if low - slack <= yours <= high + slack else "wrong"
        why = f"f has a kink here: its slopes are {slope.left:.6g} on the left and {slope.right:.6g} on the right"
    elif verdict in ("doubtful", "wrong") and abs(yours - slope.value) <= resolved:
        verdict, why = "fair", "smaller than differences can resolve"
    return CheckedEntry(name, yours, slope.value, relative, slope.error, verdict, why)


def _why_not_finite(value: float, yours: float) -> str:
    if not math.isfinite(value):
        return f"f itself is {value:g} here"
    if not math.isfinite(yours):
        return f"your gradient is {yours:g} here"
    return "right beside this x, f is not finite: no difference can be taken"


# --- in words -----------------------------------------------------------------------------------------


def _head(report: GradientCheck) -> str:
    count, bad, worst = len(report.entries), sum(not entry.ok for entry in report.entries), report.worst
    return f"{agreed(bad, count)}; the largest relative difference is {worst.relative:.2g} at {worst.name}"


def _lines(report: GradientCheck) -> Iterator[tuple[str, str]]:
    yield _head(report), "strong" if report.ok else "alarm"
    if report.of > len(report.entries):
        yield (
            f"{counted(len(report.entries), 'entry', 'entries')} of {group(report.of)}, evenly spaced",
            "dim",
        )
    rows = sorted(report.entries, key=lambda entry: entry.ok)[:_MOST_ROWS]
    left = max(6, *(len(entry.name) for entry in rows))
    yield f"{'entry':<{left}} {'yours':<14} {'numeric':<14} {'relative':<9} verdict", "dim"
    for entry in rows:
        two = f"{entry.yours + 0.0:<14.8g} {entry.numeric + 0.0:<14.8g}"
        role = "text" if entry.ok else "alarm"
        yield f"{entry.name:<{left}} {two} {entry.relative:<9.2g} {entry.verdict}", role
        if entry.why:
            yield f"{'':<{left}} {entry.why}", "dim"
    if len(report.entries) > len(rows):
        yield f"… {group(len(report.entries) - len(rows))} more", "dim"
    yield "up to 1e-7 good, to 1e-4 fair (kinks), to 1e-2 doubtful, above that wrong", "dim"
