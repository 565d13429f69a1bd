"""The columns of the network diagram: which layers are drawn, and which of their neurons, where.

A column is the inputs, or a layer.  Side by side stand a column of sources (name over value) and as many of cards as
there is room for: two where there are 80 columns, on a wide screen more.  A column whose cards fit the height is drawn
in full; of a larger one a window is drawn: the neuron of this step as a card in the middle, its neighbours as single
lines, and how many more there are.

    ╭─ h1 ───╮          … 13 above
    │ ...    │          h16 y 0.6015 ...
    ╰────────╯         ┏━ h17 ━━━━━━┓
    ╭─ h2 ───╮         ┃ ...        ┃
    │ ...    │         ┗━━━━━━━━━━━━┛
    ╰────────╯          … 110 below

This module is integers only: rows and columns of the picture, from the sizes of the layers and the place of
the step.  What is drawn into them is told in `cards` and `wires`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec
from bpstep.lazily import dataclass

__all__ = ["CARD_ROWS", "Column", "Geometry", "Slot", "columns_of", "label_offset"]

#: The rows of a card.
CARD_ROWS = 4
#: Columns of a value and of a derivative in a card, with their signs; of both with their names in the left half.
_VALUE, _DERIVATIVE, _LEFT_HALF = 7, 8, 10


@dataclass(frozen=True)
class Slot:
    """One neuron in the picture: as a ``card``, a ``line`` or a ``source`` (name over value).

    ``row`` is its first row; ``anchor`` the row at which wires come and go.
    """

    index: int
    name: str
    form: str
    row: int
    anchor: int


@dataclass(frozen=True)
class Column:
    """A layer in the picture.  ``layer`` is its place among the layers, -1 for the inputs.

    ``names`` are those of all its neurons; ``above`` and ``below`` count those that there is no room for.  ``full``
    says that all are drawn.
    """

    layer: int
    name: str
    x: int
    width: int
    size: int
    slots: tuple[Slot, ...]
    above: int = 0
    below: int = 0
    names: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every neuron of the layer is drawn in some form."""
        return not self.above and not self.below

    @property
    def full(self) -> bool:
        """Whether every neuron of the layer is drawn as a card or as a source."""
        return self.complete and all(slot.form != "line" for slot in self.slots)

    @property
    def right(self) -> int:
        """The last column of the cards."""
        return self.x + self.width - 1

    def slot(self, name: str) -> Slot | None:
        """Where a neuron is drawn."""
        return next((slot for slot in self.slots if slot.name == name), None)


