"""The ledger: the chain rule to this step, with every number under the fraction that it is.

The head of a ledger is the chain rule in symbols; each factor is a fraction with a column of its own.  Below
it stands one line for each way that a derivative comes back: its numbers under the fractions, its product at
the end.  Brackets gather the factors that are already one known number, and the sum stands under the
products.

    >>> from bpstep.view.drawing.canvas import Canvas, Run
    >>> from bpstep.view.drawing.fractions import Fraction, Sum
    >>> read, known, coming = "deriv-read", "deriv", "dim"
    >>> ledger = Ledger(
    ...     head=[Run("∂E/∂y(h1)", known), Run("=", "dim"), Sum("k")],
    ...     factors=[Fraction("∂E", "∂y(k)"), Fraction("∂y(k)", "∂e(k)"), Fraction("∂e(k)", "∂y(h1)")],
    ...     lines=[
    ...         Line(Run("via o1", "strong"),
    ...              [Run("+0.7414", known), Run("+0.1868", known), Run(" 0.4000", "param-read")],
    ...              Run("+0.05540", read), Run("now", read)),
    ...         Line(Run("via o2", "dim"),
    ...              [Run("−0.2171", coming), Run("+0.1755", coming), Run(" 0.5000", coming)],
    ...              Run(" ·", "dim"), Run("next", "dim")),
    ...     ],
    ...     brackets=[Bracket(0, 1, "δ(k) known"), Bracket(2, 2, "local", "dim", closed=False)],
    ...     total=Line(result=Run("+0.05540…", "deriv-chip"), note=Run("1 of 2", read)),
    ...     ruled=True,
    ... )
    >>> canvas = Canvas(85, 8)
    >>> places = ledger.draw(canvas, 2, 0)
    >>> _ = canvas.put(2, places.total, "δ(o1) is computed once (step 23), used 5 times.", "dim")
    >>> print(canvas.text())
                         ∂E        ∂y(k)       ∂e(k)
      ∂E/∂y(h1) = Σ   ───────  ·  ───────  ·  ───────
                  k    ∂y(k)       ∂e(k)       ∂y(h1)
    <BLANKLINE>
      via o1         +0.7414   × +0.1868   ×  0.4000    =  +0.05540   now
      via o2         −0.2171   × +0.1755   ×  0.5000    =   ·         next
                     ╰─── δ(k) known ────╯    local        ──────────
      δ(o1) is computed once (step 23), used 5 times.      +0.05540…  1 of 2

The same ledger in one line per row, for low screens, is `ledger.draw(canvas, 1, 0, stacked=False)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.fractions import Fraction, Item, draw_formula, draw_item, formula_width, item_width
from bpstep.view.drawing.layout import NOTHING, Track, cut
from bpstep.view.drawing.numbers import FIELD

__all__ = ["Bracket", "Ledger", "Line", "Places"]


@dataclass(frozen=True)
class Line:
    """A line of a ledger: `name` (and at the end of its column `lead`), factors, result and a note.

    A factor may be `NOTHING`, and a line may have fewer factors than the ledger: the operator before an empty
    place is left out.
    """

    name: Run = NOTHING
    factors: Sequence[Run] = ()
    result: Run | None = None
    note: Run = NOTHING
    operator: str = "×"
    equals: str = "="
    lead: Run = NOTHING


@dataclass(frozen=True)
class Bracket:
    """A name for the factors `first` to `last` together: `╰─── δ(k) known ───╯`, or the name alone; where that is too
    long, what is ``short`` for it."""

    first: int
    last: int
    label: str
    role: str = "deriv"
    closed: bool = True
    short: str = ""

    def draw(self, canvas: Canvas, y: int, tracks: Sequence[Track]) -> None:
        """Draw the bracket under its columns; without its arms where the name would not fit between them."""
        first, end = tracks[self.first], tracks[self.last].end
        width = end - first.x
        label = next((text for text in (self.label, self.short) if text and len(text) + 4 <= width), "")
        if self.closed and label:
            canvas.put(first.x, y, f"╰{f' {label} ':─^{width - 2}}╯", self.role)
        else:
            label = self.label if len(self.label) <= end - first.at else self.short or self.label
            x = first.x if end - first.at < len(label) <= width else first.at
            canvas.put(x, y, cut(label, end - x), self.role)


class Places(NamedTuple):
    """Where a ledger has put things: columns, and rows counted from the top of the canvas."""

    factors: tuple[Track, ...]
    equals: int
    result: Track
    note: int
    lines: int
    brackets: int
    total: int
    end: int

    def moved(self, x: int, y: int) -> Places:
        """The same places, so many columns and rows further."""
        return Places(
            tuple([track.moved(x) for track in self.factors]), self.equals + x, self.result.moved(x),
            self.note + x, self.lines + y, self.brackets + y, self.total + y, self.end + y,
        )  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """The chain rule (or a weighted sum) to this step, in symbols and in numbers.

    `head` stands before the factors; where there are no `factors`, it is a formula in a row of its own.
    `product` is what the factors make, if it has a symbol.  `total` is a line of which only `name`, `result`
    and `note` are used, with `equals` as its sign if that is not `=`; `ruled` puts a rule over it, in the row
    of the brackets.  `field` is the width kept free for a number with its sign, so that columns keep their
    place.
    """

    head: Sequence[Item]
    factors: Sequence[Item] = ()
    lines: Sequence[Line] = ()
    brackets: Sequence[Bracket] = ()
    total: Line | None = None
    product: Item | None = None
    ruled: bool = False
    field: int = FIELD

    def height(self, *, stacked: bool = True) -> int:
        """Count the rows that `draw` needs."""
        return self._places(stacked=stacked, roomy=True).end

    def width(self, *, stacked: bool = True, roomy: bool = True) -> int:
        """Count the columns that `draw` needs, from the first name to the last note: where it has room, or at least."""
        places = self._places(stacked=stacked, roomy=roomy)
        notes = max((len(line.note.text) for line in self._ends), default=0)
        right = places.note + notes if notes else places.result.end
        return max(right, 0 if self.factors else formula_width(self.head, stacked=stacked))

    def draw(
        self, canvas: Canvas, x: int, y: int, *, stacked: bool = True, width: int | None = None
    ) -> Places:
        """Draw the ledger with its upper left corner at (x, y), and say where its columns and rows are.

        Where it is wider than `width`, the columns keep no room for longer numbers than they hold.
        """
        roomy = width is None or self.width(stacked=stacked) <= width
        places = self._places(stacked=stacked, roomy=roomy).moved(x, y)
        self._draw_head(canvas, x, y, places, stacked=stacked)
        for number, line in enumerate(self.lines):
            self._draw_line(canvas, x, places.lines + number, line, places)
        for bracket in self.brackets:
            bracket.draw(canvas, places.brackets, places.factors)
        if self.ruled:
            canvas.put(places.result.x, places.brackets, "─" * places.result.width, "hairline")
        if self.total:
            self._draw_total(canvas, x, self.total, places)
        return places

    # -- where things are ------------------------------------------------------------------------------------

    def _items(self) -> Iterable[Item]:
        return (*self.head, *self.factors, *((self.product,) if self.product else ()))

    @cached_property
    def _ends(self) -> Sequence[Line]:
        return (*self.lines, *((self.total,) if self.total else ()))

    @cached_property
    def _bar(self) -> int:
        return max((item.bar for item in self._items() if isinstance(item, Fraction)), default=0)

    def _head_rows(self, *, stacked: bool) -> int:
        return 3 if stacked and any(not isinstance(item, Run) for item in self._items()) else 1

    def _name_width(self, *, stacked: bool) -> int:
        names = max((len(line.name.text) + len(line.lead.text) for line in self._ends), default=0)
        head = formula_width(self.head, stacked=stacked, bar=self._bar) if self.factors else 0
        return max(names, head)

    def _tracks(self, *, stacked: bool, roomy: bool) -> tuple[Track, ...]:
        count = max((len(line.factors) for line in self.lines), default=0)
        tracks, place = [], self._name_width(stacked=stacked) + 2
        for index in range(max(count, len(self.factors))):
            texts = [line.factors[index].text for line in self.lines if index < len(line.factors)]
            least = self.field if roomy else 1
            if index < len(self.factors):
                symbol = item_width(self.factors[index], stacked=stacked, bar=self._bar)
                least = max(least, 1 + symbol)
            tracks.append(Track.holding(place, texts, least=least))
            place = tracks[-1].end + 3  # a blank, the operator, a blank
        return tuple(tracks)

    def _places(self, *, stacked: bool, roomy: bool) -> Places:
        """Where everything is, if the ledger begins at (0, 0)."""
        known = self._known_places.get((stacked, roomy))
        if known is None:
            known = self._known_places[stacked, roomy] = self._found_places(stacked=stacked, roomy=roomy)
        return known

    @cached_property
    def _known_places(self) -> dict[tuple[bool, bool], Places]:
        """The places that were asked for: whoever finds room for a ledger asks several times."""
        return {}

    def _found_places(self, *, stacked: bool, roomy: bool) -> Places:
        tracks = self._tracks(stacked=stacked, roomy=roomy)
        gap = 2 if stacked and roomy else 1
        equals = (tracks[-1].end if tracks else self._name_width(stacked=stacked)) + gap
        texts = [line.result.text for line in self._ends if line.result]
        symbol = item_width(self.product, stacked=stacked, bar=self._bar) if self.product else 0
        least = max(self.field + 1 if roomy else 1, 1 + symbol)  # + 1 for the mark of a partial sum
        result = Track.holding(equals + 1 + gap, texts, least=least)
        lines = self._head_rows(stacked=stacked) + stacked
        brackets = lines + len(self.lines)
        total = brackets + self.ruled
        end = total + 1 if self.total else brackets + bool(self.brackets or self.ruled)
        return Places(tracks, equals, result, result.end + 1, lines, brackets, total, end)

    # -- drawing ---------------------------------------------------------------------------------------------

    def _draw_head(self, canvas: Canvas, x: int, y: int, places: Places, *, stacked: bool) -> None:
        row, bar = y + self._head_rows(stacked=stacked) // 2, self._bar
        draw_formula(canvas, x, row, self.head, stacked=stacked, bar=bar)
        if not self.factors:
            return
        shown = places.factors[: len(self.factors)]
        for item, track in zip(self.factors, shown, strict=True):
            draw_item(canvas, track.at, row, item, stacked=stacked, bar=bar)
        for before, _ in pairwise(shown):
            canvas.put(before.end + 1, row, "·", "dim")
        if self.product:
            canvas.put(places.equals, row, "=", "dim")
            draw_item(canvas, places.result.at, row, self.product, stacked=stacked, bar=bar)

    def _draw_line(self, canvas: Canvas, x: int, y: int, line: Line, places: Places) -> None:
        canvas.put(x, y, *line.name)
        if places.factors:
            canvas.put(places.factors[0].x - 2 - len(line.lead.text), y, *line.lead)
        pairs = list(zip(line.factors, places.factors, strict=False))
        for run, track in pairs:
            track.put(canvas, y, run)
        for (run, track), (following, _) in pairwise(pairs):
            if run.text and following.text:
                canvas.put(track.end + 1, y, line.operator, "dim")
        if line.result:
            canvas.put(places.equals, y, line.equals, "dim")
            places.result.put(canvas, y, line.result)
        canvas.put(places.note, y, *line.note)

    def _draw_total(self, canvas: Canvas, x: int, total: Line, places: Places) -> None:
        sign = "" if total.equals == "=" else total.equals
        canvas.put(x, places.total, *total.name)
        canvas.put(places.equals, places.total, sign, "dim")
        if total.result:
            places.result.put(canvas, places.total, total.result)
        canvas.put(places.note, places.total, *total.note)
