"""Fractions: formulas with two-line fractions and sum signs, that can also be written in one line.

    >>> from bpstep.view.drawing.canvas import Canvas
    >>> chain_rule = [Run("δ(o1)", "deriv"), Run("=", "dim"), Fraction("∂E", "∂e(o1)")]
    >>> canvas = Canvas(40, 5)
    >>> draw_formula(canvas, 0, 1, chain_rule)
    16
    >>> draw_formula(canvas, 0, 4, chain_rule, stacked=False)
    17
    >>> print(canvas.text())
                ∂E
    δ(o1) =  ───────
              ∂e(o1)
    <BLANKLINE>
    δ(o1) = ∂E/∂e(o1)

The ledger (`ledger`) puts such fractions over columns of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Run

__all__ = ["Fraction", "Item", "Sum", "draw_formula", "draw_item", "formula_width", "item_width"]


@dataclass(frozen=True)
class Fraction:
    """A fraction: on two lines with a hairline between them, or `over/under` in one."""

    over: str
    under: str
    role: str = "deriv"

    @property
    def bar(self) -> int:
        """Columns of the hairline, where no other fraction needs a longer one."""
        return max(4, len(self.over) + 1, len(self.under) + 1)

    def width(self, *, stacked: bool, bar: int = 0) -> int:
        """Columns of the fraction."""
        return max(self.bar, bar) if stacked else len(self.over) + 1 + len(self.under)

    def draw(self, canvas: Canvas, x: int, y: int, *, stacked: bool, bar: int = 0) -> None:
        """Draw it with its hairline in row `y`."""
        if not stacked:
            canvas.put(x, y, f"{self.over}/{self.under}", self.role)
            return
        bar = max(self.bar, bar)
        canvas.put(x, y, "─" * bar, self.role)
        for row, text in ((y - 1, self.over), (y + 1, self.under)):
            canvas.put(x + (bar - len(text) + 1) // 2, row, text, self.role)


@dataclass(frozen=True)
class Sum:
    """A sum sign with what it runs over, below it or behind it."""

    over: str
    role: str = "deriv"

    def width(self, *, stacked: bool, bar: int = 0) -> int:
        """Columns of the sign; `bar` is a fraction's business."""
        return max(1, len(self.over)) if stacked else 1 + len(self.over)

    def draw(self, canvas: Canvas, x: int, y: int, *, stacked: bool, bar: int = 0) -> None:
        """Draw it with the sign in row `y`."""
        canvas.put(x, y, "Σ", self.role)
        canvas.put(*((x, y + 1) if stacked else (x + 1, y)), self.over, "dim")


#: What a formula is made of: plain text, fractions, sum signs.
Item = Run | Fraction | Sum


def item_width(item: Item, *, stacked: bool, bar: int = 0) -> int:
    """Count the columns of one item; `bar` is the least length of a fraction's hairline."""
    return len(item.text) if isinstance(item, Run) else item.width(stacked=stacked, bar=bar)


def draw_item(canvas: Canvas, x: int, y: int, item: Item, *, stacked: bool, bar: int = 0) -> None:
    """Draw one item with its middle in row `y`."""
    if isinstance(item, Run):
        canvas.put(x, y, *item)
    else:
        item.draw(canvas, x, y, stacked=stacked, bar=bar)


def _starts(items: Sequence[Item], *, stacked: bool, bar: int = 0) -> list[int]:
    """Find where each item of a formula starts, and where the last one ends.

    One blank between two items, two beside a fraction on two lines.
    """
    starts, place = [], 0
    for index, item in enumerate(items):
        if index:
            beside = Fraction in (type(item), type(items[index - 1]))
            place += 2 if stacked and beside else 1
        starts.append(place)
        place += item_width(item, stacked=stacked, bar=bar)
    return [*starts, place]


def formula_width(items: Sequence[Item], *, stacked: bool = True, bar: int = 0) -> int:
    """Count the columns of a formula."""
    return _starts(items, stacked=stacked, bar=bar)[-1]


def draw_formula(
    canvas: Canvas, x: int, y: int, items: Sequence[Item], *, stacked: bool = True, bar: int = 0
) -> int:
    """Draw a formula from (x, y); give the column after it. Stacked, it takes the rows y − 1 to y + 1."""
    *starts, end = _starts(items, stacked=stacked, bar=bar)
    for start, item in zip(starts, items, strict=True):
        draw_item(canvas, x + start, y, item, stacked=stacked, bar=bar)
    return x + end