@dataclass(frozen=True)
class Geometry:
    """The measures that follow from the size of the pane.

    ``top`` is the first row of the picture, ``rows`` how many there are; ``gap`` the blank rows between cards.
    ``wide`` grants a card, and a zone of wires, one column more; ``layers`` is how many layers of cards fit
    beside each other.  ``extra`` columns are granted to each number with more digits, ``letters`` to the left half of
    a card whose names are long (`bar v`); ``tight`` takes the blank behind its arrow for them.
    """

    top: int
    rows: int
    gap: int
    wide: bool
    extra: int = 0
    layers: int = 2
    letters: int = 0
    tight: bool = False

    @property
    def card(self) -> int:
        """The columns of a card."""
        return (24 if self.wide else 23) + 2 * self.extra + self.letters

    @property
    def middle(self) -> int:
        """The column of a card in which the arrows stand."""
        return (11 if self.wide else 10) + self.tight + self.extra + self.letters

    @property
    def right_half(self) -> int:
        """The column of a card in which the names of the right half stand."""
        return self.middle + (1 if self.tight else 2)

    @property
    def zone(self) -> int:
        """The columns of the wires between two layers."""
        return (14 if self.wide else 13) + self.extra

    @property
    def source(self) -> int:
        """The columns of a source."""
        return 7 + self.extra

    @property
    def lanes(self) -> int:
        """How many wires find a lane of their own in a zone."""
        return 4 if self.wide else 3

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, width: int, height: int, digits: int = 4, names: tuple[str, str] = ("", "")) -> Geometry:
        """The measures of a pane of this size; ``names`` stand in the left half of a card, above and below."""
        roomy, extra = height >= 12, max(0, digits - 4)
        top, rows = (2, height - 3) if roomy else (1, height - 1)
        # Digits go before a layer does; where it goes all the same, they stay.
        for number in (_DERIVATIVE, _VALUE, _DERIVATIVE):
            longest = max(len(names[0]) + _VALUE, len(names[1]) + number)
            letters = max(0, longest - _LEFT_HALF)
            if width >= 80 + 5 * extra + 2 * letters:
                break
        layers = 2 if width >= 80 + 5 * extra + 2 * letters else 1
        wide = width >= 85 + 2 * letters
        g = cls(top, rows, int(roomy), wide, extra, layers, letters, tight=longest >= _LEFT_HALF + wide)
        if layers == 1:
            return g
        # A layer more is a zone of wires and a card more.
        room = width - 2 - g.source - g.zone - g.card
        return replace(g, layers=max(2, 1 + room // (g.zone + g.card)))


def label_offset(terms: int) -> int:
    """The row of a block at which its weights begin, so that they stand around the card's first row."""
    return max(0, 1 - (terms - 1) // 2)


def columns_of(
    problem: NetworkSpec, geometry: Geometry, first: int, focus: dict[int, str], current: int
) -> tuple[Column, ...]:
    """The columns of the picture whose first card column is layer ``first``.

    ``focus`` names the neuron of a layer around which a window is laid; in the ``current`` layer it is drawn as
    a card.
    """
    before = first - 1
    names = problem.inputs if before < 0 else problem.layers[before].neurons
    source = _sources(names, geometry, before, _layer_name(problem, before), focus.get(before))
    made = [source]
    x = geometry.source + geometry.zone + 1
    for layer in range(first, min(first + geometry.layers, len(problem.layers))):
        spec = problem.layers[layer]
        made.append(_cards(spec, geometry, layer, x, focus.get(layer), with_card=layer == current))
        x += geometry.card + geometry.zone
    return tuple(made)


def _layer_name(problem: NetworkSpec, layer: int) -> str:
    return INPUTS if layer < 0 else problem.layers[layer].name


def _sources(names: Sequence[str], g: Geometry, layer: int, title: str, focus: str | None) -> Column:
    """Name over value where they fit, else a window of single lines."""
    pitch = CARD_ROWS + g.gap
    if len(names) * pitch - g.gap <= g.rows:
        slots = [Slot(i, n, "source", g.top + i * pitch, g.top + i * pitch + 1) for i, n in enumerate(names)]
        return Column(layer, title, 1, g.source, len(names), tuple(slots), names=tuple(names))
    if 2 * len(names) <= g.rows:
        slots = [Slot(i, n, "source", g.top + 2 * i, g.top + 2 * i + 1) for i, n in enumerate(names)]
        return Column(layer, title, 1, g.source, len(names), tuple(slots), names=tuple(names))
    return _lines(names, g, layer, title, 1, g.source, focus)


def _cards(spec: LayerSpec, g: Geometry, layer: int, x: int, focus: str | None, *, with_card: bool) -> Column:
    """Every neuron as a card where they fit, else the focus as a card among lines."""
    rows = CARD_ROWS
    size = len(spec.neurons)
    for gap in (g.gap, 0):
        if size * (rows + gap) - gap <= g.rows:
            slots = [
                Slot(i, n, "card", g.top + i * (rows + gap), g.top + i * (rows + gap) + 1)
                for i, n in enumerate(spec.neurons)
            ]
            return Column(layer, spec.name, x, g.card, size, tuple(slots), names=tuple(spec.neurons))
    return _lines(
        spec.neurons, g, layer, spec.name, x, g.card, focus, with_card=with_card and focus is not None
    )


def _lines(
    names: Sequence[str],
    g: Geometry,
    layer: int,
    title: str,
    x: int,
    width: int,
    focus: str | None,
    *,
    with_card: bool = False,
) -> Column:
    """A window of lines around the focus (which may be a card), and how many more there are."""
    at = names.index(focus) if focus in names else 0
    room = g.rows - (CARD_ROWS - 1 if with_card else 0)
    first, last = _window(len(names), at, room)
    slots: list[Slot] = []
    row = g.top + (first > 0)
    for index in range(first, last):
        card = with_card and index == at
        slots.append(Slot(index, names[index], "card" if card else "line", row, row + 1 if card else row))
        row += CARD_ROWS if card else 1
    return Column(layer, title, x, width, len(names), tuple(slots), first, len(names) - last, tuple(names))


def _window(size: int, at: int, room: int) -> tuple[int, int]:
    """The neurons that are shown around ``at``, when ``room`` rows must also tell of those that are not.

    The window moves by whole pages, not with every neuron, so that the picture stays while it can.
    """
    if size <= room:
        return 0, size
    inner = room - 2
    page = max(1, inner - 2)
    first = min(max(0, at // page * page - 1), size - inner)
    if at < inner:
        first = 0
    head, tail = first > 0, first + inner < size
    if not head:
        return 0, inner + 1
    if not tail:
        return size - inner - 1, size
    return first, first + inner
