"""Entering a file into a sheet: each number where it belongs, and what is left over with what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace

import numpy as np

from bpstep.comparison.conventions import Joined, joined_ways, near, of_layers, take_own_costs
from bpstep.comparison.entries import Entry, NumbersError
from bpstep.comparison.fitting import LAYOUTS, Fit, expected_shapes, fits
from bpstep.comparison.naming import array_named, array_names, cell_named, derivative_named
from bpstep.comparison.population import Key
from bpstep.comparison.sheet import Sheet, Slot
from bpstep.engine.cells import COST, LOSS, Cell
from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import CellArray
from bpstep.visible import shortened

__all__ = ["Placed", "place"]


#: Why gradients lie as they do, where a file has the weights as well.
_AS_WEIGHTS = "as the weights themselves lie"


@dataclass
class Placed:
    """What became of a file: how its arrays were taken, what fits nothing, and how many of that have a name that is
    known, but not its shape."""

    taken: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    misshapen: int = 0


@dataclass(frozen=True, eq=False)
class _Open:
    """An array that fits its slot in several ways."""

    name: str
    slot: Slot
    ways: list[Fit]
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class _Matrix:
    """A matrix of weights that has the biases in it, and the ways to take it, by where these stand."""

    name: str
    slot: Slot
    bias: Slot
    ways: dict[str, Joined]


def place(sheet: Sheet, entries: Sequence[Entry], shown: str, notation: str, layout: str = "") -> Placed:
    """Enter the numbers of a file.  Raises `NumbersError` where none of them fits, or two are given for one cell."""
    placed = Placed()
    arrays: list[Entry] = []
    for entry in entries:
        cell = cell_named(entry.name, sheet, notation)
        if cell is None and sheet.net is None:
            cell = derivative_named(entry.name, sheet)
        if cell is None:
            arrays.append(entry)
        else:
            _place_cell(sheet, entry, cell, placed, shown)
    if sheet.net is None:
        for entry in arrays:
            _place_variable(sheet, entry, array_named(entry.name, sheet, notation), placed, shown)
    else:
        _place_arrays(sheet, of_layers(arrays, sheet.net), placed, shown, layout)
    if taken := take_own_costs(sheet):
        placed.taken.append(taken)
    if not sheet.yours:
        raise NumbersError(
            shown, f"nothing in it fits: {placed.unread[0]}" if placed.unread else "nothing in it fits"
        )
    return placed


def _said(entry: Entry) -> str:
    shape = f" {entry.numbers.shape}" if entry.numbers.ndim else ""
    return f"{shortened(entry.name)}{shape}"


def _place_cell(sheet: Sheet, entry: Entry, cell: Cell, placed: Placed, shown: str) -> None:
    """The number of a cell, or one for each sample that has this cell."""
    found = sheet.find.get(cell)
    if found is None:
        # Of a trace's steps, local derivatives are more than a pass is asked for.
        if entry.sample is None or cell.kind != "local":
            placed.unread.append(f"{_said(entry)}: there is no such cell in a pass of this scenario")
        return
    key, index = found
    slot, value = sheet.slots[key], entry.numbers
    where: tuple[slice | int, ...] = index
    if slot.by_sample and entry.sample is not None:
        rows = sheet.run.rows(sheet.batch)
        if entry.sample - 1 not in rows:
            placed.unread.append(f"{_said(entry)}: sample {entry.sample} is not in this batch")
            return
        where = (rows.index(entry.sample - 1), *index[1:])
    elif slot.by_sample and sheet.samples > 1:
        if cell == COST and value.size == 1:
            placed.taken.append(f"{shortened(entry.name)}: a single number is taken as the loss of the batch")
            _place_cell(sheet, entry, LOSS, placed, shown)
            return
        if value.size != sheet.samples:
            placed.unread.append(f"{_said(entry)}: expected {counted(sheet.samples, 'number')}, one a sample")
            return
        where, value = (slice(None), *index[1:]), value.reshape(-1)
    elif value.size != 1:
        placed.unread.append(f"{_said(entry)}: expected a single number")
        return
    else:
        value = value.reshape(())
    grows = entry.sample is not None and not slot.by_sample  # a trace shows the sum after every sample
    if not sheet.put(key, where, value) and not grows:
        raise NumbersError(shown, f"{sheet.name(found)} is given twice, with different numbers")


def _place_variable(sheet: Sheet, entry: Entry, array: CellArray | None, placed: Placed, shown: str) -> None:
    """An array of an expression: each of its numbers at its cell; of what each sample has, one a sample."""
    if array is None:
        placed.unread.append(f"{_said(entry)}: no variable of the expression, no derivative by one")
        return
    rows = sheet.samples if _is_by_sample(sheet, array) and entry.sample is None else 1
    expected = (rows, *array.shape) if rows > 1 else array.shape
    if rows > 1 and entry.numbers.shape == (*array.shape, rows) != expected:
        entry = replace(entry, numbers=np.moveaxis(entry.numbers, -1, 0))
        placed.taken.append(f"{shortened(entry.name)} taken as a column a sample, by its shape")
    if tuple(n for n in entry.numbers.shape if n > 1) != tuple(n for n in expected if n > 1):
        more = f": {counted(rows, 'sample')}, and for each the shape {array.shape}" if rows > 1 else ""
        placed.unread.append(f"{_said(entry)}: expected {expected}{more}")
        placed.misshapen += 1
        return
    for cell, numbers in zip(array.cells, entry.numbers.reshape(rows, -1).T, strict=True):
        alone = replace(entry, name=str(cell), numbers=numbers)
        _place_cell(sheet, alone, cell, placed, shown)


def _is_by_sample(sheet: Sheet, array: CellArray) -> bool:
    """Whether each sample has an array of its own."""
    found = sheet.find.get(array.cells[0])
    return found is not None and sheet.slots[found[0]].by_sample


def _place_arrays(sheet: Sheet, entries: Sequence[Entry], placed: Placed, shown: str, layout: str) -> None:
    assert sheet.net is not None
    opened: list[_Open] = []
    joined: list[_Matrix] = []
    for entry, name in zip(entries, array_names([e.name for e in entries], sheet.net), strict=True):
        slot = sheet.slots.get(name.key) if name.key is not None else None
        if slot is None:
            placed.unread.append(f"{_said(entry)}: {name.problem or 'not in a pass of this scenario'}")
            continue
        ways, with_biases = fits(entry.numbers, slot, sheet), _with_biases(sheet, entry, slot)
        if ways:
            if len(ways) == 1 and ways[0].note:
                placed.taken.append(f"{shortened(entry.name)}: {ways[0].note}")
            opened.append(_Open(entry.name, slot, ways, entry.numbers.shape))
        elif with_biases:
            joined.append(with_biases)
        else:
            placed.unread.append(f"{_said(entry)}: expected {expected_shapes(slot)}")
            placed.misshapen += 1
    turned = {family: _turn(sheet, family, opened, layout, placed) for family in ("weights", "samples")}
    for one in opened:
        way = one.ways[-1] if len(one.ways) > 1 and turned[_family(one.slot.key)] else one.ways[0]
        _enter(sheet, one.name, one.slot, way.numbers, shown)
    _take_joined(sheet, joined, placed, shown)


def _enter(sheet: Sheet, name: str, slot: Slot, numbers: Array, shown: str) -> None:
    if not sheet.put(slot.key, (), numbers):
        raise NumbersError(shown, f"{shortened(name)} is given twice, with different numbers")


def _with_biases(sheet: Sheet, entry: Entry, slot: Slot) -> _Matrix | None:
    """An array of weights that may have the biases in it."""
    kind, layer = slot.key
    bias = sheet.slots.get((kind.replace("w", "b"), layer)) if kind in ("w", "d(w)") else None
    ways = {way.where: way for way in joined_ways(entry.numbers, slot)} if bias is not None else {}
    return _Matrix(entry.name, slot, bias, ways) if bias is not None and ways else None


def _take_joined(sheet: Sheet, joined: Sequence[_Matrix], placed: Placed, shown: str) -> None:
    """Enter matrices with the biases in them: all in one way, that in which the most numbers agree, as far as their
    shapes allow it."""
    total: dict[str, int] = {}
    for one in joined:
        for where, way in one.ways.items():
            total[where] = total.get(where, 0) + way.agreement(one.slot, one.bias)
    for one in joined:
        where = max(one.ways, key=lambda name: total[name])
        placed.taken.append(f"{shortened(one.name)}: its {where} is taken as the biases")
        _enter(sheet, one.name, one.slot, one.ways[where].weights, shown)
        _enter(sheet, one.name, one.bias, one.ways[where].biases, shown)


def _family(key: Key) -> str:
    return "weights" if key[0] in ("w", "d(w)") else "samples"


def _turn(sheet: Sheet, family: str, opened: Sequence[_Open], layout: str, placed: Placed) -> bool:
    """Whether what is open lies the other way round, and a word about it."""
    own = [one for one in opened if _family(one.slot.key) == family]
    both = [one for one in own if len(one.ways) > 1]
    votes = _votes(own)
    words = LAYOUTS if family == "weights" else ("a row a sample", "a column a sample")
    if not both:
        if votes == {True}:
            placed.taken.append(f"{family} taken as {words[1]}, by their shape")
        return False
    if layout and family == "weights":
        turned, why = layout == LAYOUTS[1], "as --layout says"
    elif len(votes) == 1:
        turned, why = next(iter(votes)), "as the shape of the others says"
    else:
        turned, why = _by_agreement(both)
    names = ", ".join(shortened(one.name) for one in both[:4]) + (", …" if len(both) > 4 else "")
    other = (
        f" (--layout {LAYOUTS[not turned]} takes them the other way)"
        if family == "weights" and not layout and why != _AS_WEIGHTS
        else ""
    )
    placed.taken.append(f"{names} taken as {words[turned]}: {why}{other}")
    return turned


def _votes(own: Sequence[_Open]) -> set[bool]:
    """Which ways round the arrays lie that fit in one way only.  What has an axis of length 1 may have been written as
    a row or a column without a thought, so it is asked where no other says it, and only of weights."""
    for needs in (2, 1):
        sure = [
            one for one in own
            if len(one.ways) == 1 and len(one.shape) == 2 and sum(n > 1 for n in one.shape) == needs
        ]  # fmt: skip
        if needs == 1:
            sure = [one for one in sure if _family(one.slot.key) == "weights"]
        if sure:
            return {one.ways[0].turned for one in sure}
    return set()


def _by_agreement(both: Sequence[_Open]) -> tuple[bool, str]:
    """Which way round the numbers agree: those of the weights themselves, which everybody begins with, say it for their
    gradients, too."""
    given = [one for one in both if one.slot.key[0] == "w"]
    open_still = "the shape leaves it open"
    for some, why in ((given, _AS_WEIGHTS), (both, f"{open_still}, and so more of them agree")):
        straight, across = (
            sum(int(near(one.ways[way].numbers, one.slot.right).sum()) for one in some) for way in (0, -1)
        )
        if straight != across:
            return across > straight, why
    return False, open_still
