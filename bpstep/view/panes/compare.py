"""`check` and `diff` as text: one number by several ways, beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.check import CheckRow
from bpstep.engine.compare import Comparison, Difference, GradientRow, Turn
from bpstep.engine.rule import Rule
from bpstep.english import agreed
from bpstep.view.drawing.numbers import NumberFormat, group
from bpstep.view.scene.frame import Frame
from bpstep.view.words.inline import inline

__all__ = [
    "LEAST_DIGITS",
    "check_lines",
    "diff_lines",
    "difference_lines",
    "gradient_lines",
    "ratio_text",
    "turn_lines",
]

Lines = list[tuple[str, str]]

#: In a session these tables have so many digits at least: numbers that nearly agree are to be told apart.
LEAST_DIGITS = 6

_NAME = 16
_MOST_ROWS = 60


def _name_width(names: Sequence[Cell], called: Callable[[Cell], str]) -> int:
    """The column of the names, as wide as the longest that is shown."""
    return max(_NAME, *(len(called(name)) for name in names[:_MOST_ROWS]), 0)


def check_lines(rows: Sequence[CheckRow], digits: int = 6, called: Callable[[Cell], str] = str) -> Lines:
    """Every gradient by three ways, with the relative difference and a verdict; ``called`` is how cells are named."""
    numbers = NumberFormat(digits)
    left, column = _name_width([row.cell for row in rows], called), max(13, numbers.field + 2)
    worst = max(rows, key=lambda row: row.relative)
    bad = sum(not row.ok for row in rows)
    verdict = agreed(bad, len(rows), lost=sum(row.is_lost for row in rows))
    largest = f"the largest relative difference is {worst.relative:.2g} at {called(worst.cell)}"
    largest = f"{verdict}; {largest}" if math.isfinite(worst.relative) else verdict
    heads = " ".join(f"{head:<{column}}" for head in ("reverse", "forward", "numeric"))
    lines: Lines = [
        (largest, "alarm" if bad else "strong"),
        (f"{'cell':<{left}} {heads} {'relative':<9} verdict", "dim"),
    ]
    for row in rows[:_MOST_ROWS]:
        three = [numbers.deriv(value).ljust(column) for value in (row.reverse, row.forward, row.numeric)]
        role = "text" if row.ok else "alarm"
        lines.append(
            (f"{called(row.cell):<{left}} {' '.join(three)} {row.relative:<9.2g} {row.verdict}", role)
        )
        if row.why:
            lines.append((f"{'':<{left}} {row.why}", "dim"))
    if len(rows) > _MOST_ROWS:
        lines.append((f"… {group(len(rows) - _MOST_ROWS)} more", "dim"))
    lines.append(("up to 1e-7 good, to 1e-4 fair (kinks), to 1e-2 doubtful, above that wrong", "dim"))
    return lines


def ratio_text(ratio: float | None) -> str:
    """rule / correct, as a learner reads it."""
    if ratio is None:
        return "·"
    if ratio == 1.0:
        return "1 exactly"
    return f"{ratio + 0.0:.4g}".replace("-", "−")


def difference_lines(
    session: Session, rule: Rule, first: Difference | None, digits: int = 6, *, whole: bool = True
) -> Lines:
    """The first step at which a rule parts from the right one."""
    lines: Lines = [(f"{rule.name}: {rule.says}", "strong")]
    if first is None:
        never = "It never differs here, in no bit of any step."
        lines.append((never if whole else "So far it does not differ, in no bit of any step.", "text"))
        return lines
    numbers = NumberFormat(digits)
    frame, right, wrong, wide = Frame.of(session), first.correct, first.rule, max(9, len(rule.name))
    lines.append(
        (f"the first step that differs is step {group(right.number)}, {right.op} of {right.cell}", "text")
    )
    lines.append((f"  {'correct':<{wide}} {numbers.deriv(right.value):<14} {inline(frame, right)}", "text"))
    lines.append((f"  {rule.name:<{wide}} {numbers.deriv(wrong.value):<14} {inline(frame, wrong)}", "alarm"))
    ratio = None if right.value == 0.0 else wrong.value / right.value
    sign = ", and the sign is turned" if ratio is not None and ratio < 0 else ""
    lines.append((f"  {'ratio':<{wide}} {ratio_text(ratio)}{sign}", "text"))
    return lines


def gradient_lines(
    rule: Rule, rows: Sequence[GradientRow], digits: int = 6, called: Callable[[Cell], str] = str
) -> Lines:
    """Every parameter's gradient under both rules."""
    numbers = NumberFormat(digits)
    left, column = _name_width([row.cell for row in rows], called), max(14, numbers.field + 3)
    second = max(27, column, len(rule.name) + 1)
    lines: Lines = [(f"{'cell':<{left}} {'correct':<{column}} {rule.name:<{second}} ratio", "dim")]
    for row in rows[:_MOST_ROWS]:
        same = row.ratio == 1.0 or row.correct == row.rule
        both = f"{numbers.deriv(row.correct):<{column}} {numbers.deriv(row.rule):<{second}}"
        lines.append(
            (f"{called(row.cell):<{left}} {both} {ratio_text(row.ratio)}", "text" if same else "alarm")
        )
    if len(rows) > _MOST_ROWS:
        lines.append((f"… {group(len(rows) - _MOST_ROWS)} more", "dim"))
    return lines


def turn_lines(rule: Rule, turns: Sequence[Turn]) -> Lines:
    """By how much each layer's gradient is turned under the rule, and how many times as long it is."""
    lines: Lines = [("direction and length of the gradient, beside the right one", "dim")]
    for turn in turns:
        name = f"layer {turn.layer}" if turn.layer else "all together" if len(turns) > 1 else "the gradient"
        if turn.degrees is None or turn.length is None:
            lines.append(
                (f"  {name:<{_NAME}} no direction: it is 0, or not finite, under one of the rules", "dim")
            )
            continue
        turned = f"turned by {turn.degrees:.3g}°" if turn.is_turned else "not turned"
        length = "as long" if abs(turn.length - 1.0) < 5e-5 else f"{turn.length:.4g} times as long"
        same = not turn.is_turned and length == "as long"
        lines.append((f"  {name:<{_NAME}} {turned:<18} {length}", "text" if same else "alarm"))
    return lines


def diff_lines(
    session: Session, found: Comparison, digits: int = 6, called: Callable[[Cell], str] = str
) -> Lines:
    """A rule beside the right one; ``called`` is how the parameters are named."""
    lines = [*difference_lines(session, found.rule, found.first, digits, whole=found.whole), ("", "")]
    lines += gradient_lines(found.rule, found.rows, digits, called)
    return lines if found.first is None else [*lines, ("", ""), *turn_lines(found.rule, found.turns)]
